"""How long a client waits for its database, and what was dialled meanwhile; for measurements."""

from __future__ import annotations

import hashlib
import re
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import msgspec
import psycopg
from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.engine.interfaces import DBAPICursor

from dialer_core.store.database import Database
from dialer_core.store.schema import AttemptRow

BEGIN_TO_WRITE: Final = "BEGIN to write (waits for the pen)"
BEGIN_TO_READ: Final = "BEGIN to read"
COMMIT: Final = "COMMIT"
_TABLE: Final = re.compile(r"(?:FROM|INTO|UPDATE)\s+(\w+)")


class Spread(msgspec.Struct, frozen=True):
    """Milliseconds; nearest rank, so that each is a value that was really measured."""

    n: int = 0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    most: float = 0.0


def spread(seconds: Sequence[float]) -> Spread:
    """The spread of durations in seconds."""
    ordered = sorted(seconds)
    if not ordered:
        return Spread()

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 2)

    return Spread(len(ordered), at(0.5), at(0.95), at(0.99), at(1.0))


@dataclass
class Waits:
    """What one client waited, and kept the pen, in seconds: by statement and by work."""

    statements: dict[str, array[float]] = field(default_factory=dict)
    works: dict[str, array[float]] = field(default_factory=dict)
    held: dict[str, array[float]] = field(default_factory=dict)  # the pen, by the work it was for

    def add(self, other: Waits) -> None:
        """Take another client's waits in."""
        for mine, its in (
            (self.statements, other.statements),
            (self.works, other.works),
            (self.held, other.held),
        ):
            for name, found in its.items():
                mine.setdefault(name, array("d")).extend(found)


class WaitLog:
    """Watches the engines of one client, for as long as `counts` says so."""

    def __init__(self, counts: Callable[[], bool]) -> None:
        self.waits = Waits()
        self._counts = counts
        self._kinds: dict[str, str] = {}
        self._work = "other"
        self._has_pen_since: float | None = None

    def watch(self, engine: Engine) -> None:
        """Measure each statement of this engine, and what is said past SQLAlchemy."""
        begun: list[float] = []

        @event.listens_for(engine, "before_cursor_execute")
        def before(*_told: object) -> None:
            begun.append(time.perf_counter())

        @event.listens_for(engine, "after_cursor_execute")
        def after(
            _connection: Connection, _cursor: DBAPICursor, statement: str, *_told: object
        ) -> None:
            self._note(self._kind(statement), begun.pop())

        @event.listens_for(engine, "handle_error")
        def failed(_context: object) -> None:
            begun.clear()

        @event.listens_for(engine, "connect")
        def connected(dbapi: Any, _record: object) -> None:
            if isinstance(dbapi, psycopg.Connection):
                self._watch_connection(dbapi)

    @contextmanager
    def work(self, name: str) -> Iterator[None]:
        """One call of a store, from its first statement to its last."""
        begun, before = time.perf_counter(), self._work
        self._work = name
        try:
            yield
        finally:
            self._work = before
        self._add(self.waits.works, name, time.perf_counter() - begun)

    def _watch_connection(self, dbapi: Any) -> None:
        """BEGIN and COMMIT go past SQLAlchemy's own events."""
        plain = dbapi.execute

        def execute(words: str, *rest: Any, **named: Any) -> Any:
            kind = _of_transaction(words)
            if kind is None:
                return plain(words, *rest, **named)
            begun = time.perf_counter()
            try:
                return plain(words, *rest, **named)
            finally:
                self._note(kind, begun)
                self._pen(kind)

        dbapi.execute = execute

    def _pen(self, kind: str) -> None:
        """Had from the answer to BEGIN to the answer to COMMIT; what was undone is left out."""
        since, self._has_pen_since = self._has_pen_since, None
        if kind == BEGIN_TO_WRITE:
            self._has_pen_since = time.perf_counter()
        elif kind == COMMIT and since is not None:
            self._add(self.waits.held, self._work, time.perf_counter() - since)

    def _note(self, kind: str, begun: float) -> None:
        self._add(self.waits.statements, kind, time.perf_counter() - begun)

    def _add(self, where: dict[str, array[float]], name: str, seconds: float) -> None:
        if self._counts():
            where.setdefault(name, array("d")).append(seconds)

    def _kind(self, statement: str) -> str:
        found = self._kinds.get(statement)
        if found is None:
            table = _TABLE.search(statement)
            digest = hashlib.sha256(statement.encode()).hexdigest()[:4]
            verb = statement.split(None, 1)[0]
            found = f"{verb} {table.group(1) if table else '…'} #{digest}"
            self._kinds[statement] = found
        return found

    def texts(self) -> dict[str, str]:
        """The statements by kind; they hold no values."""
        return {kind: " ".join(text.split()) for text, kind in self._kinds.items()}


def _of_transaction(words: object) -> str | None:
    if not isinstance(words, str):
        return None
    if words.startswith("BEGIN") and "READ ONLY" in words:
        return BEGIN_TO_READ
    if words.startswith("BEGIN") and "advisory" in words:
        return BEGIN_TO_WRITE
    return COMMIT if words.endswith("COMMIT") else None


def dialled(
    database: Database, since: datetime, measured: datetime, until: datetime, rest: timedelta
) -> tuple[int, int]:
    """Attempts from `measured` to `until`; those since `since` that came too soon after another.

    Too soon is within `rest` of an attempt on the same person: whoever was busy is due again later.
    """
    each = (
        select(AttemptRow.contact_id, AttemptRow.committed_at)
        .where(AttemptRow.committed_at >= since)
        .order_by(AttemptRow.contact_id, AttemptRow.committed_at)
    )
    with database.reading() as connection:
        calls = connection.scalar(
            select(func.count()).where(AttemptRow.committed_at.between(measured, until))
        )
        rows = connection.execute(each).all()
    too_soon = sum(
        one.contact_id == next_.contact_id and next_.committed_at - one.committed_at < rest
        for one, next_ in pairwise(rows)
    )
    return int(calls or 0), too_soon


def number_on(connection: Connection) -> None:
    """After a list that `long_list` has made on a server: new rows get numbers behind its own."""
    for table in ("contacts", "contact_numbers"):
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )
