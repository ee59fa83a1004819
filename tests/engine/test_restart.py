"""A new dialler adopts what the record and the lines have of the one before."""

from __future__ import annotations

import pytest

from dialer_core.clock import Instant
from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.model.ids import AttemptId, LineId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState
from tests.engine.rig import CAMPAIGN, Rig, of, record_of

SEAT, LINE, OLD = SessionId(1), LineId("line9"), AttemptId("old")


class Restart(Rig):
    """A dialler that has just begun: settings are read, nothing is recovered."""

    def __init__(self, mode: Mode = Mode.PREDICTIVE, people: int = 0) -> None:
        super().__init__(mode, lines=0, people=people, is_recovered=False)

    def seat_was(
        self,
        state: SeatState,
        attempt: AttemptId | None = OLD,
        *,
        number: int = 1,
        record: LeasedRecord | None = None,
        pause: str | None = None,
    ) -> None:
        since = Instant(self.clock.now().mono_s - 30.0, self.clock.now().utc)
        self.send(
            e.SeatOpened(
                SessionId(number), CAMPAIGN, "A", state, since, attempt, record, pause_wanted=pause
            )
        )

    def attempt_was(
        self, stage: CallStage, session: int | None = 1, *, answered_ago_s: float | None = None
    ) -> None:
        now = self.clock.now()
        answered = None
        if answered_ago_s is not None:
            answered = Instant(now.mono_s - answered_ago_s, now.utc)
        bridged = answered if stage is CallStage.TALKING else None
        session_id = None if session is None else SessionId(session)
        self.send(
            e.AttemptRestored(
                OLD,
                CAMPAIGN,
                record_of(700),
                Mode.PREDICTIVE,
                stage,
                session_id,
                answered,
                bridged,
            )
        )

    def line_has(self, stage: CallStage | None, session: int | None = None) -> list[c.Command]:
        session_id = None if session is None else SessionId(session)
        return self.send(e.LineUp(LINE, OLD, stage, session_id))


def test_nothing_is_launched_before_the_recovery() -> None:
    rig = Restart(Mode.PROGRESSIVE, people=9)
    rig.send(e.LineUp(LineId("line0")))
    rig.seat_was(SeatState.AVAILABLE, None)
    rig.wait(5.0)
    assert rig.all_of(c.LeaseRecords) == []
    rig.send(e.Recovered())
    assert len(rig.all_of(c.Originate)) == 1


def test_a_conversation_goes_on() -> None:
    rig = Restart()
    rig.seat_was(SeatState.TALKING)
    rig.attempt_was(CallStage.TALKING, answered_ago_s=20.0)
    rig.line_has(CallStage.TALKING, 1)
    rig.send(e.Recovered())
    assert rig.all_of(c.CloseAttempt) == []
    assert rig.state(1) is SeatState.TALKING
    assert rig.dialler.campaign(CAMPAIGN).counts.live == 1
    out = rig.end(rig.call())
    assert of(c.CloseAttempt, out)[0].outcome is Outcome.CONNECTED
    assert rig.state(1) is SeatState.WRAP_UP


@pytest.mark.parametrize(
    ("stage", "answered_ago_s", "outcome", "formula_class", "seat_was", "seat_is"),
    [
        ("committed", None, "LINE_LOST", "EXCLUDED", "available", "available"),
        ("dialling", None, "LINE_LOST", "EXCLUDED", "ringing", "available"),
        ("ringing", None, "LINE_LOST", "EXCLUDED", "ringing", "available"),
        ("waiting", 1.0, "ABANDONED", "AOBS", "available", "available"),
        ("connecting", 1.0, "ABANDONED", "AOBS", "connecting", "available"),
        ("message", 3.0, "ABANDONED", "AOBS", "available", "available"),
        ("talking", 9.0, "CONNECTED", "L", "talking", "wrap_up"),
    ],
)
def test_what_no_line_claims_is_closed(
    stage: str,
    answered_ago_s: float | None,
    outcome: str,
    formula_class: str,
    seat_was: str,
    seat_is: str,
) -> None:
    rig = Restart()
    holds = seat_was != "available"
    rig.seat_was(SeatState(seat_was), OLD if holds else None)
    rig.attempt_was(CallStage(stage), 1 if holds else None, answered_ago_s=answered_ago_s)
    rig.send(e.LineUp(LINE))
    out = rig.send(e.Recovered())
    closed = of(c.CloseAttempt, out)[0]
    assert (closed.outcome, closed.formula_class) == (Outcome(outcome), FormulaClass(formula_class))
    assert closed.facts is None
    assert rig.state(1) is SeatState(seat_is)
    assert rig.calls == []


def test_a_seat_whose_attempt_is_closed_already_is_put_right() -> None:
    rig = Restart()
    rig.seat_was(SeatState.CONNECTING, number=1)
    rig.seat_was(SeatState.TALKING, number=2)
    rig.seat_was(SeatState.RINGING, number=3, pause="tea")
    rig.send(e.Recovered())
    assert [rig.state(n) for n in (1, 2, 3)] == [
        SeatState.AVAILABLE,
        SeatState.WRAP_UP,
        SeatState.PAUSED,
    ]
    wrap = next(s for s in rig.all_of(c.SetSeat) if s.session_id == 2)
    assert (wrap.attempt_id, wrap.until) == (
        OLD,
        rig.clock.now().after(rig.campaign.wrap_up_limit_s),
    )


