"""What is kept for how long, and a purge that takes exactly what is due."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, insert, select, update

from dialer_core.model.errors import KnownError
from dialer_core.model.states import Outcome
from dialer_core.rules.profiles import LockoutMode, profile
from dialer_core.store import audit, counts
from dialer_core.store.database import Database
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.retention import Kind, RetentionStore
from dialer_core.store.schema import (
    AgentEventRow,
    AttemptRow,
    AuditRow,
    ContactNumberRow,
    ContactRow,
    DecisionRow,
    DiallerLeaseRow,
    LockoutRow,
    RecordingRow,
    RefusalRow,
)
from dialer_core.store.schema.base import ContactStatus
from tests.store.floor_kit import FloorKit
from tests.store.law_kit import NAME, NOTE, NUMBER, Traces, leave_traces

DAY_S = 86_400
GB = profile("GB")


@pytest.fixture
def store(kit: FloorKit) -> Iterator[RetentionStore]:
    made = RetentionStore(kit.database)
    yield made
    made.close()


@pytest.fixture
def traces(kit: FloorKit, tmp_path: Path) -> Traces:
    made = leave_traces(kit, tmp_path)
    with kit.database.writing() as connection:
        connection.execute(update(ContactRow).values(status=ContactStatus.CLOSED))
        connection.execute(
            insert(DecisionRow),
            {"campaign_id": kit.campaign_id, "at": kit.now.utc, "launch": 1, "reason": "x",
             "figures": []},
        )  # fmt: skip
        last = connection.scalar(select(func.max(AgentEventRow.id)))
        connection.execute(update(DiallerLeaseRow).values(cursor=last))
    return made


def due(kit: FloorKit, store: RetentionStore) -> dict[Kind, int]:
    return {one.kind: one.count for one in store.due(kit.now) if one.count}


def rows(database: Database, table: type[object]) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_nothing_is_due_on_the_day_itself(
    kit: FloorKit, store: RetentionStore, traces: Traces
) -> None:
    assert due(kit, store) == {}
    assert [one.count for one in store.purge(kit.now)] == [0] * len(Kind)
    assert traces.sound.exists()


def test_each_kind_falls_due_on_its_own_day(
    kit: FloorKit, store: RetentionStore, traces: Traces
) -> None:
    kit.clock.advance(30 * DAY_S)
    assert due(kit, store) == {}
    kit.clock.advance(DAY_S)
    assert due(kit, store) == {Kind.FILES: 2}
    kit.clock.advance((GB.recording_retention_days - 31) * DAY_S)
    assert Kind.RECORDINGS not in due(kit, store)
    kit.clock.advance(DAY_S)
    assert due(kit, store)[Kind.RECORDINGS] == 1
    kit.clock.advance((GB.record_retention_days - 91) * DAY_S - 60)
    assert set(due(kit, store)) == {Kind.FILES, Kind.RECORDINGS}
    kit.clock.advance(DAY_S + 60)
    last_event = rows(kit.database, AgentEventRow) - 1
    assert due(kit, store) == {
        Kind.FILES: 2, Kind.RECORDINGS: 1, Kind.NOTES: 1, Kind.PEOPLE: 5, Kind.REFUSALS: 1,
        Kind.WISHES: last_event, Kind.DECISIONS: 1,
    }  # fmt: skip


def test_a_dry_run_changes_nothing_and_a_purge_takes_what_it_said(
    kit: FloorKit, store: RetentionStore, traces: Traces
) -> None:
    with kit.database.reading() as connection:
        day = kit.now.utc.date()
        before = counts.read(connection, kit.campaign_id, day)
    kit.clock.advance((GB.record_retention_days + 1) * DAY_S)
    said = due(kit, store)
    assert due(kit, store) == said
    assert traces.sound.exists()

    taken = {one.kind: one.count for one in store.purge(kit.now, "Anna") if one.count}

    assert taken == said
    assert due(kit, store) == {}
    assert not traces.sound.exists()
    assert not traces.rejects.exists()
    assert rows(kit.database, RecordingRow) == rows(kit.database, RefusalRow) == 0
    with kit.database.reading() as connection:
        assert connection.scalars(select(AttemptRow.note)).all() == [""]
        assert set(connection.scalars(select(ContactRow.name))) == {""}
        assert set(connection.scalars(select(ContactNumberRow.e164))) == {""}
        assert counts.read(connection, kit.campaign_id, day) == before
        entry = connection.execute(select(AuditRow.__table__).order_by(AuditRow.id.desc())).first()
        assert entry is not None
        assert entry.detail == {kind.value: count for kind, count in said.items()}
        assert audit.first_broken(connection) is None


def test_a_purge_overwrites_what_it_takes(
    kit: FloorKit, store: RetentionStore, traces: Traces, database_path: Path
) -> None:
    kit.clock.advance((GB.record_retention_days + 1) * DAY_S)
    store.purge(kit.now)
    store.close()
    kit.close()
    whole = b"".join(path.read_bytes() for path in database_path.parent.glob("floor.db*"))
    assert [word for word in (NAME, NOTE, NUMBER) if word.encode() in whole] == []


def test_an_event_number_is_not_given_out_twice(
    kit: FloorKit, store: RetentionStore, traces: Traces
) -> None:
    with kit.database.reading() as connection:
        last = connection.scalar(select(func.max(AgentEventRow.id)))
    kit.clock.advance((GB.record_retention_days + 1) * DAY_S)
    store.purge(kit.now)
    with kit.database.reading() as connection:
        assert connection.scalars(select(AgentEventRow.id)).all() == [last]


def test_rests_that_are_over_go_and_those_for_ever_stay(
    kit: FloorKit, store: RetentionStore
) -> None:
    kit.take_lease()
    session = kit.log_in()
    first, second = kit.dial(session), kit.dial(session)
    kit.close_call(first, Outcome.NO_ANSWER)
    kit.close_call(second, Outcome.UNWANTED)
    with kit.database.writing() as connection:
        connection.execute(update(ContactRow).values(status=ContactStatus.CLOSED))
    kit.clock.advance(32 * DAY_S)
    assert due(kit, store)[Kind.LOCKOUTS] == 1
    kit.clock.advance(GB.record_retention_days * DAY_S)
    store.purge(kit.now)
    with kit.database.reading() as connection:
        left = connection.execute(select(LockoutRow.mode, LockoutRow.until)).all()
    assert [tuple(row) for row in left] == [(LockoutMode.BLOCK, None)]


def test_the_office_may_keep_sound_shorter_and_records_longer_and_never_the_reverse(
    kit: FloorKit, store: RetentionStore
) -> None:
    def days(kind: Kind) -> set[int]:
        return {term.days for term in store.terms() if term.kind is kind}

    store.wish(Kind.RECORDINGS, 30, kit.now)
    store.wish(Kind.NOTES, 5000, kit.now)
    store.wish(Kind.FILES, 7, kit.now)
    assert (days(Kind.RECORDINGS), days(Kind.NOTES), days(Kind.FILES)) == ({30}, {5000}, {7})
    store.wish(Kind.RECORDINGS, 3000, kit.now)
    store.wish(Kind.NOTES, 1, kit.now)
    assert days(Kind.RECORDINGS) == {GB.recording_retention_days}
    assert days(Kind.NOTES) == {GB.record_retention_days}
    with pytest.raises(KnownError, match="between"):
        store.wish(Kind.NOTES, 0, kit.now)


def test_files_that_cannot_go_are_named_and_the_rest_goes(
    kit: FloorKit, store: RetentionStore, traces: Traces
) -> None:
    traces.sound.unlink()
    traces.sound.mkdir()
    kit.clock.advance(91 * DAY_S)
    found = {one.kind: one for one in store.purge(kit.now)}
    assert found[Kind.RECORDINGS].stuck == (traces.sound.name,)
    assert found[Kind.RECORDINGS].count == 0
    assert found[Kind.FILES].count == 2
    traces.sound.rmdir()
    assert {one.kind: one.count for one in store.purge(kit.now)}[Kind.RECORDINGS] == 1


def test_a_purge_can_be_ended_in_the_middle(
    kit: FloorKit, store: RetentionStore, traces: Traces
) -> None:
    kit.clock.advance((GB.record_retention_days + 1) * DAY_S)
    found = store.purge(kit.now, goes_on=lambda _kind, _count: False)
    assert sum(one.count for one in found) > 0
    assert msgspec.json.encode(found[0])


def test_an_erased_person_is_not_purged_again(
    kit: FloorKit, store: RetentionStore, traces: Traces
) -> None:
    privacy = PrivacyStore(kit.database)
    privacy.erase(kit.now, number=NUMBER)
    privacy.close()
    kit.clock.advance((GB.record_retention_days + 1) * DAY_S)
    assert due(kit, store)[Kind.PEOPLE] == 4
