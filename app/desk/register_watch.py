"""Beside the floor's window: clears what killed imports left, and watches the registers' age."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from app import holder
from app.bridge import Bridge, Worker
from app.desk import register_view
from app.errors import as_known_error
from dialer_core.clock import Clock
from dialer_core.store.address import Place
from dialer_core.store.importing import ImportStore
from dialer_core.store.registers import RegisterStore

LOOK_S: Final = 30.0


class RegisterWatch(QObject):
    """Tells the notices of registers as they change; on a thread of its own, seldom."""

    changed = Signal(object)  # tuple of sentences
    failed = Signal(object)  # a bug

    def __init__(
        self,
        database: Place | Callable[[], Place],
        clock: Clock,
        is_dead: Callable[[str], bool] = holder.is_dead,
    ) -> None:
        """`database`: the floor's place, or what tells it whenever it is opened."""
        super().__init__()
        self._where = database if callable(database) else lambda: database
        self._clock, self._is_dead = clock, is_dead
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker("registers", self._bridge, self._look, LOOK_S)
        # Of the worker's thread.
        self._store: RegisterStore | None = None
        self._told: tuple[str, ...] = ()

    def start(self) -> None:
        """The first look follows at once."""
        self._worker.start()
        self._worker.do(self._look)

    def stop(self) -> None:
        """End the thread."""
        self._worker.do(self._close)
        self._worker.stop()

    @Slot()
    def reopen(self) -> None:
        """The floor is at another place now."""
        self._worker.do(self._close)
        self._worker.do(self._look)

    @Slot()
    def look(self) -> None:
        """Look again now: a copy was loaded."""
        self._worker.do(self._look)

    def _look(self) -> None:
        if self._store is None:
            place = self._where()
            if isinstance(place, Path) and not place.exists():
                return  # the floor is still in the making
            self._clear(place)
            self._store = RegisterStore(place)
        now = self._clock.now()
        told = register_view.notices(self._store.ages(now), now)
        if told != self._told:
            self._told = told
            self._bridge.post(told)

    def _clear(self, place: Place) -> None:
        """Whoever opens the window finds no list that is half in."""
        store = ImportStore(place, holder.describe_self(), self._is_dead)
        try:
            store.clear_dead(self._clock.now())
        finally:
            store.close()

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    @Slot(object)
    def _arrived(self, told: tuple[str, ...]) -> None:
        self.changed.emit(told)

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        if as_known_error(error) is None:  # what the world did is told by the floor's own desk
            self.failed.emit(error)
