"""A floor with a recorded morning, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.backup.kit import Home, open_home, record_morning
from tests.sharing.conftest import server_dir

__all__ = ["server_dir"]


@pytest.fixture(scope="session")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which three seats have called for some minutes."""
    path = tmp_path_factory.mktemp("morning") / "floor.db"
    record_morning(path)
    return path


@pytest.fixture
def home(morning: Path, tmp_path: Path) -> Home:
    """A floor of one PC with that morning on record."""
    made = open_home(tmp_path / "home")
    shutil.copy(morning, made.profile.database_path)
    return made
