"""The supervisor's hand on recycling: read beside the law, tried out on a day, and saved."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from app.desk.asking import Asking
from app.desk.mix_work import MixWork
from app.desk.recycling_view import DayView, Recycle, RecyclingOffer


class RecyclingDesk(QObject):
    """What the window of recycling needs; works on a thread of its own."""

    offered = Signal(object)  # RecyclingOffer
    pictured = Signal(object)  # DayView
    saved = Signal(object)  # RecyclingOffer
    refused = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(self, work: MixWork) -> None:
        super().__init__()
        self._work = work
        self._days = 0
        self._asking = Asking("recycling")
        self._asking.refused.connect(self.refused)
        self._asking.failed.connect(self.failed)

    @Slot()
    def stop(self) -> None:
        """End the thread; answers that come now are dropped."""
        self._asking.ask(self._work.close, lambda _nothing: None)
        self._asking.stop()

    @Slot(object)
    def offer(self, campaign_id: int | None = None) -> None:
        """`offered` follows."""
        self._asking.ask(lambda: self._work.recycling(campaign_id), self.offered.emit)

    @Slot(int, object, str)
    def picture(self, campaign_id: int, own: dict[str, Recycle], outcome: str) -> None:
        """`pictured` follows, unless something newer is asked for by then."""
        self._days += 1
        mine = self._days

        def work() -> DayView | None:
            return None if mine != self._days else self._work.day(campaign_id, own, outcome)

        self._asking.ask(work, self._answer)

    @Slot(int, object, float)
    def save(self, campaign_id: int, own: dict[str, Recycle], hand_over_s: float) -> None:
        """`saved` follows."""

        def work() -> RecyclingOffer:
            self._work.save_recycling(campaign_id, own, hand_over_s)
            return self._work.recycling(campaign_id)

        self._asking.ask(work, self.saved.emit)

    def _answer(self, found: DayView | None) -> None:
        if found is not None:
            self.pictured.emit(found)
