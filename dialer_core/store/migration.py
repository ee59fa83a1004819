"""Bringing a database up to date, forward only, with a copy taken first."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert, select

from dialer_core.model.errors import KnownError
from dialer_core.store import postgres, rights_install, sqlite
from dialer_core.store.address import FloorAddress, Place
from dialer_core.store.database import KNOWN, Database, newer, refuse_damage, refuse_network_path
from dialer_core.store.numbers import NUMBER_KEY
from dialer_core.store.schema import SettingRow

WAIT_S = 120.0  # for who migrates already
SCRIPTS = Path(__file__).with_name("migrations")


def upgrade(
    place: Place, to: str = "head", before: Callable[[str], None] | None = None
) -> Path | None:
    """Create the database at `place` or bring it up to date; a backup's path if one was taken.

    The backup of a file stands beside it, named after the version that it holds. `before` is
    called with a server's version where there is something to bring up to date. Raises KnownError
    for a network path, a damaged or newer database, and where disk or server does not let us.
    """
    if isinstance(place, FloorAddress):
        _upgrade_server(place, to, before)
        return None
    refuse_network_path(place)
    if not place.exists():
        _make_file(place, to)
    return _upgrade_file(place, to)


def _upgrade_file(path: Path, to: str) -> Path | None:
    backup = _prepare(path)
    database = Database(path)
    try:
        with database.connect() as connection, sqlite.unreferenced(connection):
            _run(connection, to)
        if to == "head":
            with database.writing() as connection:
                _make_key(connection)
    finally:
        database.close()
    return backup


def _make_file(path: Path, to: str) -> None:
    """A new file gets its name when it is whole: of two programs at once the first one's stays."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.new")
    try:
        _upgrade_file(fresh, to)
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # somebody else was first
        except OSError:  # a disk that knows no second name for a file
            if not path.exists():
                os.replace(fresh, path)
    finally:
        for side in ("", "-wal", "-shm"):
            fresh.with_name(fresh.name + side).unlink(missing_ok=True)


def _upgrade_server(address: FloorAddress, to: str, before: Callable[[str], None] | None) -> None:
    """In one transaction, which holds the pen: of two programs at once the second finds it done."""
    database = Database(address, WAIT_S)
    try:
        with database.reading() as connection:
            version = postgres.version_in(connection)
            if version is None and postgres.has_tables(connection):
                raise KnownError(
                    f"The database {address} holds tables of something else; choose an empty one."
                )
        if version is not None and version not in KNOWN:
            raise newer(address)
        if before is not None and version not in (None, KNOWN[-1]):
            before(str(version))
        with database.writing() as connection:
            for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {limit} = 0")
            found = postgres.version_in(connection)
            if found is not None and found not in KNOWN:
                raise newer(address)
            with rights_install.put_aside(connection):
                _run(connection, to)
            if to == "head":
                _make_key(connection)
    finally:
        database.close()


def _run(connection: Connection, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _prepare(path: Path) -> Path | None:
    if path.exists() and path.stat().st_size > 0:
        version = sqlite.version_in(path)
        if version is not None and version not in KNOWN:
            raise newer(path)
        refuse_damage(path)
        if version in (None, KNOWN[-1]):
            return None
        backup = path.with_name(f"{path.name}.backup-{version}")
        sqlite.online_backup(path, backup)
        return backup
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # People's names and numbers are nobody else's business, the side files' neither.
        path.touch(mode=0o600)
        connection = sqlite3.connect(path)
    except (OSError, sqlite3.Error) as problem:
        why = getattr(problem, "strerror", "") or problem
        raise KnownError(
            f"No database can be made in {path.parent} ({why}); choose a folder in which you may "
            "write."
        ) from problem
    try:
        sqlite.use_wal(connection)
    finally:
        connection.close()
    return None


def _make_key(connection: Connection) -> None:
    """The key of the number hashes, random for each floor; for now it lives in the database."""
    if connection.scalar(select(SettingRow.value).where(SettingRow.key == NUMBER_KEY)) is None:
        row = {
            "key": NUMBER_KEY,
            "value": secrets.token_hex(32),
            "changed_at": datetime.fromtimestamp(0, UTC),  # it is never changed
        }
        connection.execute(insert(SettingRow), row)
