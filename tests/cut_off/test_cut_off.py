"""A seat without its floor keeps the call and the outcome, says so, and delivers it once."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.desk.agent import SILENT
from app.desk.cut_off import CUT_OFF, KEPT
from dialer_core.model.states import FormulaClass, Outcome, SeatState
from dialer_core.store.schema import AgentEventRow, AttemptRow
from dialer_core.store.schema.base import EventKind
from dialer_core.store.seat import SeatStore
from tests.cut_off.conftest import AGENT, Network, Open, in_a_call
from tests.store.floor_kit import FloorKit

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]


def row_of(kit: FloorKit, attempt: str) -> Any:
    with kit.database.reading() as connection:
        query = select(AttemptRow.__table__).where(AttemptRow.id == attempt)
        return connection.execute(query).one()


def told(kit: FloorKit, attempt: str) -> int:
    """How often the dialler is told of an outcome of this call."""
    with kit.database.reading() as connection:
        query = select(func.count()).where(
            AgentEventRow.attempt_id == attempt, AgentEventRow.kind == EventKind.OUTCOME
        )
        return connection.scalar(query) or 0


def test_an_outcome_without_the_floor_is_kept_and_delivered_once(
    kit: FloorKit, open_seat: Open, network: Network, journal: Path
) -> None:
    seat = open_seat()
    attempt = in_a_call(kit, seat)
    network.cut()
    seat.wait(lambda: CUT_OFF in seat.notices)
    assert seat.views[-1].state is SeatState.TALKING, "the call goes on"
    seat.desk.save_note(attempt, "wants a letter")
    seat.desk.choose_outcome(attempt, "SALE", "wants a letter, by Friday")
    seat.wait(lambda: KEPT in seat.notices)
    assert not seat.views[-1].can_choose_outcome
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert row_of(kit, attempt).disposition_code is None
    network.mend()
    seat.wait(lambda: row_of(kit, attempt).disposition_code == "SALE")
    assert row_of(kit, attempt).note == "wants a letter, by Friday"
    seat.wait(lambda: not {KEPT, CUT_OFF} & set(seat.notices))
    assert not journal.exists(), "what is delivered is kept no longer"
    assert told(kit, attempt) == 1


def test_it_is_delivered_by_the_next_window(
    kit: FloorKit, open_seat: Open, network: Network, journal: Path
) -> None:
    seat = open_seat()
    attempt = in_a_call(kit, seat)
    network.cut()
    seat.wait(lambda: CUT_OFF in seat.notices)
    seat.desk.choose_outcome(attempt, "SALE", "ring the bell twice")
    seat.close()
    assert journal.exists()
    again = open_seat()  # the floor is still away
    again.wait(lambda: again.logins and again.logins[-1].error)
    network.mend()
    again.wait(lambda: row_of(kit, attempt).disposition_code == "SALE")
    again.wait(lambda: not journal.exists())
    again.wait(lambda: again.logins[-1].error == "")
    assert row_of(kit, attempt).note == "ring the bell twice"
    assert told(kit, attempt) == 1


def test_what_a_supervisor_has_decided_meanwhile_stands(
    kit: FloorKit, open_seat: Open, network: Network, journal: Path
) -> None:
    seat = open_seat()
    attempt = in_a_call(kit, seat)
    session = row_of(kit, attempt).session_id
    network.cut()
    seat.wait(lambda: CUT_OFF in seat.notices)
    seat.desk.choose_outcome(attempt, "SALE", "")
    kit.close_call(attempt, Outcome.CONNECTED, FormulaClass.L)
    other = SeatStore(kit.database)
    assert other.resume(session)
    other.choose_outcome(attempt, "NO", "a supervisor's word", kit.now)
    other.close()
    network.mend()
    seat.wait(lambda: not journal.exists())
    assert row_of(kit, attempt).disposition_code == "NO"
    assert told(kit, attempt) == 1


def test_it_is_delivered_although_the_session_was_closed(
    kit: FloorKit, open_seat: Open, network: Network, journal: Path
) -> None:
    seat = open_seat()
    attempt = in_a_call(kit, seat)
    session = row_of(kit, attempt).session_id
    network.cut()
    seat.wait(lambda: CUT_OFF in seat.notices)
    seat.desk.choose_outcome(attempt, "SALE", "")
    kit.close_call(attempt, Outcome.CONNECTED, FormulaClass.L)
    other = SeatStore(kit.database)
    assert other.resume(session)
    other.log_out(kit.now)
    other.close()
    network.mend()
    seat.wait(lambda: row_of(kit, attempt).disposition_code == "SALE")
    seat.wait(lambda: not journal.exists())


def test_the_floor_comes_back_by_itself(kit: FloorKit, open_seat: Open, network: Network) -> None:
    seat = open_seat()
    seat.log_in()
    network.cut()
    seat.wait(lambda: CUT_OFF in seat.notices)
    with kit.database.writing() as connection:
        connection.exec_driver_sql("UPDATE sessions SET reason = 'Lunch' WHERE closed_at IS NULL")
    network.mend()
    seat.wait(lambda: seat.views[-1].reason == "Lunch")
    assert CUT_OFF not in seat.notices


def test_a_clock_that_is_an_hour_off_is_put_right_and_told(kit: FloorKit, open_seat: Open) -> None:
    seat = open_seat(off_s=3600.0)
    seat.log_in()
    seat.wait(lambda: any("60 minutes ahead" in one for one in seat.notices))
    with kit.database.reading() as connection:
        apart = "SELECT extract(epoch FROM clock_timestamp() - max(seen_at)) FROM sessions"
        apart_s = float(connection.exec_driver_sql(apart).scalar() or 1e9)
    assert abs(apart_s) < 10.0, "what others compare is in the floor's time"


def test_who_sleeps_is_logged_out_in_time_and_told(kit: FloorKit, open_seat: Open) -> None:
    seat = open_seat()
    seat.log_in()
    with kit.database.writing() as connection:  # as if it had been asleep for a minute
        connection.exec_driver_sql(
            "UPDATE sessions SET opened_at = clock_timestamp() - interval '10 minutes',"
            " seen_at = clock_timestamp() - interval '1 minute' WHERE closed_at IS NULL"
        )
    assert kit.floor.close_silent(kit.now) == 0, "perhaps it was we who slept"
    kit.clock.advance(9.0)
    assert kit.floor.close_silent(kit.now) == 1
    seat.wait(lambda: seat.logins[-1].error == SILENT)
    assert seat.logins[-1].agents[0] == AGENT
    seat.desk.log_in(seat.logins[-1].agents[0], "")
    seat.wait(lambda: seat.logins[-1].error == "")


def test_who_is_in_a_call_is_not_logged_out(kit: FloorKit, open_seat: Open) -> None:
    seat = open_seat()
    in_a_call(kit, seat)
    for _ in range(2):
        with kit.database.writing() as connection:
            connection.exec_driver_sql(
                "UPDATE sessions SET opened_at = clock_timestamp() - interval '10 minutes',"
                " seen_at = clock_timestamp() - interval '1 minute' WHERE closed_at IS NULL"
            )
        assert kit.floor.close_silent(kit.now) == 0
        kit.clock.advance(9.0)
