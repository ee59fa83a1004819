"""The supervisor's hand on segments: they are read, counted while they are built, and saved."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from app.desk.asking import Asking
from app.desk.mix_work import MixWork
from app.desk.segment_view import Condition, CountView, SegmentOffer


class SegmentDesk(QObject):
    """What the window of segments needs; lives on the GUI thread, works on a thread of its own."""

    offered = Signal(object)  # SegmentOffer
    counted = Signal(object)  # CountView
    saved = Signal(object, int)  # SegmentOffer, the id of the segment
    removed = Signal(object)  # SegmentOffer
    refused = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(self, work: MixWork) -> None:
        super().__init__()
        self._work = work
        self._counts = 0
        self._asking = Asking("segments")
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
        self._asking.ask(lambda: self._work.segments(campaign_id), self.offered.emit)

    @Slot(int, object)
    def count(self, campaign_id: int, condition: Condition) -> None:
        """`counted` follows, unless something newer is to be counted by then."""
        self._counts += 1
        mine = self._counts

        def work() -> CountView | None:
            # Whoever types on has asked for something else meanwhile.
            return None if mine != self._counts else self._work.count(campaign_id, condition)

        self._asking.ask(work, self._answer)

    @Slot(int, str, object, object)
    def save(
        self, campaign_id: int, name: str, condition: Condition, segment_id: int | None
    ) -> None:
        """`saved` follows."""

        def work() -> tuple[SegmentOffer, int]:
            saved = self._work.save_segment(campaign_id, name, condition, segment_id)
            return self._work.segments(campaign_id), saved

        self._asking.ask(work, lambda done: self.saved.emit(*done))

    @Slot(int, int)
    def remove(self, campaign_id: int, segment_id: int) -> None:
        """`removed` follows."""

        def work() -> SegmentOffer:
            self._work.remove_segment(segment_id)
            return self._work.segments(campaign_id)

        self._asking.ask(work, self.removed.emit)

    def _answer(self, found: CountView | None) -> None:
        if found is not None:
            self.counted.emit(found)
