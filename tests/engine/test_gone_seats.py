"""An agent who logs out between the engine's choice and what the line makes of it."""

from __future__ import annotations

from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.model.ids import SessionId
from dialer_core.model.states import CallStage, Mode, Outcome, SeatState
from tests.engine.lever_rig import LeverRig
from tests.engine.rig import CAMPAIGN, Rig, of

ONE, TWO = SessionId(1), SessionId(2)


def test_gone_before_the_line_reached_the_phone_sends_the_person_to_another() -> None:
    rig = LeverRig(seats=2)
    (call,) = rig.launch(1)
    rig.answer(call)
    assert call.session_id == ONE
    out = rig.send(e.SeatClosed(ONE))
    assert [one.session_id for one in of(c.ConnectAgent, out)] == [TWO]
    # The line's word on the first seat comes late: the second is on its way already.
    assert of(c.ConnectAgent, rig.lose_seat(call, 1)) == []
    rig.bridge(call, 2)
    assert (rig.state(2), call.stage) == (SeatState.TALKING, CallStage.TALKING)


def test_gone_with_nobody_else_there_leaves_the_message() -> None:
    rig = LeverRig(seats=1)
    (call,) = rig.launch(1)
    rig.answer(call)
    rig.send(e.SeatClosed(ONE))
    rig.lose_seat(call, 1)
    assert call.stage is CallStage.WAITING
    assert [one.attempt_id for one in of(c.PlayMessage, rig.wait(1.8))] == [call.attempt_id]
    rig.end(call, by="line")
    assert rig.all_of(c.CloseAttempt)[-1].outcome is Outcome.ABANDONED
    assert rig.dialler.campaign(CAMPAIGN).counts.abandoned == 1


def test_bridged_with_a_seat_that_has_just_gone_ends_the_call() -> None:
    rig = LeverRig(seats=2)
    (call,) = rig.launch(1)
    rig.answer(call)
    rig.send(e.SeatClosed(ONE))
    assert rig.state(2) is SeatState.CONNECTING
    out = rig.bridge(call, 1)
    assert of(c.EndCall, out) == [c.EndCall(rig.line(call), call.attempt_id, now=True)]
    assert rig.state(2) is SeatState.AVAILABLE  # not needed for this call any more
    rig.end(call, by="dialler")
    assert rig.calls == []
    assert rig.state(2) is SeatState.AVAILABLE


def test_gone_while_the_commit_is_on_its_way_dials_nobody_for_the_held_seat() -> None:
    rig = Rig(Mode.PROGRESSIVE)
    rig.is_answering = False
    rig.seat_in(1)
    rig.send(e.SeatClosed(ONE))
    assert of(c.Originate, rig.answer_commits()) == []
    assert rig.calls == []


def test_gone_between_the_commit_and_the_dialling_is_refused_by_the_shell() -> None:
    """The line's command finds the session closed: to the engine the call has ended."""
    rig = Rig(Mode.PROGRESSIVE, seats=1)
    call = rig.call()
    rig.send(e.SeatClosed(ONE))
    out = rig.end(call, 0, "line")
    assert len(of(c.CloseAttempt, out)) == 1
    assert rig.calls == []
    assert dict(rig.dialler.lines) == dict.fromkeys(rig.dialler.lines)  # the line is free again


def test_gone_with_a_parked_wrap_up_while_being_connected() -> None:
    rig = LeverRig(seats=1)
    rig.wrap_up()
    rig.told.park = [1]
    (call,) = rig.launch(1)
    rig.answer(call)
    rig.send(e.SeatClosed(ONE))
    assert call.stage is CallStage.WAITING
    rig.lose_seat(call, 1)
    rig.seat_in(2)
    assert call.session_id == TWO
