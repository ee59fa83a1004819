"""The supervisor's hand on lists: a look, the import with progress and cancel, and its undoing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from app.bridge import Bridge, Worker
from app.desk.import_view import ImportChoice, ImportLook, ImportOffer, ImportResult
from app.errors import as_known_error

_STEP = 0.005  # of the whole between two words of progress


class ImportWork(Protocol):
    """What is done on the worker's thread; each raises KnownError where the world forbids it."""

    def offer(self) -> ImportOffer:
        """What there is to choose from."""
        ...

    def look(self, choice: ImportChoice) -> ImportLook:
        """What is found of a list."""
        ...

    def take_in(self, choice: ImportChoice, tell: Callable[[float], bool]) -> ImportResult | None:
        """Take it in; `tell(share)` says whether to go on. None where it was given up."""
        ...

    def undo(self, import_id: int) -> str:
        """Take an import out again; what came of it, as a sentence."""
        ...


class _Share(float):
    """How far an import is."""


class _Cancelled:
    """An import was given up."""


class _Undone(str):
    """What taking an import out did, as a sentence."""

    __slots__ = ()


class ImportDesk(QObject):
    """What the import's dialog needs; lives on the GUI thread, works on a thread of its own."""

    offered = Signal(object)  # ImportOffer
    looked = Signal(object)  # ImportLook
    progressed = Signal(float)
    done = Signal(object)  # ImportResult
    cancelled = Signal()
    undone = Signal(str)
    refused = Signal(str)  # a sentence: why it cannot be read, taken in or undone
    failed = Signal(object)  # a bug

    def __init__(self, work: ImportWork) -> None:
        super().__init__()
        self._work = work
        self._stop = threading.Event()
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker("import", self._bridge)
        self._worker.start()

    def stop(self) -> None:
        """Give up what is under way, leaving nothing of it, and end the thread."""
        self._stop.set()
        self._worker.stop(timeout_s=30.0)

    @Slot()
    def offer(self) -> None:
        """`offered` follows."""
        self._worker.do(self._offer)

    @Slot(object)
    def look(self, choice: ImportChoice) -> None:
        """`looked` follows, or `refused`."""
        self._worker.do(self._look, choice)

    @Slot(object)
    def take_in(self, choice: ImportChoice) -> None:
        """`progressed` and then `done`, `cancelled` or `refused` follow."""
        self._stop.clear()
        self._worker.do(self._take_in, choice)

    @Slot()
    def cancel(self) -> None:
        """Give the import up that is under way; `cancelled` follows, unless it was done already."""
        self._stop.set()

    @Slot(int)
    def undo(self, import_id: int) -> None:
        """`undone` or `refused` follows."""
        self._worker.do(self._undo, import_id)

    @Slot(str)
    def open_file(self, path: str) -> None:
        """Show a file in the program that the system has for it."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))

    # --- on the worker's thread -------------------------------------------------------------

    def _offer(self) -> None:
        self._bridge.post(self._work.offer())

    def _look(self, choice: ImportChoice) -> None:
        self._bridge.post(self._work.look(choice))

    def _take_in(self, choice: ImportChoice) -> None:
        told = [0.0]

        def tell(share: float) -> bool:
            if share >= told[0] + _STEP:
                told[0] = share
                self._bridge.post(_Share(share))
            return not self._stop.is_set()

        self._bridge.post(self._work.take_in(choice, tell) or _Cancelled())

    def _undo(self, import_id: int) -> None:
        self._bridge.post(_Undone(self._work.undo(import_id)))

    # --- on the GUI thread ------------------------------------------------------------------

    @Slot(object)
    def _arrived(self, value: object) -> None:
        match value:
            case _Share():
                self.progressed.emit(float(value))
            case ImportOffer():
                self.offered.emit(value)
            case ImportLook():
                self.looked.emit(value)
            case ImportResult():
                self.done.emit(value)
            case _Cancelled():
                self.cancelled.emit()
            case _Undone():
                self.undone.emit(str(value))

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        known = as_known_error(error)
        if known is not None:
            self.refused.emit(known.sentence)
        else:
            self.failed.emit(error)
