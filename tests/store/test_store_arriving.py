"""What lines tell late of a person who was erased meanwhile: nothing of it is kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from dialer_core.engine.control_commands import NoteRecording
from dialer_core.engine.events import CallEnded
from dialer_core.model.call_control import RecordingPolicy, RecordingState
from dialer_core.model.ids import AttemptId, LineId
from dialer_core.store.arriving import Arrival, ArrivalStore
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.schema import AttemptRow, AuditRow, RecordingPauseRow, RecordingRow
from tests.store.floor_kit import FloorKit
from tests.store.law_kit import NUMBER, Traces, leave_traces


@pytest.fixture
def traces(kit: FloorKit, tmp_path: Path) -> Traces:
    return leave_traces(kit, tmp_path)


def erase(kit: FloorKit) -> None:
    store = PrivacyStore(kit.database)
    store.erase(kit.now, number=NUMBER)
    store.close()


def look(kit: FloorKit, attempt: str) -> Arrival:
    store = ArrivalStore(kit.database)
    try:
        return store.look(attempt, kit.now)
    finally:
        store.close()


def forget_entry(kit: FloorKit) -> None:
    with kit.database.writing() as connection:
        connection.execute(delete(RecordingPauseRow))
        connection.execute(delete(RecordingRow))


def test_a_recording_is_wanted_until_its_person_is_erased(kit: FloorKit, traces: Traces) -> None:
    assert look(kit, traces.attempt) is Arrival.WANTED
    erase(kit)
    assert look(kit, traces.attempt) is Arrival.OVER


def test_one_without_an_entry_is_early_until_its_time_is_over(
    kit: FloorKit, traces: Traces
) -> None:
    forget_entry(kit)
    assert look(kit, traces.attempt) is Arrival.EARLY
    with kit.database.writing() as connection:
        before = kit.now.utc - timedelta(days=4000)
        connection.execute(update(AttemptRow).values(committed_at=before))
    assert look(kit, traces.attempt) is Arrival.OVER


def test_one_of_another_floor_is_unknown(kit: FloorKit) -> None:
    assert look(kit, "nobody") is Arrival.UNKNOWN


def test_its_deletion_is_in_the_log(kit: FloorKit, traces: Traces) -> None:
    store = ArrivalStore(kit.database)
    store.note_deleted(traces.attempt, "loft", kit.now)
    store.close()
    with kit.database.reading() as connection:
        last = connection.execute(
            select(AuditRow.what, AuditRow.detail).order_by(AuditRow.id.desc()).limit(1)
        ).one()
    assert last.what == "late recording deleted"
    assert last.detail == {"attempt": traces.attempt, "pc": "loft"}


def test_a_line_that_was_away_brings_no_recording_back_on_the_record(
    kit: FloorKit, traces: Traces
) -> None:
    erase(kit)
    with kit.database.reading() as connection:
        entries = connection.scalar(select(func.count()).select_from(AuditRow))
    note = NoteRecording(
        traces.attempt, RecordingState.STOPPED, RecordingPolicy.ALL, str(traces.sound), 30.0, "",
        kit.now, None,
    )  # fmt: skip
    kit.floor.apply([note], kit.now)
    with kit.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(RecordingRow)) == 0
        assert connection.scalar(select(func.count()).select_from(AuditRow)) == entries


def test_nor_what_the_network_called_the_call(kit: FloorKit, traces: Traces) -> None:
    erase(kit)
    facts = kit.facts(status=200)
    kit.floor.complete([CallEnded(LineId("line01"), AttemptId(traces.attempt), facts)])
    with kit.database.reading() as connection:
        row = connection.execute(
            select(AttemptRow.sip_call_id, AttemptRow.sip_reason, AttemptRow.sip_status).where(
                AttemptRow.id == traces.attempt
            )
        ).one()
    assert (row.sip_call_id, row.sip_reason) == (None, None)
    assert row.sip_status == 200, "the call itself is completed"
