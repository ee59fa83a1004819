"""Whether chances are what they say: of the calls that were given 30 %, 30 % were answered."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dialer_core.pacing.chances.calls import Floats

Interval = Callable[[int, int], tuple[float, float]]  # of a share, from hits and trials

LEAST, MOST = 1e-6, 1.0 - 1e-6


@dataclass(frozen=True, slots=True)
class Bin:
    """Calls with like chances: the mean of those, the share that was answered, its interval."""

    calls: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How good chances were on `calls` calls.

    `brier`: mean square of chance less outcome (Brier 1950), `brier_of_base` that of the average
    given to all, `brier_of_truth` that of the true chances where they are known; `skill`: the share
    of the base's that is saved. `error`: expected calibration error, the mean over the bins, by
    their calls, of |predicted - observed|; `error_by_chance`: what perfect chances would show as
    such an error with so few calls. `slope`, `shift`: of a logistic regression of the outcome on
    the logit of the chance; 1 and 0 are perfect. `inside`: bins whose interval holds what was
    predicted.
    """

    calls: int
    answered: float
    predicted: float
    brier: float
    brier_of_base: float
    brier_of_truth: float | None
    skill: float
    error: float
    error_by_chance: float
    slope: float
    shift: float
    inside: int
    bins: tuple[Bin, ...]


def calibration(
    chances: Floats,
    outcomes: Floats,
    interval: Interval,
    *,
    base: float,
    truth: Floats | None = None,
    bins: int = 10,
) -> Calibration:
    """The reliability of `chances` (0 to 1) against `outcomes` (0 or 1), in bins of equal size.

    `base`: the average of the time before, that everybody would be given without a model.
    ValueError where there is nothing to judge, or lengths differ, or a chance is none.
    """
    if len(chances) == 0 or len(chances) != len(outcomes):
        raise ValueError("as many outcomes as chances are needed, and one at least")
    if not (np.all((chances >= 0) & (chances <= 1)) and np.all(np.isin(outcomes, (0.0, 1.0)))):
        raise ValueError("chances lie between 0 and 1, outcomes are 0 or 1")
    order = np.argsort(chances, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    found = tuple(_bin(chances[part], outcomes[part], interval) for part in parts)
    brier = float(np.mean((chances - outcomes) ** 2))
    of_base = float(np.mean((base - outcomes) ** 2))
    slope, shift = _line(chances, outcomes)
    return Calibration(
        calls=len(chances),
        answered=float(outcomes.mean()),
        predicted=float(chances.mean()),
        brier=brier,
        brier_of_base=of_base,
        brier_of_truth=None if truth is None else float(np.mean((truth - outcomes) ** 2)),
        skill=1.0 - brier / of_base if of_base > 0 else 0.0,
        error=sum(one.calls * abs(one.predicted - one.observed) for one in found) / len(chances),
        error_by_chance=sum(one.calls * _by_chance(one) for one in found) / len(chances),
        slope=slope,
        shift=shift,
        inside=sum(one.low <= one.predicted <= one.high for one in found),
        bins=found,
    )


def _bin(chances: Floats, outcomes: Floats, interval: Interval) -> Bin:
    hits = round(float(outcomes.sum()))
    low, high = interval(hits, len(outcomes))
    return Bin(len(chances), float(chances.mean()), hits / len(outcomes), low, high)


def _by_chance(one: Bin) -> float:
    """The mean distance of a bin's share from a perfect prediction: sqrt(2 / pi) of its spread."""
    return math.sqrt(2.0 / math.pi * one.predicted * (1.0 - one.predicted) / one.calls)


def _line(chances: Floats, outcomes: Floats) -> tuple[float, float]:
    """Slope and intercept (D. R. Cox 1958), held to 1 and 0 by a grain of a prior."""
    inside = np.clip(chances, LEAST, MOST)
    table = np.stack((np.ones(len(chances)), np.log(inside / (1.0 - inside))), axis=1)
    centre, precision = np.array([0.0, 1.0]), np.array([1.0, 1.0])
    effects = centre.copy()
    for _ in range(25):
        share = 1.0 / (1.0 + np.exp(-np.clip(table @ effects, -30.0, 30.0)))
        slope = table.T @ (outcomes - share) - precision * (effects - centre)
        bend = (table * (share * (1.0 - share))[:, None]).T @ table + np.diag(precision)
        step = np.linalg.solve(bend, slope)
        effects = effects + np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max()) < 1e-9:
            break
    return float(effects[1]), float(effects[0])
