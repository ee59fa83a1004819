"""The rules that stand before a call, one after the other: passed, refused, or only too early."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, or_, select

from dialer_core.clock import Instant
from dialer_core.rules.facts import RefusalCode
from dialer_core.store.numbers import number_hash, number_key
from dialer_core.store.schema import (
    AgentRow,
    AttemptRow,
    CampaignRow,
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    DispositionRow,
    RefusalRow,
)
from dialer_core.store.why import Reason, every_reason

MOST_FOUND: Final = 50
HISTORY: Final = 200


class Rule(StrEnum):
    """What is asked before a call, in its order: first of the person, then of each number."""

    CAMPAIGN = "campaign"
    LIST = "list"
    EXPERIMENT = "experiment"
    RECORD = "record"
    NUMBER = "number"  # 1, as the gate counts
    OWN_LIST = "own_list"  # 2
    REGISTERS = "registers"  # 3
    CONSENT = "consent"  # 4
    HOURS = "hours"  # 5
    LIMITS = "limits"  # 6
    LOCKOUTS = "lockouts"  # 7
    CALLER_ID = "caller_id"  # 8
    COUNTRY = "country"  # 4 and 8 under the rules of the number's own country
    SEAT = "seat"  # 9
    BUDGET = "budget"  # 10


OF_THE_PERSON: Final = (Rule.CAMPAIGN, Rule.LIST, Rule.EXPERIMENT, Rule.RECORD)
OF_A_NUMBER: Final = tuple(rule for rule in Rule if rule not in OF_THE_PERSON)
_RULE_OF: Final[Mapping[str, Rule]] = {
    "CAMPAIGN_STOPPED": Rule.CAMPAIGN, "BY_HAND": Rule.CAMPAIGN, "WENT_HOME": Rule.CAMPAIGN,
    "LIST_OFF": Rule.LIST, "OWN_LIST": Rule.LIST, "NOT_IN_MIX": Rule.LIST,
    "EXPERIMENT": Rule.EXPERIMENT,
    RefusalCode.NOT_DIALLABLE: Rule.NUMBER, RefusalCode.SUPPRESSED: Rule.OWN_LIST,
    RefusalCode.REGISTRY_HIT: Rule.REGISTERS, RefusalCode.REGISTRY_STALE: Rule.REGISTERS,
    RefusalCode.NO_CONSENT: Rule.CONSENT, RefusalCode.SECTOR_BANNED: Rule.CONSENT,
    RefusalCode.OUT_OF_HOURS: Rule.HOURS, RefusalCode.ATTEMPT_LIMIT: Rule.LIMITS,
    RefusalCode.LOCKED_OUT: Rule.LOCKOUTS, RefusalCode.CALLER_ID: Rule.CALLER_ID,
    RefusalCode.NUMBERS_COUNTRY: Rule.COUNTRY, RefusalCode.NO_RESERVED_AGENT: Rule.SEAT,
    RefusalCode.OVER_BUDGET: Rule.BUDGET,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule's answer: no reasons, it was passed."""

    rule: Rule
    reasons: tuple[Reason, ...] = ()

    @property
    def until(self) -> datetime | None:
        """When the rule may be passed; None: it is, or nobody can say."""
        ends = [one.until for one in self.reasons]
        if not ends or any(end is None for end in ends):
            return None
        return max(end for end in ends if end is not None)


@dataclass(frozen=True, slots=True)
class NumberAsked:
    """A number and what each rule of the gate says of it."""

    number_id: int
    e164: str
    kind: str
    asked: tuple[Asked, ...]

    def __repr__(self) -> str:
        return f"NumberAsked(number_id={self.number_id})"


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a person is not called: every rule's word, the first no, and when a call could be.

    `is_possible_at_all` False: something stands against it that does not end by itself.
    """

    person: tuple[Asked, ...]
    numbers: tuple[NumberAsked, ...]
    first: Reason | None
    next_at: datetime | None
    is_possible_at_all: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A person who was looked for."""

    contact_id: int
    name: str
    town: str
    reference: str
    list_name: str
    campaign: str
    zone: str

    def __repr__(self) -> str:
        return f"Found(contact_id={self.contact_id})"


@dataclass(frozen=True, slots=True)
class Past:
    """A call that was made, or one that the gate refused (`code` not empty)."""

    at: datetime
    words: str  # an outcome, or the refusal's sentence
    code: str = ""
    agent: str = ""
    note: str = ""


def answer(connection: Connection, contact_id: int, now: Instant) -> Answer:
    """Every rule's word on this record now; KnownError where there is no such record."""
    found, ids = every_reason(connection, contact_id, now)
    rows = {
        row.id: row
        for row in connection.execute(
            select(ContactNumberRow.__table__).where(ContactNumberRow.contact_id == contact_id)
        )
    }
    person = _asked(OF_THE_PERSON, [one for one in found if one.number_id is None])
    numbers = tuple(
        NumberAsked(
            one, rows[one].e164, rows[one].kind,
            _asked(OF_A_NUMBER, [reason for reason in found if reason.number_id == one]),
        )
        for one in ids
    )  # fmt: skip
    next_at = _next(person, numbers, now.utc)
    return Answer(person, numbers, _first(person, numbers), next_at, next_at is not None)


