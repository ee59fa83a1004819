"""Lost sound: told apart from the silences that a signature means to have."""

from __future__ import annotations

from typing import Final, Literal

from sip.tones import BURST_MS, CLOSING_MS, FRAME_MS, PAUSE_MS, PERIOD_MS, TONES_HZ, Heard

_EDGE_MS: Final = 40  # a burst's edges fall inside frames: so much is no loss
_ONE_WAY_MS: Final = 1000.0  # an unfinished silence this long at the end of a call is a loss
_LATE_MS: Final = 50.0
_BLOCK_FRAMES: Final = 25


class GapMeter:
    """Lost sound of one source, told from its meant pauses by the closings of its bursts.

    Counts in frames. Silence that follows the closing "a pause follows" may last 0.3 s; silence
    after a source's own farewell may last for ever; all other silence is lost sound. Where the
    closing itself was lost, the time since the burst began tells how much of it was a pause.
    """

    def __init__(self) -> None:
        self.longest_ms = 0.0
        self._tones = (0, 0)
        self._burst_age: int | None = None  # frames since the burst began; None: joined late
        self._gap = 0
        self._has_silence = False
        self._closing: Literal["", "pause", "farewell"] = ""

    def follow(self, signature: int) -> None:
        """From now on it is this source that should be heard."""
        if TONES_HZ[signature] != self._tones:
            self._tones = TONES_HZ[signature]
            self._burst_age = None
            self._forget_gap()

    def _forget_gap(self) -> None:
        self._gap, self._has_silence, self._closing = 0, False, ""

    def hear(self, heard: Heard) -> None:
        """Take in the next 20 ms."""
        if not self._tones[0]:
            return
        if self._burst_age is not None:
            self._burst_age += 1
        if heard.kind == "signature" and TONES_HZ[heard.signature] == self._tones:
            if self._gap:
                self._end_gap()
            return
        self._gap += 1
        if heard.kind == "silence":
            self._has_silence = True
        elif heard.kind == "lone_low" and heard.hz == self._tones[0]:
            self._closing = "pause"
        elif heard.kind == "lone_high" and heard.hz == self._tones[1]:
            self._closing = "farewell"

    def _end_gap(self) -> None:
        lost_ms = self._lost_ms()
        self.longest_ms = max(self.longest_ms, lost_ms)
        if self._closing == "farewell" or (self._closing == "pause" and not lost_ms):
            self._burst_age = 0
        elif self._closing == "pause":
            self._burst_age = None
        elif self._burst_age is not None:
            self._burst_age %= PERIOD_MS // FRAME_MS
        self._forget_gap()

    def _lost_ms(self) -> float:
        """How much of the gap up to now was meant to be sound."""
        gap_ms = float(self._gap * FRAME_MS)
        if self._closing == "farewell":
            return 0.0
        if self._closing == "pause":
            excess_ms = gap_ms - CLOSING_MS - PAUSE_MS
            return excess_ms if excess_ms > _EDGE_MS else 0.0
        if gap_ms <= _EDGE_MS and not self._has_silence:
            return 0.0  # a seam of the jitter buffer: sound all the time, only not ours
        if self._burst_age is None:
            return gap_ms
        return gap_ms - self._pauses_ms(self._burst_age - self._gap, self._burst_age)

    @staticmethod
    def _pauses_ms(start: int, end: int) -> float:
        """How much of the frames [start, end), counted from a burst's begin, was pause."""
        period, burst = PERIOD_MS // FRAME_MS, BURST_MS // FRAME_MS
        return float(FRAME_MS * sum(at % period >= burst for at in range(start, end)))

    def now_ms(self) -> float:
        """The longest loss, counting a gap that has not ended once it is long past any pause."""
        lost_ms = self._lost_ms() if self._gap else 0.0
        return max(self.longest_ms, lost_ms) if lost_ms > _ONE_WAY_MS else self.longest_ms


class LateMeter:
    """Frames that never came: the clock runs ahead of the count of frames, and stays ahead.

    A stall that is caught up afterwards loses nothing and is not counted; so the least lead in
    each half second is compared with that of the half second before.
    """

    def __init__(self) -> None:
        self._count = 0
        self._least_ms: float | None = None
        self._block_ms = float("inf")

    def hear(self, at_mono_s: float) -> float:
        """The time (ms) without frames that has become certain with this frame, mostly 0."""
        lead_ms = at_mono_s * 1000 - self._count * FRAME_MS
        self._count += 1
        self._block_ms = min(self._block_ms, lead_ms)
        if self._count % _BLOCK_FRAMES:
            return 0.0
        before_ms, self._least_ms = self._least_ms, self._block_ms
        self._block_ms = float("inf")
        if before_ms is None or self._least_ms - before_ms < _LATE_MS:
            return 0.0
        return self._least_ms - before_ms
