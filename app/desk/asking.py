"""A dialog's work on a thread of its own: asked in one line, answered on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge import Bridge, Worker
from app.errors import as_known_error

T = TypeVar("T")


class Asking(QObject):
    """Does a dialog's jobs one after the other, away from the paint.

    Stores belong to the thread that uses them first: open them inside a job.
    """

    refused = Signal(str)  # what the world did, as a sentence
    failed = Signal(object)  # a bug

    def __init__(self, name: str) -> None:
        super().__init__()
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker(name, self._bridge)
        self._worker.start()
        self._is_stopped = False

    def ask(self, work: Callable[[], T], then: Callable[[T], object]) -> None:
        """`then(work())`: the work on the thread, `then` here; `refused` or `failed` otherwise."""

        def job() -> None:
            self._bridge.post((then, work()))

        self._worker.do(job)

    def tell(self, then: Callable[[T], object], value: T) -> None:
        """From within a job: a word on the way, `then(value)` on the GUI thread."""
        self._bridge.post((then, value))

    @Slot()
    def stop(self) -> None:
        """Finish what is queued and end the thread; answers that come now are dropped."""
        self._is_stopped = True
        self._worker.stop()

    @Slot(object)
    def _arrived(self, answer: tuple[Callable[[Any], object], Any]) -> None:
        if not self._is_stopped:
            then, value = answer
            then(value)

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        known = as_known_error(error)
        if self._is_stopped and known is not None:
            return
        if known is not None:
            self.refused.emit(known.sentence)
        else:
            self.failed.emit(error)
