"""One agent's own day: how many people, what came of it, how long between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import Connection, bindparam, func, or_, select

from dialer_core.clock import Instant
from dialer_core.model.states import SeatState
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AgentEventRow,
    AttemptRow,
    SessionRow,
    SessionStateRow,
)
from dialer_core.store.schema.base import EventKind

_CALLS = select(func.count()).where(
    AttemptRow.agent_id == bindparam("agent"), AttemptRow.bridged_at >= bindparam("start")
)
_CODED = (
    select(AttemptRow.campaign_id, AttemptRow.disposition_code, func.count().label("number"))
    .where(AttemptRow.agent_id == bindparam("agent"), AttemptRow.disposed_at >= bindparam("start"))
    .group_by(AttemptRow.campaign_id, AttemptRow.disposition_code)
)
_WAITS = (
    select(SessionStateRow.since, SessionStateRow.until)
    .join(SessionRow, SessionRow.id == SessionStateRow.session_id)
    .where(
        SessionRow.agent_id == bindparam("agent"),
        or_(SessionRow.closed_at.is_(None), SessionRow.closed_at >= bindparam("start")),
        SessionStateRow.state == SeatState.AVAILABLE,
        SessionStateRow.until > bindparam("start"),
    )
)
_SKIPS = (
    select(func.count())
    .select_from(AgentEventRow)
    .join(SessionRow, SessionRow.id == AgentEventRow.session_id)
    .where(
        SessionRow.agent_id == bindparam("agent"),
        AgentEventRow.kind == EventKind.PREVIEW_SKIP,
        AgentEventRow.at >= bindparam("start"),
    )
)


@dataclass(frozen=True, slots=True)
class Today:
    """The agent's figures since midnight where the campaign is."""

    contacts: int = 0  # people spoken to
    outcomes: int = 0
    successes: int = 0  # in the campaign of now
    skips: int = 0
    wait_s: float = 0.0  # seconds available that have come to an end
    mean_wait_s: float | None = None  # per stretch; None before the first


def start_of_day(settings: CampaignSettings, at: datetime) -> datetime:
    """The last midnight where the campaign is."""
    return datetime.combine(settings.day(at), time.min, tzinfo=settings.zone)


def skips_today(
    connection: Connection, agent_id: int, settings: CampaignSettings, at: datetime
) -> int:
    """How many records the agent has passed on since midnight before `at`."""
    whom = {"agent": agent_id, "start": start_of_day(settings, at)}
    return connection.scalar(_SKIPS, whom) or 0


def read_today(
    connection: Connection, agent_id: int, settings: CampaignSettings, now: Instant
) -> Today:
    """What the agent has done today, over all sessions."""
    whom = {"agent": agent_id, "start": start_of_day(settings, now.utc)}
    coded = connection.execute(_CODED, whom).all()
    waits = [
        (row.until - max(row.since, whom["start"])).total_seconds()
        for row in connection.execute(_WAITS, whom)
    ]
    return Today(
        contacts=connection.scalar(_CALLS, whom) or 0,
        outcomes=sum(row.number for row in coded),
        successes=sum(row.number for row in coded if _is_success(row, settings)),
        skips=connection.scalar(_SKIPS, whom) or 0,
        wait_s=sum(waits),
        mean_wait_s=sum(waits) / len(waits) if waits else None,
    )


def _is_success(row: AnyRow, settings: CampaignSettings) -> bool:
    if row.campaign_id != settings.campaign.id:
        return False
    disposition = settings.campaign.disposition(row.disposition_code)
    return disposition is not None and disposition.is_success
