"""Calls in progress: hold, third parties, handing over, recording, keys, supervisors."""

from __future__ import annotations

import pytest

from dialer_core.engine import commands as c
from dialer_core.engine import control_commands as cc
from dialer_core.engine import control_events as ce
from dialer_core.engine import events as e
from dialer_core.model.call_control import (
    FOR_COLLEAGUES,
    Arrangement,
    CallAction,
    CallWish,
    Listening,
    RecordingPolicy,
    RecordingState,
    ThirdStage,
)
from dialer_core.model.ids import CampaignId, SessionId
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState
from tests.engine.control_rig import OUTSIDE, ControlRig
from tests.engine.rig import CAMPAIGN, of, record_of

A = CallAction


@pytest.fixture
def rig() -> ControlRig:
    return ControlRig()


def test_hold_and_back_are_what_the_line_says(rig: ControlRig) -> None:
    call = rig.up()
    out = rig.wish(call, A.HOLD)
    assert of(cc.ArrangeCall, out) == [
        cc.ArrangeCall(rig.line(call), call.attempt_id, Arrangement.HOLD)
    ]
    assert call.arrangement is Arrangement.TALK, "not before the bridge has said so"
    out = rig.arranged(call, Arrangement.HOLD)
    assert [one.arrangement for one in of(cc.NoteControl, out)] == [Arrangement.HOLD]
    assert of(cc.ArrangeCall, rig.wish(call, A.HOLD)) == [], "it is on hold already"
    out = rig.wish(call, A.RESUME)
    assert [one.how for one in of(cc.ArrangeCall, out)] == [Arrangement.TALK]


def test_only_the_seat_that_has_the_call_may_wish(rig: ControlRig) -> None:
    call = rig.up()
    out = rig.wish(call, A.HOLD, session=2)
    assert of(cc.ArrangeCall, out) == []
    (note,) = of(cc.NoteTrouble, out)
    assert note.session_id == 2
    assert "not in your hands" in note.sentence
    assert rig.trouble(1) == ""


@pytest.mark.parametrize(
    ("action", "part"),
    [
        (A.HAND_OVER, "no third party"),
        (A.CONFERENCE, "no third party"),
        (A.CANCEL_THIRD, "no third party"),
        (A.CONSULT, "whom to call"),
        (A.RECORD_START, "not recorded"),
        (A.DIGITS, "keys 0 to 9"),
    ],
)
def test_what_cannot_be_is_answered_and_changes_nothing(
    rig: ControlRig, action: CallAction, part: str
) -> None:
    call = rig.up()
    out = rig.wish(call, action)
    assert [type(one) for one in out if not isinstance(one, c.NoteDecision)] == [cc.NoteTrouble]
    assert part in rig.trouble()
    assert (call.arrangement, call.third) == (Arrangement.TALK, None)
    rig.wish(call, A.HOLD)
    assert rig.trouble() == "", "the next wish takes the sentence back"


def test_nothing_can_be_wished_before_the_person_is_there() -> None:
    rig = ControlRig()
    call = rig.call()
    out = rig.wish(call, A.HOLD)
    assert [one.sentence for one in of(cc.NoteTrouble, out)] == ["Nobody is on the line yet."]


def test_a_colleague_is_consulted_and_gives_the_call_back(rig: ControlRig) -> None:
    call = rig.up()
    out = rig.wish(call, A.CONSULT, colleague=2)
    (dial,) = of(cc.DialThird, out)
    assert (dial.session_id, dial.number, dial.is_blind, dial.back_to) == (2, "", False, None)
    assert rig.state(2) is SeatState.CONNECTING
    assert rig.seat(2).attempt_id == call.attempt_id
    assert rig.seat(2).record == call.record, "the record pops on the colleague's screen"
    state = rig.dialler.campaign(CAMPAIGN)
    assert SessionId(2) in state.paused, "the pacer is not offered them"
    rig.third(call, ThirdStage.UP)
    assert rig.state(2) is SeatState.TALKING
    out = rig.third(call, ThirdStage.GONE)
    assert rig.state(2) is SeatState.AVAILABLE
    assert SessionId(2) in state.idle
    assert (rig.state(1), call.session_id, call.third) == (SeatState.TALKING, 1, None)


