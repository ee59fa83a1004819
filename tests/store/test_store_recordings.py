"""Recordings on the record: one a call, with its pauses and what went wrong."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dialer_core.engine.control_commands import NoteRecording
from dialer_core.model.call_control import RecordingPolicy, RecordingState
from dialer_core.model.ids import AttemptId, SessionId
from dialer_core.model.states import CallStage, Outcome, SeatState
from dialer_core.store.schema import AuditRow, RecordingPauseRow, RecordingRow
from tests.store.floor_kit import FloorKit

S = RecordingState


@pytest.fixture
def call(kit: FloorKit) -> tuple[SessionId, AttemptId]:
    kit.take_lease()
    anna = kit.log_in()
    attempt = kit.dial(anna)
    kit.move(attempt, CallStage.TALKING, anna)
    kit.set_seat(anna, SeatState.AVAILABLE)
    kit.set_seat(anna, SeatState.RINGING, attempt)
    kit.set_seat(anna, SeatState.TALKING, attempt)
    return anna, attempt


def say(
    kit: FloorKit,
    call: tuple[SessionId, AttemptId],
    state: RecordingState,
    recorded_s: float,
    sentence: str = "",
) -> None:
    note = NoteRecording(
        call[1],
        state,
        RecordingPolicy.ON_DEMAND,
        "/r/a.wav",
        recorded_s,
        sentence,
        kit.now,
        call[0],
    )
    kit.floor.apply([note], kit.now)


def shown(kit: FloorKit) -> RecordingState:
    row = kit.seats[0].read()
    assert row is not None
    assert row.control is not None
    return row.control.recording


def test_a_recording_with_a_pause_is_one_row_with_its_pause(
    kit: FloorKit, call: tuple[SessionId, AttemptId]
) -> None:
    assert shown(kit) is S.OFF
    began = kit.now.utc
    for state, recorded_s in (
        (S.RECORDING, 0.0),
        (S.PAUSED, 12.0),
        (S.RECORDING, 12.0),
        (S.STOPPED, 30.5),
    ):
        say(kit, call, state, recorded_s)
        assert shown(kit) is state
        kit.clock.advance(10.0)
    with kit.database.reading() as connection:
        recording = connection.execute(select(RecordingRow.__table__)).one()
        (pause,) = connection.execute(select(RecordingPauseRow.__table__)).all()
        said = connection.scalars(
            select(AuditRow.what).where(AuditRow.who == "Anna of preview").order_by(AuditRow.id)
        ).all()
    assert (recording.path, recording.policy) == ("/r/a.wav", RecordingPolicy.ON_DEMAND)
    assert (recording.recorded_s, recording.started_at) == (30.5, began)
    assert recording.stopped_at is not None
    assert (pause.until - pause.at).total_seconds() == 10.0
    assert list(said) == [
        "recording started",
        "recording paused",
        "recording resumed",
        "recording stopped",
    ]


def test_an_alarm_in_a_pause_begins_no_other_pause(
    kit: FloorKit, call: tuple[SessionId, AttemptId]
) -> None:
    say(kit, call, S.RECORDING, 0.0)
    say(kit, call, S.PAUSED, 5.0)
    say(kit, call, S.PAUSED, 5.0, "The recording has been paused for 300 s.")
    with kit.database.reading() as connection:
        assert len(connection.execute(select(RecordingPauseRow.__table__)).all()) == 1
        recording = connection.execute(select(RecordingRow.__table__)).one()
    assert "300 s" in recording.sentence


def test_the_last_word_may_come_after_the_call(
    kit: FloorKit, call: tuple[SessionId, AttemptId]
) -> None:
    say(kit, call, S.RECORDING, 0.0)
    kit.close_call(call[1], Outcome.CONNECTED)
    say(kit, call, S.FAILED, 3.0, "The disk is full.")
    with kit.database.reading() as connection:
        recording = connection.execute(select(RecordingRow.__table__)).one()
    assert (recording.state, recording.sentence) == (S.FAILED, "The disk is full.")
    assert recording.stopped_at == kit.now.utc
