"""Virtual time: a heap of things to come and a counter that settles ties."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dialer_core.clock import Instant

Action = Callable[[], None]


class Kernel:
    """Does things at their time, in the order of time and, within a moment, of asking."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start if start is not None else datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
        self._heap: list[tuple[float, int, Action]] = []
        self._counter = itertools.count()
        self.now_s = 0.0
        self._now = Instant(0.0, self._start)

    def now(self) -> Instant:
        """This moment on both clocks."""
        if self._now.mono_s != self.now_s:
            self._now = Instant(self.now_s, self._start + timedelta(seconds=self.now_s))
        return self._now

    def after(self, delay_s: float, action: Action) -> None:
        """Do `action` in `delay_s` seconds, never before now."""
        at_s = self.now_s + max(0.0, delay_s)
        heapq.heappush(self._heap, (at_s, next(self._counter), action))

    def run_until(self, end_s: float) -> None:
        """Let time pass up to and including `end_s`."""
        while self._heap and self._heap[0][0] <= end_s:
            self.now_s, _, action = heapq.heappop(self._heap)
            action()
        self.now_s = max(self.now_s, end_s)
