"""A dialler that stands by takes no floor on which its PC could not dial."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from app.clock import WallClock
from app.dialler import standing_by
from app.dialler.standing_by import FloorTurn
from app.dialler.store_thread import StoreThread
from dialer_core.clock import Clock, Instant, ManualClock
from dialer_core.model.errors import KnownError
from dialer_core.store.address import Place
from dialer_core.store.floor import FloorStore
from dialer_core.store.opening import migrate
from dialer_core.store.outdated import UPDATE
from tests.postgres_kit import running_postgres

OTHER = "another-pc:1:1"


class Lines:
    """Lines that were started before they are needed."""

    def __init__(self) -> None:
        self.shut: list[bool] = []

    async def close(self, *, shut_lines: bool) -> None:
        self.shut.append(shut_lines)


class Scene:
    """A floor that another PC's dialler has; `looks` are done one after the other, by turns."""

    def __init__(self, place: Place, clock: Clock, looks: list[Callable[[], None]]) -> None:
        self._clock, self._looks = clock, iter(looks)
        self.other = FloorStore(place)
        assert self.other.take_lease(OTHER, clock.now(), 3600.0, lambda _name: False) == 1
        self._place = place
        self.lines = Lines()

    def is_free(self) -> bool:
        return self.other.lease_holder(self._clock.now()) == ""

    def take(self) -> int:
        """The epoch that the dialler gets in the end."""

        async def whole() -> int:
            thread = StoreThread(self._clock, lambda: False)
            store = await thread.do(FloorStore, self._place)
            turn = FloorTurn(thread, self._clock, self._open_lines, self._look, stands_by=True)
            try:
                return (await turn.take(store, lambda: False))[0]
            finally:
                await thread.do(store.close)
                thread.close()
                self.other.close()

        return asyncio.run(whole())

    def _look(self) -> None:
        next(self._looks)()

    async def _open_lines(self) -> Lines:
        return self.lines


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing_by, "LOOK_S", 0.0)


class SetClock:
    """This PC's clock, as somebody has set it."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> Instant:
        now = WallClock().now()
        return Instant(now.mono_s, now.utc + timedelta(seconds=self.ahead_s))


@pytest.mark.postgres
def test_the_floor_stays_free_while_this_pcs_clock_is_not_its_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = SetClock()
    free: list[bool] = []

    def leave() -> None:
        clock.ahead_s = 90.0
        scene.other.release()

    def see() -> None:
        free.append(scene.is_free())

    def set_right() -> None:
        see()
        clock.ahead_s = -20.0

    with running_postgres() as server:
        place = server.new_database()
        migrate(place)
        scene = Scene(place, clock, [leave, see, see, set_right])
        assert scene.take() == 2
    assert free == [True, True, True]
    assert scene.lines.shut == [False], "its lines waited, and are the dialler's now"
    assert caplog.text.count("90 seconds ahead of the floor's") == 1


def test_a_program_that_is_older_than_the_floor_ends_and_its_lines_with_it(tmp_path: Path) -> None:
    path = tmp_path / "floor.db"
    migrate(path)

    def bring_up_to_date() -> None:
        with closing(sqlite3.connect(path)) as plain, plain:
            plain.execute("UPDATE alembic_version SET version_num = '9999'")
        scene.other.release()

    scene = Scene(path, ManualClock(), [bring_up_to_date])
    with pytest.raises(KnownError) as told:
        scene.take()
    assert told.value.sentence == UPDATE
    assert scene.lines.shut == [True]
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("SELECT holder FROM dialler_lease").fetchall() == [("",)]
