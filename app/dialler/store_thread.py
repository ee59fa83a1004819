"""The one thread that uses the floor's database for the dialler, patient with what it cannot do.

While the database is away nothing is dialled, as nothing can be put on the record; calls are the
lines'.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from dialer_core.clock import Clock
from dialer_core.model.errors import StoreTrouble
from dialer_core.store.address import Place
from dialer_core.store.floor import FloorStore

log = logging.getLogger("app.dialler.store_thread")

AGAIN_S: Final = 0.25  # between two tries of what the database could not do
GIVE_UP_S: Final = 10.0  # so long these tries go on when the dialler is to end
LOOK_S: Final = 1.0
T = TypeVar("T")


class StoreThread:
    """Does work on the store's thread. `is_ending()`: tries end soon, as the dialler is to end."""

    def __init__(self, clock: Clock, is_ending: Callable[[], bool]) -> None:
        self._clock, self._is_ending = clock, is_ending
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._waiting = 0  # pieces of work that the database could not do yet

    async def do(self, work: Callable[..., T], *arguments: object) -> T:
        """Have it done; tried again, as a whole, while the database cannot be used.

        Raises StoreTrouble only where the dialler is to end and it could not be done in GIVE_UP_S.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._pool, work, *arguments)
        except StoreTrouble as trouble:
            return await self._try_again(trouble, work, *arguments)

    async def _try_again(
        self, trouble: StoreTrouble, work: Callable[..., T], *arguments: object
    ) -> T:
        """Other work may go well meanwhile: who reads does not wait for who writes."""
        loop, since_s = asyncio.get_running_loop(), self._clock.now().mono_s
        if not self._waiting:
            log.warning("nothing is dialled until this is mended: %s", trouble.sentence)
        self._waiting += 1
        try:
            while True:
                if self._is_ending() and self._clock.now().mono_s - since_s > GIVE_UP_S:
                    raise trouble
                await asyncio.sleep(AGAIN_S)
                try:
                    done = await loop.run_in_executor(self._pool, work, *arguments)
                except StoreTrouble as again:
                    trouble = again
                else:
                    break
        finally:
            self._waiting -= 1
        if not self._waiting:
            log.info("the floor's database is there again")
        return done

    async def open(self, place: Place, *, is_patient: bool) -> FloorStore | None:
        """The store; who is patient waits until the database is there (None: told to end)."""
        loop = asyncio.get_running_loop()
        while not self._is_ending():
            try:
                return await loop.run_in_executor(self._pool, FloorStore, place)
            except StoreTrouble as trouble:
                if not is_patient:
                    raise
                log.info("standing by: %s", trouble.sentence)
                await asyncio.sleep(LOOK_S)
        return None

    def close(self) -> None:
        """End the thread, once it has done what it was given."""
        self._pool.shutdown()
