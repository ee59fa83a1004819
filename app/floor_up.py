"""A window and the place of its floor: brought up at the start, followed when it moves."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.bridge import Bridge, Worker
from app.errors import as_known_error
from app.floor_place import is_shared_here, place_stamp
from app.phone_link import PhoneLink
from app.profile import Profile

log = logging.getLogger("app.floor_up")

AGAIN_MS = 10_000
LOOK_MS = 1000
NETWORK_S = 5.0
Tell = Callable[[str, float], bool]
BringUp = Callable[[Profile, Tell], None]
"""Starts the database of a floor that this PC shares; blocks; KnownError where it cannot be."""


class FloorUp(QObject):
    """Starts the shared floor's database on a thread of its own, again and again until it runs.

    `told(sentence)`: how it goes, or why it does not; `is_up()` follows once. A floor that is a
    file, or on another PC, is up at once.
    """

    told = Signal(str)
    is_up = Signal()
    failed = Signal(object)  # a bug

    def __init__(self, profile: Profile, bring_up: BringUp | None) -> None:
        super().__init__()
        self._profile, self._bring_up = profile, bring_up
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker("floor", self._bridge)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._try)

    def start(self) -> None:
        """Begin; the signals say how it goes."""
        self._worker.start()
        self._try()

    def stop(self) -> None:
        """What is under way is finished."""
        self._again.stop()
        self._worker.stop(timeout_s=20.0)

    def _try(self) -> None:
        self._worker.do(self._work)

    def _work(self) -> None:
        if self._bring_up is not None and is_shared_here(self._profile):
            self._bridge.post("Starting the floor's database …")
            self._bring_up(self._profile, self._tell)
        self._bridge.post(None)

    def _tell(self, step: str, _share: float) -> bool:
        self._bridge.post(f"{step} …")
        return True

    def _arrived(self, step: str | None) -> None:
        if step is None:
            self.is_up.emit()
        else:
            self.told.emit(step)

    def _failed(self, error: BaseException) -> None:
        known = as_known_error(error)
        if known is None:
            log.error("the floor could not be brought up", exc_info=error)
            self.failed.emit(error)
            return
        self.told.emit(known.sentence)
        self._again.start(AGAIN_MS)


class PlaceWatch(QObject):
    """Looks once a second whether the floor is at another place now (shared, joined, left)."""

    moved = Signal()

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self._profile = profile
        self._stamp = place_stamp(profile)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(LOOK_MS)

    def look(self) -> None:
        """One look; `moved` follows where it has."""
        stamp = place_stamp(self._profile)
        if stamp != self._stamp:
            self._stamp = stamp
            log.info("the floor is at another place now")
            self.moved.emit()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()


class NetworkWatch(QObject):
    """Has the phones of a window follow this PC's address; the sound of a call is never cut.

    It looks on a thread of its own: where the floor's server has a name, asking for its address
    takes seconds while the network is away.
    """

    moved = Signal()

    def __init__(self, period_s: float = NETWORK_S) -> None:
        super().__init__()
        self._links: tuple[PhoneLink, ...] = ()
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker("network", self._bridge, self._look, period_s)
        self._worker.start()

    def add(self, link: PhoneLink) -> PhoneLink:
        """Look after this phone as well."""
        self._links = (*self._links, link)
        return link

    def _look(self) -> None:
        for link in self._links:
            if link.follow_network():
                self._bridge.post(link)

    def _arrived(self, _link: PhoneLink) -> None:
        log.info("this PC has another address; its phone is started there")
        self.moved.emit()

    def _failed(self, error: BaseException) -> None:
        raise error

    def stop(self) -> None:
        """Look no more; one that takes long is not waited for."""
        self._worker.stop(timeout_s=0.5)


def start_again() -> None:
    """This program anew with the same words, in this one's place where the system can do that."""
    words = [sys.executable, *sys.orig_argv[1:]]
    if os.name == "posix":
        os.execv(sys.executable, words)
    subprocess.Popen(words, close_fds=True)