def test_a_colleague_who_is_not_free_is_not_called(rig: ControlRig) -> None:
    call = rig.up()
    rig.send(e.PauseWanted(SessionId(2), "Lunch"))
    out = rig.wish(call, A.CONSULT, colleague=2)
    assert of(cc.DialThird, out) == []
    assert "Agent 2 is not free" in rig.trouble()
    rig.send(e.PauseWanted(SessionId(2), FOR_COLLEAGUES))
    rig.wish(call, A.CONSULT, colleague=2)
    assert rig.state(2) is SeatState.CONNECTING
    rig.third(call, ThirdStage.GONE)
    assert (rig.state(2), rig.seat(2).reason) == (SeatState.PAUSED, FOR_COLLEAGUES)


def test_handing_over_to_a_colleague_makes_the_call_theirs(rig: ControlRig) -> None:
    call = rig.consult()
    out = rig.wish(call, A.HAND_OVER)
    assert [one.how for one in of(cc.ArrangeCall, out)] == [Arrangement.HANDED_OVER]
    out = rig.arranged(call, Arrangement.HANDED_OVER)
    assert rig.state(1) is SeatState.WRAP_UP, "the first agent is free at once"
    assert (rig.state(2), call.session_id) == (SeatState.TALKING, 2)
    moves = of(c.MoveAttempt, out)
    assert [(one.stage, one.session_id) for one in moves] == [(CallStage.TALKING, 2)]
    assert [one.is_handed_over for one in of(cc.NoteThird, out)] == [True]
    rig.send(e.OutcomeChosen(SessionId(1), call.attempt_id, "sale"))
    assert rig.state(1) is SeatState.AVAILABLE
    assert SessionId(2) in rig.dialler.campaign(CAMPAIGN).talking
    rig.clock.advance(30.0)
    out = rig.end(call)
    (close,) = of(c.CloseAttempt, out)
    assert (close.outcome, close.formula_class) == (Outcome.CONNECTED, FormulaClass.L)
    assert close.facts is not None
    assert close.facts.session_id == 2
    assert rig.state(2) is SeatState.WRAP_UP
    handles = rig.dialler.campaign(CAMPAIGN).handle_log
    assert len(handles) == 1, "the first agent's part is a handling of its own"


def test_a_call_that_was_handed_over_can_only_end(rig: ControlRig) -> None:
    call = rig.consult()
    rig.arranged(call, Arrangement.HANDED_OVER)
    out = rig.wish(call, A.HOLD, session=2)
    assert of(cc.ArrangeCall, out) == []
    assert "handed over" in rig.trouble(2)


def test_handing_over_outside_frees_the_agent_and_the_call_goes_on(rig: ControlRig) -> None:
    call = rig.up()
    out = rig.wish(call, A.CONSULT, number=OUTSIDE)
    assert len(of(cc.ClearThird, out)) == 1, "the gate is asked first"
    (dial,) = of(cc.DialThird, out)
    assert (dial.number, dial.session_id) == (OUTSIDE, None)
    rig.third(call, ThirdStage.UP)
    rig.arranged(call, Arrangement.CONSULT)
    rig.arranged(call, Arrangement.HANDED_OVER)
    assert rig.state(1) is SeatState.WRAP_UP
    assert call.session_id is None
    assert rig.dialler.lines[rig.line(call)] == call.attempt_id, "the line stays busy"
    rig.send(e.OutcomeChosen(SessionId(1), call.attempt_id, "machine"))
    assert rig.state(1) is SeatState.AVAILABLE
    rig.clock.advance(60.0)
    out = rig.end(call)
    (close,) = of(c.CloseAttempt, out)
    assert (close.outcome, close.formula_class) == (Outcome.CONNECTED, FormulaClass.M)


def test_logging_out_after_handing_over_does_not_end_the_call(rig: ControlRig) -> None:
    call = rig.up()
    rig.wish(call, A.CONSULT, number=OUTSIDE)
    rig.third(call, ThirdStage.UP)
    rig.arranged(call, Arrangement.HANDED_OVER)
    out = rig.send(e.SeatClosed(SessionId(1)))
    assert of(c.EndCall, out) == []
    assert call.stage is CallStage.TALKING


def test_a_number_that_the_gate_refuses_is_not_called(rig: ControlRig) -> None:
    call = rig.up()
    rig.refusal = "This person is on your own do-not-call list; never again."
    out = rig.wish(call, A.BLIND_TRANSFER, number=OUTSIDE)
    assert of(cc.DialThird, out) == []
    assert rig.trouble() == rig.refusal
    assert call.third is None
    rig.refusal = ""
    assert len(of(cc.DialThird, rig.wish(call, A.CONSULT, number=OUTSIDE))) == 1


