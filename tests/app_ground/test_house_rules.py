"""The rules in tests/conftest.py catch what they are meant to catch."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stages import stage_of

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.qt  # of the house, not of the core

SINNERS = """
import logging, os, subprocess, sys, threading
import pytest
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QLabel

kept = []

def test_clean(qtbot):
    label = QLabel("fine")
    qtbot.addWidget(label)
    label.show()
    QTimer.singleShot(0, label.close)

def test_leaves_a_window(qapp):
    kept.append(QLabel())
    kept[-1].setObjectName("forgotten")
    kept[-1].show()

def test_leaves_a_timer(qapp):
    timer = QTimer()
    timer.setObjectName("ticking")
    timer.start(60000)
    kept.append(timer)

def test_leaves_a_thread(qapp):
    thread = QThread()
    thread.setObjectName("toiling")
    thread.start()
    kept.append(thread)

def test_earlier_leaks_are_not_mine(qapp):
    assert len(kept) == 3

def test_warns():
    logging.getLogger("some.room").warning("odd %s", "thing")

def test_warns_and_looks(caplog):
    logging.getLogger("some.room").warning("odd")
    assert caplog.messages == ["odd"]

@pytest.mark.sip
def test_leaves_a_process():
    kept.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"]))

def test_skips():
    pytest.skip("sipp is missing: sudo apt-get install sip-tester")

@pytest.mark.skipif(True, reason="only on Windows")
def test_for_another_system():
    pass

def test_is_far_from_home():
    assert "cf-" in os.environ["XDG_CONFIG_HOME"]
    assert len(os.environ["XDG_RUNTIME_DIR"]) < 40

@pytest.fixture(scope="session", autouse=True)
def _end_what_was_left():
    yield
    for thing in kept:
        if isinstance(thing, QThread):
            thread_ended = thing.quit() or thing.wait(2000)
        elif isinstance(thing, subprocess.Popen):
            thing.kill()
            thing.wait()
        elif isinstance(thing, QTimer):
            thing.stop()
"""


def outcomes(folder: Path, ci: str) -> tuple[dict[str, str], str]:
    """Run the sinners in a pytest of their own; their outcomes by name, and all that was said."""
    file = folder / "test_sinners.py"
    file.write_text(SINNERS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-rA", "--color=no"]
    command += ["-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider", str(file)]
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "CI": ci, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found: dict[str, str] = {}
    for word, name in re.findall(r"^(PASSED|FAILED|ERROR) \S*::test_(\w+)", result.stdout, re.M):
        found[name] = word if found.get(name) != "FAILED" else "FAILED"
    return found, result.stdout + result.stderr


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], str]:
    return outcomes(tmp_path_factory.mktemp("sinners"), ci="true")


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("clean", "PASSED"),
        ("leaves_a_window", "ERROR"),
        ("leaves_a_timer", "ERROR"),
        ("leaves_a_thread", "ERROR"),
        ("earlier_leaks_are_not_mine", "PASSED"),
        ("warns", "ERROR"),
        ("warns_and_looks", "PASSED"),
        ("leaves_a_process", "ERROR"),
        ("skips", "FAILED"),
        ("is_far_from_home", "PASSED"),
    ],
)
def test_each_sin_is_found(ran: tuple[dict[str, str], str], name: str, outcome: str) -> None:
    found, said = ran
    assert found.get(name) == outcome, said


@pytest.mark.parametrize(
    "told",
    [
        "top-level widget: QLabel('forgotten')",
        "active timer of 60000 ms: QTimer('ticking')",
        "running QThread: QThread('toiling')",
        "logged unexpectedly: some.room: odd thing",
        "time.sleep(30)",
        "skipped where nothing may be skipped: sipp is missing: sudo apt-get install sip-tester",
    ],
)
def test_the_message_names_the_sinner(ran: tuple[dict[str, str], str], told: str) -> None:
    assert told in ran[1]


def test_another_system_may_be_skipped_even_under_ci(ran: tuple[dict[str, str], str]) -> None:
    assert "for_another_system" not in ran[0]
    assert "1 skipped" in ran[1]


def test_at_a_desk_a_missing_program_only_skips(tmp_path: Path) -> None:
    found, said = outcomes(tmp_path, ci="")
    assert "skips" not in found
    assert "2 skipped" in said


@pytest.mark.parametrize(
    ("source", "marks", "fixtures", "stage"),
    [
        ("import dialer_core.engine", set(), set(), "core"),
        ("from dialer_core.clock import ManualClock", set(), {"tmp_path"}, "core"),
        ("from dialer_core import kpi", set(), {"qapp"}, "qt"),
        ("from app.settings import load_settings", set(), set(), "qt"),
        ("def f():\n    import PySide6.QtCore", set(), set(), "qt"),
        ("from sip import messages", {"sip"}, set(), "sip"),
        ("import dialer_core", {"sip", "floor"}, {"qtbot"}, "floor"),
        ("from sip import messages", {"sip", "alone"}, set(), "alone"),
        ("import pathlib", {"floor", "alone"}, {"qtbot"}, "alone"),
        ("import pathlib", {"qt"}, set(), "qt"),
        ("this is no python", set(), set(), "core"),
    ],
)
def test_the_stage_follows_from_imports_marks_and_fixtures(
    tmp_path: Path, source: str, marks: set[str], fixtures: set[str], stage: str
) -> None:
    file = tmp_path / "test_any.py"
    file.write_text(source)
    assert stage_of(file, marks, fixtures) == stage
