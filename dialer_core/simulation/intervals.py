"""How sure a figure of a few days is: 95 % intervals of means, ratios and paired differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)
# Student's t, two-sided 95 %, for 1 to 10 degrees of freedom: where the expansion is too coarse.
_FEW = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its two-sided 95 % interval, and of how many days it is.

    Of one day there is no interval: `low` and `high` are minus and plus infinity then, and all
    three are NaN of no day.
    """

    mean: float
    low: float
    high: float
    days: int

    @property
    def half(self) -> float:
        """Half the width."""
        return (self.high - self.low) / 2.0

    def scaled(self, factor: float) -> Interval:
        """The same in another unit; `factor` is above zero."""
        return Interval(self.mean * factor, self.low * factor, self.high * factor, self.days)


NO_DAY = Interval(math.nan, math.nan, math.nan, 0)


def t_quantile(freedom: int) -> float:
    """Student's t below which 97.5 % lie.

    A table for few degrees of freedom, then Cornish and Fisher's expansion in 1 / freedom
    (Abramowitz and Stegun 26.7.5), exact to four figures. ValueError below 1.
    """
    if freedom < 1:
        raise ValueError(f"{freedom} degrees of freedom")
    if freedom <= len(_FEW):
        return _FEW[freedom - 1]
    z, n = _Z, float(freedom)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / n + second / n**2 + third / n**3


def mean_of(values: Sequence[float]) -> Interval:
    """The mean of independent days with its t-interval."""
    days = len(values)
    if not days:
        return NO_DAY
    mean = math.fsum(values) / days
    if days == 1:
        return Interval(mean, -math.inf, math.inf, 1)
    variance = math.fsum((value - mean) ** 2 for value in values) / (days - 1)
    half = t_quantile(days - 1) * math.sqrt(variance / days)
    return Interval(mean, mean - half, mean + half, days)


def ratio_of(parts: Sequence[float], wholes: Sequence[float]) -> Interval:
    """Sum of parts over sum of wholes, days being the units that vary (linearised ratio).

    Source: W. G. Cochran, "Sampling Techniques", 6.4. ValueError where the lengths differ; NO_DAY
    where the wholes come to nothing.
    """
    if len(parts) != len(wholes):
        raise ValueError(f"{len(parts)} parts of {len(wholes)} wholes")
    days, whole = len(wholes), math.fsum(wholes)
    if whole <= 0:
        return NO_DAY
    ratio = math.fsum(parts) / whole
    if days == 1:
        return Interval(ratio, -math.inf, math.inf, 1)
    squares = math.fsum((a - ratio * b) ** 2 for a, b in zip(parts, wholes, strict=True))
    half = t_quantile(days - 1) * math.sqrt(squares * days / (days - 1)) / whole
    return Interval(ratio, max(0.0, ratio - half), ratio + half, days)


def difference_of(values: Sequence[float], others: Sequence[float]) -> Interval:
    """The mean of `values` less `others`, day by day (paired: the same days for both).

    ValueError where the lengths differ.
    """
    if len(values) != len(others):
        raise ValueError(f"{len(values)} days against {len(others)}")
    return mean_of([a - b for a, b in zip(values, others, strict=True)])
