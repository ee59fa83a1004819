"""One owner for one connection: a store belongs to the thread that first used it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, func, select

from dialer_core.clock import Clock
from dialer_core.store.address import FloorAddress, Place
from dialer_core.store.database import Database
from dialer_core.store.feed import ChangeFeed
from dialer_core.store.opening import open_database


class OneThread:
    """A store with a connection of its own, opened by the thread that first uses it.

    `source`: the database's file or address, or an open Database (which stays open after `close`).

    Any other thread raises RuntimeError, also in production: a connection that two threads share
    would mix their transactions.
    """

    def __init__(self, source: Place | Database) -> None:
        self._is_mine = not isinstance(source, Database)
        self._database = source if isinstance(source, Database) else open_database(source)
        self._feed = ChangeFeed(self._database, self._own, self._is_for_us)
        self._owner: int | None = None
        self._connection: Connection | None = None

    def close(self) -> None:
        """Give the connection back; the store is not used again."""
        self._feed.close()
        if self._connection is not None:
            self._own().close()
            self._connection = None
        if self._is_mine:
            self._database.close()

    def changed(self) -> bool:
        """True where another connection has committed since the last call; costs microseconds."""
        self._own()
        return self._feed.changed()

    def _is_for_us(self, _words: str) -> bool:
        """Whether a commit that says this concerns who uses this store; see `feed_words`."""
        return True

    def clock_off_s(self, clock: Clock) -> float:
        """By how many seconds this PC's clock is ahead of the floor's; 0 where it is the same."""
        if not isinstance(self._database.place, FloorAddress):
            return 0.0
        with self._reading() as connection:
            asked = clock.now().utc
            there = connection.scalar(select(func.clock_timestamp()))
            assert isinstance(there, datetime)
            half_way = asked + (clock.now().utc - asked) / 2
        return (half_way - there).total_seconds()

    def _own(self) -> Connection:
        caller = threading.get_ident()
        if self._owner is None:
            self._owner = caller
            self._connection = self._database.connect()
        elif self._owner != caller:
            raise RuntimeError(f"{type(self).__name__} belongs to another thread")
        if self._connection is None:
            raise RuntimeError(f"{type(self).__name__} is closed")
        return self._connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._database.reading(self._own()) as connection:
            yield connection

    @contextmanager
    def _writing(self, *, is_durable: bool = True) -> Iterator[Connection]:
        with self._database.writing(self._own(), is_durable=is_durable) as connection:
            yield connection
