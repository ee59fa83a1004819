"""One transaction is one `with`: whole or not at all, between threads and processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select

from dialer_core.clock import Instant
from dialer_core.store import audit, counts
from dialer_core.store.database import Database
from dialer_core.store.feed import ChangeFeed
from dialer_core.store.opening import open_database
from dialer_core.store.schema import AuditRow, ClientRow
from dialer_core.store.setup import SetupStore
from dialer_core.store.sqlite import WRITES
from tests.postgres_kit import soon
from tests.store.floor_kit import FloorKit

AT = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


@pytest.fixture
def outer(database: Database) -> Iterator[Connection]:
    """A connection whose work is undone after the test, whatever was released inside."""
    connection = database.connect().execution_options(**{WRITES: True})
    transaction = connection.begin()
    yield connection
    transaction.rollback()
    connection.close()


def clients(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(ClientRow)) or 0


def write_and_fail(connection: Connection, name: str) -> None:
    connection.execute(insert(ClientRow), {"name": name})
    assert clients(connection) > 0
    raise ZeroDivisionError


def test_savepoints_release_and_roll_back_inside_a_transaction(outer: Connection) -> None:
    with outer.begin_nested():
        outer.execute(insert(ClientRow), {"name": "kept"})
    undone = outer.begin_nested()
    outer.execute(insert(ClientRow), {"name": "undone"})
    undone.rollback()
    assert clients(outer) == 1


def test_what_a_savepoint_released_is_undone_with_the_whole(database: Database) -> None:
    connection = database.connect().execution_options(**{WRITES: True})
    transaction = connection.begin()
    with connection.begin_nested():
        connection.execute(insert(ClientRow), {"name": "one"})
    transaction.rollback()
    with database.reading(connection):
        assert clients(connection) == 0
    connection.close()


def test_counts_add_up_inside_a_savepoint(kit: FloorKit, outer: Connection) -> None:
    counts.add(outer, kit.campaign_id, AT.date(), dialled=2)
    counts.add(outer, kit.campaign_id, AT.date(), dialled=1, live=1)
    assert counts.read(outer, kit.campaign_id, AT.date())["dialled"] == 3
    assert counts.read(outer, kit.campaign_id, AT.date())["live"] == 1


def test_an_error_undoes_the_whole_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        write_and_fail(connection, "one")
    with database.reading() as connection:
        assert clients(connection) == 0


def test_each_connection_is_set_to_survive_a_power_cut(file_database: Database) -> None:
    with file_database.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "foreign_keys", "journal_mode", "busy_timeout")
        }
    full = 2
    assert found == {
        "synchronous": full,
        "foreign_keys": 1,
        "journal_mode": "wal",
        "busy_timeout": 5000,
    }


def test_a_store_belongs_to_one_thread(database: Database) -> None:
    store = SetupStore(database)
    store.changed()
    seen: list[BaseException] = []

    def use() -> None:
        try:
            store.changed()
        except RuntimeError as error:
            seen.append(error)

    other = threading.Thread(target=use)
    other.start()
    other.join()
    assert "belongs to another thread" in str(seen[0])
    store.close()
    with pytest.raises(RuntimeError, match="closed"):
        store.changed()


def test_the_feed_tells_of_foreign_commits_once(database: Database) -> None:
    feed = ChangeFeed(database)
    assert feed.changed(), "nothing was read yet"
    assert not feed.changed()
    with database.writing() as connection:
        connection.execute(insert(ClientRow), {"name": "one"})
    assert soon(feed.changed)
    assert not feed.changed()
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        write_and_fail(connection, "two")
    assert not feed.changed(), "what was undone is no change"
    feed.close()


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from dialer_core.store import audit
from dialer_core.store.opening import open_database
database = open_database(Path(sys.argv[1]))
connection = database.connect()
print("ready", flush=True)
n = 0
while n < int(sys.argv[3]):
    with database.writing(connection):
        audit.append(connection, sys.argv[2], "wrote", {"n": n}, datetime(2026, 3, 3, tzinfo=UTC))
    print(n, flush=True)
    n += 1
"""


def writer(path: Path, name: str, times: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(times)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def test_two_processes_write_at_once_and_the_chain_stays_whole(database_path: Path) -> None:
    writers = [writer(database_path, name, 60) for name in ("left", "right")]
    for one in writers:
        one.communicate(timeout=60)
        assert one.returncode == 0
    database = open_database(database_path)
    with database.reading() as connection:
        rows = connection.execute(select(AuditRow.who)).all()
        assert audit.first_broken(connection) is None
    database.close()
    assert sorted(row.who for row in rows) == ["left"] * 60 + ["right"] * 60


@pytest.mark.parametrize("after", [1, 7, 23])
def test_a_killed_writer_loses_nothing_that_it_was_told_is_written(
    database_path: Path, after: int
) -> None:
    victim = writer(database_path, "victim", 100_000)
    assert victim.stdout is not None
    said = -1
    for line in victim.stdout:
        said = int(line) if line.strip().isdigit() else -1
        if said >= after:
            os.kill(victim.pid, signal.SIGKILL)
            break
    said = max([said, *(int(line) for line in victim.stdout if line.strip().isdigit())])
    victim.wait()
    victim.stdout.close()

    database = open_database(database_path, check=True)
    with database.writing() as connection:
        written = connection.scalar(select(func.count()).select_from(AuditRow)) or 0
        assert audit.first_broken(connection) is None
        audit.append(connection, "next", "goes on", {}, AT)
        assert audit.first_broken(connection) is None
    database.close()
    assert written in (said + 1, said + 2), "the last one may be committed and not yet told"


def test_the_audit_log_cannot_be_rewritten(database: Database) -> None:
    with database.writing() as connection:
        audit.append(connection, "Ines", "listened", {"attempt": "A1"}, AT)
    for statement in ("UPDATE audit_log SET who = 'nobody'", "DELETE FROM audit_log"):
        with (
            pytest.raises(Exception, match="append-only"),
            database.writing() as connection,
        ):
            connection.exec_driver_sql(statement)


def test_a_forged_entry_is_found(database: Database) -> None:
    with database.writing() as connection:
        for n in range(3):
            audit.append(connection, "Ines", "listened", {"n": n}, AT)
        on = "" if connection.dialect.name == "sqlite" else " ON audit_log"
        connection.exec_driver_sql(f"DROP TRIGGER audit_log_no_update{on}")
        connection.exec_driver_sql("UPDATE audit_log SET who = 'nobody' WHERE id = 2")
        assert audit.first_broken(connection) == 2


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = Instant(0.0, datetime(2026, 3, 3, 10, 0))  # noqa: DTZ001  the very mistake
    store = SetupStore(database)
    with pytest.raises(Exception, match="time zone"):
        store.add_agent("Anna", naive)
    store.close()
