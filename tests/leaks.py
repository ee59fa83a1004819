"""What a test may not leave behind: windows, running threads and timers, child processes."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, QThreadPool, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import Shiboken

POOL_WAIT_MS = 2000
LOOKS_UNTIL_COLLECTED = 40
# Qt keeps these for itself once they were shown.
_QT_OWN = ("QTipLabel", "QComboBoxPrivateContainer", "QShapedPixmapWidget")


def name_of(thing: QObject) -> str:
    """Class, object name and owners of a Qt object: enough to find who made it."""
    parts = []
    owner: QObject | None = thing
    while owner is not None:
        label = type(owner).__name__
        name = owner.objectName()
        parts.append(f"{label}({name!r})" if name else label)
        owner = owner.parent()
    return " in ".join(parts)


def settle() -> None:
    """Let Qt carry out what was asked for: deferred deletions, posted events, pool jobs."""
    QThreadPool.globalInstance().waitForDone(POOL_WAIT_MS)
    for _round in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()


class QtState:
    """What lives in Qt at one moment; what is new later is a leak."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        self._kept = {id(thing): thing for thing in _living()}

    def leaks(self) -> list[str]:
        """One line for each thing that has come to live since, with its owners."""
        settle()
        if not self._new():
            return self._threads_left()
        _SOUGHT.collect()  # a cycle that nobody holds is no leak
        settle()
        return [f"{_what(thing)}: {name_of(thing)}" for thing in self._new()] + self._threads_left()

    def _new(self) -> list[QObject]:
        return [thing for thing in _living() if id(thing) not in self._kept]

    def _threads_left(self) -> list[str]:
        left = [
            f"running thread: {thread.name}"
            for thread in threading.enumerate()
            if thread not in self._threads and not isinstance(thread, threading._DummyThread)
        ]
        pool = QThreadPool.globalInstance()
        if pool.activeThreadCount():
            left.append(f"{pool.activeThreadCount()} jobs in the global thread pool")
        return left


class _Sought:
    """Every timer and thread of Qt that Python holds, found by looking at each object but once.

    What was looked at is frozen, so that the next look finds only what was made since: all of
    Python's objects, twice for each test, took longer than the tests themselves. The garbage
    collector passes over what is frozen, so now and then all is given back to it.
    """

    def __init__(self) -> None:
        self._found: weakref.WeakSet[QTimer | QThread] = weakref.WeakSet()
        self._looks = 0

    def look(self) -> list[QTimer | QThread]:
        """Those that are alive, on both sides."""
        kinds: dict[type, bool] = {}
        for thing in gc.get_objects():
            kind = type(thing)
            is_sought = kinds.get(kind)
            if is_sought is None:
                is_sought = kinds[kind] = issubclass(kind, (QTimer, QThread))
            if is_sought:
                self._found.add(thing)
        thing = None
        gc.freeze()
        self._looks += 1
        if self._looks % LOOKS_UNTIL_COLLECTED == 0:
            self.collect()
        return [one for one in self._found if Shiboken.isValid(one)]

    def collect(self) -> None:
        """Free the cycles that nobody holds, also among what was looked at."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()


_SOUGHT = _Sought()


def _living() -> list[QObject]:
    """Windows, running threads and active timers, found among all of Python's objects."""
    found: list[QObject] = []
    for widget in QApplication.topLevelWidgets():
        if type(widget).__name__ not in _QT_OWN and not _has_owner(widget):
            found.append(widget)
    gui_thread = QThread.currentThread()
    for thing in _SOUGHT.look():
        if isinstance(thing, QTimer):
            if thing.isActive():
                found.append(thing)
        elif thing.isRunning() and thing is not gui_thread:
            found.append(thing)
    return found


def _has_owner(widget: QWidget) -> bool:
    return widget.parentWidget() is not None


def _what(thing: QObject) -> str:
    if isinstance(thing, QTimer):
        return f"active timer of {thing.interval()} ms"
    if isinstance(thing, QThread):
        return "running QThread"
    return "top-level widget"


def child_processes() -> dict[int, str]:
    """Command lines of this process's children by id; empty where the system does not tell."""
    found: dict[int, str] = {}
    for listing in Path("/proc/self/task").glob("*/children"):
        try:
            ids = [int(word) for word in listing.read_text().split()]
        except OSError:
            continue
        for pid in ids:
            line = _command_line(Path(f"/proc/{pid}"))
            if line is not None:
                found[pid] = line or "(ended, but nobody waited)"
    return found


def _command_line(process: Path) -> str | None:
    """A child's words; empty where it has ended, None where it is gone altogether.

    A child that has just begun shows no words for a moment although it is alive.
    """
    for _ in range(2000):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return None
        if line or state == "Z":
            return line.decode(errors="replace").strip()
        os.sched_yield()
    return "(has not begun yet)"
