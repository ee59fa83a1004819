"""When a gateway is in trouble, and when it is tried again."""

from __future__ import annotations

import pytest

from dialer_core.model.states import Outcome as O
from dialer_core.rules.outcomes import CallEnd, classify
from dialer_core.rules.trunk import (
    AT_ONCE,
    AWAY_RUN,
    BURST,
    BURST_S,
    ENOUGH,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    TROUBLES,
    TrunkWatch,
)

STATUS_OF = {
    O.AUTH_FAIL: 401,
    O.CARRIER_REJECT: 403,
    O.CARRIER_TIMEOUT: 408,
    O.NO_PROGRESS: 487,
    O.CODEC_MISMATCH: 488,
    O.NETWORK_CONGESTION: 503,
    O.NETWORK_FAILURE: 500,
}


FAR_S = -1000.0  # launched long ago


def end(watch: TrunkWatch, name: str, status: int, at_s: float, *, rang: bool = False) -> None:
    """A call is over with that status, at the network's wish."""
    found, _ = classify(
        CallEnd(status, "network", is_answered=status == 200), min_ring_s=15.0, connect_limit_s=2.0
    )
    watch.ended(name, found, status, rang=rang, now_s=at_s)


def refuse(watch: TrunkWatch, name: str, at_s: float, status: int = 503) -> None:
    """A call leaves and is refused at once."""
    watch.launched(name, FAR_S)
    end(watch, name, status, at_s)


def fail(watch: TrunkWatch, name: str, outcome: O, at_s: float = 0.0) -> None:
    """A call leaves and fails so."""
    watch.launched(name, FAR_S)
    watch.ended(name, outcome, STATUS_OF[outcome], rang=False, now_s=at_s)


def get_through(watch: TrunkWatch, *names: str) -> None:
    for name in names:
        watch.launched(name, FAR_S)
        watch.got_through(name)


def in_trouble(*up: str) -> TrunkWatch:
    """The calls `up` are in progress, and the trunk takes no more."""
    watch = TrunkWatch()
    get_through(watch, *up)
    for number in range(BURST):
        refuse(watch, f"c{number}", 0.0)
    assert watch.room(0.0) == 0
    return watch


@pytest.mark.parametrize("outcome", list(TROUBLES))
def test_a_run_of_refusals_makes_a_pause_with_its_reason(outcome: O) -> None:
    watch = TrunkWatch("main")
    for number in range(BURST - 1):
        fail(watch, f"c{number}", outcome)
        assert watch.room(0.0) is None
    fail(watch, "last", outcome)
    assert watch.room(0.0) == 0
    assert watch.next_try_s(0.0) == FIRST_PAUSE_S
    status = "" if outcome is O.NO_PROGRESS else f" ({STATUS_OF[outcome]})"
    assert watch.reason(0.0) == f"The trunk main refuses calls{status}; next try in 1 s."
    assert watch.trouble == ""  # not worth a notice yet
    fail(watch, "again", outcome, 1.0)
    assert watch.trouble.startswith("the trunk main ")
    assert status in watch.trouble


@pytest.mark.parametrize("outcome", list(TROUBLES))
def test_one_refusal_sends_the_next_call_elsewhere_if_no_single_number_can_cause_it(
    outcome: O,
) -> None:
    watch = TrunkWatch()
    fail(watch, "a", outcome)
    assert watch.is_shunned(0.5) is (outcome in AT_ONCE)
    assert watch.room(0.5) is None, "where there is no other gateway it still takes calls"
    assert not watch.is_shunned(FIRST_PAUSE_S)


def test_after_the_pause_one_call_tries_and_the_others_go_elsewhere() -> None:
    watch = TrunkWatch()
    refuse(watch, "a", 0.0)
    watch.launched("try", FAR_S)
    assert watch.is_shunned(5.0)
    watch.got_through("try")
    assert not watch.is_shunned(5.0)
    refuse(watch, "b", 6.0)
    assert not watch.is_shunned(6.0 + FIRST_PAUSE_S), "the pause has begun anew"


def test_the_pause_of_a_shunned_gateway_doubles_too() -> None:
    watch, now_s, pauses = TrunkWatch(), 0.0, []
    for number in range(8):
        refuse(watch, f"t{number}", now_s)
        until_s = now_s
        while watch.is_shunned(until_s):
            until_s += 0.5
        pauses.append(until_s - now_s)
        now_s = until_s
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


@pytest.mark.parametrize("status", [486, 404, 603, 480])
def test_what_a_person_or_a_number_says_is_no_refusal(status: int) -> None:
    watch = TrunkWatch()
    for number in range(10):
        refuse(watch, f"a{number}", 0.0, status)
    assert watch.room(0.0) is None
    refuse(watch, "x", 0.0)
    refuse(watch, "y", 0.0)
    refuse(watch, "z", 0.0, status)
    refuse(watch, "x2", 0.0)
    assert watch.room(0.0) is None


def test_a_call_that_rang_breaks_the_run_and_refusals_far_apart_are_none() -> None:
    watch = TrunkWatch()
    refuse(watch, "a", 0.0)
    refuse(watch, "b", 0.0)
    get_through(watch, "c")
    refuse(watch, "d", 1.0)
    assert watch.room(1.0) is None
    for number in range(10):
        refuse(watch, f"e{number}", (BURST_S + 1) * (number + 1))
    assert watch.room(1000.0) is None


