"""How soon a seat comes free, from the stages that it tells."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from dialer_core.engine import events as e
from dialer_core.engine.forecasts import LEAST_SAMPLES, MOST_MARKS, MOST_STAGES, WINDOW, Forecasts
from dialer_core.model.levers import Levers
from tests.engine.lever_rig import LeverRig
from tests.engine.rig import CAMPAIGN


def learnt(*took_s: float, stage: str = "outcome") -> Forecasts:
    """A campaign in which calls took so long from the stage to their end."""
    found = Forecasts()
    for seconds in took_s:
        found.reached(1, stage, 0.0, in_wrap_up=False)
        found.ended(1, seconds)
    return found


def at(found: Forecasts, now_s: float) -> Forecasts:
    return found.look(now_s)


def test_a_stage_is_used_once_enough_calls_have_passed_it() -> None:
    for samples in (LEAST_SAMPLES - 1, LEAST_SAMPLES):
        found = learnt(*[10.0] * samples)
        found.reached(7, "outcome", 100.0, in_wrap_up=False)
        assert (7 in at(found, 100.0), len(found)) == (
            samples >= LEAST_SAMPLES,
            samples // LEAST_SAMPLES,
        )
    assert dict(at(found, 104.0)) == {7: 6.0}


def test_it_is_the_median_of_those_that_lasted_at_least_as_long() -> None:
    found = learnt(2.0, 4.0, 6.0, 20.0, 30.0, 40.0, 500.0)
    found.reached(7, "outcome", 0.0, in_wrap_up=False)
    assert at(found, 0.0)[7] == 20.0  # of all seven
    assert at(found, 5.0)[7] == 25.0  # of the last five: 30
    assert at(found, 10.0)[7] == 25.0  # of the last four: 35


def test_one_who_is_overdue_is_soon_done_and_never_in_the_past() -> None:
    found = learnt(4.0, 5.0, 5.0, 6.0, 7.0)
    found.reached(7, "outcome", 0.0, in_wrap_up=False)
    for now_s in (6.5, 10.0, 1000.0):
        assert 0.0 < at(found, now_s)[7] < 2.0
    assert at(found, -5.0)[7] == 5.0  # told before it happened: as if now


def test_the_latest_stage_that_is_known_counts() -> None:
    found = learnt(*[40.0] * 5, stage="script:1")
    found.reached(7, "script:1", 0.0, in_wrap_up=False)
    found.reached(7, "script:2", 10.0, in_wrap_up=False)  # nobody knows this one yet
    assert at(found, 15.0)[7] == 25.0


def passed(found: Forecasts, *stages: tuple[str, float], ended_s: float) -> None:
    """A call that reached each stage at its moment, and its end."""
    for stage, at_s in stages:
        found.reached(1, stage, at_s, in_wrap_up=False)
    found.ended(1, ended_s)


def test_that_a_seat_has_not_moved_on_is_news() -> None:
    found = Forecasts()
    for talk_s in (30.0, 60.0, 90.0, 120.0, 150.0, 180.0):
        passed(found, ("opening", 0.0), ("closing", talk_s - 20.0), ended_s=talk_s)
    found.reached(7, "opening", 0.0, in_wrap_up=False)
    # At 100 s calls of 120 s have moved on; those that have not: 150 and 180, and too few.
    assert at(found, 75.0)[7] == pytest.approx(150.0 - 75.0)
    assert 20.0 < at(found, 500.0)[7] < 80.0  # the closing is still to come


def test_one_who_left_a_stage_for_one_that_nobody_knows() -> None:
    found = Forecasts()
    for talk_s in (30.0, 60.0, 90.0, 120.0, 150.0, 180.0):
        passed(found, ("opening", 0.0), ended_s=talk_s)
    found.reached(7, "opening", 0.0, in_wrap_up=False)
    found.reached(7, "odd", 40.0, in_wrap_up=False)
    assert at(found, 40.0)[7] == pytest.approx(80.0)  # of 60 to 180: 120
    assert at(found, 60.0)[7] == pytest.approx(60.0)
    assert at(found, 900.0)[7] == 0.0


def test_the_chance_to_be_free_by_a_moment_is_that_of_the_calls_before() -> None:
    found = learnt(*(float(n) for n in range(1, 20)))
    found.reached(7, "outcome", 0.0, in_wrap_up=False)
    chances = at(found, 0.0).free_within(7, np.array([0.0, 10.0, 100.0]))
    assert chances is not None
    assert chances == pytest.approx([0.025, 0.525, 0.975])
    later = at(found, 10.0).free_within(7, np.array([0.0, 5.0]))
    assert later is not None
    assert later == pytest.approx([0.05, 0.55])
    overdue = at(found, 50.0).free_within(7, np.array([0.0, 1.0, 1e6]))
    assert overdue is not None
    assert (overdue[0], overdue[2]) == (0.0, pytest.approx(1.0))
    assert 0.0 < overdue[1] < 1.0
    assert found.free_within(8, np.array([1.0])) is None


def test_the_chance_after_a_stage_that_was_left_goes_on_from_there() -> None:
    found = learnt(*(float(n) for n in range(1, 20)))
    found.reached(7, "outcome", 0.0, in_wrap_up=False)
    found.reached(7, "odd", 0.0, in_wrap_up=False)
    chances = at(found, 10.0).free_within(7, np.array([0.0, 5.0, 1e6]))
    assert chances is not None
    assert chances == pytest.approx([0.0, 0.5263, 0.947], abs=0.01)


def test_old_habits_fade() -> None:
    found = learnt(*[100.0] * WINDOW, *[10.0] * WINDOW)
    found.reached(7, "outcome", 0.0, in_wrap_up=False)
    assert at(found, 0.0)[7] == 10.0


def test_the_wrap_up_is_known_by_where_the_talk_had_got_to() -> None:
    found = Forecasts()
    for _ in range(6):
        for stage, wrap_s in (("script:1", 30.0), ("sold", 8.0)):
            found.reached(1, stage, 0.0, in_wrap_up=False)
            found.wrap_up_began(1, 100.0)
            found.ended(1, 100.0 + wrap_s)
    found.reached(7, "sold", 0.0, in_wrap_up=False)
    found.wrap_up_began(7, 50.0)
    found.wrap_up_began(8, 50.0)  # told nothing in its talk
    now = at(found, 50.0)
    assert now[7] == 8.0
    assert now[8] in (8.0, 30.0, 19.0)


def test_the_same_stage_in_talk_and_wrap_up_are_two() -> None:
    found = learnt(*[60.0] * 5, stage="notes")
    found.reached(7, "notes", 0.0, in_wrap_up=True)
    assert 7 not in at(found, 0.0)


def test_what_ends_otherwise_teaches_nothing() -> None:
    found = learnt(*[10.0] * 4)
    found.reached(1, "outcome", 0.0, in_wrap_up=False)
    found.forget(1)
    found.ended(1, 500.0)
    found.reached(1, "outcome", 0.0, in_wrap_up=False)
    assert 1 not in at(found, 0.0)


@pytest.mark.parametrize("took_s", [math.nan, math.inf, -3.0])
def test_times_that_cannot_be_are_not_learnt(took_s: float) -> None:
    found = learnt(*[10.0] * 5, *[took_s] * 20)
    found.reached(7, "outcome", 0.0, in_wrap_up=False)
    assert at(found, 0.0)[7] == 10.0


def test_a_window_that_tells_nonsense_costs_no_memory() -> None:
    found = Forecasts()
    for call in range(60):
        for number in range(2 * MOST_MARKS):
            found.reached(1, f"{call}:{number}", 0.0, in_wrap_up=False)
        found.ended(1, 5.0)
    assert len(found._stages) <= MOST_STAGES


def test_log_normal_wrap_ups_are_forecast_without_bias() -> None:
    draw = random.Random(4)
    found = learnt(*(draw.lognormvariate(3.0, 0.5) for _ in range(WINDOW)))
    found.reached(7, "outcome", 0.0, in_wrap_up=False)
    for elapsed_s in (0.0, 10.0, 20.0):
        left_s = at(found, elapsed_s)[7]
        later = [x for x in (draw.lognormvariate(3.0, 0.5) for _ in range(4000)) if x > elapsed_s]
        sooner = sum(1 for x in later if x - elapsed_s < left_s) / len(later)
        assert sooner == pytest.approx(0.5, abs=0.15)


# --- in the engine ----------------------------------------------------------------------------


def practised(rig: LeverRig, calls: int = 5) -> None:
    """Calls with ten seconds of talk after the stage and five of wrap-up."""
    for _ in range(calls):
        (call,) = rig.launch(1)
        rig.talk_on(call, 20.0)
        rig.stage(1, call, "closing")
        rig.clock.advance(10.0)
        rig.end(call)
        rig.clock.advance(5.0)
        rig.code(1, call)


def test_the_engine_learns_to_the_end_of_the_wrap_up() -> None:
    rig = LeverRig(seats=1)
    practised(rig)
    (call,) = rig.launch(1)
    rig.talk_on(call, 20.0)
    assert dict(rig.view.seat_ends) == {}
    rig.stage(1, call, "closing")
    rig.clock.advance(4.0)
    assert dict(rig.view.seat_ends) == {1: pytest.approx(11.0)}
    rig.clock.advance(2.0)
    rig.end(call)
    assert dict(rig.view.seat_ends) == {1: pytest.approx(5.0)}  # the wrap-up's own stage
    rig.code(1, call)
    assert dict(rig.view.seat_ends) == {}


def test_without_the_lever_nothing_is_shown_but_it_is_learnt() -> None:
    rig = LeverRig(seats=1, levers=Levers(seat_forecast=False))
    practised(rig)
    (call,) = rig.launch(1)
    rig.talk_on(call, 20.0)
    rig.stage(1, call, "closing")
    assert dict(rig.view.seat_ends) == {}
    rig.settings(Levers())
    assert set(rig.view.seat_ends) == {1}


def test_a_stage_of_another_call_or_of_nobody_says_nothing() -> None:
    rig = LeverRig(seats=1)
    practised(rig)
    old = rig.wrap_up()
    rig.code(1, old)
    (call,) = rig.launch(1)
    rig.talk_on(call)
    rig.stage(1, old, "closing")
    rig.stage(99, call, "closing")
    assert dict(rig.view.seat_ends) == {}


def test_a_parked_wrap_up_is_owed_on_top_and_is_learnt_as_one() -> None:
    rig = LeverRig(seats=1)
    practised(rig)
    first = rig.wrap_up()
    rig.told.park = [1]
    rig.clock.advance(2.0)
    (second,) = rig.launch(1)
    rig.talk_on(second, 20.0)
    rig.stage(1, second, "closing")
    assert rig.view.seat_ends[1] == pytest.approx(15.0 + 3.0)
    rig.clock.advance(10.0)
    rig.end(second)
    rig.clock.advance(5.0)
    rig.code(1, second)
    assert rig.view.seat_ends[1] == pytest.approx(3.0)  # as far as it had been
    rig.clock.advance(3.0)
    rig.code(1, first)
    rig.wrap_up()
    assert rig.view.seat_ends[1] == pytest.approx(5.0)
    assert rig.dialler.campaign(CAMPAIGN).handle_log[-1].wrap_s == pytest.approx(5.0)


def test_a_pause_or_a_logout_forgets_the_call() -> None:
    rig = LeverRig(seats=1)
    practised(rig)
    (call,) = rig.launch(1)
    rig.talk_on(call, 20.0)
    rig.stage(1, call, "closing")
    rig.lose_seat(call, 1)
    rig.send(e.MessageBegan(rig.line(call), call.attempt_id))
    assert set(rig.view.seat_ends) == {1}  # in its wrap-up
    rig.code(1, call)
    assert dict(rig.view.seat_ends) == {}
