"""What other programs can ask."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

from litestar import Request, Router, delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency as Has
from litestar.exceptions import HTTPException, NotFoundException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter, QueryParameter

from app.api import messages, work
from app.api.gate import OWN, needs
from app.api.problems import MEDIA_TYPE
from app.api.work import Work
from dialer_core.store.clients_api import ApiClient, Right

DIAL_WAIT_S = 5.0
DIAL_LOOK_S = 0.1
MOST_DIALS = 50  # that wait for an answer at the same time

Asked = Request[ApiClient, None, State]


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(messages.Problem, False, description, MEDIA_TYPE)


PROBLEMS = {
    400: _problem("The request is not as described here."),
    401: _problem("No token, or none of this floor."),
    403: _problem("The token lacks the right."),
    409: _problem("The world does not allow it: `detail` says what to do."),
    413: _problem("Larger than a megabyte."),
    429: _problem("Too many requests; wait as Retry-After says."),
    503: _problem("Too much is asked at once; wait as Retry-After says."),
}
_UNKNOWN = {**PROBLEMS, 404: _problem("Nobody has that reference.")}

ReferenceInPath = Annotated[
    str,
    PathParameter(max_length=100, pattern=messages.REFERENCE, description="Your own number."),
]


@post("/contacts", status_code=200, guards=[needs(Right.CONTACTS)], responses=PROBLEMS)
async def add_contacts(
    data: JSONBody[messages.NewContacts], request: Asked, work_: Has[Work]
) -> messages.ContactsDone:
    """Add people to a campaign's list, through the same door as an import.

    Numbers are read as an import reads them; who is on a do-not-call list is taken and held; who
    was erased is refused; of people who are known already `duplicates` says what becomes.
    """
    client = request.user
    return await work_.do(lambda stores: work.add_contacts(stores, client, data))


@get("/contacts/{reference:str}", guards=[needs(Right.CONTACTS)], responses=_UNKNOWN)
async def read_contact(reference: ReferenceInPath, work_: Has[Work]) -> messages.Contacts:
    """People of that reference, as the floor knows them."""
    found = await work_.do(lambda stores: stores.programs.contacts(reference))
    if not found:
        raise _nobody()
    return messages.Contacts([work.contact_seen(one) for one in found])


@delete(
    "/contacts/{reference:str}", status_code=200, guards=[needs(Right.CONTACTS)], responses=_UNKNOWN
)
async def close_contact(
    reference: ReferenceInPath, request: Asked, work_: Has[Work]
) -> messages.Closed:
    """Call people of that reference no more. It is no erasure: what is known of them stays."""
    client = work.who(request.user)
    closed = await work_.do(
        lambda stores: stores.programs.close_contacts(reference, stores.clock.now(), client)
    )
    if not closed:
        raise _nobody()
    return messages.Closed(closed)


@post("/do-not-call", status_code=200, guards=[needs(Right.CONTACTS)], responses=PROBLEMS)
async def do_not_call(
    data: JSONBody[messages.Blocked], request: Asked, work_: Has[Work]
) -> messages.BlockedDone:
    """Put numbers on the office's do-not-call list, at once and for good."""
    client = request.user
    return await work_.do(lambda stores: work.block(stores, client, data))


@get("/results", guards=[needs(Right.RESULTS)], responses=PROBLEMS)
async def read_results(
    work_: Has[Work],
    since: Annotated[
        int,
        QueryParameter(ge=0, le=2**31 - 1, description="The last `next`; 0: from the beginning."),
    ] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=messages.MOST_RESULTS)] = 100,
) -> messages.Results:
    """Calls that are over, each once, in an order that never changes.

    A call appears once it has ended and its outcome is chosen, or after a day without one.
    """
    return await work_.do(lambda stores: work.read_results(stores, since, limit))


@get("/campaigns", responses=PROBLEMS)
async def read_campaigns(work_: Has[Work]) -> messages.Campaigns:
    """All campaigns, with the outcomes that agents can choose."""
    return await work_.do(work.read_campaigns)


@get("/floor", guards=[needs(Right.RESULTS)], responses=PROBLEMS)
async def read_floor(work_: Has[Work]) -> messages.FloorSeen:
    """The floor at this moment: who is at a seat, what is being called, today's figures."""
    return await work_.do(work.read_floor)


class Dialling:
    """How many wishes to dial wait for an answer."""

    waiting = 0


@post("/dial", status_code=200, guards=[needs(Right.DIAL)], responses=PROBLEMS)
async def dial(
    data: JSONBody[messages.Dial], request: Asked, work_: Has[Work], dialling: Has[Dialling]
) -> messages.DialDone:
    """Have an agent's seat dial, through the same gate as a number that is dialled by hand.

    Answers once the call is placed or refused, or after five seconds that it was asked for.
    """
    if dialling.waiting >= MOST_DIALS:
        raise HTTPException(
            "Too many calls are asked for at once; try again in a moment.",
            status_code=429,
            extra=OWN,
        )
    client = request.user
    dialling.waiting += 1
    try:
        asked = await work_.do(lambda stores: work.ask_dial(stores, client, data))
        until_s = time.monotonic() + DIAL_WAIT_S
        while True:
            found = await work_.do(lambda stores: stores.dial.outcome(asked))
            if found.is_settled or time.monotonic() >= until_s:
                return work.dial_seen(found)
            await asyncio.sleep(DIAL_LOOK_S)
    finally:
        dialling.waiting -= 1


def _nobody() -> NotFoundException:
    return NotFoundException("Nobody has that reference.", extra=OWN)


def router(middleware: Any) -> Router:
    """All of it behind the gate."""
    return Router(
        "/",
        route_handlers=[
            add_contacts,
            read_contact,
            close_contact,
            do_not_call,
            read_results,
            read_campaigns,
            read_floor,
            dial,
        ],
        middleware=[middleware],
    )
