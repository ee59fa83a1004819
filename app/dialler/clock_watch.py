"""The law's hours are this PC's: nothing is dialled by a clock that is not the floor's.

Looked at before the floor is taken, before anything is dialled, and every few seconds after: a PC
that wakes, or that somebody sets, may have another time than before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, Protocol

from app.clock import clock_words
from app.dialler.store_thread import StoreThread
from app.errors import KnownError
from dialer_core.clock import Clock
from dialer_core.engine.events import DiallingResumed, DiallingStopped, Event

log = logging.getLogger("app.dialler.clock_watch")

CLOCK_OFF_S: Final = 30.0
LOOK_S: Final = 5.0


class ClockStore(Protocol):
    """The floor's database, as far as it knows what time it is."""

    def clock_off_s(self, clock: Clock) -> float: ...


async def clock_trouble(thread: StoreThread, store: ClockStore, clock: Clock) -> str:
    """Why nothing is dialled by this clock, without a full stop; "" where it is the floor's."""
    off_s = await thread.do(store.clock_off_s, clock)
    return _words(off_s) if abs(off_s) > CLOCK_OFF_S else ""


async def refuse_clock(thread: StoreThread, store: ClockStore, clock: Clock) -> None:
    """KnownError where this PC's clock is off, before it takes the floor."""
    words = await clock_trouble(thread, store, clock)
    if words:
        raise KnownError(f"{words}: set the clocks of both right, and start again.")


class ClockWatch:
    """Stops the engine's dialling while this PC's clock is off; calls in progress go on."""

    def __init__(self, thread: StoreThread, clock: Clock, put: Callable[[Event], None]) -> None:
        self._thread, self._clock, self._put = thread, clock, put
        self._looked_s = float("-inf")
        self.trouble = ""  # a sentence for the supervisor while nothing is dialled for it

    async def look(self, store: ClockStore, *, is_ending: bool) -> None:
        """Stop or go on, where it is time to look; who is ending does not go on."""
        now_s = self._clock.now().mono_s
        if now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        words = await clock_trouble(self._thread, store, self._clock)
        if words and not self.trouble:
            log.warning("%s", words)
            self._put(DiallingStopped())
        elif self.trouble and not words:
            log.info("the clock is right again")
            if not is_ending:
                self._put(DiallingResumed())
        self.trouble = f"{words}: set the clocks of both right." if words else ""


def _words(off_s: float) -> str:
    return (
        f"The clock of this PC is {clock_words(off_s)} the floor's, so nothing is dialled from here"
    )
