"""The predictive pacer on views of a moment: when it dials ahead, when not, and what it says."""

from __future__ import annotations

import dataclasses
import re
from math import comb

import numpy as np
import pytest

from dialer_core.model.levers import NO_LEVERS, Levers
from dialer_core.pacing import AnswerEnd, Budget, FloorView, HandleEnd, make_pacer
from dialer_core.pacing.predictive import MAX_BURST, MIN_SEATS, Plan, Predictive
from dialer_core.pacing.purse import Purse
from dialer_core.pacing.sums import NO_BUFFERS, Sums
from tests.pacing.views import (
    BASE,
    HANDLED,
    INF,
    MET,
    NOW,
    PLENTY,
    RINGS,
    SIX,
    decide,
    floor,
    one_to_one,
)

SPENT = Budget(0.03, 0.03, 400.0, 13.0, 0.0, 200.0)


# --- ahead --------------------------------------------------------------------------------------


def test_with_a_budget_it_dials_ahead_and_says_why() -> None:
    decision = decide(floor(idle=SIX))
    assert decision.launch > 6
    assert decision.rule == "ahead"
    assert re.fullmatch(
        rf"{decision.launch} more: 6 seats free, .+ \d+ s.*, "
        r"0 lines ringing are worth 0\.0 people; 2 of 12 allowed drops used\.",
        decision.reason,
    )
    assert decision.figures["idle"] == 6
    assert 0.0 <= decision.figures["next_loss_chance"] <= 1.0
    assert 0.0 < decision.figures["person_chance"] < decision.figures["answer_chance"] < 1.0


def test_one_line_and_one_seat_are_told_in_the_singular() -> None:
    reason = decide(floor(idle={1: NOW}, ringing={"a": NOW - 2.0})).reason
    assert ": 1 seat free, " in reason
    assert ", 1 line ringing is worth 0." in reason
    two = decide(floor(idle={1: NOW, 2: NOW}, ringing={"a": NOW, "b": NOW})).reason
    assert ": 2 seats free, " in two
    assert ", 2 lines ringing are worth " in two


def test_lines_that_ring_already_hold_it_back() -> None:
    alone = decide(BASE).launch
    ringing = {str(n): NOW - 4.0 for n in range(4)}
    assert decide(floor(ringing=ringing)).launch < alone
    crowd = {str(n): NOW - 4.0 for n in range(20)}
    assert decide(floor(ringing=crowd)).launch == 0
    # lines that have rung for longer than anyone lets it ring are worth nothing any more
    stale = {str(n): NOW - 60.0 for n in range(4)}
    assert decide(floor(ringing=stale)).launch >= decide(floor(ringing=ringing)).launch


def test_a_call_that_waits_uses_up_an_idle_seat_first() -> None:
    assert decide(floor(waiting=[NOW - 0.1])).launch <= decide(floor(idle={1: NOW - 10})).launch
    begun = {seat: NOW - 1.0 for seat in (3, 4, 5)}
    taken = floor(idle={1: NOW - 10}, talking=begun, wrapping={}, waiting=[NOW - 0.1])
    assert decide(taken).launch == 0
    assert decide(dataclasses.replace(taken, waiting=[])).launch > 0


def test_nobody_there_means_no_call() -> None:
    empty = floor(idle={}, talking={}, wrapping={})
    assert decide(empty).launch == 0
    assert decide(dataclasses.replace(empty, paused=(1, 2, 3))).launch == 0
    busy = {n: NOW - 1.0 for n in range(6)}
    assert decide(floor(idle={}, talking=busy, wrapping={})).launch == 0  # all have just begun


def test_lines_and_bursts_bound_it() -> None:
    for lines in (-3, *range(12)):
        assert decide(floor(idle=SIX, max_lines=lines)).launch <= max(0, lines - 2)
    many = {n: NOW - 10.0 for n in range(10, 17)}
    assert 7 <= decide(floor(idle=many, max_lines=1000)).launch <= max(MAX_BURST, len(many))


def test_each_free_seat_has_a_call_of_its_own_however_dear() -> None:
    dear = floor(idle={n: NOW - 10.0 for n in range(10, 40)}, max_lines=200)
    assert decide(dear).launch >= 30
    tight = Budget(0.03, 0.03, 400.0, 11.9, 1.0, 200.0)
    assert decide(floor(idle=SIX, budget=tight)).launch >= 6


# --- the budget ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "budget",
    [
        Budget(0.03, 0.03, 20.0, 0.0, 0.0, 200.0),  # the morning
        SPENT,
        Budget(0.03, 0.03, 400.0, 13.0, -2.0, 200.0),  # overspent
        Budget(0.03, 0.02, 400.0, 12.5, 1.0, 1.0),  # over the target, not yet over the cap
        Budget(0.03, 0.0, 400.0, 0.0, 10.0, 200.0),
        Budget(0.0, 0.03, 400.0, 0.0, 10.0, 200.0),
        Budget(),
    ],
)
def test_without_a_drop_left_it_goes_one_to_one(budget: Budget) -> None:
    decision = decide(floor(budget=budget, idle=SIX))
    assert decision.launch == 6
    assert decision.rule == "spent"
    lost, of_all = budget.abandoned, budget.live + budget.abandoned
    assert f"({lost:.0f} of {of_all:.0f} answers lost, no more may be now)" in decision.reason


