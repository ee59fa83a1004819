"""A dialler whose PC has another time than the floor: it does not dial, and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.clock import WallClock
from app.dialler.clock_watch import LOOK_S, ClockWatch, refuse_clock
from app.dialler.store_thread import StoreThread
from app.errors import KnownError
from dialer_core.clock import Instant
from dialer_core.engine.events import DiallingResumed, DiallingStopped, Event
from dialer_core.store.floor import FloorStore
from dialer_core.store.opening import migrate
from tests.postgres_kit import running_postgres

pytestmark = pytest.mark.postgres


class SetClock:
    """This PC's clock as somebody has set it; its monotonic seconds are the test's."""

    def __init__(self) -> None:
        self.ahead_s = self.mono_s = 0.0

    def now(self) -> Instant:
        return Instant(self.mono_s, WallClock().now().utc + timedelta(seconds=self.ahead_s))


@pytest.fixture
def store() -> Iterator[FloorStore]:
    with running_postgres() as server:
        place = server.new_database()
        migrate(place)
        yield FloorStore(place)


def test_nothing_is_dialled_while_the_clock_is_not_the_floors(
    store: FloorStore, caplog: pytest.LogCaptureFixture
) -> None:
    clock, told, troubles = SetClock(), list[Event](), list[str]()
    thread = StoreThread(clock, lambda: False)
    watch = ClockWatch(thread, clock, told.append)

    async def set_and_look(ahead_s: float, *, is_ending: bool = False) -> None:
        clock.ahead_s = ahead_s
        clock.mono_s += LOOK_S
        await watch.look(store, is_ending=is_ending)
        troubles.append(watch.trouble)

    async def whole() -> None:
        clock.ahead_s = -40.0
        with pytest.raises(KnownError, match="40 seconds behind the floor's"):
            await refuse_clock(thread, store, clock)
        for ahead_s in (25.0, 3600.0, 3600.0, -25.0):
            await set_and_look(ahead_s)
        assert [type(one) for one in told] == [DiallingStopped, DiallingResumed]
        await refuse_clock(thread, store, clock)
        await set_and_look(-40.0)
        await set_and_look(0.0, is_ending=True)
        assert [type(one) for one in told[2:]] == [DiallingStopped], "who ends does not go on"
        await thread.do(store.close)
        thread.close()

    asyncio.run(whole())
    assert [bool(one) for one in troubles] == [False, True, True, False, True, False]
    assert "60 minutes ahead of the floor's" in troubles[1]
    assert caplog.text.count("so nothing is dialled from here") == 2
