"""The beep after which one may leave a message: a pure tone that neither speech nor noise holds."""

from __future__ import annotations

from typing import Final

from sip.detection.goertzel import FRAME_S, Bank
from sip.detection.levels import Sound

LEAST_S: Final = 0.16
MOST_S: Final = 2.0
_LEAST_DBFS: Final = -40.0
_LEAST_SHARE: Final = 0.9
_DRIFT_HZ: Final = 8.0
"""A voice's or an instrument's tone drifts by more; a beep is made by an oscillator."""
_DRIFT_DB: Final = 2.5
_AFTER_FRAMES: Final = 4
"""So many frames without a tone come behind a beep: information tones follow at once."""
_TAIL_FRAMES: Final = 2
"""Where a tone stops in the middle of a window, its frequency blurs for as long."""


class BeepFinder:
    """Takes frames of 20 ms; `hear` is True soon after a beep of 0.16 to 2 s, 400 to 2200 Hz."""

    def __init__(self, clock_rate: int) -> None:
        self._bank = Bank(clock_rate, ((375, 2250),))
        self._frames = 0
        self._hz = 0.0
        self._dbfs = 0.0
        self._quiet = -1
        self._before_s = 0.0

    def hear(self, sound: Sound) -> bool:
        """Take the next frame."""
        bank = self._bank
        hz = 0.0
        if bank.hear(sound, _LEAST_DBFS):
            index = int(bank.power.argmax())
            around = float(bank.power[max(0, index - 2) : index + 3].sum())
            if around >= _LEAST_SHARE * bank.mean_square:
                hz = bank.peak_hz(index)
        if hz and self._frames and abs(hz - self._hz) <= _DRIFT_HZ:
            self._frames += abs(bank.level_dbfs - self._dbfs) <= _DRIFT_DB
            self._dbfs = bank.level_dbfs
            return False
        lasted_s, is_tail = self._frames * FRAME_S, self._frames <= _TAIL_FRAMES
        if is_tail and self._before_s:
            lasted_s = self._before_s
        self._frames, self._before_s = 0, 0.0
        if hz:
            self._before_s = lasted_s
            self._frames, self._hz, self._dbfs = 1, hz, bank.level_dbfs
            self._quiet = -1  # another tone right behind the first: no beep, perhaps a figure
            return False
        if LEAST_S <= lasted_s <= MOST_S:
            self._quiet = 0
        if self._quiet < 0:
            return False
        self._quiet += 1
        if self._quiet < _AFTER_FRAMES:
            return False
        self._quiet = -1
        return True
