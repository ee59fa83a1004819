"""What a pacer learns from the logs of the day: who answers when, and when seats come free.

The logs grow; each is read once, by index. Older entries fade, so that the morning does not rule
the evening. Every model starts from a weak prior of a plain consumer list.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from dialer_core.pacing.view import HandleEnd, RingEnd

Floats = npt.NDArray[np.float64]
Entry = TypeVar("Entry")

BIN_S = 0.5
BINS = 240  # two minutes of ringing; whatever rings longer counts as that
LEVELS = (0.2, 0.5, 0.8)  # shares of the answers of a call that have come by each horizon
FADE = 0.997  # of one entry to the next: about 330 rings are remembered
PRIOR_RINGS = 12.0
KEPT_HANDLES = 300
PRIOR_HANDLES = 24
REBUILD_AFTER = 4  # new entries before tables are made again


class LogReader(Generic[Entry]):
    """Hands out the entries of a growing log that are new; starts over if the log was replaced.

    At most the last `longest` are handed out at once: after a restart the day's beginning has
    faded anyway, and a decision must not take long.
    """

    def __init__(self, longest: int | None = None) -> None:
        self._longest = longest
        self._read = 0
        self._last: Entry | None = None

    def new(self, log: Sequence[Entry], forget: Callable[[], None]) -> Sequence[Entry]:
        """The entries since the last call; `forget` is called first if the log is another one."""
        read = self._read
        length = len(log)
        if length == read and (read == 0 or log[-1] is self._last):
            return ()
        if length < read or (read and log[read - 1] != self._last):
            forget()
            read = 0
        if self._longest is not None:
            read = max(read, length - self._longest)
        fresh = log[read:] if read else log
        self._read = length
        self._last = log[-1] if length else None
        return fresh


class RingModel:
    """P(answered within a horizon | rung so far), from binned and fading counts.

    `horizons`: seconds from launch by which LEVELS of the answers have come; `rest` is the table
    of chances, one row a horizon and one column a bin of ring age; `chance` of a new call at all.
    """

    def __init__(self) -> None:
        self._reader: LogReader[RingEnd] = LogReader(longest=1500)
        self._forget()
        self._rebuild()

    def _forget(self) -> None:
        at = (np.arange(BINS) + 0.5) * BIN_S
        bump = np.exp(-((np.log(np.maximum(at - 2.0, 0.01) / 7.5)) ** 2) / 0.9)
        self._answered: Floats = bump / bump.sum() * 0.35 * PRIOR_RINGS
        self._ended: Floats = self._answered.copy()
        self._ended[2:6] += 0.2 * PRIOR_RINGS / 4  # busy, not existing
        self._ended[50] += 0.45 * PRIOR_RINGS  # nobody
        self._weight = 1.0
        self._stale = REBUILD_AFTER
        self.seen = 0
        self.answers = 0
        self.nonsense = 0

    def read(self, log: Sequence[RingEnd]) -> None:
        """Take in what is new in the log; entries that make no sense are counted and left out."""
        for end in self._reader.new(log, self._forget):
            if not (is_time(end.ring_s) and is_time(end.launched)):
                self.nonsense += 1
                continue
            self._weight /= FADE
            index = min(BINS - 1, int(end.ring_s / BIN_S))
            self._ended[index] += self._weight
            self.seen += 1
            if end.answered:
                self._answered[index] += self._weight
                self.answers += 1
            self._stale += 1
        if self._stale >= REBUILD_AFTER:
            self._rebuild()

    def _rebuild(self) -> None:
        self._stale = 0
        if self._weight > 1e6:
            self._answered /= self._weight
            self._ended /= self._weight
            self._weight = 1.0
        answers = float(self._answered.sum())
        self.chance = answers / float(self._ended.sum())
        come = np.cumsum(self._answered) / answers
        steps = [int(np.searchsorted(come, level)) + 1 for level in LEVELS]
        self.horizons = tuple(step * BIN_S for step in steps)
        # of those that ring on at the start of each bin: all, and answered from there on
        ringing = np.concatenate((np.cumsum(self._ended[::-1])[::-1], [0.0]))
        to_come = np.concatenate((np.cumsum(self._answered[::-1])[::-1], np.zeros(BINS + 1)))
        rows = [
            (to_come[:BINS] - to_come[step : BINS + step]) / np.maximum(ringing[:BINS], 1e-9)
            for step in steps
        ]
        self.rest: Floats = np.clip(np.array(rows), 0.0, 1.0)
        self.worth: Floats = np.clip(to_come[:BINS] / np.maximum(ringing[:BINS], 1e-9), 0.0, 1.0)


class Handled(NamedTuple):
    """Seconds of one handled call."""

    talk_s: float
    wrap_s: float


class SeatModel:
    """P(a seat is free within a time | how long it has talked or wrapped up), from past calls.

    `tables(times)` makes one row a time for talking and for wrapping seats, one column a step of
    elapsed time on a scale that widens; `column(elapsed_s)` finds the column.
    """

    STEPS = 96
    WIDEN = 1.08
    FIRST_S = 1.0

    def __init__(self) -> None:
        self._reader: LogReader[HandleEnd] = LogReader(KEPT_HANDLES)
        self._elapsed = self.FIRST_S * (self.WIDEN ** np.arange(self.STEPS) - 1.0) * 12
        self._scale = 1.0 / math.log(self.WIDEN)
        self._forget()

    def _forget(self) -> None:
        self._handled: deque[Handled] = deque(maxlen=KEPT_HANDLES)
        self.seen = 0
        self.nonsense = 0
        self._stale = REBUILD_AFTER
        self._times: tuple[float, ...] = ()

    def read(self, log: Sequence[HandleEnd]) -> None:
        """Take in what is new in the log; entries that make no sense are counted and left out."""
        for end in self._reader.new(log, self._forget):
            if not (is_time(end.talk_s) and is_time(end.wrap_s)):
                self.nonsense += 1
                continue
            self._handled.append(Handled(end.talk_s, end.wrap_s))
            self.seen += 1
            self._stale += 1

    def column(self, elapsed_s: float) -> int:
        """The column of the tables for a seat that has been at it for so long."""
        step = int(math.log1p(max(0.0, elapsed_s) / 12.0) * self._scale)
        return min(step, self.STEPS - 1)

    def tables(self, times: tuple[float, ...]) -> tuple[Floats, Floats]:
        """(talking, wrapping): chance to be free within each of `times`, by elapsed time."""
        if self._stale >= REBUILD_AFTER or times != self._times:
            self._stale, self._times = 0, times
            self._made = self._make(times)
        return self._made

    def _make(self, times: tuple[float, ...]) -> tuple[Floats, Floats]:
        past = [*self._handled]
        if len(past) < 4 * PRIOR_HANDLES:
            past += _PRIOR
        talk = np.array([one.talk_s for one in past])[:, None]
        wrap = np.array([one.wrap_s for one in past])[:, None]
        elapsed = self._elapsed[None, :]
        still_talks, still_wraps = talk > elapsed, wrap > elapsed
        mean_talk, mean_wrap = float(talk.mean()) + 1.0, float(wrap.mean()) + 1.0
        rows_talk, rows_wrap = [], []
        for time_s in times:
            # one more, plain call where few were ever that long
            quick = 1.0 - math.exp(-time_s / (mean_talk + mean_wrap))
            ended = still_talks & (talk + wrap <= elapsed + time_s)
            rows_talk.append((ended.sum(0) + quick) / (still_talks.sum(0) + 1.0))
            quick = 1.0 - math.exp(-time_s / mean_wrap)
            ended = still_wraps & (wrap <= elapsed + time_s)
            rows_wrap.append((ended.sum(0) + quick) / (still_wraps.sum(0) + 1.0))
        return np.array(rows_talk), np.array(rows_wrap)


def _prior() -> list[Handled]:
    """Calls of about 120 s and wrap-ups of 20 s in the mean, widely spread and mixed."""
    shares = [(i + 0.5) / PRIOR_HANDLES for i in range(PRIOR_HANDLES)]
    # quantiles of a log-normal time, its normal ones taken from the logistic curve
    spread = [math.exp(0.7 * math.log(share / (1.0 - share)) / 1.702) for share in shares]
    return [
        Handled(90.0 * spread[i], 17.0 * math.sqrt(spread[i * 7 % PRIOR_HANDLES]))
        for i in range(PRIOR_HANDLES)
    ]


def is_time(seconds: object) -> bool:
    """Whether a log's entry is a number of seconds that can be."""
    return isinstance(seconds, float | int) and 0.0 <= seconds < 1e9


_PRIOR = _prior()
