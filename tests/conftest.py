"""Rules that hold for every test: fresh settings, no noise, nothing left behind, fast ones first.

Qt is imported only when a test asks for `qapp`, so that core tests prove to need none.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.stages import (
    STAGES,
    WITH_PROCESSES,
    is_core_file,
    length_s,
    names_mark,
    stage_of,
)

if TYPE_CHECKING:
    from app.profile import Profile

_WITHOUT_QT = ("core", "postgres")
_STAGE_OF = pytest.StashKey[str]()
_home = ""


# --- what runs, and in which order ---------------------------------------------------------


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    parser.addoption("--stage", choices=STAGES, help="run the tests of one stage only")
    if not pluginmanager.has_plugin("pytest-qt"):
        parser.addini("qt_log_level_fail", "read by pytest-qt, which this run does without")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    stage = config.getoption("--stage")
    if stage in WITH_PROCESSES and collection_path.suffix == ".py":
        is_test = collection_path.name.startswith("test_")
        return (is_test and not names_mark(collection_path, stage)) or None
    if stage not in _WITHOUT_QT:
        return None
    fixtures_of_folder = collection_path / "conftest.py"
    if fixtures_of_folder.exists():  # it is loaded as soon as the folder is looked into
        return not is_core_file(fixtures_of_folder) or None
    if collection_path.name.startswith("test_"):
        return not is_core_file(collection_path) or None
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        stage = stage_of(item.path, marks, set(getattr(item, "fixturenames", ())))
        item.stash[_STAGE_OF] = stage
        if stage in WITH_PROCESSES and not names_mark(item.path, stage):
            raise pytest.UsageError(f"{item.nodeid}: write @pytest.mark.{stage} into its own file")
        if stage not in marks:
            item.add_marker(stage)
    items.sort(key=lambda item: (STAGES.index(item.stash[_STAGE_OF]), -length_s(item.path)))
    wanted = config.getoption("--stage")
    if wanted:
        chosen = [item for item in items if item.stash[_STAGE_OF] == wanted]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


def pytest_sessionfinish(session: pytest.Session) -> None:
    guests = [name for name in ("PySide6", "pjsua2") if name in sys.modules]
    if session.config.getoption("--stage") in _WITHOUT_QT and guests:
        print(f"\nThe core tests imported {' and '.join(guests)}.")  # noqa: T201  for the one who runs them
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


# --- nothing is skipped silently -----------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Under CI a skip is a failure, unless the test is for another operating system."""
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if not reason.startswith("only on "):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {reason}"


# --- fresh settings ------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Send every path that a test could take to the real profile or keyring elsewhere.

    By the environment, so that it holds for the processes that tests start as well. The folder
    stands in /tmp itself where it can: sockets need short paths.
    """
    global _home
    short = "/tmp" if os.access("/tmp", os.W_OK) else None
    _home = tempfile.mkdtemp(prefix="cf-", dir=short)
    for name, folder in (
        ("HOME", "home"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_RUNTIME_DIR", "run"),
    ):
        path = Path(_home, folder)
        path.mkdir(mode=0o700)
        os.environ[name] = str(path)
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    os.environ["QT_QPA_PLATFORM"] = os.environ.get("QT_QPA_PLATFORM") or "offscreen"
    os.environ.pop("CALLFLOOR_DEBUG", None)
    for stage in STAGES[:3]:
        config.addinivalue_line("markers", f"{stage}: set by itself, see tests/stages.py")


def pytest_unconfigure() -> None:
    shutil.rmtree(_home, ignore_errors=True)


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Profile]:
    """A throwaway profile with folders of its own."""
    from app.settings import open_profile  # noqa: PLC0415  core tests do without `app`

    opened = open_profile(tmp_path / "profile")
    yield opened
    shutil.rmtree(opened.run_dir, ignore_errors=True)


# --- no noise ------------------------------------------------------------------------------


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_unexpected_warning(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that logs a warning fails, unless it asks for `caplog` and so looks for itself."""
    handler = _Warnings()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    if handler.lines and "caplog" not in request.fixturenames:
        pytest.fail("logged unexpectedly: " + "; ".join(handler.lines), pytrace=False)


# --- nothing left behind -------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """No window, running thread or timer outlives a Qt test; no process one with real SIP."""
    stage = request.node.stash[_STAGE_OF]
    if "qapp" in request.fixturenames:
        request.getfixturevalue("qapp")
    elif stage not in WITH_PROCESSES:
        yield
        return
    from tests import leaks  # noqa: PLC0415  brings Qt, which core tests do without

    qt_before = leaks.QtState() if "qapp" in request.fixturenames else None
    processes_before = leaks.child_processes()
    yield
    left = qt_before.leaks() if qt_before else []
    if stage in WITH_PROCESSES:
        now = leaks.child_processes()
        left += [f"process {pid}: {now[pid]}" for pid in now.keys() - processes_before.keys()]
    if left:
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)
