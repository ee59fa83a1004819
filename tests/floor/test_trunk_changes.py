"""The supervisor changes the trunk while the dialler runs: calls go on, the next go the new way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from dialer_core.model.states import Mode, SeatState
from dialer_core.store.schema import LineRow
from tests.floor.office_kit import office, person
from tests.ports import free_port
from tests.sip.practice_kit import wait_for

pytestmark = [pytest.mark.floor, pytest.mark.timeout(120)]
FIRST, SECOND = "+441614960101", "+441614960102"


def test_a_changed_trunk_holds_from_the_next_call_on(tmp_path: Path) -> None:
    with office(tmp_path) as floor:
        campaign = floor.campaign(mode=Mode.PROGRESSIVE)
        floor.people(campaign, FIRST, SECOND)
        anna, ben = floor.agent("Anna K.", campaign), floor.agent("Ben T.", campaign)
        with person(tmp_path) as (one, _), person(tmp_path, voice=102) as (two, _):
            assert wait_for(lambda: one.is_listening() and two.is_listening())
            floor.trunk(one.address, lines=1)
            floor.open()
            anna.seat.want_available(floor.clock.now())
            floor.wait(lambda: anna.state is SeatState.TALKING, "the first call")
            port = free_port() & ~1
            floor.trunk(two.address, lines=2, callers_port=port)
            lines = select(LineRow.id)
            floor.wait(lambda: len(floor.rows(lines)) == 4, "two lines, and two for callers")
            ben.seat.want_available(floor.clock.now())
            floor.wait(lambda: ben.state is SeatState.TALKING, "the second call")
            assert anna.state is SeatState.TALKING, "the first goes on"
            assert "INVITE" in two.messages
            anna.hang_up()
            ben.hang_up()
            assert (one.status(20), two.status(20)) == (0, 0), one.errors + two.errors
        floor.wait(lambda: len(floor.attempts()) == 2, "both")
        other = free_port() & ~1
        floor.trunk("127.0.0.1:9", lines=1, callers_port=other)
        floor.wait(lambda: floor.listens_at(other), "the new port")
        assert not floor.listens_at(port)
        floor.wait(lambda: len(floor.rows(lines)) == 3, "one line fewer")
        (floor.profile.root / "trunk.toml").write_text("gateways = []")
        told = "The trunk goes on as it was"
        floor.wait(lambda: told in floor.troubles(), "the supervisor's notice")


def test_a_dialler_writes_where_others_read(tmp_path: Path) -> None:
    """The log beside the database must not be deleted under the dialler by who closes last."""
    with office(tmp_path) as floor:
        floor.campaign()
        floor.trunk("127.0.0.1:9")
        floor.open()
        floor.wait(lambda: floor.rows(select(LineRow.id)), "the line")
        for _ in range(5):
            floor.rows(select(LineRow.id))
        folder = Path(f"/proc/{floor.dialler_pid}/fd")
        held = [os.readlink(one) for one in folder.iterdir() if one.is_symlink()]
        logs = [name for name in held if "sqlite3-wal" in name]
        assert logs
        assert not [name for name in logs if "deleted" in name]
