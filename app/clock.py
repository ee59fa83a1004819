"""The machine's clocks, read here and in the engine processes only."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from dialer_core.clock import Clock, Instant


class WallClock:
    """The real time; monotonic seconds are comparable between the processes of one PC."""

    def now(self) -> Instant:
        return Instant(time.monotonic(), datetime.now(UTC))


class FloorClock:
    """A PC's clock, put right by the floor's: what others compare is not this PC's to say."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ahead_s = 0.0

    @property
    def own(self) -> Clock:
        """The PC's clock as it is."""
        return self._clock

    def now(self) -> Instant:
        found = self._clock.now()
        if not self.ahead_s:
            return found
        return Instant(found.mono_s, found.utc - timedelta(seconds=self.ahead_s))

    def utc_s(self) -> float:
        """Seconds since the epoch by the floor's clock."""
        return self.now().utc.timestamp()


def clock_words(ahead_s: float) -> str:
    """How far a clock is off, before "the floor's"."""
    minutes = abs(ahead_s) / 60.0
    far = f"{minutes:.0f} minutes" if minutes >= 2 else f"{abs(ahead_s):.0f} seconds"
    return f"{far} {'ahead of' if ahead_s > 0 else 'behind'}"


def utc_s() -> float:
    """Seconds since the epoch, for the running timers of a window."""
    return time.time()


def mono_s() -> float:
    """Monotonic seconds of this machine."""
    return time.monotonic()
