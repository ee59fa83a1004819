"""Whether the floor's lines are what agents wait for; of a moment nothing is said."""

from __future__ import annotations

import math
from typing import Final

FADE_S: Final = 30.0  # of what was seen, by a factor of e
TOLD: Final = 0.6  # share of the time, from which on it is said
OVER: Final = 0.2  # and below which no more
SENTENCE: Final = (
    "All {lines} lines are taken while agents wait: with two or three lines for each seat, and as "
    "many channels, the dialler can call ahead (Settings, Trunk of the floor)."
)


class LineShortage:
    """Looks at the floor again and again, at moments that need not be even."""

    def __init__(self) -> None:
        self._share = 0.0
        self._looked_s: float | None = None
        self._was_short = False
        self._is_told = False

    def look(self, lines: int, in_use: int, free_seats: int, now_s: float) -> str:
        """The sentence while lines have been short for most of the time; else ""."""
        if self._looked_s is not None:
            fades = math.exp(-max(0.0, now_s - self._looked_s) / FADE_S)
            self._share = self._share * fades + (1.0 - fades) * self._was_short
        self._looked_s = now_s
        self._was_short = free_seats > 0 and in_use >= lines > 0
        self._is_told = self._share >= (OVER if self._is_told else TOLD)
        return SENTENCE.format(lines=lines) if self._is_told and lines else ""
