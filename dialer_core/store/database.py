"""The floor's database, open: a file or a server; and one transaction as one `with`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

from dialer_core.model.errors import KnownError
from dialer_core.store import sqlite
from dialer_core.store.address import FloorAddress, Place
from dialer_core.store.network import is_on_network

HEAD = "0014"  # the newest migration; a test holds it against the folder
KNOWN = (
    "0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011",
    "0012", "0013", HEAD,
)  # fmt: skip


class Database:
    """The floor's database, open; hands out connections, which belong to one thread."""

    def __init__(self, place: Place, busy_s: float = sqlite.BUSY_S) -> None:
        self.place = place
        self.engine: Engine
        if isinstance(place, Path):
            self.engine = sqlite.sqlite_engine(place, busy_s)
        else:
            # What speaks to servers takes a tenth of a second, which a file does without.
            from dialer_core.store import postgres  # noqa: PLC0415

            self.engine = postgres.postgres_engine(place, busy_s)

    @property
    def path(self) -> Path:
        """The file; for what is done to files alone."""
        if isinstance(self.place, FloorAddress):
            raise TypeError(f"{self.place} is a server, no file")
        return self.place

    def connect(self) -> Connection:
        """A new connection, to be closed by who asked for it; KnownError where it fails."""
        return self.engine.connect()

    @contextmanager
    def reading(self, connection: Connection | None = None) -> Iterator[Connection]:
        """One transaction that reads: all its statements see the same moment."""
        with self._transaction(connection, writes=False) as inside:
            yield inside

    @contextmanager
    def writing(
        self,
        connection: Connection | None = None,
        *,
        is_durable: bool = True,
        is_patient: bool = False,
    ) -> Iterator[Connection]:
        """One transaction that writes: committed at its end, undone as a whole by an error.

        One that is not durable does not wait for the disk: a power cut may take it back, with all
        that came after it. One that is patient waits longer for other writers of a server.
        """
        with self._transaction(
            connection, writes=True, is_durable=is_durable, is_patient=is_patient
        ) as inside:
            yield inside

    @contextmanager
    def aside(self, connection: Connection) -> Iterator[Connection]:
        """One transaction that changes a row of its caller's alone, of which nobody is told.

        On a server it waits for no other writer, however long that one takes; in a file it must.
        """
        if isinstance(self.place, FloorAddress):
            from dialer_core.store import postgres  # noqa: PLC0415  see above

            with postgres.aside(connection):
                yield connection
            return
        with self.writing(connection) as inside:
            yield inside

    @contextmanager
    def _transaction(
        self,
        connection: Connection | None,
        *,
        writes: bool,
        is_durable: bool = True,
        is_patient: bool = False,
    ) -> Iterator[Connection]:
        owned = connection if connection is not None else self.connect()
        try:
            if isinstance(self.place, FloorAddress):
                from dialer_core.store import postgres  # noqa: PLC0415  see above

                with postgres.transaction(
                    owned,
                    self.place,
                    writes=writes,
                    is_durable=is_durable,
                    is_patient=is_patient,
                ):
                    yield owned
                return
            options = {sqlite.WRITES: writes, sqlite.DURABLE: is_durable}
            owned = owned.execution_options(**options)
            with owned.begin():
                yield owned
        finally:
            if connection is None:
                owned.close()

    def look_through(self) -> None:
        """Tell the database's planner what there is now; after much has come in at once.

        A server does the same by itself, in its own time.
        """
        if isinstance(self.place, FloorAddress):
            from dialer_core.store import postgres  # noqa: PLC0415  see above

            with closing(postgres.connect(self.place)) as plain:
                plain.execute("VACUUM (ANALYZE)")
            return
        with self.writing() as connection:
            connection.exec_driver_sql("ANALYZE")

    def close(self) -> None:
        """Let go of what the engine holds."""
        self.engine.dispose()


def refuse_network_path(path: Path) -> None:
    """KnownError for a path on another machine, where a SQLite file is damaged sooner or later."""
    if is_on_network(path):
        raise KnownError(
            f"The database {path} lies on a network drive, where it would be damaged sooner or "
            "later; choose a folder on this computer's own disk."
        )


def refuse_damage(path: Path) -> None:
    """KnownError where a page of the file does not hold together."""
    if sqlite.quick_check(path) is not None:
        raise KnownError(
            f"The database {path} is damaged; restore the latest backup that stands beside it."
        )


def newer(place: Place) -> KnownError:
    """What to do with a database that a newer program has made."""
    return KnownError(
        f"The database {place} was made by a newer Callfloor; update this computer's Callfloor "
        "and start it again."
    )
