"""The days that pacers are judged on: ordinary ones, hard ones, and the scenarios behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dialer_core.model.errors import KnownError
from dialer_core.model.levers import NO_LEVERS, Levers
from dialer_core.model.states import Mode
from dialer_core.simulation.day import (
    LINES_A_SEAT,
    RING_LIMIT_S,
    DayPlan,
    Hints,
    Rest,
    SeatPlan,
    Turn,
)
from dialer_core.simulation.draw import Draws
from dialer_core.simulation.hard import HardDay, hard_days
from dialer_core.simulation.public import Scenario, scenario_named
from dialer_core.simulation.scenario_file import DayFields, ScenarioFile, scenario_from_toml

__all__ = [
    "OTHER_SCENARIOS",
    "DayFields",
    "HardDay",
    "ScenarioFile",
    "benchmark_day",
    "hard_days",
    "scenario_from_toml",
]

DRIFT = 0.2
LOG_IN_WITHIN_S = 120.0
ODD_SHARE = 1 / 8  # of the seats: come late or leave early
ODD_S = 45 * 60.0  # by at most this much
FULL_DAY_S = 8 * 3600.0
BREAKS = 3
BREAK_S = (600.0, 900.0)
LONG_BREAK_S = 1800.0  # the one in the middle of three
PAUSE_S = (60.0, 180.0)
AHEAD_S = (30.0, 120.0)
_SURPRISE, _AFTER_CALL = (
    0.5,
    0.75,
)  # of all rests: unannounced up to here, "after this call" to here

# Of the same kinds and with other figures; no constant of a pacer was chosen by looking at them.
OTHER_SCENARIOS: Mapping[str, Scenario] = {
    one.name: one
    for one in (
        Scenario("other_cold", human=0.20, machine=0.25, busy=0.08, invalid=0.12, talk_mean_s=95.0),
        Scenario(
            "other_warm", human=0.42, machine=0.12, busy=0.06, invalid=0.04, talk_mean_s=170.0
        ),
        Scenario(
            "other_short",
            human=0.30,
            machine=0.15,
            busy=0.10,
            invalid=0.08,
            talk_mean_s=35.0,
            wrap_mean_s=12.0,
        ),
        Scenario(
            "other_tail",
            human=0.18,
            machine=0.18,
            busy=0.10,
            invalid=0.10,
            talk_mean_s=230.0,
            talk_cv=1.3,
            wrap_mean_s=25.0,
        ),
    )
}


def benchmark_day(
    scenario: Scenario | str,
    seats: int,
    mode: Mode,
    seed: int,
    *,
    hours: float = 8.0,
    hints: Hints = Hints(),  # noqa: B008 (frozen)
    levers: Levers = NO_LEVERS,
    turns: Sequence[Turn] = (),
    relief: int = 0,
    hard: str | None = None,
    drift: float = DRIFT,
    breaks: int = BREAKS,
    lines: int | None = None,
) -> DayPlan:
    """A working day as it is on a real floor; the same arguments give the same plan.

    The share that answers drifts by `drift` up and down; seats log in within two minutes, one in
    eight comes late or leaves early by up to 45 minutes; each takes `breaks` breaks (10 to 15
    minutes, of three the middle one 30) and about two short pauses a day, half of them announced:
    30 to 120 s before or as "after this call". Three lines a seat are enough for anybody. In a
    shorter day breaks are shorter and pauses fewer. `relief`: seats of a supervisor, besides.
    `hard`: the name of one of `hard_days()`, which bends the plan. ValueError for a floor or a
    scenario that cannot be, KnownError for a hard day that nobody knows.
    """
    if seats < 1 or not hours > 0:
        raise ValueError(f"a day needs seats and hours, not {seats} and {hours}")
    if isinstance(scenario, str):
        scenario = scenario_named(scenario)
    length_s = hours * 3600.0
    draws = Draws(seed, purpose=4)
    plans = [_seat(draws, number, length_s, breaks) for number in range(1, seats + 1)]
    plans += [_relief(draws, seats + number, length_s) for number in range(1, relief + 1)]
    plan = DayPlan(
        scenario,
        mode,
        length_s,
        LINES_A_SEAT * seats if lines is None else lines,
        tuple(plans),
        turns=tuple(turns),
        drift=drift,
        hints=hints,
        levers=levers,
        seed=seed,
        ring_limit_s=max(RING_LIMIT_S, scenario.no_answer_s),
    )
    return plan if hard is None else _hard_day(hard).bend(plan)


def _hard_day(name: str) -> HardDay:
    days = hard_days()
    if name not in days:
        raise KnownError(f"There is no hard day {name!r}; choose one of {', '.join(days)}.")
    return days[name]


def _seat(draws: Draws, number: int, length_s: float, breaks: int) -> SeatPlan:
    arrives, odd, which, how_much, pauses, *_ = draws.row(number, 0)
    comes_s = arrives * min(LOG_IN_WITHIN_S, length_s / 10)
    goes_s = length_s
    if odd < ODD_SHARE:
        by_s = how_much * min(ODD_S, length_s / 5)
        if which < 0.5:
            comes_s += by_s
        else:
            goes_s -= by_s
    plan = SeatPlan(number, comes_s, goes_s)
    rests = [_break(draws, plan, index, breaks, length_s) for index in range(breaks)]
    most = round(4 * length_s / FULL_DAY_S)
    for index in range(sum(u < pauses for u in _steps(most))):
        rests.append(_pause(draws, plan, index))
    return replace(plan, rests=tuple(sorted(rests, key=lambda rest: rest.at_s)))


def _steps(most: int) -> list[float]:
    """Thresholds that make 0 to `most` pauses from one uniform number, half of that on average."""
    return [(index + 0.5) / most for index in range(most)] if most else []


def _break(draws: Draws, seat: SeatPlan, index: int, breaks: int, length_s: float) -> Rest:
    where, long, said, ahead, *_ = draws.row(seat.number, 10 + index)
    share = (index + 0.75 + 0.5 * where) / (breaks + 0.5)
    rest_s = BREAK_S[0] + (BREAK_S[1] - BREAK_S[0]) * long
    if breaks == 3 and index == 1:
        rest_s = LONG_BREAK_S
    at_s = seat.comes_s + share * (seat.goes_s - seat.comes_s)
    return Rest(at_s, rest_s * min(1.0, length_s / FULL_DAY_S), _announced(said, ahead))


def _pause(draws: Draws, seat: SeatPlan, index: int) -> Rest:
    where, long, said, ahead, *_ = draws.row(seat.number, 50 + index)
    at_s = seat.comes_s + (0.03 + 0.94 * where) * (seat.goes_s - seat.comes_s)
    return Rest(at_s, PAUSE_S[0] + (PAUSE_S[1] - PAUSE_S[0]) * long, _announced(said, ahead))


def _announced(said: float, ahead: float) -> float | None:
    if said < _SURPRISE:
        return None
    return 0.0 if said < _AFTER_CALL else AHEAD_S[0] + (AHEAD_S[1] - AHEAD_S[0]) * ahead


def _relief(draws: Draws, number: int, length_s: float) -> SeatPlan:
    """A supervisor: there all day but for two meetings of 20 to 30 minutes."""
    first, long, second, longer, *_ = draws.row(number, 100)
    scale = min(1.0, length_s / FULL_DAY_S)
    rests = (
        Rest((0.15 + 0.25 * first) * length_s, (1200.0 + 600.0 * long) * scale, 0.0),
        Rest((0.55 + 0.25 * second) * length_s, (1200.0 + 600.0 * longer) * scale, 0.0),
    )
    return SeatPlan(number, 0.0, length_s, rests, is_relief=True)
