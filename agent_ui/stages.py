"""How far a call has come, told once for each stage: script pages and the first note."""

from __future__ import annotations

from collections import deque
from typing import Final

NOTES: Final = "notes"
MOST_TOLD: Final = 3  # pages of one script that are told, so that a call costs few rows
_REMEMBERED: Final = 64


def is_told(page: int, pages: int) -> bool:
    """Whether coming to that page (from 1) says something: the second, the last, one between.

    The first is where every call begins.
    """
    if pages <= MOST_TOLD + 1:
        return page > 1
    return page in (2, (2 + pages) // 2, pages)


class Stages:
    """Which stages of the last calls were told."""

    def __init__(self) -> None:
        self._told: deque[tuple[str, str]] = deque(maxlen=_REMEMBERED)

    def is_first(self, attempt_id: str, stage: str) -> bool:
        """True once for each stage of a call; it counts as told from then on."""
        if (attempt_id, stage) in self._told:
            return False
        self._told.append((attempt_id, stage))
        return True
