"""The busy seats of a moment: with whom each is, and when it will be free."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from dialer_core.pacing import AnswerEnd, FloorView, HandleEnd, RingEnd
from dialer_core.pacing.busy import BusySeats
from dialer_core.pacing.handles import SeatModel
from dialer_core.pacing.hints import ForecastTrust
from dialer_core.pacing.rings import RingModel
from tests.pacing.views import NAN, NOW, floor

TIMES = (4.0, 10.0, 18.0)
# machines answer late and are done in 8 s; people answer early and talk for 100 s
MIXED = [
    HandleEnd(float(i), 6.0, 2.0, True, 18.0)
    if i % 2
    else HandleEnd(float(i), 100.0, 20.0, False, 7.0)
    for i in range(280)
]


class Room:
    """Models that have learnt, and the seats."""

    def __init__(self) -> None:
        self.rings, self.seats = RingModel(), SeatModel()
        rings = [RingEnd(float(i), 18.0 if i % 2 else 7.0, True) for i in range(280)]
        self.rings.read(rings, MIXED, 2.0)
        self.seats.read(MIXED)
        self.busy = BusySeats(self.rings, self.seats)

    def free_by(
        self,
        view: FloorView,
        trust: ForecastTrust | None = None,
        park_chance: float = 0.0,
        parkable: int = 0,
    ) -> npt.NDArray[np.float64]:
        self.busy.watch(view)
        return self.busy.free_by(view, TIMES, trust, park_chance, parkable)


def answered(ring_s: float) -> FloorView:
    """A seat that took a call 2 s ago which had rung for so long."""
    log = [AnswerEnd(NOW - 2.5, False, ring_s)]
    return floor(idle={}, talking={3: NOW - 2.0}, wrapping={}, answer_log=log)


def test_who_answered_late_is_likely_a_machine_and_soon_done() -> None:
    early, late = Room().free_by(answered(7.0)), Room().free_by(answered(18.0))
    assert late[1, 0] > 0.7
    assert early[1, 0] < 0.2


def test_who_has_talked_long_is_a_person_however_late_the_answer() -> None:
    room = Room()
    room.free_by(answered(18.0))
    later = floor(now=NOW + 40.0, idle={}, talking={3: NOW - 2.0}, wrapping={})
    assert room.free_by(later)[1, 0] < 0.2


def test_a_call_of_which_nothing_is_known_is_between_the_two() -> None:
    unknown = floor(idle={}, talking={3: NOW - 2.0}, wrapping={}, answer_log=[])
    told = float(Room().free_by(unknown)[1, 0])
    early, late = Room().free_by(answered(7.0)), Room().free_by(answered(18.0))
    assert float(early[1, 0]) < told < float(late[1, 0])


def test_all_are_chances_that_grow_with_time() -> None:
    talking = {n: NOW - 20.0 * n for n in range(1, 8)}
    wrapping = {n: NOW - 4.0 * n for n in range(11, 15)}
    view = floor(idle={}, talking=talking, wrapping=wrapping)
    chances = Room().free_by(view)
    assert chances.shape == (len(TIMES), 11)
    assert np.all((chances >= 0.0) & (chances <= 1.0))
    assert np.all(np.diff(chances, axis=0) >= -1e-9)


def test_nobody_busy_is_no_column() -> None:
    assert Room().free_by(floor(talking={}, wrapping={})).shape == (len(TIMES), 0)


def test_who_goes_on_a_break_when_done_does_not_come_free() -> None:
    view = floor(idle={}, talking={3: NOW - 90.0, 4: NOW - 90.0}, wrapping={5: NOW - 9.0})
    assert Room().free_by(view).shape[1] == 3
    soon = floor(
        idle={},
        talking=view.talking,
        wrapping=view.wrapping,
        breaks_due={3: NOW + 5.0, 5: NOW - 60.0, 4: NOW + 3600.0},
    )
    assert Room().free_by(soon).shape[1] == 1


@pytest.mark.parametrize("told_s", [NAN, -3.0, 1e9])
def test_a_forecast_that_cannot_be_changes_nothing(told_s: float) -> None:
    view = floor(idle={}, talking={3: NOW - 30.0}, wrapping={})
    told = floor(idle={}, talking={3: NOW - 30.0}, wrapping={}, seat_ends={3: told_s, 99: 1.0})
    trust = ForecastTrust()
    assert np.array_equal(Room().free_by(told, trust), Room().free_by(view))


def test_a_forecast_takes_the_place_of_what_is_usual() -> None:
    view = floor(idle={}, talking={3: NOW - 5.0}, wrapping={4: NOW - 5.0}, seat_ends={3: 1.0})
    with_it, without = Room().free_by(view, ForecastTrust()), Room().free_by(view)
    assert with_it[2, 0] > without[2, 0] + 0.3
    assert np.array_equal(with_it[:, 1], without[:, 1])


def test_where_wrap_ups_are_parked_the_end_of_the_talk_counts() -> None:
    log = [AnswerEnd(NOW - 95.5, False, 7.0)]
    view = floor(idle={}, talking={3: NOW - 95.0}, wrapping={4: NOW - 5.0}, answer_log=log)
    plain, parks = Room().free_by(view), Room().free_by(view, park_chance=0.9, parkable=1)
    assert parks[1, 0] > plain[1, 0] + 0.3
    assert np.all(parks[:, 1] == 0.0)  # stands among the buffers


def test_a_seat_that_wraps_up_slowly_is_found_out() -> None:
    room = Room()
    for n in range(80):
        at = 1000.0 * n
        for seat, wrap_s in ((3, 60.0), (4, 20.0)):
            room.free_by(floor(now=at, idle={}, talking={seat: at - 100.0}, wrapping={}))
            room.free_by(floor(now=at, idle={}, talking={}, wrapping={seat: at}))
            free_at = at + wrap_s
            room.free_by(floor(now=free_at, idle={seat: free_at}, talking={}, wrapping={}))
    assert room.seats.pace(3) == 2
    assert room.seats.pace(4) == 1
    both = room.free_by(floor(idle={}, talking={}, wrapping={3: NOW - 5.0, 4: NOW - 5.0}))
    assert both[2, 0] < both[2, 1] - 0.2
