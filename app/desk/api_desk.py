"""The supervisor's hand on other programs: the switch, tokens and webhooks."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.desk.api_view import ApiView, HookWish, Secret
from app.desk.asking import Asking

LOOK_MS = 3000
"""Last use and webhooks change while the window is open: it asks."""


class ApiWork(Protocol):
    """What is done on the desk's thread; each raises KnownError where the world forbids it."""

    def look(self) -> ApiView:
        """How things stand."""
        ...

    def switch(self, is_on: bool, is_open: bool, port: int) -> ApiView:
        """On or off; to this PC alone or to others, at that port."""
        ...

    def add(self, name: str, rights: tuple[str, ...]) -> Secret:
        """A program with its token."""
        ...

    def remove(self, name: str) -> ApiView:
        """Shut a program out."""
        ...

    def set_hook(self, wish: HookWish) -> Secret:
        """Tell a program what happens; the key of its signatures."""
        ...

    def drop_hook(self, name: str) -> ApiView:
        """Tell it nothing any more."""
        ...

    def restart_hook(self, name: str) -> ApiView:
        """Try its webhook at once."""
        ...


class ApiDesk(QObject):
    """What the window needs; lives on the GUI thread, works on a thread of its own."""

    looked = Signal(object)  # ApiView
    made = Signal(object)  # Secret
    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, work: ApiWork) -> None:
        super().__init__()
        self._work = work
        self._is_looking = False
        self._asking = Asking("programs")
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
        """The window closes."""
        self._timer.stop()
        self._asking.stop()

    @Slot()
    def look(self) -> None:
        """`looked` follows; while one look is under way no second is asked for."""
        if not self._is_looking:
            self._is_looking = True
            self._asking.ask(self._work.look, self._looked)

    @Slot(bool, bool, int)
    def switch(self, is_on: bool, is_open: bool, port: int) -> None:
        """`looked` follows, or `refused`."""
        self._asking.ask(lambda: self._work.switch(is_on, is_open, port), self._looked)

    @Slot(str, object)
    def add(self, name: str, rights: tuple[str, ...]) -> None:
        """`made` follows and then `looked`, or `refused`."""
        self._asking.ask(lambda: self._work.add(name, rights), self._made)

    @Slot(str)
    def remove(self, name: str) -> None:
        """`looked` follows, or `refused`."""
        self._asking.ask(lambda: self._work.remove(name), self._looked)

    @Slot(object)
    def set_hook(self, wish: HookWish) -> None:
        """`made` follows and then `looked`, or `refused`."""
        self._asking.ask(lambda: self._work.set_hook(wish), self._made)

    @Slot(str)
    def drop_hook(self, name: str) -> None:
        """`looked` follows, or `refused`."""
        self._asking.ask(lambda: self._work.drop_hook(name), self._looked)

    @Slot(str)
    def restart_hook(self, name: str) -> None:
        """`looked` follows, or `refused`."""
        self._asking.ask(lambda: self._work.restart_hook(name), self._looked)

    def _made(self, secret: Secret) -> None:
        self.made.emit(secret)
        self.look()

    def _looked(self, view: ApiView) -> None:
        self._is_looking = False
        self.looked.emit(view)

    @Slot(str)
    def _refuse(self, sentence: str) -> None:
        self._is_looking = False
        self.refused.emit(sentence)
