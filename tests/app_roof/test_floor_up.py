"""A window and the place of its floor: brought up first, retried, and followed when it moves."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.clock import WallClock
from app.desk.supervisor import SupervisorDesk
from app.dialler.process import DiallerProcess
from app.errors import KnownError
from app.floor_place import pointer_path
from app.floor_up import FloorUp, NetworkWatch, PlaceWatch
from app.phone_link import PhoneLink
from app.profile import Profile, open_profile
from app.trunk import GatewayPlace, Trunk, write_trunk
from dialer_core.store.opening import migrate
from dialer_core.store.watch import WatchStore

pytestmark = pytest.mark.qt
POINTER = '{"addresses":["127.0.0.1"],"port":54170,"role":"callfloor"}'
SEAT = '{"addresses":["192.0.2.10"],"port":54170,"role":"seat_1","seat":"front-1"}'


@pytest.fixture
def home(tmp_path: Path) -> Profile:
    return open_profile(tmp_path / "home")


def point(home: Profile, text: str) -> None:
    path = pointer_path(home)
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, path)


class Server:
    """What starts the database: refuses as often as it is told to."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals, self.starts = refusals, 0

    def bring_up(self, _home: Profile, tell: Callable[[str, float], bool]) -> None:
        self.starts += 1
        assert tell("Starting the database", 0.2)
        if self.starts <= self.refusals:
            raise KnownError("Another program uses the floor's port.")


def brought_up(home: Profile, server: Server, qtbot: QtBot) -> list[str]:
    floor = FloorUp(home, server.bring_up)
    told: list[str] = []
    floor.told.connect(told.append)
    with qtbot.waitSignal(floor.is_up, timeout=5000):
        floor.start()
    floor.stop()
    return told


def test_a_shared_floor_is_started_before_it_is_opened(home: Profile, qtbot: QtBot) -> None:
    point(home, POINTER)
    server = Server()
    told = brought_up(home, server, qtbot)
    assert server.starts == 1
    assert told[-1] == "Starting the database …"


@pytest.mark.parametrize("text", ["", SEAT])
def test_a_floor_in_a_file_or_on_another_pc_is_left_alone(
    home: Profile, qtbot: QtBot, text: str
) -> None:
    if text:
        point(home, text)
    server = Server()
    assert brought_up(home, server, qtbot) == []
    assert server.starts == 0


def test_what_forbids_it_is_said_and_tried_again(
    home: Profile, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.floor_up.AGAIN_MS", 10)
    point(home, POINTER)
    server = Server(refusals=2)
    told = brought_up(home, server, qtbot)
    assert server.starts == 3
    assert told.count("Another program uses the floor's port.") == 2


def test_an_open_window_follows_its_floor(home: Profile, qtbot: QtBot, tmp_path: Path) -> None:
    first, second = home.database_path, tmp_path / "elsewhere.sqlite3"
    for path in (first, second):
        migrate(path)
    opened: list[Path] = []

    def open_store() -> WatchStore:
        opened.append(second if pointer_path(home).exists() else first)
        return WatchStore(opened[-1])

    desk = SupervisorDesk(
        open_store, lambda deliver: PhoneLink(home, "supervisor", deliver), WallClock()
    )
    watch = PlaceWatch(home)
    watch.moved.connect(desk.reopen)
    desk.start()
    qtbot.waitUntil(lambda: opened == [first])
    watch.look()
    point(home, POINTER)
    with qtbot.waitSignal(watch.moved):
        watch.look()
    qtbot.waitUntil(lambda: opened == [first, second])
    watch.stop()
    desk.stop()


def test_the_dialler_leaves_a_floor_that_has_moved(home: Profile) -> None:
    place = GatewayPlace(name="way", uri="sip:{number}@127.0.0.1:9")
    write_trunk(home.root / "trunk.toml", Trunk(gateways=(place,), lines=1))
    migrate(home.database_path)

    async def look() -> tuple[bool, bool, bool]:
        process = DiallerProcess(home, lambda: "a", WallClock())
        process._follow_floor()
        stays = process.has_floor_moved
        point(home, POINTER)
        process._follow_floor()
        moved = process.has_floor_moved
        process.stop()  # told to end meanwhile: then it does not begin anew
        return stays, moved, process.has_floor_moved

    assert asyncio.run(look()) == (False, True, False)


class SlowLink(PhoneLink):
    """A phone whose look at the network takes as long as the test wants."""

    def __init__(self, home: Profile) -> None:
        super().__init__(home, "front-1", lambda _message: None)
        self.asked, self.may_go_on = threading.Event(), threading.Event()
        self.asked_on: set[int] = set()

    def follow_network(self) -> bool:
        self.asked_on.add(threading.get_ident())
        self.asked.set()
        return self.may_go_on.wait(5.0)


def test_a_window_does_not_wait_for_the_name_of_its_server(home: Profile, qtbot: QtBot) -> None:
    network, link = NetworkWatch(period_s=0.01), SlowLink(home)
    network.add(link)
    with qtbot.waitSignal(network.moved, timeout=5000):
        qtbot.waitUntil(link.asked.is_set)  # the window's own thread goes on meanwhile
        assert threading.get_ident() not in link.asked_on
        link.may_go_on.set()
    network.stop()
