"""Tones of the network, of fax machines and of modems, named by their order and cadence.

Frequencies and times: ITU-T E.180 and Q.35 with the national supplements (ringback, busy), ANSI
T1.401 (the coded special information tones), T.30 (fax), V.8 and V.25 (answer tones). What one
frame holds is never enough: each name needs its whole figure, which speech does not draw.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from sip.detection.levels import Sound, samples
from sip.detection.runs import Run, RunFinder
from sip.messages.hearing import Tone

# --- special information tones: three segments, low or high, short or long -----------------------
_SIT_GAP_S: Final = 0.08
_SIT_SPREAD_DB: Final = 6.0
_SIT_LEAST_S, _SIT_MOST_S = 0.2, 0.46
_SIT_LONG_S: Final = 0.34  # between 0.274 and 0.380, with the window's blur
_SIT_SPLIT_HZ: Final = (949.5, 1399.5)
_SIT_CODED_HZ: Final = 12.0  # coded tones lie this close to their nominal frequency
_SIT_NOMINAL_HZ: Final = ((913.8, 985.2), (1370.6, 1428.5))
_SIT_LAST_HZ: Final = 1776.7  # of all four codes; the plain tones end at 1800 Hz
_SIT_CODES: Final[dict[tuple[bool, bool, bool, bool], Tone]] = {
    # (first is high, second is high, first is long, second is long)
    (True, True, True, True): "sit_no_circuit",
    (False, False, False, False): "sit_intercept",
    (True, False, True, False): "sit_vacant",
    (False, True, False, True): "sit_reorder",
}

# --- fax and modem -------------------------------------------------------------------------------
_CNG_S: Final = (0.40, 0.64)
_CNG_PERIOD_S: Final = (2.9, 4.1)
_ANSWER_KNOWN_S: Final = 1.1  # by then a modem has turned its phase twice
_ANSWER_LEAST_S: Final = 0.7
_BELL_LEAST_S: Final = 0.6
_AM_LEAST: Final = 0.06  # ANSam swings by 20 % at 15 Hz, noise at 10 dB by some 2 %
_TURN_SHARE: Final = 0.15  # of the windows on the other side of a phase turn

# --- ringback and busy ---------------------------------------------------------------------------
_RING_BURST_S: Final = (0.8, 2.4)
_DOUBLE_BURST_S: Final = (0.33, 0.52)
_DOUBLE_GAP_S: Final = (0.12, 0.28)
_BUSY_S: Final = (0.32, 0.6)
_FAST_BUSY_S: Final = (0.17, 0.31)
_CADENCE_SPREAD_S: Final = 0.09
_RING_PERIOD_S: Final = 7.0  # longer silences than this belong to no ringing


class ToneFound(NamedTuple):
    """A tone that was recognised. Seconds of sound since listening began.

    `start_s`: where its first burst began (of all the bursts that belong to it), `known_s`: when
    it was certain.
    """

    tone: Tone
    start_s: float
    known_s: float


class ToneListener:
    """Hears frames of 20 ms (PCM16, 8 or 16 kHz) and names each kind of tone once."""

    def __init__(self, clock_rate: int) -> None:
        self._runs = RunFinder(clock_rate)
        self._n_bytes = clock_rate // 50 * 2
        self._sit: list[Run] = []
        self._cng: Run | None = None
        self._bursts: list[Run] = []
        self._told: set[Tone] = set()

    @property
    def heard_s(self) -> float:
        """Seconds of sound heard so far."""
        return self._runs.now_s

    def hear(self, pcm16: bytes) -> ToneFound | None:
        """Take the next 20 ms; another length is cut or filled up with silence."""
        if len(pcm16) != self._n_bytes:
            pcm16 = pcm16[: self._n_bytes].ljust(self._n_bytes, b"\x00")
        return self.hear_samples(samples(pcm16))

    def hear_samples(self, sound: Sound) -> ToneFound | None:
        """The same for samples."""
        over = self._runs.hear(sound)
        if over is not None:
            return self._once(self._run_over(over))
        return self._once(self._run_lasts())

    def _once(self, found: ToneFound | None) -> ToneFound | None:
        if found is None or found.tone in self._told:
            return None
        self._told.add(found.tone)
        return found

    def _run_over(self, run: Run) -> ToneFound | None:
        match run.kind:
            case "sit_1" | "sit_2" | "sit_3":
                return self._sit_over(run)
            case "fax_call":
                return self._cng_over(run)
            case "answer":
                is_new = self._told.isdisjoint(_ANSWERS)  # what was said while it lasted stands
                return self._answered(run) if is_new and run.lasted_s >= _ANSWER_LEAST_S else None
            case "progress" | "us_busy":
                return self._burst_over(run)
            case _:
                return None

    def _run_lasts(self) -> ToneFound | None:
        """What is certain before the tone has ended."""
        run = self._runs.lasting_since
        if run is None:
            return None
        kind, lasted_s = run
        if kind == "answer" and lasted_s >= _ANSWER_KNOWN_S and self._told.isdisjoint(_ANSWERS):
            lasting = self._runs.lasting()
            return self._answered(lasting) if lasting is not None else None
        if kind == "bell" and lasted_s >= _BELL_LEAST_S and "modem" not in self._told:
            return self._found("modem", self._runs.now_s - lasted_s)
        return None

    def _found(self, tone: Tone, start_s: float) -> ToneFound:
        return ToneFound(tone, start_s, self._runs.now_s)

    # --- three in order ----------------------------------------------------------------------

    def _sit_over(self, run: Run) -> ToneFound | None:
        is_first = run.kind == "sit_1"
        wanted = ("sit_1", "sit_2", "sit_3")[len(self._sit)] if len(self._sit) < 3 else ""
        fits = run.kind == wanted and _SIT_LEAST_S <= run.lasted_s <= _SIT_MOST_S
        if fits and self._sit:
            before = self._sit[-1]
            fits = run.start_s - before.end_s <= _SIT_GAP_S
        if not fits:
            is_new = is_first and _SIT_LEAST_S <= run.lasted_s <= _SIT_MOST_S
            self._sit = [run] if is_new else []
            return None
        self._sit.append(run)
        if len(self._sit) < 3:
            return None
        three, self._sit = self._sit, []
        levels = [one.level_dbfs for one in three]
        if max(levels) - min(levels) > _SIT_SPREAD_DB:
            return None
        return self._found(_sit_code(three), three[0].start_s)

    # --- fax and modem -----------------------------------------------------------------------

    def _cng_over(self, run: Run) -> ToneFound | None:
        """A calling fax: its second call, since a machine's beep may look like one."""
        if not _within(run.lasted_s, _CNG_S):
            self._cng = None
            return None
        before, self._cng = self._cng, run
        if before is None or not _within(run.start_s - before.start_s, _CNG_PERIOD_S):
            return None
        return self._found("fax", before.start_s)

    def _answered(self, run: Run) -> ToneFound:
        """2100 Hz: a modem's swings in strength or turns its phase, a fax's is steady."""
        return self._found("modem" if _is_modem(run.phases) else "fax", run.start_s)

    # --- cadences ----------------------------------------------------------------------------

    def _burst_over(self, run: Run) -> ToneFound | None:
        bursts = self._bursts
        if bursts and (
            run.start_s - bursts[-1].end_s > _RING_PERIOD_S or run.kind != bursts[-1].kind
        ):
            bursts.clear()
        bursts.append(run)
        del bursts[:-6]
        busy = self._busy()
        if busy is not None:
            return busy
        if run.kind == "progress" and self._rings():
            return self._found("ringback", bursts[0].start_s)
        return None

    def _rings(self) -> bool:
        """One long burst, or the British pair."""
        last = self._bursts[-1]
        if _within(last.lasted_s, _RING_BURST_S):
            return True
        if len(self._bursts) < 2:
            return False
        first = self._bursts[-2]
        return (
            _within(first.lasted_s, _DOUBLE_BURST_S)
            and _within(last.lasted_s, _DOUBLE_BURST_S)
            and _within(last.start_s - first.end_s, _DOUBLE_GAP_S)
        )

    def _busy(self) -> ToneFound | None:
        """Three bursts as long as each other and as the gaps between them."""
        three = self._bursts[-3:]
        if len(three) < 3:
            return None
        gaps = [b.start_s - a.end_s for a, b in pairwise(three)]
        times = [one.lasted_s for one in three] + gaps
        if max(times[:3]) - min(times[:3]) > _CADENCE_SPREAD_S or abs(gaps[0] - gaps[1]) > 0.06:
            return None
        if all(_within(one, _BUSY_S) for one in times):
            return self._found("busy", three[0].start_s)
        if all(_within(one, _FAST_BUSY_S) for one in times):
            return self._found("congestion", three[0].start_s)
        return None


