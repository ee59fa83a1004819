"""What a rehearsal's report takes from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from dialer_core.model.records import DayCounts
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState
from dialer_core.rules.abandonment import abandoned_rate
from dialer_core.rules.profiles import AbandonFormula
from dialer_core.store import counts, machines_heard
from dialer_core.store.address import Place
from dialer_core.store.campaigns import load_campaigns
from dialer_core.store.opening import open_database
from dialer_core.store.schema import (
    AgentRow,
    AttemptRow,
    DayCountRow,
    RefusalRow,
    SessionRow,
    SessionStateRow,
)


@dataclass(frozen=True, slots=True)
class AgentTimes:
    """One agent's seconds by state; `wait_s` is the time available, ringing not included."""

    name: str
    talk_s: float
    wrap_s: float
    wait_s: float
    paused_s: float
    preview_s: float = 0.0
    ringing_s: float = 0.0


@dataclass(frozen=True, slots=True)
class FloorReport:
    """Counts of everything that the database holds, and the attempts that others must join."""

    dialled: int
    answered: int
    connected_attempts: tuple[str, ...]
    abandoned_attempts: tuple[str, ...]  # answered, met nobody
    preview_attempts: tuple[str, ...]
    waits_s: Mapping[str, float]  # answered while no seat was free: how long until one was
    abandoned: int  # as the formulas count them: late connections, too
    abandoned_rate: float
    overdialled: int
    previews: int
    dispositions: int
    open_attempts: int
    uncoded_attempts: int  # connected, and no outcome was chosen
    agents: tuple[AgentTimes, ...]
    refusals: Mapping[str, int]  # by code


def read_report(place: Place) -> FloorReport:
    """Read the whole database; stretches that are still open last until the newest moment in it."""
    database = open_database(place)
    try:
        with database.reading() as connection:
            return _read(connection)
    finally:
        database.close()


def _read(connection: Connection) -> FloorReport:
    rows = connection.execute(
        select(
            AttemptRow.id,
            AttemptRow.mode,
            AttemptRow.stage,
            AttemptRow.outcome,
            AttemptRow.formula_class,
            AttemptRow.answered_at,
            AttemptRow.waiting_at,
            AttemptRow.seat_found_at,
            AttemptRow.is_overdial,
            AttemptRow.disposed_at,
        ).order_by(AttemptRow.committed_at)
    ).all()
    connected = tuple(row.id for row in rows if row.outcome is Outcome.CONNECTED)
    return FloorReport(
        dialled=len(rows),
        answered=sum(row.answered_at is not None for row in rows),
        connected_attempts=connected,
        abandoned_attempts=tuple(row.id for row in rows if row.outcome is Outcome.ABANDONED),
        preview_attempts=tuple(row.id for row in rows if row.mode is Mode.PREVIEW),
        waits_s={
            row.id: (row.seat_found_at - row.waiting_at).total_seconds()
            for row in rows
            if row.waiting_at is not None and row.seat_found_at is not None
        },
        abandoned=sum(row.formula_class is FormulaClass.AOBS for row in rows),
        abandoned_rate=_rate(connection),
        overdialled=sum(row.is_overdial for row in rows),
        previews=_previews(connection),
        dispositions=sum(row.disposed_at is not None for row in rows),
        open_attempts=sum(row.stage is not CallStage.ENDED for row in rows),
        uncoded_attempts=sum(
            row.disposed_at is None for row in rows if row.outcome is Outcome.CONNECTED
        ),
        agents=_agents(connection),
        refusals={
            row.code.value: row.number
            for row in connection.execute(
                select(RefusalRow.code, func.count().label("number")).group_by(RefusalRow.code)
            )
        },
    )


def _previews(connection: Connection) -> int:
    return (
        connection.scalar(select(func.count()).where(SessionStateRow.state == SeatState.PREVIEW))
        or 0
    )


def _rate(connection: Connection) -> float:
    """Over all days and campaigns, under the strictest of their formulas."""
    names = ("live", "machines", "abandoned", "detected_machines")
    sums = connection.execute(
        select(*(func.coalesce(func.sum(DayCountRow.__table__.c[name]), 0) for name in names))
    ).one()
    settings = list(load_campaigns(connection).values())
    share = max(
        (
            counts.day_counts(
                dict.fromkeys(names, 0),
                one.profile,
                machines_heard.tally(connection, one.campaign.id),
            ).detection_false_share
            for one in settings
        ),
        default=0.0,
    )
    live, machines, abandoned, detected = (int(number) for number in sums)
    found = DayCounts(live, machines, abandoned, detected, share)
    formulas = {one.profile.abandon_formula for one in settings} or {AbandonFormula.OFCOM_AUTO}
    return max(abandoned_rate(found, formula).rate for formula in formulas)


def _agents(connection: Connection) -> tuple[AgentTimes, ...]:
    rows = connection.execute(
        select(AgentRow.name, SessionStateRow.state, SessionStateRow.since, SessionStateRow.until)
        .join(SessionRow, SessionRow.id == SessionStateRow.session_id)
        .join(AgentRow, AgentRow.id == SessionRow.agent_id)
        .where(SessionRow.is_supervisor.is_(False))
        .order_by(SessionRow.id, SessionStateRow.id)
    ).all()
    if not rows:
        return ()
    newest = max(row.until or row.since for row in rows)
    spent: dict[str, dict[SeatState, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        spent[row.name][row.state] += ((row.until or newest) - row.since).total_seconds()
    return tuple(
        AgentTimes(
            name=name,
            talk_s=by_state[SeatState.TALKING],
            wrap_s=by_state[SeatState.WRAP_UP],
            wait_s=by_state[SeatState.AVAILABLE],
            paused_s=by_state[SeatState.PAUSED],
            preview_s=by_state[SeatState.PREVIEW],
            ringing_s=by_state[SeatState.RINGING] + by_state[SeatState.CONNECTING],
        )
        for name, by_state in sorted(spent.items())
    )
