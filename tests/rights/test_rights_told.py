"""What the floor tells a seat beside its calls: of the trunk, of its own phone, of no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app.dialler.reaching import AGAIN_S, PhoneReach
from tests.ports import free_port
from tests.rights.floor_of_seats import ANNA, BEN, FloorOfSeats

pytestmark = pytest.mark.postgres


def test_a_seat_is_told_of_the_trunk(floor: FloorOfSeats) -> None:
    window = floor.sit_down(floor.one)
    assert window.why_no_calls() == ""
    floor.kit.floor.set_trunk_trouble("The gateway refuses our calls", floor.clock.now())
    assert window.why_no_calls() == "The gateway refuses our calls"
    floor.kit.floor.set_phone_troubles({"seat-one": "A firewall."}, floor.clock.now())
    assert window.why_no_calls() == "A firewall.", "that one is the agent's to mend"


def test_a_seat_reads_its_own_phones_trouble_and_no_other_setting(floor: FloorOfSeats) -> None:
    one, two = floor.sit_down(floor.one, ANNA), floor.sit_down(floor.two, BEN)
    store, now = floor.kit.floor, floor.clock.now()
    store.set_phone_troubles({"seat-one": "A firewall is in the way."}, now)
    store.set_line_troubles(["Nobody else's business"], now)
    assert one.why_no_calls() == "A firewall is in the way."
    assert two.why_no_calls() == ""
    with floor.two.intruder() as intruder:
        assert intruder.execute("SELECT key FROM settings").fetchall() == []
    store.set_phone_troubles({"seat-two": "Its turn."}, now)
    assert (one.why_no_calls(), two.why_no_calls()) == ("", "Its turn.")


def test_what_the_dialler_finds_is_told_once_and_taken_back(floor: FloorOfSeats) -> None:
    window = floor.sit_down(floor.one)
    store, reach, done = floor.kit.floor, PhoneReach(), []

    async def in_db(work: Callable[..., object], *words: Any) -> Any:
        done.append(work.__name__)
        return work(*words)

    port = free_port()
    window.phone_came(f"sip:seat@127.0.0.1:{port};transport=tls", "token", floor.clock.now())
    for _ in range(2):
        asyncio.run(reach.keep(in_db, store, floor.clock.now()))
    assert f"does not reach its telephone on 127.0.0.1 port {port}" in window.why_no_calls()
    assert done.count("set_phone_troubles") == 1, "only what has changed is written"
    window.log_out(floor.clock.now())
    asyncio.run(reach.keep(in_db, store, floor.clock.advance(AGAIN_S)))
    again = floor.sit_down(floor.one)
    assert again.why_no_calls() == ""


def test_a_commit_tells_of_what_a_seats_functions_write(floor: FloorOfSeats) -> None:
    """They are asked by SELECT: the dialler would not look before somebody else writes."""
    window = floor.one.window()
    with floor.owner() as listening:
        listening.execute("LISTEN callfloor")

        def told() -> list[str]:
            return [one.payload for one in listening.notifies(timeout=5.0, stop_after=1)]

        session = floor.log_in(window)
        assert told() == [str(session)]
        window.phone_came("sip:seat@127.0.0.1:40001;transport=tls", "x", floor.clock.now())
        assert told() == [str(session)]
        window.log_out(floor.clock.now())
        assert told() == [str(session)]
