"""More calls than agents: answers meet the longest idle seat, or the message before the limit."""

from __future__ import annotations

from collections import deque

import pytest

from dialer_core.clock import Instant
from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.engine.calls import Call
from dialer_core.model.ids import SessionId
from dialer_core.model.records import DayCounts
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState
from tests.engine.rig import CAMPAIGN, Launches, Rig, of, record_of

MESSAGE_DUE_S = 1.75  # connect limit less the lead


def predictive_rig(*, seats: int = 1, launches: tuple[int, ...] = (3,), lines: int = 8) -> Rig:
    """Seats first, then the pacer says these launches, one a decision."""
    counts: deque[int] = deque()
    rig = Rig(Mode.PREDICTIVE, seats=seats, lines=lines, pacer=lambda campaign: Launches(counts))
    counts.extend(launches)
    rig.send(e.Tick())
    return rig


def stage_of(call: Call) -> str:
    return call.stage.value


def test_launches_beyond_the_free_seats_are_counted() -> None:
    rig = predictive_rig(seats=1, launches=(3,))
    commits = rig.all_of(c.CommitAttempt)
    assert [one.is_overdial for one in commits] == [False, True, True]
    assert [one.session_id for one in commits] == [None] * 3
    assert [one.agent_leg for one in rig.all_of(c.Originate)] == ["on_answer"] * 3
    assert rig.dialler.overdialled == 2
    assert rig.state(1) is SeatState.AVAILABLE


def test_no_more_than_lines_allow_and_the_reason_says_so() -> None:
    rig = predictive_rig(launches=(5,), lines=2)
    assert len(rig.calls) == 2
    note = rig.all_of(c.NoteDecision)[-1]
    assert (note.launch, note.reason) == (2, "As told. No line is free.")


def test_an_answer_goes_to_the_longest_idle_seat() -> None:
    rig = predictive_rig(seats=1, launches=())
    rig.clock.advance(1.0)
    rig.seat_in(2)
    rig.send(e.PauseWanted(SessionId(1), "tea"))
    rig.clock.advance(1.0)
    rig.send(e.AvailableWanted(SessionId(1)))
    rig.make_launch(1)
    out = rig.answer(rig.call())
    assert of(c.ConnectAgent, out)[0].session_id == SessionId(2)
    seat = of(c.SetSeat, out)[0]
    assert (seat.state, seat.attempt_id) == (SeatState.CONNECTING, rig.call().attempt_id)
    move = of(c.MoveAttempt, out)[0]
    assert (move.stage, move.session_id) == (CallStage.CONNECTING, SessionId(2))


def test_the_record_comes_before_the_line_is_told() -> None:
    rig = predictive_rig(launches=(1,))
    out = rig.answer(rig.call())
    assert [type(one) for one in out][:3] == [c.SetSeat, c.MoveAttempt, c.ConnectAgent]


def test_a_person_waits_for_the_first_seat_that_is_free() -> None:
    rig = predictive_rig(seats=1, launches=(3,))
    first, second, third = rig.calls
    rig.talk()
    rig.answer(third)
    rig.clock.advance(0.2)
    rig.answer(second)
    assert (second.stage, third.stage) == (CallStage.WAITING, CallStage.WAITING)
    out = rig.seat_in(2)
    assert of(c.ConnectAgent, out)[0].attempt_id == third.attempt_id  # waits longest
    assert first.stage is CallStage.TALKING


def test_nobody_in_time_hears_the_message_before_the_limit() -> None:
    rig = predictive_rig(seats=1, launches=(2,))
    rig.talk()
    lost = rig.calls[1]
    rig.answer(lost)
    answered_s = rig.clock.now().mono_s
    assert rig.dialler.wake_at_s == pytest.approx(answered_s + MESSAGE_DUE_S)
    assert of(c.PlayMessage, rig.wait(MESSAGE_DUE_S - 0.01)) == []
    out = rig.wait(0.02)
    assert of(c.PlayMessage, out)[0].attempt_id == lost.attempt_id
    assert of(c.MoveAttempt, out)[0].stage is CallStage.MESSAGE
    state = rig.dialler.campaign(CAMPAIGN)
    assert state.counts.abandoned == 1  # at once, not at the end of the call
    assert state.answer_log[-1].was_abandoned
    assert of(c.PlayMessage, rig.wait(0.5)) == []  # once
    closed = of(c.CloseAttempt, rig.end(lost, by="line"))[0]
    assert (closed.outcome, closed.formula_class) == (Outcome.ABANDONED, FormulaClass.AOBS)
    assert state.counts.abandoned == 1


