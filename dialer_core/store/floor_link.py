"""One connection to a shared floor for a purpose of its own: setting up, joining, moving.

TLS always, and the server proves itself by the floor's authority and by a name that is the same
wherever it stands. What the store does all day goes through `database.Database`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from dialer_core.model.errors import KnownError
from dialer_core.store.address import FloorAddress
from dialer_core.store.postgres import PEN

CONNECT_S = 5


@dataclass(frozen=True, slots=True)
class FloorLink:
    """Where a floor's server is and as whom to come in; the password shows in no repr.

    `host`: the name in the server's certificate. `authority`, `certificate`, `key`: PEM files.
    """

    address: str
    port: int
    role: str
    password: str = field(repr=False)
    authority: Path
    host: str
    database: str = "callfloor"
    certificate: Path | None = None
    key: Path | None = None

    @property
    def floor_address(self) -> FloorAddress:
        """The same for the stores."""
        return FloorAddress(
            host=self.address,
            port=self.port,
            database=self.database,
            user=self.role,
            password=self.password,
            ca=self.authority,
            certificate=self.certificate,
            key=self.key,
            server_name=self.host,
        )

    def as_role(self, role: str, password: str, database: str | None = None) -> FloorLink:
        """The same floor, another role."""
        return replace(self, role=role, password=password, database=database or self.database)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that holds the floor's pen; KnownError where it cannot be had."""
        with self._connected() as connection, connection.begin():
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({PEN})")
            yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A connection on which each statement stands for itself."""
        with self._connected() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = self._engine()
        try:
            try:
                connection = engine.connect()
            except OperationalError as problem:
                raise KnownError(_sentence(self, str(problem.orig))) from problem
            try:
                yield connection
            finally:
                connection.close()
        finally:
            engine.dispose()

    def _engine(self) -> Engine:
        words: dict[str, Any] = {
            "host": self.host,
            "hostaddr": self.address,
            "port": self.port,
            "dbname": self.database,
            "user": self.role,
            "password": self.password,
            "sslmode": "verify-full",
            "sslrootcert": str(self.authority),
            "sslcert": str(self.certificate or "/nonexistent"),
            "sslkey": str(self.key or "/nonexistent"),
            "channel_binding": "require",
            "gssencmode": "disable",
            "connect_timeout": CONNECT_S,
            "application_name": "callfloor",
        }
        return create_engine(
            URL.create("postgresql+psycopg"),
            connect_args=words,
            poolclass=NullPool,
            hide_parameters=True,
        )


def scram_verifier(connection: Connection, role: str, password: str) -> str:
    """The password as PostgreSQL keeps it (SCRAM-SHA-256); the password cannot be had from it."""
    raw: Any = connection.connection.dbapi_connection
    made: bytes = raw.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return made.decode()


def wait_for_word(connection: Connection, seconds: float) -> bool:
    """Whether a NOTIFY came within that time on a channel that is listened to."""
    raw: Any = connection.connection.dbapi_connection
    return any(True for _ in raw.notifies(timeout=seconds, stop_after=1))


def _sentence(link: FloorLink, told: str) -> str:
    told = told.lower()
    if "certificate verify failed" in told or "does not match host name" in told:
        return (
            f"What answers at {link.address} is not this floor: nothing was told to it. Ask the "
            "supervisor for a new join code."
        )
    if "password authentication failed" in told or "is not permitted to log in" in told:
        return "The floor does not know this seat any more: let it join again with a new code."
    if any(word in told for word in ("no pg_hba.conf entry", "certificate auth", "client cert")):
        return "The floor does not let this seat in: let it join again with a new code."
    if "too many" in told or "slots are reserved" in told:
        return "The floor has no free connection left: close a window and try again."
    return (
        f"The floor does not answer at {link.address}, port {link.port}: see that the "
        "supervisor's PC is on and on the same network."
    )
