"""Beside the floor's window: looks now and then, and tells notices as they change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge import Bridge, Worker
from app.errors import as_known_error
from dialer_core.store.address import Place

Notices = tuple[str, ...]


class Closable(Protocol):
    """What belongs to the thread that opened it."""

    def close(self) -> None: ...


S = TypeVar("S", bound=Closable)


class NoticeWatch(QObject):
    """On a thread of its own, as a disk may be asleep and a floor away."""

    changed = Signal(object)  # tuple of sentences
    failed = Signal(object)  # a bug

    def __init__(
        self,
        name: str,
        every_s: float,
        find: Callable[[], Notices | None],
        close: Callable[[], None] = lambda: None,
    ) -> None:
        """`find`: the notices now, None where nobody can say yet; `close`: what it has open."""
        super().__init__()
        self._find, self._close = find, close
        self._told: Notices = ()  # of the worker's thread
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker(name, self._bridge, self._look, every_s)

    @Slot()
    def start(self) -> None:
        """The first look follows at once."""
        self._worker.start()
        self.look()

    def stop(self) -> None:
        """End the thread."""
        self._worker.do(self._close)
        self._worker.stop()

    @Slot()
    def reopen(self) -> None:
        """The floor is at another place now."""
        self._worker.do(self._close)
        self.look()

    @Slot()
    def look(self) -> None:
        """Look again now."""
        self._worker.do(self._look)

    def _look(self) -> None:
        told = self._find()
        if told is not None and told != self._told:
            self._told = told
            self._bridge.post(told)

    @Slot(object)
    def _arrived(self, told: Notices) -> None:
        self.changed.emit(told)

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        if as_known_error(error) is None:  # what the world did is told by the floor's own desk
            self.failed.emit(error)


class OnFloor(Generic[S]):
    """One of the floor's stores for a NoticeWatch: opened once the floor is there, kept open.

    `where` tells the floor's place whenever it is opened, `tell` what the store has to say.
    """

    def __init__(
        self,
        where: Callable[[], Place],
        open_store: Callable[[Place], S],
        tell: Callable[[S], Notices],
    ) -> None:
        self._where, self._open_store, self._tell = where, open_store, tell
        self._store: S | None = None

    def find(self) -> Notices | None:
        """The notices now; None while the floor is still in the making."""
        if self._store is None:
            place = self._where()
            if isinstance(place, Path) and not place.exists():
                return None
            self._store = self._open_store(place)
        return self._tell(self._store)

    def close(self) -> None:
        """Give the store back; the next look opens it anew."""
        if self._store is not None:
            self._store.close()
            self._store = None
