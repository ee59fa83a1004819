"""Pacers: one to one, bad input, the budget, and a floor that runs for hours of virtual time."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.model.errors import KnownError
from dialer_core.pacing import (
    AnswerEnd,
    Budget,
    Decision,
    FloorView,
    HandleEnd,
    Pacer,
    RingEnd,
    make_pacer,
)
from dialer_core.pacing.learning import BINS, LEVELS, LogReader, RingModel, SeatModel
from dialer_core.pacing.predictive import _Sums
from dialer_core.pacing.purse import Ledger
from tests.pacing.floor import Floor, utilisation

NAN, INF = math.nan, math.inf
MODES = ("preview", "progressive", "predictive")

# A day on which half of all calls are answered and 400 were: over-dialling may begin.
RINGS = [RingEnd(float(i), 6.0 + i % 9, i % 2 == 0) for i in range(400)]
HANDLED = [HandleEnd(50.0 * i, 60.0 + 7 * (i % 20), 15.0, False, 8.0) for i in range(60)]
MET = [AnswerEnd(40.0 * i, False, 8.0) for i in range(400)]
PLENTY = Budget(0.03, 0.03, 400.0, 2.0, 10.0, 200.0)
BASE = FloorView(
    now=16_000.0,
    day_end=28_800.0,
    connect_limit=2.0,
    max_lines=30,
    idle={1: 15_990.0, 2: 15_995.0},
    talking={3: 15_900.0, 4: 15_999.0},
    wrapping={5: 15_990.0},
    ring_log=RINGS,
    handle_log=HANDLED,
    answer_log=MET,
    budget=PLENTY,
)


def floor(**changes: Any) -> FloorView:
    return dataclasses.replace(BASE, **changes)


def decide(view: FloorView, mode: str = "predictive", target: float = 0.03) -> Decision:
    return make_pacer(mode, target=target).decide(view)


def one_to_one(view: FloorView) -> int:
    """Idle seats less calls in flight for them: what no bad input may exceed."""
    in_flight = max(0, len(view.ringing) - len(view.reserved)) + len(view.waiting)
    return max(0, len(view.idle) - in_flight)


# --- preview and progressive ------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["preview", "progressive"])
@pytest.mark.parametrize(
    ("changes", "launch"),
    [
        ({}, 2),
        ({"ringing": {"a": 15_999.0}}, 1),
        ({"ringing": {"a": 15_999.0}, "reserved": {9: 15_999.0}}, 2),
        ({"ringing": {"a": 15_999.0, "b": 15_999.0}, "waiting": [15_999.5]}, 0),
        ({"idle": {}}, 0),
        ({"idle": {}, "talking": {}, "wrapping": {}}, 0),
        ({"max_lines": 3}, 1),  # two of the three are in calls
        ({"max_lines": 0}, 0),
        ({"now": 28_800.0}, 0),
        ({"budget": None, "ring_log": [], "handle_log": [], "answer_log": []}, 2),
    ],
)
def test_one_call_per_free_seat(mode: str, changes: Mapping[str, Any], launch: int) -> None:
    decision = decide(floor(**changes), mode)
    assert decision.launch == launch
    assert decision.reason.endswith(".")


@pytest.mark.parametrize("mode", MODES)
def test_a_held_call_is_not_in_the_way_of_the_others(mode: str) -> None:
    ringing = {"a": 15_999.0, "b": 15_999.0, "c": 15_999.0}
    spent = floor(ringing=ringing, reserved={8: 15_999.0, 9: 15_999.0}, held={"b"}, budget=Budget())
    assert decide(spent, mode).launch == 0  # seat 8 looks at a preview, nothing rings for it
    assert decide(dataclasses.replace(spent, held=None), mode).launch == 1
    assert decide(dataclasses.replace(spent, held={"a", "b", "c"}), mode).launch == 2
    ahead = decide(floor(ringing=ringing, reserved={9: 15_999.0}, held={"b"}))
    assert ahead.figures["ringing"] == 2


def test_an_unknown_mode_is_told_with_the_known_ones() -> None:
    with pytest.raises(KnownError, match="preview, progressive, predictive"):
        make_pacer("psychic")


# --- predictive: what it does and says ----------------------------------------------------------


def test_with_a_budget_it_dials_ahead_and_says_why() -> None:
    decision = decide(floor(idle={n: 15_990.0 for n in (1, 2, 6, 7, 8, 9)}))
    assert decision.launch > 6
    assert decision.reason.startswith(f"{decision.launch} more: 6 seats free, 0 lines ringing")
    assert "2 of 12 allowed drops used" in decision.reason
    assert decision.figures["idle"] == 6
    assert 0.0 <= decision.figures["next_loss_chance"] <= 1.0


def test_lines_that_ring_already_hold_it_back() -> None:
    alone = decide(BASE).launch
    ringing = {str(n): 15_996.0 for n in range(4)}
    assert decide(floor(ringing=ringing)).launch < alone
    crowd = {str(n): 15_996.0 for n in range(20)}
    assert decide(floor(ringing=crowd)).launch == 0


def test_a_call_that_waits_uses_up_an_idle_seat_first() -> None:
    assert decide(floor(waiting=[15_999.9])).launch <= decide(floor(idle={1: 15_990.0})).launch
    begun = {seat: 15_999.0 for seat in (3, 4, 5)}
    taken = floor(idle={1: 15_990.0}, talking=begun, wrapping={}, waiting=[15_999.9])
    assert decide(taken).launch == 0
    assert decide(dataclasses.replace(taken, waiting=[])).launch > 0


def test_nobody_there_means_no_call() -> None:
    empty = floor(idle={}, talking={}, wrapping={})
    assert decide(empty).launch == 0
    assert decide(floor(idle={}, talking={}, wrapping={}, paused=(1, 2, 3))).launch == 0
    busy = {n: 15_999.0 for n in range(6)}
    assert decide(floor(idle={}, talking=busy, wrapping={})).launch == 0  # all have just begun


@pytest.mark.parametrize(
    "budget",
    [
        Budget(0.03, 0.03, 20.0, 0.0, 0.0, 200.0),  # the morning
        Budget(0.03, 0.03, 400.0, 13.0, 0.0, 200.0),  # spent
        Budget(0.03, 0.03, 400.0, 13.0, -2.0, 200.0),  # overspent
        Budget(0.03, 0.02, 400.0, 12.5, 1.0, 1.0),  # over the target, not yet over the cap
        Budget(0.03, 0.0, 400.0, 0.0, 10.0, 200.0),
    ],
)
def test_without_a_drop_left_it_goes_one_to_one(budget: Budget) -> None:
    decision = decide(floor(budget=budget))
    assert decision.launch == one_to_one(BASE)
    assert "no more may be lost now" in decision.reason


def test_without_a_budget_it_keeps_one_from_the_log() -> None:
    many_idle = {n: 15_990.0 for n in (1, 2, 6, 7, 8, 9)}
    assert decide(floor(budget=None, idle=many_idle)).launch > 6
    spent = [AnswerEnd(e.at, i % 20 == 0, 8.0) for i, e in enumerate(MET)]
    assert decide(floor(budget=None, idle=many_idle, answer_log=spent)).launch == 6
    assert decide(floor(budget=None, idle=many_idle, answer_log=MET[:32])).launch == 6


def test_lines_bound_it() -> None:
    many_idle = {n: 15_990.0 for n in (1, 2, 6, 7, 8, 9)}
    for lines in (-3, *range(12)):
        assert decide(floor(idle=many_idle, max_lines=lines)).launch <= max(0, lines - 2)


def test_a_purse_without_an_end_of_the_day_is_spent_as_if_hours_were_left() -> None:
    many_idle = {n: 15_990.0 for n in (1, 2, 6, 7, 8, 9)}
    assert decide(floor(budget=None, idle=many_idle, day_end=INF)).launch > 6


def test_few_seats_are_dialled_one_to_one() -> None:
    two = floor(talking={}, wrapping={})
    decision = decide(two)
    assert decision.launch == 2
    assert "2 seats at work" in decision.reason


def test_announced_breaks_are_held_while_lines_ring_for_the_seat() -> None:
    leaving = floor(breaks_due={1: 16_001.0}, ringing={"a": 15_999.0, "b": 15_999.0})
    decision = decide(leaving)
    assert decision.hold_breaks == (1,)
    assert decision.launch == 0
    assert decide(floor(breaks_due={1: 20_000.0})).hold_breaks == ()
    assert decide(floor(breaks_due={1: 16_001.0})).launch <= decide(BASE).launch
    gone = floor(idle={}, breaks_due={5: 16_000.0}, seat_ends={5: 0.5, 3: 1.0, 4: 1.0})
    stays = floor(idle={}, seat_ends={5: 0.5, 3: 1.0, 4: 1.0})
    assert decide(gone).figures["next_loss_chance"] > decide(stays).figures["next_loss_chance"]


def test_seats_that_say_they_are_nearly_done_are_dialled_for() -> None:
    none_idle = floor(idle={}, talking={n: 15_999.0 for n in (3, 4, 5, 6)}, wrapping={})
    assert decide(none_idle).launch == 0
    told = dataclasses.replace(none_idle, seat_ends={3: 1.0, 4: 1.0, 5: 1.0})
    assert decide(told).launch > 0


# --- predictive: bad input ----------------------------------------------------------------------

BAD: Mapping[str, Mapping[str, Any]] = {
    "two states": {"talking": {1: 15_900.0, 4: 15_999.0}},
    "two states too": {"wrapping": {1: 15_900.0}},
    "wraps and talks": {"wrapping": {3: 15_900.0}},
    "paused and idle": {"paused": {1}},
    "reserved and idle": {"reserved": {1: 15_999.0}},
    "a call from the future": {"ringing": {"a": 16_010.0}},
    "a talk from the future": {"talking": {3: 17_000.0}},
    "an idle seat from the future": {"idle": {1: 17_000.0, 2: 15_995.0, 6: 15_990.0}},
    "an answer from the future": {"waiting": [16_500.0]},
    "a seat since nan": {"idle": {1: NAN, 2: 15_995.0}},
    "a call since nan": {"ringing": {"a": NAN}},
    "a talk since minus infinity": {"talking": {3: -INF}},
    "patience nan": {"connect_limit": NAN},
    "patience negative": {"connect_limit": -2.0},
    "now nan": {"now": NAN},
    "now infinite": {"now": INF},
    "no end": {"day_end": NAN},
    "budget nan": {"budget": Budget(0.03, 0.03, NAN, 2.0, 10.0, 200.0)},
    "drops nan": {"budget": Budget(0.03, 0.03, 400.0, 2.0, NAN, 200.0)},
    "live negative": {"budget": Budget(0.03, 0.03, -400.0, 2.0, 10.0, 200.0)},
    "no history": {"ring_log": [], "handle_log": [], "answer_log": [], "budget": None},
    "no rings": {"ring_log": []},
    "no calls": {"handle_log": []},
    "ring nan": {"ring_log": [*RINGS, RingEnd(1.0, NAN, True)]},
    "ring negative": {"ring_log": [*RINGS, RingEnd(1.0, -4.0, True)]},
    "ring none": {"ring_log": [*RINGS, RingEnd(1.0, None, True)]},  # type: ignore[arg-type]
    "talk nan": {"handle_log": [*HANDLED, HandleEnd(1.0, NAN, 3.0, False, 1.0)]},
    "answer nan": {"answer_log": [*MET, AnswerEnd(NAN, False, 1.0)]},
    "lines nan": {"max_lines": NAN},
    "idle is none": {"idle": None},
    "a seat since none": {"idle": {1: None}},
    "the day is over": {"now": 28_800.5},
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_never_above_one_to_one_and_is_told(case: str) -> None:
    view = floor(**BAD[case])
    pacer = make_pacer("predictive")
    for _ in range(2):  # what was read once stays known
        decision = pacer.decide(view)
        allowed = 0 if view.idle is None else one_to_one(view)
        assert 0 <= decision.launch <= allowed
        assert decision.reason.startswith(("One call per free seat (", "Nothing is launched"))


@pytest.mark.parametrize("target", [0.0, -0.1, 1.0, NAN, INF])
def test_a_target_that_allows_nothing(target: float) -> None:
    decision = decide(BASE, target=target)
    assert decision.launch == one_to_one(BASE)
    assert "no answer may be lost" in decision.reason


TIMES = st.one_of(st.floats(0.0, 20_000.0), st.sampled_from([NAN, INF, -1.0, 15_999.0]))
SEATS = st.dictionaries(st.integers(1, 12), TIMES, max_size=8)


@given(
    st.builds(
        FloorView,
        now=TIMES,
        day_end=st.sampled_from([28_800.0, NAN, 0.0]),
        connect_limit=st.sampled_from([2.0, 0.0, NAN]),
        max_lines=st.integers(-1, 80),
        idle=SEATS,
        talking=SEATS,
        wrapping=SEATS,
        paused=st.frozensets(st.integers(1, 12), max_size=2),
        ringing=st.dictionaries(st.text(max_size=2), TIMES, max_size=9),
        waiting=st.lists(TIMES, max_size=3),
        ring_log=st.just(RINGS),
        handle_log=st.just(HANDLED),
        answer_log=st.just(MET),
        reserved=st.dictionaries(st.integers(20, 22), TIMES, max_size=2),
        breaks_due=SEATS,
        budget=st.sampled_from([None, PLENTY, Budget()]),
        seat_ends=SEATS,
    ),
    st.sampled_from(MODES),
)
def test_whatever_the_view_the_decision_is_sane(view: FloorView, mode: str) -> None:
    decision = decide(view, mode)
    in_use = len(view.ringing) + len(view.waiting) + len(view.talking)
    assert 0 <= decision.launch <= max(0, view.max_lines - in_use)
    assert decision.reason
    if mode != "predictive" or (view.budget is not None and view.budget.drops_left < 1):
        assert decision.launch <= one_to_one(view)
    if not (view.idle or view.talking or view.wrapping):
        assert decision.launch == 0


# --- what it learns -----------------------------------------------------------------------------


def test_a_log_is_read_once_and_again_if_it_is_another() -> None:
    reader: LogReader[int] = LogReader()
    forgotten: list[str] = []
    log = [1, 2, 3]

    def forget() -> None:
        forgotten.append("all")

    assert list(reader.new(log, forget)) == [1, 2, 3]
    log.append(4)
    assert list(reader.new(log, forget)) == [4]
    assert list(reader.new(log, forget)) == []
    assert list(reader.new([1, 2, 3, 4], forget)) == []  # a copy
    assert forgotten == []
    assert list(reader.new([9], forget)) == [9]
    assert list(reader.new([7, 8], forget)) == [7, 8]
    assert list(reader.new([], forget)) == []
    assert len(forgotten) == 3
    assert list(LogReader[int](longest=2).new([1, 2, 3], forget)) == [2, 3]


def test_the_ring_model_learns_who_answers_and_when() -> None:
    model = RingModel()
    model.read([RingEnd(float(i), 10.2 if i % 4 == 0 else 25.0, i % 4 == 0) for i in range(1400)])
    assert model.chance == pytest.approx(0.25, abs=0.02)
    assert model.worth[0] == pytest.approx(0.25, abs=0.02)
    assert model.worth[30] < 0.02  # after 15 s nobody answers here
    assert model.horizons[1] == pytest.approx(10.5, abs=0.5)
    assert model.rest.shape == (3, BINS)
    assert np.all(np.diff(model.rest, axis=0) >= -1e-12)  # later horizons, more answers
    model.read([RingEnd(0.0, 500.0, True)])  # another log, and a very long ring
    assert model.seen == 1


def test_the_ring_model_stays_finite_over_a_long_day() -> None:
    model = RingModel()
    log: list[RingEnd] = []
    for i in range(6000):
        log.append(RingEnd(float(i), 5.0 + i % 3, i % 3 == 0))
        model.read(log)
    assert model.chance == pytest.approx(1 / 3, abs=0.03)
    assert np.all(np.isfinite(model.rest))


def test_the_seat_model_learns_when_seats_come_free() -> None:
    model = SeatModel()
    model.read([HandleEnd(float(i), 100.0, 20.0, False, 1.0) for i in range(300)])
    talking, wrapping = model.tables((5.0, 30.0))
    assert talking[1][model.column(20.0)] < 0.05
    assert talking[1][model.column(95.0)] > 0.9
    assert wrapping[0][model.column(2.0)] < 0.05
    assert wrapping[1][model.column(2.0)] > 0.9
    assert 0.0 < talking[1][model.column(5000.0)] < 1.0  # longer than anyone ever talked


def test_the_chance_to_find_nobody_is_that_of_drawn_floors() -> None:
    draw = np.random.default_rng(7)
    others, seats = draw.random((3, 8)), draw.random((3, 5))
    launched, chance = _Sums(64).most(others, seats, 2, 0, 0.3, 1.0, 9)
    calls = (draw.random((20_000, 3, 8)) < others).sum(2)
    freed = (draw.random((20_000, 3, 5)) < seats).sum(2)
    assert launched == 0
    assert chance == pytest.approx(float((calls - freed >= 2).mean()), abs=0.02)


def test_what_is_in_flight_cannot_lose_more_than_may_still_be_lost() -> None:
    nothing = np.zeros((len(LEVELS), 0))

    def launched(left: int) -> int:
        return _Sums(64).most(nothing, nothing, 1, 12, 0.45, 1.0, left)[0]

    assert launched(1) == 2  # a third would lose two with a chance of 9 %
    assert launched(1) < launched(3) < launched(6)


def test_the_ledger_corrects_slowly_towards_what_is_really_lost() -> None:
    careful = Ledger(0.03)
    careful.read([AnswerEnd(float(i), i % 10 == 0, 1.0) for i in range(300)])
    bold = Ledger(0.03)
    bold.read([AnswerEnd(float(i), False, 1.0) for i in range(300)])
    assert careful.correction < 1.0 < bold.correction


# --- hours of a floor ---------------------------------------------------------------------------


@pytest.mark.parametrize("gives_budget", [True, False])
def test_a_floor_of_six_keeps_the_budget_and_beats_one_to_one(gives_budget: bool) -> None:
    ahead = Floor(
        make_pacer("predictive"), seats=6, hours=2, seed=11, gives_budget=gives_budget
    ).run()
    plain = Floor(make_pacer("progressive"), seats=6, hours=2, seed=11).run()
    assert plain.counts.abandoned == 0
    assert ahead.lost_before_live_33 == 0
    assert ahead.worst_rate_after_hour <= 0.03 + 0.01  # one call in flight may go either way
    final = ahead.counts
    assert final.abandoned <= 0.03 * (final.live + final.machines + final.abandoned) + 1
    assert utilisation(ahead, 6, 2) > utilisation(plain, 6, 2) + 0.04
    assert ahead.blind_launches == 0


def test_a_floor_with_few_lines_never_uses_more() -> None:
    result = Floor(make_pacer("predictive"), seats=5, hours=1, seed=3, max_lines=6).run()
    assert result.most_lines <= 6
    assert result.launches > 50


def test_the_same_day_twice_is_the_same_day() -> None:
    def day(pacer: Pacer) -> list[str]:
        return Floor(pacer, seats=4, hours=0.7, seed=5).run().reasons

    assert day(make_pacer("predictive", seed=1)) == day(make_pacer("predictive", seed=1))
