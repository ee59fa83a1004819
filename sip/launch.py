"""Starting engine processes that outlive their starter, and asking whether they live."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from sip.address import connect, parse_address
from sip.clock import WallClock
from sip.errors import KnownError

POLL_S = 0.02


class Launched:
    """A process that was started here; it goes on when this program ends."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log_file: Path) -> None:
        self.name = name
        self.log_file = log_file
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        """True while it runs. Collects it if it has ended (no zombie stays)."""
        return self._process.poll() is None

    def exit_status(self) -> int | None:
        return self._process.poll()

    def wait(self, timeout_s: float) -> bool:
        """Wait for its end; False if it still runs after `timeout_s`."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def terminate(self) -> None:
        """Ask it to leave in order (hang up, then exit)."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        """End it at once; for what does not leave when asked."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()


def start(
    module: str,
    arguments: Sequence[str],
    log_file: Path,
    *,
    niceness: int = 0,
    environment: Mapping[str, str] | None = None,
) -> Launched:
    """Start `python -m module arguments` in a session of its own, its output in `log_file`.

    `environment` is added to this process's (a token belongs there, never in `arguments`).
    """
    log_file.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", module, *arguments]
    if niceness > 0 and os.name == "posix":
        command = ["nice", "-n", str(niceness), *command]
    with log_file.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
    return Launched(f"{module} {_id_of(arguments)}".strip(), process, log_file)


def wait_until_ready(launched: Launched, address: str, timeout_s: float = 15.0) -> None:
    """Return when the engine accepts clients at `address`.

    Raises KnownError with the last line of its log if it ends before, or does not get there.
    """
    where = parse_address(address)
    clock = WallClock()
    until_s = clock.now().mono_s + timeout_s
    while clock.now().mono_s < until_s:
        if not launched.is_alive():
            last = last_line(launched.log_file)
            raise KnownError(f"{launched.name} ended at once: {last or 'it left no word'}")
        with contextlib.suppress(OSError):
            connect(where, 1.0).close()
            return
        time.sleep(POLL_S)
    launched.terminate()
    raise KnownError(
        f"{launched.name} did not start within {timeout_s:g} s; see {launched.log_file}."
    )


def last_line(log_file: Path) -> str:
    """The last line that is not blank, "" if there is none."""
    with contextlib.suppress(OSError):
        lines = [line.strip() for line in log_file.read_text(errors="replace").splitlines()]
        return next((line for line in reversed(lines) if line), "")
    return ""


def is_running(pid: int) -> bool:
    """True if a process with this id runs (an adopted engine, started by somebody else)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _id_of(arguments: Sequence[str]) -> str:
    words = list(arguments)
    return words[words.index("--id") + 1] if "--id" in words[:-1] else ""
