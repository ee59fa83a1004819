"""The store's part of moving a floor from its SQLite file to PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select

from dialer_core.store import audit, copying, joining, joining_sql, sqlite
from dialer_core.store.address import FloorAddress
from dialer_core.store.database import Database
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.schema import DiallerLeaseRow, SessionRow

AWAY: Final = timedelta(seconds=60)
"""A session whose window gave no sign of life for so long holds nobody up."""

RefuseBusy = Callable[[str, bool, int], None]
"""(the lease's holder, whether it holds now, sessions with a sign of life); raises KnownError."""


class _GivenUp(Exception):
    """Undoes what was copied."""


def bring_up(
    address: FloorAddress,
    *,
    lets_seats_join: bool,
    before: Callable[[str], None] | None = None,
) -> bool:
    """The floor's tables on the server as this program wants them; whether a floor is in use there.

    `lets_seats_join`: also the roles and the function by which seats join, which the floor's own
    server allows and another one may not. `before`: called with the version of an older database.
    """
    migrate(address, before)
    database = Database(address)
    try:
        with database.writing() as connection:
            if lets_seats_join:
                joining.install(connection)
            else:
                connection.exec_driver_sql(joining_sql.TABLES)
            return copying.is_open(connection)
    finally:
        database.close()


def open_floor(address: FloorAddress, name: str) -> None:
    """From now on the floor of that name is in use there: nothing is moved into it any more."""
    database = Database(address)
    try:
        with database.writing() as connection:
            copying.set_open(connection, name)
    finally:
        database.close()


def move(
    path: Path,
    address: FloorAddress,
    tell: copying.Tell,
    refuse_busy: RefuseBusy,
    now: datetime,
) -> dict[str, int] | None:
    """Copy the file at `path` into the floor's tables, which `bring_up` has made."""
    server = Database(address)
    try:
        return _move(path, server, tell, refuse_busy, now)
    finally:
        server.close()


def _move(
    path: Path, server: Database, tell: copying.Tell, refuse_busy: RefuseBusy, now: datetime
) -> dict[str, int] | None:
    database = open_database(path, create=True, check=True)
    try:
        # The writer's lock, though nothing is written: nobody else may write meanwhile.
        with database.writing() as source:
            _ask(source, refuse_busy, now)
            with server.writing() as target:
                for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                    target.exec_driver_sql(f"SET LOCAL {limit} = 0")
                counts = copying.copy_all(source, target, tell)
                if counts is None:
                    raise _GivenUp
                detail: dict[str, object] = {"rows": sum(counts.values())}
                audit.append(target, "supervisor", "floor shared", detail, now)
            return counts
    except _GivenUp:
        return None
    finally:
        database.close()


def put_away(path: Path, kept: Path) -> None:
    """Bring the write-ahead log into the file and give it the name under which it is kept."""
    database = Database(path)
    try:
        with database.connect() as connection:
            sqlite.empty_journal(connection)
    finally:
        database.close()
    os.replace(path, kept)
    for side in ("-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)


def _ask(source: Connection, refuse_busy: RefuseBusy, now: datetime) -> None:
    lease = source.execute(select(DiallerLeaseRow.holder, DiallerLeaseRow.expires_at)).first()
    here = select(func.count()).where(
        SessionRow.closed_at.is_(None), SessionRow.seen_at > now - AWAY
    )
    refuse_busy(
        lease.holder if lease is not None else "",
        lease is not None and lease.expires_at > now,
        int(source.scalar(here) or 0),
    )
