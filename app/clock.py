"""The machine's clocks, read here and in the engine processes only."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from dialer_core.clock import Instant


class WallClock:
    """The real time; monotonic seconds are comparable between the processes of one PC."""

    def now(self) -> Instant:
        return Instant(time.monotonic(), datetime.now(UTC))


def utc_s() -> float:
    """Seconds since the epoch, for the running timers of a window."""
    return time.time()


def mono_s() -> float:
    """Monotonic seconds of this machine."""
    return time.monotonic()
