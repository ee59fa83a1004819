"""Whatever a pacer does, the dialler goes on, and never above one call per free seat for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.engine.deciding import DecisionLog, ask
from dialer_core.model.ids import SessionId
from dialer_core.model.states import Mode, SeatState
from dialer_core.pacing.view import Decision, FloorView
from tests.engine.lever_rig import LeverRig
from tests.engine.rig import CAMPAIGN, Rig

VIEW = FloorView(10.0, 1000.0, 2.0, 8, idle={1: 0.0, 2: 1.0}, wrapping={4: 3.0, 3: 5.0})


class Does:
    """A pacer that does just this."""

    def __init__(self, what: Callable[[], object]) -> None:
        self._what = what

    def decide(self, view: FloorView) -> Decision:
        return self._what()  # type: ignore[return-value]  # that is the test


def raising() -> object:
    raise ValueError("no")


def rig_with(what: Callable[[], object], seats: int = 2) -> Rig:
    return Rig(Mode.PREDICTIVE, seats=seats, lines=8, pacer=lambda _: Does(what))


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        (raising, "ValueError"),
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: None, "AttributeError"),
        (lambda: Decision(float("nan")), "TypeError"),  # type: ignore[arg-type]
        (lambda: Decision(2.5), "TypeError"),  # type: ignore[arg-type]
        (lambda: Decision(1, reason=None), "TypeError"),  # type: ignore[arg-type]
        (lambda: Decision(1, figures=7), "TypeError"),  # type: ignore[arg-type]
        (lambda: Decision(1, hold_breaks=7), "TypeError"),  # type: ignore[arg-type]
        (lambda: Decision(1, may_park=7), "TypeError"),  # type: ignore[arg-type]
        (lambda: Decision(1, may_park=[[1]]), "TypeError"),  # type: ignore[list-item]
        (lambda: Decision(1, prefer=7), "TypeError"),  # type: ignore[arg-type]
    ],
)
def test_a_pacer_that_fails_is_replaced_by_one_to_one(
    what: Callable[[], object], kind: str
) -> None:
    rig = rig_with(what)
    assert len(rig.calls) == 2
    assert rig.dialler.overdialled == 0
    note = rig.all_of(c.NoteDecision)[-1]
    assert note.reason == f"The pacer failed ({kind}); one call per free seat."
    rows = len(rig.all_of(c.NoteDecision))
    for _ in range(20):
        rig.wait(1.0)
    assert len(rig.all_of(c.NoteDecision)) <= rows + 1  # said once, not at every tick


def test_a_negative_number_of_calls_is_none() -> None:
    rig = rig_with(lambda: Decision(-3))
    rig.wait(2.0)
    assert rig.calls == []
    note = rig.all_of(c.NoteDecision)[-1]
    assert note.reason == "Nothing is launched: the pacer asked for -3 calls."


def test_a_number_beyond_all_bounds_ends_with_the_lines() -> None:
    rig = rig_with(lambda: Decision(10**12, reason="All."))
    assert len(rig.calls) == 8


def test_names_that_mean_nothing_are_passed_over() -> None:
    decision = Decision(1, (99, "x"), (99, 1, "x"), (5, -1, "x"))  # type: ignore[arg-type]
    rig = rig_with(lambda: replace(decision, reason="Odd."), seats=1)
    first = rig.talk()
    rig.answer(rig.calls[1])
    assert rig.state(1) is SeatState.TALKING  # nobody is taken out of a conversation
    rig.end(first)
    assert rig.state(1) is SeatState.WRAP_UP


def test_a_wrap_up_order_is_kept_and_a_set_goes_by_age() -> None:
    in_order = ask(Does(lambda: Decision(0, may_park=[3, 4, 1])), VIEW)
    assert in_order.park == (3, 4)
    by_age = ask(Does(lambda: Decision(0, may_park={3, 4, 9})), VIEW)
    assert by_age.park == (4, 3)


def test_a_pacer_that_recovers_is_heard_again() -> None:
    rig = LeverRig(seats=1)
    pacer = rig.dialler.campaign(CAMPAIGN).pacer
    rig.dialler.campaign(CAMPAIGN).pacer = Does(raising)
    rig.wait(1.0)
    assert len(rig.calls) == 1
    rig.dialler.campaign(CAMPAIGN).pacer = pacer
    assert len(rig.launch(2)) == 2


def test_a_held_break_goes_when_the_pacer_fails() -> None:
    rig = LeverRig(seats=1)
    rig.launch(1)
    rig.told.hold = {1}
    rig.pause(1)
    rig.dialler.campaign(CAMPAIGN).pacer = Does(raising)
    rig.wait(0.5)
    assert rig.state(1) is SeatState.PAUSED


# --- the log ----------------------------------------------------------------------------------


def test_one_row_a_launch_and_one_a_change_of_rule() -> None:
    rig = LeverRig(seats=1)

    def rows() -> list[tuple[int, str]]:
        return [(one.launch, one.rule) for one in rig.all_of(c.NoteDecision)]

    rig.wait(2.0)
    before = len(rows())
    rig.launch(2)
    for _ in range(10):
        rig.wait(1.0)  # the words change ("0 as told."), the rule does not
    assert rows()[before:] == [(2, "told")]
    rig.told.rule = "budget"
    rig.wait(1.0)
    rig.wait(1.0)
    assert rows()[before:] == [(2, "told"), (0, "budget")]
    rig.launch(1)
    assert rows()[before + 2 :] == [(1, "budget")]


def test_without_a_rule_the_words_without_their_figures_are_one() -> None:
    log = DecisionLog()

    def is_new(reason: str, at_s: float) -> bool:
        return log.is_new(Decision(0, reason=reason), at_s)

    assert is_new("0 more: 1 seat free, 2 calls in flight, 3.5 s.", 0.0)
    assert not is_new("0 more: 2 seats free, 1 call in flight, 11 s.", 5.0)
    assert is_new("0 more: 2 seats free, the budget is used up.", 10.0)


def test_rules_that_change_to_and_fro_are_noted_once_a_second() -> None:
    log = DecisionLog()
    rows = [
        number
        for number in range(100)
        if log.is_new(Decision(0, rule="ab"[number % 2]), number * 0.1)
    ]
    assert 9 <= len(rows) <= 11


def test_what_is_lacking_is_a_rule_of_its_own() -> None:
    rig = LeverRig(seats=1, lines=1)
    rig.launch(1)
    rig.clock.advance(2.0)
    rig.launch(1)
    note = rig.all_of(c.NoteDecision)[-1]
    assert (note.launch, note.reason) == (0, "1 as told. No line is free.")
    assert note.rule == "told+lack"


def test_stages_and_pauses_of_unknown_seats_change_nothing() -> None:
    rig = LeverRig(seats=1)
    (call,) = rig.launch(1)
    gone = SessionId(99)
    assert rig.send(e.StageReached(gone, call.attempt_id, "x")) == []
    assert rig.send(e.PauseWanted(gone, "tea", rig.clock.now().after(3.0))) == []
    assert rig.send(e.AvailableWanted(gone)) == []
    assert rig.send(e.OutcomeChosen(gone, call.attempt_id, "no")) == []