def test_what_the_line_did_meanwhile_is_replayed() -> None:
    rig = Restart()
    rig.seat_was(SeatState.CONNECTING)
    rig.attempt_was(CallStage.CONNECTING, answered_ago_s=0.5)
    rig.send(e.LineUp(LINE))  # it is over already
    call = rig.call()
    call.line_id = LINE
    rig.bridge(call, 1)
    rig.clock.advance(8.0)
    out = rig.end(call)
    assert of(c.CloseAttempt, out)[0].outcome is Outcome.CONNECTED
    assert rig.state(1) is SeatState.WRAP_UP
    out = rig.send(e.Recovered())
    assert of(c.CloseAttempt, out) == []


def test_a_line_that_is_further_than_the_record_is_believed() -> None:
    rig = Restart()
    rig.seat_was(SeatState.CONNECTING)
    rig.attempt_was(CallStage.CONNECTING, answered_ago_s=0.5)
    rig.line_has(CallStage.TALKING, 1)
    assert rig.state(1) is SeatState.TALKING


def test_a_word_to_connect_that_never_left_is_said_again() -> None:
    rig = Restart()
    rig.seat_was(SeatState.CONNECTING)
    rig.attempt_was(CallStage.CONNECTING, answered_ago_s=0.5)
    out = rig.line_has(CallStage.WAITING)
    assert of(c.ConnectAgent, out)[0].session_id == SEAT
    assert rig.state(1) is SeatState.CONNECTING


def test_a_person_who_waits_at_the_restart_hears_the_message_in_time() -> None:
    rig = Restart()
    rig.seat_was(SeatState.PAUSED, None)
    rig.attempt_was(CallStage.WAITING, None, answered_ago_s=1.0)
    rig.line_has(CallStage.WAITING)
    assert rig.all_of(c.PlayMessage) == []
    assert of(c.PlayMessage, rig.wait(0.8))


def test_a_ringing_call_is_adopted_and_connected_later() -> None:
    rig = Restart()
    rig.seat_was(SeatState.AVAILABLE, None)
    rig.attempt_was(CallStage.DIALLING, None)
    rig.line_has(CallStage.RINGING)
    rig.send(e.Recovered())
    call = rig.call()
    assert call.stage is CallStage.RINGING
    assert of(c.ConnectAgent, rig.answer(call))[0].session_id == SEAT


def test_a_held_call_is_adopted_with_its_seat() -> None:
    rig = Restart(Mode.PROGRESSIVE)
    rig.seat_was(SeatState.RINGING)
    rig.attempt_was(CallStage.RINGING)
    rig.line_has(CallStage.RINGING)
    rig.send(e.Recovered())
    rig.answer(rig.call())
    assert rig.state(1) is SeatState.CONNECTING
    assert rig.all_of(c.ConnectAgent) == []


def test_a_preview_begins_again() -> None:
    rig = Restart(Mode.PREVIEW)
    rig.send(e.LineUp(LINE))
    rig.seat_was(SeatState.PREVIEW, None, record=record_of(700))
    out = rig.send(e.Recovered())
    told = of(c.SetSeat, out)[0]
    assert (told.state, told.contact_id) == (SeatState.PREVIEW, 700)
    assert told.until == rig.clock.now().after(rig.campaign.preview_s)


def test_a_preview_without_its_record_is_freed() -> None:
    rig = Restart(Mode.PREVIEW)
    rig.send(e.LineUp(LINE))
    rig.seat_was(SeatState.PREVIEW, None)
    rig.send(e.Recovered())
    assert rig.state(1) is SeatState.AVAILABLE


def test_a_wrap_up_goes_on_and_its_outcome_counts() -> None:
    rig = Restart()
    rig.seat_was(SeatState.WRAP_UP, pause="tea")
    rig.send(e.Recovered())
    out = rig.send(e.OutcomeChosen(SEAT, OLD, "no"))
    assert [(s.state, s.reason) for s in of(c.SetSeat, out)] == [(SeatState.PAUSED, "tea")]


def test_a_line_with_a_call_that_nobody_knows_is_busy_until_that_ends() -> None:
    rig = Restart(Mode.PROGRESSIVE, people=9)
    rig.line_has(CallStage.TALKING, 5)
    rig.send(e.Recovered())
    rig.seat_in(1)
    assert rig.calls == []
    facts = Rig(seats=1)
    gone = facts.facts(facts.call(), 200, "person")
    rig.send(e.CallEnded(LINE, OLD, gone))
    assert len(rig.calls) == 1


def test_an_attempt_told_twice_is_taken_once() -> None:
    rig = Restart()
    rig.attempt_was(CallStage.RINGING, None)
    rig.attempt_was(CallStage.DIALLING, None)
    assert rig.call().stage is CallStage.RINGING


def test_idle_seats_keep_their_order() -> None:
    rig = Restart()
    now = rig.clock.now()
    for number, ago_s in ((1, 5.0), (2, 50.0), (3, 20.0)):
        since = Instant(now.mono_s - ago_s, now.utc)
        rig.send(e.SeatOpened(SessionId(number), CAMPAIGN, "A", SeatState.AVAILABLE, since))
    assert list(rig.dialler.campaign(CAMPAIGN).idle) == [2, 3, 1]
