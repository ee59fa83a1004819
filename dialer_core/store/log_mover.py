"""Moves SQLite's write-ahead log into the file beside the dialler: no lease waits for that."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from dialer_core.store import sqlite
from dialer_core.store.database import Database

log = logging.getLogger(__name__)

EVERY: Final = 32  # transactions of the dialler between two moves
Start = Callable[[Callable[[], None]], None]


class LogMover:
    """For the one connection of the dialler; the moving is done in a thread of its own."""

    def __init__(self, database: Database, start: Start | None = None) -> None:
        self._database = database
        self._start = start or self._in_thread
        self._thread: threading.Thread | None = None
        self._written = 0
        self._is_moving = False
        self._has_log = isinstance(database.place, Path)  # a server looks after its own

    def take_over(self, connection: Connection) -> None:
        """From now on this connection's commits leave the log to the mover."""
        sqlite.leave_log(connection)

    def written(self) -> None:
        """A transaction was committed."""
        self._written += 1
        if self._written < EVERY or self._is_moving or not self._has_log:
            return
        self._written, self._is_moving = 0, True
        self._start(self._move)

    def close(self) -> None:
        """Wait until a move that is under way is done."""
        if self._thread is not None:
            self._thread.join()

    def _move(self) -> None:
        """Where it fails now, the next one does it; the log grows a little."""
        try:
            sqlite.move_log(self._database.path)
        except sqlite3.Error as problem:
            log.info("the write-ahead log stays for now: %s", problem)
        finally:
            self._is_moving = False

    def _in_thread(self, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=work, name="log-mover", daemon=True)
        self._thread.start()
