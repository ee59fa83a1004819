"""A floor on disk for each test: migrated once, copied for each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer_core.clock import ManualClock
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile
from dialer_core.store.database import Database
from dialer_core.store.opening import migrate, open_database
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


@pytest.fixture
def database(database_path: Path) -> Iterator[Database]:
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
