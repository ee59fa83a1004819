"""The supervisor's hand on backups: make one, choose where they go, put the floor back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot

from app.desk.asking import Asking
from app.desk.backup_view import BackupsView, RestoreDone

Tell = Callable[[str, float], bool]


class BackupWork(Protocol):
    """What is done on the desk's thread; each raises KnownError where the world forbids it."""

    def look(self) -> BackupsView:
        """How things stand."""
        ...

    def make(self, tell: Tell) -> BackupsView | None:
        """Make one now; None where it was given up."""
        ...

    def choose_folder(self, folder: str) -> BackupsView:
        """Backups go there from now on."""
        ...

    def passphrase(self) -> str:
        """What opens them."""
        ...

    def written_down(self) -> BackupsView:
        """Somebody says that the passphrase is kept elsewhere."""
        ...

    def restore(self, path: str, typed: str, tell: Tell) -> RestoreDone | None:
        """Put the floor back. `typed`: a passphrase, empty: the floor's own. None if given up."""
        ...


class BackupDesk(QObject):
    """What the backups' window needs; lives on the GUI thread, works on a thread of its own."""

    looked = Signal(object)  # BackupsView
    progressed = Signal(str, float)
    made = Signal(object)  # BackupsView
    given_up = Signal()
    told = Signal(str)  # the passphrase
    restored = Signal(object)  # RestoreDone
    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, work: BackupWork) -> None:
        super().__init__()
        self._work = work
        self._stop = threading.Event()
        self._asking = Asking("backups")
        self._asking.setParent(self)
        self._asking.refused.connect(self.refused)
        self._asking.failed.connect(self.failed)

    @Slot()
    def look(self) -> None:
        """`looked` follows."""
        self._asking.ask(self._work.look, self.looked.emit)

    @Slot()
    def make(self) -> None:
        """`progressed`, then `made`, `given_up` or `refused` follow."""
        self._stop.clear()
        self._asking.ask(lambda: self._work.make(self._tell), self._made)

    @Slot()
    def cancel(self) -> None:
        """Give up what is under way."""
        self._stop.set()

    @Slot(str)
    def choose_folder(self, folder: str) -> None:
        """`looked` follows, or `refused`."""
        self._asking.ask(lambda: self._work.choose_folder(folder), self.looked.emit)

    @Slot()
    def show_passphrase(self) -> None:
        """`told` follows, or `refused`."""
        self._asking.ask(self._work.passphrase, self.told.emit)

    @Slot()
    def written_down(self) -> None:
        """`looked` follows."""
        self._asking.ask(self._work.written_down, self.looked.emit)

    @Slot(str, str)
    def restore(self, path: str, typed: str) -> None:
        """`progressed`, then `restored`, `given_up` or `refused` follow."""
        self._stop.clear()
        self._asking.ask(lambda: self._work.restore(path, typed, self._tell), self._restored)

    @Slot()
    def stop(self) -> None:
        """The window closes: what is under way is given up."""
        self._stop.set()
        self._asking.stop()

    # --- from the thread --------------------------------------------------------------------

    def _tell(self, step: str, share: float) -> bool:
        self._asking.tell(self._progressed, (step, share))
        return not self._stop.is_set()

    def _progressed(self, told: tuple[str, float]) -> None:
        self.progressed.emit(*told)

    def _made(self, view: BackupsView | None) -> None:
        if view is None:
            self.given_up.emit()
        else:
            self.made.emit(view)

    def _restored(self, done: RestoreDone | None) -> None:
        if done is None:
            self.given_up.emit()
        else:
            self.restored.emit(done)
