"""When busy seats come free: hazards of talk and wrap-up by elapsed time, kind and seat."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dialer_core.pacing.reader import LogReader, is_sound
from dialer_core.pacing.view import HandleEnd

Floats = npt.NDArray[np.float64]

STEPS = 96
WIDEN = 1.08
KEPT = 300
KEPT_MACHINES = 60
REBUILD_AFTER = 4
DRAWN = 64  # calls drawn from the fitted distributions, beside those that were
PRIOR_CALLS = 3.0
PACES = (0.75, 1.0, 1.35)  # quick, usual and slow seats: what their times are multiplied with
PACE_PRIOR = 12.0  # calls after which a seat's own pace weighs as much as everybody's
_PACE_EDGES = (0.86, 1.16)


class Handled(NamedTuple):
    """Seconds of one handled call."""

    talk_s: float
    wrap_s: float


class Tables(NamedTuple):
    """Rows by time, columns by pace and elapsed time; `still_*` without rows.

    `talk_free`: a seat that talks with a person is free (wrap-up done) by then; `talk_over`: its
    talk is over; `wrap_free`: a seat in wrap-up is free. `machine_free`, `still_machine`: the
    same with a machine, for all paces alike.
    """

    talk_free: Floats
    talk_over: Floats
    wrap_free: Floats
    still_talk: Floats
    machine_free: Floats
    still_machine: Floats


class SeatModel:
    """Learns the times of people and machines; a fitted log-normal fills what few calls leave."""

    def __init__(self) -> None:
        self._reader: LogReader[HandleEnd] = LogReader(KEPT)
        self._elapsed: Floats = 12.0 * (np.power(WIDEN, np.arange(STEPS, dtype=np.float64)) - 1.0)
        self._scale = 1.0 / math.log(WIDEN)
        self.wrap_median_s = 17.0
        self._forget()

    def _forget(self) -> None:
        self._people: deque[Handled] = deque(maxlen=KEPT)
        self._machines: deque[Handled] = deque(maxlen=KEPT_MACHINES)
        self._paces: dict[int, tuple[float, float]] = {}
        self.seen = 0
        self.nonsense = 0
        self._stale = REBUILD_AFTER
        self._times: tuple[float, ...] = ()

    def read(self, log: Sequence[HandleEnd]) -> None:
        """Take in what is new in the log; entries that make no sense are counted and left out."""
        for end in self._reader.new(log, self._forget):
            if not is_sound(end, "ended", "talk_s", "wrap_s", "ring_s"):
                self.nonsense += 1
                continue
            kind = self._machines if end.was_machine else self._people
            kind.append(Handled(end.talk_s, end.wrap_s))
            self.seen += 1
            self._stale += 1

    def pace_seen(self, seat: int, wrap_s: float) -> None:
        """A seat took so long for its wrap-up after a conversation."""
        typical_s = self.wrap_median_s
        if wrap_s <= 0.0 or typical_s <= 0.0:
            return
        count, log_sum = self._paces.get(seat, (0.0, 0.0))
        ratio = min(max(math.log(wrap_s / typical_s), -1.5), 1.5)
        self._paces[seat] = (0.98 * count + 1.0, 0.98 * log_sum + ratio)

    def pace(self, seat: int) -> int:
        """Which of PACES the seat keeps, from its own wrap-ups and shrunk to the usual."""
        count, log_sum = self._paces.get(seat, (0.0, 0.0))
        own = math.exp(log_sum / (count + PACE_PRIOR))
        return 0 if own < _PACE_EDGES[0] else 1 if own <= _PACE_EDGES[1] else 2

    def column(self, elapsed_s: float) -> int:
        """The column of the tables for a seat that has been at it for so long."""
        step = int(math.log1p(max(0.0, elapsed_s) / 12.0) * self._scale)
        return min(step, STEPS - 1)

    def tables(self, times: tuple[float, ...]) -> Tables:
        """Chances to be free within each of `times` (seconds)."""
        if self._stale >= REBUILD_AFTER or times != self._times:
            self._stale, self._times = 0, times
            self._made = self._make(times)
        return self._made

    def _make(self, times: tuple[float, ...]) -> Tables:
        people = [*self._people]
        talk_fit = _fitted([one.talk_s for one in people], 100.0, 0.8)
        wrap_fit = _fitted([one.wrap_s for one in people], 17.0, 0.6)
        self.wrap_median_s = math.exp(wrap_fit[0])
        talk = np.array([one.talk_s for one in people] + _draws(talk_fit, 1))
        wrap = np.array([one.wrap_s for one in people] + _draws(wrap_fit, 29))
        machines = [*self._machines, *[Handled(6.0, 2.0)] * 4]
        machine_talk = np.array([one.talk_s for one in machines])
        machine_s = machine_talk + np.array([one.wrap_s for one in machines])
        parts = [_one_pace(talk * f, wrap * f, self._elapsed, times) for f in PACES]
        talk_free, talk_over, wrap_free, still = (
            np.concatenate([part[i] for part in parts], axis=-1) for i in range(4)
        )
        elapsed = np.minimum(self._elapsed, 600.0)
        still_machine = (machine_talk[:, None] > elapsed).mean(0)
        rest = [(machine_s[:, None] <= elapsed + time_s).mean(0) for time_s in times]
        return Tables(talk_free, talk_over, wrap_free, still, np.array(rest), still_machine)


def _one_pace(
    talk: Floats, wrap: Floats, elapsed: Floats, times: tuple[float, ...]
) -> tuple[Floats, Floats, Floats, Floats]:
    """(free from talk, talk over, free from wrap-up, still talks) by elapsed time."""
    mean_talk, mean_wrap = float(talk.mean()) + 1.0, float(wrap.mean()) + 1.0
    by_talk, by_both, by_wrap = np.sort(talk), talk + wrap, np.sort(wrap)
    talks = talk[:, None] > elapsed[None, :]
    still_talks = talks.sum(0)
    still_wraps = len(wrap) - np.searchsorted(by_wrap, elapsed, side="right")
    free, over, wrapped = [], [], []
    for time_s in times:
        # one more, plain call where few were ever that long
        quick = 1.0 - math.exp(-time_s / (mean_talk + mean_wrap))
        ended = (talks & (by_both[:, None] <= elapsed + time_s)).sum(0)
        free.append((ended + quick) / (still_talks + 1.0))
        quick = 1.0 - math.exp(-time_s / mean_talk)
        gone = np.searchsorted(by_talk, elapsed + time_s, side="right") - (len(talk) - still_talks)
        over.append((gone + quick) / (still_talks + 1.0))
        quick = 1.0 - math.exp(-time_s / mean_wrap)
        gone = np.searchsorted(by_wrap, elapsed + time_s, side="right") - (len(wrap) - still_wraps)
        wrapped.append((gone + quick) / (still_wraps + 1.0))
    return np.array(free), np.array(over), np.array(wrapped), still_talks / len(talk)


def _fitted(times_s: list[float], median_s: float, spread: float) -> tuple[float, float]:
    """Mean and deviation of the logarithms, drawn to a prior that few calls outweigh."""
    logs = [math.log(max(time_s, 0.5)) for time_s in times_s]
    count = len(logs)
    mean = (sum(logs) + PRIOR_CALLS * math.log(median_s)) / (count + PRIOR_CALLS)
    squares = sum((log - mean) ** 2 for log in logs) + 2 * PRIOR_CALLS * spread * spread
    return mean, min(math.sqrt(squares / (count + 2 * PRIOR_CALLS)), 1.6)


def _draws(fit: tuple[float, float], stride: int) -> list[float]:
    """Quantiles of the fitted log-normal; `stride` mixes talk and wrap-up against each other."""
    mean, deviation = fit
    return [math.exp(mean + deviation * _NORMALS[i * stride % DRAWN]) for i in range(DRAWN)]


_NORMALS = [NormalDist().inv_cdf((i + 0.5) / DRAWN) for i in range(DRAWN)]
