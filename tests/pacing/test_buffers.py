"""Wrap-ups that a call may interrupt, relief seats, and how far either is relied on."""

from __future__ import annotations

import dataclasses

from dialer_core.model.levers import NO_LEVERS, OFFICE_LEVERS
from dialer_core.pacing import AnswerEnd, FloorView, Pacer, make_pacer
from dialer_core.pacing.buffers import PARK_PRICE, RELIEF_PRICE, ParkWatch
from tests.pacing.views import MET, NOW, decide, floor

WRAPS = floor(
    idle={}, talking={3: NOW - 20.0, 4: NOW - 25.0}, wrapping={5: NOW - 3.0, 6: NOW - 2.0}
)
TAKEN = floor(idle={}, talking={**WRAPS.talking, 5: NOW}, wrapping={6: NOW - 2.0})
LOST = floor(
    idle={},
    talking=WRAPS.talking,
    wrapping=WRAPS.wrapping,
    answer_log=[*MET, AnswerEnd(NOW - 2.0, True, 8.0)],
)


def offered(watch: ParkWatch, view: FloorView = WRAPS) -> int:
    """What became of the last offer, and another; how many of it are counted on."""
    watch.watch(view)
    watch.offer([*view.wrapping], view)
    return watch.counted_on(view)


def proven(times: int = 4) -> ParkWatch:
    watch = ParkWatch()
    for _ in range(times):
        offered(watch)
        offered(watch, TAKEN)
    return watch


def test_parking_is_relied_on_only_after_it_was_seen() -> None:
    watch = ParkWatch()
    assert offered(watch) == 0
    assert offered(watch) == 0
    assert watch.chance == 0.0
    assert offered(proven(1)) == 2
    assert 0.5 < proven().chance < 1.0


def test_it_is_no_longer_relied_on_when_it_stops_working() -> None:
    watch = proven(10)
    log = [*MET]
    for n in range(60):
        log.append(AnswerEnd(NOW + n, True, 8.0))
        counted = offered(watch, dataclasses.replace(LOST, answer_log=[*log]))
    assert counted == 0
    assert watch.chance < 0.5
    offered(watch)
    assert offered(watch, floor(idle={}, wrapping={9: NOW - 1.0})) == 0  # nor on any other seat


def test_a_seat_that_let_a_call_be_lost_is_not_counted_on_for_a_while() -> None:
    watch = proven(10)
    only_five = dataclasses.replace(LOST, wrapping={5: NOW - 3.0})
    offered(watch, dataclasses.replace(only_five, answer_log=MET))
    assert offered(watch, only_five) == 0
    both = dataclasses.replace(LOST, now=NOW + 5.0)
    assert offered(watch, both) == 1
    assert offered(watch, dataclasses.replace(both, now=NOW + 7200.0)) == 2


def test_a_wrap_up_that_ends_by_itself_proves_nothing() -> None:
    watch = ParkWatch()
    for _ in range(20):
        offered(watch)
        offered(watch, floor(idle={5: NOW}, wrapping={6: NOW - 2.0}))
        offered(watch, floor(idle={}, talking={5: NOW + 1.0}, wrapping={6: NOW - 2.0}))
    assert watch.chance == 0.0


def test_a_log_that_shrinks_is_no_loss() -> None:
    watch = proven()
    before = watch.chance
    offered(watch)
    offered(watch, dataclasses.replace(WRAPS, answer_log=[AnswerEnd(1.0, True, 1.0)]))
    assert watch.chance == before
    assert offered(watch) == 2


def test_what_the_floor_names_as_parkable_needs_no_proof() -> None:
    told = dataclasses.replace(WRAPS, parkable=(6,))
    assert decide(told).may_park == (6,)
    assert decide(dataclasses.replace(WRAPS, parkable=(6, 99, 3))).may_park == (6,)
    assert decide(dataclasses.replace(WRAPS, parkable=())).may_park == ()
    watch = ParkWatch()
    watch.watch(told)
    watch.offer([6], told)
    assert watch.counted_on(told) == 1
    assert 0.5 < watch.chance < 1.0


def test_a_buffer_is_dearer_than_a_free_seat_and_cheaper_than_a_lost_call() -> None:
    assert 0.0 < PARK_PRICE < 1.0
    assert 0.0 < RELIEF_PRICE < 1.0


# --- decisions ----------------------------------------------------------------------------------


def seen(view: FloorView, times: int = 4) -> Pacer:
    """A pacer on whose floor offered wrap-ups have taken calls."""
    pacer = make_pacer("predictive")
    for _ in range(times):
        pacer.decide(view)
        pacer.decide(TAKEN)
    return pacer


def test_wrap_ups_are_offered_with_the_lever_only() -> None:
    assert decide(WRAPS).may_park == (5, 6)
    assert decide(WRAPS, levers=NO_LEVERS).may_park == ()
    assert decide(WRAPS, levers=OFFICE_LEVERS).may_park == ()
    assert decide(floor(wrapping={})).may_park == ()


def test_they_are_offered_from_the_first_call_on() -> None:
    morning = dataclasses.replace(WRAPS, ring_log=[], handle_log=[], answer_log=[], budget=None)
    assert decide(morning).may_park == (5, 6)


def test_who_goes_on_a_break_is_not_kept_from_it() -> None:
    assert decide(dataclasses.replace(WRAPS, breaks_due={5: NOW + 9.0})).may_park == (6,)


def test_a_floor_that_parks_is_dialled_for_more_than_one_that_does_not() -> None:
    new = make_pacer("predictive").decide(WRAPS)
    proven = seen(WRAPS).decide(WRAPS)
    assert proven.launch >= new.launch
    assert proven.figures["next_loss_chance"] < new.figures["next_loss_chance"] or (
        proven.launch > new.launch
    )


def test_a_floor_that_no_longer_parks_is_dialled_for_as_before() -> None:
    pacer = seen(WRAPS)
    log = [*MET]
    for n in range(40):
        log += [AnswerEnd(NOW + n, False, 8.0)] * 20 + [AnswerEnd(NOW + n, True, 8.0)]
        pacer.decide(dataclasses.replace(LOST, answer_log=[*log]))
    plain = make_pacer("predictive", levers=OFFICE_LEVERS)
    last = dataclasses.replace(LOST, answer_log=[*log])
    assert pacer.decide(last).launch <= plain.decide(last).launch + 1


def test_relief_seats_are_relied_on_and_are_not_seats_of_their_own() -> None:
    none_free = floor(idle={}, talking={3: NOW - 50.0, 4: NOW - 90.0}, wrapping={})
    alone, helped = decide(none_free), decide(dataclasses.replace(none_free, relief=[20]))
    assert helped.launch >= alone.launch
    assert helped.figures["next_loss_chance"] < alone.figures["next_loss_chance"]
    assert "0 seats free" in helped.reason
    nobody = floor(idle={}, talking={}, wrapping={}, relief=[20, 21, 22])
    assert decide(nobody).launch == 0


def test_a_relief_seat_that_talks_helps_nobody_else() -> None:
    talks = floor(idle={}, talking={3: NOW - 50.0, 20: NOW - 1.0}, wrapping={})
    assert decide(dataclasses.replace(talks, relief=[20])) == decide(talks)
