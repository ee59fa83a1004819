"""What the outside is like at a moment of the day: drift and turns."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from dialer_core.simulation.day import Turn

CALM = Turn(0.0)


class Climate:
    """The turns of a day, and how the shares that answer drift over it."""

    def __init__(
        self, turns: Sequence[Turn], *, drift: float = 0.0, length_s: float = 28800.0, phase: float
    ) -> None:
        self._turns = (CALM, *sorted(turns, key=lambda turn: turn.at_s))
        self._starts = [-math.inf, *(turn.at_s for turn in self._turns[1:])]
        self._drift = drift
        self._length_s = length_s
        self._phase = phase

    def turn(self, at_s: float) -> Turn:
        """The turn that holds at that moment."""
        return self._turns[bisect_right(self._starts, at_s) - 1]

    def drift(self, at_s: float) -> float:
        """The factor of the shares that answer, without the turns: around one."""
        if not self._drift:
            return 1.0
        return 1.0 + self._drift * math.sin(math.tau * (at_s / self._length_s + self._phase))
