"""What runs beside the supervisor's window: by this PC's role, kept up, ended with it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.compose import WindowOptions
from app.desk.first_run_view import Role
from app.profile import open_profile
from app.tools import first_run, own_program
from app.tools.own_program import Beside, programs_of, run_own_program

pytestmark = pytest.mark.qt


def test_the_role_says_what_runs(tmp_path: Path) -> None:
    home = open_profile(tmp_path)
    assert list(programs_of(home, Role.SUPERVISOR)) == ["dialler"]
    assert list(programs_of(home, Role.EVERYTHING)) == ["dialler", "agent"]


def test_what_cannot_run_yet_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    class Refusing:
        """A program that says at once that it cannot run."""

        def __init__(self, name: str, *_words: object) -> None:
            self.name, self.has_given_up = name, False

        def start(self) -> None:
            started.append(self.name)

        def watch(self) -> str:
            self.has_given_up = True
            return "No trunk is set up."

        def ask_to_leave(self) -> None:
            started.append("leave")

        def wait_or_kill(self, _timeout_s: float) -> None: ...

    monkeypatch.setattr(own_program, "Keeper", Refusing)
    monkeypatch.setattr(own_program, "LOOK_S", 0.01)
    with Beside(open_profile(tmp_path), {"dialler": []}, again_s=0.01):
        until = time.monotonic() + 5.0
        while started.count("dialler") < 3:
            assert time.monotonic() < until
    assert started[-1] == "leave"


def test_told_to_end_in_the_first_run_it_ends_the_call_and_nothing_follows(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    class Run:
        """A first run in its first call, which ends by `close` alone."""

        def __init__(self, *_given: object) -> None: ...

        def open(self) -> None:
            QTimer.singleShot(0, lambda: os.kill(os.getpid(), signal.SIGTERM))

        def close(self) -> None:
            said.append("closed")

    overs = iter([False, True])
    monkeypatch.setattr(first_run, "FirstRun", Run)
    monkeypatch.setattr(first_run, "application", lambda _options: (qapp, None))
    monkeypatch.setattr(own_program, "is_over", lambda _profile: next(overs))
    monkeypatch.setattr(own_program, "start_again", lambda: said.append("again"))
    unheard = QTimer()
    unheard.setSingleShot(True)
    unheard.timeout.connect(qapp.quit)
    unheard.start(3000)
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: said.append("not heard"))
    try:
        assert run_own_program(WindowOptions(open_profile(tmp_path))) == 0
    finally:
        unheard.stop()
        signal.signal(signal.SIGTERM, before)
    assert said == ["closed"]
