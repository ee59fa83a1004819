"""Choosing the next contacts of a campaign's list and leasing them to the dialler."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, Select, and_, bindparam, or_, select, update

from dialer_core.clock import Instant
from dialer_core.model.ids import ContactId, NumberId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import SeatState
from dialer_core.rules import gate
from dialer_core.rules.facts import Refusal
from dialer_core.store import refusing
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.facts import NUMBERS_OF, Candidate, candidates
from dialer_core.store.schema import ContactListRow, ContactRow, SessionRow
from dialer_core.store.schema.base import ContactStatus

CONTACT_LEASE: Final = timedelta(seconds=120)
SKIP_REST: Final = timedelta(minutes=30)  # of a record that an agent has passed on
MOST_ASKED: Final = 64  # contacts that one command asks the gate about, so that none waits long


def _next_of(status: ContactStatus, *, is_dated: bool) -> Select[int]:
    due = ContactRow.next_at <= bindparam("now")
    return (
        select(ContactRow.id)
        .join(ContactListRow, ContactListRow.id == ContactRow.list_id)
        .where(
            ContactRow.campaign_id == bindparam("campaign"),
            ContactRow.status == status,
            due if is_dated else or_(ContactRow.next_at.is_(None), due),
            or_(
                ContactRow.leased_by_epoch.is_(None),
                and_(
                    ContactRow.lease_expires_at.is_not(None),
                    or_(
                        ContactRow.lease_expires_at <= bindparam("now"),
                        ContactRow.leased_by_epoch < bindparam("epoch"),
                    ),
                ),
            ),
            ContactListRow.is_active.is_(True),
        )
        .order_by(ContactRow.next_at.nulls_first(), ContactRow.id)
        .limit(bindparam("most"))
    )


# Promised calls first, then those whose time has come, then people whom nobody has tried yet.
_NEXT = (
    _next_of(ContactStatus.CALL_BACK, is_dated=True),
    _next_of(ContactStatus.WAITING, is_dated=True),
    _next_of(ContactStatus.FRESH, is_dated=False),
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
_HELD = (
    ContactRow.id == bindparam("contact"),
    ContactRow.leased_by_epoch == bindparam("epoch"),
    ContactRow.lease_expires_at.is_not(None),  # in a call otherwise
)
_RETURN = (
    update(ContactRow)
    .where(*_HELD)
    .values(leased_by_epoch=None, lease_expires_at=None, leased_number_id=None)
)
_REST = (
    update(ContactRow)
    .where(*_HELD)
    .values(
        leased_by_epoch=None,
        lease_expires_at=None,
        leased_number_id=None,
        status=bindparam("to_status"),
        next_at=bindparam("at_next"),
        changed_at=bindparam("at"),
    )
)
_STATUS = select(ContactRow.status).where(ContactRow.id == bindparam("contact"))
_EXTEND = (
    update(ContactRow)
    .where(
        ContactRow.leased_by_epoch == bindparam("epoch"), ContactRow.lease_expires_at.is_not(None)
    )
    .values(lease_expires_at=bindparam("expires"))
)
_ON_SCREENS = select(SessionRow.contact_id).where(
    SessionRow.closed_at.is_(None),
    SessionRow.state == SeatState.PREVIEW,
    SessionRow.contact_id.is_not(None),
)
_TAKE_OVER = (
    update(ContactRow)
    .where(ContactRow.id.in_(_ON_SCREENS), ContactRow.lease_expires_at.is_not(None))
    .values(leased_by_epoch=bindparam("to_epoch"), lease_expires_at=bindparam("expires"))
)
_FREE_OLD = (
    update(ContactRow)
    .where(
        ContactRow.leased_by_epoch < bindparam("epoch"), ContactRow.lease_expires_at.is_not(None)
    )
    .values(leased_by_epoch=None, lease_expires_at=None, leased_number_id=None)
)


def lease_records(
    connection: Connection, settings: CampaignSettings, count: int, epoch: int, now: Instant
) -> list[LeasedRecord]:
    """Lease up to `count` contacts that the gate lets through for some mode of call now.

    A contact that is refused is recorded once and comes back when the refusal may be over. At
    most `MOST_ASKED` contacts are asked about; the rest wait for the next command.
    """
    found: list[LeasedRecord] = []
    asked = 0
    for statement in _NEXT:
        while len(found) < count and asked < MOST_ASKED:
            most = min(MOST_ASKED - asked, max(count - len(found), 8))
            ids = connection.scalars(
                statement,
                {"campaign": settings.campaign.id, "now": now.utc, "epoch": epoch, "most": most},
            ).all()
            asked += len(ids)
            taken = _lease_some(connection, settings, ids, count - len(found), epoch, now)
            if taken is None:
                return found
            found += taken
            if len(ids) < most:
                break
    return found


def _lease_some(
    connection: Connection,
    settings: CampaignSettings,
    ids: Sequence[int],
    count: int,
    epoch: int,
    now: Instant,
) -> list[LeasedRecord] | None:
    """Lease those of `ids` that pass; None where the whole campaign is refused."""
    if not ids:
        return []
    rows = connection.execute(NUMBERS_OF, {"contacts": ids}).all()
    by_id = {
        contact_id: list(own)
        for contact_id, own in groupby(
            candidates(connection, settings, rows, now), lambda candidate: candidate.contact_id
        )
    }
    found: list[LeasedRecord] = []
    for contact_id in ids:
        if len(found) == count:
            break
        own = by_id.get(contact_id, [])
        passed = _first_that_passes(connection, settings, own, now)
        if isinstance(passed, Candidate):
            found.append(_lease(connection, settings, passed, epoch, now))
        elif passed is not None and passed.code in refusing.OF_THE_CAMPAIGN:
            return None
    return found


def _first_that_passes(
    connection: Connection, settings: CampaignSettings, own: Sequence[Candidate], now: Instant
) -> Candidate | Refusal | None:
    """The contact's first number that passes; else the contact is set aside with the reasons."""
    refused: list[tuple[Candidate, Refusal]] = []
    for candidate in own:
        facts = candidate.asked_for(settings.campaign.mode, is_reserved=True)
        refusal = gate.check(facts, settings.profile, now.utc)
        if refusal is None:
            return candidate
        refused.append((candidate, refusal))
    if not refused:
        return None
    first = refused[0][1]
    if first.code in refusing.OF_THE_CAMPAIGN:
        if not refusing.was_said_lately(connection, settings, first.code, now):
            refusing.record(connection, settings, refused[0][0], first, now)
        return first
    for candidate, refusal in refused:
        refusing.record(connection, settings, candidate, refusal, now)
    times = [refusal.retry_at for _, refusal in refused if refusal.retry_at is not None]
    contact_id = own[0].contact_id
    is_call_back = connection.scalar(_STATUS, {"contact": contact_id}) is ContactStatus.CALL_BACK
    refusing.set_aside(
        connection, contact_id, first, min(times, default=None), now, is_call_back=is_call_back
    )
    return first


