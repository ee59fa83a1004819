"""What SQLAlchemy's answers are called here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from sqlalchemy import Connection, Insert, Row

AnyRow: TypeAlias = "Row[*tuple[Any, ...]]"  # columns by name; their types are those of the table


def insert_one(connection: Connection, statement: Insert, values: Mapping[str, object]) -> int:
    """Insert one row and return the id that the database gave it."""
    key = connection.execute(statement, dict(values)).inserted_primary_key
    if key is None:
        raise LookupError("the insert has given no id")
    return int(key[0])
