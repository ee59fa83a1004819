"""Why is this person not being called? Every reason at once, and when each may be over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from dialer_core.clock import Instant
from dialer_core.lists.experiments import Kind
from dialer_core.lists.segments import read as read_condition
from dialer_core.model.errors import KnownError
from dialer_core.model.states import CallStage, Mode
from dialer_core.rules import gate
from dialer_core.rules.facts import GateFacts, Refusal, RefusalCode
from dialer_core.rules.hours import candidate_zones
from dialer_core.store.campaigns import CampaignSettings, load_campaign
from dialer_core.store.conditions import expression
from dialer_core.store.facts import NUMBERS_OF, Candidate, candidates
from dialer_core.store.import_undo import IMPORTING, UNDONE
from dialer_core.store.numbers import number_hash, number_key
from dialer_core.store.person import ERASED
from dialer_core.store.recycling import TRIED_ENOUGH
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AttemptRow,
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    MixSourceRow,
    SegmentRow,
)
from dialer_core.store.schema.base import ContactStatus, NumberStatus
from dialer_core.store.unlisted import OWN_LISTS
from dialer_core.store.variants import WAITS, variants_for, waits_until


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that stands against a call.

    `code`: a RefusalCode, or a word of this module; `until`: when it may be over, None where
    nobody can say; `number_id`: of which number, None: of the person or the campaign.
    """

    code: str
    sentence: str
    until: datetime | None = None
    number_id: int | None = None


def records_with(connection: Connection, number: str) -> list[tuple[int, str, str]]:
    """The records that hold a number (E.164): id, name of the person, name of the campaign's list.

    Empty where there is none.
    """
    hashed = number_hash(number_key(connection), number)
    rows = connection.execute(
        select(ContactRow.id, ContactRow.name, ContactListRow.name.label("list_name"))
        .join(ContactNumberRow, ContactNumberRow.contact_id == ContactRow.id)
        .join(ContactListRow, ContactListRow.id == ContactRow.list_id)
        .where(ContactNumberRow.number_hash == hashed)
        .order_by(ContactRow.id)
    )
    return [(row.id, row.name, row.list_name) for row in rows]


def why_not(connection: Connection, contact_id: int, now: Instant) -> list[Reason]:
    """Everything that stands against calling this record now; empty: it is only not its turn yet.

    First what holds for the campaign and the list, then the record, then each number in the
    order in which the gate asks. KnownError where there is no such record.
    """
    found, numbers = every_reason(connection, contact_id, now)
    return _merged(found, len(numbers))


def every_reason(
    connection: Connection, contact_id: int, now: Instant
) -> tuple[list[Reason], list[int]]:
    """The same, each number's reasons apart, and the ids of its numbers in their order."""
    row = connection.execute(
        select(
            ContactRow.__table__, ContactListRow.name.label("list_name"), ContactListRow.is_active
        )
        .join(ContactListRow, ContactListRow.id == ContactRow.list_id)
        .where(ContactRow.id == contact_id)
    ).first()
    if row is None:
        raise KnownError(f"There is no record {contact_id}.")
    settings = load_campaign(connection, row.campaign_id)
    found = [
        *_of_campaign(connection, settings, row, now),
        *_of_record(connection, row, now),
    ]
    rows = connection.execute(NUMBERS_OF, {"contacts": [contact_id]}).all()
    numbers = candidates(connection, settings, rows, now)
    tried = list(_of_experiment(connection, settings, row, now))
    if tried and row.status_reason == WAITS:  # one reason, told once
        found = [one for one in found if one.code != "WAITING"]
    found += tried
    for place, (number, one) in enumerate(zip(rows, numbers, strict=True), start=1):
        is_retired = number.number_status is NumberStatus.RETIRED
        found += _of_number(settings, one, place, len(rows), now, is_retired=is_retired)
    is_set_aside = row.status is ContactStatus.HELD and row.status_reason not in ("", IMPORTING)
    if is_set_aside and all(one.number_id is None for one in found):
        word = row.status_reason.replace("_", " ").lower()
        found.append(
            Reason(
                "HELD",
                f"The record was set aside ({word}); that is over, and it waits to be asked again.",
            )
        )
    return found, [number.number_id for number in rows]


