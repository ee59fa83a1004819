"""A consistent moment of the floor's database, and what is in it: for backups and their checks."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from dialer_core.model.errors import KnownError
from dialer_core.store import joining_sql, sqlite
from dialer_core.store.address import FloorAddress, Place
from dialer_core.store.database import KNOWN, Database
from dialer_core.store.numbers import NUMBER_KEY
from dialer_core.store.schema import DiallerLeaseRow, SessionRow

AWAY: Final = timedelta(seconds=60)  # a session without a sign of life for so long is nobody's
PAGES: Final = 4096  # 16 MB between two looks at whether to go on
_SERVER_TABLES: Final = text(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
)
_SEAT_ROLES: Final = text(
    "SELECT role FROM joining.seat_roles WHERE removed_at IS NULL ORDER BY id"
)
_VERIFIERS: Final = text(
    "SELECT rolname, rolpassword FROM pg_authid"
    " WHERE rolname ~ '^seat_[0-9]' AND rolcanlogin AND rolpassword IS NOT NULL"
)
_ROLE: Final = re.compile(r"seat_[0-9]+(_[0-9]+)?")
_VERIFIER: Final = re.compile(r"SCRAM-SHA-256\$[0-9A-Za-z+/=:$]{40,300}")
_KEY: Final = f"SELECT value FROM settings WHERE key = '{NUMBER_KEY}'"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a database holds: its migration, rows by table, and its size in bytes.

    `floor_id`: 16 hex figures that tell one floor from another; a clone has its original's.
    """

    version: str
    rows: dict[str, int]
    size: int
    floor_id: str


class _Stop(Exception):
    """Leaves SQLite's own loop."""


def copy_file(path: Path, to: Path, tell: Callable[[float], bool]) -> bool:
    """A copy of the file at one moment, whoever writes meanwhile; False where `tell` said to stop.

    `to` is one file without a log beside it, and is removed where the copy was not made.
    KnownError for what disk or database do.
    """
    is_whole = False
    try:
        with (
            closing(sqlite3.connect(path, timeout=sqlite.BUSY_S)) as source,
            closing(sqlite3.connect(to)) as target,
        ):
            source.isolation_level = None
            # While it is held, others' commits stay in the log and the copy is not begun again.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()

            def look(_status: int, remaining: int, total: int) -> None:
                if not tell(1.0 - remaining / max(1, total)):
                    raise _Stop

            source.backup(target, pages=PAGES, progress=look)
            source.execute("COMMIT")
            target.execute("PRAGMA journal_mode = DELETE").fetchone()
        is_whole = True
    except _Stop:
        return False
    except sqlite3.Error as problem:
        sentence = sqlite.sentence_for(problem, to)
        raise KnownError(sentence or f"The copy {to} could not be written.") from problem
    finally:
        if not is_whole:
            to.unlink(missing_ok=True)
    return True


def facts_of_file(path: Path) -> Facts:
    """What a database that nobody else uses holds; KnownError where it cannot be read as one."""
    version = sqlite.version_in(path)
    if version is None:
        raise KnownError(f"{path} is not a Callfloor database; choose another file.")
    try:
        with closing(sqlite3.connect(path)) as connection:
            tables = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                " ORDER BY name"
            ).fetchall()
            rows = {
                name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
                for (name,) in tables
            }
            key = connection.execute(_KEY).fetchone() if "settings" in rows else None
    except sqlite3.Error as problem:
        sentence = sqlite.sentence_for(problem, path)
        raise KnownError(sentence or f"The database {path} cannot be read.") from problem
    return Facts(version, rows, path.stat().st_size, _floor_id(key[0] if key else ""))


def put_aside(path: Path, kept: Path) -> None:
    """Give a file that nobody uses another name, with its log; a damaged one as it is.

    OSError where the system does not let us; then it has its old name.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error:
        pass  # what cannot be read any more is kept all the same
    os.replace(path, kept)
    for side in ("-wal", "-shm"):
        if path.with_name(path.name + side).exists():
            os.replace(path.with_name(path.name + side), kept.with_name(kept.name + side))


def put_in_place(staged: Path, path: Path) -> None:
    """Make a copy that was checked the floor's database; OSError where the system forbids it."""
    with closing(sqlite3.connect(staged)) as connection:
        sqlite.use_wal(connection)
    staged.chmod(0o600)
    os.replace(staged, path)


