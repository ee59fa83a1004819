"""Until this dialler has the floor: its turn is waited for, with lines that run already.

Who stands by waits as long as it takes. Who does not waits for an older dialler of this PC, as that
one is ending, and leaves the floor to one of another PC. A PC that could not dial, as its clock is
not the floor's or its program is older than the floor, does not take it from one that could.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from app.dialler import holder
from app.dialler.clock_watch import clock_trouble, refuse_clock
from app.dialler.store_thread import StoreThread
from app.errors import KnownError
from dialer_core.clock import Clock
from dialer_core.store.floor import FloorStore
from dialer_core.store.lease import LEASE_S
from sip.clock import awake_s

log = logging.getLogger("app.dialler.standing_by")

LOOK_S: Final = 0.25  # how often one that stands by looks whether the floor is free
ENDING_LOOK_S: Final = 0.02  # the same of one that waits for an older dialler to end
OTHERS_S: Final = 2 * LEASE_S  # so long one that does not stand by waits for another PC's dialler
STANDING_BY: Final = "standing by until the floor is free"
LEFT_ALONE: Final = "Another dialler runs this floor; it was left alone."


class NotNeeded(Exception):
    """One that stood by was told to end before the floor was free."""


class WaitingLines(Protocol):
    """Lines that were started before they are needed."""

    async def close(self, *, shut_lines: bool) -> None: ...


class FloorTurn:
    """Takes the floor's lease when it is this dialler's turn.

    `open_lines` starts this PC's lines; `look` is asked, again and again, whether the floor itself
    has moved away.
    """

    def __init__(
        self,
        thread: StoreThread,
        clock: Clock,
        open_lines: Callable[[], Awaitable[WaitingLines]],
        look: Callable[[], None],
        *,
        stands_by: bool,
    ) -> None:
        self._thread, self._clock = thread, clock
        self._open_lines, self._look = open_lines, look
        self._stands_by = stands_by
        self._waiting: WaitingLines | None = None
        self._has_wrong_clock = False

    async def take(self, store: FloorStore, is_ending: Callable[[], bool]) -> tuple[int, float]:
        """The epoch, and when it was asked for on `awake_s`. NotNeeded, KnownError without one."""
        if not self._stands_by:  # who does waits until the clock is right
            await refuse_clock(self._thread, store, self._clock)
        try:
            return await self._take(store, is_ending)
        finally:
            await self._end_waiting(shut_lines=True)  # where the floor was not taken

    async def _take(self, store: FloorStore, is_ending: Callable[[], bool]) -> tuple[int, float]:
        name, began_s = holder.describe_self(), awake_s()
        is_new = True
        while not is_ending():
            took_s = awake_s()
            epoch = await self._ask(store, name)
            if epoch is not None:
                await self._end_waiting(shut_lines=False)
                return int(epoch), took_s
            if self._stands_by and self._waiting is None:
                await self._begin_waiting(store)
            if self._stands_by and is_new:
                log.info(STANDING_BY)
            is_new = False
            self._look()
            if not self._stands_by and took_s - began_s > OTHERS_S:
                await self._leave_to_others(store)
            await asyncio.sleep(LOOK_S if self._stands_by else ENDING_LOOK_S)
        raise NotNeeded if self._stands_by else KnownError(LEFT_ALONE)

    async def _ask(self, store: FloorStore, name: str) -> int | None:
        """The epoch; None while it is another's, or while this PC could do nothing with it."""
        now = self._clock.now()
        if self._stands_by:
            other = await self._thread.do(store.lease_holder, now)
            if other not in ("", name) and not holder.is_dead(other):
                return None
            await self._thread.do(store.refuse_outdated)
            if not await self._is_clock_right(store):
                return None
        return await self._thread.do(store.take_lease, name, now, LEASE_S, holder.is_dead)

    async def _is_clock_right(self, store: FloorStore) -> bool:
        """Whether this PC may dial by its clock; said in the log as it turns."""
        words = await clock_trouble(self._thread, store, self._clock)
        if bool(words) is not self._has_wrong_clock:
            self._has_wrong_clock = bool(words)
            log.warning("%s", f"standing by: {words}" if words else "the clock is right again")
        return not words

    async def _begin_waiting(self, store: FloorStore) -> None:
        """Beside another PC's dialler the lines are started now: that takes longer than its lease.

        On the same PC its own are adopted.
        """
        other = await self._thread.do(store.lease_holder, self._clock.now())
        if not other or holder.is_here(other):
            return
        self._waiting = await self._open_lines()

    async def _end_waiting(self, *, shut_lines: bool) -> None:
        """Leave them to the dialler that this one becomes, or end them."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            await waiting.close(shut_lines=shut_lines)

    async def _leave_to_others(self, store: FloorStore) -> None:
        other = await self._thread.do(store.lease_holder, self._clock.now())
        if other and not holder.is_here(other):
            raise KnownError(f"{LEFT_ALONE} To stand by for it: callfloor dialler --standby.")