def _lease(
    connection: Connection,
    settings: CampaignSettings,
    candidate: Candidate,
    epoch: int,
    now: Instant,
) -> LeasedRecord:
    connection.execute(
        _LEASE,
        {
            "contact": candidate.contact_id,
            "epoch": epoch,
            "expires": now.utc + CONTACT_LEASE,
            "number": candidate.number_id,
        },
    )
    return LeasedRecord(
        ContactId(candidate.contact_id),
        settings.campaign.id,
        NumberId(candidate.number_id),
        candidate.facts.number,
        candidate.needs_reserved(now.utc),
        is_promised=candidate.is_promised,
    )


def return_record(
    connection: Connection, contact_id: ContactId, epoch: int, now: Instant, rest: timedelta
) -> None:
    """Give a lease back; with a rest nobody is offered the record for so long."""
    whom = {"contact": contact_id, "epoch": epoch}
    if not rest > timedelta():
        connection.execute(_RETURN, whom)
        return
    status = connection.scalar(_STATUS, {"contact": contact_id})
    connection.execute(
        _REST,
        whom
        | {
            "to_status": ContactStatus.WAITING if status is ContactStatus.FRESH else status,
            "at_next": now.utc + rest,
            "at": now.utc,
        },
    )


def extend_leases(connection: Connection, epoch: int, now: Instant) -> None:
    """What the dialler holds in stock stays leased while the dialler lives."""
    connection.execute(_EXTEND, {"epoch": epoch, "expires": now.utc + CONTACT_LEASE})


def take_over_leases(connection: Connection, epoch: int, now: Instant) -> None:
    """Under a new epoch: records on agents' screens stay leased, the old stock goes back."""
    connection.execute(_TAKE_OVER, {"to_epoch": epoch, "expires": now.utc + CONTACT_LEASE})
    connection.execute(_FREE_OLD, {"epoch": epoch})
