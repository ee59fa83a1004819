"""Calls by hand, calls that come in, messages with keys, and answers that detection judges."""

from __future__ import annotations

import pytest

from dialer_core.engine import commands as c
from dialer_core.engine import control_commands as cc
from dialer_core.engine import control_events as ce
from dialer_core.engine import events as e
from dialer_core.engine.calls import Call
from dialer_core.model.call_control import AskedByKey
from dialer_core.model.ids import ContactId, LineId, SessionId
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState
from tests.engine.control_rig import OUTSIDE, ControlRig
from tests.engine.rig import CAMPAIGN, Rig, of, record_of

LINE = LineId("line0")


# --- by hand ----------------------------------------------------------------------------------


@pytest.fixture
def hand() -> ControlRig:
    return ControlRig(Mode.MANUAL, seats=2)


def dial(rig: ControlRig, session: int = 1) -> list[c.Command]:
    return rig.send(ce.ManualDialWanted(SessionId(session), OUTSIDE))


def test_a_campaign_by_hand_dials_nobody_by_itself(hand: ControlRig) -> None:
    hand.wait(60.0)
    assert hand.calls == []
    assert hand.all_of(c.LeaseRecords) == []


def test_a_number_dialled_by_hand_rings_in_the_agents_ear(hand: ControlRig) -> None:
    out = dial(hand)
    (commit,) = of(c.CommitAttempt, out)
    assert (commit.mode, commit.session_id, commit.is_overdial) == (Mode.MANUAL, 1, False)
    (order,) = of(c.Originate, out)
    assert (order.agent_leg, order.session_id, order.is_judged) == ("ringing", 1, False)
    assert hand.state(1) is SeatState.RINGING
    call = hand.call()
    hand.talk()
    assert hand.state(1) is SeatState.TALKING
    (close,) = of(c.CloseAttempt, hand.end(call))
    assert (close.outcome, close.formula_class) == (Outcome.CONNECTED, FormulaClass.EXCLUDED)
    assert hand.state(1) is SeatState.WRAP_UP
    assert hand.dialler.campaign(CAMPAIGN).ring_log == [], "it teaches the pacer nothing"


def test_the_gates_no_reaches_the_agent(hand: ControlRig) -> None:
    hand.refusal = "After a busy line this number rests until Tue 3 Mar 10:15 their time."
    assert of(c.CommitAttempt, dial(hand)) == []
    assert hand.trouble() == hand.refusal
    hand.refusal = ""
    hand.refuse.add(ContactId(500))  # at the last moment
    dial(hand)
    assert (hand.state(1), hand.trouble()) == (SeatState.AVAILABLE, "OUT_OF_HOURS")
    assert hand.calls == []


def test_who_dials_in_a_pause_goes_back_to_it(hand: ControlRig) -> None:
    hand.send(e.PauseWanted(SessionId(1), "Technical"))
    dial(hand)
    assert hand.state(1) is SeatState.RINGING
    hand.end(hand.call(), 486, "network")
    assert (hand.state(1), hand.seat(1).reason) == (SeatState.PAUSED, "Technical")


def test_one_call_at_a_time_by_hand(hand: ControlRig) -> None:
    dial(hand)
    assert of(cc.ClearNumber, dial(hand)) == []
    assert "in hand" in hand.trouble()


def test_nobody_is_dialled_whom_a_colleague_has_in_hand(hand: ControlRig) -> None:
    dial(hand, 1)
    dial(hand, 2)  # the same person
    assert len(hand.calls) == 1
    assert "colleague" in hand.trouble(2)
    assert hand.state(2) is SeatState.AVAILABLE


def test_without_a_line_the_record_goes_back() -> None:
    rig = ControlRig(Mode.MANUAL, seats=1, lines=0)
    out = dial(rig)
    assert [one.contact_id for one in of(c.ReturnRecord, out)] == [500]
    assert "No line is free" in rig.trouble()
    assert rig.state(1) is SeatState.AVAILABLE


def test_beside_a_predictive_campaign_an_agent_may_dial_by_hand() -> None:
    rig = ControlRig(Mode.PREDICTIVE, seats=1)
    rig.send(e.PauseWanted(SessionId(1), "Technical"))
    rig.clock.advance(60.0)
    for call in rig.calls:
        rig.end(call, 486, "network")
    (order,) = of(c.Originate, dial(rig))
    assert order.agent_leg == "ringing"


# --- calls that come in -----------------------------------------------------------------------


