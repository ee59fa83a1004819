"""People of whom no list knows: who is dialled by hand, who calls us, third parties outside.

Who is dialled by hand or calls us becomes a contact on a list of its own. Such a contact is held:
the dialler never takes it by itself, unless a call-back is promised.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Final, cast

import phonenumbers
from sqlalchemy import Connection, bindparam, insert, select, update

from dialer_core.clock import Instant
from dialer_core.engine.control_commands import ClearNumber, ClearThird, FindCaller
from dialer_core.engine.control_events import (
    CallerFound,
    CallerUnknown,
    NumberCleared,
    NumberRefused,
    ThirdCleared,
    ThirdRefused,
)
from dialer_core.model.call_control import ThirdStage
from dialer_core.model.ids import CampaignId, ContactId, NumberId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import CallStage, Direction, Mode
from dialer_core.rules import gate
from dialer_core.rules.facts import Refusal
from dialer_core.store import audit, control, refusing
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.facts import NUMBERS_OF, Candidate, candidates
from dialer_core.store.leasing_gate import CONTACT_LEASE
from dialer_core.store.numbers import is_e164, number_hash, number_key
from dialer_core.store.people import NewPerson, add_people
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AttemptRow,
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    SessionRow,
)
from dialer_core.store.schema.base import ContactStatus, NumberStatus, ThirdKind

BY_HAND: Final = "Dialled by hand"
CALLED_US: Final = "Calls that came in"
OWN_LISTS: Final = (BY_HAND, CALLED_US)
CALL_BACK_IN: Final = timedelta(minutes=15)  # of a caller whom nobody could take
NO_NUMBER: Final = "That is no complete number; write it with its country code, as +441614960001."
STOPPED: Final = "The campaign was stopped."
IN_CALL: Final = "Somebody is on the phone with this person just now."
UNKNOWN, DECLINED, BUSY = 404, 603, 486

_BY_NUMBER = (
    select(ContactRow.id, ContactRow.campaign_id, ContactRow.status)
    .join(ContactNumberRow, ContactNumberRow.contact_id == ContactRow.id)
    .where(ContactNumberRow.number_hash == bindparam("hash"))
    .order_by(ContactRow.last_attempt_at.desc().nulls_last(), ContactRow.id.desc())
)
_HOLD_BACK = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values(status=ContactStatus.HELD, status_reason=bindparam("why"))
)
_LIST_OF = (
    select(ContactListRow.name)
    .join(ContactRow, ContactRow.list_id == ContactListRow.id)
    .where(ContactRow.id == bindparam("contact"))
)
_LEASE = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values(
        leased_by_epoch=bindparam("epoch"),
        lease_expires_at=bindparam("expires"),
        leased_number_id=bindparam("number"),
    )
)
_KNOWN_TO = (
    select(SessionRow.id)
    .join(AttemptRow, AttemptRow.agent_id == SessionRow.agent_id)
    .where(
        SessionRow.closed_at.is_(None),
        AttemptRow.contact_id == bindparam("contact"),
        AttemptRow.bridged_at.is_not(None),
    )
    .order_by(AttemptRow.bridged_at.desc())
)


def is_own(connection: Connection, contact_id: int) -> bool:
    """Whether the contact stands on one of our own lists, which nobody dials through."""
    return connection.scalar(_LIST_OF, {"contact": contact_id}) in OWN_LISTS


def written(number: str) -> str:
    """A number as people write it."""
    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


# --- third parties ----------------------------------------------------------------------------


def clear_third(
    connection: Connection, settings: CampaignSettings, command: ClearThird, now: Instant
) -> ThirdCleared | ThirdRefused:
    """Ask the gate about a third party's number; the answer is on the record either way."""
    if not is_e164(command.number):
        return ThirdRefused(command.attempt_id, command.third_ref, NO_NUMBER)
    hashed = number_hash(number_key(connection), command.number)
    candidate = _as_third(connection, settings, command.number, hashed, now)
    facts = replace(candidate.asked_for(Mode.MANUAL, is_reserved=True), is_diallable=True)
    refusal = gate.check(facts, settings.profile, now.utc)
    label = written(command.number)
    control.add_third(
        connection,
        {
            "ref": command.third_ref,
            "attempt_id": command.attempt_id,
            "kind": ThirdKind.BLIND if command.is_blind else ThirdKind.CONSULT,
            "wanted_by": command.session_id,
            "number_hash": hashed,
            "label": label,
            "at": command.at.utc,
            "stage": ThirdStage.DIALLING if refusal is None else ThirdStage.GONE,
            "refusal_code": None if refusal is None else refusal.code.value,
            "sentence": "" if refusal is None else refusal.sentence,
            "ended_at": None if refusal is None else command.at.utc,
        },
    )
    detail: dict[str, object] = {"attempt": command.attempt_id, "third": command.third_ref}
    who = control.name_of(connection, command.session_id)
    if refusal is not None:
        detail["code"] = refusal.code.value
        audit.append(connection, who, "third party refused", detail, now.utc)
        return ThirdRefused(command.attempt_id, command.third_ref, refusal.sentence)
    audit.append(connection, who, "third party called", detail, now.utc)
    return ThirdCleared(command.attempt_id, command.third_ref, command.number, label)


