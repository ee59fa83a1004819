"""A shared floor with seats that have roles of their own, on a server of the session's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres_kit import RunningPostgres, running_postgres
from tests.rights.floor_of_seats import FloorOfSeats, make_template
from tests.rights.scene import Scene, set_scene


@pytest.fixture(scope="session")
def server() -> Iterator[RunningPostgres]:
    with running_postgres("max_connections=40") as running:
        yield running


@pytest.fixture(scope="session")
def template(server: RunningPostgres) -> str:
    """A floor without anybody, owned by a role that is no superuser, as on a real one."""
    return make_template(server)


@pytest.fixture
def floor(server: RunningPostgres, template: str) -> Iterator[FloorOfSeats]:
    """Two seats, three agents, a preview campaign with a list of six people."""
    with FloorOfSeats.made(server, template) as made:
        yield made


@pytest.fixture
def scene(floor: FloorOfSeats) -> Scene:
    return set_scene(floor)


@pytest.fixture(scope="module")
def still(server: RunningPostgres, template: str) -> Iterator[Scene]:
    """The same for crimes of which none may leave a trace: one scene for a whole file.

    Roles belong to the server, so that it cannot stand beside `floor`.
    """
    with FloorOfSeats.made(server, template) as floor:
        yield set_scene(floor)
