"""What the dialler does beside its calls: clears what others left half done, and the day's purge.

On a thread of its own, in small transactions with a rest between them, so that no call waits.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Final

from app import holder
from app.backup.nightly import Nightly
from app.dialler.trials import look_at_experiments
from app.errors import as_known_error
from dialer_core.clock import Clock
from dialer_core.store.address import Place
from dialer_core.store.daily import DailyStore
from dialer_core.store.importing import ImportStore

log = logging.getLogger("app.dialler.chores")

LOOK_S: Final = 60.0  # between two looks at the calendar
REST_S: Final = 0.05  # between two transactions: calls come first


class _Stopped(Exception):
    """The dialler ends; what is left is done the next time."""


class Chores:
    """Runs from the dialler's start until it is cancelled; its trouble never touches a call."""

    def __init__(
        self,
        database: Place,
        clock: Clock,
        is_dead: Callable[[str], bool] = holder.is_dead,
        nightly: Nightly | None = None,
    ) -> None:
        self._database, self._clock, self._is_dead = database, clock, is_dead
        self._nightly = nightly
        self._stop = threading.Event()

    async def run(self) -> None:
        """At once, and then whenever a new day has begun."""
        loop = asyncio.get_running_loop()
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chores")
        try:
            await loop.run_in_executor(pool, self._try, self.clear)
            while True:
                await loop.run_in_executor(pool, self._try, self.purge)
                await loop.run_in_executor(pool, self._try, self.look_at_experiments)
                await loop.run_in_executor(pool, self._try, self.back_up)
                await asyncio.sleep(LOOK_S)
        finally:
            self._stop.set()
            pool.shutdown()  # waits for one small transaction

    def clear(self) -> int:
        """Take out what an import has left that was killed; how many imports those were."""
        store = ImportStore(self._database, holder.describe_self(), self._is_dead, self._rest)
        with closing(store):
            count = store.clear_dead(self._clock.now())
        if count:
            log.info("%d imports that had broken off were cleared", count)
        return count

    def purge(self) -> bool:
        """The day's purge, unless it has been; whether it came to its end now."""
        now = self._clock.now()
        with closing(DailyStore(self._database)) as store:
            if not store.is_due(now):
                return False
            done = store.purge(now, self._goes_on)
        if done is None:
            return False
        taken = ", ".join(f"{count} of {kind}" for kind, count in done.taken.items())
        log.info("the day's purge took %s", taken or "nothing")
        if done.stuck:
            log.warning("%d files could not be removed by the day's purge", len(done.stuck))
        return True

    def look_at_experiments(self) -> int:
        """End the experiments that have their answer; how many."""
        return look_at_experiments(self._database, self._clock.now())

    def back_up(self) -> bool:
        """The night's backup, where it is due; whether one was made now."""
        if self._nightly is None:
            return False
        return self._nightly.look(self._clock.now(), lambda: not self._stop.is_set()) is not None

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except _Stopped:
            log.info("a chore was left for the next start")
        except Exception as error:
            known = as_known_error(error)
            if known is None:
                log.exception("a chore failed")
            else:
                log.warning("a chore has to wait: %s", known.sentence)

    def _goes_on(self) -> bool:
        return not self._stop.wait(REST_S)

    def _rest(self) -> None:
        if not self._goes_on():
            raise _Stopped
