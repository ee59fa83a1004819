"""Views that contradict themselves: one call per free seat at most, a reason, no exception."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer_core.model.levers import NO_LEVERS
from dialer_core.pacing import (
    AnswerEnd,
    Budget,
    FloorView,
    HandleEnd,
    Pacer,
    RingEnd,
    make_pacer,
)
from tests.pacing.views import (
    BASE,
    HANDLED,
    INF,
    MET,
    MODES,
    NAN,
    NOW,
    PLENTY,
    RINGS,
    SIX,
    decide,
    floor,
    one_to_one,
)

ALL_MODES = (*MODES, "fixed_ratio")


def budget(**changes: Any) -> Budget:
    return dataclasses.replace(PLENTY, **changes)


BAD: Mapping[str, Mapping[str, Any]] = {
    "idle and talking": {"talking": {1: 15_900.0, 4: 15_999.0}},
    "idle and in wrap-up": {"wrapping": {1: 15_900.0}},
    "wraps and talks": {"wrapping": {3: 15_900.0}},
    "paused and idle": {"paused": {1}},
    "paused and talking": {"paused": [3]},
    "reserved and idle": {"reserved": {1: 15_999.0}},
    "relief and idle": {"relief": [1]},
    "a call from the future": {"ringing": {"a": NOW + 10.0}},
    "a talk from the future": {"talking": {3: NOW + 1000.0}},
    "a wrap-up from the future": {"wrapping": {5: NOW + 1000.0}},
    "an idle seat from the future": {"idle": {1: 17_000.0, 2: 15_995.0, 6: 15_990.0}},
    "an answer from the future": {"waiting": [16_500.0]},
    "a seat since nan": {"idle": {1: NAN, 2: 15_995.0}},
    "a call since nan": {"ringing": {"a": NAN}},
    "a wait since nan": {"waiting": [NAN]},
    "a talk since minus infinity": {"talking": {3: -INF}},
    "both infinities": {"talking": {3: -INF, 4: INF}},
    "a seat since none": {"idle": {1: None}},
    "a talk since a string": {"talking": {3: "ten"}},
    "a number too large": {"talking": {3: -(10**400)}},
    "reserved since nan": {"reserved": {9: NAN}},
    "patience nan": {"connect_limit": NAN},
    "patience infinite": {"connect_limit": INF},
    "patience negative": {"connect_limit": -2.0},
    "patience none": {"connect_limit": None},
    "now nan": {"now": NAN},
    "now infinite": {"now": INF},
    "now none": {"now": None},
    "now a string": {"now": "noon"},
    "no end": {"day_end": NAN},
    "end none": {"day_end": None},
    "end long past": {"day_end": -1e9},
    "the day is over": {"now": 28_800.5},
    "lines nan": {"max_lines": NAN},
    "lines infinite": {"max_lines": INF},
    "lines none": {"max_lines": None},
    "budget nan": {"budget": budget(live=NAN)},
    "drops nan": {"budget": budget(drops_left=NAN)},
    "drops infinite": {"budget": budget(drops_left=INF)},
    "live negative": {"budget": budget(live=-400.0)},
    "lost negative": {"budget": budget(abandoned=-2.0)},
    "cap infinite": {"budget": budget(cap=INF)},
    "cap nan": {"budget": budget(cap=NAN)},
    "target negative": {"budget": budget(target=-0.03)},
    "expected nan": {"budget": budget(live_expected=NAN)},
    "budget of strings": {"budget": budget(live="many")},
    "budget a number": {"budget": 0.03},
    "no history": {"ring_log": [], "handle_log": [], "answer_log": [], "budget": None},
    "no history, a budget": {"ring_log": [], "handle_log": [], "answer_log": []},
    "a history of one call": {
        "ring_log": RINGS[:1],
        "handle_log": HANDLED[:1],
        "answer_log": MET[:1],
    },
    "one call and its own budget": {
        "ring_log": RINGS[:1],
        "handle_log": HANDLED[:1],
        "answer_log": MET[:1],
        "budget": None,
    },
    "no rings": {"ring_log": []},
    "no handled calls": {"handle_log": []},
    "nobody ever answers": {"ring_log": [end._replace(answered=False) for end in RINGS[:350]]},
    "ring nan": {"ring_log": [*RINGS, RingEnd(1.0, NAN, True)]},
    "ring infinite": {"ring_log": [*RINGS, RingEnd(1.0, INF, True)]},
    "ring negative": {"ring_log": [*RINGS, RingEnd(1.0, -4.0, True)]},
    "ring none": {"ring_log": [*RINGS, RingEnd(1.0, None, True)]},  # type: ignore[arg-type]
    "launched nan": {"ring_log": [*RINGS, RingEnd(NAN, 4.0, True)]},
    "no entry": {"ring_log": [None, *RINGS]},
    "talk nan": {"handle_log": [*HANDLED, HandleEnd(1.0, NAN, 3.0, False, 1.0)]},
    "wrap-up infinite": {"handle_log": [*HANDLED, HandleEnd(1.0, 9.0, INF, False, 1.0)]},
    "wrap-up negative": {"handle_log": [*HANDLED, HandleEnd(1.0, 9.0, -3.0, False, 1.0)]},
    "handled ring nan": {"handle_log": [*HANDLED, HandleEnd(1.0, 9.0, 3.0, False, NAN)]},
    "handled at nan": {"handle_log": [*HANDLED, HandleEnd(NAN, 9.0, 3.0, False, 1.0)]},
    "answer nan": {"answer_log": [*MET, AnswerEnd(NAN, False, 1.0)]},
    "answered ring nan": {"answer_log": [*MET, AnswerEnd(1.0, False, NAN)]},
    "answers are words": {"answer_log": [*MET, "abandoned"]},
    "logs are none": {"ring_log": None, "handle_log": None, "answer_log": None},
    "answer log is none": {"answer_log": None},
    "ring log is a number": {"ring_log": 7},
    "idle is none": {"idle": None},
    "talking is a list": {"talking": [3, 4]},
    "ringing is none": {"ringing": None},
    "waiting is none": {"waiting": None},
    "paused is a number": {"paused": 3},
    "held is a number": {"ringing": {"a": NOW}, "held": 3},
    "seats that cannot be": {"paused": [[1]]},
    "forecasts are words": {"seat_ends": {3: "soon"}},
    "forecasts are a list": {"seat_ends": [3]},
    "breaks are words": {"breaks_due": {1: "soon"}},
}


def bound(view: FloorView) -> int:
    """The most that may be launched: one to one, nothing where that cannot be counted."""
    try:
        return one_to_one(view)
    except (TypeError, AttributeError):
        return 0


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_never_above_one_to_one_and_is_told(case: str) -> None:
    view = floor(**BAD[case])
    for pacer in (make_pacer("predictive"), warm()):
        for _ in range(3):  # what was read once stays known
            decision = pacer.decide(view)
            assert 0 <= decision.launch <= bound(view)
            assert decision.reason.startswith(("One call per free seat (", "Nothing is launched"))
            assert decision.rule not in ("", "ahead")


@pytest.mark.parametrize("case", BAD)
def test_no_other_mode_raises(case: str) -> None:
    view = floor(**BAD[case])
    for mode in ("preview", "progressive", "fixed_ratio"):
        decision = decide(view, mode)
        assert decision.reason.endswith(".")
        assert 0 <= decision.launch <= bound(view) * (2 if mode == "fixed_ratio" else 1)


@pytest.mark.parametrize("case", BAD)
def test_a_bad_view_is_over_with_the_next_good_one(case: str) -> None:
    pacer = warm()
    before = pacer.decide(floor(idle=SIX)).launch
    pacer.decide(floor(**BAD[case]))
    after = pacer.decide(
        floor(idle=SIX, ring_log=[*RINGS], answer_log=[*MET], handle_log=[*HANDLED])
    )
    assert before > 6
    if after.rule == "nonsense":  # the log that was bad has not been replaced by a shorter one
        assert after.launch == 6
    else:
        assert after.launch > 6


def warm() -> Pacer:
    """A pacer that dialled ahead a moment ago."""
    pacer = make_pacer("predictive")
    assert pacer.decide(floor(idle=SIX)).rule == "ahead"
    return pacer


@pytest.mark.parametrize("target", [0.0, -0.1, 1.0, 1.5, NAN, INF, -INF])
def test_a_target_that_allows_nothing(target: float) -> None:
    for view in (floor(idle=SIX), floor(idle=SIX, budget=None)):
        decision = decide(view, target=target)
        assert (decision.launch, decision.rule) == (6, "no_budget")
        assert "no answer may be lost" in decision.reason


@pytest.mark.parametrize("lines", [0, -1, -500, 2])
@pytest.mark.parametrize("mode", ALL_MODES)
def test_without_a_free_line_nothing_is_launched(mode: str, lines: int) -> None:
    decision = decide(floor(idle=SIX, max_lines=lines), mode)
    assert decision.launch == 0
    assert decision.reason.endswith(".")


@pytest.mark.parametrize("view", [None, 5, "floor", object()])
def test_what_is_no_view_at_all(view: Any) -> None:
    for mode in ALL_MODES:
        decision = decide(view, mode)
        assert decision.launch == 0
        assert decision.reason == "Nothing is launched: the view of the floor cannot be read."


def test_huge_and_odd_names_are_names() -> None:
    plain = decide(BASE)
    odd = {1: 10**300, 2: ("seat", 2), 3: -1, 4: "four", 5: frozenset({5})}
    seats = {
        name: {odd[seat]: at for seat, at in getattr(BASE, name).items()}
        for name in ("idle", "talking", "wrapping")
    }
    named = decide(floor(**seats))
    assert named.launch == plain.launch
    assert named.may_park == (odd[5],)


def test_logs_that_shrink_or_are_replaced_are_read_anew() -> None:
    pacer = warm()
    for many in (400, 300, 30, 0, 1, 25, 400):
        view = floor(idle=SIX, ring_log=RINGS[:many], budget=None)
        fresh = decide(view)
        again = pacer.decide(view)
        assert again.rule == fresh.rule
        assert (again.launch > 6) == (fresh.launch > 6)
    other = [end._replace(answered=not end.answered) for end in RINGS]
    replaced = pacer.decide(floor(idle=SIX, ring_log=other))
    assert replaced.figures["answer_chance"] == pytest.approx(
        decide(floor(idle=SIX, ring_log=other)).figures["answer_chance"]
    )


def test_entries_that_made_no_sense_are_forgotten_with_their_log() -> None:
    pacer = warm()
    bad = floor(idle=SIX, ring_log=[*RINGS, RingEnd(1.0, NAN, True)])
    assert pacer.decide(bad).rule == "nonsense"
    assert pacer.decide(floor(idle=SIX)).rule == "ahead"


def test_a_day_that_began_before_the_clock_did() -> None:
    shift = 20_000.0
    early = floor(
        now=NOW - shift,
        day_end=BASE.day_end - shift,
        idle={seat: at - shift for seat, at in SIX.items()},
        talking={},
        wrapping={},
        ring_log=[end._replace(launched=end.launched - shift) for end in RINGS],
        handle_log=[end._replace(ended=end.ended - shift) for end in HANDLED],
        answer_log=[end._replace(at=end.at - shift) for end in MET],
    )
    assert decide(early).launch == decide(floor(idle=SIX, talking={}, wrapping={})).launch > 6


# --- whatever the view --------------------------------------------------------------------------

TIMES = st.one_of(st.floats(0.0, 20_000.0), st.sampled_from([NAN, INF, -INF, -1.0, NOW - 1.0]))
GOOD = st.floats(NOW - 300.0, NOW)
ODD = st.one_of(TIMES, st.none(), st.text(max_size=2), st.just(10**400))
NUMBERS = st.one_of(st.floats(), st.floats(0.0, 500.0))


def seats(times: st.SearchStrategy[Any], names: range) -> st.SearchStrategy[dict[int, Any]]:
    return st.dictionaries(st.sampled_from(names), times, max_size=6)


LOGS = st.tuples(
    st.lists(st.builds(RingEnd, NUMBERS, NUMBERS, st.booleans()), max_size=3),
    st.lists(st.builds(HandleEnd, NUMBERS, NUMBERS, NUMBERS, st.booleans(), NUMBERS), max_size=3),
    st.lists(st.builds(AnswerEnd, NUMBERS, st.booleans(), NUMBERS), max_size=3),
)


def made(times: st.SearchStrategy[Any], *, is_apart: bool) -> st.SearchStrategy[FloorView]:
    """Views of any times, with seats in one state each if `is_apart`."""
    names = [range(n * 10, n * 10 + 8) if is_apart else range(1, 12) for n in range(1, 4)]
    return st.builds(
        FloorView,
        now=st.just(NOW) if is_apart else TIMES,
        day_end=st.sampled_from([28_800.0, NAN, 0.0, INF]),
        connect_limit=st.sampled_from([2.0, 0.0, NAN, 1e6]),
        max_lines=st.integers(-1, 80),
        idle=seats(times, names[0]),
        talking=seats(times, names[1]),
        wrapping=seats(times, names[2]),
        paused=st.frozensets(st.integers(50, 60) if is_apart else st.integers(1, 60), max_size=2),
        ringing=st.dictionaries(st.text(max_size=2), times, max_size=12),
        waiting=st.lists(times, max_size=3),
        reserved=seats(times, range(70, 73)),
        breaks_due=seats(ODD, range(10, 38)),
        budget=st.one_of(
            st.sampled_from([None, PLENTY, Budget()]),
            st.builds(Budget, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
        ),
        seat_ends=seats(ODD, range(10, 38)),
        answer_chance=st.sampled_from([None, lambda most: [0.2, NAN, 7.0, 0.9][:most]]),
        held=st.one_of(st.none(), st.frozensets(st.text(max_size=2), max_size=3)),
        relief=st.lists(st.integers(80, 83), max_size=2, unique=True),
        ring_log=st.just(RINGS),
        handle_log=st.just(HANDLED),
        answer_log=st.just(MET),
    )


VIEWS = st.one_of(made(GOOD, is_apart=True), made(TIMES, is_apart=False), made(ODD, is_apart=False))


def check(view: FloorView, mode: str, pacer: Pacer) -> None:
    decision = pacer.decide(view)
    in_use = len(view.ringing) + len(view.waiting) + len(view.talking)
    assert 0 <= decision.launch <= max(0, view.max_lines - in_use)
    assert decision.reason.endswith(".")
    assert decision.rule
    assert all(value == value for value in decision.figures.values())
    held = len(view.reserved) if view.held is None else len(view.held)
    in_flight = max(0, len(view.ringing) - held) + len(view.waiting)
    if mode != "fixed_ratio" and decision.rule != "ahead":
        assert decision.launch <= max(0, len(view.idle) - in_flight)
    if not (view.idle or view.talking or view.wrapping):
        assert decision.launch == 0
    assert set(decision.hold_breaks) <= set(view.breaks_due)
    assert set(decision.may_park) <= set(view.wrapping)
    assert len(set(decision.prefer)) == len(decision.prefer)


@settings(max_examples=150, deadline=None)
@given(VIEWS, st.sampled_from(ALL_MODES))
def test_whatever_the_view_the_decision_is_sane(view: FloorView, mode: str) -> None:
    check(view, mode, make_pacer(mode))


@settings(max_examples=40, deadline=None)
@given(st.lists(VIEWS, min_size=2, max_size=8), st.booleans())
def test_whatever_came_before_the_decision_is_sane(views: list[FloorView], levers: bool) -> None:
    one, two = (make_pacer("predictive", levers=None if levers else NO_LEVERS) for _ in range(2))
    for view in views:
        check(view, "predictive", one)
        two.decide(view)
    assert one.decide(views[0]) == two.decide(views[0])


@settings(max_examples=80, deadline=None)
@given(LOGS, LOGS)
def test_whatever_the_logs_the_decision_is_sane(
    first: tuple[list[RingEnd], list[HandleEnd], list[AnswerEnd]],
    then: tuple[list[RingEnd], list[HandleEnd], list[AnswerEnd]],
) -> None:
    pacer = make_pacer("predictive")
    for rings, handles, answers in (first, then):
        view = floor(
            ring_log=[*RINGS[:60], *rings],
            handle_log=[*HANDLED[:60], *handles],
            answer_log=[*MET[:60], *answers],
        )
        check(view, "predictive", pacer)
        check(dataclasses.replace(view, budget=None), "predictive", pacer)