def test_without_a_budget_it_keeps_one_from_the_log() -> None:
    alone = floor(budget=None, idle=SIX)
    assert decide(alone).launch > 6
    spent = [AnswerEnd(e.at, i % 10 == 0, 8.0) for i, e in enumerate(MET)]
    decision = decide(dataclasses.replace(alone, answer_log=spent))
    assert (decision.launch, decision.rule) == (6, "spent")
    no_end = dataclasses.replace(alone, day_end=INF)
    assert decide(no_end).launch > 6


def test_the_day_begins_one_to_one_until_thirty_three_people_were_met() -> None:
    handled = [HandleEnd(50.0 * i, 60.0, 15.0, False, 5.0) for i in range(40)]

    def launch(people: int) -> int:
        met = [AnswerEnd(NOW - 3000 + 60.0 * i, False, 5.0) for i in range(people)]
        return decide(
            floor(budget=None, idle=SIX, answer_log=met, handle_log=handled[:people])
        ).launch

    assert [launch(people) for people in (0, 1, 10, 32)] == [6] * 4
    assert launch(33) > 6


def test_more_drops_left_never_mean_fewer_calls() -> None:
    launches = []
    for left in (0.0, 1.0, 2.0, 5.0, 1e6, 1e300):
        budget = Budget(0.03, 0.03, 400.0, 2.0, left, 200.0)
        launches.append(decide(floor(budget=budget)).launch)
    assert launches == sorted(launches)
    assert launches[0] == 2 < launches[-1]


def launched(left: int) -> tuple[int, float]:
    """Launches at one free seat at no matter what price, and the chance of an answer of each."""
    pacer = Predictive(0.03)
    pacer.decide(BASE)
    sums, nothing = Sums(256), np.zeros((3, 0))
    transform = sums.transform(nothing, nothing)
    plan = Plan(1, 0, 2.0, Purse(100.0, 0.0, left, 0.03), NO_BUFFERS)
    many = len(pacer._most(sums, transform, 100, plan))
    return many, float(pacer._rings.both[-1, 0])


def test_what_is_in_flight_cannot_lose_more_than_may_still_be_lost() -> None:
    many = [launched(left)[0] for left in (1, 2, 4, 8, 16)]
    assert many == sorted(many)
    assert 1 <= many[0] < many[-1]
    for left in (1, 2, 4, 8, 16, 40):
        calls, chance = launched(left)
        law = [comb(calls, k) * chance**k * (1 - chance) ** (calls - k) for k in range(calls + 1)]
        lost = [max(0, answers - 1) for answers in range(calls + 1)]
        too_many = sum(weight for weight, gone in zip(law, lost, strict=True) if gone > left)
        assert too_many < 0.05
        assert sum(w * gone for w, gone in zip(law, lost, strict=True)) < 0.75 * left + 0.5


# --- when it does not ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "rule", "words"),
    [
        ({"ring_log": RINGS[:5]}, "learning", "still learning, 5 calls so far"),
        ({"ring_log": RINGS[:1]}, "learning", "still learning, 1 call so far"),
        ({"handle_log": []}, "learning", "still learning"),
        ({"ring_log": [], "handle_log": [], "answer_log": []}, "learning", "0 calls so far"),
        ({"idle": {1: NOW}, "talking": {}, "wrapping": {}}, "few_seats", "1 seat at work, "),
        ({"budget": SPENT}, "spent", "13 of 413 answers lost"),
        ({"handle_log": [*HANDLED, None]}, "nonsense", "1 entry of the logs makes no sense"),
        ({"handle_log": [*HANDLED, None, None]}, "nonsense", "2 entries of the logs make no"),
        ({"budget": Budget(live=-1.0)}, "nonsense", "the budget makes no sense"),
        ({"talking": {1: NOW}}, "contradiction", "a seat is in two states at once"),
        ({"ringing": {"a": NOW + 9}}, "contradiction", "a call is from the future"),
        ({"day_end": NOW}, "closed", "the hours of calling are over"),
        ({"idle": None}, "unreadable", "cannot be read"),
    ],
)
def test_each_rule_has_a_code_and_a_sentence(
    changes: dict[str, object], rule: str, words: str
) -> None:
    decision = decide(floor(**changes))
    assert decision.rule == rule
    assert words in decision.reason
    assert decision.reason.endswith(".")
    assert decision.launch <= 2


@pytest.mark.parametrize("lines", [1, 3])
@pytest.mark.parametrize("budget", [SPENT, PLENTY])
def test_a_rule_stays_the_same_while_only_figures_change(lines: int, budget: Budget) -> None:
    before = decide(floor(idle=SIX, budget=budget))
    ringing = {str(n): NOW for n in range(lines)}
    after = decide(floor(idle={1: NOW, 2: NOW}, budget=budget, ringing=ringing))
    assert before.rule == after.rule
    assert before.reason != after.reason


