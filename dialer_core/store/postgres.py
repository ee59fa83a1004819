"""All that is said to PostgreSQL alone: connections, BEGIN and COMMIT, lost connections.

A transaction that writes takes the floor's pen with its BEGIN: an advisory lock, given back by
COMMIT, so that writers take turns as on SQLite and each sees what the one before left. One that
reads is REPEATABLE READ READ ONLY: all its statements see the same moment, and it waits for none.

A connection that was lost before its BEGIN is made anew, which nobody notices. One that was lost
inside a transaction undid it: ConnectionLost. One that was lost in COMMIT is asked for its fate by
the transaction's own number: what was committed is never reported as failed, nor done twice.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import pq
from sqlalchemy import Connection, CursorResult, Engine, RootTransaction, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import NullPool

from dialer_core.model.errors import FateUnknown, KnownError, StoreTrouble
from dialer_core.store import feed_words
from dialer_core.store.address import FloorAddress
from dialer_core.store.postgres_errors import ConnectionLost, sentence_for, trouble_for
from dialer_core.store.postgres_lists import send_lists_as_arrays
from dialer_core.store.postgres_tls import tls_options

BUSY_S = 5.0
PATIENCE_S = 30  # of people who log in: at a shift's beginning all do so in the same minute
STATEMENT_S = 120
IDLE_S = 20  # a transaction that does nothing for so long has lost its owner
PEN_IDLE_S = 4  # the same of one that writes, and so keeps all others from writing
CONNECT_S = 5
CHANNEL: Final = "callfloor"  # what a commit tells those who listen
PEN: Final = 0x43414C4C  # the advisory lock of those who write
MIGRATING: Final = PEN + 1  # the advisory lock of those who migrate
_FATE_TRIES = 25
_FATE_PAUSE_S = 0.2
_WROTE = "wrote"


def connect(address: FloorAddress, busy_s: float = BUSY_S) -> psycopg.Connection[Any]:
    """A plain connection, each statement its own transaction; KnownError where there is none."""
    way: dict[str, Any] = tls_options(address) | _hosts(address)
    try:
        made = psycopg.connect(
            port=address.port,
            dbname=address.database,
            user=address.user,
            password=address.password,
            autocommit=True,
            connect_timeout=CONNECT_S,
            application_name="callfloor",
            client_encoding="UTF8",
            gssencmode="disable",
            # A network that is gone is noticed within some ten seconds, also by who only listens.
            keepalives_idle=4,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=10_000,
            **way,
        )
        _agree(made, busy_s)
        return made
    except psycopg.Error as problem:
        # Without its cause: libpq's words may hold more than belongs into a log.
        sentence = sentence_for(problem, address, is_connecting=True)
        raise StoreTrouble(sentence or "The floor's database cannot be reached.") from None


def _agree(made: psycopg.Connection[Any], busy_s: float) -> None:
    """Say what holds for the connection; not among its options, which PgBouncer refuses."""
    terms = (
        # The server's own end of the connection, as ours: who has gone holds nothing for long.
        "SET tcp_keepalives_idle = 4; SET tcp_keepalives_interval = 2;"
        " SET tcp_keepalives_count = 3; SET tcp_user_timeout = 10000;"
        f" SET timezone = 'UTC'; SET statement_timeout = '{STATEMENT_S}s';"
        f" SET lock_timeout = {round(busy_s * 1000)};"
        f" SET idle_in_transaction_session_timeout = '{IDLE_S}s'"
    )
    try:
        made.execute(terms)
    except psycopg.Error:
        made.close()
        raise


def _hosts(address: FloorAddress) -> dict[str, str]:
    """Where to knock; the name is the one that the server's certificate must show."""
    hosts = (address.host, *address.others)
    if not address.server_name:
        return {"host": ",".join(hosts)}
    return {"hostaddr": ",".join(hosts), "host": ",".join([address.server_name] * len(hosts))}


def postgres_engine(address: FloorAddress, busy_s: float = BUSY_S) -> Engine:
    """An engine whose connections belong to one thread each and speak as this module says."""
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(address, busy_s),
        poolclass=NullPool,
        hide_parameters=True,  # an error must not carry numbers into a log
        use_native_hstore=False,
    )
    send_lists_as_arrays(engine)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # One that `transaction` has not begun is whole all the same.
        dbapi = _dbapi(connection)
        if dbapi.info.transaction_status is pq.TransactionStatus.IDLE:
            dbapi.execute("BEGIN")

    @event.listens_for(engine, "after_cursor_execute")
    def on_executed(
        connection: Connection,
        cursor: DBAPICursor,
        statement: str,
        _parameters: object,
        context: DefaultExecutionContext | None,
        _many: bool,
    ) -> None:
        is_dml = context is not None and (context.isinsert or context.isupdate or context.isdelete)
        if (is_dml or not _only_reads(statement)) and cursor.rowcount != 0:
            connection.info[_WROTE] = True

    @event.listens_for(engine, "handle_error")
    def on_error(context: ExceptionContext) -> None:
        if context.is_disconnect:
            raise ConnectionLost(address) from context.original_exception
        trouble = trouble_for(context.original_exception, address)
        if trouble is not None:
            raise trouble from context.original_exception
        _hide_values(context)

    return engine


