"""The published targets beside what was measured: met, not met or not measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from app.pacing import targets
from app.pacing.figures import Range, Row, is_over
from app.pacing.work import MEMORY_DAY, DayFigures

Rows = Mapping[tuple[str, int, str], Row]


class Verdict(msgspec.Struct, frozen=True):
    """One promise: `wanted` and `measured` in `unit`; `is_met` null where it was not measured."""

    target: int
    what: str
    scenario: str
    seats: int
    unit: str
    wanted: float
    is_most: bool  # wanted at most, else at least
    measured: Range | None
    is_met: bool | None


def verdicts_of(rows: Iterable[Row], days: Sequence[DayFigures]) -> list[Verdict]:
    """All promises that bear on the scenarios and floors that were asked for."""
    rows = list(rows)
    table = {(row.scenario, row.seats, row.entrant): row for row in rows}
    floors = list(dict.fromkeys((row.scenario, row.seats) for row in rows))
    found: list[Verdict] = []
    for scenario, seats in floors:
        found += _without_levers(table, scenario, seats)
    for scenario, seats in floors:
        found += _with_hints(table, scenario, seats)
    for scenario, seats in floors:
        found += _with_relief(table, scenario, seats)
    found += _hard_days([day for day in days if day.hard and day.hard != MEMORY_DAY])
    found += _costs(days)
    return found


def _at_least(
    target: int, what: str, wanted: float, measured: Range | None, floor: tuple[str, int]
) -> Verdict:  # fmt: skip
    met = None if measured is None else measured.mean >= wanted - 1e-12
    return Verdict(target, what, *floor, "%", wanted, False, measured, met)


def _at_most(
    target: int, what: str, unit: str, wanted: float, measured: Range | None,
    floor: tuple[str, int],
) -> Verdict:  # fmt: skip
    met = None if measured is None else measured.mean <= wanted + 1e-12
    return Verdict(target, what, *floor, unit, wanted, True, measured, met)


def _per_cent(figure: Range | None) -> Range | None:
    if figure is None:
        return None
    low = None if figure.low is None else 100.0 * figure.low
    high = None if figure.high is None else 100.0 * figure.high
    return Range(100.0 * figure.mean, low, high)


def _within_the_law(target: int, row: Row | None, floor: tuple[str, int]) -> Iterator[Verdict]:
    cap = 100.0 * targets.ABANDONED_CAP
    lost = _per_cent(row.abandoned) if row else None
    yield _at_most(target, "abandoned, all days", "%", cap, lost, floor)
    within = None
    if row is not None:
        over = row.days_over_share
        low, high = over.low or 0.0, 1.0 if over.high is None else over.high
        within = Range(100.0 * (1.0 - over.mean), 100.0 * (1.0 - high), 100.0 * (1.0 - low))
    wanted = 100.0 * targets.DAYS_WITHIN_CAP
    yield _at_least(target, "days within 3 %", wanted, within, floor)


def _without_levers(rows: Rows, scenario: str, seats: int) -> Iterator[Verdict]:
    known = targets.BEST_KNOWN.get(scenario, {}).get(seats)
    if known is None:
        return
    row = rows.get((scenario, seats, "predictive"))
    wanted = known.best + 100.0 * targets.ABOVE_BEST
    floor = (scenario, seats)
    reached = _per_cent(row.utilisation) if row else None
    yield _at_least(1, "utilisation without levers", wanted, reached, floor)
    yield from _within_the_law(1, row, floor)


def _with_hints(rows: Rows, scenario: str, seats: int) -> Iterator[Verdict]:
    row = rows.get((scenario, seats, "hints"))
    wanted = targets.HINTS_SMALL if seats <= targets.SMALL_FLOOR else targets.HINTS_LARGE
    gain = _per_cent(row.gain) if row else None
    floor = (scenario, seats)
    yield _at_least(2, "points gained by hints", 100.0 * wanted, gain, floor)
    yield from _within_the_law(2, row, floor)


def _with_relief(rows: Rows, scenario: str, seats: int) -> Iterator[Verdict]:
    wanted = targets.WITH_RELIEF.get(seats)
    if wanted is None:
        return
    row = rows.get((scenario, seats, "relief"))
    floor = (scenario, seats)
    reached = _per_cent(row.utilisation) if row else None
    yield _at_least(3, "utilisation with all levers and relief", wanted, reached, floor)
    yield from _within_the_law(3, row, floor)


def _hard_days(days: Sequence[DayFigures]) -> Iterator[Verdict]:
    """The worst of all hard days for each of our pacers on each kind of day."""
    ours = ("predictive", "levers")
    kinds = list(dict.fromkeys((day.hard, day.seats) for day in days if day.entrant in ours))
    if not kinds:
        cap = 100.0 * targets.HARD_DAY_CAP
        yield _at_most(4, "hard days, worst running share", "%", cap, None, ("", 0))
    for hard, seats in kinds:
        those = [d for d in days if d.hard == hard and d.seats == seats and d.entrant in ours]
        worst = _exactly(100.0 * max(day.highest_rate for day in those))
        over = _exactly(float(sum(map(is_over, those))))
        floor = (hard, seats)
        cap = 100.0 * targets.HARD_DAY_CAP
        yield _at_most(4, "hard day, worst running share", "%", cap, worst, floor)
        yield _at_most(4, "hard days that ended over 3 %", f"of {len(those)}", 0.0, over, floor)


def _exactly(value: float) -> Range:
    return Range(value, None, None)


def _costs(days: Sequence[DayFigures]) -> Iterator[Verdict]:
    largest = [day for day in days if day.seats == targets.LARGEST_FLOOR and not day.hard]
    dialled = [day for day in largest if day.entrant in ("predictive", "hints", "levers", "relief")]
    decides = sum(day.decides for day in dialled)
    mean = worst = grown = None
    if decides:
        mean = _exactly(sum(day.decide_mean_us * day.decides for day in dialled) / decides)
        worst = _exactly(max(day.decide_worst_us for day in dialled))
    traced = [day.pacer_grew_mb for day in days if day.pacer_grew_mb is not None]
    if traced:
        grown = _exactly(max(traced))
    floor = ("", targets.LARGEST_FLOOR)
    yield _at_most(5, "decide, mean", "µs", targets.DECIDE_MEAN_US, mean, floor)
    yield _at_most(5, "decide, worst", "µs", targets.DECIDE_WORST_US, worst, floor)
    for name, most in (
        ("progressive", targets.DAY_PROGRESSIVE_S),
        ("predictive", targets.DAY_PREDICTIVE_S),
    ):
        times = [
            day.seconds * 8.0 / day.hours
            for day in largest
            if day.entrant == name and day.pacer_grew_mb is None
        ]
        took = _exactly(sum(times) / len(times)) if times else None
        yield _at_most(5, f"a simulated day, {name}", "s", most, took, floor)
    flat = targets.MEMORY_FLAT_MB
    yield _at_most(5, "memory of the pacer, 2nd hour to the end", "MB", flat, grown, floor)
