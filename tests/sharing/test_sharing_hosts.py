"""A floor as it will be used: hosts of their own (network namespaces), real TLS, real mDNS."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.sharing.join_code import JoinCode, read_code, write_code
from tests import needs
from tests.sharing.kit import SERVER_DIR, server_folder

pytestmark = [
    pytest.mark.floor,
    pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0,
        reason="only on a PC where we are root: network namespaces",
    ),
]
JOIN_S = 10.0


@dataclass
class Host:
    """One PC: a namespace with an address of its own, and a home."""

    space: str
    address: str
    home: Path
    servers: Path

    def run(self, *words: str, timeout_s: float = 60.0) -> subprocess.CompletedProcess[str]:
        """`callfloor words` on this PC."""
        environment = os.environ | {
            "PYTHON_KEYRING_BACKEND": "tests.sharing.folder_ring.FolderRing",
            "CALLFLOOR_TEST_RING": str(self.home / "ring"),
            SERVER_DIR: str(self.servers),
            "XDG_RUNTIME_DIR": str(self.home),
        }
        return subprocess.run(
            ["ip", "netns", "exec", self.space, sys.executable, "-m", "app", *words],
            env=environment, capture_output=True, text=True, timeout=timeout_s, check=False,
        )  # fmt: skip

    def tell(self, *words: str) -> dict[str, object]:
        """The same with `--json`, which has to go well."""
        done = self.run(*words, "--json", "--profile", str(self.home / "profile"))
        assert done.returncode == 0, done.stderr
        told: dict[str, object] = json.loads(done.stdout)
        return told

    def floors(self) -> list[dict[str, object]]:
        """What this PC finds on the network."""
        done = self.run("floors", "--json", "--seconds", "3")
        assert done.returncode == 0, done.stderr
        found: list[dict[str, object]] = json.loads(done.stdout)
        return found


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr}")


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Host]]:
    """Four PCs on one network: two supervisors', two agents'."""
    needs.program("ip", "iproute2")
    hub = f"cf{os.getpid()}h"
    spaces = [hub, *(f"cf{os.getpid()}{n}" for n in range(4))]
    made: list[Host] = []
    with server_folder() as servers:
        try:
            for space in spaces:
                _ip("netns", "add", space)
                _ip("-n", space, "link", "set", "lo", "up")
            _ip("-n", hub, "link", "add", "office", "type", "bridge", "mcast_snooping", "0")
            _ip("-n", hub, "link", "set", "office", "up")
            for n, space in enumerate(spaces[1:]):
                pair = ("link", "add", f"port{n}", "type", "veth", "peer", "name", "eth0")
                _ip("-n", hub, *pair, "netns", space)
                _ip("-n", hub, "link", "set", f"port{n}", "master", "office", "up")
                address = f"10.77.0.{n + 1}"
                _ip("-n", space, "address", "add", f"{address}/24", "dev", "eth0")
                _ip("-n", space, "link", "set", "eth0", "up")
                home = tmp_path_factory.mktemp(f"pc{n}")
                made.append(Host(space, address, home, servers / str(n)))
                made[-1].servers.mkdir()
        except RuntimeError as error:
            _remove(spaces)
            pytest.skip(f"only on a system with network namespaces: {error}")
        try:
            yield made
        finally:
            for host in made[:2]:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    host.run("share", "stop", "--profile", str(host.home / "profile"))
            _remove(spaces)


def _remove(spaces: list[str]) -> None:
    for space in spaces:
        subprocess.run(["ip", "netns", "delete", space], capture_output=True, check=False)


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
