"""An empty database of a server that is filled for a measurement, and emptied again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

from sqlalchemy import Connection

from dialer_core.model.errors import KnownError
from dialer_core.store.address import FloorAddress
from dialer_core.store.database import Database
from dialer_core.store.postgres import has_tables

Asking: TypeAlias = Callable[[], AbstractContextManager[Connection]]


def asking_at(address: FloorAddress) -> Asking:
    """Connections on which each statement stands for itself."""

    @contextmanager
    def asking() -> Iterator[Connection]:
        database = Database(address)
        try:
            with database.connect() as connection:
                yield connection.execution_options(isolation_level="AUTOCOMMIT")
        finally:
            database.close()

    return asking


def refuse_tables(address: FloorAddress) -> None:
    """KnownError where there is anything in the database: what is measured is thrown away."""
    database = Database(address)
    try:
        with database.reading() as connection:
            is_used = has_tables(connection)
    finally:
        database.close()
    if is_used:
        raise KnownError("There are tables in that database; give one that is empty.")


def empty_again(address: FloorAddress) -> None:
    """Drop all that was made there."""
    database = Database(address)
    try:
        with database.writing() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    finally:
        database.close()
