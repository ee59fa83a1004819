"""The supervisor's hand on do-not-call registers and on the office's own list."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot

from app.desk.asking import Asking
from app.desk.register_view import CopyChoice, OwnNumber, RegistersView

_STEP = 0.005  # of the whole between two words of progress


class RegisterWork(Protocol):
    """What is done on the thread; each raises KnownError where the world forbids it."""

    def view(self) -> RegistersView:
        """All registers as they stand."""
        ...

    def load(self, choice: CopyChoice, tell: Callable[[float], bool]) -> str | None:
        """Load a copy; what came of it, or None where it was given up."""
        ...

    def add(self, number: OwnNumber) -> str:
        """Never call this number again; a sentence."""
        ...

    def check(self, number: OwnNumber) -> str:
        """Whether it stands on the list; a sentence."""
        ...

    def add_file(self, file: str, region: str, client: str) -> str:
        """Never call the numbers of this file again; a sentence."""
        ...


class RegisterDesk(QObject):
    """What the registers' window needs; lives on the GUI thread, works on a thread of its own."""

    listed = Signal(object)  # RegistersView
    progressed = Signal(float)
    loaded = Signal(str)  # a sentence
    cancelled = Signal()
    said = Signal(str)  # a sentence about own numbers
    refused = Signal(str)
    failed = Signal(object)  # a bug
    changed = Signal()  # calls may now be possible that were not, or the other way round

    def __init__(self, work: RegisterWork) -> None:
        super().__init__()
        self._work = work
        self._stop = threading.Event()
        self._asking = Asking("registers' window")
        self._asking.setParent(self)
        self._asking.refused.connect(self.refused)
        self._asking.failed.connect(self.failed)

    def stop(self) -> None:
        """Give up what is under way, leaving nothing of it, and end the thread."""
        self._stop.set()
        self._asking.stop()

    @Slot()
    def list(self) -> None:
        """`listed` follows."""
        self._asking.ask(self._work.view, self.listed.emit)

    @Slot(object)
    def load(self, choice: CopyChoice) -> None:
        """`progressed`, then `loaded`, `cancelled` or `refused` follow."""
        self._stop.clear()
        told = [0.0]

        def tell(share: float) -> bool:
            if share >= told[0] + _STEP:
                told[0] = share
                self._asking.tell(self.progressed.emit, share)
            return not self._stop.is_set()

        self._asking.ask(lambda: self._work.load(choice, tell), self._loaded)

    @Slot()
    def cancel(self) -> None:
        """Give up the copy that is being loaded; the one before stays in force."""
        self._stop.set()

    @Slot(object)
    def add(self, number: OwnNumber) -> None:
        """`said` follows."""
        self._asking.ask(lambda: self._work.add(number), self._said)

    @Slot(object)
    def check(self, number: OwnNumber) -> None:
        """`said` follows."""
        self._asking.ask(lambda: self._work.check(number), self.said.emit)

    @Slot(str, str, str)
    def add_file(self, file: str, region: str, client: str) -> None:
        """`said` follows."""
        self._asking.ask(lambda: self._work.add_file(file, region, client), self._said)

    def _loaded(self, sentence: str | None) -> None:
        if sentence is None:
            self.cancelled.emit()
        else:
            self.loaded.emit(sentence)
            self.changed.emit()
        self.list()

    def _said(self, sentence: str) -> None:
        self.said.emit(sentence)
        self.list()
