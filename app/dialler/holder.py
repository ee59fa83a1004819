"""Who holds the dialler's lease, in a text that tells whether that process still lives."""

from __future__ import annotations

from app.holder import describe_self, is_dead, is_here

__all__ = ["describe_self", "is_dead", "is_here"]
