"""The desk of the window "What is wrong?": begins, tells row by row, can be given up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from app.desk.asking import Asking
from app.desk.checkup.findings import Check, CheckupView
from app.desk.checkup.running import run


class CheckupDesk(QObject):
    """Lives on the GUI thread, looks on a thread of its own. `changed(CheckupView)`."""

    changed = Signal(object)
    failed = Signal(object)  # a bug

    def __init__(self, checks: Callable[[], Sequence[Check]]) -> None:
        """`checks` makes them anew for each time."""
        super().__init__()
        self._checks = checks
        self._stop = threading.Event()
        self._asking = Asking("what is wrong")
        self._asking.setParent(self)
        self._asking.failed.connect(self.failed)

    @Slot()
    def begin(self) -> None:
        """Look at everything, from the first on."""
        self._stop.clear()
        self._asking.ask(self._run, self.changed.emit)

    @Slot()
    def cancel(self) -> None:
        """Look at nothing more; what is under way is finished."""
        self._stop.set()

    @Slot()
    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._asking.stop()

    def _run(self) -> CheckupView:
        def tell(view: CheckupView) -> None:
            self._asking.tell(self.changed.emit, view)

        return run(self._checks(), tell, self._stop.is_set)
