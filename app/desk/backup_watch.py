"""Beside the floor's window: tells when the last good backup is too old, or a disk nearly full."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from app.backup.folder import notices
from app.bridge import Bridge, Worker
from app.errors import as_known_error
from app.profile import Profile
from dialer_core.clock import Clock

LOOK_S: Final = 60.0


class BackupWatch(QObject):
    """Tells its notices as they change; on a thread of its own, as a disk may be asleep."""

    changed = Signal(object)  # tuple of sentences
    failed = Signal(object)  # a bug

    def __init__(self, profile: Profile, clock: Clock) -> None:
        super().__init__()
        self._profile, self._clock = profile, clock
        self._told: tuple[str, ...] = ()  # of the worker's thread
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker("backup notices", self._bridge, self._look, LOOK_S)

    def start(self) -> None:
        """The first look follows at once."""
        self._worker.start()
        self._worker.do(self._look)

    def stop(self) -> None:
        """End the thread."""
        self._worker.stop()

    def _look(self) -> None:
        told = notices(self._profile, self._clock.now().utc)
        if told != self._told:
            self._told = told
            self._bridge.post(told)

    @Slot(object)
    def _arrived(self, told: tuple[str, ...]) -> None:
        self.changed.emit(told)

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        if as_known_error(error) is None:
            self.failed.emit(error)
