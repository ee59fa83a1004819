"""The two clocks of an engine, and the timers that run by the first of them."""

from __future__ import annotations

import heapq
import itertools
import logging
import time
from collections.abc import Callable
from typing import Protocol

from sip.messages import Stamp

log = logging.getLogger("sip.clock")


class Clock(Protocol):
    """Where an engine gets its moments; `WallClock` in a process, `ManualClock` in tests."""

    def now(self) -> Stamp: ...


class WallClock:
    """The machine's clocks. Monotonic seconds are comparable between processes of one PC."""

    def now(self) -> Stamp:
        return Stamp(time.monotonic(), time.time())


def awake_s() -> float:
    """Seconds of this machine that go on while it sleeps; the same in all its processes."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class StandStill:
    """Whether this process, or its PC, has stood still a moment ago: what it finds may be over.

    `turn` is called each time that a loop has come round, which it does many times a second.
    """

    LEAST_S = 0.5
    SETTLES_S = 0.3

    def __init__(self, measure_s: Callable[[], float] = awake_s) -> None:
        self._measure_s = measure_s
        self._turned_s = measure_s()
        self._woke_s = float("-inf")

    @property
    def has_just_ended(self) -> bool:
        """True from the first thing that is found afterwards, for SETTLES_S."""
        self._look()
        return self._measure_s() - self._woke_s < self.SETTLES_S

    def turn(self) -> None:
        """The loop has come round once more."""
        self._look()
        self._turned_s = self._measure_s()

    def _look(self) -> None:
        now_s = self._measure_s()
        if now_s - self._turned_s >= self.LEAST_S:
            self._turned_s = self._woke_s = now_s


class ManualClock:
    """A clock that moves only when it is told to."""

    def __init__(self, mono_s: float = 1000.0, utc_s: float = 1.7e9) -> None:
        self._now = Stamp(mono_s, utc_s)

    def now(self) -> Stamp:
        return self._now

    def advance(self, seconds: float) -> Stamp:
        """Move both clocks on by `seconds` (never back) and return the new moment."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._now = later(self._now, seconds)
        return self._now


def later(stamp: Stamp, seconds: float) -> Stamp:
    """The moment `seconds` after `stamp` on both clocks."""
    return Stamp(stamp.mono_s + seconds, stamp.utc_s + seconds)


class Timer:
    """One thing that is to be done at a moment; `cancel` is safe at any time, also twice."""

    __slots__ = ("_action", "due_mono_s")

    def __init__(self, due_mono_s: float, action: Callable[[], object]) -> None:
        self.due_mono_s = due_mono_s
        self._action: Callable[[], object] | None = action

    @property
    def is_pending(self) -> bool:
        return self._action is not None

    def cancel(self) -> None:
        self._action = None

    def fire(self) -> None:
        """Run the action unless it was cancelled or has run before."""
        action, self._action = self._action, None
        if action is not None:
            action()


class Timers:
    """What is due when, run by the owner's loop between two polls; starts no thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def after(self, seconds: float, action: Callable[[], object]) -> Timer:
        """Run `action` once, `seconds` from now (at the next turn of the loop if not positive)."""
        return self.at(self._clock.now().mono_s + seconds, action)

    def at(self, mono_s: float, action: Callable[[], object]) -> Timer:
        """Run `action` once at `mono_s` on the monotonic clock."""
        timer = Timer(mono_s, action)
        heapq.heappush(self._heap, (mono_s, next(self._order), timer))
        return timer

    def run_due(self) -> int:
        """Fire what is due, in order of its moment; timers set meanwhile wait for the next turn.

        One that fails goes to the log, and the others are fired all the same.
        """
        now_s = self._clock.now().mono_s
        due: list[Timer] = []
        while self._heap and self._heap[0][0] <= now_s:
            due.append(heapq.heappop(self._heap)[2])
        for timer in due:
            try:
                timer.fire()
            except Exception:
                log.exception("a timer failed")
        return len(due)
