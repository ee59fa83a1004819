"""What was lost of a leg's sound between two looks at its counters."""

from __future__ import annotations

from sip.leg_numbers import LegNumbers


def share_lost_in(before: LegNumbers | None, now: LegNumbers) -> float | None:
    """Packets that were missing among those that should have come; None if none should."""
    came = now.packets_in - (before.packets_in if before else 0)
    lost = max(0, now.lost_in - (before.lost_in if before else 0))
    return lost / (came + lost) if came + lost else None


def share_lost_out(before: LegNumbers | None, now: LegNumbers) -> float | None:
    """What the far end's last report says it missed, as a share of what was sent to it."""
    if now.lost_out is None:
        return None
    lost = max(0, now.lost_out - ((before.lost_out or 0) if before else 0))
    sent = now.packets_out - (before.packets_out if before else 0)
    return min(1.0, lost / sent) if sent > 0 else None
