"""A floor as it will be used: hosts of their own (network namespaces), real TLS, real mDNS."""

from __future__ import annotations

import json
import os

import pytest

from app.sharing.join_code import JoinCode, read_code, write_code
from tests.sharing.hosts_kit import ONLY_ROOT, Host

pytestmark = [pytest.mark.floor, ONLY_ROOT]
JOIN_S = 10.0


def test_seats_join_two_floors_from_other_pcs(hosts: list[Host]) -> None:
    north, south, anna, ben = hosts
    told = [north.tell("share", "start", "--name", "North"),
            south.tell("share", "start", "--name", "South")]  # fmt: skip
    assert [one["addresses"] for one in told] == [[north.address], [south.address]]
    assert all(one["is_running"] and one["is_kept"] for one in told)

    # Both are found from another PC, and told apart by what a code pins them with.
    found = {str(one["name"]): one for one in anna.floors()}
    assert set(found) == {"North", "South"}
    for one in told:
        seen = found[str(one["name"])]
        assert seen["addresses"] == one["addresses"]
        assert str(one["fingerprint"]).startswith(str(seen["fingerprint"]))

    code = str(north.tell("share", "code")["code"])
    joined = anna.tell("join", code, "--name", "front-1")
    assert joined["address"] == north.address
    assert float(str(joined["seconds"])) <= JOIN_S

    # A code whose address has changed since finds its floor by mDNS, and no other.
    right = read_code(str(south.tell("share", "code")["code"]))
    moved = JoinCode(("10.77.0.99",), right.port, right.fingerprint, right.secret)
    joined = ben.tell("join", write_code(moved), "--name", "front-1")
    assert joined["address"] == south.address
    assert float(str(joined["seconds"])) <= JOIN_S

    # A code of one floor at the address of the other opens nothing.
    right = read_code(str(north.tell("share", "code")["code"]))
    mixed = JoinCode((south.address,), right.port, b"nobody's", right.secret)
    done = ben.run("join", write_code(mixed), "--name", "x", "--profile", str(ben.home / "another"))
    assert done.returncode == 1
    assert "nothing was told to it" in done.stderr

    for floor in (north, south):
        done = floor.run("share", "seats", "--json", "--profile", str(floor.home / "profile"))
        assert [seat["name"] for seat in json.loads(done.stdout)] == ["front-1"]
    north.tell("share", "remove", "front-1")
    assert north.tell("share", "stop") == {"was_running": True}
    assert north.tell("share", "status")["is_running"] is False
    assert [one["name"] for one in ben.floors()] == ["South"]


def test_the_keeper_starts_a_killed_server_again(hosts: list[Host]) -> None:
    north = hosts[0]
    north.tell("share", "start")
    (data,) = north.servers.glob("*/postgres")
    pid = int((data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, 9)
    for _ in range(40):
        done = north.run("share", "seats", "--json", "--profile", str(north.home / "profile"))
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stderr
    assert int((data / "postmaster.pid").read_text().split()[0]) != pid
    joined = hosts[2].run(
        "join", str(north.tell("share", "code")["code"]), "--name", "after", "--json",
        "--profile", str(hosts[2].home / "second"),
    )  # fmt: skip
    assert joined.returncode == 0, joined.stderr
