"""The supervisor's hand on a campaign's mix: read, previewed as it is filled in, and saved."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from app.desk.asking import Asking
from app.desk.mix_view import MixForm, MixOffer, PreviewView
from app.desk.mix_work import MixWork


class MixDesk(QObject):
    """What the window of mix and order needs; works on a thread of its own."""

    offered = Signal(object)  # MixOffer
    previewed = Signal(object)  # PreviewView
    saved = Signal(object)  # MixOffer
    refused = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(self, work: MixWork) -> None:
        super().__init__()
        self._work = work
        self._previews = 0
        self._asking = Asking("mix")
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
        self._asking.ask(lambda: self._work.mix(campaign_id), self.offered.emit)

    @Slot(int, object)
    def preview(self, campaign_id: int, form: MixForm) -> None:
        """`previewed` follows, unless something newer is asked for by then."""
        self._previews += 1
        mine = self._previews

        def work() -> PreviewView | None:
            return None if mine != self._previews else self._work.preview(campaign_id, form)

        self._asking.ask(work, self._answer)

    @Slot(int, object)
    def save(self, campaign_id: int, form: MixForm) -> None:
        """`saved` follows."""

        def work() -> MixOffer:
            self._work.save_mix(campaign_id, form)
            return self._work.mix(campaign_id)

        self._asking.ask(work, self.saved.emit)

    def _answer(self, found: PreviewView | None) -> None:
        if found is not None:
            self.previewed.emit(found)
