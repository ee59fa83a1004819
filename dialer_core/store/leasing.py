"""Choosing the next contacts of a campaign's list and leasing them to the dialler."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, exists, select, update

from dialer_core.clock import Instant
from dialer_core.lists import call_backs
from dialer_core.lists.call_backs import Whose
from dialer_core.model.ids import ContactId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import SeatState
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.leasing_gate import CONTACT_LEASE, Lease
from dialer_core.store.schema import ContactListRow, ContactRow, ExperimentRow, SessionRow
from dialer_core.store.schema.base import ContactStatus
from dialer_core.store.selection import Selection

SKIP_REST: Final = timedelta(minutes=30)  # of a record that an agent has passed on
MOST_PROMISED: Final = 256  # calls that are looked through for those whose owner is there
MOST_ASKED: Final = 64  # contacts that one command asks the gate about, so that none waits long


_PROMISED = (
    select(ContactRow.id, ContactRow.next_at, ContactRow.call_back_agent_id)
    .where(
        ContactRow.campaign_id == bindparam("campaign"),
        ContactRow.status == ContactStatus.CALL_BACK,
        ContactRow.next_at <= bindparam("now"),
        ContactRow.leased_by_epoch.is_(None),
        ContactRow.list_id.in_(bindparam("lists", expanding=True)),
    )
    .order_by(ContactRow.next_at, ContactRow.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=ContactRow)
)
_OWNERS = select(SessionRow.agent_id, SessionRow.id, SessionRow.state).where(
    SessionRow.closed_at.is_(None),
    SessionRow.campaign_id == bindparam("campaign"),
    SessionRow.is_supervisor.is_(False),
)
# Leases that nobody has renewed, and rests of people whom nobody has tried yet, are over. Those of
# earlier diallers were freed when this one took over.
_FREE_EXPIRED = (
    update(ContactRow)
    .where(
        ContactRow.leased_by_epoch == bindparam("epoch"),
        ContactRow.lease_expires_at <= bindparam("now"),
    )
    .values(leased_by_epoch=None, lease_expires_at=None, leased_number_id=None)
)
_END_RESTS = (
    update(ContactRow)
    .where(
        ContactRow.campaign_id == bindparam("campaign"),
        ContactRow.status == ContactStatus.FRESH,
        ContactRow.next_at <= bindparam("now"),
    )
    .values(next_at=None)
)


def _is_any(
    first: ColumnElement[datetime | None], *which: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Whether anybody's time, by an index of which it is the next column, has come.

    Asked for the first one in that order: to "is there one?" a server that keeps its plan for
    every value answers by reading through the list, since it believes that many have a time.
    """
    found = select(ContactRow.id).where(*which, first <= bindparam("now")).order_by(first).limit(1)
    return found.scalar_subquery().is_not(None)


# What there is to do before people are chosen, beside the active lists: mostly nothing.
_OF_CAMPAIGN = ContactRow.campaign_id == bindparam("campaign")
_DUE = (
    select(
        ContactListRow.id,
        _is_any(
            ContactRow.lease_expires_at.expression, ContactRow.leased_by_epoch == bindparam("epoch")
        ).label("has_expired"),
        _is_any(
            ContactRow.next_at.expression, _OF_CAMPAIGN, ContactRow.status == ContactStatus.FRESH
        ).label("has_rested"),
        _is_any(
            ContactRow.next_at.expression,
            _OF_CAMPAIGN,
            ContactRow.status == ContactStatus.CALL_BACK,
        ).label("has_promised"),
        exists(ExperimentRow.id)
        .where(ExperimentRow.campaign_id == bindparam("campaign"), ExperimentRow.state == "running")
        .label("is_trying"),
    )
    .where(ContactListRow.campaign_id == bindparam("campaign"), ContactListRow.is_active.is_(True))
    .order_by(ContactListRow.id)
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
    connection: Connection,
    settings: CampaignSettings,
    count: int,
    epoch: int,
    now: Instant,
    selection: Selection | None = None,
) -> list[LeasedRecord]:
    """Lease up to `count` contacts that the gate lets through for some mode of call now.

    Promised calls first, then by the campaign's mix; `selection`: the one that the caller keeps
    from lease to lease. A contact that is refused is recorded once and comes back when the
    refusal may be over. At most `MOST_ASKED` contacts are asked about; the rest wait for the next
    command.
    """
    selection = selection or Selection()
    asked = {"campaign": settings.campaign.id, "now": now.utc, "epoch": epoch}
    rows = connection.execute(_DUE, asked).all()
    lists = tuple(row.id for row in rows)
    selection.use(connection, settings, lists)
    due = rows[0] if rows else None
    if due is None or due.has_expired:
        connection.execute(_FREE_EXPIRED, asked)
    if due is None or due.has_rested:
        connection.execute(_END_RESTS, asked)
    if due is None or due.has_expired or due.has_rested:
        selection.came_back(settings.campaign.id)
    has_promised, is_trying = due is not None and due.has_promised, due is None or due.is_trying
    lease = Lease(connection, settings, epoch, now, is_trying=is_trying)
    promised = _promised(connection, settings, lists, now) if has_promised else []
    for start in range(0, len(promised), MOST_ASKED):
        if lease.is_refused or len(lease.found) >= count:
            break
        lease.ask(promised[start : start + MOST_ASKED], count - len(lease.found))
    seen: set[int] = set()
    while len(lease.found) < count and lease.asked < MOST_ASKED and not lease.is_refused:
        need = count - len(lease.found)
        # A few more than are wanted, in the place of those who will be refused.
        most = min(MOST_ASKED - lease.asked, max(need + need // 4 + 2, 8))
        offers = selection.offer(connection, settings, now, most, seen)
        if not offers:
            break
        taken = lease.ask([(offer.turn.contact_id, None) for offer in offers], need)
        selection.settle(settings, offers, lease.reached, taken)
        seen.update(offer.turn.contact_id for offer in offers[: lease.reached])
    lease.write()
    return lease.found


def _promised(
    connection: Connection, settings: CampaignSettings, lists: Sequence[int], now: Instant
) -> list[tuple[int, SessionId | None]]:
    """Promised calls whose time has come, and for whom each of them is kept."""
    campaign = {"campaign": settings.campaign.id}
    asked = campaign | {"now": now.utc, "lists": lists, "most": MOST_PROMISED}
    rows = connection.execute(_PROMISED, asked).all()
    if not any(row.call_back_agent_id is not None for row in rows):
        return [(row.id, None) for row in rows]
    owners = {row.agent_id: row for row in connection.execute(_OWNERS, campaign)}
    found: list[tuple[int, SessionId | None]] = []
    for row in rows:
        owner = owners.get(row.call_back_agent_id)
        who = call_backs.whose(
            row.call_back_agent_id,
            is_in=owner is not None,
            is_paused=owner is not None and owner.state is SeatState.PAUSED,
            overdue_s=(now.utc - row.next_at).total_seconds(),
            hand_over_s=settings.hand_over_s,
        )
        if who is Whose.OWNER and owner is not None:
            found.append((row.id, SessionId(owner.id)))
        elif who is Whose.ANYONE:
            found.append((row.id, None))
    return found


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
