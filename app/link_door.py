"""The door through which a link's number comes to a window that is open already.

A local socket for each seat in the profile's run folder, which only this user may enter. One line
of JSON each way: `{"dial": "+44…"}`, and `{"sentence": ""}` or why the number is not shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.errors import KnownError

_ANSWERS_MS = 3000
_LONGEST = 4096
NO_WINDOW = "No agent's window is open on this PC: open it and log in, then press the link again."


def door_path(run_dir: Path, seat: str) -> Path:
    """Where the window of that seat listens."""
    return run_dir / f"window-{seat}.sock"


class LinkDoor(QObject):
    """Listens for numbers; `show(number)` answers "" where it is on the screen, else a sentence."""

    def __init__(self, path: Path, show: Callable[[str], str]) -> None:
        super().__init__()
        self._show = show
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._come_in)
        name = str(path)
        self.is_open = self._server.listen(name)
        if not self.is_open and not _is_answered(name):
            QLocalServer.removeServer(name)  # of a window that ended without closing it
            self.is_open = self._server.listen(name)

    def close(self) -> None:
        """Take no more numbers."""
        self._server.close()

    def _come_in(self) -> None:
        while (guest := self._server.nextPendingConnection()) is not None:
            guest.readyRead.connect(self._read_all)
            guest.disconnected.connect(guest.deleteLater)
            self._read(guest)

    def _read_all(self) -> None:
        guest = self.sender()
        if isinstance(guest, QLocalSocket):
            self._read(guest)

    def _read(self, guest: QLocalSocket) -> None:
        if guest.bytesAvailable() > _LONGEST:
            guest.abort()
            return
        if not guest.canReadLine():
            return
        number = _number_in(bytes(guest.readLine().data()))
        sentence = self._show(number) if number else "That was no number."
        guest.write(json.dumps({"sentence": sentence}).encode() + b"\n")
        guest.flush()
        guest.disconnectFromServer()


def _number_in(line: bytes) -> str:
    try:
        asked = json.loads(line)
    except ValueError:
        return ""
    number = asked.get("dial") if isinstance(asked, dict) else None
    is_number = isinstance(number, str) and number.lstrip("+").isdecimal() and number.isascii()
    return number if is_number and isinstance(number, str) else ""


def _is_answered(name: str) -> bool:
    probe = QLocalSocket()
    probe.connectToServer(name)
    is_there = probe.waitForConnected(200)
    probe.abort()
    return is_there


def hand_over(run_dir: Path, number: str, seat: str = "") -> None:
    """Have an open window show the number: that seat's, or the only one that would.

    KnownError where no window is open, or why each of them refuses. Blocks at most a few seconds.
    """
    doors = [door_path(run_dir, seat)] if seat else sorted(run_dir.glob("window-*.sock"))
    sentence = ""
    for door in doors:
        answer = _ask(str(door), number)
        if answer == "":
            return
        sentence = sentence or answer or ""
    raise KnownError(sentence or NO_WINDOW)


def _ask(name: str, number: str) -> str | None:
    """The window's answer; None where nobody listens there."""
    guest = QLocalSocket()
    guest.connectToServer(name)
    if not guest.waitForConnected(_ANSWERS_MS):
        return None
    guest.write(json.dumps({"dial": number}).encode() + b"\n")
    guest.flush()
    while not guest.canReadLine():
        if not guest.waitForReadyRead(_ANSWERS_MS):
            return "The agent's window does not answer: look at it, then press the link again."
    answer = json.loads(bytes(guest.readLine().data()))
    guest.abort()
    return str(answer.get("sentence", ""))
