"""How much of a sound lies at given frequencies: a bank of Goertzel filters.

Goertzel's recurrence (1958) gives one frequency's share of a block. Here the filters of all
wanted frequencies run at once as one matrix product, under a Hann window of 40 ms that moves on
by 20 ms: neighbours 50 Hz away still count to a tone (a pair such as 400 + 450 Hz is one hump),
and a tone between two filters is not lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from sip.detection.levels import SILENCE_DBFS, Sound, dbfs

FRAME_MS: Final = 20
FRAME_S: Final = FRAME_MS / 1000
WINDOW_FRAMES: Final = 2
STEP_HZ: Final = 25
"""Between filters: one over the window's length, as the interpolation wants it."""


class Bank:
    """Filters at each of the `spans` (first and last Hz, multiples of 25), for frames of 20 ms.

    `hear` takes the next frame; then `power` holds the mean square at each filter (that of a tone
    is spread over five of them), `level_dbfs` and `mean_square` that of the whole window.
    """

    def __init__(self, clock_rate: int, spans: Sequence[tuple[int, int]]) -> None:
        if clock_rate < 8000 or clock_rate % 1000:
            raise ValueError(f"clock rate {clock_rate} Hz; whole kHz from 8000 on are possible")
        self.n_frame = clock_rate * FRAME_MS // 1000
        n_window = self.n_frame * WINDOW_FRAMES
        hertz: list[int] = []
        self._start_of: dict[int, int] = {}
        for first, last in spans:
            if first % STEP_HZ or last % STEP_HZ:
                raise ValueError(f"{first} to {last} Hz: multiples of {STEP_HZ} Hz are wanted")
            self._start_of[first] = len(hertz)
            hertz += range(first, last + 1, STEP_HZ)
        self.hertz = np.array(hertz)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(n_window) + 0.5) / n_window)
        self._energy_scale = 1.0 / float(window @ window)
        angles = 2 * np.pi * np.outer(self.hertz, np.arange(n_window)) / clock_rate
        waves = np.concatenate([np.cos(angles), -np.sin(angles)]) * window
        scale = math.sqrt(2.0 * self._energy_scale / n_window)
        self._waves = (waves * scale).astype(np.float32)
        self._window = window.astype(np.float32)
        self._block = np.zeros(n_window, dtype=np.float32)
        self._parts = np.zeros(2 * len(hertz), dtype=np.float32)
        self.power: Sound = np.zeros(len(hertz), dtype=np.float32)
        self.mean_square = 0.0
        self.level_dbfs = SILENCE_DBFS

    def span(self, first_hz: int, last_hz: int) -> slice:
        """Where the filters of a span (or of a part of one) stand in `power`."""
        start = next(
            at + (first_hz - first) // STEP_HZ
            for first, at in sorted(self._start_of.items(), reverse=True)
            if first <= first_hz
        )
        return slice(start, start + (last_hz - first_hz) // STEP_HZ + 1)

    def hear(self, sound: Sound, least_dbfs: float = SILENCE_DBFS) -> bool:
        """Take the next frame; False (and no powers) if the window is quieter than asked for."""
        n = self.n_frame
        block = self._block
        block[:n] = block[n:]
        block[n:] = sound
        seen = block * self._window
        self.mean_square = float(seen @ seen) * self._energy_scale
        self.level_dbfs = dbfs(self.mean_square)
        if self.level_dbfs < least_dbfs:
            return False
        np.dot(self._waves, block, out=self._parts)
        squares = self._parts * self._parts
        self.power = squares[: len(self.hertz)] + squares[len(self.hertz) :]
        return True

    def amplitude(self, index: int) -> complex:
        """The filter's complex output for the last window."""
        return complex(self._parts[index], self._parts[index + len(self.hertz)])

    def peak_hz(self, index: int) -> float:
        """The frequency of a single tone whose strongest filter is `index`.

        Between filters by the ratio of neighbours, exact for a Hann window: (2 r - 1) / (r + 1).
        """
        power = self.power
        left = float(power[index - 1]) if self._is_neighbour(index - 1, index) else 0.0
        right = float(power[index + 1]) if self._is_neighbour(index, index + 1) else 0.0
        here = float(power[index])
        if here <= 0.0:
            return float(self.hertz[index])
        ratio = math.sqrt(max(left, right) / here)
        shift = min(0.5, max(-0.5, (2.0 * ratio - 1.0) / (ratio + 1.0)))
        return float(self.hertz[index]) + STEP_HZ * (shift if right >= left else -shift)

    def _is_neighbour(self, left: int, right: int) -> bool:
        if left < 0 or right >= len(self.hertz):
            return False
        return int(self.hertz[right] - self.hertz[left]) == STEP_HZ
