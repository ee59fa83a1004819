"""Work beside a lease waits while the lease is under way.

Threads of one process take turns at one interpreter: what fits a model or looks through a segment
would else double the time in which agents wait for the next person.
"""

from __future__ import annotations

import threading
from typing import Final

LONGEST_S: Final = 0.1  # so that what is beside comes to its end on the busiest floor


def no_pause() -> None:
    """For work that nobody waits beside."""


class GivingWay:
    """A `with` of the one in front; `pause` is called by those beside, as often as they can."""

    def __init__(self) -> None:
        self._is_free = threading.Event()
        self._is_free.set()

    def __enter__(self) -> None:
        self._is_free.clear()

    def __exit__(self, *_: object) -> None:
        self._is_free.set()

    def pause(self) -> None:
        """Wait until nobody is in front."""
        self._is_free.wait(LONGEST_S)
