"""A seat far away from its floor: each word is late, and some wait as a lost packet does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.profile import open_profile
from app.sharing.join_code import read_code, write_code
from dialer_core.store.opening import migrate
from tests.office_kit import set_up
from tests.sharing.hosts_kit import ONLY_ROOT, Host
from tests.sharing.test_sharing_calls import far

pytestmark = [pytest.mark.floor, ONLY_ROOT, pytest.mark.timeout(150)]
DELAY_S, LOST, WAIT_S = "0.02", "0.02", "0.3"
ROUND_TRIP_S = 2 * float(DELAY_S)


def test_a_seat_joins_and_works_over_a_slow_way(hosts: list[Host], tmp_path: Path) -> None:
    floor, between, desk = hosts[0], hosts[1], hosts[3]
    path = open_profile(floor.home / "profile").database_path
    migrate(path)
    set_up(path, people=1)
    floor.tell("share", "start", "--name", "North")
    code = read_code(str(floor.tell("share", "code")["code"]))
    weather = (DELAY_S, LOST, WAIT_S)
    with far(between, "slow_way", floor.address, str(code.port), *weather) as way:
        port = way.wait(lambda one: "port" in one)["port"]
        there = write_code(replace(code, addresses=(between.address,), port=port))
        joined = desk.tell("join", there, "--name", "front-1")
        assert ROUND_TRIP_S * 10 < float(str(joined["seconds"])) <= 10.0
        uri = f"sip:seat@{desk.address}:5061;transport=tls"
        with far(desk, "slow_seat", str(desk.home / "profile"), uri) as seat:
            told = seat.wait(lambda one: "wishes" in one, 60)
    assert told["wishes"] == 6
    assert ROUND_TRIP_S < told["logged_in_s"] < 10.0
    assert ROUND_TRIP_S < told["longest_s"] < 5.0
    done = floor.run("share", "seats", "--json", "--profile", str(floor.home / "profile"))
    (here,) = json.loads(done.stdout)
    assert (here["name"], here["agent"]) == ("front-1", "Anna"), "on the floor's own record"
