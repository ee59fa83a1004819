"""Whether the floor and the simulator agree: a practice floor beside simulated ones.

The floor is real (windows, phones, lines, carrier, database); the simulator gets its seats as they
were there, its settings, and other people of the same distributions at the same speed. The connect
limit is scaled on neither side.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from app.clock import WallClock
from app.errors import UsageError
from app.practice import machine_seat_s
from app.rehearsal.demo import Demo, DemoOptions
from app.rehearsal.report import failure
from app.replay.command import json_of, write_json
from app.replay.comparison import Range, day_range
from dialer_core.model.states import Mode
from dialer_core.simulation.crowd import PracticePeople
from dialer_core.simulation.public import PRACTICE, Behaviour, Public, log_normal
from dialer_core.simulation.replay import (
    Figures,
    PreparedDay,
    plan_of,
    prepare,
    recorded_figures,
)
from dialer_core.simulation.replay_run import ReplayFloor
from dialer_core.simulation.result import DayResult
from dialer_core.store.recorded import read_day

CAMPAIGN = "Spring renewals"
# Measured on the real floor, and the same at every speed:
SET_UP_S = 0.06  # until the carrier has the INVITE, and its answer is back
HEARD_S = 0.2  # until a robot knows the voice, and until its hanging up has ended the call
FIRST_SEED = 5001  # of the simulated people; the floor's own have the demo's seed


class AgreementRow(msgspec.Struct, frozen=True):
    """One figure: what the floor gave, and where 95 % of such simulated floors lie."""

    name: str
    unit: str
    floor: float
    simulated: Range
    is_within: bool


class Agreement(msgspec.Struct, frozen=True):
    """What `callfloor bench agreement` found."""

    seats: int
    lines: int
    seconds: float
    speed: float
    simulated_days: int
    rows: list[AgreementRow]
    errors: list[str]


@dataclass(frozen=True, slots=True)
class AgreementOptions:
    """How large a floor, for how long, beside how many simulated ones."""

    agents: int = 5
    lines: int = 15
    seconds: float = 600.0
    speed: float = 6.0
    seed: int = 1
    days: int = 40
    json_file: Path | None = None
    profile: Path | None = None


_ROWS: tuple[tuple[str, str, Callable[[DayResult | Figures], float]], ...] = (
    ("utilisation", "share", lambda one: one.utilisation),
    ("abandoned", "share of people", lambda one: one.abandoned_rate),
    ("wait_mean", "s", lambda one: one.seat_wait_mean_s),
    ("wait_p95", "s", lambda one: one.seat_wait_p95_s),
    ("dials", "calls", lambda one: float(one.dials)),
    ("people_connected", "calls", lambda one: float(one.people_connected)),
)


def run_agreement(options: AgreementOptions) -> int:
    """A predictive floor of robots and its simulated like; 1 where a figure lies outside."""
    if not 2 <= options.days <= 500:
        raise UsageError("--days is 2 to 500.")
    demo = Demo(
        DemoOptions(
            agents=options.agents,
            mode=Mode.PREDICTIVE,
            seconds=options.seconds,
            seed=options.seed,
            offscreen=True,
            speed=options.speed,
            lines=options.lines,
            profile=options.profile,
            progress=_tell,
        )
    )
    try:
        report = demo.run()
        now = WallClock().now()
        ready = prepare(read_day(demo.profile.database_path, CAMPAIGN, "today", now))
        rows = _rows(ready, options)
    finally:
        demo.forget()
    found = Agreement(
        seats=options.agents,
        lines=options.lines,
        seconds=options.seconds,
        speed=options.speed,
        simulated_days=options.days,
        rows=rows,
        errors=report.errors,
    )
    text = json_of(found)
    print(text.decode())  # noqa: T201
    if options.json_file is not None:
        write_json(options.json_file, text)
    return 1 if failure(report) or not all(row.is_within for row in rows) else 0


def _rows(ready: PreparedDay, options: AgreementOptions) -> list[AgreementRow]:
    recorded = recorded_figures(ready)
    results = []
    for number in range(options.days):
        _tell(f"Simulating the same floor, {number + 1} of {options.days} …")
        results.append(_simulated(ready, FIRST_SEED + number, options.speed))
    rows = []
    for name, unit, figure in _ROWS:
        found = day_range([figure(one) for one in results])
        floor = figure(recorded)
        rows.append(AgreementRow(name, unit, floor, found, found.low <= floor <= found.high))
    return rows


class _AsRehearsed(PracticePeople):
    """The practice people as carrier and robots handle them: not all is sped up with the rest.

    A robot knows a machine as soon as it speaks and stays with it for `machine_seat_s`, then wraps
    the call up like any other. Who never answers rings until the line gives up.
    """

    def __init__(self, seed: int, speed: float) -> None:
        super().__init__(Public(seed, PRACTICE, speed))
        self._seed, self._speed = seed, speed

    def behaviour(self, contact: int, number: str, attempt: int, at_s: float) -> Behaviour:
        """What the contact does in this attempt."""
        one = super().behaviour(contact, number, attempt, at_s)
        if not one.final_status:
            return replace(one, ring_s=math.inf)
        one = replace(one, ring_s=one.ring_s + SET_UP_S)
        if not one.is_machine:
            return one
        draw = random.Random(f"{self._seed}|robot|{contact}|{attempt}").random()
        wrap_s = log_normal(PRACTICE.wrap_mean_s, PRACTICE.wrap_cv, draw) / self._speed
        talk_s = HEARD_S + machine_seat_s(self._speed) / self._speed
        return replace(one, talk_s=talk_s, wrap_s=wrap_s)


def _simulated(ready: PreparedDay, seed: int, speed: float) -> DayResult:
    people = _AsRehearsed(seed, speed)
    return ReplayFloor(plan_of(ready, ready.settings, seed), people, ready, ready.settings).run()


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201
