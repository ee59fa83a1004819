"""How loud a frame is, and how loud the quiet behind it: adaptive, since no two lines hiss alike.

Levels are in dB below full scale (0 dBFS is a square wave at full swing; a full sine has -3).
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]

SILENCE_DBFS: Final = -90.0
"""What a frame of nothing but zeros is given instead of minus infinity."""
FULL_SCALE: Final = 32768.0
_EMPHASIS: Final = np.float32(0.9)
_LEAST_POWER: Final = FULL_SCALE**2 * 10 ** (SILENCE_DBFS / 10)


def samples(pcm16: bytes) -> Sound:
    """PCM16, little endian, as numbers; an odd last octet is left out."""
    return np.frombuffer(pcm16, dtype="<i2", count=len(pcm16) // 2).astype(np.float32)


def dbfs(power: float) -> float:
    """A mean square as a level."""
    return 10.0 * math.log10(max(power, _LEAST_POWER) / FULL_SCALE**2)


def level_dbfs(sound: Sound) -> float:
    """The level of a stretch of sound; `SILENCE_DBFS` for none."""
    return dbfs(float(sound @ sound) / len(sound)) if len(sound) else SILENCE_DBFS


class SpeechLevel:
    """The level of frame after frame without mains hum: the first difference takes the lows off.

    Speech loses some 5 dB by it, 50 Hz some 20 dB.
    """

    def __init__(self) -> None:
        self._last = np.float32(0.0)

    def of(self, sound: Sound) -> float:
        """The next frame's level in dBFS."""
        if not len(sound):
            return SILENCE_DBFS
        rest = sound.copy()
        rest[1:] -= _EMPHASIS * sound[:-1]
        rest[0] -= _EMPHASIS * self._last
        self._last = sound[-1]
        return level_dbfs(rest)


class NoiseFloor:
    """The quiet behind a voice: the lowest level of the last `memory` frames, each two averaged.

    Minimum statistics (R. Martin, 1994) cut down to what a greeting leaves time for: between
    words and in the stops of consonants even a fast speaker lets the quiet through.
    """

    def __init__(self, memory: int, lowest_dbfs: float) -> None:
        self._recent: deque[float] = deque(maxlen=memory)
        self._lowest = lowest_dbfs
        self._last = 0.0

    def hear(self, dbfs: float) -> float:
        """Take the next frame's level; returns the floor."""
        before, self._last = self._last, dbfs
        if before:
            self._recent.append((before + dbfs) / 2)
        return max(self._lowest, min(self._recent, default=self._lowest))
