"""A replay's figures side by side: recorded, as it was, with another setting."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import msgspec

from dialer_core.simulation.intervals import difference_of, t_quantile
from dialer_core.simulation.replay import Figures


class Range(msgspec.Struct, frozen=True):
    """A mean over the seeds with the limits between which 95 % of single days lie."""

    mean: float
    low: float
    high: float


class Difference(msgspec.Struct, frozen=True):
    """The mean paired difference over the seeds with the 95 % interval of that mean."""

    mean: float
    low: float
    high: float


class Row(msgspec.Struct, frozen=True):
    """One figure: `off_by` is what the replay as it was differs from the record."""

    name: str
    unit: str
    recorded: float
    as_it_was: Range
    off_by: float
    other: Range | None = None
    difference: Difference | None = None


class Comparison(msgspec.Struct, frozen=True):
    """Everything that a replay says, as JSON; shares as fractions, times in seconds."""

    campaign: str
    day: str
    seeds: int
    settings: str
    rows: list[Row]
    over_cap_recorded: bool
    over_cap_as_it_was: float  # share of the seeds
    over_cap_other: float | None
    calls: float  # of a replay with the setting, on average over the seeds
    calls_drawn: float
    calls_guessed: float
    abandoned_by_law: float
    cautions: list[str]


@dataclass(frozen=True, slots=True)
class _Figure:
    name: str
    unit: str
    of: Callable[[Figures], float]


_FIGURES = (
    _Figure("Utilisation", "%", lambda one: one.utilisation),
    _Figure("Abandoned (people)", "%", lambda one: one.abandoned_rate),
    _Figure("Agent waits, mean", "s", lambda one: one.seat_wait_mean_s),
    _Figure("Agent waits, 95th percentile", "s", lambda one: one.seat_wait_p95_s),
    _Figure("Answer to agent, 95th percentile", "s", lambda one: one.answer_to_agent_p95_s),
    _Figure("Dials", "", lambda one: float(one.dials)),
    _Figure("People connected", "", lambda one: float(one.people_connected)),
)


def day_range(values: Sequence[float]) -> Range:
    """Where 95 % of such days lie: Student's prediction interval; of one day it is the day."""
    mean = fmean(values)
    if len(values) < 2:
        return Range(mean, mean, mean)
    half = t_quantile(len(values) - 1) * stdev(values) * math.sqrt(1.0 + 1.0 / len(values))
    return Range(mean, mean - half, mean + half)


def compare(
    recorded: Figures, as_it_was: Sequence[Figures], other: Sequence[Figures] | None
) -> list[Row]:
    """The rows of the table; seed by seed the two runs are a pair."""
    return [_row(figure, recorded, as_it_was, other) for figure in _FIGURES]


def _row(
    figure: _Figure,
    recorded: Figures,
    as_it_was: Sequence[Figures],
    other: Sequence[Figures] | None,
) -> Row:
    was = [figure.of(one) for one in as_it_was]
    there = figure.of(recorded)
    found = _at_least_zero(day_range(was))
    row = Row(figure.name, figure.unit, there, found, found.mean - there)
    if other is None:
        return row
    values = [figure.of(one) for one in other]
    paired = difference_of(values, was)
    difference = Difference(paired.mean, paired.low, paired.high)
    if len(values) < 2:
        difference = Difference(paired.mean, paired.mean, paired.mean)
    return msgspec.structs.replace(
        row, other=_at_least_zero(day_range(values)), difference=difference
    )


def _at_least_zero(found: Range) -> Range:
    """No share, time or count lies below zero, whatever the normal law says."""
    return Range(found.mean, max(0.0, found.low), found.high)


def over_cap(figures: Sequence[Figures]) -> float:
    """The share of the seeds on which the day went over its cap."""
    return fmean(one.is_over_cap for one in figures)
