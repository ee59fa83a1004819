"""Telephone between PCs: dialler and lines on one host, an agent's phone on another."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from app.certificates import shows
from app.dialler.reaching import PhoneReach
from app.practice import AGENT_SIGNATURES, read_lines
from sip.messages import PhoneRecord
from tests.ports import free_port
from tests.sharing.hosts_kit import ONLY_ROOT, Host, ip

pytestmark = [pytest.mark.floor, ONLY_ROOT, pytest.mark.timeout(150)]
HERE = Path(__file__).parent
VOICE = AGENT_SIGNATURES[3]


@dataclass
class Far:
    """A script that runs on a host, and all that it has said."""

    process: subprocess.Popen[str]
    said: list[dict[str, Any]] = field(default_factory=list)

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    def tell(self, words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()

    def last_words(self) -> str:
        """Why it has ended."""
        assert self.process.stderr is not None
        return f"{self.said} {self.process.stderr.read()}"

    def wait(self, what: Callable[[dict[str, Any]], bool], timeout_s: float = 30.0) -> Any:
        """The first thing said that is so."""
        until = time.monotonic() + timeout_s
        while True:
            found = next((one for one in self.said if what(one)), None)
            if found is not None:
                return found
            assert self.process.poll() is None, self.last_words()
            assert time.monotonic() < until, self.said
            time.sleep(0.05)


@contextlib.contextmanager
def far(host: Host, script: str, *words: str) -> Iterator[Far]:
    module = script if "." in script else f"tests.sharing.{script}"
    command = host.words("-m", module, *words)
    process = subprocess.Popen(
        command, env=host.environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    made = Far(process)
    reader = Thread(target=made.read, daemon=True)
    reader.start()
    try:
        yield made
    finally:
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        reader.join(5)
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()


def test_a_phone_behind_a_firewall_is_told_of() -> None:
    reach, port = PhoneReach(), free_port()
    near = f"sip:seat@127.0.0.1:{port};transport=tls"
    asyncio.run(reach.look([("front-1", near)], 0.0))
    (sentence,) = reach.troubles.values()
    assert f"front-1's telephone on 127.0.0.1 port {port}" in sentence
    with socket.create_server(("127.0.0.1", port)):
        asyncio.run(reach.look([("front-1", near)], 5.0))
        assert reach.troubles, "not tried again so soon"
        asyncio.run(reach.look([("front-1", near)], 10.0))
    assert not reach.troubles
    asyncio.run(reach.look([], 11.0))


def test_a_call_reaches_an_agent_on_another_pc(hosts: list[Host], tmp_path: Path) -> None:
    floor, desk = hosts[0], hosts[2]
    floor.tell("share", "start", "--name", "North")
    desk.tell("join", str(floor.tell("share", "code")["code"]), "--name", "front-1")
    public, at_desk = call_to_desk(floor, desk, tmp_path / "phone.jsonl")
    assert max(public["gap_ms"], at_desk.longest_gap_ms) < 200


def call_to_desk(floor: Host, desk: Host, log: Path) -> tuple[dict[str, Any], PhoneRecord]:
    """A call of that floor to an agent at that PC, heard at both ends: what each has noted."""
    home, office = (str(one.home / "profile") for one in (desk, floor))
    with far(desk, "far_phone", home, "front-1", str(VOICE), str(log)) as phone:
        uri = phone.wait(lambda one: "uri" in one)["uri"]
        # Its address is the card by which the floor is reached, and it speaks TLS there.
        assert uri.startswith(f"sip:seat@{desk.address}:")
        assert uri.endswith(";transport=tls")
        with far(floor, "near_office", office, uri, "token-of-anna") as near:
            session = near.wait(lambda one: "session" in one)["session"]
            phone.tell(f"session {session} token-of-anna")
            near.tell("go")
            heard = near.wait(lambda one: "heard" in one, 60)["heard"]
        assert heard, near.said
    public: dict[str, Any] = heard[0]
    assert (public["status"], public["by"]) == (200, "person")
    assert public["heard_ms"].get(str(VOICE), 0) > 1500, public
    (at_desk,) = read_lines(log, PhoneRecord)
    assert at_desk.sounds.heard_ms.get(public["own"], 0) > 1500, at_desk
    return public, at_desk


def test_a_phone_follows_its_pc_to_another_address(hosts: list[Host], tmp_path: Path) -> None:
    floor, desk = hosts[0], hosts[3]
    floor.tell("share", "start", "--name", "North")
    desk.tell("join", str(floor.tell("share", "code")["code"]), "--name", "front-2")
    home = str(desk.home / "profile")
    log = str(tmp_path / "phone.jsonl")
    with far(desk, "far_phone", home, "front-2", str(VOICE), log) as phone:
        assert f"@{desk.address}:" in phone.wait(lambda one: "uri" in one)["uri"]
        phone.tell("network")
        assert phone.wait(lambda one: "moved" in one)["moved"] is False
        ip("-n", desk.space, "address", "del", f"{desk.address}/24", "dev", "eth0")
        ip("-n", desk.space, "address", "add", "10.77.0.44/24", "dev", "eth0")
        phone.said.clear()
        phone.tell("network")
        assert phone.wait(lambda one: "moved" in one)["moved"] is True
        phone.wait(lambda one: "gone" in one)
        phone.said.clear()
        phone.tell("open")
        assert "@10.77.0.44:" in phone.wait(lambda one: "uri" in one)["uri"]
    # The floor has signed the new address, and knows the seat there.
    certificate = desk.home / "profile" / "certificates" / "floor" / "seat.pem"
    assert shows(certificate, "10.77.0.44")
    done = floor.run("share", "seats", "--json", "--profile", str(floor.home / "profile"))
    (seat,) = [one for one in json.loads(done.stdout) if one["name"] == "front-2"]
    assert seat["addresses"] == ["10.77.0.44"]