def test_what_we_end_ourselves_tells_nothing() -> None:
    watch = TrunkWatch()
    refuse(watch, "a", 0.0)
    refuse(watch, "b", 0.0)
    for name, status in (("c", 487), ("d", 0)):
        watch.launched(name, FAR_S)
        watch.ended(name, O.DIALLER_CANCELLED, status, rang=False, now_s=0.0)
    refuse(watch, "e", 0.0)
    assert watch.room(0.0) == 0


def test_the_pause_doubles_up_to_a_minute_and_one_call_tries() -> None:
    watch, now_s, pauses = in_trouble(), 0.0, []
    for number in range(10):
        due_s = watch.next_try_s(now_s)
        assert due_s is not None
        pauses.append(due_s - now_s)
        assert watch.room(due_s - 0.01) == 0
        assert watch.room(due_s) == 1
        assert watch.next_try_s(due_s) is None
        watch.launched(f"try{number}", FAR_S)
        assert watch.room(due_s) == 0
        assert "being tried" in watch.reason(due_s)
        now_s = due_s + 0.5
        end(watch, f"try{number}", 503, now_s)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, *[LONGEST_PAUSE_S] * 4]
    assert (
        watch.trouble
        == "the trunk is full or out of order (503): fewer lines, or ask your provider"
    )


def test_refusals_of_the_same_burst_make_one_pause() -> None:
    watch = in_trouble()
    for number in range(20):
        end(watch, f"b{number}", 503, 0.5)
    assert watch.next_try_s(0.5) == FIRST_PAUSE_S


def test_the_first_that_rings_ends_the_waiting_and_the_floor_comes_back_in_steps() -> None:
    watch = in_trouble()
    rooms, number = [], 0
    while (room := watch.room(2.0)) is not None:
        rooms.append(room)
        assert room > 0
        names = [f"t{number + n}" for n in range(room)]
        number += room
        get_through(watch, *names)
    assert rooms == [1, 2, 4, 8]
    assert number == ENOUGH - 1
    assert watch.trouble == ""


def test_a_call_that_ends_is_replaced_at_once_and_no_more_than_that() -> None:
    watch = in_trouble("a", "b", "c")
    end(watch, "a", 200, 0.2, rang=True)
    assert watch.room(0.2) == 1
    get_through(watch, "d")
    assert watch.room(0.2) == 0
    assert watch.next_try_s(0.2) == FIRST_PAUSE_S  # the pause goes on
    assert watch.trouble == ""


def test_a_replacement_that_is_refused_makes_the_trunk_smaller_and_the_pause_no_longer() -> None:
    watch = in_trouble("a", "b", "c")
    end(watch, "a", 200, 0.2, rang=True)
    refuse(watch, "d", 0.3)
    assert watch.room(0.4) == 0
    assert watch.next_try_s(0.4) == FIRST_PAUSE_S
    end(watch, "b", 200, 0.5, rang=True)
    assert watch.room(0.5) == 1


def test_one_more_that_gets_through_shortens_the_pause_again() -> None:
    watch, now_s = in_trouble("a"), 0.0
    for number in range(4):
        now_s = watch.next_try_s(now_s) or 0.0
        refuse(watch, f"t{number}", now_s)
    now_s = watch.next_try_s(now_s) or 0.0
    get_through(watch, "more")
    assert watch.room(now_s) == 2
    refuse(watch, "bad", now_s)
    assert watch.next_try_s(now_s) == now_s + FIRST_PAUSE_S


def test_a_trial_that_never_left_is_not_waited_for() -> None:
    watch = in_trouble()
    assert watch.room(2.0) == 1
    watch.launched("try", FAR_S)
    watch.gone("try")
    assert watch.room(2.0) == 1


def away(watch: TrunkWatch, name: str, at_s: float, *, after_s: float, status: int = 486) -> None:
    """A call is found busy so soon."""
    watch.launched(name, at_s)
    end(watch, name, status, at_s + after_s)


def test_everybody_busy_at_once_is_the_trunks_trouble() -> None:
    watch = TrunkWatch()
    get_through(watch, "up")
    for number in range(AWAY_RUN - 1):
        away(watch, f"n{number}", 0.1 * number, after_s=0.05, status=486 if number % 3 else 404)
        assert watch.room(0.1 * number) is None
        assert not watch.trouble
    away(watch, "last", 1.0, after_s=0.05)
    assert watch.room(1.1) == 0
    assert watch.is_shunned(1.1)
    assert "turns every call away at once (486)" in watch.trouble
    assert watch.room(1.1 + FIRST_PAUSE_S) == 1, "one tries after the pause"
    away(watch, "probe", 2.2, after_s=0.05)
    assert watch.room(2.3) == 0, "and is turned away as well"
    watch.launched("good", 10.0)
    watch.got_through("good")
    assert not watch.trouble
    assert (watch.room(10.1) or 0) >= 1


@pytest.mark.parametrize("breaks_it", ["rings", "late", "rang busy"])
def test_busy_people_are_no_trouble(breaks_it: str) -> None:
    watch = TrunkWatch()
    for number in range(5 * AWAY_RUN):
        if number % AWAY_RUN == AWAY_RUN - 1:
            watch.launched(f"b{number}", number)
            if breaks_it == "rings":
                watch.got_through(f"b{number}")
            end(watch, f"b{number}", 486, number + 3.0, rang=breaks_it == "rang busy")
        else:
            away(watch, f"n{number}", number, after_s=0.1)
    assert watch.room(1000.0) is None
    assert not watch.trouble