def _as_third(
    connection: Connection, settings: CampaignSettings, number: str, hashed: bytes, now: Instant
) -> Candidate:
    """The gate's facts of the number: of the contact who has it, else of a stranger."""
    own = _contact_with(connection, settings, hashed)
    row: AnyRow | None = None
    if own is not None:
        row = _row_of(connection, own, hashed)
    if row is None:
        stranger = SimpleNamespace(
            contact_id=0,
            contact_status=ContactStatus.HELD,
            zones=[],
            region=_region(number),
            grounds=[],
            leased_by_epoch=None,
            lease_expires_at=None,
            number_id=0,
            e164=number,
            number_status=NumberStatus.OPEN,
            number_hash=hashed,
        )
        row = cast("AnyRow", stranger)  # the columns of NUMBERS_OF by name
    return candidates(connection, settings, [row], now)[0]


def _region(number: str) -> str:
    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""


# --- by hand ----------------------------------------------------------------------------------


def clear_number(
    connection: Connection,
    settings: CampaignSettings,
    command: ClearNumber,
    epoch: int,
    now: Instant,
) -> NumberCleared | NumberRefused:
    """Find or add the person, ask the gate, lease them to the dialler."""
    if not settings.campaign.is_running:
        return NumberRefused(command.session_id, STOPPED)
    if not is_e164(command.number):
        return NumberRefused(command.session_id, NO_NUMBER)
    hashed = number_hash(number_key(connection), command.number)
    contact_id = _contact_with(connection, settings, hashed)
    if contact_id is None:
        contact_id = _add(connection, settings, command.number, hashed, BY_HAND, now)
    row = _row_of(connection, contact_id, hashed)
    candidate = candidates(connection, settings, [row], now)[0]
    if candidate.is_in_call:
        return NumberRefused(command.session_id, IN_CALL)
    facts = candidate.asked_for(Mode.MANUAL, is_reserved=True)
    refusal: Refusal | None = gate.check(facts, settings.profile, now.utc)
    if refusal is not None:
        refusing.record(connection, settings, candidate, refusal, now, mode=Mode.MANUAL)
        return NumberRefused(command.session_id, refusal.sentence)
    _lease(connection, candidate, epoch, now)
    return NumberCleared(command.session_id, _record(settings, candidate, now))


def _lease(connection: Connection, candidate: Candidate, epoch: int, now: Instant) -> None:
    lease = {"contact": candidate.contact_id, "number": candidate.number_id}
    connection.execute(_LEASE, lease | {"epoch": epoch, "expires": now.utc + CONTACT_LEASE})


def _record(settings: CampaignSettings, candidate: Candidate, now: Instant) -> LeasedRecord:
    return LeasedRecord(
        ContactId(candidate.contact_id),
        settings.campaign.id,
        NumberId(candidate.number_id),
        candidate.facts.number,
        candidate.needs_reserved(now.utc),
    )


def _contact_with(connection: Connection, settings: CampaignSettings, hashed: bytes) -> int | None:
    """The campaign's contact with that number, open ones first."""
    rows = [
        row
        for row in connection.execute(_BY_NUMBER, {"hash": hashed})
        if row.campaign_id == settings.campaign.id
    ]
    rows.sort(key=lambda row: row.status is ContactStatus.CLOSED)
    return int(rows[0].id) if rows else None


def _row_of(connection: Connection, contact_id: int, hashed: bytes) -> AnyRow:
    rows = connection.execute(NUMBERS_OF, {"contacts": [contact_id]}).all()
    return next(row for row in rows if row.number_hash == hashed)


