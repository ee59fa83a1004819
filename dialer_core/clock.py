"""The two clocks of every event: seconds that never jump, and the time that law and records use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on both clocks: monotonic seconds for durations, UTC for record and law."""

    mono_s: float
    utc: datetime

    def after(self, seconds: float) -> Instant:
        """The moment `seconds` later on both clocks."""
        return Instant(self.mono_s + seconds, self.utc + timedelta(seconds=seconds))


class Clock(Protocol):
    """Where the shells of the core get the time that they hand in."""

    def now(self) -> Instant: ...


class ManualClock:
    """A clock that moves only when it is told to; for tests and for virtual time."""

    def __init__(self, start: datetime | None = None, mono_s: float = 0.0) -> None:
        utc = start if start is not None else datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
        self._now = Instant(mono_s, utc)

    def now(self) -> Instant:
        return self._now

    def advance(self, seconds: float) -> Instant:
        """Move both clocks on by `seconds` (never back) and return the new moment."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._now = self._now.after(seconds)
        return self._now
