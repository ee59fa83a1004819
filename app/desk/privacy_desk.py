"""The supervisor's hand on a person's data, and on how long anything is kept."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot

from app.desk.asking import Asking
from app.desk.privacy_view import PersonView, PersonWish, ReceiptView, RetentionView


class PersonWork(Protocol):
    """What is done on the thread; each raises KnownError where the world forbids it."""

    def regions(self) -> tuple[str, ...]:
        """Countries to choose from, the likeliest first."""
        ...

    def find(self, wish: PersonWish) -> PersonView:
        """What is stored about the person."""
        ...

    def export(self, wish: PersonWish, to: str) -> str:
        """Everything as one file; a sentence."""
        ...

    def erase(self, wish: PersonWish, reason: str) -> ReceiptView:
        """Erase them everywhere; the receipt."""
        ...

    def save_receipt(self, receipt: ReceiptView, to: str) -> str:
        """The receipt as a file; a sentence."""
        ...


class PersonDesk(QObject):
    """What the person's window needs; lives on the GUI thread, works on a thread of its own."""

    offered = Signal(object)  # tuple of ISO countries
    found = Signal(object)  # PersonView
    said = Signal(str)
    erased = Signal(object)  # ReceiptView
    refused = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(self, work: PersonWork) -> None:
        super().__init__()
        self._work = work
        self._asking = _asking(self, "a person's data", self.refused, self.failed)

    def stop(self) -> None:
        """Finish what is under way and end the thread."""
        self._asking.stop()

    @Slot()
    def offer(self) -> None:
        """`offered` follows."""
        self._asking.ask(self._work.regions, self.offered.emit)

    @Slot(object)
    def find(self, wish: PersonWish) -> None:
        """`found` or `refused` follows."""
        self._asking.ask(lambda: self._work.find(wish), self.found.emit)

    @Slot(object, str)
    def export(self, wish: PersonWish, to: str) -> None:
        """`said` or `refused` follows."""
        self._asking.ask(lambda: self._work.export(wish, to), self.said.emit)

    @Slot(object, str)
    def erase(self, wish: PersonWish, reason: str) -> None:
        """`erased` or `refused` follows."""
        self._asking.ask(lambda: self._work.erase(wish, reason), self.erased.emit)

    @Slot(object, str)
    def save_receipt(self, receipt: ReceiptView, to: str) -> None:
        """`said` or `refused` follows."""
        self._asking.ask(lambda: self._work.save_receipt(receipt, to), self.said.emit)


class RetentionWork(Protocol):
    """What is done on the thread for the retention window."""

    def view(self) -> RetentionView:
        """Terms, what is due, the last purge."""
        ...

    def wish(self, kind: str, days: int) -> None:
        """The office's own days of a kind."""
        ...

    def purge(self) -> str:
        """Take all that is due; a sentence."""
        ...


class RetentionDesk(QObject):
    """What the retention window needs."""

    listed = Signal(object)  # RetentionView
    said = Signal(str)
    refused = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(self, work: RetentionWork) -> None:
        super().__init__()
        self._work = work
        self._asking = _asking(self, "retention", self.refused, self.failed)

    def stop(self) -> None:
        """Finish what is under way and end the thread."""
        self._asking.stop()

    @Slot()
    def list(self) -> None:
        """`listed` follows."""
        self._asking.ask(self._work.view, self.listed.emit)

    @Slot(str, int)
    def wish(self, kind: str, days: int) -> None:
        """`listed` or `refused` follows."""
        self._asking.ask(lambda: self._work.wish(kind, days), lambda _none: None)
        self.list()

    @Slot()
    def purge(self) -> None:
        """`said` and `listed` follow."""
        self._asking.ask(self._work.purge, self.said.emit)
        self.list()


def _asking(desk: QObject, name: str, refused: object, failed: object) -> Asking:
    asking = Asking(name)
    asking.setParent(desk)
    asking.refused.connect(refused)
    asking.failed.connect(failed)
    return asking