def test_giving_up_while_the_gate_is_asked_calls_nobody(rig: ControlRig) -> None:
    call = rig.up()
    rig.is_gate_slow = True
    (asked,) = of(cc.ClearThird, rig.wish(call, A.CONSULT, number=OUTSIDE))
    assert of(cc.DropThird, rig.wish(call, A.CANCEL_THIRD)) == []
    out = rig.send(rig.gate_says(asked))
    assert of(cc.DialThird, out) == []
    assert [one.stage for one in of(cc.NoteThird, out)] == [ThirdStage.GONE]


def test_a_blind_transfer_keeps_the_agent_until_somebody_answers(rig: ControlRig) -> None:
    call = rig.up()
    (dial,) = of(cc.DialThird, rig.wish(call, A.BLIND_TRANSFER, number=OUTSIDE))
    assert (dial.is_blind, dial.back_to) == (True, 1)
    rig.arranged(call, Arrangement.HOLD)
    rig.third(call, ThirdStage.RINGING)
    assert rig.state(1) is SeatState.TALKING, "nobody else's call may come to this phone"
    rig.third(call, ThirdStage.GONE, 486, "The third party is busy.")
    rig.arranged(call, Arrangement.HOLD)
    rig.bridge(call, 1)  # the agent's phone was called again
    rig.arranged(call, Arrangement.TALK)
    assert (rig.state(1), call.arrangement) == (SeatState.TALKING, Arrangement.TALK)
    assert rig.trouble() == "The third party is busy."


def test_a_blind_transfer_to_a_colleague_gives_them_the_call(rig: ControlRig) -> None:
    call = rig.up()
    rig.wish(call, A.BLIND_TRANSFER, colleague=2)
    rig.third(call, ThirdStage.UP)
    rig.arranged(call, Arrangement.HANDED_OVER)
    assert (rig.state(1), rig.state(2)) == (SeatState.WRAP_UP, SeatState.TALKING)
    assert call.session_id == 2


def test_the_call_is_not_given_to_another_campaign(rig: ControlRig) -> None:
    other = CampaignId(2)
    rig.send(e.SeatOpened(SessionId(9), other, "Zoe"))
    rig.send(e.AvailableWanted(SessionId(9)))
    call = rig.up()
    rig.wish(call, A.BLIND_TRANSFER, colleague=9)
    assert "another campaign" in rig.trouble()
    rig.wish(call, A.CONSULT, colleague=9)
    rig.third(call, ThirdStage.UP)
    out = rig.wish(call, A.HAND_OVER)
    assert of(cc.ArrangeCall, out) == []
    assert "keep the call" in rig.trouble()


def test_a_conference_needs_a_third_who_is_there(rig: ControlRig) -> None:
    call = rig.up()
    rig.wish(call, A.CONSULT, colleague=2)
    rig.wish(call, A.CONFERENCE)
    assert "not answered" in rig.trouble()
    rig.third(call, ThirdStage.UP)
    out = rig.wish(call, A.CONFERENCE)
    assert [one.how for one in of(cc.ArrangeCall, out)] == [Arrangement.CONFERENCE]
    rig.arranged(call, Arrangement.CONFERENCE)
    rig.wish(call, A.HOLD)
    assert "conference" in rig.trouble()
    out = rig.wish(call, A.RESUME)
    assert [one.how for one in of(cc.ArrangeCall, out)] == [Arrangement.TALK]


def test_between_person_and_third_the_agent_goes_to_and_fro(rig: ControlRig) -> None:
    call = rig.consult()
    rig.wish(call, A.RESUME)
    rig.arranged(call, Arrangement.TALK)
    assert call.third is not None
    out = rig.wish(call, A.CONSULT)
    assert [one.how for one in of(cc.ArrangeCall, out)] == [Arrangement.CONSULT]
    out = rig.wish(call, A.CONSULT, number=OUTSIDE)
    assert "already" in rig.trouble()
    assert of(cc.ClearThird, out) == []


def test_the_persons_hang_up_frees_both_agents(rig: ControlRig) -> None:
    call = rig.consult()
    rig.clock.advance(20.0)
    out = rig.end(call)
    assert rig.state(1) is SeatState.WRAP_UP
    assert rig.state(2) is SeatState.AVAILABLE
    assert [one.stage for one in of(cc.NoteThird, out)] == [ThirdStage.GONE]


