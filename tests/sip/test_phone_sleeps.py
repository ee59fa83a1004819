"""An agent's PC sleeps and wakes: its phone stands still, and the next call comes through."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

import pytest

from app.certificates import ensure_seat
from sip.clock import ManualClock, StandStill
from sip.launch import Launched
from sip.messages import (
    AgentAddress,
    AgentBridged,
    AgentUnreachable,
    CallAnswered,
    CallEnded,
    CarrierStatus,
    ConnectAgent,
    EndCall,
    Gateway,
    OpenSession,
    PhoneConnected,
    PhoneEnded,
    PhoneRang,
    PhoneStatus,
    SoundHeard,
)
from tests import needs
from tests.sharing.hosts_kit import ONLY_ROOT, ip
from tests.sip.callee import VOICE
from tests.sip.floor import Floor, order
from tests.sip.practice_kit import wait_for

pytestmark = pytest.mark.sip
NUMBER = "+441614960100"
LINE, SEAT = "10.78.0.1", "10.78.0.2"


@pytest.fixture
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    made = Floor(tmp_path_factory.mktemp("f"))
    try:
        yield made
    finally:
        made.close()


class Calls:
    """A line, a phone and somebody who answers; one attempt after the other."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self._start()
        self.attempt_id = ""

    def _start(self) -> None:
        self.gateway, _client = self.floor.callee()
        self.line, _launched, _address = self.floor.line()
        voice = ("--practice-signature", "3")
        self.phone, self.agent, launched, _address = self.floor.phone("phone", 7, *voice)
        self.pid = launched.pid

    def answered(self, attempt_id: str) -> None:
        """A new call, whose person waits for an agent."""
        self.attempt_id = attempt_id
        self.line.send(order(self.gateway, NUMBER, attempt_id=attempt_id, connect_limit_s=20.0))
        self.line.wait(CallAnswered, where=lambda m: m.attempt_id == attempt_id)

    def connect(self) -> None:
        self.line.send(ConnectAgent(epoch=1, attempt_id=self.attempt_id, agent=self.agent))

    def talks(self, times: int = 1) -> bool:
        """Whether person and agent have come together so often, and the person was heard."""
        found = (
            *(self.line.all(AgentBridged), self.phone.all(PhoneConnected)),
            [m for m in self.phone.all(SoundHeard) if m.signature == VOICE],
        )
        ours = [[m for m in some if m.attempt_id == self.attempt_id] for some in found]
        return all(len(some) == times for some in ours)

    def losses(self) -> int:
        return len(self.line.all(AgentUnreachable))

    def end(self) -> None:
        wanted = self.attempt_id
        self.line.send(EndCall(epoch=1, attempt_id=wanted))
        self.line.wait(CallEnded, where=lambda m: m.attempt_id == wanted)
        wait_for(lambda: any(m.attempt_id == wanted for m in self.phone.all(PhoneEnded)))

    @contextlib.contextmanager
    def asleep(self, least_s: float) -> Iterator[None]:
        """The phone stands still inside the block, and for so long at least."""
        os.kill(self.pid, signal.SIGSTOP)
        until_s = time.monotonic() + least_s
        try:
            yield
            time.sleep(max(0.0, until_s - time.monotonic()))
        finally:
            os.kill(self.pid, signal.SIGCONT)


def test_a_phone_that_sleeps_is_back_in_its_call_and_takes_the_next(floor: Floor) -> None:
    calls = Calls(floor)
    calls.answered("a-1")
    calls.connect()
    assert wait_for(calls.talks)
    with calls.asleep(3.0):
        assert wait_for(lambda: calls.losses() == 1), "the person hears music"
    assert calls.phone.wait(PhoneEnded).by == "far_end", "its window is told that the call left"
    calls.connect()
    assert wait_for(lambda: calls.talks(2)), "the same talk, on the same phone"
    calls.end()

    calls.answered("a-2")
    with calls.asleep(1.5):
        calls.connect()
        assert wait_for(lambda: calls.losses() == 2)
    calls.connect()
    assert wait_for(calls.talks)
    assert calls.losses() == 2
    rang = [m.attempt_id for m in calls.phone.all(PhoneRang)]
    assert rang == ["a-1", "a-1", "a-2"], "what was given up while it slept does not ring"
    calls.end()


