"""From the first migration to the newest with rows in each table; old and new programs meet."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    func,
    insert,
    inspect,
    select,
)

from app.backup import folder
from app.backup.nightly import before_upgrade
from app.errors import KnownError
from app.sharing import pointing
from dialer_core.model import errors as core_errors
from dialer_core.store import moving_out
from dialer_core.store.address import Place
from dialer_core.store.database import HEAD, KNOWN, Database
from dialer_core.store.dumping import facts_of_file, facts_of_server
from dialer_core.store.migration import upgrade
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.postgres import version_in
from dialer_core.store.sqlite import version_in as version_in_file
from tests.backup.kit import COST, open_home
from tests.postgres_kit import RunningPostgres, place_in_words, running_postgres

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
WORDS = """
import sys
from tests.postgres_kit import place_of
from dialer_core.store.migration import upgrade
from dialer_core.store.opening import open_database
place = place_of(sys.argv[1])
sys.stdin.readline()
open_database(place, create=True).close()
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[RunningPostgres]:
    with running_postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return tmp_path / "floor.db"
    running: RunningPostgres = request.getfixturevalue("postgres")
    return running.new_database()


def version_of(place: Place) -> str | None:
    if isinstance(place, Path):
        return version_in_file(place)
    database = Database(place)
    try:
        with database.reading() as connection:
            return version_in(connection)
    finally:
        database.close()


def counts(place: Place) -> dict[str, int]:
    found = facts_of_file(place) if isinstance(place, Path) else facts_of_server(place)
    return found.rows


def fill(connection: Connection) -> int:
    """A row into each table that has none; how many tables that were."""
    found = MetaData()
    found.reflect(connection)
    number = 0
    for table in found.sorted_tables:
        if table.name != "alembic_version" and not connection.scalar(
            select(func.count()).select_from(table)
        ):
            connection.execute(insert(table), row_for(connection, table))
            number += 1
    return number


ONE_OF_TWO = {"mix_sources": {"list_id": 1}}  # a CHECK asks for either of two columns


def row_for(connection: Connection, table: Table) -> dict[str, Any]:
    checks = " ".join(
        str(one["sqltext"]) for one in inspect(connection).get_check_constraints(table.name)
    )
    row: dict[str, Any] = dict(ONE_OF_TWO.get(table.name, {}))
    for column in table.columns:
        if column.computed is not None or column.name in row:
            continue
        if column.foreign_keys and not column.nullable:
            parent = next(iter(column.foreign_keys)).column
            row[column.name] = connection.scalar(select(parent).limit(1))
        elif column.primary_key and isinstance(column.type, Integer):
            row[column.name] = 1
        elif not column.nullable and column.server_default is None:
            row[column.name] = value_for(column.name, column.type, checks)
    return row


def value_for(name: str, kind: object, checks: str) -> object:
    match kind:
        case Boolean():
            return True
        case DateTime():
            return NOW
        case Date():
            return date(2026, 3, 3)
        case Integer() | Float() | Numeric():
            return 1
        case LargeBinary():
            return b"12345678901234567890123456789012"
        case JSON():
            return []
    allowed = re.search(rf"\b{name}\b[^']{{0,60}}'([^']*)'", checks)
    return allowed[1] if allowed else "x"


def test_rows_of_every_table_survive_every_migration(place: Place) -> None:
    before: dict[str, int] = {}
    tables = 0
    for revision in KNOWN:
        upgrade(place, revision)
        after = counts(place)
        assert all(after.get(name, 0) >= number for name, number in before.items()), revision
        database = Database(place)
        with database.writing() as connection:
            tables += fill(connection)
        database.close()
        before = counts(place)
    assert tables > 35
    assert migrate(place) is None
    open_database(place).close()
    assert version_of(place) == HEAD
    assert min(number for name, number in counts(place).items() if name != "alembic_version") > 0


@pytest.mark.parametrize("start", ["", "0001", "0009"])
def test_programs_that_start_at_once_migrate_once(start: str, place: Place) -> None:
    if start:
        upgrade(place, start)
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", WORDS, place_in_words(place)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(3)
    ]
    for program in programs:
        assert program.stdin is not None
        program.stdin.write(b"go\n")
        program.stdin.flush()
    told = [program.communicate(timeout=90)[1].decode() for program in programs]
    assert [program.returncode for program in programs] == [0, 0, 0], told
    assert version_of(place) == HEAD
    open_database(place).close()
    if start and isinstance(place, Path):
        (kept,) = place.parent.glob("*.backup-*")
        assert version_in_file(kept) == start


def test_a_program_older_than_the_database_says_so_and_does_no_damage(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(place)
    before = counts(place)
    whole = place.read_bytes() if isinstance(place, Path) else b""
    old = KNOWN[:-1]
    for module in ("opening", "migration", "database"):
        for name, value in (("KNOWN", old), ("HEAD", old[-1])):
            monkeypatch.setattr(f"dialer_core.store.{module}.{name}", value, raising=False)
    for create in (False, True):
        with pytest.raises(core_errors.KnownError, match="newer Callfloor; update this computer"):
            open_database(place, create)
    with pytest.raises(core_errors.KnownError, match="newer Callfloor"):
        upgrade(place)
    assert counts(place) == before
    assert version_of(place) == HEAD
    assert whole == (place.read_bytes() if isinstance(place, Path) else b"")


def test_an_older_database_asks_for_the_supervisor_s_program(place: Place) -> None:
    upgrade(place, KNOWN[-2])
    with pytest.raises(core_errors.KnownError, match="older Callfloor; start the supervisor's"):
        open_database(place)
    assert version_of(place) == KNOWN[-2]


@pytest.mark.postgres
def test_a_shared_database_is_dumped_before_it_is_brought_up_to_date(
    postgres: RunningPostgres, tmp_path: Path
) -> None:
    address = postgres.new_database()
    upgrade(address, "0009")
    home = open_home(tmp_path / "home")
    home.secrets.set(pointing.OWNER_SECRET, address.password)
    pointing.write_pointer(home.profile, pointing.Pointer(url=address.url))

    def refuse(_version: str) -> None:
        raise KnownError("The disk is full.")

    with pytest.raises(KnownError, match="disk is full"):
        moving_out.bring_up(address, lets_seats_join=False, before=refuse)
    assert version_of(address) == "0009"
    before = before_upgrade(home.profile, lambda: home.secrets, lambda: home.now.utc, COST)
    moving_out.bring_up(address, lets_seats_join=False, before=before)
    assert version_of(address) == HEAD
    (kept,) = folder.kept_in(folder.own_folder(home.profile))
    assert (kept.head.version, kept.head.why) == ("0009", "upgrade")
    moving_out.bring_up(address, lets_seats_join=False, before=refuse)  # nothing to do any more


@pytest.mark.parametrize("version", ["0005", "0009"])
def test_a_backup_of_an_older_program_is_brought_up_to_date(version: str, tmp_path: Path) -> None:
    home, other = open_home(tmp_path / "home"), open_home(tmp_path / "other")
    upgrade(home.profile.database_path, version)
    database = Database(home.profile.database_path)
    with database.writing() as connection:
        fill(connection)
    database.close()
    made = home.back_up(tmp_path / "one.callfloor")
    assert made.head.version == version
    other.restore(made.path)
    assert version_of(other.profile.database_path) == HEAD
    rows = counts(home.profile.database_path)
    now = counts(other.profile.database_path)
    assert all(now[name] >= number for name, number in rows.items())
    assert [p.name for p in other.profile.database_path.parent.iterdir()] == ["callfloor.sqlite3"]
