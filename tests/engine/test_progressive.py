"""One call for each free agent: reserved, dialled, and on to the next."""

from __future__ import annotations

from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.model.ids import ContactId, LineId, SessionId
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState
from tests.engine.rig import CAMPAIGN, Rig, of


def test_a_free_agent_is_reserved_and_the_commit_precedes_the_invite() -> None:
    rig = Rig(seats=1)
    commit = rig.all_of(c.CommitAttempt)[0]
    originate = rig.all_of(c.Originate)[0]
    assert (commit.session_id, commit.is_overdial) == (SessionId(1), False)
    assert (originate.attempt_id, originate.agent_leg) == (commit.attempt_id, "silent")
    assert originate.session_id == SessionId(1)
    assert rig.log.index(commit) < rig.log.index(originate)
    assert rig.state(1) is SeatState.RINGING


def test_the_record_is_readable_before_the_invite_leaves() -> None:
    rig = Rig(seats=1)
    told = next(s for s in rig.all_of(c.SetSeat) if s.state is SeatState.RINGING)
    originate = rig.all_of(c.Originate)[0]
    assert (told.attempt_id, told.contact_id) == (originate.attempt_id, ContactId(0))
    assert rig.log.index(told) < rig.log.index(originate)


def test_nothing_is_dialled_before_the_commit_is_answered() -> None:
    rig = Rig()
    rig.is_answering = False
    out = rig.seat_in(1)
    assert len(of(c.CommitAttempt, out)) == 1
    assert of(c.Originate, out) == []
    assert len(of(c.Originate, rig.answer_commits())) == 1


def test_after_a_failed_call_the_next_leaves_in_the_same_breath() -> None:
    rig = Rig(seats=1)
    first = rig.call()
    rig.clock.advance(3.0)
    out = rig.dialler.handle(
        e.CallEnded(rig.line(first), first.attempt_id, rig.facts(first, 486, "network")),
        rig.clock.now(),
    )
    closed = of(c.CloseAttempt, out)[0]
    assert (closed.outcome, closed.formula_class) == (Outcome.BUSY, FormulaClass.UNANSWERED)
    assert len(of(c.CommitAttempt, out)) == 1


def test_a_whole_call() -> None:
    rig = Rig(seats=1)
    call = rig.call()
    rig.ring(call)
    rig.clock.advance(9.0)
    rig.answer(call)
    assert rig.state(1) is SeatState.CONNECTING
    assert rig.all_of(c.ConnectAgent) == []  # its leg is up already
    rig.clock.advance(0.05)
    rig.bridge(call, 1)
    assert rig.state(1) is SeatState.TALKING
    rig.clock.advance(60.0)
    out = rig.end(call)
    closed = of(c.CloseAttempt, out)[0]
    assert (closed.outcome, closed.formula_class) == (Outcome.CONNECTED, FormulaClass.L)
    wrap = of(c.SetSeat, out)[0]
    assert wrap.state is SeatState.WRAP_UP
    assert wrap.until == rig.clock.now().after(rig.campaign.wrap_up_limit_s)
    rig.clock.advance(5.0)
    out = rig.send(e.OutcomeChosen(SessionId(1), call.attempt_id, "no"))
    assert of(c.SetSeat, out)[0].state is SeatState.AVAILABLE
    assert rig.state(1) is SeatState.RINGING  # the next call
    assert rig.dialler.campaign(CAMPAIGN).handle_log[0].talk_s == 60.0
    assert rig.dialler.campaign(CAMPAIGN).handle_log[0].wrap_s == 5.0


def test_stages_are_told_in_order() -> None:
    rig = Rig(seats=1)
    call = rig.call()
    rig.ring(call)
    rig.talk()
    rig.end(call)
    stages = [move.stage for move in rig.all_of(c.MoveAttempt) if move.attempt_id == "a0"]
    assert stages == [
        CallStage.DIALLING,
        CallStage.RINGING,
        CallStage.CONNECTING,
        CallStage.TALKING,
    ]


def test_never_more_calls_than_seats_or_lines() -> None:
    rig = Rig(seats=5, lines=3)
    assert len(rig.calls) == 3
    assert [rig.state(n) for n in (4, 5)] == [SeatState.AVAILABLE] * 2


def test_a_campaign_that_nobody_limits_uses_all_lines() -> None:
    rig = Rig(seats=60, lines=60)
    assert len(rig.calls) == 60


def test_never_more_calls_than_the_campaign_allows() -> None:
    rig = Rig(seats=5, lines=8, settings={"max_lines": 2})
    assert len(rig.calls) == 2


def test_a_refused_record_is_dropped_and_the_next_tried() -> None:
    rig = Rig()
    rig.refuse = {ContactId(0), ContactId(1)}
    rig.seat_in(1)
    assert len(rig.all_of(c.CommitAttempt)) == 3
    assert [o.number for o in rig.all_of(c.Originate)] == ["+441614960002"]
    assert len(rig.calls) == 1
    assert rig.all_of(c.ReturnRecord) == []