class CallersRig(ControlRig):
    """Knows who calls, and which agents they know."""

    def __init__(self, seats: int = 2, known_to: tuple[int, ...] = (), **settings: object) -> None:
        self.known_to = tuple(SessionId(one) for one in known_to)
        self.is_known = True
        super().__init__(Mode.MANUAL, seats=seats, lines=2, settings=settings)

    def _answer(self, command: c.Command) -> e.Event | None:
        if isinstance(command, cc.FindCaller):
            return self.find(command) if not self.is_gate_slow else None
        return super()._answer(command)

    def find(self, command: cc.FindCaller) -> e.Event:
        if not self.is_known:
            return ce.CallerUnknown(command.line_id, command.call_ref, 404)
        return ce.CallerFound(
            command.line_id,
            command.call_ref,
            command.attempt_id,
            CAMPAIGN,
            record_of(600),
            command.gateway,
            self.known_to,
        )

    def ring_in(self, line: LineId = LINE, ref: str = "in1") -> list[c.Command]:
        return self.send(ce.CallOffered(line, ref, OUTSIDE, "+441614960000", "main"))


def test_a_caller_meets_the_agent_whom_they_know() -> None:
    rig = CallersRig(known_to=(2,))
    (take,) = of(cc.TakeCall, rig.ring_in())
    assert (take.line_id, take.call_ref, take.campaign_id) == (LINE, "in1", CAMPAIGN)
    call = rig.call()
    out = rig.answer(call)
    assert [one.session_id for one in of(c.ConnectAgent, out)] == [2]
    assert rig.seat(2).record == record_of(600), "the record pops"
    rig.bridge(call, 2)
    rig.clock.advance(30.0)
    (close,) = of(c.CloseAttempt, rig.end(call))
    assert (close.outcome, close.formula_class) == (Outcome.CONNECTED, FormulaClass.EXCLUDED)


def test_else_the_agent_who_has_been_free_longest() -> None:
    rig = CallersRig(known_to=(7,))
    rig.ring_in()
    out = rig.answer(rig.call())
    assert [one.session_id for one in of(c.ConnectAgent, out)] == [1]


def test_else_they_wait_and_the_first_who_is_free_takes_them() -> None:
    rig = CallersRig(seats=1)
    rig.send(e.PauseWanted(SessionId(1), "Lunch"))
    rig.ring_in()
    call = rig.call()
    assert of(c.ConnectAgent, rig.answer(call)) == []
    assert call.stage is CallStage.WAITING
    assert of(c.PlayMessage, rig.wait(60.0)) == [], "the limit of dialled calls is not theirs"
    assert rig.dialler.campaign(CAMPAIGN).unspoken == -1
    out = rig.send(e.AvailableWanted(SessionId(1)))
    assert [one.session_id for one in of(c.ConnectAgent, out)] == [1]


def test_who_has_waited_too_long_hears_so() -> None:
    rig = CallersRig(seats=0, longest_wait_s=90.0)
    rig.ring_in()
    call = rig.call()
    rig.answer(call)
    assert rig.dialler.wake_at_s == pytest.approx(rig.clock.now().mono_s + 90.0)
    assert len(of(c.PlayMessage, rig.wait(90.0))) == 1
    (close,) = of(c.CloseAttempt, rig.end(call, by="line"))
    assert (close.outcome, close.formula_class) == (Outcome.ABANDONED, FormulaClass.EXCLUDED)
    assert rig.dialler.campaign(CAMPAIGN).counts.abandoned == 0


def test_a_stranger_is_refused_and_the_line_is_free_again() -> None:
    rig = CallersRig()
    rig.is_known = False
    (refusal,) = of(cc.RefuseCall, rig.ring_in())
    assert refusal.status == 404
    assert rig.dialler.lines[LINE] is None


def test_a_line_that_has_a_call_takes_no_other() -> None:
    rig = CallersRig()
    rig.ring_in()
    (refusal,) = of(cc.RefuseCall, rig.ring_in(ref="in2"))
    assert (refusal.call_ref, refusal.status) == ("in2", 486)


def test_a_caller_who_gives_up_while_we_look_is_called_back() -> None:
    rig = CallersRig()
    rig.is_gate_slow = True
    (asked,) = of(cc.FindCaller, rig.ring_in())
    rig.send(ce.OfferOver(LINE, "in1"))
    assert rig.dialler.lines[LINE] is None
    out = rig.send(rig.find(asked))
    assert of(cc.TakeCall, out) == []
    (close,) = of(c.CloseAttempt, out)
    assert (close.outcome, close.formula_class) == (Outcome.ABANDONED, FormulaClass.EXCLUDED)
    assert rig.calls == []


