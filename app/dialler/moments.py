"""A line's stamps as the engine's moments."""

from __future__ import annotations

from datetime import UTC, datetime

from dialer_core.clock import Instant
from sip import messages


def instant(stamp: messages.Stamp) -> Instant:
    """The engine's moment for a line's stamp (clocks of the same PC)."""
    return Instant(stamp.mono_s, datetime.fromtimestamp(stamp.utc_s, UTC))


def maybe_instant(stamp: messages.Stamp | None) -> Instant | None:
    """The same for a moment that may not have come."""
    return None if stamp is None else instant(stamp)
