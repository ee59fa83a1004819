"""What requests do with the database: on one thread, one after the other, in short transactions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from app import holder
from app.api import messages
from app.errors import KnownError
from dialer_core.clock import Clock
from dialer_core.lists.columns import Kind, Mapping
from dialer_core.lists.numbers import is_region, read_number
from dialer_core.lists.people import ListedPerson, Rejected, people_of
from dialer_core.lists.sieve import Sorted
from dialer_core.lists.table import Row
from dialer_core.store.address import Place
from dialer_core.store.clients_api import ApiClient, ClientsStore
from dialer_core.store.clients_api_contacts import KnownContact, ProgramsStore
from dialer_core.store.clients_api_dial import AskedDial, Dialled, DialStore
from dialer_core.store.importing import ImportOrder, ImportStore
from dialer_core.store.opening import open_database
from dialer_core.store.results import Result
from dialer_core.store.setup import SetupStore
from dialer_core.store.watch import WatchStore

T = TypeVar("T")
MOST_WAITING = 200
REST_S = 0.005  # for those who wait for the database's lock


class Busy(Exception):
    """More is asked than can be answered soon."""


class Stores:
    """The floor's stores; made and used on the database's thread."""

    def __init__(self, place: Place, clock: Clock) -> None:
        database = open_database(place)
        self._database = database
        self.clock = clock
        self.clients = ClientsStore(database)
        self.programs = ProgramsStore(database)
        self.dial = DialStore(database)
        self.setup = SetupStore(database)
        self.watch = WatchStore(database)
        self.imports = ImportStore(
            database, holder.describe_self(), holder.is_dead, lambda: time.sleep(REST_S)
        )

    def close(self) -> None:
        """Give all connections back."""
        for store in (
            self.clients, self.programs, self.dial, self.setup, self.watch, self.imports,
        ):  # fmt: skip
            store.close()
        self._database.close()


class Work:
    """Runs one piece of work after the other beside the loop that serves requests."""

    def __init__(self, place: Place, clock: Clock) -> None:
        self._place, self.clock = place, clock
        self._thread = ThreadPoolExecutor(1, "database")
        self._stores: Stores | None = None
        self._waiting = 0

    async def do(self, work: Callable[[Stores], T]) -> T:
        """`work(stores)` on the thread; Busy where too much waits already."""
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, lambda: work(self._opened()))
        finally:
            self._waiting -= 1

    def _opened(self) -> Stores:
        if self._stores is None:
            self._stores = Stores(self._place, self.clock)
        return self._stores

    def close(self) -> None:
        """Finish what is queued, and let go of the database."""

        def leave() -> None:
            if self._stores is not None:
                self._stores.close()

        self._thread.submit(leave)
        self._thread.shutdown()


# --- contacts -----------------------------------------------------------------------------------


def who(client: ApiClient) -> str:
    """How a program stands in the audit log."""
    return f"program {client.name}"


def add_contacts(
    stores: Stores, client: ApiClient, asked: messages.NewContacts
) -> messages.ContactsDone:
    """Take people in as an import does, and say of each what became of them."""
    check_country(asked.country)
    campaign = stores.setup.campaign_named(asked.campaign)
    if campaign is None:
        raise KnownError("There is no campaign of that name; GET /campaigns lists them.")
    became = [
        messages.ContactDone(one.reference, messages.Became.REFUSED) for one in asked.contacts
    ]

    def hear(found: Sorted) -> None:
        for word, people in (
            (messages.Became.ADDED, found.new),
            (messages.Became.HELD, found.held),
            (messages.Became.UPDATED, [one for _, one in (*found.updates, *found.again)]),
        ):
            for person in people:
                became[person.row - 1].became = word
        for rejected in found.turned_away:
            became[rejected.row - 1].reason = _reason(rejected)

    order = ImportOrder(
        campaign, asked.list_name, who(client), asked.country, "json", asked.duplicates, who(client)
    )
    people = [_person(row, one, asked.country) for row, one in enumerate(asked.contacts, 1)]
    done = stores.imports.take_in(
        order,
        people,
        stores.clock.now,
        reject=lambda _rejected: None,
        goes_on=lambda _counts: True,
        hear=hear,
    )
    counted = [one.became for one in became]
    return messages.ContactsDone(
        done.import_id,
        counted.count(messages.Became.ADDED),
        counted.count(messages.Became.UPDATED),
        counted.count(messages.Became.HELD),
        counted.count(messages.Became.REFUSED),
        became,
    )


def check_country(country: str) -> None:
    """KnownError for letters that are no country with telephone numbers."""
    if not is_region(country):
        raise KnownError("The country is none that has telephone numbers; use one such as GB.")


def _reason(rejected: Rejected) -> str:
    """Why, without the place in a file that there is not."""
    return rejected.why or rejected.reason


def _person(row: int, one: messages.NewContact, country: str) -> ListedPerson | Rejected:
    """The same door as a list's: a contact as a row with its columns."""
    columns = [
        (Kind.REFERENCE, "Reference", one.reference),
        (Kind.NAME, "Name", one.name),
        (Kind.TOWN, "Town", one.town),
        (Kind.ZONE, "Zone", one.zone),
        (Kind.CONSENT, "Consent", "yes" if one.has_consent else ""),
        (Kind.PRIORITY, "Priority", str(one.priority)),
        *((Kind.PHONE, "number", number) for number in one.numbers),
        *((Kind.DETAIL, label, text) for label, text in one.details.items()),
    ]
    kinds = tuple(kind for kind, _, _ in columns)
    phones = tuple(place for place, kind in enumerate(kinds) if kind is Kind.PHONE)
    mapping = Mapping(tuple(label for _, label, _ in columns), kinds, phones)
    cells = tuple(text for _, _, text in columns)
    (person,) = people_of([Row(row, cells)], mapping, country)
    return person