_ANSWERS: Final[frozenset[Tone]] = frozenset({"fax", "modem"})


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _sit_code(three: list[Run]) -> Tone:
    """Which of the four North American codes; "sit" where frequencies or times fit none."""
    if abs(three[2].hz - _SIT_LAST_HZ) > _SIT_CODED_HZ:
        return "sit"
    is_high: list[bool] = []
    is_long: list[bool] = []
    for run, split, nominal in zip(three, _SIT_SPLIT_HZ, _SIT_NOMINAL_HZ, strict=False):
        high = run.hz > split
        if abs(run.hz - nominal[high]) > _SIT_CODED_HZ:
            return "sit"
        is_high.append(high)
        is_long.append(run.lasted_s > _SIT_LONG_S)
    code = (is_high[0], is_high[1], is_long[0], is_long[1])
    return _SIT_CODES.get(code, "sit")


def _is_modem(phases: tuple[complex, ...]) -> bool:
    """Whether an answer tone swings in strength (V.8) or turns its phase (V.25).

    `phases`: the filter's output for each window of 20 ms. Off its nominal frequency a steady
    tone turns evenly from window to window; that turn is taken off first.
    """
    waves = np.array(phases[2:-1])
    if len(waves) < 20:
        return False
    strength = np.abs(waves)
    steps = waves[1:] * np.conj(waves[:-1])
    even_turn = np.angle(np.median(steps.real) + 1j * np.median(steps.imag))
    level = waves * np.exp(-1j * even_turn * np.arange(len(waves))) / np.maximum(strength, 1e-6)
    main = np.sqrt(np.mean(level * level))  # the axis on which both sides of a turn lie
    sides = (level * np.conj(main)).real > 0
    share = float(np.mean(sides))
    if min(share, 1.0 - share) >= _TURN_SHARE:
        return True
    middle = float(np.median(strength))
    return float(np.median(np.abs(strength - middle))) > _AM_LEAST * middle
