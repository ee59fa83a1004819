"""A floor for each test, on a file and on a server: migrated once, copied for each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer_core.clock import ManualClock
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile
from dialer_core.store.address import FloorAddress, Place
from dialer_core.store.database import Database
from dialer_core.store.opening import migrate, open_database
from tests.postgres_kit import RunningPostgres, running_postgres
from tests.store.floor_kit import FloorKit


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database that stands at the newest migration."""
    path = tmp_path_factory.mktemp("migrated") / "floor.db"
    migrate(path)
    return path


@pytest.fixture
def database_path(migrated: Path, tmp_path: Path) -> Path:
    path = tmp_path / "floor.db"
    shutil.copy(migrated, path)
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[RunningPostgres]:
    """The session's own server."""
    with running_postgres() as running:
        yield running


@pytest.fixture(scope="session")
def migrated_address(postgres: RunningPostgres) -> FloorAddress:
    """An empty database on the server that stands at the newest migration."""
    address = postgres.new_database()
    migrate(address)
    return address


@pytest.fixture
def address(postgres: RunningPostgres, migrated_address: FloorAddress) -> Iterator[FloorAddress]:
    made = postgres.new_database(template=migrated_address.database)
    yield made
    postgres.drop(made)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest) -> Place:
    """A floor's database, once as a file and once on a server."""
    found: Place = request.getfixturevalue(
        "database_path" if request.param == "sqlite" else "address"
    )
    return found


@pytest.fixture
def database(place: Place) -> Iterator[Database]:
    opened = open_database(place)
    yield opened
    opened.close()


@pytest.fixture
def file_database(database_path: Path) -> Iterator[Database]:
    """A floor's database as a file; for what is said to SQLite alone."""
    opened = open_database(database_path)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    """Tuesday, 3 March 2026, 10:00 in London."""
    return ManualClock()


@pytest.fixture
def kit(database: Database, clock: ManualClock) -> Iterator[FloorKit]:
    """A preview campaign under the British rules, registers loaded, two agents, five people."""
    made = FloorKit(database, clock)
    made.add_campaign(Mode.PREVIEW, profile("GB"))
    yield made
    made.close()
