"""From frames to runs: how long which kind of tone lasted. Recognisers of cadences read these."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np

from sip.detection.goertzel import FRAME_S, Bank
from sip.detection.levels import Sound, dbfs

Kind = Literal["progress", "us_busy", "sit_1", "sit_2", "sit_3", "fax_call", "answer", "bell"]

LEAST_DBFS: Final = -46.0
"""Tones are found down to -35 dBFS; below this nothing is looked at."""
LEAST_SHARE: Final = 0.7
_LOOK_SHARE: Final = 0.5  # less than this in all filters together cannot hold any tone
SPANS: Final = ((325, 525), (575, 675), (850, 1175), (1300, 1500), (1700, 1900), (2025, 2300))
_SINGLES: Final[tuple[tuple[Kind, float, float], ...]] = (
    ("sit_1", 895.0, 1005.0),
    ("fax_call", 1062.0, 1138.0),
    ("sit_2", 1345.0, 1455.0),
    ("sit_3", 1745.0, 1855.0),
    ("answer", 2075.0, 2125.0),
    ("bell", 2205.0, 2245.0),
)
_GAP_FRAMES: Final = 1
"""So many frames may be lost (noise, a packet) inside of one run."""
_GAP_FRAMES_ANSWER: Final = 3  # a modem's tone turns its phase: two windows see both halves


class Run(NamedTuple):
    """An unbroken tone. Seconds of sound since the listening began; `hz` 0 for pairs."""

    kind: Kind
    start_s: float
    end_s: float
    hz: float
    level_dbfs: float
    phases: tuple[complex, ...] = ()

    @property
    def lasted_s(self) -> float:
        return self.end_s - self.start_s


class _Seen(NamedTuple):
    kind: Kind
    hz: float
    power: float
    wave: complex


class RunFinder:
    """Takes frames of 20 ms; tells each run when it is over, and shows the one that lasts."""

    def __init__(self, clock_rate: int) -> None:
        self._bank = Bank(clock_rate, SPANS)
        self._low = self._bank.span(325, 525)
        self._mid = self._bank.span(575, 675)
        self._answer = self._bank.span(2100, 2100).start
        self._frames = 0
        self._seen: list[_Seen] = []
        self._first_frame = 0
        self._last_frame = 0

    @property
    def now_s(self) -> float:
        """Seconds of sound heard."""
        return self._frames * FRAME_S

    def hear(self, sound: Sound) -> Run | None:
        """Take the next frame; returns a run that is over by it."""
        self._frames += 1
        seen = self._look(sound)
        over: Run | None = None
        if self._seen:
            kind = self._seen[0].kind
            if seen is not None and seen.kind == kind:
                self._seen.append(seen)
                self._last_frame = self._frames
                return None
            gap = _GAP_FRAMES_ANSWER if kind == "answer" else _GAP_FRAMES
            if seen is None and self._frames - self._last_frame <= gap:
                return None
            over = self.lasting()
            self._seen = []
        if seen is not None:
            self._seen = [seen]
            self._first_frame = self._last_frame = self._frames
        return over

    @property
    def lasting_since(self) -> tuple[Kind, float] | None:
        """Kind and seconds of the run that is going on; cheaper than the whole of it."""
        if not self._seen:
            return None
        return self._seen[0].kind, (self._last_frame - self._first_frame + 1) * FRAME_S

    def lasting(self) -> Run | None:
        """The run that is going on, up to now."""
        if not self._seen:
            return None
        seen = self._seen
        waves = tuple(one.wave for one in seen) if seen[0].kind == "answer" else ()
        return Run(
            kind=seen[0].kind,
            start_s=(self._first_frame - 1) * FRAME_S,
            end_s=self._last_frame * FRAME_S,
            hz=float(np.median([one.hz for one in seen])),
            level_dbfs=dbfs(float(np.median([one.power for one in seen]))),
            phases=waves,
        )

    def _look(self, sound: Sound) -> _Seen | None:
        """What the window holds, if it is one of our tones and little else."""
        bank = self._bank
        if not bank.hear(sound, LEAST_DBFS):
            return None
        power, whole = bank.power, bank.mean_square
        if float(power.sum()) < _LOOK_SHARE * whole:
            return None
        least = LEAST_SHARE * whole
        low = float(power[self._low].sum())
        if low >= least:
            return _Seen("progress", 0.0, low, 0j)
        mid = float(power[self._mid].sum())
        if low + mid >= least:
            is_pair = min(low, mid) >= 0.2 * (low + mid)
            return _Seen("us_busy", 0.0, low + mid, 0j) if is_pair else None
        return self._single(least)

    def _single(self, least: float) -> _Seen | None:
        bank = self._bank
        index = int(bank.power.argmax())
        around = float(bank.power[max(0, index - 2) : index + 3].sum())
        if around < least:
            return None
        hz = bank.peak_hz(index)
        for kind, lowest, highest in _SINGLES:
            if lowest <= hz <= highest:
                wave = bank.amplitude(self._answer) if kind == "answer" else 0j
                return _Seen(kind, hz, around, wave)
        return None