def contact_seen(one: KnownContact) -> messages.Contact:
    """A person in the words of the answer."""
    return messages.Contact(
        one.reference,
        one.campaign,
        one.list_name,
        one.name,
        one.town,
        list(one.numbers),
        one.status,
        one.next_at,
        one.attempts,
        one.last_outcome,
        one.last_attempt_at,
        one.is_on_dnc,
    )


def block(stores: Stores, client: ApiClient, asked: messages.Blocked) -> messages.BlockedDone:
    """Put numbers on the office's do-not-call list."""
    check_country(asked.country)
    good: set[str] = set()
    refused: list[messages.BlockedRefusal] = []
    for row, text in enumerate(asked.numbers, 1):
        number = read_number(text, asked.country)
        if number.e164:
            good.add(number.e164)
        else:
            refused.append(messages.BlockedRefusal(row, number.why_not))
    new = 0
    if good:
        now = stores.clock.now()
        new = stores.setup.suppress(None, sorted(good), asked.reason, now, who(client))
    return messages.BlockedDone(len(good), new, refused)


# --- reading ------------------------------------------------------------------------------------


def read_results(stores: Stores, since: int, most: int) -> messages.Results:
    """Calls after a cursor; what has just ended is among them."""
    while stores.programs.collect(stores.clock.now()):
        time.sleep(REST_S)
    found = stores.programs.results(since, most)
    return messages.Results(
        [result_seen(one) for one in found],
        found[-1].cursor if found else since,
        len(found) == most,
    )


def result_seen(one: Result) -> messages.CallResult:
    """A call in the words of the answer."""
    return messages.CallResult(
        **{name: getattr(one, name) for name in messages.CallResult.__struct_fields__}
    )


def read_campaigns(stores: Stores) -> messages.Campaigns:
    """All campaigns."""
    return messages.Campaigns(
        [
            messages.CampaignSeen(
                one.name,
                one.mode,
                one.is_running,
                one.zone,
                one.country,
                [
                    messages.Choice(way.code, way.label, way.is_success, way.is_final)
                    for way in one.dispositions
                ],
            )
            for one in stores.programs.campaigns()
        ]
    )


def read_floor(stores: Stores) -> messages.FloorSeen:
    """The floor at this moment."""
    found = stores.watch.snapshot(stores.clock.now())
    return messages.FloorSeen(
        found.at,
        found.is_dialler_alive,
        "" if found.campaign is None else found.campaign.name,
        [
            messages.SeatSeen(one.agent_name, one.seat_name, one.state, one.reason, one.since)
            for one in found.seats
        ],
        {stage.value: number for stage, number in found.calls.items()},
        dict(found.totals),
        found.rate.rate,
    )


# --- dialling -----------------------------------------------------------------------------------


def ask_dial(stores: Stores, client: ApiClient, asked: messages.Dial) -> AskedDial:
    """Write the wish; KnownError where it cannot be one."""
    if bool(asked.number) == bool(asked.reference):
        raise KnownError("Say either a number or a reference, not both.")
    number = ""
    if asked.number:
        check_country(asked.country)
        number = read_number(asked.number, asked.country).e164
        if not number:
            raise KnownError("That is no complete number; write it with its country code.")
    return stores.dial.ask(asked.agent, number, asked.reference, stores.clock.now(), who(client))


def dial_seen(found: Dialled) -> messages.DialDone:
    """What became of a wish, in the words of the answer."""
    if found.attempt:
        return messages.DialDone(messages.Dialled.PLACED, attempt=found.attempt)
    if found.refusal:
        return messages.DialDone(messages.Dialled.REFUSED, reason=found.refusal)
    return messages.DialDone(messages.Dialled.ASKED)
