"""Bringing a database up to date, forward only, with a copy taken first."""

from __future__ import annotations

import secrets
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import insert, select

from dialer_core.model.errors import KnownError
from dialer_core.store import sqlite
from dialer_core.store.database import KNOWN, Database, refuse_damage, refuse_network_path
from dialer_core.store.numbers import NUMBER_KEY
from dialer_core.store.schema import SettingRow

SCRIPTS = Path(__file__).with_name("migrations")


def upgrade(path: Path, to: str = "head") -> Path | None:
    """Create the database at `path` or bring it up to date; the backup's path where one was taken.

    The backup stands beside the file, named after the version that it holds. Raises KnownError
    for a network path, a damaged or newer file, and where the disk does not let us.
    """
    refuse_network_path(path)
    backup = _prepare(path)
    database = Database(path)
    try:
        with database.connect() as connection:
            config = Config()
            config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
            config.attributes["connection"] = connection
            with sqlite.unreferenced(connection):
                command.upgrade(config, to)
        if to == "head":
            _make_key(database)
    finally:
        database.close()
    return backup


def _prepare(path: Path) -> Path | None:
    if path.exists() and path.stat().st_size > 0:
        version = sqlite.version_in(path)
        if version is not None and version not in KNOWN:
            raise KnownError(
                f"The database {path} was made by a newer Callfloor; update this computer's "
                "Callfloor and start it again."
            )
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
        raise KnownError(
            f"The database {path} cannot be made there ({problem}); choose a folder in which you "
            "may write."
        ) from problem
    try:
        sqlite.use_wal(connection)
    finally:
        connection.close()
    return None


def _make_key(database: Database) -> None:
    """The key of the number hashes, random for each floor; for now it lives in the database."""
    with database.writing() as connection:
        if connection.scalar(select(SettingRow.value).where(SettingRow.key == NUMBER_KEY)) is None:
            row = {
                "key": NUMBER_KEY,
                "value": secrets.token_hex(32),
                "changed_at": datetime.fromtimestamp(0, UTC),  # it is never changed
            }
            connection.execute(insert(SettingRow), row)
