"""The dialler knows at every moment whether it may dial."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from app.dialler import lease_keeper
from app.dialler.lease_keeper import MARGIN_S, LeaseKeeper
from dialer_core.clock import ManualClock
from dialer_core.store.database import Database
from dialer_core.store.floor import FloorStore
from dialer_core.store.lease import LEASE_S, LeaseLost
from dialer_core.store.opening import migrate


class Measure:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.at_s = 100.0

    def __call__(self) -> float:
        return self.at_s


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "floor.db"
    migrate(path)
    return path


def kept(place: Path, work: Callable[[LeaseKeeper, Measure, FloorStore], Awaitable[None]]) -> None:
    """A keeper of epoch 1 that was taken at 100 s."""
    store, clock, measure = FloorStore(place), ManualClock(), Measure()
    assert store.take_lease("pc:1:1", clock.now(), LEASE_S, lambda _holder: False) == 1

    async def whole() -> None:
        await work(LeaseKeeper(place, 1, measure.at_s, clock, measure), measure, store)

    asyncio.run(whole())
    store.close()


def test_it_ends_here_before_it_ends_in_the_database(place: Path) -> None:
    async def work(keeper: LeaseKeeper, measure: Measure, _store: FloorStore) -> None:
        assert await keeper.hold() == 100.0 + LEASE_S - MARGIN_S
        measure.at_s += LEASE_S - MARGIN_S - 0.01
        assert keeper.is_held
        measure.at_s += 0.01
        assert not keeper.is_held

    kept(place, work)


def test_who_wants_to_dial_waits_for_the_renewal(place: Path) -> None:
    async def work(keeper: LeaseKeeper, measure: Measure, _store: FloorStore) -> None:
        measure.at_s += 60.0  # the PC was asleep
        wanted = asyncio.create_task(keeper.hold())
        await asyncio.sleep(0)
        assert not wanted.done()
        renewing = asyncio.create_task(keeper.run())
        assert await asyncio.wait_for(wanted, 5.0) == 160.0 + LEASE_S - MARGIN_S
        renewing.cancel()

    kept(place, work)


def test_who_was_replaced_never_dials_again(place: Path) -> None:
    async def work(keeper: LeaseKeeper, measure: Measure, store: FloorStore) -> None:
        measure.at_s += 60.0
        clock = ManualClock()
        assert store.take_lease("pc:2:1", clock.now(), LEASE_S, lambda _holder: True) == 2
        wanted = asyncio.create_task(keeper.hold())
        with pytest.raises(LeaseLost):
            await asyncio.wait_for(keeper.run(), 5.0)
        assert not wanted.done()
        wanted.cancel()

    kept(place, work)


def test_a_database_that_is_away_is_asked_again(
    place: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_keeper, "RETRY_S", 0.01)

    async def work(keeper: LeaseKeeper, measure: Measure, _store: FloorStore) -> None:
        database = Database(place)
        with database.connect() as connection, database.writing(connection):
            measure.at_s += 60.0
            renewing = asyncio.create_task(keeper.run())
            while "could not be renewed" not in caplog.text:
                await asyncio.sleep(0.01)
            assert not keeper.is_held
            assert not renewing.done()
        assert await asyncio.wait_for(keeper.hold(), 10.0) > measure.at_s
        renewing.cancel()
        database.close()

    kept(place, work)
    assert caplog.text.count("could not be renewed") == 1
