"""Small stocks of next people for what no index can answer: segments, lots, the best hour.

A walk goes through a list in the order of an index and remembers where it is, so that people who
do not fit are passed once. It goes in pieces beside the dialler, in a thread and with a connection
of its own, and only reads; whether somebody still fits is asked again when they are leased.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    bindparam,
    func,
    select,
    tuple_,
)

from dialer_core.lists.mix import Kind
from dialer_core.lists.order import ListOrder, Lot, Turn, in_order
from dialer_core.store.fronts import COLUMNS, TurnSelect, beside, is_of, turns
from dialer_core.store.schema import ContactRow
from dialer_core.store.waiting import SHELF, Pool, Waiting

LOW: Final = 150  # with fewer left, more are looked for
PIECE: Final = 8_000  # rows that a background step looks at
FIRST_PIECE: Final = 400  # and one that the dialler waits for
LOT_PIECE: Final = 1000
OLD_S: Final = 60.0  # a shelf is made anew after that, and after `PATIENCE` times its making
DRY_S: Final = 5.0  # one that found nobody
PATIENCE: Final = 30.0
ROW_S: Final = 5e-6

Scores = Callable[[Connection, Sequence[Turn]], Sequence[Turn]]


class Walk:
    """One way through one list, or by lot through several; each step goes on from the last one."""

    def __init__(self, pool: Pool, lists: Sequence[int], kind: Kind) -> None:
        self._pool, self._lists, self._kind = pool, lists, kind
        self._order = pool.source.order
        self._cursor: tuple[Any, ...] | None = None
        self._level: int | None = None
        self._lot: Lot | None = None
        self._place = 0
        self.is_done = False
        self.rows = 0  # looked at so far

    def step(self, connection: Connection, now: datetime, rows: int, most: int) -> list[Turn]:
        """About `most` people who fit among the next `rows`; sets `is_done` at the end."""
        if self._order is ListOrder.RANDOM:
            return self._draw(connection, now)
        is_first = self._has_levels and self._level is None
        if is_first and not self._next_level(connection, now):
            self.is_done = True
            return []
        piece = self._piece(rows)
        asked = {"now": now}
        inside = piece.subquery("piece")
        found = turns(connection.execute(self._fitting(inside, now, connection, most), asked))
        if len(found) == most:
            self._cursor = self._key(found[-1])
            self.rows += most
            return found
        last = connection.execute(self._last(inside), asked).one()
        self.rows += last[0]
        if last[0] < rows or last[1] is None:
            self._end_of_level(connection, now)
        else:
            self._cursor = self._key(Turn(last[1], due_at=last[2]))
        return found

    # --- along an index -----------------------------------------------------------------------

    def _piece(self, rows: int) -> Select[int, datetime | None]:
        chosen = select(ContactRow.id, ContactRow.next_at).where(self._is_listed, is_of(self._kind))
        if self._kind is Kind.RETRY:
            key = tuple_(ContactRow.next_at, ContactRow.id)
            chosen = chosen.order_by(ContactRow.next_at, ContactRow.id)
            if self._cursor is not None:
                chosen = chosen.where(key > tuple_(*self._bound(self._cursor)))
        elif self._order is ListOrder.NEWEST:
            chosen = chosen.order_by(ContactRow.next_at.desc(), ContactRow.id.desc())
            if self._cursor is not None:
                chosen = chosen.where(ContactRow.id < self._cursor[0])
        else:
            chosen = chosen.where(ContactRow.priority == self._level).order_by(ContactRow.id)
            if self._cursor is not None:
                chosen = chosen.where(ContactRow.id > self._cursor[0])
        return chosen.limit(rows)

    @staticmethod
    def _bound(cursor: tuple[Any, ...]) -> tuple[Any, ...]:
        at = bindparam(None, cursor[0], type_=ContactRow.next_at.type)
        return at, bindparam(None, cursor[1])

    def _key(self, turn: Turn) -> tuple[Any, ...]:
        if self._kind is Kind.RETRY:
            return turn.due_at, turn.contact_id
        return (turn.contact_id,)

    def _fitting(
        self, inside: Subquery, now: datetime, connection: Connection, most: int
    ) -> TurnSelect:
        chosen = select(*COLUMNS).join(inside, inside.c.id == ContactRow.id)
        chosen = chosen.where(beside(self._pool.fits(now, connection.dialect.name)))
        if self._kind is Kind.RETRY:
            chosen = chosen.order_by(inside.c.next_at, inside.c.id)
        elif self._order is ListOrder.NEWEST:
            chosen = chosen.order_by(inside.c.id.desc())
        else:
            chosen = chosen.order_by(inside.c.id)
        return chosen.limit(most)

    def _last(self, inside: Subquery) -> Select[int, int | None, datetime | None]:
        end = func.min(inside.c.id) if self._order is ListOrder.NEWEST else func.max(inside.c.id)
        if self._kind is Kind.FRESH:
            return select(func.count(), end, func.max(inside.c.next_at))
        # The last in the order of time is not the highest id.
        last = (
            select(inside.c.id)
            .order_by(inside.c.next_at.desc(), inside.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        return select(func.count(), last, func.max(inside.c.next_at)).select_from(inside)

    def _next_level(self, connection: Connection, now: datetime) -> bool:
        """The highest priority below the one that was walked; False where there is none."""
        highest = select(func.max(ContactRow.priority)).where(self._is_listed, is_of(Kind.FRESH))
        if self._level is not None:
            highest = highest.where(ContactRow.priority < self._level)
        self._level = connection.scalar(highest, {"now": now})
        self._cursor = None
        return self._level is not None

    @property
    def _is_listed(self) -> ColumnElement[bool]:
        if len(self._lists) == 1:
            return ContactRow.list_id == self._lists[0]
        return ContactRow.list_id.in_(self._lists)

    @property
    def _has_levels(self) -> bool:
        return self._kind is Kind.FRESH and self._order is not ListOrder.NEWEST

    def _end_of_level(self, connection: Connection, now: datetime) -> None:
        self.is_done = not (self._has_levels and self._next_level(connection, now))

    # --- by lot -------------------------------------------------------------------------------

    def _draw(self, connection: Connection, now: datetime) -> list[Turn]:
        if self._lot is None:
            ends = self._ends(connection)
            if not ends:
                self.is_done = True
                return []
            self._lot = Lot(min(ends), max(ends), self._pool.source.seed)
        places = self._lot.some(self._place, LOT_PIECE)
        self._place += len(places)
        self.rows += len(places)
        self.is_done = self._place >= len(self._lot)
        fits = self._pool.fits(now, connection.dialect.name)
        is_there = and_(self._is_listed, is_of(self._kind), fits)
        chosen = select(*COLUMNS).where(ContactRow.id.in_(places), beside(is_there))
        rank = {contact_id: place for place, contact_id in enumerate(places)}
        found = turns(connection.execute(chosen, {"now": now}))
        return sorted(found, key=lambda turn: rank[turn.contact_id])

    def _ends(self, connection: Connection) -> list[int]:
        """The first and the last id of each list, as far as there are people."""
        found: list[int | None] = []
        for list_id in self._lists:
            for end in (func.min(ContactRow.id), func.max(ContactRow.id)):
                found.append(connection.scalar(select(end).where(ContactRow.list_id == list_id)))
        return [one for one in found if one is not None]


class Shelf(Waiting):
    """What the walks have found of one pool and kind."""

    def __init__(self, pool: Pool, kind: Kind) -> None:
        super().__init__(pool, kind)
        self._walks: list[Walk] = []
        self.made_s: float | None = None  # when the walk began that this shelf comes from
        self.is_dry = False  # the walk has come to its end

    @property
    def _took_s(self) -> float:
        """About how long the walk has taken, by the rows that it looked at."""
        return ROW_S * sum(walk.rows for walk in self._walks)

    def wants(self, now_s: float) -> bool:
        """Whether more people are to be looked for."""
        if self.made_s is None:
            return True
        age_s = now_s - self.made_s
        if self.is_dry and len(self) < LOW:
            return age_s >= max(DRY_S, PATIENCE * self._took_s)
        return len(self) < LOW or age_s >= max(OLD_S, PATIENCE * self._took_s)

    def is_anew(self, now_s: float) -> bool:
        """Whether the walk begins again."""
        if self.made_s is None or self.is_dry:
            return True
        return now_s - self.made_s >= max(OLD_S, PATIENCE * self._took_s)

    def fill(
        self,
        connection: Connection,
        now: datetime,
        now_s: float,
        scores: Scores,
        *,
        rows: int = PIECE,
        steps: int = 1_000_000,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> None:
        """Walk on, or from the beginning, until the shelf is full or the lists are through."""
        is_anew = self.is_anew(now_s)
        if is_anew:
            is_by_lot = self.pool.source.order is ListOrder.RANDOM
            parts = [self.pool.lists] if is_by_lot else [(one,) for one in self.pool.lists]
            self._walks = [Walk(self.pool, part, self.kind) for part in parts]
        quota = -(-SHELF // max(1, len(self._walks)))
        found: list[Turn] = []
        for walk in self._walks:
            own: list[Turn] = []
            while not walk.is_done and len(own) < quota and steps > 0 and goes_on():
                own += walk.step(connection, now, rows, quota - len(own))
                steps -= 1
            found += own
        if self.pool.source.order is ListOrder.BEST_HOUR and found:
            found = list(scores(connection, found))
        self._offer(found, now_s, is_anew=is_anew)

    def _offer(self, found: Sequence[Turn], now_s: float, *, is_anew: bool) -> None:
        order, seed = self.pool.source.order, self.pool.source.seed
        in_turn = list(found) if order is ListOrder.RANDOM else in_order(found, order, seed)
        self._set(in_turn, is_anew=is_anew)
        if is_anew:
            self.made_s = now_s
        self.is_dry = all(walk.is_done for walk in self._walks)