# --- the campaign and its lists -----------------------------------------------------------------


def _of_campaign(
    connection: Connection, settings: CampaignSettings, row: AnyRow, now: Instant
) -> Iterator[Reason]:
    campaign = settings.campaign
    if not campaign.is_running:
        yield Reason("CAMPAIGN_STOPPED", f"The campaign {campaign.name} is stopped; start it.")
    if campaign.mode is Mode.MANUAL:
        yield Reason("BY_HAND", "In this campaign nobody is dialled but by hand.")
    if not row.is_active:
        yield Reason("LIST_OFF", f"The list {row.list_name} is put aside; take it in again.")
    if row.list_name in OWN_LISTS and row.status is not ContactStatus.CALL_BACK:
        yield Reason(
            "OWN_LIST",
            f"Records of {row.list_name!r} are not dialled by themselves; promise a call-back or "
            "put the person on a list.",
        )
    ends = settings.calling_ends(now.utc)
    if campaign.day_ends is not None and ends is not None and now.utc >= ends:
        yield Reason("WENT_HOME", "The floor has gone home for today.", _tomorrow(settings, now))
    if not _is_in_mix(connection, settings, row, now):
        yield Reason(
            "NOT_IN_MIX",
            "None of the lists and segments that the campaign dials from holds this record; "
            "change the mix, or the segment's conditions.",
        )


def _tomorrow(settings: CampaignSettings, now: Instant) -> datetime:
    day = settings.day(now.utc).toordinal() + 1
    midnight = datetime.min.time()
    return datetime.combine(datetime.fromordinal(day), midnight, settings.zone).astimezone(UTC)


def _is_in_mix(
    connection: Connection, settings: CampaignSettings, row: AnyRow, now: Instant
) -> bool:
    """Whether one of the mix's sources holds the record; a campaign without a mix takes all."""
    sources = connection.execute(
        select(MixSourceRow.list_id, SegmentRow.condition)
        .outerjoin(SegmentRow, SegmentRow.id == MixSourceRow.segment_id)
        .where(MixSourceRow.campaign_id == settings.campaign.id, MixSourceRow.is_active.is_(True))
    ).all()
    if not sources or row.status is ContactStatus.CALL_BACK:
        return True
    for source in sources:
        if source.list_id is not None:
            if source.list_id == row.list_id:
                return True
            continue
        fits = expression(read_condition(source.condition), now.utc, connection.dialect.name)
        met = select(ContactRow.id).where(ContactRow.id == row.id, fits)
        if connection.scalar(met) is not None:
            return True
    return False


def _of_experiment(
    connection: Connection, settings: CampaignSettings, row: AnyRow, now: Instant
) -> Iterator[Reason]:
    variant = variants_for(connection, row.campaign_id, row.id).get(Kind.HOUR)
    if variant is None or row.status is ContactStatus.CALL_BACK:  # a promise goes first
        return
    zones = candidate_zones(settings.profile, row.zones, row.region)
    until = waits_until(variant, zones[0], now.utc)
    if until is not None:
        yield Reason(
            "EXPERIMENT",
            f"An experiment calls this person in the hours {variant.value} of their own clock.",
            until,
        )


# --- the record ---------------------------------------------------------------------------------


def _of_record(connection: Connection, row: AnyRow, now: Instant) -> Iterator[Reason]:
    if row.status is ContactStatus.CLOSED:
        yield Reason("CLOSED", _closed(row))
    elif row.status is ContactStatus.UNCODED:
        yield Reason("UNCODED", "An agent has spoken with this person and owes the outcome.")
    elif row.status is ContactStatus.HELD and row.status_reason == IMPORTING:
        yield Reason("IMPORTING", "The list is still being read; nobody is dialled before its end.")
    elif row.status is ContactStatus.HELD and not row.status_reason:
        yield Reason("HELD", "The record is held back; nothing frees it by itself.")
    elif row.next_at is not None and row.next_at > now.utc:
        yield Reason("WAITING", _waiting(row), row.next_at)
    if row.leased_by_epoch is None:
        return
    if row.lease_expires_at is None:
        yield Reason("IN_CALL", _in_call(connection, row.id))
    elif row.lease_expires_at > now.utc:
        yield Reason(
            "LEASED", "The dialler holds this record to dial it next.", row.lease_expires_at
        )


