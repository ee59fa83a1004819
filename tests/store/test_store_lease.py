"""Who may dial: one at a time, and never one that has lost its lease."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from dialer_core.clock import ManualClock
from dialer_core.engine.commands import LeaseRecords, SetSeat, StoreCommand
from dialer_core.model.ids import LineId
from dialer_core.model.states import SeatState
from dialer_core.store.database import Database
from dialer_core.store.floor import FloorStore, LeaseLost
from dialer_core.store.lease import LeaseStore
from dialer_core.store.schema import DiallerLeaseRow
from tests.store.floor_kit import FloorKit


def alive(_holder: str) -> bool:
    return False


def run_out(kit: FloorKit) -> None:
    """Let the lease run out, whatever clock it runs by."""
    long_ago = kit.now.utc - timedelta(days=3650)
    with kit.database.writing() as connection:
        connection.execute(update(DiallerLeaseRow).values(expires_at=long_ago))


@pytest.fixture
def other(database: Database) -> FloorStore:
    return FloorStore(database)


def test_a_running_lease_keeps_others_out_until_it_ends(
    kit: FloorKit, other: FloorStore, clock: ManualClock
) -> None:
    assert kit.floor.take_lease("pc:1:1", kit.now, 3.0, alive) == 1
    assert other.take_lease("pc:2:1", kit.now, 3.0, alive) is None
    clock.advance(2.0)
    assert kit.floor.renew(kit.now)
    clock.advance(2.0)
    assert other.take_lease("pc:2:1", kit.now, 3.0, alive) is None
    run_out(kit)
    assert other.take_lease("pc:2:1", kit.now, 3.0, alive) == 2
    assert not kit.floor.renew(kit.now)
    other.close()


def test_a_dead_holder_is_not_waited_for(kit: FloorKit, other: FloorStore) -> None:
    kit.floor.take_lease("pc:1:1", kit.now, 3.0, alive)
    asked: list[str] = []

    def is_dead(holder: str) -> bool:
        asked.append(holder)
        return True

    assert other.take_lease("pc:2:1", kit.now, 3.0, is_dead) == 2
    assert set(asked) == {"pc:1:1"}
    other.close()


def test_a_lease_that_was_given_up_is_free_at_once(kit: FloorKit, other: FloorStore) -> None:
    kit.floor.take_lease("pc:1:1", kit.now, 3.0, alive)
    kit.floor.release()
    assert other.take_lease("pc:2:1", kit.now, 3.0, alive) == 2
    kit.floor.release()  # too late: it is the other's now
    assert other.renew(kit.now)
    other.close()


def test_a_fenced_dialler_writes_nothing(kit: FloorKit, other: FloorStore) -> None:
    kit.take_lease()
    session = kit.log_in()
    kit.take_lease(other, "pc:2:1")
    commands: list[StoreCommand] = [
        SetSeat(session, SeatState.AVAILABLE, kit.now),
        LeaseRecords(kit.campaign_id, 3),
    ]
    with pytest.raises(LeaseLost):
        kit.floor.apply(commands, kit.now)
    with pytest.raises(LeaseLost):
        kit.floor.apply([], kit.now, cursor=7)
    with pytest.raises(LeaseLost):
        kit.floor.note_line(LineId("line01"), "/run/line01", kit.now)
    row = kit.seats[0].read()
    assert row is not None
    assert row.state is SeatState.PAUSED
    assert other.restore(kit.now).cursor == 0
    other.close()


def test_the_cursor_is_kept_with_the_commands(kit: FloorKit, other: FloorStore) -> None:
    kit.take_lease()
    kit.floor.apply([], kit.now, cursor=2)
    kit.take_lease(other, "pc:2:1")
    assert other.restore(kit.now).cursor == 2
    other.close()


def test_lines_are_found_again(kit: FloorKit, other: FloorStore) -> None:
    kit.take_lease()
    kit.floor.note_line(LineId("line01"), "/run/a", kit.now)
    kit.floor.note_line(LineId("line02"), "/run/b", kit.now)
    kit.floor.note_line(LineId("line01"), "/run/c", kit.now)
    kit.floor.forget_line(LineId("line02"))
    assert other.lines() == [(LineId("line01"), "/run/c", 1)]
    other.close()


def test_a_lease_that_ran_out_is_drawn_out_before_anything_is_dialled(
    kit: FloorKit, other: FloorStore
) -> None:
    kit.take_lease()
    session = kit.log_in()
    run_out(kit)
    assert kit.floor.lease_holder(kit.now) == ""
    kit.floor.apply([SetSeat(session, SeatState.AVAILABLE, kit.now)], kit.now)
    assert kit.floor.lease_holder(kit.now) != ""
    assert other.take_lease("pc:2:1", kit.now, 3.0, alive) is None
    other.close()


def test_a_fenced_dialler_leaves_no_word_of_trunk_or_lines(
    kit: FloorKit, other: FloorStore
) -> None:
    kit.take_lease()
    kit.take_lease(other, "pc:2:1")
    with pytest.raises(LeaseLost):
        kit.floor.set_trunk_trouble("The trunk is down", kit.now)
    with pytest.raises(LeaseLost):
        kit.floor.set_line_troubles(["line01 is down"], kit.now)
    with pytest.raises(LeaseLost):
        kit.floor.extend_stock(kit.now)
    assert not kit.floor.renew(kit.now)
    other.close()


def test_it_is_renewed_beside_everything_else(kit: FloorKit, database: Database) -> None:
    kit.take_lease()
    beside = LeaseStore(database)
    run_out(kit)
    assert beside.holder(kit.now) == ""
    assert beside.renew(1, kit.now)
    assert beside.holder(kit.now) != ""
    assert not beside.renew(2, kit.now), "not ours"
    beside.close()
