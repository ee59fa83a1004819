"""Migrations: up from nothing, the same tables as the model, a backup before an upgrade."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, create_engine, inspect
from sqlalchemy.schema import CreateIndex, CreateTable

from dialer_core.model.errors import KnownError
from dialer_core.store.address import Place
from dialer_core.store.database import HEAD, KNOWN, Database
from dialer_core.store.migration import SCRIPTS, upgrade
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.schema import Base
from tests.postgres_kit import RunningPostgres


def test_migrated_tables_are_those_of_the_model(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


@pytest.fixture
def empty(request: pytest.FixtureRequest, place: Place) -> Iterator[Engine]:
    """A database of the same kind as `place` without tables."""
    if isinstance(place, Path):
        engine = create_engine("sqlite://")
    else:
        running: RunningPostgres = request.getfixturevalue("postgres")
        engine = Database(running.new_database()).engine
    yield engine
    engine.dispose()


def test_checks_and_unique_constraints_are_those_of_the_model(
    database: Database, empty: Engine
) -> None:
    # Alembic compares neither the words of a CHECK nor SQLite's unnamed constraints.
    Base.metadata.create_all(empty)
    with empty.connect() as model, database.connect() as migrated:
        wanted, found = inspect(model), inspect(migrated)
        checks = 0
        for table in Base.metadata.tables:
            for read in ("get_check_constraints", "get_unique_constraints"):
                expected = sorted(getattr(wanted, read)(table), key=str)
                assert sorted(getattr(found, read)(table), key=str) == expected, table
                checks += len(expected)
    assert checks > 20


def test_the_model_can_be_said_in_postgresql() -> None:
    dialect = URL.create("postgresql").get_dialect()()
    words = "".join(
        str(CreateTable(table).compile(dialect=dialect)) for table in Base.metadata.sorted_tables
    )
    assert "TIMESTAMP WITH TIME ZONE" in words
    assert "CHECK (state IN ('paused'," in words
    table = Base.metadata.tables["sessions"]
    partial = [str(CreateIndex(one).compile(dialect=dialect)) for one in table.indexes]
    assert any("WHERE closed_at IS NULL" in words for words in partial)


def test_the_telephones_migration_can_be_said_in_postgresql() -> None:
    said = io.StringIO()
    options = {"as_sql": True, "output_buffer": said, "target_metadata": Base.metadata}
    context = MigrationContext.configure(dialect_name="postgresql", opts=options)
    found = ScriptDirectory(str(SCRIPTS)).get_revision("0005")
    assert found is not None
    with Operations.context(context):
        found.module.upgrade()
    words = said.getvalue()
    assert "DROP CONSTRAINT ck_attempts_mode" in words
    assert "'agentless', 'manual'" in words
    assert "CREATE TABLE third_parties" in words


def test_rows_that_others_refer_to_outlive_the_new_tables(tmp_path: Path) -> None:
    path = tmp_path / "floor.db"
    upgrade(path, "0004")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("INSERT INTO clients (id, name) VALUES (1, 'Rosewood')")
        columns = [
            (name, kind, default)
            for _, name, kind, notnull, default, _ in connection.execute(
                "PRAGMA table_info(campaigns)"
            )
            if notnull and default is None
        ]
        own: dict[str, object] = {"id": 1, "client_id": 1, "mode": "preview"}
        own |= {"preview_timeout": "dial", "max_lines": 30}
        values = [own.get(name, 1 if "CHAR" not in kind else "x") for name, kind, _ in columns]
        names = ", ".join(name for name, _, _ in columns)
        marks = ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO campaigns ({names}) VALUES ({marks})", values)
        connection.execute(
            "INSERT INTO contact_lists (id, campaign_id, name, is_active, created_at)"
            " VALUES (1, 1, 'All', 1, '2026-01-01 00:00:00.000000')"
        )
    connection.close()

    migrate(path)

    reading = sqlite3.connect(path)
    campaign = reading.execute(
        "SELECT id, recording, detection, max_lines FROM campaigns"
    ).fetchall()
    assert campaign == [(1, "off", 0, 1000)], "the lines of before were nobody's choice"
    assert reading.execute("SELECT campaign_id FROM contact_lists").fetchall() == [(1,)]
    assert reading.execute("PRAGMA foreign_key_check").fetchall() == []
    reading.close()


def test_the_program_knows_each_migration_and_no_other() -> None:
    scripts = ScriptDirectory(str(SCRIPTS))
    assert scripts.get_heads() == [HEAD]
    assert tuple(sorted(one.revision for one in scripts.walk_revisions())) == KNOWN
    for path in (SCRIPTS / "versions").glob("*.py"):
        assert "def downgrade" not in path.read_text(), "forward only"


def test_an_older_database_is_backed_up_and_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "floor.db"
    upgrade(path, "0001")
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO clients (name) VALUES ('Rosewood')")
    connection.close()
    with pytest.raises(KnownError, match="older Callfloor"):
        open_database(path)

    backup = migrate(path)

    assert backup == tmp_path / "floor.db.backup-0001"
    for file, has_seats in ((path, True), (backup, False)):
        reading = sqlite3.connect(file)
        assert reading.execute("SELECT name FROM clients").fetchall() == [("Rosewood",)]
        tables = {name for (name,) in reading.execute("SELECT name FROM sqlite_master")}
        reading.close()
        assert ("seats" in tables) is has_seats


def test_migrating_twice_changes_nothing(database_path: Path) -> None:
    before = database_path.read_bytes()
    assert migrate(database_path) is None
    assert database_path.read_bytes() == before


def test_each_floor_has_a_key_of_its_own(database_path: Path, tmp_path: Path) -> None:
    migrate(tmp_path / "other.db")
    keys = set()
    for path in (database_path, tmp_path / "other.db"):
        reading = sqlite3.connect(path)
        (key,) = reading.execute("SELECT value FROM settings WHERE key='number_key'").fetchone()
        reading.close()
        assert len(bytes.fromhex(key)) == 32
        keys.add(key)
    assert len(keys) == 2


def test_create_makes_the_folder_and_keeps_others_out(tmp_path: Path) -> None:
    path = tmp_path / "new" / "floor.db"
    open_database(path, create=True).close()
    assert path.stat().st_mode & 0o077 == 0
    reading = sqlite3.connect(path)
    assert reading.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    reading.close()