def test_nothing_is_dialled_on_a_line_for_callers() -> None:
    rig = ControlRig(Mode.PROGRESSIVE, seats=1, lines=0)
    rig.send(e.LineUp(LINE, is_for_callers=True))
    rig.wait(6.0)
    assert rig.calls == []
    assert "No line" in rig.all_of(c.NoteDecision)[-1].reason


def test_a_key_in_the_queue_asks_to_be_called_later() -> None:
    rig = CallersRig(seats=1)
    rig.send(e.PauseWanted(SessionId(1), "Lunch"))
    rig.ring_in()
    call = rig.call()
    rig.answer(call)
    out = rig.send(ce.KeyHeard(LINE, call.attempt_id, "2", "person", AskedByKey.LATER))
    assert [one.asked for one in of(cc.NoteKey, out)] == [AskedByKey.LATER]
    out = rig.send(e.AvailableWanted(SessionId(1)))
    assert of(c.ConnectAgent, out) == [], "they hear that they will be called"
    (close,) = of(c.CloseAttempt, rig.end(call, by="line"))
    assert close.outcome is Outcome.CALL_BACK


# --- messages with keys -----------------------------------------------------------------------


def agentless(seats: int = 0, *, wav: str = "/m.wav") -> ControlRig:
    rig = ControlRig(
        Mode.AGENTLESS, seats=seats, lines=4, settings={"agentless_wav": wav, "max_lines": 3}
    )
    rig.list.extend(record_of(number) for number in range(10, 30))
    rig.wait(6.0)
    return rig


def test_a_message_needs_no_agents_only_lines() -> None:
    rig = agentless()
    assert len(rig.calls) == 3, "as many as the campaign may have"
    orders = rig.all_of(c.Originate)
    assert all(one.is_agentless and one.session_id is None for one in orders)
    assert rig.dialler.overdialled == 0


def test_without_a_message_nobody_is_called() -> None:
    rig = agentless(wav="")
    assert rig.calls == []
    assert "no message" in rig.all_of(c.NoteDecision)[-1].reason


def test_who_hears_the_message_is_done_with_and_counted_nowhere() -> None:
    rig = agentless()
    call = rig.call()
    rig.answer(call)
    assert call.stage is CallStage.MESSAGE
    assert of(c.PlayMessage, rig.wait(30.0)) == [], "the line plays it by itself"
    (close,) = of(c.CloseAttempt, rig.end(call, by="line"))
    assert (close.outcome, close.formula_class) == (Outcome.MESSAGE_HEARD, FormulaClass.EXCLUDED)
    assert rig.dialler.campaign(CAMPAIGN).counts.abandoned == 0


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [(AskedByKey.LATER, Outcome.CALL_BACK), (AskedByKey.NEVER, Outcome.DNC_REQUEST)],
)
def test_what_a_key_asks_for_is_kept_at_once_and_is_the_outcome(
    asked: AskedByKey, outcome: Outcome
) -> None:
    rig = agentless()
    call = rig.call()
    rig.answer(call)
    out = rig.send(ce.KeyHeard(rig.line(call), call.attempt_id, "9", "person", asked))
    assert [one.asked for one in of(cc.NoteKey, out)] == [asked]
    (close,) = of(c.CloseAttempt, rig.end(call, by="line"))
    assert (close.outcome, close.formula_class) == (outcome, FormulaClass.EXCLUDED)


def ask_for_agent(rig: ControlRig) -> Call:
    call = rig.call()
    rig.answer(call)
    rig.wait(20.0)
    rig.send(ce.KeyHeard(rig.line(call), call.attempt_id, "1", "person", AskedByKey.AGENT))
    return call


def test_a_key_brings_an_agent_as_an_answer_would() -> None:
    rig = agentless(seats=1)
    call = ask_for_agent(rig)
    assert [one.session_id for one in rig.all_of(c.ConnectAgent)] == [1]
    rig.clock.advance(0.5)
    rig.bridge(call, 1)
    rig.clock.advance(30.0)
    (close,) = of(c.CloseAttempt, rig.end(call))
    assert (close.outcome, close.formula_class) == (Outcome.CONNECTED, FormulaClass.L)


def test_with_nobody_free_the_limit_counts_from_the_key() -> None:
    rig = agentless()
    call = ask_for_agent(rig)
    assert call.stage is CallStage.WAITING
    assert of(c.PlayMessage, rig.wait(1.0)) == []
    assert len(of(c.PlayMessage, rig.wait(1.0))) == 1
    (close,) = of(c.CloseAttempt, rig.end(call, by="line"))
    assert (close.outcome, close.formula_class) == (Outcome.ABANDONED, FormulaClass.AOBS)


