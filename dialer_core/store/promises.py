"""Promised calls: those that are due or soon will be, for the windows; handing one over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Connection, bindparam, select, update

from dialer_core.clock import Instant
from dialer_core.lists.call_backs import ALERT_BEFORE, LONGEST, Agreed, Whose, agree, whose
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId, ContactId
from dialer_core.model.states import SeatState
from dialer_core.rules.profiles import RuleProfile
from dialer_core.store import audit
from dialer_core.store.campaigns import load_campaign
from dialer_core.store.owner import OneThread
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import AgentRow, CampaignRow, ContactRow, SessionRow
from dialer_core.store.schema.base import ContactStatus

MOST_SHOWN = 200

_PROMISES = (
    select(
        ContactRow.id,
        ContactRow.name,
        ContactRow.zones,
        ContactRow.next_at,
        ContactRow.call_back_agent_id,
        ContactRow.campaign_id,
        ContactRow.leased_by_epoch,
        CampaignRow.name.label("campaign"),
        CampaignRow.is_running,
        CampaignRow.hand_over_s,
        AgentRow.name.label("owner"),
    )
    .join(CampaignRow, CampaignRow.id == ContactRow.campaign_id)
    .outerjoin(AgentRow, AgentRow.id == ContactRow.call_back_agent_id)
    .where(
        ContactRow.campaign_id.in_(select(CampaignRow.id)),
        ContactRow.status == ContactStatus.CALL_BACK,
        ContactRow.next_at <= bindparam("until"),
    )
    .order_by(ContactRow.next_at, ContactRow.id)
)
_AT_WORK = select(SessionRow.agent_id, SessionRow.campaign_id, SessionRow.state).where(
    SessionRow.closed_at.is_(None), SessionRow.is_supervisor.is_(False)
)
_OWN = select(ContactRow.id).where(
    ContactRow.id == bindparam("contact"), ContactRow.status == ContactStatus.CALL_BACK
)
_AGENTS = (
    select(AgentRow.id, AgentRow.name).where(AgentRow.is_active.is_(True)).order_by(AgentRow.name)
)
_CAMPAIGN_OF = select(ContactRow.campaign_id).where(ContactRow.id == bindparam("contact"))
_PLACE = select(ContactRow.zones, ContactRow.region).where(ContactRow.id == bindparam("contact"))
_MOVE = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values(next_at=bindparam("at_next"), status_reason="", changed_at=bindparam("at"))
)
# Whom nobody calls by appointment any more goes back among the others of the list.
_CANCEL = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values(
        status=bindparam("to_status"),
        next_at=bindparam("at_next"),
        status_reason="",
        call_back_agent_id=None,
        changed_at=bindparam("at"),
    )
)
_TRIES = select(ContactRow.attempts_count).where(ContactRow.id == bindparam("contact"))
_HELD = select(ContactRow.id).where(
    ContactRow.id == bindparam("contact"), ContactRow.leased_by_epoch.is_not(None)
)
_GIVE = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values(call_back_agent_id=bindparam("owner"), changed_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Promise:
    """A promised call. `overdue_s`: negative before its time.

    A campaign that is paused (`is_running` False) keeps its promises: they are shown, and go first
    once it runs again.
    """

    contact_id: ContactId
    campaign_id: CampaignId
    campaign: str
    is_running: bool
    name: str
    zone: str  # the person's likeliest; empty: not known
    at: datetime
    overdue_s: float
    owner_id: int | None
    owner: str
    whose: Whose
    hand_over_s: float  # after its time, with its owner away, it is anyone's
    is_held: bool  # the dialler has it in hand

    def __repr__(self) -> str:
        return f"Promise(contact_id={self.contact_id})"


class PromiseStore(OneThread):
    """Promised calls for a window; each change is one transaction."""

    def all_promised(
        self, now: Instant, campaign_id: int | None = None
    ) -> tuple[list[Promise], list[tuple[int, str]]]:
        """All promised calls, and the agents to whom one can be given."""
        with self._reading() as connection:
            agents = [(row.id, row.name) for row in connection.execute(_AGENTS)]
            return all_promised(connection, now, campaign_id), agents

    def own(self, agent_name: str, now: Instant) -> list[Promise]:
        """An agent's own promised calls."""
        with self._reading() as connection:
            agent_id = connection.scalar(select(AgentRow.id).where(AgentRow.name == agent_name))
            return [] if agent_id is None else own(connection, agent_id, now)

    def move(self, contact_id: int, day: date, at: time, now: Instant, who: str) -> Agreed:
        """See `move`; under the rules of the person's campaign."""
        with self._writing() as connection:
            campaign_id = connection.scalar(_CAMPAIGN_OF, {"contact": contact_id})
            if campaign_id is None:
                raise KnownError("This person is no longer on the list.")
            rules = load_campaign(connection, campaign_id).profile
            return move(connection, rules, contact_id, day, at, now, who)

    def hand_over(self, contact_id: int, to_agent_id: int | None, now: Instant, who: str) -> None:
        """See `hand_over`."""
        with self._writing() as connection:
            hand_over(connection, contact_id, to_agent_id, now, who)

    def cancel(self, contact_id: int, now: Instant, who: str) -> None:
        """See `cancel`."""
        with self._writing() as connection:
            cancel(connection, contact_id, now, who)


