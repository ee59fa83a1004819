"""Learning of changes by PostgreSQL's NOTIFY, of which commits are told that wrote something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import Connection

from dialer_core.store.database import Database
from dialer_core.store.postgres import CHANNEL


class ServerFeed:
    """What `ChangeFeed` asks of a server; belongs to one thread."""

    def __init__(
        self,
        database: Database,
        borrow: Callable[[], Connection] | None,
        is_for_us: Callable[[str], bool],
    ) -> None:
        self._database = database
        self._is_for_us = is_for_us
        self._borrow = borrow
        self._own: Connection | None = None
        self._listening: psycopg.Connection[Any] | None = None
        self._was_told = False

    def changed(self) -> bool:
        """True where something was told, or may have been."""
        listening = self._listening
        if listening is None or listening.broken or listening.closed:
            self._listening = None
            return self._listen()
        try:
            listening.pgconn.consume_input()
            while (told := listening.pgconn.notifies()) is not None:
                self._hear(told.extra.decode())
        except psycopg.OperationalError:
            self._give_up()
            return True
        was_told, self._was_told = self._was_told, False
        return was_told

    def close(self) -> None:
        """Give the connection back."""
        self._listening = None
        if self._own is not None:
            self._own.close()
            self._own = None

    def _listen(self) -> bool:
        """On the connection of now; from here on nothing is missed. True: look for yourself."""
        connection = self._connection()
        if connection is None or connection.in_transaction():
            return True
        if connection.invalidated and self._borrow is not None:
            return True  # its owner makes it anew when it reads, and is told if that fails
        dbapi: Any = connection.connection.dbapi_connection
        assert isinstance(dbapi, psycopg.Connection)
        try:
            dbapi.add_notify_handler(self._on_notify)
            dbapi.execute(f"LISTEN {CHANNEL}")
        except psycopg.OperationalError:
            connection.invalidate()
            return True
        self._was_told = False
        self._listening = dbapi
        return True

    def _connection(self) -> Connection | None:
        if self._borrow is not None:
            return self._borrow()
        if self._own is None:
            self._own = self._database.connect()
        return self._own

    def _on_notify(self, told: psycopg.Notify) -> None:
        """What arrives in the middle of the owner's own statements."""
        self._hear(told.payload)

    def _hear(self, words: str) -> None:
        self._was_told = self._was_told or self._is_for_us(words)

    def _give_up(self) -> None:
        self._listening = None
        connection = self._connection()
        if connection is not None and not connection.invalidated:
            connection.invalidate()
