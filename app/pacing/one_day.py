"""`callfloor simulate`: one day of a floor, told on the terminal and kept as JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from app.errors import UsageError
from app.pacing import asked
from app.pacing.crew import progress_bar
from app.pacing.entrants import HINTS, NO_HINTS
from app.pacing.report import write
from app.pacing.work import day_of
from dialer_core.model.levers import NO_LEVERS, OFFICE_LEVERS, Levers
from dialer_core.model.states import Mode
from dialer_core.simulation.day import DayPlan
from dialer_core.simulation.floor import SimulatedFloor
from dialer_core.simulation.result import DayResult

STOPPED = 130
SEATS, HOURS = 5, 8.0
SLICES = 200  # looks at the time during a day
ROW_S = 1800.0
_BARS = " ▁▂▃▄▅▆▇█"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DayOptions:
    """The words of the command line as they came."""

    scenario: str = "b2c_cold"
    seats: int | None = None  # else the file's, or 5
    mode: str = "predictive"
    hours: float | None = None  # else the file's, or 8
    seed: int = 1
    levers: str = "office"
    hard: str = ""
    json_file: Path | None = None


def run_one_day(options: DayOptions) -> int:
    """Simulate the day, tell it, and return the exit status."""
    plan = plan_of(options)
    err = Console(stderr=True)
    with progress_bar("Simulating", 1.0, err) as done:
        result, is_complete = passed(plan, done)
    if options.json_file is not None:
        words = {"is_complete": is_complete, "seed": plan.seed, **result.to_dict()}
        text = msgspec.json.format(msgspec.json.encode(words), indent=1).decode()
        write(options.json_file, text + "\n")
    tell(result, Console(highlight=False))
    if not is_complete:
        err.print("Stopped before the end of the day.", highlight=False)
        return STOPPED
    return 0


def plan_of(options: DayOptions) -> DayPlan:
    """The day that the words ask for; UsageError for words that make no sense."""
    ground = asked.scenario_of(options.scenario)
    day = ground.day
    seats = options.seats if options.seats is not None else day.seats or SEATS
    if not 1 <= seats <= asked.MOST_SEATS:
        raise UsageError(f"--seats takes 1 to {asked.MOST_SEATS}, not {seats}.")
    hours = options.hours if options.hours is not None else day.hours or HOURS
    return day_of(
        ground,
        seats,
        Mode(options.mode),
        options.seed,
        hours=asked.hours_of(hours),
        hints=NO_HINTS if options.levers == "off" else HINTS,
        levers=levers_of(options.levers),
        hard=asked.hard_named(options.hard),
    )


def levers_of(word: str) -> Levers:
    """ "off", "office" (a new campaign's) or "all"; UsageError otherwise."""
    known = {"off": NO_LEVERS, "office": OFFICE_LEVERS, "all": Levers()}
    if word not in known:
        raise UsageError(f"--levers takes {', '.join(known)}, not {word!r}.")
    return known[word]


def passed(plan: DayPlan, done: Callable[[float], None]) -> tuple[DayResult, bool]:
    """Let the day pass in slices; after Ctrl-C the day up to then, and False."""
    floor = SimulatedFloor(plan)
    step_s = plan.length_s / SLICES
    try:
        for number in range(1, SLICES + 1):
            floor.kernel.run_until(number * step_s)
            done(1.0 / SLICES)
    except KeyboardInterrupt:
        return floor.tally.result(floor.dialler.overdialled, floor.kernel.now_s), False
    return floor.run(), True


def tell(result: DayResult, console: Console) -> None:
    """The day in a few lines, a picture of it in bars, and half hours in a table."""
    seats = f"{result.seats} seat" + ("s" if result.seats != 1 else "")
    console.print(
        f"{result.scenario}, {seats}, {result.mode.value}, {result.length_s / 3600:g} h: "
        f"utilisation {100 * result.utilisation:.1f} %, abandoned "
        f"{100 * result.abandoned_rate:.2f} % ({result.people_abandoned} of "
        f"{result.people_live} people), {result.dials} dials",
        soft_wrap=True,
    )
    console.print(
        f"wait between conversations {result.seat_wait_mean_s:.0f} s, 95th percentile "
        f"{result.seat_wait_p95_s:.0f} s; {result.parked} wrap-ups parked",
        soft_wrap=True,
    )
    series = result.series
    for name, words in (("talking", "talking"), ("idle", "waiting"), ("ringing", "lines ringing")):
        console.print(f"{words:>14}  {bars(series[name])}")
    console.print(half_hours(result))


def bars(values: Floats, width: int = 64) -> str:
    """One line of bars, as high as the highest value."""
    if not len(values):
        return ""
    parts = np.array_split(values, min(width, len(values)))
    means = [float(part.mean()) for part in parts]
    top = max(means)
    last = len(_BARS) - 1
    return "".join(_BARS[math.ceil(last * mean / top)] if top > 0 else " " for mean in means)


def half_hours(result: DayResult) -> Table:
    """Half an hour a row: who did what, and how many people were met and lost."""
    table = Table("until", "talking", "wrap-up", "waiting", "ringing", "dials", "met", "lost")
    series = result.series
    ends = series["minute"]
    lost_before = 0.0
    for first, last in _halves(ends):
        part = slice(first, last + 1)
        lost = float(series["abandoned"][last])
        table.add_row(
            f"{int(ends[last] // 3600)}:{int(ends[last] % 3600 // 60):02d}",
            *(f"{series[name][part].mean():.1f}" for name in _LEVELS),
            *(f"{series[name][part].sum():.0f}" for name in ("dials", "connected")),
            f"{lost - lost_before:.0f}",
        )
        lost_before = lost
    return table


_LEVELS = ("talking", "wrapping", "idle", "ringing")


def _halves(ends: Floats) -> Sequence[tuple[int, int]]:
    """First and last minute of each half hour."""
    found: list[tuple[int, int]] = []
    first = 0
    for place, end in enumerate(ends):
        if end % ROW_S == 0 or place == len(ends) - 1:
            found.append((first, place))
            first = place + 1
    return found