def _hide_values(context: ExceptionContext) -> None:
    """PostgreSQL repeats a row's values in its errors: they go no further than here."""
    problem = context.original_exception
    if not isinstance(problem, psycopg.Error) or problem.sqlstate is None:
        return
    is_of_data = problem.sqlstate.startswith("22")
    told = "a value of the wrong kind" if is_of_data else problem.diag.message_primary or ""
    problem.args = (told,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (f"({type(problem).__name__}) {told}",)


def _only_reads(statement: str) -> bool:
    return statement.lstrip()[:6].upper() in ("SELECT", "SAVEPO", "RELEAS", "ROLLBA", "SET LO")


@contextmanager
def transaction(
    connection: Connection,
    address: FloorAddress,
    *,
    writes: bool,
    is_durable: bool = True,
    is_patient: bool = False,
) -> Iterator[None]:
    """One transaction of a connection that is in none.

    One that is patient waits for PATIENCE_S until the writers before it are done.
    """
    terms = "" if is_durable else " SET LOCAL synchronous_commit = off;"
    terms += f" SET LOCAL lock_timeout = '{PATIENCE_S}s';" if is_patient else ""
    number = _begin(connection, address, terms, writes=writes)
    outer = connection.begin()
    try:
        yield
    except BaseException:
        outer.rollback()
        raise
    _commit(connection, outer, address, number)


@contextmanager
def aside(connection: Connection) -> Iterator[None]:
    """A transaction that changes a row of the caller's alone: it waits no turn, and is not told."""
    dbapi = _dbapi(connection)
    if dbapi.broken or dbapi.closed:
        connection.invalidate()
        connection.rollback()
        dbapi = _dbapi(connection)
    with connection.begin():
        yield


def _begin(
    connection: Connection, address: FloorAddress, more_terms: str, *, writes: bool
) -> str | None:
    """Send BEGIN, on a new connection if the old one is gone; the number of one that writes."""
    for is_last in (False, True):
        dbapi = _dbapi(connection)
        connection.info[_WROTE] = False
        feed_words.begin(connection)
        try:
            if not writes:
                dbapi.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                return None
            terms = f"SET LOCAL idle_in_transaction_session_timeout = '{PEN_IDLE_S}s';"
            found = dbapi.execute(
                f"BEGIN; {terms}{more_terms} SELECT pg_advisory_xact_lock({PEN}),"
                " pg_current_xact_id()::text, pg_backend_pid()"
            )
            while found.nextset():
                pass
            row = found.fetchone()
            return f"{row[1]} {row[2]}" if row is not None else None
        except psycopg.Error as problem:
            if dbapi.broken or dbapi.closed:
                connection.invalidate(problem)
                connection.rollback()
                if is_last:
                    raise ConnectionLost(address) from None
                continue
            dbapi.rollback()
            trouble = trouble_for(problem, address)
            if trouble is None:
                raise
            raise trouble from problem
    return None


def _commit(
    connection: Connection, outer: RootTransaction, address: FloorAddress, number: str | None
) -> None:
    if connection.invalidated or not outer.is_active:
        outer.rollback()
        raise ConnectionLost(address)
    dbapi = _dbapi(connection)
    if dbapi.info.transaction_status is pq.TransactionStatus.INERROR:
        outer.rollback()
        raise RuntimeError("an error inside a transaction was passed over; nothing is committed")
    try:
        told = f"NOTIFY {CHANNEL}, '{feed_words.words_of(connection)}'; "
        dbapi.execute(f"{told if connection.info[_WROTE] else ''}COMMIT")
    except psycopg.Error as problem:
        if not (dbapi.broken or dbapi.closed):
            outer.rollback()
            trouble = trouble_for(problem, address)
            if trouble is None:
                raise
            raise trouble from problem
        connection.invalidate(problem)
        outer.rollback()
        if number is None or _was_committed(address, *number.split()):
            return
        raise ConnectionLost(address) from problem
    outer.commit()


def _dbapi(connection: Connection) -> psycopg.Connection[Any]:
    found: Any = connection.connection.dbapi_connection
    assert isinstance(found, psycopg.Connection)
    return found


def _was_committed(address: FloorAddress, number: str, pid: str) -> bool:
    """What became of a transaction whose COMMIT was not answered.

    The server may not have noticed the loss: its half of the connection is ended first. KnownError
    where the server does not come back in time to be asked.
    """
    pause = threading.Event()
    for _ in range(_FATE_TRIES):
        try:
            with connect(address) as asking:
                row = asking.execute(f"SELECT pg_xact_status('{number}')").fetchone()
                if row is not None and row[0] in ("committed", "aborted"):
                    return bool(row[0] == "committed")
                asking.execute(
                    "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
                    f" WHERE pid = {pid} AND backend_xid::text = '{number}'::xid8::xid::text"
                )
        except (KnownError, psycopg.Error):
            pass
        pause.wait(_FATE_PAUSE_S)
    raise FateUnknown(
        f"The floor's database {address} went away while it was saving, and it is not known "
        "whether it did; when it is back, look before you do it again."
    )


def tell(connection: Connection) -> None:
    """Let this transaction's commit be told to those who listen, whatever it does."""
    connection.info[_WROTE] = True


def version_in(connection: Connection) -> str | None:
    """The migration that the database stands at; None where it has no tables of ours."""
    found: CursorResult[Any] = connection.exec_driver_sql("SELECT to_regclass('alembic_version')")
    if found.scalar() is None:
        return None
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return str(version) if version is not None else None


def has_tables(connection: Connection) -> bool:
    """Whether there are tables at all where ours would be made."""
    return bool(
        connection.exec_driver_sql(
            "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
        ).scalar()
    )
