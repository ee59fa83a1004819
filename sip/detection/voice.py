"""When somebody speaks: words and pauses by energy over the noise behind them."""

from __future__ import annotations

import math
from typing import Final

from sip.detection.goertzel import FRAME_S
from sip.detection.levels import NoiseFloor, Sound, SpeechLevel

_LOWEST_DBFS: Final = -62.0  # no line is quieter than it is taken for
_OVER_FLOOR_DB: Final = 9.0
_WORD_UNDER_PEAK_DB: Final = 10.0  # people who talk behind a voice are no part of it
_REST_UNDER_PEAK_DB: Final = 22.0  # soft syllables are no rest
_REST_FRAMES: Final = 3  # shorter sounds do not disturb one
_PEAK_FALL_DB: Final = 0.12  # a frame: 6 dB a second, for a voice that gets softer
_FLOOR_FRAMES: Final = 60
WORD_S: Final = 0.1
"""Shorter sounds are clicks, no words."""
_WORD_FRAMES: Final = round(WORD_S / FRAME_S)
STRETCH_S: Final = 0.3
"""So much sound is weighed together where evenness is asked for: a word or two."""
_STRETCH_FRAMES: Final = round(STRETCH_S / FRAME_S)
_EVEN_DB: Final = 7.0
GAP_S: Final = 0.06
"""So much quiet ends a word."""


class Voice:
    """What was said so far. Times in seconds since the answer, as the frames' moments are given.

    `speech_start_s`, `speech_end_s`: of the first word, and of the last one up to now.
    `voice_s`: sound of words alone. `words`: those that are over, and the one being said.
    `clear_db`: how far the voice stands above the quiet behind it.
    """

    def __init__(self) -> None:
        self._level = SpeechLevel()
        self._floor = NoiseFloor(_FLOOR_FRAMES, _LOWEST_DBFS)
        self._peak_dbfs = _LOWEST_DBFS
        self._loudest_dbfs = _LOWEST_DBFS
        self._word_start_s: float | None = None
        self._word_frames = 0
        self._pending_s = 0.0
        self._last_sound_s = 0.0
        self._any_frames = 0
        self._any_end_s = 0.0
        self._stretch: list[float] = []
        self._stretches_dbfs: list[float] = []
        self.speech_start_s: float | None = None
        self.speech_end_s = 0.0
        self.voice_s = 0.0
        self.words = 0
        self.floor_dbfs = _LOWEST_DBFS

    @property
    def lasted_s(self) -> float:
        """From the first word's beginning to the end of the last, pauses and all."""
        return self.speech_end_s - self.speech_start_s if self.speech_start_s is not None else 0.0

    @property
    def rests_since_s(self) -> float:
        """Since when there is quiet: softer sounds than words count here."""
        return max(self.speech_end_s, self._any_end_s)

    @property
    def density(self) -> float:
        """The share of words' sound in that time."""
        return self.voice_s / max(FRAME_S, self.lasted_s)

    @property
    def clear_db(self) -> float:
        return self._loudest_dbfs - self.floor_dbfs

    @property
    def evenness(self) -> float:
        """The share of the stretches since the first word that are about as loud as the loudest."""
        loud = max(self._stretches_dbfs, default=0.0) - _EVEN_DB
        even = sum(one >= loud for one in self._stretches_dbfs)
        return even / max(1, len(self._stretches_dbfs))

    def hear(self, sound: Sound, end_s: float) -> None:
        """Take the next frame, whose sound ends at `end_s`."""
        dbfs = self._level.of(sound)
        if self.speech_start_s is not None:
            self._weigh(dbfs)
        self.floor_dbfs = self._floor.hear(dbfs)
        self._peak_dbfs = max(dbfs, self._peak_dbfs - _PEAK_FALL_DB)
        over_floor_dbfs = self.floor_dbfs + _OVER_FLOOR_DB
        is_any = dbfs > max(over_floor_dbfs, self._peak_dbfs - _REST_UNDER_PEAK_DB)
        self._any_frames = self._any_frames + 1 if is_any else 0
        if self._any_frames >= _REST_FRAMES:
            self._any_end_s = end_s
        if dbfs > max(over_floor_dbfs, self._peak_dbfs - _WORD_UNDER_PEAK_DB):
            self._sounds(dbfs, end_s)
        elif self._word_start_s is not None and end_s - self._last_sound_s >= GAP_S - 1e-6:
            self._word_start_s = None

    def _weigh(self, dbfs: float) -> None:
        self._stretch.append(10.0 ** (dbfs / 10.0))
        if len(self._stretch) == _STRETCH_FRAMES:
            self._stretches_dbfs.append(10.0 * math.log10(sum(self._stretch) / _STRETCH_FRAMES))
            self._stretch.clear()

    def _sounds(self, dbfs: float, end_s: float) -> None:
        start_s = end_s - FRAME_S
        if self._word_start_s is None:
            self._word_start_s, self._word_frames, self._pending_s = start_s, 0, 0.0
        self._word_frames += 1
        self._last_sound_s = end_s
        self._pending_s += FRAME_S
        if self._word_frames < _WORD_FRAMES:
            return
        self.words += self._word_frames == _WORD_FRAMES
        self.voice_s += self._pending_s
        self._pending_s = 0.0
        self._loudest_dbfs = max(self._loudest_dbfs, dbfs)
        self.speech_end_s = end_s
        if self.speech_start_s is None:
            self.speech_start_s = self._word_start_s