def test_who_hangs_up_before_the_limit_is_not_abandoned() -> None:
    rig = predictive_rig(seats=1, launches=(2,))
    rig.talk()
    gone = rig.calls[1]
    rig.answer(gone)
    rig.clock.advance(1.0)
    closed = of(c.CloseAttempt, rig.end(gone))[0]
    assert (closed.outcome, closed.formula_class) == (
        Outcome.SHORT_HANGUP,
        FormulaClass.SHORT_HANGUP,
    )
    state = rig.dialler.campaign(CAMPAIGN)
    assert state.counts.abandoned == 0
    assert not state.answer_log[-1].was_abandoned
    assert rig.dialler.wake_at_s is None


def test_a_phone_that_does_not_answer_is_taken_out_and_another_is_tried() -> None:
    rig = predictive_rig(seats=2, launches=(1,))
    call = rig.call()
    rig.answer(call)
    rig.clock.advance(0.5)
    out = rig.lose_seat(call, 1)
    assert rig.state(1) is SeatState.PAUSED
    assert of(c.SetSeat, out)[0].reason == "phone not reachable"
    assert of(c.ConnectAgent, out)[0].session_id == SessionId(2)
    rig.bridge(call, 2)
    assert rig.state(2) is SeatState.TALKING
    rig.wait(5.0)
    rig.end(call)
    assert rig.dialler.campaign(CAMPAIGN).counts.live == 1


def test_a_phone_that_does_not_answer_too_late_leaves_the_message() -> None:
    rig = predictive_rig(seats=2, launches=(1,))
    call = rig.call()
    rig.answer(call)
    assert of(c.PlayMessage, rig.wait(1.8))  # the leg is still being set up
    assert stage_of(call) == "connecting"  # the line has the last word
    rig.lose_seat(call, 1)
    assert stage_of(call) == "message"
    assert rig.state(2) is SeatState.AVAILABLE
    assert rig.dialler.campaign(CAMPAIGN).counts.abandoned == 1


def test_a_bridge_that_beat_the_message_holds() -> None:
    rig = predictive_rig(seats=1, launches=(1,))
    call = rig.call()
    rig.answer(call)
    rig.wait(1.8)
    rig.bridge(call, 1)
    assert rig.state(1) is SeatState.TALKING
    rig.wait(5.0)
    rig.end(call)
    counts = rig.dialler.campaign(CAMPAIGN).counts
    assert (counts.live, counts.abandoned) == (1, 0)


def test_a_message_that_beat_the_bridge_frees_the_seat() -> None:
    rig = predictive_rig(seats=1, launches=(1,))
    call = rig.call()
    rig.answer(call)
    rig.wait(1.8)
    rig.send(e.MessageBegan(rig.line(call), call.attempt_id))
    assert rig.state(1) is SeatState.AVAILABLE
    assert call.stage is CallStage.MESSAGE


def test_the_lines_own_clock_may_begin_the_message() -> None:
    rig = predictive_rig(seats=1, launches=(2,))
    rig.talk()
    lost = rig.calls[1]
    rig.send(e.MessageBegan(rig.line(lost), lost.attempt_id))  # answered was never heard
    assert lost.stage is CallStage.MESSAGE
    assert rig.dialler.campaign(CAMPAIGN).counts.abandoned == 1
    assert rig.all_of(c.PlayMessage) == []


