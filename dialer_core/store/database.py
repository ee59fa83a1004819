"""The floor's database as an open file, and one transaction as one `with`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

from dialer_core.model.errors import KnownError
from dialer_core.store import sqlite
from dialer_core.store.network import is_on_network

HEAD = "0009"  # the newest migration; a test holds it against the folder
KNOWN = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", HEAD)


class Database:
    """The floor's database as an open file; hands out connections, which belong to one thread."""

    def __init__(self, path: Path, busy_s: float = sqlite.BUSY_S) -> None:
        self.path = path
        self.engine: Engine = sqlite.sqlite_engine(path, busy_s)

    def connect(self) -> Connection:
        """A new connection, to be closed by who asked for it; KnownError where it fails."""
        return self.engine.connect()

    @contextmanager
    def reading(self, connection: Connection | None = None) -> Iterator[Connection]:
        """One transaction that reads: all its statements see the same moment."""
        with self._transaction(connection, writes=False) as inside:
            yield inside

    @contextmanager
    def writing(
        self, connection: Connection | None = None, *, is_durable: bool = True
    ) -> Iterator[Connection]:
        """One transaction that writes: committed at its end, undone as a whole by an error.

        One that is not durable does not wait for the disk: a power cut may take it back, with all
        that came after it.
        """
        with self._transaction(connection, writes=True, is_durable=is_durable) as inside:
            yield inside

    @contextmanager
    def _transaction(
        self, connection: Connection | None, *, writes: bool, is_durable: bool = True
    ) -> Iterator[Connection]:
        owned = connection if connection is not None else self.connect()
        try:
            options = {sqlite.WRITES: writes, sqlite.DURABLE: is_durable}
            owned = owned.execution_options(**options)
            with owned.begin():
                yield owned
        finally:
            if connection is None:
                owned.close()

    def close(self) -> None:
        """Let go of what the engine holds."""
        self.engine.dispose()


def refuse_network_path(path: Path) -> None:
    """KnownError for a path on another machine, where a SQLite file is damaged sooner or later."""
    if is_on_network(path):
        raise KnownError(
            f"The database {path} lies on a network drive, where it would be damaged sooner or "
            "later; choose a folder on this computer's own disk."
        )


def refuse_damage(path: Path) -> None:
    """KnownError where a page of the file does not hold together."""
    if sqlite.quick_check(path) is not None:
        raise KnownError(
            f"The database {path} is damaged; restore the latest backup that stands beside it."
        )
