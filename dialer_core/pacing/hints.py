"""What seats and records tell of themselves, and how far it may be believed."""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections import deque
from collections.abc import Mapping, Sequence

from dialer_core.pacing.view import FloorView

_EDGES_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
KEPT = 120
_PRIOR = (0.45, 0.6, 0.75, 0.9, 1.05, 1.25, 1.6, 2.4)  # real over told, before anything is known
MOST_TOLD_S = 256.0
LEAST_TOLD_S = 0.25


class ForecastTrust:
    """How the seats' own forecasts of their end came true, by how far away the end was told.

    Keeps the ratios of real to told seconds; a forecast then is the distribution of what came
    true of such forecasts, not the told number.
    """

    def __init__(self) -> None:
        self._ratios = [sorted(_PRIOR) for _ in range(len(_EDGES_S) + 1)]
        self._ages: list[deque[float]] = [deque(_PRIOR) for _ in self._ratios]
        self._open: dict[int, tuple[float, dict[int, tuple[float, float]]]] = {}

    def watch(self, view: FloorView) -> None:
        """Note what is told now, and close the book on seats that have come free."""
        told = view.seat_ends.items() if view.seat_ends else ()
        for seat, told_s in told:
            since = view.talking.get(seat)
            if since is None:
                since = view.wrapping.get(seat)
            if since is None or not LEAST_TOLD_S <= told_s <= MOST_TOLD_S:
                continue
            book = self._open.setdefault(seat, (since, {}))[1]
            book.setdefault(bisect_right(_EDGES_S, told_s), (view.now, told_s))
        for seat in [
            seat for seat in self._open if not (seat in view.talking or seat in view.wrapping)
        ]:
            if seat in view.idle or seat in view.paused:
                self._close(seat, view.idle.get(seat, view.now))
            else:  # logged out, or reserved since: nobody knows when it was free
                del self._open[seat]

    def _close(self, seat: int, free_at: float) -> None:
        for bucket, (at, told_s) in self._open.pop(seat)[1].items():
            if free_at < at:
                continue
            ratio = (free_at - at) / told_s
            ratios, ages = self._ratios[bucket], self._ages[bucket]
            ages.append(ratio)
            insort(ratios, ratio)
            if len(ages) > KEPT:
                ratios.remove(ages.popleft())

    def chances(self, told_s: float, times: Sequence[float]) -> list[float] | None:
        """Chance to be free within each of `times`; None where the told number says nothing."""
        if not 0.0 <= told_s <= MOST_TOLD_S:
            return None
        told_s = max(told_s, LEAST_TOLD_S)
        ratios = self._ratios[bisect_right(_EDGES_S, told_s)]
        return [bisect_right(ratios, time_s / told_s) / (len(ratios) + 0.5) for time_s in times]


class RecordChances:
    """The chances of the calls in flight, and how the records' chances compare with what came."""

    def __init__(self) -> None:
        self._of_call: dict[str, float] = {}
        self._expected: deque[float] = deque(maxlen=8)
        self._told_sum = 0.0
        self._told = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether no call in flight has a chance of its own."""
        return not self._of_call

    def launched(self, chances: Sequence[float]) -> None:
        """These calls were ordered in the decision that was just made, in this order."""
        self._expected = deque(chances)
        for chance in chances:
            self._told_sum = 0.995 * self._told_sum + chance
            self._told = 0.995 * self._told + 1.0

    def scale(self, chance: float) -> float:
        """What told chances are multiplied with to fit the measured chance of all calls."""
        if self._told < 1.0:
            return 1.0
        prior = 60.0
        return (prior + self._told * chance / max(self._told_sum / self._told, 0.01)) / (
            prior + self._told
        )

    def watch(self, ringing: Mapping[str, float]) -> None:
        """Give the calls that are new their chances and forget those that are over."""
        known = self._of_call
        if self._expected:
            for call in ringing:
                if call not in known and self._expected:
                    known[call] = self._expected.popleft()
            self._expected.clear()
        if len(known) > 2 * len(ringing) + 8:
            self._of_call = {call: known[call] for call in ringing if call in known}

    def of(self, call: str) -> float:
        """The chance that was told of this call; NaN where none was."""
        return self._of_call.get(call, math.nan)
