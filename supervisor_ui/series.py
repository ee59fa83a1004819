"""The live plots' memory: fixed arrays, one slot a second, read as frames that fit a screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from app.desk.views import CallStage, FloorPoint, SeatState

Floats = npt.NDArray[np.float64]

SEAT_BANDS: tuple[tuple[SeatState, tuple[SeatState, ...]], ...] = (
    (SeatState.TALKING, (SeatState.TALKING,)),
    (SeatState.WRAP_UP, (SeatState.WRAP_UP,)),
    (SeatState.RINGING, (SeatState.RINGING, SeatState.CONNECTING)),
    (SeatState.PREVIEW, (SeatState.PREVIEW,)),
    (SeatState.AVAILABLE, (SeatState.AVAILABLE,)),
    (SeatState.PAUSED, (SeatState.PAUSED,)),
)
"""Bands of the floor from the bottom up, and the states that each one counts."""

CALL_LINES: tuple[tuple[CallStage, tuple[CallStage, ...]], ...] = (
    (CallStage.TALKING, (CallStage.TALKING,)),
    (CallStage.RINGING, (CallStage.COMMITTED, CallStage.DIALLING, CallStage.RINGING)),
    (CallStage.WAITING, (CallStage.WAITING, CallStage.CONNECTING)),
    (CallStage.MESSAGE, (CallStage.MESSAGE,)),
)
"""Lines of the calls plot, and the stages that each one counts."""


class Part(Enum):
    """What a frame holds, by its rows in the series."""

    SEATS = slice(0, len(SEAT_BANDS))
    CALLS = slice(len(SEAT_BANDS), len(SEAT_BANDS) + len(CALL_LINES))
    SHARES = slice(len(SEAT_BANDS) + len(CALL_LINES), len(SEAT_BANDS) + len(CALL_LINES) + 3)


_ROWS = Part.SHARES.value.stop
CAPACITY = 8192  # two hours and a quarter at one slot a second
SLOT_S = 0.9  # samples closer than this share a slot; the latest is kept
GAP_S = 12.0  # without a sample for longer nothing is drawn: a gap is a gap


@dataclass(frozen=True, slots=True)
class Frame:
    """What a plot draws: `times` (n,) in UTC seconds, `values` (k, n); NaN breaks a line."""

    times: Floats
    values: Floats
    is_stairs: bool = False  # counts as they were, upright and level

    @property
    def peak(self) -> float:
        """The greatest value; 0 where there is none."""
        return float(np.nanmax(self.values)) if np.isfinite(self.values).any() else 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """All that was known at one moment."""

    at_utc_s: float
    values: Floats

    def of(self, part: Part) -> Floats:
        """The values of one part, (k,); NaN where nothing was known."""
        rows: Floats = self.values[part.value]
        return rows


class FloorSeries:
    """A ring of samples in fixed arrays, always readable as one contiguous piece.

    The arrays are twice the capacity long: samples are appended, and at the end the newest
    `capacity` move to the front, so that reading never has to join two halves.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._times = np.zeros(2 * capacity)
        self._values = np.zeros((_ROWS, 2 * capacity))
        self._end = 0

    def __len__(self) -> int:
        return min(self._end, self._capacity)

    @property
    def times(self) -> Floats:
        """Moments of the kept samples, ascending; a view, not a copy."""
        return self._times[self._end - len(self) : self._end]

    @property
    def values(self) -> Floats:
        """All rows of the kept samples; a view, not a copy."""
        return self._values[:, self._end - len(self) : self._end]

    @property
    def last_utc_s(self) -> float | None:
        return float(self._times[self._end - 1]) if self._end else None

    @property
    def first_utc_s(self) -> float | None:
        return float(self.times[0]) if self._end else None

    def add(self, points: Iterable[FloorPoint]) -> int:
        """Take samples in, oldest first; return how many slots were written.

        A sample from before the newest one by more than a slot means that the computer's clock
        was set back: what lies after it is forgotten, so that the plot goes on.
        """
        written = 0
        for point in points:
            if not np.isfinite(point.at_utc_s):
                continue
            last = self.last_utc_s
            if last is not None and point.at_utc_s < last:
                if point.at_utc_s > last - SLOT_S:
                    continue
                self._forget_from(point.at_utc_s)
                last = self.last_utc_s
            if last is None or point.at_utc_s - last >= SLOT_S:
                self._open_slot(point.at_utc_s)
            self._values[:, self._end - 1] = _row(point)
            written += 1
        return written

    def clear(self) -> None:
        self._end = 0

    def frame(self, part: Part, from_s: float, to_s: float, columns: int) -> Frame:
        """One part between two moments, in few enough points for `columns`.

        Counts come as stairs while these fit, which is exact; else as means over short spans.
        """
        low = max(int(np.searchsorted(self.times, from_s)) - 1, 0)
        high = min(int(np.searchsorted(self.times, to_s, side="right")) + 1, len(self))
        times, values = self.times[low:high], self.values[part.value, low:high]
        if part is not Part.SHARES:
            stairs = _turns(*_broken_at_gaps(times, values, GAP_S))
            if len(stairs[0]) <= columns:
                return Frame(*stepped(*stairs), is_stairs=True)
        if len(times) <= 2 * columns:
            return Frame(*_broken_at_gaps(times, values, GAP_S))
        width_s = max(1.0, float(np.ceil((to_s - from_s) / max(columns, 1))))
        times, values = _means(times, values, width_s)
        return Frame(*_broken_at_gaps(times, values, max(GAP_S, 3 * width_s)))

    def nearest(self, moment_s: float) -> Sample | None:
        """The sample nearest to a moment; None within a gap."""
        times = self.times
        right = int(np.searchsorted(times, moment_s))
        near = [i for i in (right - 1, right) if 0 <= i < len(times)]
        if not near:
            return None
        best = min(near, key=lambda i: abs(float(times[i]) - moment_s))
        if abs(float(times[best]) - moment_s) > GAP_S:
            return None
        return Sample(float(times[best]), self.values[:, best])

    def latest(self, from_s: float, to_s: float) -> Sample | None:
        """The newest sample between two moments."""
        index = int(np.searchsorted(self.times, to_s, side="right")) - 1
        if index < 0 or self.times[index] < from_s:
            return None
        return Sample(float(self.times[index]), self.values[:, index])

    def _open_slot(self, at_utc_s: float) -> None:
        if self._end == 2 * self._capacity:
            keep = self._capacity - 1
            self._times[:keep] = self._times[self._end - keep : self._end]
            self._values[:, :keep] = self._values[:, self._end - keep : self._end]
            self._end = keep
        self._times[self._end] = at_utc_s
        self._end += 1

    def _forget_from(self, at_utc_s: float) -> None:
        self._end -= len(self) - int(np.searchsorted(self.times, at_utc_s))


