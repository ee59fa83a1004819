"""Many days to one row: means, shares and differences with their intervals."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from app.pacing.entrants import ENTRANTS
from app.pacing.targets import ABANDONED_CAP
from app.pacing.work import DayFigures
from dialer_core.rules.abandonment import wilson
from dialer_core.simulation.intervals import Interval, difference_of, mean_of, ratio_of

Key = tuple[str, int, str]  # scenario, seats, entrant


class Range(msgspec.Struct, frozen=True):
    """A figure with its 95 % interval; null bounds: one day has none."""

    mean: float
    low: float | None
    high: float | None

    @property
    def half(self) -> float | None:
        """Half the width of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2.0


class Row(msgspec.Struct, frozen=True):
    """One pacer on one floor of one scenario.

    Shares as fractions; `abandoned` over all days together, people only; `days_over` of single
    days above the cap, with Wilson's interval; `gain` in utilisation over the same days of
    `against`.
    """

    scenario: str
    seats: int
    entrant: str
    days: int
    utilisation: Range
    abandoned: Range
    days_over: int
    days_over_share: Range
    wait_mean_s: Range
    wait_p95_s: Range
    dials_per_connect: Range
    parked_a_seat_hour: Range
    decide_mean_us: float
    decide_worst_us: float
    decides: int
    decides_slow: int
    seconds_a_day: Range
    against: str = ""
    gain: Range | None = None
    gain_over_progressive: Range | None = None


def range_of(interval: Interval) -> Range:
    """The interval in the form that JSON can hold: it has no infinity."""
    is_open = not (math.isfinite(interval.low) and math.isfinite(interval.high))
    return Range(
        interval.mean if math.isfinite(interval.mean) else 0.0,
        None if is_open else interval.low,
        None if is_open else interval.high,
    )


def rows_of(days: Iterable[DayFigures]) -> list[Row]:
    """One row for each scenario, floor and entrant, in the order of the entrants."""
    groups: dict[Key, dict[int, DayFigures]] = defaultdict(dict)
    for day in days:
        if not day.hard:
            groups[(day.scenario, day.seats, day.entrant)][day.seed] = day
    scenarios = list(dict.fromkeys(key[0] for key in groups))
    order = {name: place for place, name in enumerate(ENTRANTS)}
    keys = sorted(
        groups, key=lambda key: (scenarios.index(key[0]), key[1], order.get(key[2], len(order)))
    )
    return [_row(key, groups) for key in keys]


def is_over(day: DayFigures) -> bool:
    """Whether more people met nobody on that day than the law allows; exact at the boundary."""
    people = day.people_connected + day.people_abandoned
    return day.people_abandoned > ABANDONED_CAP * people + 1e-9


def _row(key: Key, groups: Mapping[Key, Mapping[int, DayFigures]]) -> Row:
    scenario, seats, entrant = key
    by_seed = groups[key]
    days = [by_seed[seed] for seed in sorted(by_seed)]
    lost = [float(day.people_abandoned) for day in days]
    people = [float(day.people_connected + day.people_abandoned) for day in days]
    connected = [float(day.people_connected) for day in days]
    over = sum(map(is_over, days))
    decides = sum(day.decides for day in days)
    spent_us = math.fsum(day.decide_mean_us * day.decides for day in days)
    against = ENTRANTS[entrant].against if entrant in ENTRANTS else ""

    def mean(figure: Callable[[DayFigures], float]) -> Range:
        return range_of(mean_of([figure(day) for day in days]))

    return Row(
        scenario=scenario,
        seats=seats,
        entrant=entrant,
        days=len(days),
        utilisation=mean(lambda day: day.utilisation),
        abandoned=_abandoned(lost, people),
        days_over=over,
        days_over_share=Range(over / len(days), *wilson(over, len(days))),
        wait_mean_s=mean(lambda day: day.wait_mean_s),
        wait_p95_s=mean(lambda day: day.wait_p95_s),
        dials_per_connect=range_of(ratio_of([float(day.dials) for day in days], connected)),
        parked_a_seat_hour=range_of(
            ratio_of([float(day.parked) for day in days], [day.worked_s / 3600.0 for day in days])
        ),
        decide_mean_us=spent_us / decides if decides else 0.0,
        decide_worst_us=max(day.decide_worst_us for day in days),
        decides=decides,
        decides_slow=sum(day.decides_slow for day in days),
        seconds_a_day=mean(lambda day: day.seconds),
        against=against,
        gain=_gain(by_seed, groups.get((scenario, seats, against))),
        gain_over_progressive=_gain(by_seed, groups.get((scenario, seats, "progressive"))),
    )


def _abandoned(lost: Sequence[float], people: Sequence[float]) -> Range:
    """Of all days together; where nobody was lost the days do not vary, but the people may."""
    if not any(lost):
        return Range(0.0, *wilson(0, round(sum(people))))
    return range_of(ratio_of(lost, people))


def _gain(days: Mapping[int, DayFigures], others: Mapping[int, DayFigures] | None) -> Range | None:
    """Utilisation beyond that of the same days, seed by seed; None where there are none."""
    seeds: Sequence[int] = sorted(set(days) & set(others or ()))
    if not seeds or others is None or others is days:
        return None
    ours = [days[seed].utilisation for seed in seeds]
    return range_of(difference_of(ours, [others[seed].utilisation for seed in seeds]))
