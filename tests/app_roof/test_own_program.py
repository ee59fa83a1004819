"""What runs beside the supervisor's window: by this PC's role, kept up, ended with it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from app.desk.first_run_view import Role
from app.profile import open_profile
from app.tools import own_program
from app.tools.own_program import Beside, programs_of

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
