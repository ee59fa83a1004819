"""What other programs say and hear: the names are those of the JSON."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from dialer_core.lists.sieve import Duplicates
from dialer_core.model.states import Mode, Outcome, SeatState
from dialer_core.store.schema.base import ContactStatus

MOST_CONTACTS = 500
MOST_RESULTS = 500
_PLAIN = r"^[^\u0000-\u001f\u007f]*$"  # no control signs: PostgreSQL keeps no NUL
REFERENCE = r"^[A-Za-z0-9][A-Za-z0-9._:@~-]*$"  # stands in an address as it is

Reference = Annotated[
    str,
    Meta(max_length=100, pattern=REFERENCE, description="Your own number of the person."),
]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=_PLAIN)]
Short = Annotated[str, Meta(max_length=100, pattern=_PLAIN)]
NumberText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        pattern=_PLAIN,
        description="As people write it; +44 161 496 0001 is the surest.",
    ),
]
Country = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z]{2}$",
        description="ISO country of numbers that have no country code.",
    ),
]


class NewContact(msgspec.Struct, forbid_unknown_fields=True):
    """A person to be called."""

    reference: Reference
    name: Name
    numbers: Annotated[list[NumberText], Meta(min_length=1, max_length=8)]
    town: Short = ""
    details: Annotated[
        dict[Name, Annotated[str, Meta(max_length=2000, pattern=r"^[^\u0000]*$")]],
        Meta(max_length=20, description="Shown to the agent, each under its name."),
    ] = {}
    zone: Annotated[Short, Meta(description="As Europe/London; else taken from the number.")] = ""
    has_consent: bool = False
    priority: Annotated[int, Meta(ge=-1000, le=1000, description="Higher goes first.")] = 0


class NewContacts(msgspec.Struct, forbid_unknown_fields=True):
    """People for a list of a campaign, one or many."""

    campaign: Name
    contacts: Annotated[list[NewContact], Meta(min_length=1, max_length=MOST_CONTACTS)]
    list_name: Name = msgspec.field(default="Other programs", name="list")
    country: Country = "GB"
    duplicates: Annotated[
        Duplicates,
        Meta(description="What becomes of a person whose number a list of this client has."),
    ] = Duplicates.SKIP


class Became(StrEnum):
    """What became of one contact."""

    ADDED = "added"
    HELD = "held"  # taken, and never called: on a do-not-call list
    UPDATED = "updated"
    REFUSED = "refused"


class ContactDone(msgspec.Struct):
    """What became of one contact, in the order in which they came."""

    reference: str
    became: Became
    reason: str = ""


class ContactsDone(msgspec.Struct):
    """What became of them all; `import_id` takes them back: callfloor lists undo."""

    import_id: int
    added: int
    updated: int
    held: int
    refused: int
    contacts: list[ContactDone]


class Contact(msgspec.Struct):
    """A person as the floor knows them."""

    reference: str
    campaign: str
    list_name: str = msgspec.field(name="list")
    name: str
    town: str
    numbers: list[str]
    status: ContactStatus
    next_at: datetime | None
    attempts: int
    last_outcome: Outcome | None
    last_attempt_at: datetime | None
    is_on_dnc: bool


class Contacts(msgspec.Struct):
    """Who has a reference, the newest first: it may stand in several campaigns."""

    contacts: list[Contact]


class Closed(msgspec.Struct):
    """How many people of that reference are closed now."""

    closed: int


class Blocked(msgspec.Struct, forbid_unknown_fields=True):
    """Numbers that nobody of this office may call again."""

    numbers: Annotated[list[NumberText], Meta(min_length=1, max_length=MOST_CONTACTS)]
    country: Country = "GB"
    reason: Annotated[Short, Meta(min_length=1)] = "another program"


class BlockedRefusal(msgspec.Struct):
    """A row (from 1) that holds no number, and why."""

    row: int
    reason: str


class BlockedDone(msgspec.Struct):
    """How many numbers are on the list now, and how many of them were new to it."""

    numbers: int
    new: int
    refused: list[BlockedRefusal]


class CallResult(msgspec.Struct):
    """A call that is over; moments in UTC."""

    cursor: int
    attempt: str
    campaign: str
    reference: str
    contact: str
    number: str
    direction: str
    mode: str
    agent: str
    outcome: Outcome | None
    disposition: str
    disposition_label: str
    is_success: bool
    note: str
    started_at: datetime
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    disposed_at: datetime | None


class Results(msgspec.Struct):
    """Calls after a cursor; ask again with `next`, at once where `has_more`."""

    results: list[CallResult]
    next: int
    has_more: bool


class Choice(msgspec.Struct):
    """An outcome that agents of a campaign can choose."""

    code: str
    label: str
    is_success: bool
    is_final: bool


class CampaignSeen(msgspec.Struct):
    """A campaign."""

    name: str
    mode: Mode
    is_running: bool
    zone: str
    country: str
    dispositions: list[Choice]


class Campaigns(msgspec.Struct):
    """All campaigns of the floor."""

    campaigns: list[CampaignSeen]


class SeatSeen(msgspec.Struct):
    """An agent at a seat."""

    agent: str
    seat: str
    state: SeatState
    reason: str
    since: datetime


class FloorSeen(msgspec.Struct):
    """The floor at one moment; counts are those of today in the campaign that runs."""

    at: datetime
    is_dialling: bool
    campaign: str
    seats: list[SeatSeen]
    calls: dict[str, int]
    today: dict[str, int]
    abandoned_rate: float


class Dial(msgspec.Struct, forbid_unknown_fields=True):
    """Have an agent's seat dial: a number, or the person of a reference in the agent's campaign."""

    agent: Annotated[Short, Meta(min_length=1)]
    number: Annotated[str, Meta(max_length=40, pattern=_PLAIN)] = ""
    reference: Annotated[str, Meta(max_length=100, pattern=_PLAIN)] = ""
    country: Country = "GB"


class Dialled(StrEnum):
    """What became of a wish to dial."""

    PLACED = "placed"
    REFUSED = "refused"
    ASKED = "asked"  # no answer within five seconds


class DialDone(msgspec.Struct):
    """What became of it; `attempt` where it was placed, `reason` where it was refused."""

    became: Dialled
    attempt: str = ""
    reason: str = ""


class Problem(msgspec.Struct):
    """What went wrong, as RFC 9457 has it; `detail` is one sentence."""

    title: str
    status: int
    detail: str
    request_id: str
    type: str = "about:blank"


class BookedCallBack(msgspec.Struct):
    """A call that was promised."""

    reference: str
    contact: str
    campaign: str
    due: datetime
    agent: str  # whose promise it is; empty: anybody's


class BlockedNumbers(msgspec.Struct):
    """What is known of a number that was put on the do-not-call list: hashes tell no more."""

    numbers: list[str]
    references: list[str]
    reason: str


class Told(msgspec.Struct, omit_defaults=True):
    """What a webhook is told; the same `id` twice is the same event, told again."""

    id: int
    event: str
    at: datetime
    result: CallResult | None = None
    call_back: BookedCallBack | None = None
    do_not_call: BlockedNumbers | None = None
