"""An agent's own promised calls, read now and then while the window is open."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.desk.asking import Asking
from app.desk.callback_desk import call_back_row
from app.desk.callback_view import CallBackRow
from dialer_core.clock import Clock
from dialer_core.store.address import Place
from dialer_core.store.promises import PromiseStore

EVERY_MS: Final = 15_000
SHOWN: Final = 5


class OwnCallBacks(QObject):
    """Tells `changed` the next few calls that the agent has promised, the earliest first."""

    changed = Signal(object)  # tuple of CallBackRow
    failed = Signal(object)  # a bug

    def __init__(self, find: Callable[[], Place], clock: Clock) -> None:
        super().__init__()
        self._find, self._clock = find, clock
        self._agent = ""
        self._asking = Asking("own call-backs")
        self._asking.setParent(self)
        self._asking.failed.connect(self.failed)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)

    @Slot(str)
    def set_agent(self, agent: str) -> None:
        """Whose calls they are; empty: nobody is logged in."""
        if agent == self._agent:
            return
        self._agent = agent
        if agent:
            self._timer.start()
            self.look()
        else:
            self._timer.stop()
            self.changed.emit(())

    @Slot()
    def look(self) -> None:
        """`changed` follows."""
        agent = self._agent
        self._asking.ask(lambda: self._own(agent), self.changed.emit)

    @Slot()
    def stop(self) -> None:
        """End the thread."""
        self._timer.stop()
        self._asking.stop()

    def _own(self, agent: str) -> tuple[CallBackRow, ...]:
        now, place = self._clock.now(), self._find()
        with closing(PromiseStore(place)) as store:
            found = store.own(agent, now)
        return tuple(call_back_row(one, now.utc) for one in found[:SHOWN])
