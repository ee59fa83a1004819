"""Recordings that lie on a PC of lines: each comes home, or is deleted where nobody may keep it.

Who erases a person takes away the files that are here. One that still lies on a PC that is away
comes later, and must not be kept then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol, TypeVar

from app.dialler import far_files
from app.floor_place import floor_place
from app.profile import Profile
from dialer_core.clock import Clock
from dialer_core.model.errors import KnownError
from dialer_core.store.arriving import Arrival, ArrivalStore

log = logging.getLogger("app.dialler.far_arrivals")

MOST_AT_ONCE: Final = 2
AGAIN_S: Final = 1.0
EARLY_S: Final = 10.0  # a line that was away tells within moments what stands in its journal
UNKNOWN_S: Final = 3600.0
T = TypeVar("T")


class Record(Protocol):
    """What the floor's record says; OSError where it cannot be asked just now."""

    async def look(self, attempt_id: str) -> Arrival:
        """What is to become of the recording of this call."""
        ...

    async def note_deleted(self, attempt_id: str, pc: str) -> None:
        """One was deleted that had lain on that PC."""
        ...


class FloorRecord:
    """The record of this profile's floor, on a thread and a connection of its own."""

    def __init__(self, profile: Profile, clock: Clock) -> None:
        self._profile, self._clock = profile, clock
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="arrivals")
        self._store: ArrivalStore | None = None  # opened when it is first needed

    async def look(self, attempt_id: str) -> Arrival:
        """What is to become of the recording of this call."""
        return await self._do(lambda store: store.look(attempt_id, self._clock.now()))

    async def note_deleted(self, attempt_id: str, pc: str) -> None:
        """One was deleted that had lain on that PC."""
        await self._do(lambda store: store.note_deleted(attempt_id, pc, self._clock.now()))

    async def _do(self, work: Callable[[ArrivalStore], T]) -> T:
        def run() -> T:
            if self._store is None:
                self._store = ArrivalStore(floor_place(self._profile))
            return work(self._store)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, run)
        except KnownError as error:
            raise OSError(error.sentence) from error

    async def close(self) -> None:
        """Give the connection back."""
        if self._store is not None:
            await asyncio.get_running_loop().run_in_executor(self._pool, self._store.close)
        self._pool.shutdown()


class Arrivals:
    """The recordings of one PC: which is to be dealt with now, and how."""

    def __init__(
        self,
        pc: str,
        recordings_dir: Path,
        link: far_files.Link,
        record: Record,
        mono_s: Callable[[], float],
    ) -> None:
        self._pc = pc
        self._recordings_dir = recordings_dir
        self._link = link
        self._record = record
        self._mono_s = mono_s
        self._under_way: set[str] = set()
        self._not_before_s: dict[str, float] = {}

    def due(self, names: Sequence[str], busy: set[str]) -> list[str]:
        """Of those that lie there, the ones to begin with now; `busy`: attempts in progress."""
        now_s = self._mono_s()
        self._not_before_s = {k: s for k, s in self._not_before_s.items() if s > now_s}
        free = [
            name
            for name in names
            if name not in self._under_way
            and name not in self._not_before_s
            and far_files.is_recording(name)
            and Path(name).stem not in busy
        ]
        chosen = free[: max(0, MOST_AT_ONCE - len(self._under_way))]
        self._under_way.update(chosen)
        return chosen

    async def deal_with(self, name: str) -> None:
        """One that was due; where it goes wrong it stays there, and is due again."""
        try:
            await self._deal_with(name, Path(name).stem)
        except (OSError, ValueError) as error:
            self._wait(name, AGAIN_S)
            log.warning("a recording stays on %s for now: %s", self._pc, error)
        finally:
            self._under_way.discard(name)

    async def _deal_with(self, name: str, attempt_id: str) -> None:
        async def may_stay() -> bool:
            """Asked once more: the person may be erased while their recording is on its way."""
            return await self._record.look(attempt_id) is not Arrival.OVER

        match await self._record.look(attempt_id):
            case Arrival.EARLY:
                self._wait(name, EARLY_S)
                return
            case Arrival.UNKNOWN:
                self._wait(name, UNKNOWN_S)
                log.warning("a recording on %s is of no call of this floor; it stays", self._pc)
                return
            case Arrival.OVER:
                is_kept = False
                (self._recordings_dir / name).unlink(missing_ok=True)
                await far_files.drop(name, self._link)
            case Arrival.WANTED:
                is_kept = await far_files.fetch(name, self._recordings_dir, self._link, may_stay)
        if not is_kept:
            log.info("a recording on %s was deleted, as nobody may keep it", self._pc)
            await self._record.note_deleted(attempt_id, self._pc)

    def _wait(self, name: str, seconds: float) -> None:
        self._not_before_s[name] = self._mono_s() + seconds