def test_a_refusal_costs_the_seat_neither_its_place_nor_a_word() -> None:
    rig = Rig(lines=1)
    rig.is_answering = False
    rig.seat_in(1)
    rig.clock.advance(1.0)
    rig.seat_in(2)
    rig.refuse = {ContactId(0)}
    rig.clock.advance(0.5)
    command = rig.pending.popleft()
    rig.list.clear()
    for record in rig.dialler.campaign(CAMPAIGN).stock.clear():
        del record
    out = rig.send(e.AttemptRefused(command.attempt_id, "OUT_OF_HOURS"))
    assert of(c.SetSeat, out) == []
    assert rig.state(1) is SeatState.AVAILABLE
    assert rig.dialler.campaign(CAMPAIGN).longest_idle() == SessionId(1)


def test_an_early_end_before_ringing_is_tolerated() -> None:
    rig = Rig(seats=1)
    call = rig.call()
    out = rig.end(call, 503, "network")
    assert of(c.CloseAttempt, out)[0].outcome is Outcome.NETWORK_CONGESTION
    assert rig.send(e.CallRinging(LineId("line0"), call.attempt_id)) == []
    assert rig.ring(rig.call())  # the next call still moves


def test_bridged_before_answered_is_tolerated() -> None:
    rig = Rig(seats=1)
    call = rig.call()
    rig.bridge(call, 1)
    assert rig.state(1) is SeatState.TALKING
    rig.answer(call)
    assert call.stage is CallStage.TALKING


def test_who_leaves_before_a_word_is_said_leaves_nothing_to_code() -> None:
    rig = Rig(seats=1, people=1)
    call = rig.call()
    rig.answer(call)
    rig.bridge(call, 1)
    rig.clock.advance(0.3)
    closed = of(c.CloseAttempt, rig.end(call))[0]
    assert closed.outcome is Outcome.SHORT_HANGUP
    assert rig.state(1) is SeatState.AVAILABLE
    assert rig.dialler.campaign(CAMPAIGN).counts.live == 0


def test_an_outcome_pressed_before_the_end_is_known_goes_on_at_once() -> None:
    rig = Rig(seats=1)
    call = rig.talk()
    assert of(c.SetSeat, rig.send(e.OutcomeChosen(SessionId(1), call.attempt_id, "no"))) == []
    assert rig.state(1) is SeatState.TALKING
    out = rig.end(call)
    assert [s.state for s in of(c.SetSeat, out)] == [
        SeatState.WRAP_UP,
        SeatState.AVAILABLE,
        SeatState.RINGING,
    ]


def test_late_double_and_foreign_outcomes_are_ignored() -> None:
    rig = Rig(seats=1)
    call = rig.talk()
    rig.end(call)
    assert rig.send(e.OutcomeChosen(SessionId(1), rig.call_id("other"), "no")) == []
    assert rig.state(1) is SeatState.WRAP_UP
    rig.send(e.OutcomeChosen(SessionId(1), call.attempt_id, "no"))
    assert rig.state(1) is SeatState.RINGING
    assert rig.send(e.OutcomeChosen(SessionId(1), call.attempt_id, "no")) == []
    assert rig.send(e.OutcomeChosen(SessionId(9), call.attempt_id, "no")) == []


def test_a_machine_moves_from_live_to_machines() -> None:
    rig = Rig(seats=1)
    call = rig.talk()
    counts = rig.dialler.campaign(CAMPAIGN)
    assert counts.counts.live == 0  # a conversation counts when it is over, as on the record
    rig.end(call)
    assert counts.counts.live == 1
    rig.send(e.OutcomeChosen(SessionId(1), call.attempt_id, "machine"))
    assert (counts.counts.live, counts.counts.machines) == (0, 1)
    assert counts.handle_log[0].was_machine


def test_a_late_connection_counts_as_abandoned() -> None:
    rig = Rig(seats=1)
    call = rig.call()
    rig.answer(call)
    rig.clock.advance(2.5)
    rig.bridge(call, 1)
    counts = rig.dialler.campaign(CAMPAIGN).counts
    assert (counts.live, counts.abandoned) == (0, 1)
    rig.clock.advance(30.0)
    assert of(c.CloseAttempt, rig.end(call))[0].formula_class is FormulaClass.AOBS
    assert rig.dialler.campaign(CAMPAIGN).counts.abandoned == 1


def test_the_list_is_asked_again_after_five_seconds() -> None:
    rig = Rig(people=0)
    rig.seat_in(1)
    asked = len(rig.all_of(c.LeaseRecords))
    rig.wait(4.9)
    assert len(rig.all_of(c.LeaseRecords)) == asked
    rig.wait(0.2)
    assert len(rig.all_of(c.LeaseRecords)) == asked + 1
    assert "no more records" in rig.all_of(c.NoteDecision)[-1].reason


