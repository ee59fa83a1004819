"""The supervisor's hand on rules: what holds for a campaign, and what is made tighter."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot

from app.desk.asking import Asking
from app.desk.rules_view import RulesView, RulesWish


class RulesWork(Protocol):
    """What is done on the thread; each raises KnownError where the world forbids it."""

    def view(self, campaign_id: int | None) -> RulesView | None:
        """The rules of a campaign, or of the first; None while there is none."""
        ...

    def tighten(self, wish: RulesWish) -> str:
        """Make them tighter; a sentence."""
        ...


class RulesDesk(QObject):
    """What the rules' window needs; lives on the GUI thread, works on a thread of its own."""

    shown = Signal(object)  # RulesView | None
    said = Signal(str)
    refused = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(self, work: RulesWork) -> None:
        super().__init__()
        self._work = work
        self._asking = Asking("rules")
        self._asking.setParent(self)
        self._asking.refused.connect(self.refused)
        self._asking.failed.connect(self.failed)

    def stop(self) -> None:
        """Finish what is under way and end the thread."""
        self._asking.stop()

    @Slot(object)
    def show(self, campaign_id: int | None) -> None:
        """`shown` follows."""
        self._asking.ask(lambda: self._work.view(campaign_id), self.shown.emit)

    @Slot(object)
    def tighten(self, wish: RulesWish) -> None:
        """`said` and `shown`, or `refused` follow."""

        def then(sentence: str) -> None:
            self.said.emit(sentence)
            self.show(wish.campaign_id)

        self._asking.ask(lambda: self._work.tighten(wish), then)
