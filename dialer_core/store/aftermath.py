"""What an outcome leaves behind: lock-outs, retired numbers, do-not-call entries, the next time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select, update

from dialer_core.model.states import Outcome
from dialer_core.rules.countries import country_of, country_rules
from dialer_core.rules.hours import candidate_zones
from dialer_core.rules.lockouts import NewLockout, lockouts_after
from dialer_core.rules.profiles import LockoutMode
from dialer_core.store import objections, recycling
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.schema import (
    AttemptRow,
    ContactNumberRow,
    ContactRow,
    LockoutRow,
)
from dialer_core.store.schema.base import ContactStatus, NumberStatus

REST = timedelta(hours=1)  # of a contact whose outcome asks for no other time
ONE_CLIENT = "number+client"

_PRIOR_INVALID = select(func.count()).where(
    AttemptRow.number_hash == bindparam("hash"),
    AttemptRow.outcome == Outcome.INVALID_NUMBER,
    AttemptRow.id != bindparam("attempt"),
)
_PLACE = (
    select(ContactRow.zones, ContactRow.region, ContactNumberRow.e164)
    .join(ContactNumberRow, ContactNumberRow.contact_id == ContactRow.id)
    .where(ContactRow.id == bindparam("contact"), ContactNumberRow.id == bindparam("number"))
)
_WRITTEN = select(LockoutRow.outcome, LockoutRow.mode).where(
    LockoutRow.attempt_id == bindparam("attempt")
)
_LOCK = insert(LockoutRow)
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
    reason: str = ""  # why it is closed, where the law and the agent do not say


def settle(
    connection: Connection, settings: CampaignSettings, call: Call, outcome: Outcome, at: datetime
) -> Aftermath:
    """Write what the rules ask for after `outcome` at `at`; twice writes nothing twice."""
    if outcome is Outcome.CONNECTED:
        connection.execute(_SPOKEN, {"hash": call.number_hash, "at": at})
        return Aftermath(ContactStatus.UNCODED, None)
    if outcome is Outcome.MESSAGE_HEARD:
        return Aftermath(ContactStatus.CLOSED, None)
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
    return _recycled(connection, settings, call, outcome, new, at)


def _recycled(
    connection: Connection,
    settings: CampaignSettings,
    call: Call,
    outcome: Outcome,
    new: list[NewLockout],
    at: datetime,
) -> Aftermath:
    """When the contact is due again: as the office wants it, and never before the law lets it."""
    wanted = recycling.after(
        connection, settings, call.contact_id, call.number_id, call.attempt_id, outcome
    )
    if any(lockout.mode is LockoutMode.RETIRE for lockout in new):
        is_over = wanted is not None and wanted.wait_s is None
        # The number is gone, the person is not: the others are tried at once.
        return _enough() if is_over else Aftermath(ContactStatus.WAITING, at)
    blocks = [lockout for lockout in new if lockout.mode is LockoutMode.BLOCK]
    if any(lockout.until is None for lockout in blocks):
        return Aftermath(ContactStatus.CLOSED, None)
    # Whom a reserved agent may call at once still gets an hour's rest.
    rest = REST
    if wanted is not None:
        if wanted.wait_s is None:
            return _enough()
        rest = timedelta(seconds=wanted.wait_s)
    ends = [lockout.until for lockout in blocks if lockout.until is not None]
    if wanted is not None and wanted.is_other_number:
        ends = []  # they are of the number that was called; the gate asks about the other one
    return Aftermath(ContactStatus.WAITING, max([at + rest, *ends]))


def _enough() -> Aftermath:
    return Aftermath(ContactStatus.CLOSED, None, recycling.TRIED_ENOUGH)


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
    place = connection.execute(_PLACE, {"contact": call.contact_id, "number": call.number_id}).one()
    country = country_of(place.e164, place.region) or place.region
    there = country_rules(settings.profile, country)
    found: dict[tuple[str, LockoutMode], NewLockout] = {}
    for rules in (settings.profile,) if there is None else (settings.profile, there):
        for new in lockouts_after(
            outcome,
            rules,
            at,
            prior_invalid=prior,
            sip_status=call.sip_status,
            zones=candidate_zones(rules, place.zones, country),
        ):
            known = found.setdefault((new.outcome, new.mode), new)
            if known.until is not None and (new.until is None or new.until > known.until):
                found[new.outcome, new.mode] = new
    return list(found.values())


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
    hashes = {call.number_hash, *objections.hashes_of(connection, call.contact_id)}
    objections.never_again(
        connection, settings.client_id, hashes, outcome.value, at, call.attempt_id
    )