def test_an_agents_leg_that_breaks_in_the_conversation() -> None:
    rig = predictive_rig(seats=1, launches=(1,))
    call = rig.talk()
    assert rig.lose_seat(call, 1) == [], "the line plays music, and its message in the end"
    assert rig.state(1) is SeatState.TALKING
    rig.send(e.MessageBegan(rig.line(call), call.attempt_id))
    assert rig.state(1) is SeatState.WRAP_UP
    rig.send(e.OutcomeChosen(SessionId(1), call.attempt_id, "no"))
    assert rig.state(1) is SeatState.PAUSED
    assert of(c.CloseAttempt, rig.end(call))[0].formula_class is FormulaClass.L
    assert rig.dialler.campaign(CAMPAIGN).counts == DayCounts(live=1)


def comes_back(rig: Rig) -> list[c.Command]:
    return rig.send(e.SeatOpened(SessionId(1), CAMPAIGN, "agent 1"))


def test_a_phone_that_comes_back_goes_on_with_the_conversation() -> None:
    rig = predictive_rig(seats=1, launches=(1,))
    call = rig.talk()
    assert comes_back(rig) == [], "nothing was lost"
    rig.clock.advance(60.0)
    rig.lose_seat(call, 1)
    (joined,) = of(c.ConnectAgent, comes_back(rig))
    assert (joined.attempt_id, joined.session_id) == (call.attempt_id, SessionId(1))
    rig.bridge(call, 1)
    assert comes_back(rig) == [], "it is joined"
    assert rig.state(1) is SeatState.TALKING
    rig.end(call)
    assert rig.state(1) is SeatState.WRAP_UP


def test_a_phone_may_be_back_before_the_line_has_missed_it() -> None:
    rig = predictive_rig(seats=1, launches=(1,))
    call = rig.talk()
    comes_back(rig)
    rig.clock.advance(1.0)
    assert of(c.ConnectAgent, rig.lose_seat(call, 1))
    assert rig.lose_seat(call, 1) == [], "it did not answer: once is enough"


def test_an_outcome_without_a_phone_lets_the_person_go() -> None:
    rig = predictive_rig(seats=1, launches=(1,))
    call = rig.talk()
    rig.lose_seat(call, 1)
    out = rig.send(e.OutcomeChosen(SessionId(1), call.attempt_id, "no"))
    assert of(c.PlayMessage, out)[0].attempt_id == call.attempt_id
    rig.send(e.MessageBegan(rig.line(call), call.attempt_id))
    assert rig.state(1) is SeatState.PAUSED


def test_a_record_under_lock_out_is_dialled_with_a_held_seat_only() -> None:
    rig = predictive_rig(seats=2, launches=())
    rig.send(e.RecordsLeased(CAMPAIGN, [record_of(900, reserved_only=True)]))
    rig.drain_ordinary()
    rig.make_launch(2)
    commit = rig.all_of(c.CommitAttempt)[-1]
    assert (commit.record.contact_id, commit.session_id) == (900, SessionId(1))
    assert rig.all_of(c.Originate)[-1].agent_leg == "silent"
    assert rig.state(1) is SeatState.RINGING


def test_a_record_under_lock_out_waits_while_ringing_calls_need_the_seats() -> None:
    rig = predictive_rig(seats=1, launches=(1,))
    rig.drain_ordinary()
    rig.send(e.RecordsLeased(CAMPAIGN, [record_of(900, reserved_only=True)]))
    rig.make_launch(1)
    assert [one.record.reserved_only for one in rig.all_of(c.CommitAttempt)] == [False]


def test_everybody_paused_while_lines_ring() -> None:
    rig = predictive_rig(seats=2, launches=(4,))
    for number in (1, 2):
        rig.send(e.PauseWanted(SessionId(number), "meeting"))
    assert [rig.state(n) for n in (1, 2)] == [SeatState.PAUSED] * 2
    for call in rig.calls:
        rig.answer(call)
    out = rig.wait(1.76)
    assert len(of(c.PlayMessage, out)) == 4
    assert rig.dialler.campaign(CAMPAIGN).counts.abandoned == 4
    asked = len(rig.all_of(c.CommitAttempt))
    rig.make_launch(3)
    assert len(rig.all_of(c.CommitAttempt)) == asked
    assert "Nobody is ready" in rig.all_of(c.NoteDecision)[-1].reason


