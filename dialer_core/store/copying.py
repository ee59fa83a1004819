"""All rows of one database into another, empty one: SQLite's file into a shared floor.

Table by table, those that others refer to first, by COPY; counts are compared at the end and the
sequences set behind the last id. All in the caller's two transactions: it is done or not done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, func, select, text
from sqlalchemy.engine import Dialect

from dialer_core.model.errors import KnownError
from dialer_core.store.schema import Base

CHUNK: Final = 5_000

_STATE: Final = text(
    "INSERT INTO joining.state (key, value) VALUES (:key, :value) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
_READ_STATE: Final = text("SELECT value FROM joining.state WHERE key = 'move'")

Tell = Callable[[str, float], bool]
"""(table, share of all rows that is copied) -> whether to go on."""


def tables() -> list[Table]:
    """The floor's tables in the order in which they can be filled."""
    return list(Base.metadata.sorted_tables)


def count_rows(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0)
        for table in tables()
    }


def copy_all(source: Connection, target: Connection, tell: Tell) -> dict[str, int] | None:
    """Copy every table; rows by table, or None where `tell` said to stop (undo the target then).

    What the target's migrations put there themselves is replaced. KnownError where the target is
    in use already, or where the counts differ afterwards.
    """
    _refuse_used(target)
    counts = count_rows(source)
    everything = max(1, sum(counts.values()))
    for table in reversed(tables()):
        if target.scalar(select(func.count()).select_from(table)):
            target.execute(table.delete())
    done = 0
    for table in tables():
        for rows in _copy(source, target, table):
            done += rows
            if not tell(table.name, min(1.0, done / everything)):
                return None
        _set_sequences(target, table)
    arrived = count_rows(target)
    for name, count in counts.items():
        if arrived[name] != count:
            raise KnownError(
                f"Of the table {name} {arrived[name]} of {count} rows arrived, so nothing was "
                "moved: the floor stays as it was. Try again."
            )
    target.exec_driver_sql("ANALYZE")
    return counts


def set_open(connection: Connection, name: str) -> None:
    """The floor of that name is in use from now on: nothing is moved into it any more."""
    connection.execute(_STATE, {"key": "move", "value": "open"})
    connection.execute(_STATE, {"key": "name", "value": name})


def is_open(connection: Connection) -> bool:
    """Whether a floor was opened in this database: then its rows are the truth."""
    if connection.scalar(text("SELECT to_regclass('joining.state')")) is None:
        return False
    return bool(connection.scalar(_READ_STATE) == "open")


def _refuse_used(target: Connection) -> None:
    in_use = ("agents", "campaigns", "contacts", "attempts", "audit_log")
    if is_open(target) or any(
        target.scalar(select(func.count()).select_from(Base.metadata.tables[name]))
        for name in in_use
    ):
        raise KnownError(
            "The shared database holds a floor already: this PC's own data cannot be moved into it."
        )


def _copy(source: Connection, target: Connection, table: Table) -> Iterator[int]:
    """Copy one table; yields after each chunk how many rows it had."""
    columns = [column for column in table.columns if column.computed is None]
    binders = [_binder(column, target.dialect) for column in columns]
    names = ", ".join(f'"{column.name}"' for column in columns)
    raw: Any = target.connection.dbapi_connection
    rows = source.execute(select(*columns).execution_options(yield_per=CHUNK))
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for chunk in rows.partitions(CHUNK):
            for row in chunk:
                copy.write_row([bind(value) for bind, value in zip(binders, row, strict=True)])
            yield len(chunk)


def _binder(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """What turns a value of ours into one that the driver writes."""
    found = column.type.dialect_impl(dialect).bind_processor(dialect)
    return found if found is not None else lambda value: value


def _set_sequences(target: Connection, table: Table) -> None:
    """The next id comes after the last one that was copied."""
    for column in table.primary_key.columns:
        sequence = target.scalar(
            text("SELECT pg_get_serial_sequence(:table, :column)"),
            {"table": f'"{table.name}"', "column": column.name},
        )
        last = target.scalar(select(func.max(column))) if sequence is not None else None
        if last is not None:
            target.execute(
                text("SELECT setval(CAST(:sequence AS regclass), :last)"),
                {"sequence": sequence, "last": last},
            )
