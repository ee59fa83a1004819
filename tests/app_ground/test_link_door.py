"""A number goes from the command to the window that is open, through the seat's own socket."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.errors import KnownError
from app.link_door import NO_WINDOW, LinkDoor, door_path, hand_over

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "+441614960123"


CLIENT = """
import sys
from pathlib import Path
from app.errors import KnownError
from app.link_door import hand_over
try:
    hand_over(Path(sys.argv[1]), sys.argv[2])
except KnownError as error:
    print(error.sentence, end="")
"""


def said_to_another_process(run_dir: Path, qtbot: QtBot) -> str:
    """Hand the number over as the command does; what it was told, "" where it is shown."""
    command = [sys.executable, "-c", CLIENT, str(run_dir), NUMBER]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as client:
        qtbot.waitUntil(lambda: client.poll() is not None, timeout=20_000)
        assert client.returncode == 0
        assert client.stdout is not None
        return client.stdout.read()


def shows(seen: list[str], answer: str = "") -> Callable[[str], str]:
    def show(number: str) -> str:
        seen.append(number)
        return answer

    return show


def test_the_open_window_shows_the_number(tmp_path: Path, qtbot: QtBot) -> None:
    shown: list[str] = []
    door = LinkDoor(door_path(tmp_path, "seat01"), shows(shown))
    assert door.is_open
    assert said_to_another_process(tmp_path, qtbot) == ""
    assert shown == [NUMBER]
    door.close()


def test_why_a_window_refuses_is_told(tmp_path: Path, qtbot: QtBot) -> None:
    asked: list[str] = []
    door = LinkDoor(door_path(tmp_path, "seat01"), shows(asked, "Hang up first."))
    assert said_to_another_process(tmp_path, qtbot) == "Hang up first."
    door.close()


def test_the_window_that_can_is_found(tmp_path: Path, qtbot: QtBot) -> None:
    shown: list[str] = []
    one = LinkDoor(door_path(tmp_path, "seat01"), lambda _number: "Nobody is logged in.")
    two = LinkDoor(door_path(tmp_path, "seat02"), shows(shown))
    assert said_to_another_process(tmp_path, qtbot) == ""
    for door in (one, two):
        door.close()


def test_without_a_window_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as nobody:
        hand_over(tmp_path, NUMBER)
    assert nobody.value.sentence == NO_WINDOW


def test_a_door_left_by_a_window_that_died_is_taken_over(tmp_path: Path, qtbot: QtBot) -> None:
    path = door_path(tmp_path, "seat01")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
        dead.listen()
    assert path.exists()
    shown: list[str] = []
    door = LinkDoor(path, shows(shown))
    assert door.is_open
    assert said_to_another_process(tmp_path, qtbot) == ""
    door.close()


@pytest.mark.parametrize(
    "line", [b"rubbish\n", b'{"dial": 7}\n', b'{"dial": "sip:x@y"}\n', b"[]\n"]
)
def test_rubbish_is_no_number(tmp_path: Path, qtbot: QtBot, line: bytes) -> None:
    shown: list[str] = []
    path = door_path(tmp_path, "seat01")
    door = LinkDoor(path, shows(shown))
    with socket.socket(socket.AF_UNIX) as guest:
        guest.connect(str(path))
        guest.sendall(line)
        guest.setblocking(False)
        got: list[bytes] = []

        def has_answer() -> bool:
            try:
                got.append(guest.recv(200))
            except BlockingIOError:
                return False
            return True

        qtbot.waitUntil(has_answer, timeout=5000)
    assert b"no number" in got[0]
    assert shown == []
    door.close()