def test_a_committed_call_for_nobody_in_particular_needs_somebody_there() -> None:
    rig = predictive_rig(seats=1, launches=())
    rig.is_answering = False
    rig.make_launch(2)
    rig.send(e.PauseWanted(SessionId(1), "tea"))
    out = rig.answer_commits()
    assert of(c.Originate, out) == []
    assert [one.outcome for one in of(c.CloseAttempt, out)] == [Outcome.DIALLER_CANCELLED] * 2
    assert rig.calls == []


def test_the_budget_comes_from_the_counts_by_the_profiles_formula() -> None:
    rig = predictive_rig(launches=())
    state = rig.dialler.campaign(CAMPAIGN)
    assert state.budget(rig.clock.now()).drops_left == 0
    rig.send(e.CountsRead(CAMPAIGN, DayCounts(live=33)))
    budget = state.budget(rig.clock.now())
    assert (budget.live, budget.drops_left) == (33.0, 1.0)
    rig.make_launch(2)
    rig.talk()
    rig.answer(rig.calls[1])
    rig.wait(1.8)
    budget = state.budget(rig.clock.now())
    assert (budget.abandoned, budget.drops_left) == (1.0, 0.0)


def test_the_pacer_sees_the_floor() -> None:
    rig = predictive_rig(seats=3, launches=(3,))
    rig.clock.advance(5.0)
    rig.talk()
    rig.send(e.PauseWanted(SessionId(2), "tea"))
    now = rig.clock.now()
    view = rig.dialler.campaign(CAMPAIGN).view(now, free_lines=5)
    assert view.idle == {3: 0.0}
    assert view.talking == {1: pytest.approx(5.1)}
    assert set(view.paused) == {2}
    assert set(view.ringing.values()) == {0.0}
    assert len(view.ringing) == 2
    assert view.max_lines == 8
    assert (view.ring_log[0].ring_s, view.ring_log[0].answered) == (5.0, True)
    assert view.answer_log[0] == (5.0, False, 5.0)
    assert view.day_end > view.now


def test_a_seat_whose_pause_is_to_come_is_not_counted_on() -> None:
    rig = predictive_rig(seats=1, launches=(1,))
    rig.talk()
    rig.send(e.PauseWanted(SessionId(1), "tea"))
    view = rig.dialler.campaign(CAMPAIGN).view(rig.clock.now(), 1)
    assert (dict(view.talking), set(view.paused)) == ({}, {1})
    rig.send(e.AvailableWanted(SessionId(1)))  # changed their mind
    view = rig.dialler.campaign(CAMPAIGN).view(rig.clock.now(), 1)
    assert (set(view.talking), set(view.paused)) == ({1}, set())


def test_an_events_own_moment_may_lie_before_the_last_one() -> None:
    rig = predictive_rig(seats=1, launches=(1,))
    rig.wait(5.0)
    call = rig.call()
    early = Instant(4.9, rig.clock.now().utc)
    rig.send(e.CallAnswered(rig.line(call), call.attempt_id), at=early)
    rig.send(e.CallBridged(rig.line(call), call.attempt_id, SessionId(1)), at=early)
    assert rig.state(1) is SeatState.TALKING


def test_a_budget_that_the_gate_does_not_see_stops_dialling_ahead_for_a_while() -> None:
    rig = predictive_rig(seats=1, launches=())
    rig.is_over_budget = True
    out = rig.make_launch(2)
    assert [one.is_overdial for one in of(c.CommitAttempt, out)] == [False, True]
    assert len(of(c.Originate, out)) == 1
    assert of(c.CommitAttempt, rig.make_launch(3)) == []  # no other contact is used up
    rig.is_over_budget = False
    rig.wait(5.1)
    assert len(of(c.Originate, rig.make_launch(1))) == 1
