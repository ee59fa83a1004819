"""A call in progress, from an agent's wish to the line's own word, with every process real."""

from __future__ import annotations

import time
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.clock import WallClock
from dialer_core.model.call_control import (
    Arrangement,
    CallAction,
    CallControl,
    CallWish,
    RecordingPolicy,
    RecordingState,
    ThirdStage,
)
from dialer_core.model.ids import AttemptId
from dialer_core.model.states import SeatState
from dialer_core.store.database import Database
from dialer_core.store.schema import CampaignRow, RecordingRow, SessionRow, ThirdPartyRow
from dialer_core.store.seat import SeatStore
from tests.floor.conftest import RunningDemo, Start

pytestmark = [pytest.mark.floor, pytest.mark.timeout(300)]
OUTSIDE = "+442079460111"


@dataclass
class Desk:
    """A seat of the running floor that talks; its wishes are written as its window would."""

    store: SeatStore
    attempt: AttemptId
    clock: WallClock

    def wish(self, action: CallAction, **more: str) -> None:
        self.store.want_call(CallWish(action, self.attempt, **more), self.clock.now())  # type: ignore[arg-type]  # texts by name

    def control(self) -> CallControl | None:
        row = self.store.read()
        return row.control if row is not None and row.attempt_id == self.attempt else None

    def sees(self, what: Callable[[CallControl], bool], timeout_s: float = 5.0) -> CallControl:
        until = time.monotonic() + timeout_s
        while True:
            found = self.control()
            assert found is not None, "the call has ended"
            if what(found):
                return found
            assert time.monotonic() < until, found
            time.sleep(0.02)


def database_of(demo: RunningDemo) -> Database:
    path = demo.profile / "data" / "callfloor.sqlite3"
    demo.wait_for(lambda: path.exists() and demo.pids("dialler"), 60, "the floor")
    return Database(path)


def talking(database: Database, clock: WallClock) -> Desk | None:
    with database.reading() as connection:
        row = connection.execute(
            select(SessionRow.id, SessionRow.attempt_id, SessionRow.since)
            .where(SessionRow.state == SeatState.TALKING, SessionRow.closed_at.is_(None))
            .order_by(SessionRow.since.desc())
        ).first()
    if row is None or (clock.now().utc - row.since).total_seconds() > 2.0:
        return None
    store = SeatStore(database)
    assert store.resume(row.id)
    return Desk(store, AttemptId(row.attempt_id), clock)


def test_hold_recording_and_a_third_party_on_a_real_floor(start_demo: Start) -> None:
    demo = start_demo(
        "--agents", 1, "--lines", 2, "--seconds", 120, "--mode", "progressive", "--seed", 6,
        is_patient=True,
    )  # fmt: skip
    database, clock = database_of(demo), WallClock()
    with database.writing() as connection:
        connection.execute(
            update(CampaignRow).values(
                recording=RecordingPolicy.ON_DEMAND, changed_at=clock.now().utc
            )
        )
    found: list[Desk] = []

    def somebody_talks() -> bool:
        desk = talking(database, clock)
        found.extend([desk] if desk is not None else [])
        return bool(found)

    time.sleep(2.0)  # calls that were ordered before are not recorded
    demo.wait_for(somebody_talks, 90, "a conversation")
    desk = found[0]
    desk.wish(CallAction.RECORD_START)
    desk.sees(lambda one: one.recording is RecordingState.RECORDING)
    desk.wish(CallAction.HOLD)
    desk.sees(lambda one: one.arrangement is Arrangement.HOLD)
    desk.wish(CallAction.RESUME)
    desk.sees(lambda one: one.arrangement is Arrangement.TALK)
    desk.wish(CallAction.RECORD_PAUSE)
    desk.sees(lambda one: one.recording is RecordingState.PAUSED)
    desk.wish(CallAction.RECORD_RESUME)
    desk.sees(lambda one: one.recording is RecordingState.RECORDING)
    desk.wish(CallAction.CONSULT, number=OUTSIDE)
    desk.sees(lambda one: one.third in (ThirdStage.DIALLING, ThirdStage.RINGING, ThirdStage.UP))
    desk.wish(CallAction.CANCEL_THIRD)
    desk.sees(lambda one: one.third is None and one.arrangement is Arrangement.TALK)
    with database.reading() as connection:
        recording = connection.execute(select(RecordingRow.__table__)).first()
        third = connection.execute(select(ThirdPartyRow.__table__)).first()
    assert third is not None
    assert third.stage is ThirdStage.GONE
    assert recording is not None
    desk.store.close()
    database.close()
    demo.process.terminate()
    demo.end()
    with wave.open(str(Path(recording.path))) as file:
        assert file.getnchannels() == 2, "the customer left, the agent right"
        assert file.getnframes() > 0
