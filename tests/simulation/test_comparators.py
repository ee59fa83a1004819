"""The pacers of others: each does what its source says, and none trips over a bad view."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from dialer_core.model.campaign import Campaign
from dialer_core.model.states import Mode
from dialer_core.pacing.fixed_ratio import FixedRatio
from dialer_core.pacing.make import make_pacer
from dialer_core.pacing.view import AnswerEnd, FloorView, HandleEnd, Pacer, RingEnd
from dialer_core.simulation.benchmark import benchmark_day
from dialer_core.simulation.comparators import Adapt, ExpectedFree, OpenLoop
from dialer_core.simulation.comparators.feedback import Feedback
from dialer_core.simulation.comparators.past import Past
from dialer_core.simulation.floor import simulate_day
from dialer_core.simulation.result import DayResult

MAKERS: dict[str, Callable[[], Pacer]] = {
    "fixed_ratio": FixedRatio,
    "adapt": Adapt,
    "expected_free": ExpectedFree,
    "open_loop": OpenLoop,
}
ALL = pytest.mark.parametrize("name", list(MAKERS))
# One in two answers after 10 s, the others are let go at 25 s; handling takes 100 s.
RINGS = [RingEnd(10.0 * n, 10.0 if n % 2 else 25.0, bool(n % 2)) for n in range(40)]
HANDLED = [HandleEnd(100.0 * n, 80.0, 20.0, False, 10.0) for n in range(20)]
MET = [AnswerEnd(20.0 * n, False, 10.0) for n in range(20)]


def view(**changes: object) -> FloorView:
    """Five free seats of a floor that has some past."""
    plain = FloorView(
        now=5000.0,
        day_end=28800.0,
        connect_limit=2.0,
        max_lines=15,
        idle={seat: 4990.0 for seat in range(5)},
        ring_log=RINGS,
        handle_log=HANDLED,
        answer_log=MET,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # tests name the fields


def a_day(make: Callable[[], Pacer] | None, seats: int = 5, hours: float = 2.0) -> DayResult:
    mode = Mode.PROGRESSIVE if make is None else Mode.PREDICTIVE
    plan = benchmark_day("b2c_cold", seats, mode, 7, hours=hours)

    def pacer(_: Campaign) -> Pacer:
        assert make is not None
        return make()

    return simulate_day(plan, pacer=None if make is None else pacer)


# --- what each does ------------------------------------------------------------------------------


def test_fixed_ratio_keeps_so_many_in_flight() -> None:
    pacer = FixedRatio(2.0)
    assert pacer.decide(view()).launch == 10
    three = {f"c{n}": 4995.0 for n in range(3)}
    assert pacer.decide(view(ringing=three)).launch == 7
    assert pacer.decide(view(idle={})).launch == 0
    assert FixedRatio(1.5).decide(view(idle={1: 0.0})).launch == 2
    assert pacer.decide(view(max_lines=4)).launch == 4


def test_fixed_ratio_by_its_name_is_never_above_one_to_one_without_a_target() -> None:
    assert make_pacer("fixed_ratio").decide(view()).launch == 10
    assert make_pacer("fixed_ratio", target=0.0).decide(view()).launch == 5
    assert FixedRatio(math.nan).decide(view()).launch == 5
    assert FixedRatio(0.2).decide(view()).launch == 5


def test_the_level_rises_with_free_seats_and_falls_to_one_over_the_target() -> None:
    pacer = Adapt(0.03)
    now_s, launches = 5000.0, []
    for _ in range(60):
        now_s += 1.0
        launches.append(pacer.decide(view(now=now_s)).launch)
    assert launches[0] == 10  # the first note says that all seats wait: the level doubles
    assert launches[-1] == 15  # three lines an agent, the cap
    lost = [*MET * 3, *[AnswerEnd(4900.0 + n, True, 10.0) for n in range(3)]]
    for _ in range(90):
        now_s += 1.0
        launch = pacer.decide(view(now=now_s, answer_log=lost)).launch
    assert launch == 5


def test_the_average_method_halves_the_level() -> None:
    lost = [*MET * 3, *[AnswerEnd(4900.0 + n, True, 10.0) for n in range(3)]]
    pacer, now_s = Adapt(0.03, "average"), 5000.0
    for second in range(200):
        now_s += 1.0
        answers = MET if second < 60 else lost
        decision = pacer.decide(view(now=now_s, answer_log=answers))
    assert decision.figures["level"] == pytest.approx(1.5)  # half of the cap


def test_expected_free_counts_seats_that_are_about_to_finish() -> None:
    nobody: dict[int, float] = {}
    begun = {seat: 4990.0 for seat in range(5)}
    ending = {seat: 4905.0 for seat in range(5)}
    assert ExpectedFree().decide(view(idle=nobody, talking=begun)).launch == 0
    # Five seats are free within 10 s; an answer takes two dials; g begins at 0.6 and
    # twenty answers that met a seat have moved it to 0.72.
    assert ExpectedFree().decide(view(idle=nobody, talking=ending)).launch == 7
    due = {f"c{n}": 4995.0 for n in range(8)}
    assert ExpectedFree().decide(view(idle=nobody, talking=ending, ringing=due)).launch == 0


def test_expected_free_is_never_below_one_to_one() -> None:
    pacer = ExpectedFree()
    lost = [AnswerEnd(20.0 * n, True, 10.0) for n in range(200)]
    assert pacer.decide(view(answer_log=lost)).launch == 5


def test_open_loop_looks_at_no_seat() -> None:
    free, busy = OpenLoop(), OpenLoop()
    launched = [0, 0]
    for second in range(600):
        now_s = 5000.0 + second
        talking = {seat: now_s - 50.0 for seat in range(5)}
        launched[0] += free.decide(view(now=now_s)).launch
        launched[1] += busy.decide(view(now=now_s, idle={}, talking=talking)).launch
    # 0.4 x 5 seats / (0.5 x 100 s) x 600 s, and a little more as everybody was met
    assert launched[0] == launched[1]
    assert 22 <= launched[0] <= 30


def test_feedback_rests_where_the_share_is_the_target() -> None:
    feedback = Feedback(0.25, gain=0.1, low=0.5, high=2.0)
    feedback.take([True, False, False, False])
    assert feedback.factor == pytest.approx(1.0)
    feedback.take([False] * 1000)
    assert feedback.factor == pytest.approx(2.0)
    feedback.take([True] * 1000)
    assert feedback.factor == pytest.approx(0.5)


def test_the_past_reads_each_entry_once_and_begins_anew_with_another_log() -> None:
    past = Past()
    past.read(view())
    assert past.answer_share == pytest.approx(0.5)
    assert (past.ring_s, past.handle_s) == (10.0, 100.0)
    assert past.still_to_come(5.0) == pytest.approx(0.5)
    assert past.still_to_come(15.0) == 0.0
    assert past.free_within(85.0, 20.0, wraps=False) == 1.0
    assert past.free_within(10.0, 20.0, wraps=False) == 0.0
    assert past.free_within(500.0, 20.0, wraps=False) == 0.5
    past.read(view())
    assert (past.met, past.outcomes) == (20, [])
    past.read(view(answer_log=[AnswerEnd(1.0, True, 3.0)]))
    assert past.outcomes == [True]


# --- bad input -----------------------------------------------------------------------------------

BAD = {
    "no past": view(ring_log=(), handle_log=(), answer_log=()),
    "one call": view(ring_log=RINGS[:1], handle_log=HANDLED[:1], answer_log=MET[:1]),
    "two states": view(talking={1: 4000.0}),
    "no number": view(idle={1: math.nan}),
    "from the future": view(ringing={"c": 9000.0}),
    "over": view(now=30000.0),
}


@ALL
@pytest.mark.parametrize("what", list(BAD))
def test_a_bad_view_gives_one_to_one_at_most(name: str, what: str) -> None:
    decision = MAKERS[name]().decide(BAD[what])
    assert 0 <= decision.launch <= len(BAD[what].idle)
    assert decision.reason


@ALL
def test_nobody_there_nothing_launched(name: str) -> None:
    assert MAKERS[name]().decide(view(idle={})).launch == 0


# --- on a floor ----------------------------------------------------------------------------------


@ALL
def test_it_runs_a_floor_and_the_same_day_twice(name: str) -> None:
    day = a_day(MAKERS[name])
    assert day == a_day(MAKERS[name])
    assert day.people_connected > 50


def test_the_ratio_loses_people_where_one_to_one_loses_none() -> None:
    plain, twice = a_day(None), a_day(FixedRatio)
    assert plain.people_abandoned == 0
    assert twice.abandoned_rate > 0.05
    assert twice.utilisation > plain.utilisation + 0.05


def test_blind_rates_stay_below_one_to_one() -> None:
    assert a_day(OpenLoop).utilisation < a_day(None).utilisation