def _add(
    connection: Connection,
    settings: CampaignSettings,
    number: str,
    hashed: bytes,
    name: str,
    now: Instant,
) -> int:
    """The number as a contact of the campaign, on a list of our own."""
    person = NewPerson(name, [(number, "")], region=_region(number))
    add_people(connection, settings.campaign.id, name, [person], name, now)
    contact_id = _contact_with(connection, settings, hashed)
    if contact_id is None:
        raise LookupError("a contact that was just added is not there")
    connection.execute(_HOLD_BACK, {"contact": contact_id, "why": name})
    return contact_id


# --- callers ----------------------------------------------------------------------------------


def find_caller(
    connection: Connection,
    campaigns: dict[CampaignId, CampaignSettings],
    command: FindCaller,
    epoch: int,
    now: Instant,
) -> CallerFound | CallerUnknown:
    """Whose contact the caller is, by number; a new attempt for the call, on the record."""
    found = _whose(connection, campaigns, command, now)
    if isinstance(found, int):
        return CallerUnknown(command.line_id, command.call_ref, found)
    settings, contact_id, hashed = found
    row = _row_of(connection, contact_id, hashed)
    candidate = candidates(connection, settings, [row], now)[0]
    if candidate.is_in_call:
        return CallerUnknown(command.line_id, command.call_ref, BUSY)
    _insert(connection, settings, candidate, command, epoch, now)
    known_to = dict.fromkeys(
        SessionId(one) for one in connection.scalars(_KNOWN_TO, {"contact": contact_id})
    )
    return CallerFound(
        command.line_id,
        command.call_ref,
        command.attempt_id,
        settings.campaign.id,
        _record(settings, candidate, now),
        command.gateway,
        tuple(known_to),
    )


def _whose(
    connection: Connection,
    campaigns: dict[CampaignId, CampaignSettings],
    command: FindCaller,
    now: Instant,
) -> tuple[CampaignSettings, int, bytes] | int:
    """The campaign, the contact and the number's hash; a SIP status where there is none."""
    running = [one for one in campaigns.values() if one.campaign.is_running]
    if not running:
        return UNKNOWN
    key = number_key(connection)
    for country in dict.fromkeys(one.profile.country or "" for one in running):
        number = _e164(command.caller, country)
        if number is None:
            continue
        hashed = number_hash(key, number)
        for row in connection.execute(_BY_NUMBER, {"hash": hashed}):
            settings = campaigns.get(CampaignId(row.campaign_id))
            if settings is not None and settings.campaign.is_running:
                return settings, int(row.id), hashed
        for settings in running:
            if _e164(settings.campaign.caller_id, country) == _e164(command.called, country):
                contact = _add(connection, settings, number, hashed, CALLED_US, now)
                return settings, contact, hashed
    is_known = any(_e164(command.caller, one.profile.country or "") for one in running)
    return UNKNOWN if is_known else DECLINED  # without a number nobody could be called back


def _e164(number: str, country: str) -> str | None:
    """A number as it came from the network, in the form of the lists; None: it is none."""
    for text, region in ((number, country), (f"+{number}", None)):
        try:
            parsed = phonenumbers.parse(text, region or None)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return None


def _insert(
    connection: Connection,
    settings: CampaignSettings,
    candidate: Candidate,
    command: FindCaller,
    epoch: int,
    now: Instant,
) -> None:
    connection.execute(
        insert(AttemptRow),
        {
            "id": command.attempt_id,
            "campaign_id": settings.campaign.id,
            "client_id": settings.client_id,
            "contact_id": candidate.contact_id,
            "number_id": candidate.number_id,
            "number_hash": candidate.number_hash,
            "mode": Mode.MANUAL,
            "direction": Direction.IN,
            "is_overdial": False,
            "reserved_only": False,
            "profile_id": settings.profile.profile_id,
            "profile_version": settings.profile.version,
            "line_id": command.line_id,
            "lease_epoch": epoch,
            "stage": CallStage.COMMITTED,
            "committed_at": now.utc,
            "invite_at": now.utc,
            "gateway": command.gateway[:64],
            "crossed": False,
            "message_played": False,
            "note": "",
        },
    )
    whom = {"contact": candidate.contact_id, "number": candidate.number_id}
    connection.execute(_LEASE, whom | {"epoch": epoch, "expires": None})