def _closed(row: AnyRow) -> str:
    if row.status_reason == ERASED:
        return "The person was erased at their own wish; nothing is left of them."
    if row.status_reason == UNDONE:
        return "The import that brought this record was taken back."
    if row.last_outcome is None:
        return "The record is closed."
    if row.status_reason == TRIED_ENOUGH:
        return "The record is closed: it was tried as often as the campaign wants it to be."
    outcome = row.last_outcome.value.replace("_", " ").lower()
    day = "" if row.last_attempt_at is None else f" of {row.last_attempt_at:%d %b %Y}"
    return f"The record is closed: its last call{day} ended with {outcome!r}."


def _waiting(row: AnyRow) -> str:
    if row.status is ContactStatus.CALL_BACK:
        return "A call-back is promised for that time, and no call comes before it."
    if row.status_reason:
        word = row.status_reason.replace("_", " ").lower()
        return f"The record was asked about and set aside ({word}); it comes up again then."
    if row.last_outcome is None:
        return "The record rests; an agent has passed it on."
    outcome = row.last_outcome.value.replace("_", " ").lower()
    return f"After {outcome!r} the record rests before the next attempt."


def _in_call(connection: Connection, contact_id: int) -> str:
    is_open = connection.scalar(
        select(AttemptRow.id)
        .where(AttemptRow.contact_id == contact_id, AttemptRow.stage != CallStage.ENDED)
        .limit(1)
    )
    return (
        "This person is being called just now."
        if is_open is not None
        else "A call with this person is being settled."
    )


# --- its numbers --------------------------------------------------------------------------------


def _of_number(
    settings: CampaignSettings,
    one: Candidate,
    place: int,
    of: int,
    now: Instant,
    *,
    is_retired: bool,
) -> Iterator[Reason]:
    facts: GateFacts = one.asked_for(settings.campaign.mode, is_reserved=True)
    which = f"Number {place}: " if of > 1 else ""
    for refusal in gate.check_all(facts, settings.profile, now.utc):
        if is_retired and refusal.code is RefusalCode.LOCKED_OUT:
            continue
        if refusal.code is RefusalCode.NOT_DIALLABLE:
            if is_retired:
                yield _reason(
                    one, refusal, f"{which}The number is retired: it was found to reach nobody."
                )
            elif facts.is_diallable:
                yield _reason(one, refusal, f"{which}{refusal.sentence}")
            continue  # a closed record has been told
        yield _reason(one, refusal, f"{which}{refusal.sentence}")


def _reason(one: Candidate, refusal: Refusal, sentence: str) -> Reason:
    return Reason(refusal.code.value, sentence, refusal.retry_at, one.number_id)


def _merged(found: Sequence[Reason], numbers: int) -> list[Reason]:
    """Reasons that stand against every number in the same words are told once, of the person."""
    if numbers < 2:
        return list(found)
    by_words: dict[tuple[str, str], list[Reason]] = {}
    for one in found:
        if one.number_id is not None:
            by_words.setdefault((one.code, one.sentence.partition(": ")[2]), []).append(one)
    told: set[tuple[str, str]] = set()
    merged: list[Reason] = []
    for one in found:
        words = (one.code, one.sentence.partition(": ")[2])
        same = by_words.get(words, [])
        if one.number_id is None or len(same) < numbers:
            merged.append(one)
        elif words not in told:
            told.add(words)
            ends = [each.until for each in same if each.until is not None]
            until = min(ends) if len(ends) == len(same) else None
            merged.append(Reason(one.code, words[1], until))
    return merged