def test_a_line_that_dies_leaves_no_colleague_behind(rig: ControlRig) -> None:
    call = rig.consult()
    out = rig.send(e.LineLost(rig.line(call)))
    assert (rig.state(1), rig.state(2)) == (SeatState.WRAP_UP, SeatState.AVAILABLE)
    assert [one.outcome for one in of(c.CloseAttempt, out)] == [Outcome.CONNECTED]


def test_a_colleague_who_logs_out_is_off_the_call(rig: ControlRig) -> None:
    call = rig.consult()
    rig.send(e.SeatClosed(SessionId(2)))
    assert call.third is None
    assert rig.state(1) is SeatState.TALKING


def test_what_the_line_refuses_is_told_to_the_agent(rig: ControlRig) -> None:
    call = rig.up()
    rig.wish(call, A.CONSULT, colleague=2)
    refused = ce.WishRefused(rig.line(call), call.attempt_id, "dial_third", "The call is ending.")
    rig.send(refused)
    assert rig.trouble() == "The call is ending."
    assert (call.third, rig.state(2)) == (None, SeatState.AVAILABLE)


def test_keys_go_to_whom_the_agent_talks_with(rig: ControlRig) -> None:
    call = rig.up()
    (keys,) = of(cc.PressKeys, rig.wish(call, A.DIGITS, digits="12#a"))
    assert (keys.digits, keys.to) == ("12#A", "person")
    assert "12" not in repr(keys)
    rig.wish(call, A.CONSULT, colleague=2)
    rig.third(call, ThirdStage.UP)
    rig.arranged(call, Arrangement.CONSULT)
    (keys,) = of(cc.PressKeys, rig.wish(call, A.DIGITS, digits="0"))
    assert keys.to == "third"
    assert of(cc.PressKeys, rig.wish(call, A.DIGITS, digits="12x")) == []


def test_recording_on_demand_with_a_pause_for_the_payment() -> None:
    rig = ControlRig(settings={"recording": RecordingPolicy.ON_DEMAND})
    call = rig.up()
    rig.wish(call, A.RECORD_PAUSE)
    assert "not being recorded" in rig.trouble()
    (order,) = of(cc.SetRecording, rig.wish(call, A.RECORD_START))
    assert order.how == "start"
    out = rig.recording(call, RecordingState.RECORDING)
    (note,) = of(cc.NoteRecording, out)
    assert (note.state, note.policy, note.path, note.session_id) == (
        RecordingState.RECORDING,
        RecordingPolicy.ON_DEMAND,
        "a.wav",
        1,
    )
    (order,) = of(cc.SetRecording, rig.wish(call, A.RECORD_PAUSE))
    assert order.how == "pause"
    rig.recording(call, RecordingState.PAUSED, "The recording has been paused for 300 s.")
    assert "300 s" in rig.trouble(), "the alarm"
    (order,) = of(cc.SetRecording, rig.wish(call, A.RECORD_RESUME))
    assert order.how == "resume"
    assert of(cc.SetRecording, rig.wish(call, A.RECORD_START)) == []


def test_a_supervisor_listens_and_takes_the_call_over(rig: ControlRig) -> None:
    call = rig.up()
    rig.supervise(call, Listening.LISTEN, 2)
    assert "pause first" in rig.trouble(2)
    rig.send(e.PauseWanted(SessionId(2), "Supervising"))
    (order,) = of(cc.Supervise, rig.supervise(call, Listening.LISTEN, 2))
    assert (order.session_id, order.how) == (2, Listening.LISTEN)
    out = rig.supervised(call, Listening.LISTEN, 2)
    assert [one.how for one in of(cc.NoteSupervision, out)] == [Listening.LISTEN]
    rig.supervise(call, Listening.TAKE_OVER, 2)
    out = rig.supervised(call, Listening.TAKE_OVER, 2)
    assert (rig.state(1), rig.state(2)) == (SeatState.WRAP_UP, SeatState.TALKING)
    assert call.session_id == 2
    assert [one.session_id for one in of(c.MoveAttempt, out)] == [2]
    rig.clock.advance(30.0)
    rig.end(call)
    rig.send(e.OutcomeChosen(SessionId(2), call.attempt_id, "sale"))
    assert (rig.state(2), rig.seat(2).reason) == (SeatState.PAUSED, "Supervising")


