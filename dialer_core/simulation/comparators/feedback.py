"""A factor that follows the share of lost answers: the feedback of the older pacing rules."""

from __future__ import annotations

import math
from collections.abc import Iterable


class Feedback:
    """Integral control on the logarithm of a factor, one step an answer.

    Up by gain x target for an answer that met a seat, down by gain x (1 - target) for a lost one:
    it rests where the share of lost ones is the target. The factor
    begins at `start` and stays within `low` and `high`.
    """

    def __init__(
        self, target: float, gain: float, low: float, high: float, start: float = 1.0
    ) -> None:
        self._target = target
        self._gain = gain
        self._low, self._high = math.log(low), math.log(high)
        self._log = math.log(start)

    @property
    def factor(self) -> float:
        """The factor now."""
        return math.exp(self._log)

    def take(self, outcomes: Iterable[bool]) -> None:
        """New answers: was it lost?"""
        for was_lost in outcomes:
            step = self._gain * (self._target - was_lost)
            self._log = min(max(self._log + step, self._low), self._high)
