"""What a supervisor sees of one campaign's day: seats, calls, decisions, refusals, the budget."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from dialer_core.clock import Instant
from dialer_core.model.ids import CampaignId, ContactId, SessionId
from dialer_core.model.records import DayCounts
from dialer_core.model.states import CallStage, SeatState
from dialer_core.rules.abandonment import AbandonedRate
from dialer_core.rules.facts import RefusalCode
from dialer_core.store import budgets, counts
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.day import start_of_day
from dialer_core.store.listening import WatchedCall, seat_calls
from dialer_core.store.pace import Pace
from dialer_core.store.schema import (
    AgentRow,
    AttemptRow,
    ContactRow,
    DecisionRow,
    RefusalRow,
    SeatRow,
    SessionRow,
)

DECISIONS: Final = 30
OPEN_STAGES: Final = [stage for stage in CallStage if stage is not CallStage.ENDED]

_SEATS = (
    select(
        SessionRow.id,
        SessionRow.agent_id,
        SessionRow.campaign_id,
        SessionRow.state,
        SessionRow.reason,
        SessionRow.since,
        SessionRow.until,
        SessionRow.contact_id,
        SessionRow.pause_wanted,
        SessionRow.pause_due,
        SessionRow.is_relief,
        SessionRow.parked,
        SessionRow.seen_at,
        AgentRow.name.label("agent_name"),
        SeatRow.name.label("seat_name"),
        # One by one: statistics of a few seats tempt PostgreSQL to walk over the whole list.
        select(ContactRow.name)
        .where(ContactRow.id == SessionRow.contact_id)
        .scalar_subquery()
        .label("contact_name"),
    )
    .join(AgentRow, AgentRow.id == SessionRow.agent_id)
    .join(SeatRow, SeatRow.id == SessionRow.seat_id)
    .where(SessionRow.closed_at.is_(None), SessionRow.is_supervisor.is_(False))
    .order_by(SeatRow.name)
)
_TALKS = (
    select(AttemptRow.agent_id, func.count().label("number"))
    .where(
        AttemptRow.agent_id.in_(bindparam("agents", expanding=True)),
        AttemptRow.bridged_at >= bindparam("start"),
    )
    .group_by(AttemptRow.agent_id)
)
_STAGES = (
    # The few open ones by their stage; a question by campaign would walk over all attempts.
    select(AttemptRow.campaign_id, AttemptRow.stage).where(AttemptRow.stage.in_(OPEN_STAGES))
)
_DECISIONS = (
    select(DecisionRow.__table__)
    .where(DecisionRow.campaign_id == bindparam("campaign"))
    .order_by(DecisionRow.at.desc(), DecisionRow.id.desc())
    .limit(DECISIONS)
)
_REFUSALS = (
    select(RefusalRow.code, func.count().label("number"))
    .where(RefusalRow.campaign_id == bindparam("campaign"), RefusalRow.at >= bindparam("start"))
    .group_by(RefusalRow.code)
)


@dataclass(frozen=True, slots=True)
class WatchedSeat:
    """One open session; moments in UTC, `with_whom` the name of the person on its screen."""

    session_id: SessionId
    agent_name: str
    seat_name: str
    campaign_id: CampaignId
    state: SeatState
    reason: str
    since: datetime
    until: datetime | None
    pause_wanted: str | None
    pause_due: datetime | None  # when that pause may begin
    is_relief: bool  # is called only when nobody else is free
    parked: int  # interrupted wrap-ups that are still owed
    contact_id: ContactId | None
    with_whom: str
    contacts_today: int
    seen_at: datetime
    call: WatchedCall | None = None  # with a person, at this moment


@dataclass(frozen=True, slots=True)
class WatchedDecision:
    """A decision of the pacer, which holds from `at` until the next one."""

    at: datetime
    launch: int
    reason: str
    figures: tuple[tuple[str, float], ...]
    rule: str = ""


class DayWatch:
    """The figures of one campaign's day, read in one transaction."""

    def __init__(
        self, connection: Connection, chosen: CampaignSettings | None, now: Instant, pace: Pace
    ) -> None:
        self._connection = connection
        self._of = {"campaign": None if chosen is None else chosen.campaign.id}
        self._start = now.utc if chosen is None else start_of_day(chosen, now.utc)
        self.totals: dict[str, int] = dict.fromkeys(counts.COLUMNS, 0)
        self.counts = DayCounts()
        self.rate = AbandonedRate(0.0, 0.0, 0.0)
        self.drops_left = 0
        if chosen is not None:
            self.totals = counts.read(connection, chosen.campaign.id, chosen.day(now.utc))
            ahead = pace.ahead(connection, chosen, now)
            found = budgets.tightest(budgets.budgets(connection, chosen, now, ahead))
            self.counts, self.rate, self.drops_left = found.counts, found.rate, found.drops_left

    def seats(self) -> tuple[WatchedSeat, ...]:
        rows = self._connection.execute(_SEATS).all()
        calls = seat_calls(self._connection)
        whom = {"agents": [row.agent_id for row in rows], "start": self._start}
        talks = {
            row.agent_id: row.number
            for row in (self._connection.execute(_TALKS, whom) if rows else ())
        }
        return tuple(
            WatchedSeat(
                session_id=SessionId(row.id),
                agent_name=row.agent_name,
                seat_name=row.seat_name,
                campaign_id=CampaignId(row.campaign_id),
                state=row.state,
                reason=row.reason,
                since=row.since,
                until=row.until,
                pause_wanted=row.pause_wanted,
                pause_due=row.pause_due,
                is_relief=row.is_relief,
                parked=len(row.parked),
                contact_id=None if row.contact_id is None else ContactId(row.contact_id),
                with_whom=row.contact_name or "",
                contacts_today=talks.get(row.agent_id, 0),
                seen_at=row.seen_at,
                call=calls.get(SessionId(row.id)),
            )
            for row in rows
        )

    def calls(self) -> dict[CallStage, int]:
        rows = self._connection.execute(_STAGES)
        return dict(Counter(row.stage for row in rows if row.campaign_id == self._of["campaign"]))

    def decisions(self) -> tuple[WatchedDecision, ...]:
        return tuple(
            WatchedDecision(
                row.at,
                row.launch,
                row.reason,
                tuple((str(name), float(value)) for name, value in row.figures),
                row.rule,
            )
            for row in self._connection.execute(_DECISIONS, self._of)
        )

    def refusals(self) -> dict[RefusalCode, int]:
        since = self._of | {"start": self._start}
        return {row.code: row.number for row in self._connection.execute(_REFUSALS, since)}
