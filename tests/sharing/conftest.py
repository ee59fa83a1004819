"""A folder for the server for every test here, and one floor that a file's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sharing.hosts_kit import Host, office_hosts
from tests.sharing.kit import SERVER_DIR, SharedFloor, server_folder, shared_floor


@pytest.fixture
def server_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where servers of this test keep their data."""
    with server_folder() as folder:
        monkeypatch.setenv(SERVER_DIR, str(folder))
        yield folder


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedFloor]:
    """A floor that is shared, for all tests of a file."""
    with pytest.MonkeyPatch.context() as patch, server_folder() as folder:
        patch.setenv(SERVER_DIR, str(folder))
        with shared_floor(tmp_path_factory.mktemp("shared") / "supervisor") as floor:
            yield floor


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Host]]:
    """Four PCs on one network: two supervisors', two agents'."""
    with office_hosts(tmp_path_factory) as made:
        yield made
