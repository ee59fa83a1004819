"""How the floor's time was spent, read a little at a time."""

from __future__ import annotations

from dialer_core.model.states import SeatState
from dialer_core.store.watch import WatchStore
from tests.store.floor_kit import FloorKit


def test_a_reader_that_goes_on_sees_what_a_fresh_one_sees(kit: FloorKit) -> None:
    kit.take_lease()
    sessions = [kit.log_in(f"{name} of preview", f"seat{name}") for name in ("Anna", "Ben")]
    watch = WatchStore(kit.database)
    assert watch.times(kit.now) is None, "no snapshot has chosen a campaign yet"
    watch.snapshot(kit.now)
    states = (SeatState.AVAILABLE, SeatState.TALKING, SeatState.WRAP_UP)
    for n in range(12):
        kit.clock.advance(7)
        kit.set_seat(sessions[n % 2], states[n // 2 % 3])
        fresh = WatchStore(kit.database)
        fresh.snapshot(kit.now)
        assert watch.times(kit.now) == fresh.times(kit.now)
        fresh.close()
    kit.clock.advance(5)
    times = watch.times(kit.now)
    assert times is not None
    assert times.logged_in_s == 2 * (12 * 7 + 5)
    assert times.waits_s == (14.0, 14.0, 14.0, 14.0)
    assert times.seconds[SeatState.PAUSED] == 7 + 14
    watch.close()


def test_a_floor_where_nobody_works_has_spent_nothing(kit: FloorKit) -> None:
    watch = WatchStore(kit.database)
    watch.snapshot(kit.now)
    times = watch.times(kit.now)
    assert times is not None
    assert times.logged_in_s == 0
    kit.log_in()
    kit.clock.advance(3)
    again = watch.times(kit.now)
    assert again is not None
    assert again.seconds[SeatState.PAUSED] == 3
    watch.close()
