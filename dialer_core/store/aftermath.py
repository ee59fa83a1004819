"""What an outcome leaves behind: lock-outs, retired numbers, do-not-call entries, the next time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select, update

from dialer_core.model.states import Outcome
from dialer_core.rules.hours import candidate_zones
from dialer_core.rules.lockouts import NewLockout, lockouts_after
from dialer_core.rules.profiles import LockoutMode
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.schema import (
    AttemptRow,
    ContactNumberRow,
    ContactRow,
    LockoutRow,
    SuppressionRow,
)
from dialer_core.store.schema.base import ContactStatus, NumberStatus

REST = timedelta(hours=1)  # of a contact whose outcome asks for no other time
ONE_CLIENT = "number+client"

_PRIOR_INVALID = select(func.count()).where(
    AttemptRow.number_hash == bindparam("hash"),
    AttemptRow.outcome == Outcome.INVALID_NUMBER,
    AttemptRow.id != bindparam("attempt"),
)
_PLACE = select(ContactRow.zones, ContactRow.region).where(ContactRow.id == bindparam("contact"))
_WRITTEN = select(LockoutRow.outcome, LockoutRow.mode).where(
    LockoutRow.attempt_id == bindparam("attempt")
)
_LOCK = insert(LockoutRow)
_IS_SUPPRESSED = select(SuppressionRow.id).where(
    SuppressionRow.client_id == bindparam("client"),
    SuppressionRow.number_hash == bindparam("hash"),
)
_SUPPRESS = insert(SuppressionRow)
_RETIRE = (
    update(ContactNumberRow)
    .where(ContactNumberRow.id == bindparam("number"))
    .values(status=NumberStatus.RETIRED)
)
_OPEN_NUMBERS = select(func.count()).where(
    ContactNumberRow.contact_id == bindparam("contact"),
    ContactNumberRow.status == NumberStatus.OPEN,
)
_SPOKEN = (
    update(LockoutRow)
    .where(
        LockoutRow.number_hash == bindparam("hash"),
        LockoutRow.ends_on_connect.is_(True),
        LockoutRow.until.is_(None),
    )
    .values(until=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Call:
    """The attempt whose outcome is settled."""

    attempt_id: str
    contact_id: int
    number_id: int
    number_hash: bytes
    sip_status: int


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What follows for the contact."""

    status: ContactStatus
    next_at: datetime | None


def settle(
    connection: Connection, settings: CampaignSettings, call: Call, outcome: Outcome, at: datetime
) -> Aftermath:
    """Write what the rules ask for after `outcome` at `at`; twice writes nothing twice."""
    if outcome is Outcome.CONNECTED:
        connection.execute(_SPOKEN, {"hash": call.number_hash, "at": at})
        return Aftermath(ContactStatus.UNCODED, None)
    new = _lockouts(connection, settings, call, outcome, at)
    _write(connection, settings, call, new, at)
    modes = {lockout.mode for lockout in new}
    if LockoutMode.SUPPRESS in modes or outcome is Outcome.DNC_REQUEST:
        _suppress(connection, settings, call, outcome, at)
        return Aftermath(ContactStatus.CLOSED, None)
    if LockoutMode.RETIRE in modes:
        connection.execute(_RETIRE, {"number": call.number_id})
        if not connection.scalar(_OPEN_NUMBERS, {"contact": call.contact_id}):
            return Aftermath(ContactStatus.CLOSED, None)
        return Aftermath(ContactStatus.WAITING, at)
    blocks = [lockout for lockout in new if lockout.mode is LockoutMode.BLOCK]
    if any(lockout.until is None for lockout in blocks):
        return Aftermath(ContactStatus.CLOSED, None)
    ends = [lockout.until for lockout in blocks if lockout.until is not None]
    # Whom a reserved agent may call at once still gets an hour's rest.
    return Aftermath(ContactStatus.WAITING, max(ends, default=at + REST))


def _lockouts(
    connection: Connection, settings: CampaignSettings, call: Call, outcome: Outcome, at: datetime
) -> list[NewLockout]:
    prior = 0
    if outcome is Outcome.INVALID_NUMBER:
        prior = (
            connection.scalar(
                _PRIOR_INVALID, {"hash": call.number_hash, "attempt": call.attempt_id}
            )
            or 0
        )
    place = connection.execute(_PLACE, {"contact": call.contact_id}).one()
    return lockouts_after(
        outcome,
        settings.profile,
        at,
        prior_invalid=prior,
        sip_status=call.sip_status,
        zones=candidate_zones(settings.profile, place.zones, place.region),
    )


def _write(
    connection: Connection,
    settings: CampaignSettings,
    call: Call,
    new: list[NewLockout],
    at: datetime,
) -> None:
    wanted = [lockout for lockout in new if lockout.mode is not LockoutMode.SUPPRESS]
    if not wanted:
        return
    written = {
        (row.outcome.value, row.mode)
        for row in connection.execute(_WRITTEN, {"attempt": call.attempt_id})
    }
    for lockout in wanted:
        if (lockout.outcome, lockout.mode) in written:
            continue
        written.add((lockout.outcome, lockout.mode))
        connection.execute(
            _LOCK,
            {
                "client_id": settings.client_id if lockout.scope == ONE_CLIENT else None,
                "number_hash": call.number_hash,
                "mode": lockout.mode,
                "begins_at": at,
                "until": lockout.until,
                "ends_on_connect": lockout.ends_on_connect,
                "outcome": Outcome(lockout.outcome),
                "attempt_id": call.attempt_id,
            },
        )


def _suppress(
    connection: Connection, settings: CampaignSettings, call: Call, outcome: Outcome, at: datetime
) -> None:
    who = {"client": settings.client_id, "hash": call.number_hash}
    if connection.scalar(_IS_SUPPRESSED, who) is None:
        connection.execute(
            _SUPPRESS,
            {
                "client_id": settings.client_id,
                "number_hash": call.number_hash,
                "reason": outcome.value,
                "attempt_id": call.attempt_id,
                "at": at,
            },
        )
