"""Counting speech: how many bursts of a signature were heard whole, of those that were spoken.

A signature comes in bursts of a fixed period, so whoever has heard the first one knows when each
later one must come: a burst that is lost altogether is counted too. Pure; counts frames, not time.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from sip.tones import FRAME_MS, PERIOD_MS, SOUND_MS

WHOLE_SHARE: Final = 0.9
"""A burst of which so much is heard was heard."""
_PERIOD_FRAMES: Final = PERIOD_MS // FRAME_MS
_SOUND_FRAMES: Final = SOUND_MS // FRAME_MS
_BEFORE_FRAMES: Final = (_PERIOD_FRAMES - _SOUND_FRAMES) // 2


class BurstMeter:
    """Fed with each frame of one call: whose signature it held, 0 for nobody's.

    Good for a voice that speaks on without a stop of its own, as a practice phone does.
    """

    def __init__(self) -> None:
        self._frame = 0
        self._first: dict[int, int] = {}
        self._frames: dict[int, Counter[int]] = {}

    def hear(self, signature: int) -> None:
        """Take in the next 20 ms."""
        self._frame += 1
        if not signature:
            return
        first = self._first.setdefault(signature, self._frame)
        burst = (self._frame - first + _BEFORE_FRAMES) // _PERIOD_FRAMES
        self._frames.setdefault(signature, Counter())[burst] += 1

    def bursts(self) -> dict[int, tuple[int, int]]:
        """By signature: bursts that were heard whole, and those that were spoken meanwhile.

        The first and the last one do not count: a call may begin and end in the middle of them.
        """
        found = {}
        for signature, frames in self._frames.items():
            inner = range(1, max(frames))
            whole = sum(frames[burst] >= WHOLE_SHARE * _SOUND_FRAMES for burst in inner)
            found[signature] = (whole, len(inner))
        return found
