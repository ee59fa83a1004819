"""Hosts of their own for tests: network namespaces on one bridge, each with a home."""

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

from tests import needs
from tests.sharing.kit import SERVER_DIR, server_folder

ONLY_ROOT = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="only on a PC where we are root: network namespaces",
)


@dataclass
class Host:
    """One PC: a namespace with an address of its own, and a home."""

    space: str
    address: str
    home: Path
    servers: Path

    def run(self, *words: str, timeout_s: float = 60.0) -> subprocess.CompletedProcess[str]:
        """`callfloor words` on this PC."""
        return subprocess.run(
            self.words("-m", "app", *words),
            env=self.environment, capture_output=True, text=True, timeout=timeout_s, check=False,
        )  # fmt: skip

    def words(self, *words: str) -> list[str]:
        """`python words` on this PC, as a command line."""
        return ["ip", "netns", "exec", self.space, sys.executable, *words]

    @property
    def environment(self) -> dict[str, str]:
        """With this PC's own keyring and folders."""
        return os.environ | {
            "PYTHON_KEYRING_BACKEND": "tests.sharing.folder_ring.FolderRing",
            "CALLFLOOR_TEST_RING": str(self.home / "ring"),
            SERVER_DIR: str(self.servers),
            "XDG_RUNTIME_DIR": str(self.home),
        }

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


def ip(*words: str) -> None:
    """The system's `ip`; RuntimeError where it refuses."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr}")


@contextlib.contextmanager
def office_hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Host]]:
    """Four PCs on one network: two supervisors', two agents'."""
    needs.program("ip", "iproute2")
    hub = f"cf{os.getpid()}h"
    spaces = [hub, *(f"cf{os.getpid()}{n}" for n in range(4))]
    made: list[Host] = []
    with server_folder() as servers:
        try:
            for space in spaces:
                ip("netns", "add", space)
                ip("-n", space, "link", "set", "lo", "up")
            ip("-n", hub, "link", "add", "office", "type", "bridge", "mcast_snooping", "0")
            ip("-n", hub, "link", "set", "office", "up")
            for n, space in enumerate(spaces[1:]):
                pair = ("link", "add", f"port{n}", "type", "veth", "peer", "name", "eth0")
                ip("-n", hub, *pair, "netns", space)
                ip("-n", hub, "link", "set", f"port{n}", "master", "office", "up")
                address = f"10.77.0.{n + 1}"
                ip("-n", space, "address", "add", f"{address}/24", "dev", "eth0")
                ip("-n", space, "link", "set", "eth0", "up")
                home = tmp_path_factory.mktemp(f"pc{n}")
                made.append(Host(space, address, home, servers / str(n)))
                made[-1].servers.mkdir()
        except RuntimeError as error:
            _remove(spaces)
            pytest.skip(f"only on a system with network namespaces: {error}")
        try:
            yield made
        finally:
            shared = [one for one in made if (one.home / "profile/floor/server.json").exists()]
            for host in shared:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    host.run("share", "stop", "--profile", str(host.home / "profile"))
            _remove(spaces)


def _remove(spaces: list[str]) -> None:
    for space in spaces:
        subprocess.run(["ip", "netns", "delete", space], capture_output=True, check=False)