def is_busy(place: Place, now: datetime) -> tuple[str, int]:
    """The dialler that holds the floor now, or empty, and how many agents are logged in.

    ("", 0) where that cannot be read: a floor that is damaged or stopped is nobody's.
    """
    try:
        database = Database(place)
        try:
            with database.reading() as connection:
                lease = connection.execute(
                    select(DiallerLeaseRow.holder, DiallerLeaseRow.expires_at)
                ).first()
                here = select(func.count()).where(
                    SessionRow.closed_at.is_(None), SessionRow.seen_at > now - AWAY
                )
                count = int(connection.scalar(here) or 0)
        finally:
            database.close()
    except (KnownError, SQLAlchemyError):
        return "", 0
    return (lease.holder if lease is not None and lease.expires_at > now else ""), count


def make_roles(address: FloorAddress) -> None:
    """The roles that a dump's rights name, on a fresh server; as the floor's owner."""
    database = Database(address)
    try:
        with database.writing() as connection:
            connection.exec_driver_sql(joining_sql.ROLES)
    finally:
        database.close()


def seat_verifiers(address: FloorAddress) -> dict[str, str]:
    """The seats' roles and their passwords as SCRAM verifiers; as PostgreSQL's administrator."""
    database = Database(address)
    try:
        with database.reading() as connection:
            return {row.rolname: row.rolpassword for row in connection.execute(_VERIFIERS)}
    finally:
        database.close()


def make_seat_roles(address: FloorAddress, verifiers: Mapping[str, str]) -> int:
    """The seats' own roles, with the passwords that they have; how many."""
    database = Database(address)
    try:
        with database.writing() as connection:
            roles = connection.scalars(_SEAT_ROLES).all()
            known = [(role, verifiers[role]) for role in roles if role in verifiers]
            for role, verifier in known:
                if not _ROLE.fullmatch(role) or not _VERIFIER.fullmatch(verifier):
                    raise KnownError(f"The role {role} in this backup is no seat's.")
                connection.exec_driver_sql(
                    f"CREATE ROLE {role} LOGIN INHERIT CONNECTION LIMIT "
                    f"{joining_sql.SEAT_CONNECTIONS} PASSWORD '{verifier}' "
                    f"IN ROLE {joining_sql.SEATS}"
                )
            return len(known)
    finally:
        database.close()


def is_known(version: str) -> bool:
    """Whether this program can read a database of that migration, or bring it up to date."""
    return version in KNOWN


@contextmanager
def server_moment(address: FloorAddress) -> Iterator[tuple[str, Facts]]:
    """A moment of the server's that `pg_dump --snapshot` sees as well, while this is entered."""
    database = Database(address)
    try:
        with database.reading() as connection:
            for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {limit} = 0")
            facts = _facts(connection, address)
            yield str(connection.scalar(text("SELECT pg_export_snapshot()"))), facts
    finally:
        database.close()


def facts_of_server(address: FloorAddress) -> Facts:
    """What the floor's database on a server holds."""
    database = Database(address)
    try:
        with database.reading() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            return _facts(connection, address)
    finally:
        database.close()


def _facts(connection: Connection, address: FloorAddress) -> Facts:
    from dialer_core.store import postgres  # noqa: PLC0415  a file does without

    version = postgres.version_in(connection)
    if version is None:
        raise KnownError(f"The database {address} is not Callfloor's; choose another one.")
    rows = {
        name: int(connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar() or 0)
        for name in connection.scalars(_SERVER_TABLES).all()
    }
    size = connection.scalar(text("SELECT pg_database_size(current_database())"))
    key = connection.exec_driver_sql(_KEY).scalar() if "settings" in rows else ""
    return Facts(version, rows, int(size or 0), _floor_id(str(key or "")))


def _floor_id(key: str) -> str:
    """From the key of the number hashes, which is random for each floor and stays secret."""
    return hashlib.sha256(b"callfloor floor " + key.encode()).hexdigest()[:16]
