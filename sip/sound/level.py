"""How loud sound is, and whether it is sound at all."""

from __future__ import annotations

import math
import threading

import numpy as np

SILENCE_DBFS = -100.0
FULL_SCALE = 32768.0


def dbfs(peak: int) -> float:
    """A PCM16 amplitude in dB below full scale; -100 for digital silence."""
    return SILENCE_DBFS if peak <= 0 else max(SILENCE_DBFS, 20 * math.log10(peak / FULL_SCALE))


def peak_of(pcm16: bytes) -> int:
    """The largest amplitude in PCM16."""
    if len(pcm16) < 2:
        return 0
    samples = np.frombuffer(pcm16[: len(pcm16) // 2 * 2], dtype="<i2")
    return max(int(samples.max()), -int(samples.min()))


class PeakMeter:
    """The loudest moment since it was last asked. Safe from two threads."""

    def __init__(self) -> None:
        self._peak: int | None = None
        self._lock = threading.Lock()

    def hear(self, pcm16: bytes) -> int:
        """Take in sound; returns its own peak."""
        peak = peak_of(pcm16)
        with self._lock:
            self._peak = peak if self._peak is None else max(peak, self._peak)
        return peak

    def take(self) -> float | None:
        """In dBFS, None if nothing came since; begins anew."""
        with self._lock:
            peak, self._peak = self._peak, None
        return None if peak is None else dbfs(peak)
