"""The clocks of a PC of lines as this PC's: each moment that its lines tell is put right.

Monotonic seconds of two PCs have nothing in common, and the other's UTC may be off. What one look
and its answer took bounds how wrong the difference can be; the quickest of late is believed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC
from typing import Final, TypeVar

import msgspec

from app.dialler.far_words import Seen
from dialer_core.clock import Instant
from sip.messages import Stamp

LATEST: Final = 60
"""Looks, one a second: crystals part by some 3 ms in that time."""
OTHER_BOOT_S: Final = 2.0
"""Where a moment's two clocks disagree by more, its monotonic one began at another start."""
S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Look:
    """One look: the other's clocks less this PC's, and by how much that may be wrong (s)."""

    mono_s: float
    utc_s: float
    awake_s: float
    error_s: float


class FarClock:
    """The difference to one PC's clocks."""

    def __init__(self) -> None:
        self._looks: deque[Look] = deque(maxlen=LATEST)

    def saw(self, seen: Seen, asked: Instant, answered: Instant, awake_s: float) -> None:
        """An answer came; `awake_s`: this PC's clock that goes on asleep, when it was asked."""
        half_s = (answered.mono_s - asked.mono_s) / 2.0
        self._looks.append(
            Look(
                seen.mono_s - asked.mono_s - half_s,
                seen.utc_s - asked.utc.timestamp() - half_s,
                seen.awake_s - awake_s - half_s,
                half_s,
            )
        )

    @property
    def best(self) -> Look:
        """The quickest look of late."""
        return min(self._looks, key=lambda one: one.error_s)

    @property
    def utc_off_s(self) -> float:
        """How far the other's clock is ahead of this PC's."""
        return self.best.utc_s

    def here(self, message: S, now: Instant) -> S:
        """The message with this PC's moments."""
        changed: dict[str, object] = {}
        for name in message.__struct_fields__:
            value = getattr(message, name)
            if isinstance(value, Stamp):
                changed[name] = self._stamp(value, now)
            elif isinstance(value, msgspec.Struct):
                changed[name] = self.here(value, now)
        return msgspec.structs.replace(message, **changed) if changed else message

    def there_awake(self, awake_s: float) -> float:
        """A moment after which something is too late, on the other's clock; rather too early."""
        return awake_s + self.best.awake_s - self.best.error_s

    def _stamp(self, stamp: Stamp, now: Instant) -> Stamp:
        best, now_utc_s = self.best, now.utc.astimezone(UTC).timestamp()
        mono_s, utc_s = stamp.mono_s - best.mono_s, stamp.utc_s - best.utc_s
        by_mono_s = now_utc_s - (now.mono_s - mono_s)
        if abs(by_mono_s - utc_s) <= OTHER_BOOT_S:
            return Stamp(mono_s, by_mono_s)
        return Stamp(now.mono_s - (now_utc_s - utc_s), utc_s)
