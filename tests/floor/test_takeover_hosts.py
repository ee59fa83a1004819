"""Another PC's dialler takes over: three hosts of their own, the server's and two that dial."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.certificates import open_authority
from app.practice import read_lines
from app.rehearsal.carrier import CHANNELS, RehearsalCarrier
from app.rehearsal.takeover import PatientPublic, TakeoverFloor
from app.trunk import Trunk, write_trunk
from dialer_core.model.states import CallStage
from dialer_core.store.address import FloorAddress
from sip.messages import CarrierRecord
from tests import needs
from tests.floor.test_takeover import IN_CALLS, LINES, Pc, assert_nothing_lost, attempts
from tests.postgres_kit import running_postgres
from tests.sharing.hosts_kit import ONLY_ROOT, ip

pytestmark = [pytest.mark.floor, pytest.mark.postgres, ONLY_ROOT, pytest.mark.timeout(240)]


@dataclass(frozen=True)
class Network:
    """This PC, with the server, and two others on the same network."""

    address: str
    spaces: tuple[str, str]


@pytest.fixture
def network() -> Iterator[Network]:
    needs.program("ip", "iproute2")
    pid = os.getpid()
    net, bridge = f"10.{100 + pid // 250 % 100}.{pid % 250}", f"cf{pid}b"
    spaces = (f"cf{pid}t1", f"cf{pid}t2")
    try:
        ip("link", "add", bridge, "type", "bridge")
        ip("address", "add", f"{net}.254/24", "dev", bridge)
        ip("link", "set", bridge, "up")
        for n, space in enumerate(spaces, 1):
            ip("netns", "add", space)
            port = f"cf{pid}p{n}"
            ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", space)
            ip("link", "set", port, "master", bridge, "up")
            ip("-n", space, "address", "add", f"{net}.{n}/24", "dev", "eth0")
            ip("-n", space, "link", "set", "eth0", "up")
            ip("-n", space, "link", "set", "lo", "up")
        yield Network(f"{net}.254", spaces)
    except RuntimeError as error:
        pytest.skip(f"only on a system with network namespaces: {error}")
    finally:
        for words in (*(("netns", "delete", one) for one in spaces), ("link", "delete", bridge)):
            subprocess.run(["ip", *words], capture_output=True, check=False)


@pytest.fixture
def place(network: Network, tmp_path: Path) -> Iterator[FloorAddress]:
    """Somebody else's server, which speaks TLS on the network."""
    now = datetime.now(UTC)
    authority = open_authority(tmp_path / "authority", "a passphrase", now)
    shown = authority.server([network.address], now)
    with running_postgres(host=network.address, shown=shown) as server:
        ca = tmp_path / "authority" / "ca.pem"
        yield replace(server.new_database(), ca=ca)


@contextmanager
def inside(space: str) -> Iterator[None]:
    """What this thread starts and connects meanwhile is on that PC."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open() as home, Path("/run/netns", space).open() as there:
        assert libc.setns(there.fileno(), 0) == 0, os.strerror(ctypes.get_errno())
        try:
            yield
        finally:
            assert libc.setns(home.fileno(), 0) == 0


class TwoTrunks(TakeoverFloor):
    """A floor of two PCs. The practice carrier speaks on loopback only: each has its own trunk."""

    def __init__(self, here: Pc, there: Pc, place: FloorAddress) -> None:
        super().__init__(here.profile, place, lines=LINES)
        self._there = there.profile
        folder = there.profile.root / "practice"
        folder.mkdir()
        self.second = RehearsalCarrier(
            there.profile, PatientPublic(1), LINES // CHANNELS + 1, folder
        )

    def open_there(self) -> None:
        self.second.start()
        trunk = Trunk(gateways=self.second.places, lines=self.lines)
        write_trunk(self._there.root / "trunk.toml", trunk)

    def close(self) -> None:
        self.second.stop()
        super().close()

    def records(self) -> list[CarrierRecord]:
        far = [one for path in self.second.logs for one in read_lines(path, CarrierRecord)]
        return super().records() + far


def test_another_pc_takes_over_and_the_lines_word_is_read_later(
    network: Network, place: FloorAddress, tmp_path: Path
) -> None:
    here, there = (Pc(tmp_path / space, place, space) for space in network.spaces)
    floor = TwoTrunks(here, there, place)
    try:
        with inside(network.spaces[0]):
            floor.open()
        with inside(network.spaces[1]):
            floor.open_there()
        first = here.dialler()
        floor.wait(lambda: floor.now.lease()[0] == 1, "the dialler")
        there.dialler("--standby")
        floor.wait(lambda: "standing by with" in there.log(), "the lines of the other PC")
        done = floor.take_over(lambda _pid: first.kill(), IN_CALLS)
        assert 1.0 < done.ready_s <= 5.0, "nobody there can know that it is dead: it ran out"
        # What was in progress is closed with what is known; its calls go on in the lines here.
        floor.wait(
            lambda: all(one.stage is CallStage.ENDED for one in attempts(place, lease_epoch=1)),
            "the end of what was in progress", 10,
        )  # fmt: skip
        assert not [one.sip_call_id for one in attempts(place, lease_epoch=1) if one.sip_call_id]
        told = here.dialler()
        assert told.wait(30) == 1
        assert "--standby" in here.said(), "one that does not stand by leaves the floor alone"
        floor.finish()
        there.close()
        here.dialler()
        floor.wait(
            lambda: all(one.sip_call_id for one in attempts(place, lease_epoch=1)),
            "the lines' word", 30,
        )  # fmt: skip
        assert_nothing_lost(floor, here, there)
    finally:
        here.close()
        there.close()
        floor.close()
