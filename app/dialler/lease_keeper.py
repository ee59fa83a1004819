"""Holding on to the dialler's lease, and knowing at every moment whether it is still held.

It is renewed on a connection and a thread of its own: neither a long transaction of this dialler
nor a writer who keeps all others waiting makes it run out. What is dialled asks `hold` first, and
carries the moment after which it must not leave any more: that moment is reckoned from before the
renewal was sent, so it is over here before the database lets another dialler have the floor.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from dialer_core.clock import Clock
from dialer_core.model.errors import StoreTrouble
from dialer_core.store.address import Place
from dialer_core.store.lease import LEASE_S, LeaseLost, LeaseStore
from sip.clock import awake_s

log = logging.getLogger("app.dialler.lease_keeper")

RENEW_S: Final = 1.0
RETRY_S: Final = 0.2
MARGIN_S: Final = 0.25  # for clocks that do not run equally fast


class LeaseKeeper:
    """Renews one epoch's lease until it is cancelled; `run` raises LeaseLost where it is gone.

    `took_s`: when the lease was asked for, on the clock of `measure_s`, which goes on while the
    PC sleeps.
    """

    def __init__(
        self,
        place: Place,
        epoch: int,
        took_s: float,
        clock: Clock,
        measure_s: Callable[[], float] = awake_s,
    ) -> None:
        self._place, self._epoch, self._clock = place, epoch, clock
        self._measure_s = measure_s
        self._until_s = took_s + LEASE_S - MARGIN_S
        self._renewed = asyncio.Event()
        self._store: LeaseStore | None = None  # touched by the pool's thread only
        self._has_trouble = False

    @property
    def is_held(self) -> bool:
        """Whether nobody else can have the floor at this moment."""
        return self._measure_s() < self._until_s

    async def hold(self) -> float:
        """Wait until the lease is held; until when, for sure. Never returns once it is lost."""
        while not self.is_held:
            self._renewed.clear()
            await self._renewed.wait()
        return self._until_s

    async def run(self) -> None:
        """Renew, from now on."""
        loop = asyncio.get_running_loop()
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lease")
        try:
            while True:
                began_s = self._measure_s()
                is_ours = await loop.run_in_executor(pool, self._try)
                if is_ours is False:
                    raise LeaseLost
                if is_ours:
                    self._until_s = began_s + LEASE_S - MARGIN_S
                    self._renewed.set()
                spent_s = self._measure_s() - began_s
                await asyncio.sleep(max(0.0, RENEW_S - spent_s) if is_ours else RETRY_S)
        finally:
            pool.submit(self._close)
            pool.shutdown(wait=False)

    def _try(self) -> bool | None:
        """Whether the lease is ours; None where that cannot be known just now."""
        try:
            if self._store is None:
                self._store = LeaseStore(self._place)
            is_ours = self._store.renew(self._epoch, self._clock.now())
        except StoreTrouble as trouble:
            if not self._has_trouble:
                log.warning("the lease could not be renewed: %s", trouble.sentence)
            self._has_trouble = True
            return None
        if self._has_trouble:
            log.info("the lease is renewed again")
        self._has_trouble = False
        return is_ours

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
