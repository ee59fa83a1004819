"""kill -9 of a dialler between any two instructions leaves a record that adds up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dialer_core.model.states import CallStage, FormulaClass, Outcome
from dialer_core.store import counts
from dialer_core.store.opening import open_database
from dialer_core.store.schema import AttemptRow, ContactRow
from tests.postgres_kit import place_in_words
from tests.store.floor_kit import FloorKit, person

DIALLER = """
import sys
from dataclasses import replace
from pathlib import Path
from dialer_core.clock import ManualClock
from dialer_core.engine.commands import (
    CloseAttempt, CommitAttempt, LeaseRecords, MoveAttempt, SetSeat)
from dialer_core.model.ids import AttemptId, CampaignId, LineId, SessionId
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState
from dialer_core.store.floor import FloorStore
from tests.postgres_kit import place_of
floor = FloorStore(place_of(sys.argv[1]))
now = ManualClock().now()
campaign, session = CampaignId(1), SessionId(1)
assert floor.take_lease("pc:9:9", now, 3.0, lambda _holder: True)
for n in range(10_000):
    (leased,) = floor.apply([LeaseRecords(campaign, 1)], now)
    if not leased.records:
        break
    record = leased.records[0]
    attempt = AttemptId(f"K{n:025d}")
    print("commit", attempt, flush=True)
    floor.apply([CommitAttempt(attempt, campaign, record, Mode.PREVIEW, session, LineId("l"),
                               False),
                 SetSeat(session, SeatState.RINGING, now, "", attempt, record.contact_id)], now)
    print("committed", attempt, flush=True)
    floor.apply([MoveAttempt(attempt, CallStage.TALKING, now, session),
                 SetSeat(session, SeatState.TALKING, now, "", attempt, record.contact_id)], now)
    floor.apply([CloseAttempt(attempt, Outcome.CONNECTED, FormulaClass.L, now, None),
                 SetSeat(session, SeatState.WRAP_UP, now, "", attempt, record.contact_id)], now)
    print("closed", attempt, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 2, 3, 11, 24, 40])
def test_a_killed_dialler_leaves_a_record_that_adds_up(kit: FloorKit, lines: int) -> None:
    kit.setup.add_list(kit.campaign_id, "more", [person(n) for n in range(10, 60)], kit.now)
    kit.log_in()
    victim = subprocess.Popen(
        [sys.executable, "-c", DIALLER, place_in_words(kit.database.place)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert victim.stdout is not None
    said = [victim.stdout.readline() for _ in range(lines)]
    os.kill(victim.pid, signal.SIGKILL)
    said += victim.stdout.readlines()
    victim.wait()
    victim.stdout.close()
    assert len(said) >= lines, "it was at work"

    open_database(kit.database.place, check=True).close()
    with kit.database.reading() as connection:
        attempts = connection.execute(select(AttemptRow.__table__)).all()
        tried = connection.scalar(select(func.sum(ContactRow.attempts_count)))
        held = set(
            connection.scalars(
                select(ContactRow.id).where(
                    ContactRow.leased_by_epoch.is_not(None), ContactRow.lease_expires_at.is_(None)
                )
            )
        )
        totals = counts.read(connection, kit.campaign_id, kit.now.utc.date())
    told = {line.split()[1] for line in said if line.startswith("committed ")}
    ended = {line.split()[1] for line in said if line.startswith("closed ")}
    is_open = [row for row in attempts if row.stage is not CallStage.ENDED]
    assert told <= {row.id for row in attempts}, "what was told is on the record"
    assert ended <= {row.id for row in attempts if row.stage is CallStage.ENDED}
    assert totals["dialled"] == tried == len(attempts)
    assert totals["live"] == totals["connected"] == len(attempts) - len(is_open)
    assert held == {row.contact_id for row in is_open}
    assert len(is_open) <= 1

    kit.take_lease(holder="pc:10:10")
    restored = kit.floor.restore(kit.now)
    assert [one.attempt_id for one in restored.attempts] == [row.id for row in is_open]
    again = {record.contact_id for record in kit.lease(60)}
    assert again.isdisjoint(row.contact_id for row in attempts), "nobody is dialled twice"
    for one in restored.attempts:
        kit.close_call(one.attempt_id, Outcome.LINE_LOST, FormulaClass.UNANSWERED)
    assert kit.floor.restore(kit.now).attempts == ()
