"""A program that is older than the floor's database has become: windows that were open say so."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from dialer_core.model.errors import KnownError
from dialer_core.store.database import KNOWN

UPDATE: Final = (
    "The floor was brought up to date by a newer Callfloor. Update Callfloor on this PC and start "
    "it again."
)


def sentence(connection: Connection) -> str:
    """What to say where the database is newer than this program; "" where it is not."""
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return "" if version in KNOWN else UPDATE


def refuse(connection: Connection) -> None:
    """KnownError where the database is newer than this program: nothing is begun on it."""
    told = sentence(connection)
    if told:
        raise KnownError(told)