def test_it_falls_back_when_seats_leave_and_returns_with_them() -> None:
    pacer = make_pacer("predictive")
    assert pacer.decide(floor(idle=SIX)).launch > 6
    last = floor(idle={1: NOW}, talking={}, wrapping={}, paused=(2, 3, 4, 5))
    decision = pacer.decide(last)
    assert (decision.launch, decision.rule) == (1, "few_seats")
    assert f"1 seat at work, {MIN_SEATS} are needed" in decision.reason
    assert pacer.decide(floor(idle={}, talking={}, wrapping={})).launch == 0
    assert pacer.decide(floor(idle=SIX)).launch > 6


def test_it_falls_back_when_the_list_is_replaced() -> None:
    pacer = make_pacer("predictive")
    assert pacer.decide(floor(idle=SIX)).rule == "ahead"
    assert pacer.decide(floor(idle=SIX, ring_log=RINGS[300:305])).rule == "learning"
    assert pacer.decide(floor(idle=SIX)).rule == "ahead"


# --- breaks -------------------------------------------------------------------------------------


def test_announced_breaks_are_held_while_lines_ring_for_the_seat() -> None:
    leaving = floor(breaks_due={1: NOW + 1.0}, ringing={"a": NOW - 1.0, "b": NOW - 1.0})
    decision = decide(leaving)
    assert decision.hold_breaks == (1,)
    assert decide(floor(breaks_due={1: NOW + 1.0})).hold_breaks == ()  # nothing rings
    assert decide(dataclasses.replace(leaving, breaks_due={1: NOW + 4000})).hold_breaks == ()
    assert decide(dataclasses.replace(leaving, breaks_due={3: NOW + 1.0})).hold_breaks == ()
    assert decide(leaving, levers=Levers(held_breaks=False)).hold_breaks == ()
    one_line = dataclasses.replace(leaving, ringing={"a": NOW - 1.0})
    assert decide(one_line).hold_breaks == ()  # the seat that stays takes it


@pytest.mark.parametrize("budget", [PLENTY, SPENT])
def test_breaks_are_held_for_one_ring_time_at_most(budget: Budget) -> None:
    later = {"a": NOW - 1.0, "b": NOW - 1.0}  # launched when the break was due long since
    overdue = floor(breaks_due={1: NOW - 20.0}, ringing=later, budget=budget)
    assert decide(overdue).hold_breaks == ()
    old = dataclasses.replace(overdue, ringing={"a": NOW - 1.0, "b": NOW - 22.0})
    assert decide(old).hold_breaks == (1,)


@pytest.mark.parametrize("budget", [PLENTY, SPENT])
def test_nobody_is_called_for_a_seat_that_is_about_to_leave(budget: Budget) -> None:
    leaving = floor(breaks_due={1: NOW + 1.0}, budget=budget)
    assert decide(leaving).launch <= decide(floor(budget=budget)).launch
    both = floor(breaks_due={1: NOW + 1.0, 2: NOW}, budget=SPENT)
    assert decide(both).launch == 0
    assert "2 seats free, 2 of them about to pause, " in decide(both).reason


def test_a_busy_seat_that_pauses_next_is_not_reckoned_with() -> None:
    soon = {5: 0.5, 3: 1.0, 4: 1.0}
    gone = floor(idle={}, breaks_due={5: NOW}, seat_ends=soon)
    stays = floor(idle={}, seat_ends=soon)
    assert decide(gone).launch < decide(stays).launch


# --- always the same ----------------------------------------------------------------------------


def views() -> list[FloorView]:
    """A minute of a floor."""
    made = []
    for n in range(60):
        ringing = {f"c{k}": NOW + k for k in range(max(0, n - 9), n + 1)}
        ends = {3: 20.0 - n % 20, 4: 5.0}
        rings = RINGS[: 300 + n]
        view = floor(now=NOW + n, ringing=ringing, seat_ends=ends, ring_log=rings, relief=[30])
        made.append(dataclasses.replace(view, answer_chance=lambda most: [0.3, 0.6, 0.4][:most]))
    return made


@pytest.mark.parametrize("mode", ["preview", "progressive", "fixed_ratio", "predictive"])
def test_the_same_views_twice_give_the_same_decisions(mode: str) -> None:
    one, two = make_pacer(mode, seed=1), make_pacer(mode, seed=2)
    assert [one.decide(view) for view in views()] == [two.decide(view) for view in views()]


def test_a_view_is_only_looked_at() -> None:
    view = floor(ringing={"a": NOW - 3.0}, breaks_due={1: NOW}, seat_ends={3: 4.0}, waiting=[NOW])
    before = repr(view)
    pacer = make_pacer("predictive")
    for _ in range(3):
        pacer.decide(view)
    assert repr(view) == before


def test_without_levers_hints_change_nothing() -> None:
    hints = floor(
        seat_ends={3: 1.0, 5: 0.5},
        answer_chance=lambda most: [0.9] * most,
        breaks_due={9: NOW + 1.0},
    )
    assert decide(hints, levers=NO_LEVERS) == decide(BASE, levers=NO_LEVERS)
    assert one_to_one(BASE) <= decide(hints, levers=NO_LEVERS).launch
