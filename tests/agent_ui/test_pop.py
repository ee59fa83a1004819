"""On a real X display: a pop comes up, is painted, and never takes the keyboard."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import needs

pytestmark = pytest.mark.qt  # the probe's processes are Qt, this one need not be

PROBE = "tests.agent_ui.pop_probe"
ROOT = Path(__file__).resolve().parents[2]
# A window manager may give the focus away by its own rules: where one is installed, it is tried.
MANAGERS = ["none", *(name for name in ("openbox", "xfwm4", "metacity") if shutil.which(name))]
PATIENCE_S = 15.0


class Player:
    """A probe's process and what it has told so far."""

    def __init__(self, role: str, display: str) -> None:
        environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", PROBE, role],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.told: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self.told.append(line.strip())
                self._news.notify_all()

    def say(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()

    def wait_for(self, start: str, since: int = 0) -> str:
        """The first line from number `since` on that begins so."""

        def found() -> str:
            return next((line for line in self.told[since:] if line.startswith(start)), "")

        with self._news:
            assert self._news.wait_for(found, PATIENCE_S), f"no {start!r} in {self.told}"
            return found()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def display() -> Iterator[str]:
    program = needs.program("Xvfb", "xvfb")
    reader, writer = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(writer), "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as numbers:
        number = numbers.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


@pytest.fixture(params=MANAGERS)
def managed_display(request: pytest.FixtureRequest, display: str) -> Iterator[str]:
    if request.param == "none":
        yield display
        return
    manager = subprocess.Popen(
        [request.param],
        env={**os.environ, "DISPLAY": display},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield display
    manager.terminate()
    manager.wait()


def test_pop_never_takes_the_keyboard(managed_display: str) -> None:
    agent = Player("agent", managed_display)
    editor: Player | None = None
    try:
        agent.say("available")
        first = agent.wait_for("done available")
        editor = Player("editor", managed_display)
        editor.wait_for("focused")
        began, told = len(editor.told), len(agent.told)
        for state, layer in (
            ("preview", "above"),
            ("ringing", "above"),
            ("talking", "above"),
            ("wrap-up", "normal"),
            ("available", "normal"),
            ("connecting", "above"),
            ("long", "normal"),
        ):
            agent.say(state)
            done = agent.wait_for(f"done {state}", told)
            assert f" {layer} " in done
            assert done.split()[-1] == first.split()[-1]  # the same native window: no blink
        agent.wait_for("painted 4711", told)
        agent.wait_for("painted 4712", told)
        assert "active" not in agent.told[told:]
        assert editor.told[began:] == []
    finally:
        agent.end()
        if editor is not None:
            editor.end()


def test_minimised_window_comes_back_for_a_pop(managed_display: str) -> None:
    agent = Player("agent", managed_display)
    editor: Player | None = None
    try:
        agent.say("available")
        agent.wait_for("done available")
        editor = Player("editor", managed_display)
        editor.wait_for("focused")
        agent.say("minimise")
        agent.wait_for("done minimise")
        began, told = len(editor.told), len(agent.told)
        agent.say("talking")
        agent.wait_for("painted 4711 a-4711", told)
        assert "active" not in agent.told[told:]
        assert editor.told[began:] == []
    finally:
        agent.end()
        if editor is not None:
            editor.end()