def due(connection: Connection, now: Instant, agent_id: int | None = None) -> list[Promise]:
    """Promised calls that are due, or will be within `ALERT_BEFORE`, the longest due first.

    With an agent: that agent's own and those that are anyone's to make.
    """
    rows = connection.execute(_PROMISES.limit(MOST_SHOWN), {"until": now.utc + ALERT_BEFORE}).all()
    at_work = {row.agent_id: row for row in connection.execute(_AT_WORK)} if rows else {}
    found = [_promise(row, at_work.get(row.call_back_agent_id), now) for row in rows]
    return [
        one
        for one in found
        if agent_id is None or one.owner_id == agent_id or one.whose is Whose.ANYONE
    ]


def all_promised(
    connection: Connection, now: Instant, campaign_id: int | None = None
) -> list[Promise]:
    """All calls that are promised (of one campaign), the earliest first; `MOST_SHOWN` at most."""
    of = _PROMISES
    if campaign_id is not None:
        of = of.where(ContactRow.campaign_id == campaign_id)
    rows = connection.execute(of.limit(MOST_SHOWN), {"until": now.utc + 2 * LONGEST}).all()
    at_work = {row.agent_id: row for row in connection.execute(_AT_WORK)} if rows else {}
    return [_promise(row, at_work.get(row.call_back_agent_id), now) for row in rows]


def own(connection: Connection, agent_id: int, now: Instant, most: int = 20) -> list[Promise]:
    """An agent's own promised calls, the earliest first."""
    of = _PROMISES.where(ContactRow.call_back_agent_id == agent_id).limit(most)
    rows = connection.execute(of, {"until": now.utc + 2 * LONGEST}).all()
    at_work = {row.agent_id: row for row in connection.execute(_AT_WORK)} if rows else {}
    return [_promise(row, at_work.get(agent_id), now) for row in rows]


def move(
    connection: Connection,
    profile: RuleProfile,
    contact_id: int,
    day: date,
    at: time,
    now: Instant,
    who: str,
) -> Agreed:
    """Promise the call for another day and time of the person's clock; what was agreed.

    KnownError where none is promised, the call is being made, or the time cannot be.
    """
    _refuse_unless_promised(connection, contact_id)
    found = agreed(connection, profile, contact_id, day, at, now)
    connection.execute(_MOVE, {"contact": contact_id, "at_next": found.at, "at": now.utc})
    detail: dict[str, object] = {"contact": contact_id, "at": found.at.isoformat()}
    audit.append(connection, who, "call-back moved", detail, now.utc)
    return found


def cancel(connection: Connection, contact_id: int, now: Instant, who: str) -> None:
    """Take the promise back: the person is called again when the list comes to them; KnownError."""
    _refuse_unless_promised(connection, contact_id)
    is_tried = bool(connection.scalar(_TRIES, {"contact": contact_id}))
    connection.execute(
        _CANCEL,
        {
            "contact": contact_id,
            "to_status": ContactStatus.WAITING if is_tried else ContactStatus.FRESH,
            "at_next": now.utc if is_tried else None,
            "at": now.utc,
        },
    )
    detail: dict[str, object] = {"contact": contact_id}
    audit.append(connection, who, "call-back cancelled", detail, now.utc)


def _refuse_unless_promised(connection: Connection, contact_id: int) -> None:
    if connection.scalar(_OWN, {"contact": contact_id}) is None:
        raise KnownError("No call is promised to this person any more.")
    if connection.scalar(_HELD, {"contact": contact_id}) is not None:
        raise KnownError("This call is being made just now; look again in a moment.")


def agreed(
    connection: Connection,
    profile: RuleProfile,
    contact_id: int,
    day: date,
    at: time,
    now: Instant,
) -> Agreed:
    """The moment of a call promised for a day and time by the contact's own clock; KnownError."""
    place = connection.execute(_PLACE, {"contact": contact_id}).first()
    if place is None:
        raise KnownError("This person is no longer on the list.")
    return agree(profile, place.zones, place.region, day, at, now.utc)


def hand_over(
    connection: Connection, contact_id: int, to_agent_id: int | None, now: Instant, who: str
) -> None:
    """Make a promised call somebody else's, or (None) anyone's; KnownError where none stands."""
    _refuse_unless_promised(connection, contact_id)
    if to_agent_id is not None:
        is_known = connection.scalar(
            select(AgentRow.id).where(AgentRow.id == to_agent_id, AgentRow.is_active.is_(True))
        )
        if is_known is None:
            raise KnownError("There is no such agent any more; choose another.")
    connection.execute(_GIVE, {"contact": contact_id, "owner": to_agent_id, "at": now.utc})
    detail: dict[str, object] = {"contact": contact_id, "to": to_agent_id}
    audit.append(connection, who, "call-back handed over", detail, now.utc)


def _promise(row: AnyRow, owner: AnyRow | None, now: Instant) -> Promise:
    overdue_s = (now.utc - row.next_at).total_seconds()
    is_in = owner is not None and owner.campaign_id == row.campaign_id
    return Promise(
        ContactId(row.id),
        CampaignId(row.campaign_id),
        row.campaign,
        row.is_running,
        row.name,
        row.zones[0] if row.zones else "",
        row.next_at,
        overdue_s,
        row.call_back_agent_id,
        row.owner or "",
        whose(
            row.call_back_agent_id,
            is_in=is_in,
            is_paused=is_in and owner is not None and owner.state is SeatState.PAUSED,
            overdue_s=overdue_s,
            hand_over_s=row.hand_over_s,
        ),
        row.hand_over_s,
        row.leased_by_epoch is not None,
    )
