"""A floor on both databases, and the API served to real connections."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dialer_core.clock import ManualClock
from dialer_core.store.address import Place
from tests.api.server_kit import ServedApi, served
from tests.store.conftest import (
    address,
    clock,
    database,
    database_path,
    kit,
    migrated,
    migrated_address,
    place,
    postgres,
)
from tests.store.floor_kit import FloorKit

__all__ = [
    "address",
    "clock",
    "database",
    "database_path",
    "kit",
    "migrated",
    "migrated_address",
    "place",
    "postgres",
]


@pytest.fixture
def api(place: Place, kit: FloorKit, clock: ManualClock) -> Iterator[ServedApi]:
    """The API over the kit's floor, with a program that has every right."""
    with served(place, clock) as running:
        yield running
