"""The supervisor's figures from a real database, as the window is given them."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from app.desk import supervisor_view
from app.desk.views import SupervisorView
from app.rehearsal.people import make_demo_floor
from dialer_core.clock import Instant, ManualClock
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile
from dialer_core.store.opening import migrate
from dialer_core.store.seat import SeatStore
from dialer_core.store.watch import WatchStore

TUESDAY = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "floor.sqlite3"
    migrate(path)
    make_demo_floor(
        path,
        mode=Mode.PREDICTIVE,
        rules=profile("GB"),
        agents=["Anna K."],
        people=20,
        seed=1,
        now=Instant(0.0, TUESDAY),
        speed=1.0,
        lines=4,
    )
    return path


def view_at(path: Path, now: Instant) -> SupervisorView:
    store = WatchStore(path)
    try:
        snapshot = store.snapshot(now)
        times = store.times(now)
        assert times is not None
        found = supervisor_view.build(snapshot, times, {})
        assert found is not None
        return found
    finally:
        store.close()


def test_an_empty_floor_says_so_without_dividing_by_nothing(database: Path) -> None:
    view = view_at(database, Instant(10.0, TUESDAY))
    assert view.campaign_name == "Spring renewals"
    assert view.callable_until.startswith("20:59")  # the last dial that may ring to its end
    assert not view.is_dialler_alive
    assert (view.drops_left, view.drops_allowed) == (0, 0)
    assert [tile.value for tile in view.tiles] == ["–"] * 4
    assert view.seats == ()
    assert view.notices == ()


def test_at_night_it_says_when_calling_opens_again(database: Path) -> None:
    night = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
    view = view_at(database, Instant(10.0, night))
    assert view.callable_until == "closed until Monday 08:00"


def test_a_seat_and_its_time_are_shown(database: Path) -> None:
    clock = ManualClock(TUESDAY)
    seat = SeatStore(database)
    try:
        seat.log_in("Anna K.", None, "seat01", "sip:a@127.0.0.1", "t", clock.now())
    finally:
        seat.close()
    view = view_at(database, clock.advance(60.0))
    assert [(row.agent, row.state.value) for row in view.seats] == [("Anna K.", "paused")]
    assert view.seats[0].since_utc_s == TUESDAY.timestamp()


def test_a_point_counts_seats_and_has_no_share_before_the_first_answer(database: Path) -> None:
    store = WatchStore(database)
    try:
        point = supervisor_view.point(store.snapshot(Instant(1.0, TUESDAY)))
    finally:
        store.close()
    assert sum(point.seats.values()) == 0
    assert point.abandoned_share is None


def test_what_may_be_borrowed_and_when_the_floor_goes_home_are_shown(database: Path) -> None:
    view = view_at(database, Instant(10.0, TUESDAY))
    assert (view.borrows_ahead, view.day_ends) == (True, "")
    store = WatchStore(database)
    try:
        campaign = store.snapshot(Instant(10.0, TUESDAY)).campaign
        assert campaign is not None
        store.set_day_ends(campaign.id, time(17, 5), "Ines", Instant(11.0, TUESDAY))
        store.set_borrows_ahead(campaign.id, False, "Ines", Instant(12.0, TUESDAY))
    finally:
        store.close()
    view = view_at(database, Instant(13.0, TUESDAY))
    assert (view.borrows_ahead, view.day_ends) == (False, "17:05")
