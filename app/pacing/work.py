"""One simulated day of the benchmark: what is asked of a worker process and what it answers."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

import dialer_core.pacing
from app.pacing.entrants import ENTRANTS, Entrant
from dialer_core.model.campaign import Campaign
from dialer_core.model.levers import Levers
from dialer_core.model.states import Mode
from dialer_core.pacing.make import make_pacer
from dialer_core.pacing.view import Decision, FloorView, Pacer
from dialer_core.simulation.benchmark import BREAKS, DRIFT, ScenarioFile, benchmark_day
from dialer_core.simulation.day import DayPlan, Hints
from dialer_core.simulation.floor import simulate_day
from dialer_core.simulation.result import DayResult

SLOW_US = 5000.0
LEAST_PEOPLE = 100  # before so many have answered a running share says little
MEMORY_DAY = "memory"  # stands where hard days have their name: a day that is only watched
_MB = 1e6
_PACING = str(Path(dialer_core.pacing.__file__).parent / "*")
MEMORY_FROM_S = 2 * 3600.0


@dataclass(frozen=True, slots=True)
class Job:
    """One day to simulate; `hard` names the hard day, empty for an ordinary one."""

    entrant: str
    ground: ScenarioFile
    seats: int
    seed: int
    hours: float = 8.0
    hard: str = ""

    @property
    def traces_memory(self) -> bool:
        """Whether the pacer's memory is watched, which makes the day slow."""
        return self.hard == MEMORY_DAY


class DayFigures(msgspec.Struct, frozen=True):
    """One day by the public's truth, and what it cost to reckon; seconds, counts, microseconds."""

    entrant: str
    scenario: str
    seats: int
    seed: int
    hours: float
    hard: str
    utilisation: float
    worked_s: float
    people_connected: int
    people_abandoned: int
    highest_rate: float  # of the running share of people lost, once enough people have answered
    dials: int
    wait_mean_s: float
    wait_p95_s: float
    parked: int
    decides: int
    decide_mean_us: float
    decide_worst_us: float
    decides_slow: int  # that took over 5 ms
    seconds: float
    pacer_grew_mb: float | None = None  # from the second hour to the end, where it was traced

    @property
    def abandoned_rate(self) -> float:
        """Share of the people who answered and met nobody."""
        people = self.people_connected + self.people_abandoned
        return self.people_abandoned / people if people else 0.0


class Timed:
    """A pacer with a stopwatch; the clock is handed in."""

    def __init__(self, pacer: Pacer, clock: Callable[[], float], *, traces: bool = False) -> None:
        self._pacer = pacer
        self._clock = clock
        self._traces = traces
        self.decides = 0
        self.slow = 0
        self.total_s = 0.0
        self.worst_s = 0.0
        self.early_mb: float | None = None

    def decide(self, view: FloorView) -> Decision:
        """The pacer's own decision."""
        if self._traces and self.early_mb is None and view.now >= MEMORY_FROM_S:
            self.early_mb = traced_mb()
        clock = self._clock
        begun_s = clock()
        decision = self._pacer.decide(view)
        took_s = clock() - begun_s
        self.decides += 1
        self.total_s += took_s
        if took_s > self.worst_s:
            self.worst_s = took_s
        if took_s * 1e6 > SLOW_US:
            self.slow += 1
        return decision


def traced_mb() -> float:
    """What the pacing code holds in memory now, in MB; tracing must be on."""
    gc.collect()
    snapshot = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, _PACING)])
    return sum(one.size for one in snapshot.statistics("filename")) / _MB


def own_pacer(campaign: Campaign) -> Pacer:
    """The product's pacer of the campaign's mode and levers."""
    return make_pacer(campaign.mode.value, target=campaign.abandon_target, levers=campaign.levers)


def run_day(job: Job) -> DayFigures:
    """Simulate the day and reckon it up; runs in a worker process."""
    entrant = ENTRANTS[job.entrant]
    plan = plan_of(job, entrant)
    timed: list[Timed] = []

    def make(campaign: Campaign) -> Pacer:
        inner = (entrant.pacer or own_pacer)(campaign)
        timed.append(Timed(inner, time.perf_counter, traces=job.traces_memory))
        return timed[-1]

    grew: float | None = None
    if job.traces_memory:
        tracemalloc.start()
    begun_s = time.perf_counter()
    try:
        if entrant.is_clairvoyant:
            result = simulate_day(plan, clairvoyant=True)
        else:
            result = simulate_day(plan, pacer=make)
        took_s = time.perf_counter() - begun_s
        early_mb = timed[-1].early_mb if timed else None
        if job.traces_memory and early_mb is not None:
            grew = traced_mb() - early_mb
    finally:
        if job.traces_memory:
            tracemalloc.stop()
    return _figures(job, result, timed, took_s, grew)


def plan_of(job: Job, entrant: Entrant) -> DayPlan:
    """The day of a job as the simulator wants it."""
    return day_of(
        job.ground,
        job.seats,
        entrant.mode,
        job.seed,
        hours=job.hours,
        hints=entrant.hints,
        levers=entrant.levers,
        relief=entrant.relief,
        hard="" if job.traces_memory else job.hard,
    )


def day_of(
    ground: ScenarioFile,
    seats: int,
    mode: Mode,
    seed: int,
    *,
    hours: float,
    hints: Hints,
    levers: Levers,
    relief: int = 0,
    hard: str = "",
) -> DayPlan:
    """A benchmark's day with what the scenario's file says of days."""
    day = ground.day
    return benchmark_day(
        ground.scenario,
        seats,
        mode,
        seed,
        hours=hours,
        hints=hints,
        levers=levers,
        turns=day.turns,
        relief=relief,
        hard=hard or None,
        drift=DRIFT if day.drift is None else day.drift,
        breaks=BREAKS if day.breaks is None else day.breaks,
        lines=day.lines,
    )


def highest_running_share(result: DayResult) -> float:
    """The highest share of lost people, of those up to then, once `LEAST_PEOPLE` had answered."""
    lost = result.series["abandoned"]
    live = np.cumsum(result.series["connected"]) + lost
    late = live >= LEAST_PEOPLE
    if not late.any():
        return result.abandoned_rate
    return float((lost[late] / live[late]).max())


def _figures(
    job: Job, result: DayResult, timed: list[Timed], took_s: float, grew: float | None
) -> DayFigures:
    decides = sum(one.decides for one in timed)
    total_s = sum(one.total_s for one in timed)
    return DayFigures(
        entrant=job.entrant,
        scenario=job.ground.scenario.name,
        seats=job.seats,
        seed=job.seed,
        hours=job.hours,
        hard=job.hard,
        utilisation=result.utilisation,
        worked_s=result.worked_s,
        people_connected=result.people_connected,
        people_abandoned=result.people_abandoned,
        highest_rate=highest_running_share(result),
        dials=result.dials,
        wait_mean_s=result.seat_wait_mean_s,
        wait_p95_s=result.seat_wait_p95_s,
        parked=result.parked,
        decides=decides,
        decide_mean_us=1e6 * total_s / decides if decides else 0.0,
        decide_worst_us=1e6 * max((one.worst_s for one in timed), default=0.0),
        decides_slow=sum(one.slow for one in timed),
        seconds=took_s,
        pacer_grew_mb=grew,
    )