def test_keys_in_an_ordinary_call_ask_for_nothing() -> None:
    rig = ControlRig()
    call = rig.up()
    out = rig.send(ce.KeyHeard(rig.line(call), call.attempt_id, "9", "person", AskedByKey.NEVER))
    assert of(cc.NoteKey, out) == []


# --- detection --------------------------------------------------------------------------------


def judged(**settings: object) -> tuple[ControlRig, Call]:
    rig = ControlRig(
        Mode.PREDICTIVE,
        seats=1,
        people=3,
        settings={"detection": True, "detection_deadline_s": 1.5} | settings,
    )
    rig.wait(1.0)
    call = rig.call()
    rig.answer(call)
    return rig, call


def say(rig: Rig, call: Call, verdict: ce.Verdict) -> list[c.Command]:
    return rig.send(ce.VerdictHeard(rig.line(call), call.attempt_id, verdict, "greeting"))


def test_a_seat_is_looked_for_only_after_the_verdict() -> None:
    rig, call = judged()
    assert rig.all_of(c.Originate)[0].is_judged
    assert call.stage is CallStage.WAITING
    assert rig.all_of(c.ConnectAgent) == []
    out = say(rig, call, "human")
    assert [one.session_id for one in of(c.ConnectAgent, out)] == [1]
    assert [(one.verdict, one.cause) for one in of(cc.NoteVerdict, out)] == [("human", "greeting")]


def test_without_a_verdict_by_the_deadline_it_is_a_person() -> None:
    rig, _ = judged()
    assert rig.dialler.wake_at_s == pytest.approx(rig.clock.now().mono_s + 1.5)
    assert of(c.ConnectAgent, rig.wait(1.4)) == []
    assert len(of(c.ConnectAgent, rig.wait(0.1))) == 1


def test_who_is_not_sure_is_a_person_too() -> None:
    rig, call = judged()
    assert len(of(c.ConnectAgent, say(rig, call, "not_sure"))) == 1


def test_a_machine_is_let_go_and_booked_as_one() -> None:
    rig, call = judged()
    (end,) = of(c.EndCall, say(rig, call, "machine"))
    assert end.now
    assert of(c.ConnectAgent, rig.wait(5.0)) == []
    (close,) = of(c.CloseAttempt, rig.end(call, by="dialler"))
    assert (close.outcome, close.formula_class) == (
        Outcome.ANSWER_MACHINE_AMD,
        FormulaClass.AMDET,
    )
    assert rig.dialler.campaign(CAMPAIGN).counts.detected_machines == 1


def test_a_machine_may_hear_the_message() -> None:
    rig, call = judged(machine_message=True)
    out = say(rig, call, "machine")
    assert len(of(c.PlayMessage, out)) == 1
    assert of(c.EndCall, out) == []
    (close,) = of(c.CloseAttempt, rig.end(call, by="line"))
    assert close.formula_class is FormulaClass.AMDET
    assert rig.dialler.campaign(CAMPAIGN).counts.abandoned == 0


def test_a_verdict_that_comes_late_changes_nothing() -> None:
    rig, call = judged()
    rig.wait(1.5)
    rig.bridge(call, 1)
    out = say(rig, call, "machine")
    assert of(c.EndCall, out) == []
    assert len(of(cc.NoteVerdict, out)) == 1
    rig.clock.advance(10.0)
    (close,) = of(c.CloseAttempt, rig.end(call))
    assert close.outcome is Outcome.CONNECTED


def test_others_who_wait_do_not_wait_for_the_judging() -> None:
    rig, first = judged()
    say(rig, first, "human")  # takes the only seat
    second, third = rig.calls[1], rig.calls[2]
    rig.answer(second)
    rig.clock.advance(0.2)
    rig.answer(third)
    say(rig, third, "human")
    rig.lose_seat(first, 1)  # the seat is paused: nobody is free
    out = rig.send(e.AvailableWanted(SessionId(1)))
    connected = [one.attempt_id for one in of(c.ConnectAgent, out)]
    assert second.attempt_id not in connected, "it is still being judged"
    assert connected


