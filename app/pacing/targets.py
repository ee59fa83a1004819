"""What the pacer is measured against: published figures and promises, never results."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

ABANDONED_CAP = 0.03  # of people who answered, on each day
DAYS_WITHIN_CAP = 0.95  # share of single days that must be within it
ABOVE_BEST = 0.005  # target 1: so much more utilisation than the best known
HINTS_SMALL, HINTS_LARGE = 0.02, 0.01  # target 2: what the hints must be worth
SMALL_FLOOR = 5  # up to so many seats a floor is small
HARD_DAY_CAP = 0.04  # target 4
DECIDE_MEAN_US, DECIDE_WORST_US = 150.0, 5000.0  # target 5
DAY_PROGRESSIVE_S, DAY_PREDICTIVE_S = 2.0, 10.0
LARGEST_FLOOR = 20
MEMORY_FLAT_MB = 1.0  # what the pacer itself may grow from the second hour to the last


class BestKnown(NamedTuple):
    """Utilisation in per cent: one call per free seat, and the best known without new levers."""

    progressive: float
    best: float


_N = (3, 5, 10, 15, 20)


def _column(*pairs: tuple[float, float]) -> Mapping[int, BestKnown]:
    return MappingProxyType({n: BestKnown(*pair) for n, pair in zip(_N, pairs, strict=True)})


# On-line dynamic programming, 2.7 to 3.1 % abandoned over ten days of eight hours.
BEST_KNOWN: Mapping[str, Mapping[int, BestKnown]] = MappingProxyType(
    {
        "b2c_cold": _column((69.9, 74.7), (69.7, 77.1), (69.9, 81.6), (69.9, 84.5), (70.0, 86.6)),
        "b2b_warm": _column((84.4, 85.7), (84.3, 86.4), (84.4, 87.6), (84.4, 88.9), (84.5, 89.9)),
        "low_answer": _column((48.4, 62.5), (49.4, 68.7), (49.6, 77.7), (49.7, 81.8), (49.5, 84.3)),
        "short_talk": _column((49.4, 58.5), (49.6, 63.8), (49.7, 72.9), (49.6, 78.5), (49.6, 82.0)),
        "long_tail": _column((83.4, 85.4), (83.9, 87.0), (83.8, 88.6), (83.8, 89.9), (83.9, 90.2)),
    }
)
# Target 3: with parked wrap-up and a relief seat.
WITH_RELIEF: Mapping[int, float] = MappingProxyType({3: 80.0, 5: 85.0, 10: 90.0, 20: 95.0})
