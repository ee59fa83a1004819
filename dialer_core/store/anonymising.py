"""Taking a person out of the tables, so that what stays are calls with nobody."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, or_, select, true, update

from dialer_core.clock import Instant
from dialer_core.store.numbers import number_key
from dialer_core.store.person import ERASED, Person
from dialer_core.store.schema import (
    AgentEventRow,
    AttemptRow,
    Base,
    ContactNumberRow,
    ContactRow,
    ListImportChangeRow,
    LockoutRow,
    RecordingPauseRow,
    RecordingRow,
    ThirdPartyRow,
    ToldCallBackRow,
)
from dialer_core.store.schema.base import ContactStatus, NumberStatus

_FORGET = (
    update(ContactNumberRow)
    .where(ContactNumberRow.id == bindparam("number"))
    .values(e164="", kind="", status=NumberStatus.RETIRED, number_hash=bindparam("nobody"))
)
_FORGET_CALLED = (
    update(AttemptRow)
    .where(AttemptRow.number_id == bindparam("number"))
    .values(number_hash=bindparam("nobody"))
)

_IS_ERASED = (
    select(ContactRow.id)
    .join(AttemptRow, AttemptRow.contact_id == ContactRow.id)
    .where(AttemptRow.id == bindparam("attempt"), ContactRow.status_reason == ERASED)
)


def is_erased(connection: Connection, attempt_id: str) -> bool:
    """Whether the person of this call was erased: what a line tells of it late is not kept."""
    return connection.scalar(_IS_ERASED, {"attempt": attempt_id}) is not None


def anonymise(
    connection: Connection, person: Person, now: Instant, *, keeps_lockouts: bool = False
) -> dict[str, int]:
    """Take the person out of every table; rows changed or deleted by table.

    Calls stay as calls with nobody: their hash of the number becomes one that fits no number.
    `keeps_lockouts`: those for ever stay, where the number is not suppressed at the same time.
    """
    key = number_key(connection)
    changed: dict[str, int] = {}

    def count(row: type[Base], rows: int) -> None:
        table = row.__table__
        assert isinstance(table, Table)
        if rows:
            changed[table.name] = changed.get(table.name, 0) + rows

    def run(row: type[Base], statement: Any) -> None:
        count(row, connection.execute(statement).rowcount)

    recordings = select(RecordingRow.id).where(RecordingRow.attempt_id.in_(person.attempt_ids))
    run(
        RecordingPauseRow,
        delete(RecordingPauseRow).where(RecordingPauseRow.recording_id.in_(recordings)),
    )
    run(RecordingRow, delete(RecordingRow).where(RecordingRow.attempt_id.in_(person.attempt_ids)))
    over = LockoutRow.until.is_not(None) if keeps_lockouts else true()
    theirs = LockoutRow.attempt_id.in_(person.attempt_ids)
    run(LockoutRow, delete(LockoutRow).where(theirs, over))
    _of_calls(run, person)
    _of_records(run, person, now)
    numbers = connection.scalars(
        select(ContactNumberRow.id).where(ContactNumberRow.contact_id.in_(person.contact_ids))
    ).all()
    if numbers:
        nobodies = [{"number": one, "nobody": _nobody(key, one)} for one in numbers]
        connection.execute(_FORGET, nobodies)
        connection.execute(_FORGET_CALLED, nobodies)
        count(ContactNumberRow, len(numbers))
    return changed


def _of_calls(run: Callable[[type[Base], Any], None], person: Person) -> None:
    attempts = person.attempt_ids
    run(
        AttemptRow,
        update(AttemptRow)
        .where(AttemptRow.id.in_(attempts))
        .values(note="", sip_call_id=None, sip_reason=None),
    )
    of_their_calls = ThirdPartyRow.attempt_id.in_(attempts)
    run(ThirdPartyRow, update(ThirdPartyRow).where(of_their_calls).values(note="", label=""))
    # Where the person was somebody's third party, only the number goes.
    run(
        ThirdPartyRow,
        update(ThirdPartyRow)
        .where(ThirdPartyRow.number_hash.in_(person.hashes))
        .values(number_hash=None, label=""),
    )


def _of_records(run: Callable[[type[Base], Any], None], person: Person, now: Instant) -> None:
    changed = ListImportChangeRow.contact_id.in_(person.contact_ids)
    run(ListImportChangeRow, delete(ListImportChangeRow).where(changed))
    told = ToldCallBackRow.contact_id.in_(person.contact_ids)
    run(ToldCallBackRow, delete(ToldCallBackRow).where(told))
    run(
        AgentEventRow,
        update(AgentEventRow)
        .where(
            or_(
                AgentEventRow.contact_id.in_(person.contact_ids),
                AgentEventRow.attempt_id.in_(person.attempt_ids),
            )
        )
        .values(payload={}),
    )
    run(
        ContactRow,
        update(ContactRow)
        .where(ContactRow.id.in_(person.contact_ids))
        .values(
            name="",
            town="",
            details=[],
            zones=[],
            grounds=[],
            reference="",
            status=ContactStatus.CLOSED,
            status_reason=ERASED,
            next_at=None,
            leased_by_epoch=None,
            lease_expires_at=None,
            leased_number_id=None,
            changed_at=now.utc,
        ),
    )


def _nobody(key: bytes, number_id: int) -> bytes:
    """A hash that no telephone number has, one for each number that was erased."""
    return hmac.digest(key, f"erased {number_id}".encode(), hashlib.sha256)
