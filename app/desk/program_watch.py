"""Beside the floor's window: tells of programs that do not take what they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge import Bridge, Worker
from app.errors import as_known_error
from dialer_core.clock import Clock
from dialer_core.store.address import Place
from dialer_core.store.clients_api import ApiClient, ClientsStore

LOOK_S: Final = 60.0
PATIENCE: Final = timedelta(hours=1)  # a program may be restarted without anybody being told


class ProgramWatch(QObject):
    """Tells the notices of webhooks as they change; on a thread of its own, seldom."""

    changed = Signal(object)  # tuple of sentences
    failed = Signal(object)  # a bug

    def __init__(self, where: Callable[[], Place], clock: Clock) -> None:
        """`where` tells the floor's place whenever it is opened."""
        super().__init__()
        self._where, self._clock = where, clock
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker("programs", self._bridge, self._look, LOOK_S)
        # Of the worker's thread.
        self._store: ClientsStore | None = None
        self._told: tuple[str, ...] = ()

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
        if self._store is None:
            place = self._where()
            if isinstance(place, Path) and not place.exists():
                return  # the floor is still in the making
            self._store = ClientsStore(place)
        told = notices(self._store.clients(), self._clock.now().utc)
        if told != self._told:
            self._told = told
            self._bridge.post(told)

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


def notices(programs: Iterable[ApiClient], now: datetime) -> tuple[str, ...]:
    """A sentence for each webhook that was stopped, or has failed for longer than PATIENCE."""
    return tuple(sentence for one in programs if (sentence := _notice(one, now)))


def _notice(program: ApiClient, now: datetime) -> str:
    hook = program.webhook
    if hook is None:
        return ""
    if hook.stopped_at is not None:
        return (
            f"{program.name} is told nothing any more: for days its webhook took nothing "
            f"({_why(hook.trouble)}). Nothing is lost: mend it there, then Manage, Other "
            "programs, Try again now."
        )
    if hook.failing_since is not None and now - hook.failing_since >= PATIENCE:
        since = hook.failing_since.astimezone()
        return (
            f"{program.name} has taken nothing since {since:%a %H:%M} ({_why(hook.trouble)}). "
            "It is tried again by itself; see Manage, Other programs."
        )
    return ""


def _why(trouble: str) -> str:
    words = trouble.rstrip(".")
    return words[:1].lower() + words[1:] or "no reason is known"