def test_the_list_is_asked_at_once_when_the_campaign_is_set_anew() -> None:
    rig = Rig(people=0)
    rig.seat_in(1)
    asked = len(rig.all_of(c.LeaseRecords))
    rig.send(e.CampaignSet(rig.campaign))
    assert len(rig.all_of(c.LeaseRecords)) == asked + 1


def test_a_contact_in_hand_is_not_taken_twice() -> None:
    rig = Rig(seats=2)
    busy = rig.call().record
    rig.send(e.RecordsLeased(CAMPAIGN, [busy, busy]))
    assert busy not in rig.dialler.campaign(CAMPAIGN).stock.records


def test_the_stock_stays_small() -> None:
    rig = Rig(seats=3)
    assert len(rig.dialler.campaign(CAMPAIGN).stock) <= 2 * 3 + len(rig.calls)


def test_a_lost_line_closes_its_call_by_what_is_known() -> None:
    rig = Rig(seats=3, lines=3)
    ringing, answered, talking = rig.calls
    rig.answer(answered)
    rig.answer(talking)
    assert talking.session_id is not None
    rig.bridge(talking, talking.session_id)
    closed = []
    for call in (ringing, answered, talking):
        closed += of(c.CloseAttempt, rig.send(e.LineLost(rig.line(call))))
    assert [(one.outcome, one.formula_class) for one in closed] == [
        (Outcome.LINE_LOST, FormulaClass.EXCLUDED),
        (Outcome.ABANDONED, FormulaClass.AOBS),
        (Outcome.CONNECTED, FormulaClass.L),
    ]
    assert all(one.facts is None for one in closed)
    assert [rig.state(n) for n in (1, 2, 3)] == [
        SeatState.AVAILABLE,
        SeatState.AVAILABLE,
        SeatState.WRAP_UP,
    ]
    assert dict(rig.dialler.lines) == {}


def test_a_line_lost_between_commit_and_invite_is_replaced_by_another() -> None:
    rig = Rig(lines=2)
    rig.is_answering = False
    rig.seat_in(1)
    rig.send(e.LineLost(LineId("line0")))
    out = rig.answer_commits()
    assert of(c.Originate, out)[0].line_id == LineId("line1")


def test_without_another_line_the_committed_attempt_is_cancelled() -> None:
    rig = Rig(lines=1)
    rig.is_answering = False
    rig.seat_in(1)
    rig.send(e.LineLost(LineId("line0")))
    out = rig.answer_commits()
    assert of(c.Originate, out) == []
    assert of(c.CloseAttempt, out)[0].outcome is Outcome.DIALLER_CANCELLED
    assert rig.state(1) is SeatState.AVAILABLE


def test_a_line_that_comes_back_empty_is_given_time_to_tell_the_end() -> None:
    rig = Rig(seats=1)
    call = rig.talk()
    assert of(c.CloseAttempt, rig.send(e.LineUp(rig.line(call)))) == []
    out = rig.end(call)  # the replay
    assert of(c.CloseAttempt, out)[0].facts is not None


def test_a_line_that_comes_back_empty_and_says_nothing_has_lost_the_call() -> None:
    rig = Rig(seats=1, people=1)
    call = rig.call()
    rig.send(e.LineUp(rig.line(call)))
    assert of(c.CloseAttempt, rig.wait(14.9)) == []
    out = rig.wait(0.2)
    assert of(c.CloseAttempt, out)[0].outcome is Outcome.LINE_LOST
    assert of(c.EndCall, out) == [c.EndCall(LineId("line0"), call.attempt_id, now=True)]
    assert rig.dialler.lines[LineId("line0")] is None


def test_a_line_that_comes_back_empty_after_a_conversation_is_soon_believed() -> None:
    rig = Rig(seats=1, people=1)
    rig.send(e.LineUp(rig.line(rig.talk())))
    assert of(c.CloseAttempt, rig.wait(2.1))[0].outcome is Outcome.CONNECTED


def test_a_word_from_the_line_proves_that_it_has_the_call() -> None:
    rig = Rig(seats=1, people=1)
    call = rig.call()
    rig.send(e.LineUp(rig.line(call)))  # a snapshot that is older than our word to dial
    rig.ring(call)
    assert of(c.CloseAttempt, rig.wait(30.0)) == []


def test_the_preview_mode_differs_in_the_leg_only_on_the_line() -> None:
    assert Rig(Mode.PROGRESSIVE, seats=1).call().agent_leg == "silent"


def test_a_person_who_leaves_at_once_leaves_nothing_to_code() -> None:
    rig = Rig(seats=1)
    call = rig.call()
    rig.answer(call)
    rig.bridge(call, 1)
    rig.clock.advance(0.3)
    out = rig.end(call)
    assert of(c.CloseAttempt, out)[0].outcome is Outcome.SHORT_HANGUP
    assert of(c.SetSeat, out)[0].state is SeatState.AVAILABLE
    assert rig.dialler.campaign(CAMPAIGN).counts.live == 0
