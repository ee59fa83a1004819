"""One dialler a floor: another takes over, on both databases, and the one before dials no more."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from app.dialler.standing_by import STANDING_BY
from app.floor_place import OWNER_SECRET, pointer_path
from app.profile import open_profile
from app.rehearsal.takeover import TakeoverFloor
from app.secrets import Secrets
from dialer_core.model.errors import StoreTrouble
from dialer_core.model.states import CallStage
from dialer_core.store.address import FloorAddress, Place
from dialer_core.store.database import Database
from dialer_core.store.postgres_errors import ConnectionLost
from dialer_core.store.schema import AttemptRow
from tests.postgres_kit import running_postgres
from tests.sharing.folder_ring import FolderRing

pytestmark = [pytest.mark.floor, pytest.mark.timeout(240)]
LINES = 12
IN_CALLS = 10


class Pc:
    """A PC with a profile of its own, on which diallers run."""

    def __init__(self, folder: Path, place: Place, space: str = "") -> None:
        """`space`: the network namespace that it is, and what the PC is called."""
        self.profile = open_profile(folder / "profile")
        self._space = space
        self._ring = folder / "ring"
        self.running: list[subprocess.Popen[bytes]] = []
        if isinstance(place, FloorAddress):
            self._point_at(place)

    def _point_at(self, place: FloorAddress) -> None:
        path = pointer_path(self.profile)
        path.parent.mkdir(parents=True)
        path.write_bytes(msgspec.json.encode({"url": place.url}))
        os.environ["CALLFLOOR_TEST_RING"] = str(self._ring)
        ring = FolderRing()  # type: ignore[no-untyped-call]  # its base has no types
        Secrets(self.profile.key, ring).set(OWNER_SECRET, place.password)

    def dialler(self, *words: str) -> subprocess.Popen[bytes]:
        """`callfloor dialler` on this PC."""
        command = [sys.executable, "-m", "app", "dialler", *words]
        command += ["--profile", str(self.profile.root)]
        if self._space:
            named = f'hostname {self._space} && exec "$@"'
            command = ["unshare", "--uts", "sh", "-c", named, "sh", *command]
            command = ["ip", "netns", "exec", self._space, *command]
        environment = os.environ | {
            "PYTHON_KEYRING_BACKEND": "tests.sharing.folder_ring.FolderRing",
            "CALLFLOOR_TEST_RING": str(self._ring),
        }
        log = (self.profile.logs_dir / "out").open("ab")
        started = subprocess.Popen(command, env=environment, stderr=log, start_new_session=True)
        log.close()
        self.running.append(started)
        return started

    def log(self) -> str:
        """What its diallers have noted."""
        return "".join(one.read_text() for one in self.profile.logs_dir.glob("standby-*.log"))

    def said(self) -> str:
        return (self.profile.logs_dir / "out").read_text()

    def close(self) -> None:
        for one in self.running:
            one.terminate()
            one.send_signal(signal.SIGCONT)
        for one in self.running:
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        shutil.rmtree(self.profile.run_dir, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        profile = open_profile(tmp_path / "here" / "profile")
        yield profile.database_path
        return
    with running_postgres() as server:
        yield server.new_database()


@pytest.fixture
def here(place: Place, tmp_path: Path) -> Iterator[Pc]:
    made = Pc(tmp_path / "here", place)
    yield made
    made.close()


@pytest.fixture
def floor(here: Pc, place: Place) -> Iterator[TakeoverFloor]:
    made = TakeoverFloor(here.profile, place, lines=LINES)
    try:
        made.open()
        yield made
    finally:
        made.close()


def attempts(place: Place, **wanted: object) -> list[Any]:
    database = Database(place)
    try:
        with database.reading() as connection:
            query = select(AttemptRow.__table__).filter_by(**wanted)
            return list(connection.execute(query))
    finally:
        database.close()


def stop(process: subprocess.Popen[bytes], floor: TakeoverFloor) -> None:
    """Stop it, but not while it has a file's lock: that nobody can take from it but by its end."""
    for _ in range(50):
        process.send_signal(signal.SIGSTOP)
        trying = Database(floor.place, busy_s=0.05)
        try:
            with trying.writing():
                return
        except StoreTrouble:
            process.send_signal(signal.SIGCONT)
        finally:
            trying.close()
        time.sleep(0.05)
    raise AssertionError("it writes all the time")


def assert_nothing_lost(floor: TakeoverFloor, *pcs: Pc) -> None:
    floor.finish()
    for pc in pcs:
        pc.close()
    floor.close()
    lost = floor.losses()
    assert lost.answered >= LINES
    assert (lost.answered_lost, lost.dialled_twice, lost.unknown) == (0, 0, 0)
    assert lost.open_attempts == 0
    for pc in pcs:
        assert "Traceback" not in pc.said(), pc.said()


def test_one_that_stands_by_goes_on_with_the_calls(floor: TakeoverFloor, here: Pc) -> None:
    here.dialler()
    floor.wait(lambda: floor.now.lease()[0] == 1, "the dialler")
    here.dialler("--standby")
    floor.wait(lambda: STANDING_BY in here.log(), "who stands by")
    done = floor.take_over(lambda pid: os.kill(pid, signal.SIGKILL), IN_CALLS)
    assert done.ready_s <= 5.0
    assert attempts(floor.place, stage=CallStage.MESSAGE), "the calls go on"
    assert_nothing_lost(floor, here)


def test_a_stopped_one_dials_no_more_when_it_goes_on(floor: TakeoverFloor, here: Pc) -> None:
    first = here.dialler()
    floor.wait(lambda: floor.now.lease()[0] == 1, "the dialler")
    here.dialler("--standby")
    # Stopped when calls are being committed all the time, so that some INVITE is about to leave.
    floor.wait(lambda: floor.now.in_progress() >= LINES // 2, "calls")
    stop(first, floor)
    floor.wait(lambda: floor.now.lease()[0] == 2, "another dialler", 10.0)
    floor.wait(lambda: floor.is_ready(2), "its lines")
    before = {one.id: one for one in attempts(floor.place, lease_epoch=1)}
    first.send_signal(signal.SIGCONT)
    assert first.wait(10) == 1, "it says so and leaves"
    time.sleep(1.0)
    after = {one.id for one in attempts(floor.place, lease_epoch=1)}
    assert after == set(before), "no row under the old epoch"
    assert "has taken this floor over" in here.said()
    assert_nothing_lost(floor, here)


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_who_freezes_with_the_pen_in_hand_takes_nobody_the_lease(
    floor: TakeoverFloor, here: Pc, place: Place
) -> None:
    dialler = here.dialler()
    floor.wait(lambda: floor.now.answered() >= 2, "calls")
    frozen = Database(place)
    with pytest.raises(ConnectionLost), frozen.writing() as inside:  # noqa: PT012
        count = len(attempts(place))
        began_s = time.monotonic()
        while time.monotonic() - began_s < 5.5:
            assert floor.lease_is_held(), "it is renewed beside the pen"
            if time.monotonic() - began_s < 1.5:
                assert len(attempts(place)) == count, "nothing is written, so nothing is dialled"
            time.sleep(0.1)
        inside.exec_driver_sql("SELECT 1")
    frozen.close()
    assert dialler.poll() is None
    assert floor.now.lease()[0] == 1, "it neither died nor lost the floor"
    floor.wait(lambda: len(attempts(place)) > count, "more calls")
    assert_nothing_lost(floor, here)
