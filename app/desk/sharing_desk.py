"""The supervisor's hand on sharing: start with progress, codes, seats and their presence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.desk.asking import Asking
from app.desk.sharing_view import ShareCode, ShareView

LOOK_MS = 3000
"""Who is connected changes without a word from the database: the open window asks."""


class SharingWork(Protocol):
    """What is done on the desk's thread; each raises KnownError where the world forbids it."""

    def look(self) -> ShareView:
        """How things stand."""
        ...

    def start(self, name: str, tell: Callable[[str, float], bool]) -> ShareView | None:
        """Share the floor; `tell(step, share)` says whether to go on. None where given up."""
        ...

    def stop(self) -> ShareView:
        """Stop the floor's database."""
        ...

    def new_code(self, *, lends: bool) -> ShareCode:
        """A fresh code, for a PC of lines or for a seat; the one before is closed."""
        ...

    def remove_seat(self, name: str) -> ShareView:
        """Shut a seat out."""
        ...


class SharingDesk(QObject):
    """What the sharing window needs; lives on the GUI thread, works on a thread of its own."""

    looked = Signal(object)  # ShareView
    progressed = Signal(str, float)
    started = Signal(object)  # ShareView
    given_up = Signal()
    coded = Signal(object)  # ShareCode
    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, work: SharingWork) -> None:
        super().__init__()
        self._work = work
        self._stop = threading.Event()
        self._is_looking = False
        self._asking = Asking("sharing")
        self._asking.setParent(self)
        self._asking.refused.connect(self._refuse)
        self._asking.failed.connect(self.failed)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    @Slot()
    def begin(self) -> None:
        """The window is open: look now and then until `stop`."""
        self.look()
        self._timer.start()

    @Slot()
    def stop(self) -> None:
        """The window closes: what is under way is given up; a code stays open until it runs out."""
        self._timer.stop()
        self._stop.set()
        self._asking.stop()

    @Slot()
    def look(self) -> None:
        """`looked` follows; while one look is under way no second is asked for."""
        if not self._is_looking:
            self._is_looking = True
            self._asking.ask(self._work.look, self._looked)

    @Slot(str)
    def start(self, name: str) -> None:
        """`progressed`, then `started`, `given_up` or `refused` follow."""
        self._stop.clear()
        self._asking.ask(lambda: self._work.start(name, self._tell), self._started)

    @Slot()
    def cancel(self) -> None:
        """Give up the start that is under way."""
        self._stop.set()

    @Slot()
    def end(self) -> None:
        """Stop sharing for now; `looked` follows."""
        self._asking.ask(self._work.stop, self._looked)

    @Slot(bool)
    def new_code(self, lends: bool) -> None:
        """`coded` follows, or `refused`; `lends`: for a PC of lines."""
        self._asking.ask(lambda: self._work.new_code(lends=lends), self.coded.emit)

    @Slot(str)
    def remove_seat(self, name: str) -> None:
        """`looked` follows, or `refused`."""
        self._asking.ask(lambda: self._work.remove_seat(name), self._looked)

    # --- from the thread --------------------------------------------------------------------

    def _tell(self, step: str, share: float) -> bool:
        self._asking.tell(self._progressed, (step, share))
        return not self._stop.is_set()

    def _progressed(self, told: tuple[str, float]) -> None:
        self.progressed.emit(*told)

    def _looked(self, view: ShareView) -> None:
        self._is_looking = False
        self.looked.emit(view)

    def _started(self, view: ShareView | None) -> None:
        if view is None:
            self.given_up.emit()
        else:
            self.started.emit(view)

    @Slot(str)
    def _refuse(self, sentence: str) -> None:
        self._is_looking = False
        self.refused.emit(sentence)