def test_a_fax_is_let_go() -> None:
    rig, call = judged()
    out = rig.send(ce.ToneHeardOnLine(rig.line(call), call.attempt_id, "fax", is_early=False))
    assert len(of(c.EndCall, out)) == 1
    assert [one.tone for one in of(cc.NoteTone, out)] == ["fax"]
    (close,) = of(c.CloseAttempt, rig.end(call, by="dialler"))
    assert (close.outcome, close.formula_class) == (Outcome.FAX_MODEM, FormulaClass.EXCLUDED)
    assert rig.dialler.campaign(CAMPAIGN).counts.detected_machines == 0


def test_a_lines_death_does_not_forget_the_fax() -> None:
    rig, call = judged()
    rig.send(ce.ToneHeardOnLine(rig.line(call), call.attempt_id, "fax", is_early=False))
    (close,) = of(c.CloseAttempt, rig.send(e.LineLost(rig.line(call))))
    assert (close.outcome, close.formula_class) == (Outcome.FAX_MODEM, FormulaClass.EXCLUDED)


def test_tones_before_the_answer_say_nothing_of_who_answers() -> None:
    rig, call = judged()
    tone = ce.ToneHeardOnLine(rig.line(call), call.attempt_id, "sit_vacant", is_early=True)
    assert of(c.EndCall, rig.send(tone)) == []
    say(rig, call, "machine")
    (close,) = of(c.CloseAttempt, rig.end(call, by="dialler"))
    assert close.outcome is Outcome.ANSWER_MACHINE_AMD


def test_information_tones_before_the_answer_say_why_nobody_came() -> None:
    rig = ControlRig(Mode.PREDICTIVE, seats=1, people=3)
    rig.wait(1.0)
    call = rig.call()
    rig.ring(call)
    assert of(c.EndCall, early(rig, call, "ringback")) == []
    (end,) = of(c.EndCall, early(rig, call, "sit_vacant"))
    assert end.now, "it rings nowhere: no minimum to wait for"
    early(rig, call, "busy")
    (close,) = of(c.CloseAttempt, rig.end(call, 487, by="dialler"))
    assert (close.outcome, close.formula_class) == (
        Outcome.INVALID_NUMBER,
        FormulaClass.UNANSWERED,
    )


@pytest.mark.parametrize(
    ("tone", "outcome"),
    [("busy", Outcome.BUSY), ("congestion", Outcome.NETWORK_CONGESTION)],
)
def test_a_busy_tone_before_the_answer_ends_the_ringing(tone: str, outcome: Outcome) -> None:
    rig = ControlRig(Mode.PREDICTIVE, seats=1, people=3)
    rig.wait(1.0)
    call = rig.call()
    rig.ring(call)
    early(rig, call, "ringback")
    assert [one.now for one in of(c.EndCall, early(rig, call, tone))] == [True]
    (close,) = of(c.CloseAttempt, rig.end(call, 487, by="dialler"))
    assert (close.outcome, close.formula_class) == (outcome, FormulaClass.UNANSWERED)


def early(rig: ControlRig, call: Call, tone: str) -> list[c.Command]:
    said = ce.ToneHeardOnLine(rig.line(call), call.attempt_id, tone, is_early=True)
    return rig.send(said)


@pytest.mark.parametrize(
    ("tone", "outcome"),
    [
        ("fax", Outcome.FAX_MODEM),
        ("modem", Outcome.FAX_MODEM),
        ("sit", Outcome.INVALID_NUMBER),
        ("sit_reorder", Outcome.NETWORK_CONGESTION),
    ],
)
def test_a_message_is_not_told_to_a_tone(tone: str, outcome: Outcome) -> None:
    rig = agentless()
    call = rig.call()
    rig.answer(call)
    out = rig.send(ce.ToneHeardOnLine(rig.line(call), call.attempt_id, tone, is_early=False))
    assert [one.now for one in of(c.EndCall, out)] == [True]
    (close,) = of(c.CloseAttempt, rig.end(call, by="dialler"))
    assert (close.outcome, close.formula_class) == (outcome, FormulaClass.EXCLUDED)


def test_a_busy_tone_after_the_answer_ends_no_message() -> None:
    rig = agentless()
    call = rig.call()
    rig.answer(call)
    out = rig.send(ce.ToneHeardOnLine(rig.line(call), call.attempt_id, "busy", is_early=False))
    assert of(c.EndCall, out) == []
    (close,) = of(c.CloseAttempt, rig.end(call, by="line"))
    assert close.outcome is Outcome.MESSAGE_HEARD


def test_without_detection_an_answer_goes_to_a_seat_at_once() -> None:
    rig, _ = judged(detection=False)
    assert not rig.all_of(c.Originate)[0].is_judged
    assert len(rig.all_of(c.ConnectAgent)) == 1
