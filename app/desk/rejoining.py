"""A call that this phone has lost and the floor has not: back into it as soon as that may be.

A network that was away for some seconds ends the phone's leg; the person hears music then, and the
dialler calls the phone again once it is told that the phone is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

EVERY_MS: Final = 2000  # by then the floor has said that a call is over which was ended
TRIES: Final = 30


class Rejoining(QObject):
    """Lives on the GUI thread. `still_talks(attempt)`: the floor holds it, the phone does not.

    `come`: tells the floor that the phone is there, as often as `EVERY_MS` until it is in the call.
    """

    def __init__(self, still_talks: Callable[[str], bool], come: Callable[[], None]) -> None:
        super().__init__()
        self._still_talks, self._come = still_talks, come
        self._attempt_id, self._left = "", 0
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)

    def lost(self, attempt_id: str) -> None:
        """The phone's leg is over, and not by the agent's hand."""
        self._attempt_id, self._left = attempt_id, TRIES
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Try once, unless it is over or has been tried often enough."""
        if not self._left or not self._still_talks(self._attempt_id):
            self._timer.stop()
            return
        self._left -= 1
        self._come()

    def stop(self) -> None:
        """The window closes; another one looks after the call."""
        self._timer.stop()