def _first(person: Sequence[Asked], numbers: Sequence[NumberAsked]) -> Reason | None:
    """The first no: the person's, else of the number that comes free first, if none is free."""
    own = next((one.reasons[0] for one in person if one.reasons), None)
    if own is not None:
        return own
    of_numbers = [
        next((one.reasons[0] for one in number.asked if one.reasons), None) for number in numbers
    ]
    return None if None in of_numbers or not of_numbers else of_numbers[0]


def _asked(rules: Sequence[Rule], reasons: Sequence[Reason]) -> tuple[Asked, ...]:
    def of(rule: Rule) -> tuple[Reason, ...]:
        return tuple(one for one in reasons if _RULE_OF.get(one.code, Rule.RECORD) is rule)

    answers = tuple(Asked(rule, of(rule)) for rule in rules)
    # Only numbers from abroad are asked under the rules of their own country as well.
    return tuple(one for one in answers if one.rule is not Rule.COUNTRY or one.reasons)


def _next(
    person: Sequence[Asked], numbers: Sequence[NumberAsked], now: datetime
) -> datetime | None:
    """When all that stands against a call is over for one of the numbers; None: it does not end."""
    own = _over(person, now)
    each = [one for number in numbers if (one := _over(number.asked, now)) is not None]
    if own is None or not each:
        return None
    return max(own, min(each))


def _over(asked: Sequence[Asked], now: datetime) -> datetime | None:
    latest = now
    for one in asked:
        if one.reasons:
            if one.until is None:
                return None
            latest = max(latest, one.until)
    return latest


def search(connection: Connection, text: str, number: str = "") -> list[Found]:
    """People by a part of their name, by their reference, by `#` and record, or by `number`.

    `number`: in E.164, where the text can be read as one; else empty.
    """
    wanted = text.strip()
    asked = (
        select(
            ContactRow.id, ContactRow.name, ContactRow.town, ContactRow.reference,
            ContactRow.zones, ContactListRow.name.label("list_name"),
            CampaignRow.name.label("campaign"),
        )
        .join(ContactListRow, ContactListRow.id == ContactRow.list_id)
        .join(CampaignRow, CampaignRow.id == ContactRow.campaign_id)
        .order_by(ContactRow.name, ContactRow.id)
        .limit(MOST_FOUND)
    )  # fmt: skip
    if wanted.startswith("#") and wanted[1:].isdigit():
        asked = asked.where(ContactRow.id == int(wanted[1:]))
    elif number:
        hashed = number_hash(number_key(connection), number)
        holders = select(ContactNumberRow.contact_id).where(ContactNumberRow.number_hash == hashed)
        asked = asked.where(ContactRow.id.in_(holders))
    else:
        named = ContactRow.name.icontains(wanted, autoescape=True)
        asked = asked.where(or_(named, ContactRow.reference == wanted))
    return [
        Found(
            row.id, row.name, row.town, row.reference, row.list_name, row.campaign,
            row.zones[0] if row.zones else "",
        )
        for row in connection.execute(asked)
    ]  # fmt: skip


def past(connection: Connection, contact_id: int) -> list[Past]:
    """All calls and refusals of a record, the newest first; `HISTORY` of each at most."""
    calls = connection.execute(
        select(
            AttemptRow.committed_at, AttemptRow.outcome, AttemptRow.note,
            AgentRow.name.label("agent"), DispositionRow.label,
        )
        .outerjoin(AgentRow, AgentRow.id == AttemptRow.agent_id)
        .outerjoin(
            DispositionRow,
            (DispositionRow.campaign_id == AttemptRow.campaign_id)
            & (DispositionRow.code == AttemptRow.disposition_code),
        )
        .where(AttemptRow.contact_id == contact_id)
        .order_by(AttemptRow.committed_at.desc())
        .limit(HISTORY)
    )  # fmt: skip
    found = [
        Past(
            row.committed_at,
            row.label or ("in progress" if row.outcome is None else _words(row.outcome.value)),
            agent=row.agent or "",
            note=row.note,
        )
        for row in calls
    ]
    refusals = connection.execute(
        select(RefusalRow.at, RefusalRow.code, RefusalRow.sentence)
        .where(RefusalRow.contact_id == contact_id)
        .order_by(RefusalRow.at.desc())
        .limit(HISTORY)
    )
    found += [Past(row.at, row.sentence, str(row.code)) for row in refusals]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _words(outcome: str) -> str:
    return outcome.replace("_", " ").lower()
