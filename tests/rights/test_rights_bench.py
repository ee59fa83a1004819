"""What the bench of the rights measures with: past calls, and the same as owner and as seat."""

from __future__ import annotations

import pytest

from app.telephony.rights_bench import _pairs
from dialer_core.store import past_calls
from tests.rights.floor_of_seats import BEN, FloorOfSeats, session_of

pytestmark = pytest.mark.postgres


def test_what_one_side_never_says_has_no_ratio() -> None:
    owner = {"both": [0.001, 0.002, 0.003], "owner's": [0.001]}
    seat = {"both": [0.002, 0.004, 0.006], "seat's": [0.005]}
    found = {one.name: one for one in _pairs(owner, seat, {"both": "SELECT 1"})}
    assert list(found) == ["both", "seat's", "owner's"], "the slowest at a seat first"
    assert (found["both"].ratio, found["both"].text) == (2.0, "SELECT 1")
    assert found["owner's"].ratio == found["seat's"].ratio == 0.0
    assert found["both"].seat.p50 == 4.0


def test_past_calls_are_copies_with_people_agents_and_moments_of_their_own(
    floor: FloorOfSeats,
) -> None:
    window = floor.sit_down(floor.one)
    model, _ = floor.call(window)
    ben = floor.sit_down(floor.two, BEN)
    with floor.owner() as owner:
        owner.execute("UPDATE contact_numbers SET rank = 1")
    with floor.database.writing() as connection:
        past_calls.add(connection, 6, 2, "NO", floor.clock.now().utc, model)
        past_calls.put_on_screen(connection, session_of(ben), 4)
    with floor.owner() as owner:
        found = owner.execute(
            "SELECT contact_id, agent_id, disposition_code, session_id FROM attempts"
            " WHERE id LIKE 'Z%' ORDER BY committed_at"
        ).fetchall()
    assert [row[0] for row in found] == [6, 5, 4, 3, 2, 1]
    assert {row[2] for row in found if row[0] != 4} == {"NO"}
    assert found[2] == (4, 2, None, session_of(ben))
    row, record = ben.read(), ben.record(4)
    assert row is not None
    assert record is not None
    assert row.attempt_id == past_calls.attempt_of(4)
    assert ben.choose_outcome(past_calls.attempt_of(4), "SALE", "", floor.clock.now()) == "SALE"