def stepped(times: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The same samples as stairs: a count holds until the next sample (shape (k, 2n - 1))."""
    if len(times) < 2:
        return times, values
    return np.repeat(times, 2)[1:], np.repeat(values, 2, axis=1)[:, :-1]


def sections(times: Floats, values: Floats) -> list[slice]:
    """The gap-free pieces of a frame, as slices."""
    is_whole = np.isfinite(times) & np.isfinite(values).all(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_whole, [False])).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _turns(times: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Only the samples at which a count changes, and both ends of each gap-free piece."""
    if len(times) < 3:
        return times, values
    is_turn = (values[:, 1:] != values[:, :-1]).any(axis=0)  # NaN differs from everything
    keep = np.concatenate(([True], is_turn))
    keep[-1] = True
    keep[:-1] |= np.isnan(values[:, 1:]).any(axis=0)
    return times[keep], values[:, keep]


def _row(point: FloorPoint) -> Sequence[float]:
    nan = float("nan")
    seats = [float(sum(point.seats.get(s, 0) for s in states)) for _, states in SEAT_BANDS]
    calls = [float(sum(point.calls.get(s, 0) for s in stages)) for _, stages in CALL_LINES]
    shares = (point.abandoned_share, point.abandoned_low, point.abandoned_high)
    return [*seats, *calls, *(nan if share is None else share for share in shares)]


def _means(times: Floats, values: Floats, width_s: float) -> tuple[Floats, Floats]:
    """Means over bins that stand on a fixed grid, so that a sliding plot does not shimmer."""
    bins = np.floor(times / width_s)
    starts = np.concatenate(([0], np.flatnonzero(np.diff(bins)) + 1))
    counts = np.diff(np.concatenate((starts, [len(times)])))
    return (
        np.add.reduceat(times, starts) / counts,
        np.add.reduceat(values, starts, axis=1) / counts,
    )


def _broken_at_gaps(times: Floats, values: Floats, gap_s: float) -> tuple[Floats, Floats]:
    gaps = np.flatnonzero(np.diff(times) > gap_s) + 1
    if not len(gaps):
        return times, values
    return np.insert(times, gaps, times[gaps - 1] + 1.0), np.insert(values, gaps, np.nan, axis=1)
