"""Keeping the API alive beside the supervisor's window: started, restarted and ended as set."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.api.place import Listening, listening, running
from app.errors import KnownError
from app.profile import Profile
from sip.launch import Launched, last_line, start

log = logging.getLogger("app.api")

LOOK_S = 1.0
LONGEST_PAUSE_S = 60.0
END_S = 8.0


class Keeping:
    """Has one API process run while the settings say so; belongs to one thread."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._launched: Launched | None = None
        self._as: Listening | None = None
        self._failures = 0
        self._wait_s = 0.0

    def look(self, since_last_s: float) -> None:
        """Start, end or restart it, as the settings now say."""
        try:
            wanted = listening(self._profile)
        except KnownError:
            return  # whoever is editing the settings will be told
        alive = self._launched is not None and self._launched.is_alive()
        if not wanted.is_on or (alive and wanted != self._as):
            self.end()
            self._failures, self._wait_s, alive = 0, 0.0, False
        if alive:
            self._failures = 0 if running(self._profile) is not None else self._failures
            return
        self._wait_s -= since_last_s
        if wanted.is_on and self._wait_s <= 0 and running(self._profile) is None:
            self._start(wanted)

    def _start(self, wanted: Listening) -> None:
        log_file = self._profile.logs_dir / "api.out"
        if self._launched is not None:
            log.warning("the API ended: %s", last_line(log_file) or "without a word")
        log_file.unlink(missing_ok=True)
        words = ["api", "serve", "--profile", str(self._profile.root)]
        self._launched, self._as = start("app", words, log_file), wanted
        self._failures += 1
        self._wait_s = min(LONGEST_PAUSE_S, 2.0 ** min(self._failures, 10))

    def end(self) -> None:
        """End it, if it runs."""
        if self._launched is None:
            return
        self._launched.terminate()
        if not self._launched.wait(END_S):
            self._launched.kill()
            self._launched.wait(END_S)
        self._launched = None


@contextmanager
def kept(profile: Profile) -> Iterator[None]:
    """Beside what is done inside, the API runs whenever it is switched on."""
    stop = threading.Event()

    def keep() -> None:
        keeping = Keeping(profile)
        try:
            while not stop.is_set():
                keeping.look(LOOK_S)
                stop.wait(LOOK_S)
        except Exception:
            log.exception("the API is not kept any more")
        finally:
            keeping.end()

    thread = threading.Thread(target=keep, name="api-keeping")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def last_words(profile: Profile) -> str:
    """Why the API that was started last does not run; empty where nothing is known."""
    return last_line(profile.logs_dir / "api.out")
