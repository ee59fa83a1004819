"""A server whose disk is full: a sentence, nothing half written, and it goes on afterwards."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer_core.clock import ManualClock
from dialer_core.model.errors import DiskFull, StoreTrouble
from dialer_core.store.opening import migrate
from dialer_core.store.seat import SeatStore
from dialer_core.store.setup import SetupStore
from tests import postgres_kit
from tests.postgres_kit import RunningPostgres, running_postgres

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]
AT = ManualClock().now()


@pytest.fixture
def cramped(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[RunningPostgres, Path]]:
    """A server on a disk of 160 MB of its own."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("a small disk is root's to make")
    disk = Path(tempfile.mkdtemp(prefix="cf-disk-", dir="/tmp"))
    words = ["mount", "-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs", str(disk)]
    if subprocess.run(words, capture_output=True).returncode != 0:
        pytest.skip("this system lets nobody mount a disk")
    try:
        monkeypatch.setattr(postgres_kit, "_has_memory", lambda: False)
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        with running_postgres("wal_recycle=on", "min_wal_size=32MB", "max_wal_size=48MB") as server:
            yield server, disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
        disk.rmdir()


def fill(disk: Path) -> Path:
    """Not a page is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 8192, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast


def write_until_refused(setup: SetupStore) -> tuple[int, StoreTrouble]:
    """How many agents could be added, and what was said of the next."""
    for number in range(4000):
        try:
            setup.add_agent(f"Agent {number}", AT)
        except StoreTrouble as trouble:
            return number, trouble
    raise AssertionError("the disk was never full")


def test_a_full_disk_on_the_supervisors_pc(cramped: tuple[RunningPostgres, Path]) -> None:
    server, disk = cramped
    address = server.new_database()
    migrate(address)
    setup, seat = SetupStore(address), SeatStore(address)
    setup.add_agent("Anna", AT)
    ballast = fill(disk)
    done, refusal = write_until_refused(setup)
    assert isinstance(refusal, DiskFull)
    assert "is full, so nothing could be written; make room there" in refusal.sentence
    assert len(seat.agents()) == 1 + done, "it can be read, and what was told as written is there"
    ballast.unlink()
    setup.add_agent("Ben", AT)
    assert len(seat.agents()) == 2 + done
    setup.close()
    seat.close()
