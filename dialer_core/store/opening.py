"""Opening the floor's database: what it is, whether it may be used, and bringing it up to date."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from dialer_core.model.errors import KnownError
from dialer_core.store import sqlite
from dialer_core.store.address import FloorAddress, Place
from dialer_core.store.database import (
    HEAD,
    KNOWN,
    Database,
    newer,
    refuse_damage,
    refuse_network_path,
)


def open_database(
    place: Place, create: bool = False, *, check: bool = False, busy_s: float = sqlite.BUSY_S
) -> Database:
    """Open the floor's database at `place`, a file or a server's address.

    `create`: make it where it is missing, and bring an older one up to date after a backup.
    `check`: read all pages of a file first (a second for each few hundred megabytes).
    Raises KnownError for a file that is missing, unreadable, no database, damaged, older (unless
    `create`) or newer than the program, or on a network path; likewise for a server that cannot
    be reached, does not let us in or is not the floor's.
    """
    if isinstance(place, FloorAddress):
        return _open_server(place, create, busy_s)
    return _open_file(place, create, check=check, busy_s=busy_s)


def _open_file(path: Path, create: bool, *, check: bool, busy_s: float) -> Database:
    refuse_network_path(path)
    if not _exists(path):
        if not create:
            raise KnownError(
                f"There is no database at {path}; start the supervisor's application first, "
                "or choose the right folder."
            )
        migrate(path)
        return Database(path, busy_s)
    _refuse_unreadable(path)
    version = sqlite.version_in(path)
    _refuse_foreign(path, version, create)
    if check:
        refuse_damage(path)
    if version != HEAD:
        migrate(path)
    return Database(path, busy_s)


def _open_server(address: FloorAddress, create: bool, busy_s: float) -> Database:
    from dialer_core.store import postgres  # noqa: PLC0415  a file does without

    database = Database(address, busy_s)
    try:
        with database.reading() as connection:
            version = postgres.version_in(connection)
            is_empty = version is None and not postgres.has_tables(connection)
        _refuse_version(address, version, create, is_empty=is_empty)
        if version != HEAD:
            migrate(address)
    except BaseException:
        database.close()
        raise
    return database


def migrate(place: Place, before: Callable[[str], None] | None = None) -> Path | None:
    """Create the database at `place` or bring it up to date; the backup's path if one was taken.

    `before`: called with a server's version where there is something to bring up to date.
    Raises KnownError for a network path, a damaged or newer database, and a disk or server that
    does not let us.
    """
    # Alembic costs 0.3 s to import, and is wanted only when there is something to migrate.
    from dialer_core.store.migration import upgrade  # noqa: PLC0415

    return upgrade(place, before=before)


def _exists(path: Path) -> bool:
    try:
        return path.stat() is not None
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as problem:
        raise KnownError(
            f"The database {path} cannot be reached ({problem.strerror}); check the folder and "
            "that you may open it."
        ) from problem


def _refuse_unreadable(path: Path) -> None:
    if path.is_dir():
        raise KnownError(f"{path} is a folder, not a database; name the file in it.")
    # It is never opened here but by SQLite: the first file that a process closes takes the locks of
    # all its connections away (POSIX), and another process would then delete the log under them.
    if not os.access(path, os.R_OK):
        raise KnownError(
            f"The database {path} cannot be read; ask for read and write access to it and its "
            "folder."
        )
    if not os.access(path, os.W_OK):
        raise KnownError(
            f"The database {path} is read-only; ask for write access to it and its folder."
        )


def _refuse_foreign(path: Path, version: str | None, create: bool) -> None:
    _refuse_version(path, version, create, is_empty=path.stat().st_size == 0)


def _refuse_version(place: Place, version: str | None, create: bool, *, is_empty: bool) -> None:
    if version is None:
        if create and is_empty:
            return
        raise KnownError(
            f"{place} is not a Callfloor database; choose another {_kind(place)} or restore a "
            "backup."
        )
    if version not in KNOWN:
        raise newer(place)
    if version != HEAD and not create:
        raise KnownError(
            f"The database {place} was made by an older Callfloor; start the supervisor's "
            "application once, which brings it up to date."
        )


def _kind(place: Place) -> str:
    return "file" if isinstance(place, Path) else "database"
