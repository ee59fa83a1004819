"""Coming, pausing, going, and campaigns side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.model.ids import AttemptId, CampaignId, ContactId, LineId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import CallStage, Mode, Outcome, SeatState
from tests.engine.rig import CAMPAIGN, Rig, of, record_of

SEAT = SessionId(1)


def test_nothing_is_dialled_with_nobody_logged_in() -> None:
    rig = Rig()
    rig.wait(10.0)
    rig.seat_in(1, is_available=False)
    rig.wait(10.0)
    assert rig.all_of(c.CommitAttempt) == []
    assert rig.all_of(c.LeaseRecords) == []


def test_a_pause_in_a_call_waits_for_the_wrap_up() -> None:
    rig = Rig(seats=1)
    call = rig.talk()
    assert of(c.SetSeat, rig.send(e.PauseWanted(SEAT, "lunch"))) == []
    rig.end(call)
    assert rig.state(1) is SeatState.WRAP_UP
    out = rig.send(e.OutcomeChosen(SEAT, call.attempt_id, "no"))
    assert [(s.state, s.reason) for s in of(c.SetSeat, out)] == [(SeatState.PAUSED, "lunch")]
    assert rig.calls == []


def test_a_pause_while_held_waits_for_the_call_that_fails() -> None:
    rig = Rig(seats=1)
    rig.send(e.PauseWanted(SEAT, "lunch"))
    assert rig.state(1) is SeatState.RINGING
    rig.end(rig.call(), 486, "network")
    assert rig.state(1) is SeatState.PAUSED


def test_an_idle_seat_pauses_at_once() -> None:
    rig = Rig(seats=1, lines=0)
    out = rig.send(e.PauseWanted(SEAT, "tea"))
    assert [(s.state, s.reason) for s in of(c.SetSeat, out)] == [(SeatState.PAUSED, "tea")]


def test_a_paused_seat_may_change_its_reason() -> None:
    rig = Rig(seats=1, lines=0)
    rig.send(e.PauseWanted(SEAT, "tea"))
    out = rig.send(e.PauseWanted(SEAT, "training"))
    assert of(c.SetSeat, out)[0].reason == "training"


def test_available_in_a_call_or_unknown_is_ignored() -> None:
    rig = Rig(seats=1)
    rig.talk()
    rig.wait(0.0)
    assert rig.send(e.AvailableWanted(SEAT)) == []
    assert rig.send(e.AvailableWanted(SessionId(99))) == []
    assert rig.send(e.PauseWanted(SessionId(99), "tea")) == []
    assert rig.send(e.SeatClosed(SessionId(99))) == []


def test_a_session_that_is_told_twice_stays_as_it_is() -> None:
    rig = Rig(seats=1)
    rig.talk()
    rig.send(e.SeatOpened(SEAT, CAMPAIGN, "again"))
    assert rig.state(1) is SeatState.TALKING


def test_logging_out_while_a_call_rings_leaves_it_to_whoever_is_free() -> None:
    rig = Rig(seats=1)
    call = rig.call()
    rig.send(e.SeatClosed(SEAT))
    assert call.session_id is None
    rig.seat_in(2, is_available=False)
    rig.answer(call)
    out = rig.send(e.AvailableWanted(SessionId(2)))
    assert of(c.ConnectAgent, out)[0].session_id == SessionId(2)


def test_logging_out_while_being_connected_sends_another() -> None:
    rig = Rig(Mode.PREDICTIVE, seats=2)
    call = rig.call()
    rig.answer(call)
    out = rig.send(e.SeatClosed(SEAT))
    assert of(c.ConnectAgent, out)[0].session_id == SessionId(2)
    rig.lose_seat(call, 1)  # the line's word on the one who left
    assert rig.state(2) is SeatState.CONNECTING


def test_logging_out_in_a_conversation_ends_the_call() -> None:
    rig = Rig(seats=1)
    call = rig.talk()
    out = rig.send(e.SeatClosed(SEAT))
    assert of(c.EndCall, out) == [c.EndCall(rig.line(call), call.attempt_id, now=True)]
    assert of(c.CloseAttempt, rig.end(call, by="dialler"))[0].outcome is Outcome.CONNECTED
    assert rig.calls == []


def test_logging_out_before_the_commit_is_answered_dials_nobody() -> None:
    rig = Rig()
    rig.is_answering = False
    rig.seat_in(1)
    rig.send(e.SeatClosed(SEAT))
    out = rig.answer_commits()
    assert of(c.Originate, out) == []
    assert of(c.CloseAttempt, out)[0].outcome is Outcome.DIALLER_CANCELLED


def test_stopping_before_the_commit_is_answered_dials_nobody() -> None:
    rig = Rig()
    rig.is_answering = False
    rig.seat_in(1)
    rig.send(e.DiallingStopped())
    assert of(c.Originate, rig.answer_commits()) == []
    assert rig.state(1) is SeatState.AVAILABLE


def test_stopping_returns_the_stock_and_lets_calls_go_on() -> None:
    rig = Rig(seats=1)
    call = rig.talk()
    stock = len(rig.dialler.campaign(CAMPAIGN).stock)
    out = rig.send(e.DiallingStopped())
    assert len(of(c.ReturnRecord, out)) == stock > 0
    rig.end(call)
    rig.send(e.OutcomeChosen(SEAT, call.attempt_id, "no"))
    assert rig.calls == []
    assert rig.dialler.calls_in_progress == 0
    rig.wait(1.0)
    assert rig.all_of(c.NoteDecision)[-1].reason == "Dialling is stopped."
    rig.send(e.DiallingResumed())
    assert len(rig.calls) == 1


def test_a_campaign_that_is_halted_launches_nothing() -> None:
    rig = Rig(seats=1)
    call = rig.call()
    rig.send(e.CampaignSet(replace(rig.campaign, is_running=False)))
    rig.end(call, 486, "network")
    assert rig.calls == []
    assert rig.dialler.calls_in_progress == 0


def test_calls_in_progress_include_outcomes_that_are_owed() -> None:
    rig = Rig(seats=1)
    call = rig.talk()
    rig.send(e.DiallingStopped())
    assert rig.dialler.calls_in_progress == 1
    rig.end(call)
    assert rig.dialler.calls_in_progress == 1


@pytest.mark.parametrize(
    "event",
    [
        e.AttemptCommitted(AttemptId("x")),
        e.AttemptRefused(AttemptId("x"), "r"),
        e.CallRinging(LineId("line0"), AttemptId("x")),
        e.CallAnswered(LineId("line0"), AttemptId("x")),
        e.CallBridged(LineId("line0"), AttemptId("x"), SEAT),
        e.SeatUnreachable(LineId("line0"), AttemptId("x"), SEAT, "s"),
        e.MessageBegan(LineId("line0"), AttemptId("x")),
        e.LineLost(LineId("nowhere")),
        e.PreviewDrawn(SEAT, ContactId(5)),
        e.OutcomeChosen(SEAT, AttemptId("x"), "no"),
    ],
)
def test_what_nobody_knows_is_ignored(event: e.Event) -> None:
    rig = Rig(seats=1)
    assert rig.send(event) == []


def test_two_campaigns_share_the_lines_fairly() -> None:
    rig = Rig(seats=2, lines=4)
    other = replace(rig.campaign, id=CampaignId(2), name="Second")
    rig.send(e.CampaignSet(other))
    for number in (11, 12, 13):
        rig.send(e.SeatOpened(SessionId(number), other.id, f"B{number}"))
        rig.send(e.AvailableWanted(SessionId(number)))
    mine = [record_of(number) for number in range(500, 510)]
    theirs = [LeasedRecord(one.contact_id, other.id, one.number_id, one.number) for one in mine]
    rig.send(e.RecordsLeased(other.id, theirs))
    used = [call.campaign_id for call in rig.calls]
    assert (used.count(CAMPAIGN), used.count(other.id)) == (2, 2)
    seats = {call.session_id for call in rig.calls if call.campaign_id == other.id}
    assert seats <= {SessionId(11), SessionId(12), SessionId(13)}
    # Seats for one more: the line that comes free goes to the campaign with fewer calls a seat.
    rig.seat_in(3)
    rig.seat_in(4)
    rig.end(next(one for one in rig.calls if one.campaign_id == other.id), 486, "network")
    used = [call.campaign_id for call in rig.calls]
    assert (used.count(CAMPAIGN), used.count(other.id)) == (2, 2)


def test_an_answer_never_goes_to_another_campaigns_seat() -> None:
    rig = Rig(Mode.PREDICTIVE, seats=1)
    other = replace(rig.campaign, id=CampaignId(2))
    rig.send(e.CampaignSet(replace(other, is_running=False)))
    rig.send(e.SeatOpened(SessionId(11), other.id, "B"))
    rig.send(e.AvailableWanted(SessionId(11)))
    rig.talk()
    second = rig.calls[1]
    rig.answer(second)
    assert second.stage is CallStage.WAITING


def test_seats_of_a_campaign_that_is_not_known_yet_wait() -> None:
    rig = Rig()
    rig.send(e.SeatOpened(SessionId(5), CampaignId(9), "A"))
    rig.send(e.AvailableWanted(SessionId(5)))
    assert rig.calls == []
    rig.send(e.CampaignSet(replace(rig.campaign, id=CampaignId(9))))
    assert rig.all_of(c.LeaseRecords)[-1].campaign_id == CampaignId(9)


def test_the_same_events_give_the_same_commands() -> None:
    def play() -> list[c.Command]:
        rig = Rig(Mode.PREDICTIVE, seats=3)
        for call in rig.calls[:4]:
            rig.answer(call)
            rig.wait(0.7)
        return rig.log

    assert play() == play()