def test_one_supervisor_a_call_and_one_call_a_supervisor() -> None:
    rig = ControlRig(seats=3)
    call = rig.up()
    for number in (2, 3):
        rig.send(e.PauseWanted(SessionId(number), "Supervising"))
    rig.supervise(call, Listening.LISTEN, 2)
    rig.supervised(call, Listening.LISTEN, 2)
    assert of(cc.Supervise, rig.supervise(call, Listening.BARGE, 3)) == []
    assert "Another supervisor" in rig.trouble(3)
    assert of(cc.Supervise, rig.supervise(call, Listening.LISTEN, 1)) == []
    assert "your own call" in rig.trouble(1)
    (order,) = of(cc.Supervise, rig.supervise(call, Listening.LEAVE, 2))
    assert order.how is Listening.LEAVE
    rig.supervised(call, None, 2)
    assert call.supervisor is None


def test_the_end_of_the_call_ends_the_listening(rig: ControlRig) -> None:
    call = rig.up()
    rig.send(e.PauseWanted(SessionId(2), "Supervising"))
    rig.supervise(call, Listening.LISTEN, 2)
    rig.supervised(call, Listening.LISTEN, 2)
    out = rig.end(call)
    assert [(one.session_id, one.how) for one in of(cc.NoteSupervision, out)] == [(2, None)]


def test_a_wish_of_a_session_that_nobody_knows_is_passed_over(rig: ControlRig) -> None:
    call = rig.up()
    wish = CallWish(A.HOLD, call.attempt_id)
    rig.wait(1.0)  # what the pacer has to say is said
    assert rig.send(ce.CallWanted(SessionId(77), wish)) == []
    assert rig.send(ce.SuperviseWanted(SessionId(77), call.attempt_id, Listening.LISTEN)) == []


def test_nothing_is_lost_over_a_restart() -> None:
    before = ControlRig()
    call = before.consult()
    rig = ControlRig(seats=0, lines=0)
    record = call.record
    rig.begin_anew()
    talking = SeatState.TALKING
    for number in (1, 2):
        rig.send(
            e.SeatOpened(
                SessionId(number),
                CAMPAIGN,
                f"Agent {number}",
                talking,
                rig.clock.now(),
                call.attempt_id,
            )
        )
    assert call.third is not None
    control = ce.RestoredControl(
        Arrangement.CONSULT,
        RecordingState.PAUSED,
        call.third.ref,
        ThirdStage.UP,
        SessionId(2),
    )
    now = rig.clock.now()
    rig.send(
        e.AttemptRestored(
            call.attempt_id,
            CAMPAIGN,
            record,
            Mode.PROGRESSIVE,
            CallStage.TALKING,
            SessionId(1),
            now,
            now,
            control,
        )
    )
    line = rig.line_id("line0")
    rig.send(e.LineUp(line, call.attempt_id, CallStage.TALKING, SessionId(1)))
    rig.send(e.Recovered())
    restored = rig.call()
    assert (restored.arrangement, restored.recording) == (
        Arrangement.CONSULT,
        RecordingState.PAUSED,
    )
    assert (rig.state(1), rig.state(2)) == (talking, talking)
    assert rig.seat(2).is_helping
    rig.wish(restored, A.HAND_OVER)
    rig.arranged(restored, Arrangement.HANDED_OVER)
    assert (rig.state(1), restored.session_id) == (SeatState.WRAP_UP, 2)


def test_a_call_that_was_handed_over_outside_stays_so_over_a_restart() -> None:
    rig = ControlRig(seats=0, lines=0)
    rig.begin_anew()
    attempt = rig.attempt("a9")
    now = rig.clock.now()
    wrap_up = SeatState.WRAP_UP
    rig.send(e.SeatOpened(SessionId(1), CAMPAIGN, "Agent 1", wrap_up, now, attempt))
    control = ce.RestoredControl(Arrangement.HANDED_OVER)
    record = record_of(7)
    rig.send(
        e.AttemptRestored(
            attempt,
            CAMPAIGN,
            record,
            Mode.PROGRESSIVE,
            CallStage.TALKING,
            SessionId(1),
            now,
            now,
            control,
        )
    )
    rig.send(e.LineUp(rig.line_id("line0"), attempt, CallStage.TALKING, SessionId(1)))
    rig.send(e.Recovered())
    rig.send(e.SeatClosed(SessionId(1)))
    assert attempt in rig.dialler.calls, "nobody ended it"
    rig.clock.advance(30.0)
    out = rig.end(rig.call())
    assert [one.outcome for one in of(c.CloseAttempt, out)] == [Outcome.CONNECTED]
