"""All that is said to SQLite alone: pragmas, explicit BEGIN, backups, its errors in sentences.

Python's sqlite3 begins transactions by itself and too late; so it is told not to
(`isolation_level = None`) and BEGIN is sent from SQLAlchemy's own event. A transaction that will
write says BEGIN IMMEDIATE: it waits for the lock at its start, and never fails in its middle.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from dialer_core.model.errors import DiskFull, KnownError, StoreTrouble

WRITES: Final = "writes"  # execution option: this transaction will write
DURABLE: Final = "durable"  # execution option: what it writes survives a power cut
SOFT_LIMIT: Final = 16_000  # pages in the log after which even who must not wait moves them
BUSY_S = 5.0


def sqlite_engine(path: Path, busy_s: float = BUSY_S) -> Engine:
    """An engine whose connections belong to one thread each and speak as this module says."""
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        poolclass=NullPool,
        hide_parameters=True,  # an error must not carry numbers into a log
    )

    @event.listens_for(engine, "connect")
    def on_connect(dbapi: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        assert isinstance(dbapi, sqlite3.Connection)
        dbapi.isolation_level = None
        for pragma in (
            f"busy_timeout = {round(busy_s * 1000)}",
            "foreign_keys = ON",
            "synchronous = FULL",  # an outcome that is on the record survives a power cut
            "cache_size = -16000",
            "temp_store = MEMORY",
        ):
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        writes = options.get(WRITES, False)
        wanted = "FULL" if options.get(DURABLE, True) else "NORMAL"
        if writes and connection.info.get(DURABLE, "FULL") != wanted:
            connection.exec_driver_sql(f"PRAGMA synchronous = {wanted}")
            connection.info[DURABLE] = wanted
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "handle_error")
    def on_error(context: ExceptionContext) -> None:
        sentence = sentence_for(context.original_exception, path)
        if sentence is not None:
            code = getattr(context.original_exception, "sqlite_errorcode", 0)
            is_full = code & 0xFF == sqlite3.SQLITE_FULL
            raise (DiskFull if is_full else StoreTrouble)(sentence) from context.original_exception

    return engine


@contextmanager
def unreferenced(connection: Connection) -> Iterator[None]:
    """Tables may be made anew while others refer to them; at the end every reference is checked.

    Outside of transactions only: SQLite ignores the switch inside one. RuntimeError for a
    reference that leads nowhere afterwards.
    """
    dbapi: Any = connection.connection.dbapi_connection
    dbapi.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        dbapi.execute("PRAGMA foreign_keys = ON")
    broken = dbapi.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise RuntimeError(f"a reference of the table {broken[0]} leads nowhere")


_SENTENCES: Final[dict[int, str]] = {
    sqlite3.SQLITE_FULL: "The disk is full, so nothing could be written to {path}; make room "
    "there and try again.",
    sqlite3.SQLITE_NOTADB: "{path} is not a Callfloor database; choose another file or restore "
    "a backup.",
    sqlite3.SQLITE_CORRUPT: "The database {path} is damaged; restore the latest backup that "
    "stands beside it.",
    sqlite3.SQLITE_CANTOPEN: "The database {path} cannot be opened; check that the folder exists "
    "and that you may write to it.",
    sqlite3.SQLITE_PERM: "You may not open the database {path}; ask for read and write access to "
    "it and its folder.",
    sqlite3.SQLITE_READONLY: "The database {path} is read-only; ask for write access to it and "
    "its folder.",
    sqlite3.SQLITE_IOERR: "The disk could not read or write the database {path}; check the disk "
    "and restore a backup if it stays so.",
    sqlite3.SQLITE_BUSY: "Another program has kept the database {path} locked for too long; "
    "close what else uses it and try again.",
}


def sentence_for(problem: BaseException | None, path: Path) -> str | None:
    """What the world did, where the error is not ours; None for a bug."""
    code = getattr(problem, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return None
    sentence = _SENTENCES.get(code & 0xFF)
    return sentence.format(path=path) if sentence is not None else None


def forget_pages(connection: Connection) -> None:
    """What this connection deletes or changes from now on is overwritten in the file as well."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def empty_journal(connection: Connection) -> None:
    """Put what stands in the write-ahead log into the file; outside of transactions only.

    Readers at work may keep some of it there until they are done.
    """
    if connection.dialect.name == "sqlite":
        dbapi: Any = connection.connection.dbapi_connection
        dbapi.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def leave_log(connection: Connection) -> None:
    """Commits of this connection do not move the write-ahead log into the file; others do."""
    if connection.dialect.name == "sqlite":
        dbapi: Any = connection.connection.dbapi_connection
        dbapi.execute(f"PRAGMA wal_autocheckpoint = {SOFT_LIMIT}").fetchall()


def move_log(path: Path) -> None:
    """Move the write-ahead log into the file as far as nobody is kept waiting by it."""
    connection = _plain(path)
    try:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    finally:
        connection.close()


def use_wal(connection: sqlite3.Connection) -> None:
    """Readers and one writer at the same time; the mode stays with the file."""
    connection.execute("PRAGMA journal_mode = WAL")


def quick_check(path: Path) -> str | None:
    """The first thing that is wrong with the file's pages, or None. Costs a read of the file.

    KnownError where it cannot even be asked: damaged at its start, locked, unreadable.
    """
    connection = _plain(path)
    try:
        (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as problem:
        sentence = sentence_for(problem, path)
        raise KnownError(sentence or f"The database {path} cannot be read.") from problem
    finally:
        connection.close()
    return None if answer == "ok" else str(answer)


def online_backup(path: Path, to: Path) -> None:
    """A consistent copy of a database that others may be using."""
    source = _plain(path)
    try:
        target = sqlite3.connect(to)
        try:
            source.backup(target)
        finally:
            target.close()
    except sqlite3.Error as problem:
        to.unlink(missing_ok=True)
        sentence = sentence_for(problem, to)
        raise KnownError(sentence or f"The backup {to} could not be written.") from problem
    finally:
        source.close()


def version_in(path: Path) -> str | None:
    """The migration that the file stands at; None where it has no tables of ours.

    KnownError where the file cannot be read as a database.
    """
    try:
        connection = _plain(path)
        try:
            tables = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
            ).fetchone()
            if not tables[0]:
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(row[0]) if row else None
        finally:
            connection.close()
    except sqlite3.Error as problem:
        sentence = sentence_for(problem, path)
        if sentence is None:
            raise
        raise KnownError(sentence) from problem


def _plain(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_S)
    connection.isolation_level = None
    return connection


class DataVersion:
    """SQLite's own count of what other connections have committed; reading it costs microseconds.

    Belongs to the thread that first reads it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cursor: sqlite3.Cursor | None = None

    def read(self) -> int:
        """A number that is another one after each foreign commit."""
        if self._cursor is None:
            self._cursor = _plain(self._path).cursor()
        row: Any = self._cursor.execute("PRAGMA data_version").fetchone()
        return int(row[0])

    def close(self) -> None:
        """Give the connection back."""
        if self._cursor is not None:
            self._cursor.connection.close()
            self._cursor = None
