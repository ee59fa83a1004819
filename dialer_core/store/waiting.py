"""People in their order, known before they are leased; whoever leases asks again whether they fit.

What is kept may be some seconds old. Nobody is called for that: it decides only who is asked about
next, and whoever has meanwhile gone, or no longer fits, is passed over.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, true

from dialer_core.clock import Instant
from dialer_core.lists.mix import Kind, Source
from dialer_core.lists.order import Turn
from dialer_core.lists.segments import Condition
from dialer_core.store.conditions import expression
from dialer_core.store.fronts import STRAIGHT, front, is_of
from dialer_core.store.schema import ContactRow

SHELF: Final = 400  # people of one shelf
MORE: Final = 64  # that a front holds beyond what one lease may want
OLD_S: Final = 10.0  # a front is read anew after that
SHORT_S: Final = 1.0  # one that held everybody, and fewer than a lease may want
SHARED_S: Final = 30.0  # so long is a front read for each lease where others lease from it as well


@dataclass(frozen=True, slots=True)
class Pool:
    """Where a source takes people from: active lists, and a condition on them or none."""

    source: Source
    lists: tuple[int, ...]
    condition: Condition | None = None

    @property
    def is_straight(self) -> bool:
        """Whether an index knows who is next."""
        return self.condition is None and self.source.order in STRAIGHT

    def fits(self, now: datetime, dialect: str) -> ColumnElement[bool]:
        """The condition at this moment."""
        return true() if self.condition is None else expression(self.condition, now, dialect)

    def is_there(self, kind: Kind, now: datetime, dialect: str) -> ColumnElement[bool]:
        """Whether a person is on the lists, free, due and fits."""
        return and_(ContactRow.list_id.in_(self.lists), is_of(kind), self.fits(now, dialect))


class Waiting:
    """The next people of one pool and kind. Filled by one thread at a time, emptied by one."""

    def __init__(self, pool: Pool, kind: Kind) -> None:
        self.pool, self.kind = pool, kind
        self._lock = threading.Lock()
        self._turns: deque[Turn] = deque()  # may hold people who were dropped
        self._ids: set[int] = set()
        self._given: dict[int, Turn] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def take(self, count: int, but: Collection[int] = ()) -> list[Turn]:
        """Take the next people off; those in `but` are dropped."""
        taken: list[Turn] = []
        with self._lock:
            while self._turns and len(taken) < count:
                turn = self._turns.popleft()
                if turn.contact_id in self._ids:
                    self._ids.discard(turn.contact_id)
                    if turn.contact_id not in but:
                        taken.append(turn)
            self._given |= {turn.contact_id: turn for turn in taken}
            while len(self._given) > 2 * SHELF:
                del self._given[next(iter(self._given))]
        return taken

    def put_back(self, found: Iterable[Turn]) -> None:
        """Whom nobody took after all, to the front, in their order."""
        with self._lock:
            # A filling may have found them again.
            back = [turn for turn in found if turn.contact_id not in self._ids]
            self._turns.extendleft(reversed(back))
            self._ids.update(turn.contact_id for turn in back)
            for turn in back:
                self._given.pop(turn.contact_id, None)

    def returned(self, contact_id: int) -> None:
        """A lease was given back: that person goes first."""
        with self._lock:
            turn = self._given.pop(contact_id, None)
            if turn is not None and contact_id not in self._ids:
                self._turns.appendleft(turn)
                self._ids.add(contact_id)

    def drop(self, contact_id: int) -> None:
        """That person is leased, or set aside, from elsewhere."""
        if contact_id in self._ids:
            with self._lock:
                self._ids.discard(contact_id)

    def _set(self, found: Sequence[Turn], *, is_anew: bool) -> None:
        """Put people behind the others, or in their place."""
        with self._lock:
            if is_anew:
                self._turns.clear()
                self._ids.clear()
            new = [turn for turn in found if turn.contact_id not in self._ids]
            self._turns.extend(new)
            self._ids.update(turn.contact_id for turn in new)


class Front(Waiting):
    """The front of lists whose order an index knows, kept for some seconds."""

    def __init__(self, pool: Pool, kind: Kind) -> None:
        super().__init__(pool, kind)
        self._read_s: float | None = None
        self._is_all = False  # there was nobody else
        self._shared_s: float | None = None  # when somebody else was seen to lease from it

    def must_read(self, now_s: float, count: int) -> bool:
        """Whether a lease of `count` cannot go on with what is kept."""
        if self._read_s is None or not self or self.is_shared(now_s):
            return True
        age_s = now_s - self._read_s
        if len(self) < count:
            return not self._is_all or age_s >= SHORT_S
        return age_s >= 3 * OLD_S

    def should_read(self, now_s: float) -> bool:
        """Whether it is old, and better read anew with one of the next leases."""
        return self._read_s is None or now_s - self._read_s >= OLD_S

    def is_shared(self, now_s: float) -> bool:
        """Whether others lease from it too, so that nothing of it is worth keeping."""
        return self._shared_s is not None and now_s - self._shared_s < SHARED_S

    def somebody_gone(self, now_s: float) -> None:
        """Somebody whom this process did not take was not there any more."""
        self._read_s, self._shared_s = None, now_s

    def outdated(self) -> None:
        """Somebody may have come to its beginning."""
        self._read_s = None

    def read(self, connection: Connection, now: Instant, count: int, but: Collection[int]) -> None:
        """Read it anew with enough people for a lease of `count` beside those in `but`."""
        wanted = count + len(but) + (0 if self.is_shared(now.mono_s) else MORE)
        pool = self.pool
        found = front(connection, pool.lists, self.kind, pool.source.order, now.utc, wanted)
        self._set([turn for turn in found if turn.contact_id not in but], is_anew=True)
        self._is_all, self._read_s = len(found) < wanted, now.mono_s
