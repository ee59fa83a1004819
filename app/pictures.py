"""Pictures of a running window: one of each state that occurs, and one at the end."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

SETTLE_MS = 400


class Pictures(QObject):
    """Saves `NAME-STATE.png` the first time a state is shown, `NAME-end.png` when asked to.

    `keeps_last`: take each state again when it is left, where the picture fills with time.
    """

    def __init__(
        self, window: QWidget, name: str, folder: Path, *, keeps_last: bool = False
    ) -> None:
        super().__init__(window)
        self._window = window
        self._name = name
        self._folder = folder
        self._keeps_last = keeps_last
        self._state = ""
        self._taken: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._take_state)

    def shows(self, state: str) -> None:
        """The window is about to show this state.

        Told before the window is, so that a state which lasts for a moment only can still be
        caught when it gives way to the next.
        """
        if state == self._state:
            return
        if self._timer.isActive():
            self._timer.stop()
            self._take_state()
        elif self._keeps_last and self._state:
            self._save(self._state)
        self._state = state
        if state not in self._taken:
            self._timer.start()

    def _take_state(self) -> None:
        if self._state not in self._taken:
            self._taken.add(self._state)
            self._save(self._state)

    def take_end(self) -> None:
        """The last picture, before the window closes."""
        self._timer.stop()
        self._save("end")

    def _save(self, word: str) -> None:
        if self._window.isVisible():
            self._window.grab().save(str(self._folder / f"{self._name}-{word}.png"))
