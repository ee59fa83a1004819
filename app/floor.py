"""Starting the floor's own programs as processes of their own, and starting them again."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from sip import launch

log = logging.getLogger("app.floor")

RESTART_PAUSE_S = 0.2
RESTARTS = 20  # how often in one life; a program that falls over so often has to be mended
QUICK_S = 3.0  # ended so soon after its start, and three times in a row: it does not start at all


def callfloor(words: Sequence[str]) -> tuple[str, ...]:
    """The module and words that run this program."""
    return ("app", *words)


class Keeper:
    """Keeps one program running: starts it again when it dies, not when it leaves in order."""

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        log_file: Path,
        environment: Mapping[str, str] | None = None,
        niceness: int = 0,
    ) -> None:
        self.name = name
        self._words = words
        self._log_file = log_file
        self._environment = environment or {}
        self._niceness = niceness
        self._process: launch.Launched | None = None
        self._started_s = 0.0
        self._restarts = 0
        self._quick = 0
        self.has_ended = False
        self.has_given_up = False

    @property
    def pid(self) -> int:
        return 0 if self._process is None else self._process.pid

    def start(self) -> None:
        """Start it (its output goes to the log file)."""
        module, *words = self._words
        self._process = launch.start(
            module,
            words,
            self._log_file,
            niceness=self._niceness,
            environment=self._environment,
        )
        self._started_s = time.monotonic()

    def watch(self) -> str:
        """Look after it; call this a few times a second. Returns a sentence if it has given up."""
        process = self._process
        if process is None or self.has_ended or process.is_alive():
            return ""
        status = process.exit_status()
        if status == 0:
            self.has_ended = True
            return ""
        if status in (1, 2):  # it said itself what is wrong; again would say the same
            return self._give_up(launch.last_line(self._log_file))
        self._quick = self._quick + 1 if time.monotonic() - self._started_s < QUICK_S else 0
        self._restarts += 1
        if self._quick >= 3 or self._restarts > RESTARTS:
            return self._give_up("")
        log.warning("%s died (%s) and is started again", self.name, status)
        time.sleep(RESTART_PAUSE_S)
        self.start()
        return ""

    def _give_up(self, word: str) -> str:
        self.has_ended = self.has_given_up = True
        return word or f"The {self.name} does not stay up; see {self._log_file}."

    def ask_to_leave(self) -> None:
        """Ask it to end in order."""
        if self._process is not None and self._process.is_alive():
            self._process.terminate()

    def wait_or_kill(self, timeout_s: float) -> None:
        """Wait for its end; kill what does not leave."""
        if self._process is None or self._process.wait(timeout_s):
            return
        log.error("%s did not leave in %g s and was killed", self.name, timeout_s)
        self._process.kill()
        self._process.wait(2.0)