class FarCalls(Calls):
    """The same on two PCs of a network; who sleeps is off it, too."""

    def __init__(self, floor: Floor, spaces: tuple[str, str]) -> None:
        self._spaces = spaces
        super().__init__(floor)

    def _start(self) -> None:
        near, far = self._spaces
        folder = self.floor.folder
        words = (str(folder / "callee.sock"), str(folder / "callee.jsonl"))
        self._run(near, "tests.sip.callee", "callee", *words)
        status = self.floor.client(words[0]).wait(CarrierStatus)
        template = f"sip:{{number}}@{status.address};transport=udp"
        self.gateway = Gateway(name="callee", uri_template=template, send_attempt_id=True)
        address, _pid = self._engine(near, "line", LINE, "--trunk-bind", "127.0.0.1")
        self.line = self.floor.client(address)
        voice = ("--sound", "none", "--practice-signature", "3")
        address, self.pid = self._engine(far, "phone", SEAT, *voice)
        self.phone = self.floor.client(address)
        self.phone.send(OpenSession(session_id=7, token="token"))
        uri = self.phone.wait(PhoneStatus, where=lambda s: s.session_id == 7).uri
        self.agent = AgentAddress(session_id=7, uri=uri, token="token")

    def _engine(self, space: str, role: str, bind: str, *words: str) -> tuple[str, int]:
        files = ensure_seat(self.floor.folder / "tls", role, [bind], datetime.now(UTC))
        address = str(self.floor.folder / f"{role}.sock")
        tls = ("--ca", str(files.ca), "--cert", str(files.certificate), "--key", str(files.key))
        own = ("--id", role, "--socket", address, "--bind", bind)
        return address, self._run(space, f"sip.{role}", role, *own, *tls, *words)

    def _run(self, space: str, module: str, name: str, *words: str) -> int:
        log_file = self.floor.folder / f"{name}.log"
        command = ["ip", "netns", "exec", space, sys.executable, "-m", module, *words]
        with log_file.open("ab") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
        self.floor.adopt(Launched(name, process, log_file), str(self.floor.folder / f"{name}.sock"))
        return process.pid

    @contextlib.contextmanager
    def asleep(self, least_s: float) -> Iterator[None]:
        with super().asleep(least_s):
            self._link("down")
            yield
        self._link("up")

    def _link(self, state: Literal["up", "down"]) -> None:
        ip("-n", self._spaces[1], "link", "set", "eth0", state)


@pytest.fixture
def spaces() -> Iterator[tuple[str, str]]:
    """Two hosts on a network that goes on where one of them leaves it."""
    needs.program("ip", "iproute2")
    hub, near, far = made = [f"cs{os.getpid()}{name}" for name in "hnf"]
    try:
        for space in made:
            ip("netns", "add", space)
            ip("-n", space, "link", "set", "lo", "up")
        ip("-n", hub, "link", "add", "office", "type", "bridge", "mcast_snooping", "0")
        ip("-n", hub, "link", "set", "office", "up")
        for space, address in ((near, LINE), (far, SEAT)):
            port = ("link", "add", f"to-{space[-1]}", "type", "veth", "peer", "name", "eth0")
            ip("-n", hub, *port, "netns", space)
            ip("-n", hub, "link", "set", f"to-{space[-1]}", "master", "office", "up")
            ip("-n", space, "address", "add", f"{address}/24", "dev", "eth0")
            ip("-n", space, "link", "set", "eth0", "up")
    except RuntimeError as error:
        _remove(made)
        pytest.skip(f"only on a system with network namespaces: {error}")
    try:
        yield near, far
    finally:
        _remove(made)


def _remove(spaces: list[str]) -> None:
    for space in spaces:
        subprocess.run(["ip", "netns", "delete", space], capture_output=True, check=False)


@ONLY_ROOT
def test_a_pc_that_was_off_the_network_is_reached_as_soon_as_it_is_awake(
    spaces: tuple[str, str], floor: Floor
) -> None:
    calls = FarCalls(floor, spaces)
    calls.answered("a-1")
    calls.connect()
    assert wait_for(calls.talks)
    calls.end()
    calls.answered("a-2")
    with calls.asleep(4.0):
        calls.connect()  # over the connection of the first call, which nobody hears
        assert wait_for(lambda: calls.losses() == 1)
    calls.connect()
    assert wait_for(calls.talks)
    assert calls.losses() == 1, "the first call after it comes through"
    calls.end()


def test_who_stood_still_knows_it_for_a_moment() -> None:
    clock = ManualClock()
    still = StandStill(lambda: clock.now().mono_s)
    for pause_s in (0.01, 0.1, 0.4):
        clock.advance(pause_s)
        assert not still.has_just_ended
        still.turn()
    clock.advance(2.0)
    assert still.has_just_ended, "at the first thing that it finds"
    still.turn()
    clock.advance(0.29)
    assert still.has_just_ended
    still.turn()
    clock.advance(0.02)
    assert not still.has_just_ended
