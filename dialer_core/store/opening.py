"""Opening the floor's database: what it is, whether it may be used, and bringing it up to date."""

from __future__ import annotations

import os
from pathlib import Path

from dialer_core.model.errors import KnownError
from dialer_core.store import sqlite
from dialer_core.store.database import (
    HEAD,
    KNOWN,
    Database,
    refuse_damage,
    refuse_network_path,
)


def open_database(
    path: Path, create: bool = False, *, check: bool = False, busy_s: float = sqlite.BUSY_S
) -> Database:
    """Open the floor's database at `path`.

    `create`: make it where it is missing, and bring an older one up to date after a backup.
    `check`: read all its pages first (a second for each few hundred megabytes).
    Raises KnownError for a file that is missing, unreadable, no database, damaged, older (unless
    `create`) or newer than the program, or on a network path.
    """
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


def migrate(path: Path) -> Path | None:
    """Create the database at `path` or bring it up to date; the backup's path where one was taken.

    Raises KnownError for a network path, a damaged or newer file, and a disk that does not let us.
    """
    # Alembic costs 0.3 s to import, and is wanted only when there is something to migrate.
    from dialer_core.store.migration import upgrade  # noqa: PLC0415

    return upgrade(path)


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
    try:
        with path.open("rb") as file:
            start = file.read(len(sqlite.MAGIC))
    except OSError as problem:
        raise KnownError(
            f"The database {path} cannot be read ({problem.strerror}); ask for read and write "
            "access to it and its folder."
        ) from problem
    if not os.access(path, os.W_OK):
        raise KnownError(
            f"The database {path} is read-only; ask for write access to it and its folder."
        )
    if start and start != sqlite.MAGIC:
        raise KnownError(
            f"{path} is not a Callfloor database; choose another file or restore a backup."
        )


def _refuse_foreign(path: Path, version: str | None, create: bool) -> None:
    if version is None:
        if create and path.stat().st_size == 0:
            return
        raise KnownError(
            f"{path} is not a Callfloor database; choose another file or restore a backup."
        )
    if version not in KNOWN:
        raise KnownError(
            f"The database {path} was made by a newer Callfloor; update this computer's Callfloor "
            "and start it again."
        )
    if version != HEAD and not create:
        raise KnownError(
            f"The database {path} was made by an older Callfloor; start the supervisor's "
            "application once, which brings it up to date."
        )
