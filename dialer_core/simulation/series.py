"""A day minute by minute, gathered at changes of state rather than by looking each second."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

MINUTE_S = 60.0
LEVELS = ("talking", "idle", "wrapping", "paused", "relief", "ringing")  # means of the minute
COUNTS = ("dials", "answered", "connected")  # in the minute
SUMS = ("abandoned",)  # since the start of the day, at the end of the minute


class Series:
    """Levels, counts and running sums of each minute of a day."""

    def __init__(self, length_s: float) -> None:
        self._minutes = max(1, math.ceil(length_s / MINUTE_S))
        self._length_s = length_s
        self._rows = {name: [0.0] * self._minutes for name in (*LEVELS, *COUNTS, *SUMS)}

    def spread(self, name: str, since_s: float, until_s: float) -> None:
        """Something of this level lasted from one moment to another (seconds of the day)."""
        row = self._rows[name]
        minute = int(since_s // MINUTE_S)
        while since_s < until_s and minute < self._minutes:
            edge_s = min(until_s, (minute + 1) * MINUTE_S)
            row[minute] += edge_s - since_s
            since_s = edge_s
            minute += 1

    def count(self, name: str, at_s: float) -> None:
        """Something happened at that moment."""
        self._rows[name][min(int(at_s // MINUTE_S), self._minutes - 1)] += 1

    def result(self) -> Mapping[str, npt.NDArray[np.float64]]:
        """One array a name, one value a minute; `minute` is the end of each in seconds."""
        ends = np.minimum((np.arange(self._minutes) + 1) * MINUTE_S, self._length_s)
        lengths = np.diff(ends, prepend=0.0)
        arrays = {"minute": ends}
        for name, row in self._rows.items():
            values = np.array(row)
            if name in LEVELS:
                values = values / lengths
            elif name in SUMS:
                values = np.cumsum(values)
            arrays[name] = values
        return arrays
