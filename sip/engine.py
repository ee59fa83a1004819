"""The loop of every engine process: PJSIP, commands, timers, in turn on one thread."""

from __future__ import annotations

import argparse
import contextlib
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

import msgspec

from sip.clock import Clock, StandStill, Timers, WallClock
from sip.endpoint import Endpoint, EndpointOptions, TlsFiles
from sip.errors import KnownError
from sip.messages import EngineTrouble, Hello, Message, Shutdown
from sip.outbox import Outbox
from sip.wire import Wire

log = logging.getLogger("sip.engine")
TOKEN_VARIABLE = "CALLFLOOR_ENGINE_TOKEN"
BUSY_POLL_MS = 5
IDLE_POLL_MS = 10
COLLECT_S = 2.0


class Role(Protocol):
    """What an engine is for (line, phone, gateway); all on the engine's thread."""

    def handle(self, command: Message) -> None:
        """Carry out a command that the wire has let through."""

    def snapshot(self) -> Message:
        """What a new client must know first."""

    def is_busy(self) -> bool:
        """True while a call is in hand: no idle exit, and a quicker poll."""

    def stop(self) -> None:
        """Hang up what is left; the endpoint is closed soon after."""

    def close(self) -> None:
        """Let go of media ports and files; legs are gone."""


class EngineOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How an engine is reached and when it leaves by itself.

    `idle_exit_s`: seconds without a client and without a call; 0 means never.
    """

    role: str
    engine_id: str
    endpoint: EndpointOptions
    socket: str = ""
    port_file: Path | None = None
    journal: Path | None = None
    is_stdio: bool = False
    idle_exit_s: float = 60.0


class Engine:
    """One engine process. `make_role(engine)` is called when PJSIP runs.

    Roles use `endpoint`, `wire`, `timers`, `clock` and `stand_still`.
    """

    def __init__(self, options: EngineOptions, clock: Clock | None = None) -> None:
        self.options = options
        self.clock: Clock = clock if clock is not None else WallClock()
        self.timers = Timers(self.clock)
        self.stand_still = StandStill()
        self.endpoint = Endpoint(options.endpoint, self.clock)
        outbox = Outbox(options.journal)
        token = os.environ.pop(TOKEN_VARIABLE, "")
        self.wire = Wire(self._hello, self._snapshot, outbox, token)
        self._role: Role | None = None
        self._is_stopping = False
        self._is_draining = False
        self._alone_since_s: float | None = None

    def _hello(self) -> Hello:
        return Hello(
            role=self.options.role,
            engine_id=self.options.engine_id,
            pid=os.getpid(),
            version=_version(),
            has_tls=self.endpoint.has_tls,
            notices=list(self.endpoint.notices),
        )

    def _snapshot(self) -> Message:
        assert self._role is not None
        return self._role.snapshot()

    def trouble(self, sentence: str) -> None:
        """Tell the client of something outside that is wrong."""
        self.wire.emit(EngineTrouble(seq=0, at=self.clock.now(), sentence=sentence))

    def run(self, make_role: Callable[[Engine], Role]) -> None:
        """Run until told to stop, or idle for long enough. Raises KnownError at start only."""
        out_fd = _free_standard_output()
        self.endpoint.start()
        try:
            role = make_role(self)
        except BaseException:
            self.endpoint.close()
            raise
        self._role = role
        # Python must not destroy calls and ports on a media thread, where the collector could
        # run too: it is switched off, and run here between two polls.
        gc.collect()
        gc.freeze()
        gc.disable()
        self._collect()
        try:
            if self.options.socket:
                self.wire.listen(self.options.socket, self.options.port_file)
            if self.options.is_stdio:
                self.wire.speak_pipes(0, out_fd)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._on_signal)
            while not self._is_done(role):
                self._turn(role)
        finally:
            self._leave(role)

    def _collect(self) -> None:
        gc.collect()
        self.timers.after(COLLECT_S, self._collect)

    def _turn(self, role: Role) -> None:
        self.endpoint.poll(BUSY_POLL_MS if role.is_busy() else IDLE_POLL_MS)
        for command in self.wire.receive():
            if isinstance(command, Shutdown):
                self._is_stopping = True
                self._is_draining = command.drain
                continue
            _guarded(lambda c=command: role.handle(c))  # type: ignore[misc]
        _guarded(self.timers.run_due)
        self.wire.flush()
        self.stand_still.turn()

    def _is_done(self, role: Role) -> bool:
        is_busy = role.is_busy()
        if self._is_stopping:
            return not (self._is_draining and is_busy)
        now_s = self.clock.now().mono_s
        if is_busy or self.wire.has_client:
            self._alone_since_s = None
        elif self._alone_since_s is None:
            self._alone_since_s = now_s
        limit_s = self.options.idle_exit_s
        return bool(
            limit_s and self._alone_since_s is not None and now_s - self._alone_since_s >= limit_s
        )

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._is_stopping = True
        self._is_draining = False

    def _leave(self, role: Role) -> None:
        _guarded(role.stop)
        until_s = self.clock.now().mono_s + 1.5
        while role.is_busy() and self.clock.now().mono_s < until_s:
            self.endpoint.poll(BUSY_POLL_MS)
            _guarded(self.timers.run_due)
        _guarded(role.close)
        self.wire.close()
        self.endpoint.close()


def _guarded(action: Callable[[], object]) -> None:
    """A bug in one command must not end the call in hand: log it whole, go on."""
    try:
        action()
    except Exception:
        log.exception("a fault in this engine")


def _version() -> str:
    try:
        return version("callfloor")
    except PackageNotFoundError:
        return "0"


def _free_standard_output() -> int:
    """Point descriptor 1 at nothing, since the library prints there; returns the old one."""
    sys.stdout.flush()
    out_fd = os.dup(1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    return out_fd


# --- the command line that all engines share -------------------------------------------------


def parser(role: str, description: str) -> argparse.ArgumentParser:
    """Options that every engine has."""
    command = argparse.ArgumentParser(prog=f"python -m sip.{role}", description=description)
    command.add_argument("--id", default=role, help="name of this engine")
    command.add_argument("--socket", default="", help="unix:/path, /path, or tcp:127.0.0.1:PORT")
    command.add_argument("--port-file", type=Path, help="where a TCP port of 0 is written")
    command.add_argument("--stdio", action="store_true", help="speak on standard input and output")
    command.add_argument("--journal", type=Path, help="file that keeps unacknowledged events")
    command.add_argument("--bind", default="127.0.0.1", help="address of SIP and RTP")
    command.add_argument("--ca", type=Path, help="the floor's authority (PEM)")
    command.add_argument("--cert", type=Path, help="this seat's certificate (PEM)")
    command.add_argument("--key", type=Path, help="this seat's key (PEM)")
    command.add_argument("--log-file", type=Path, help="else standard error")
    return command


def tls_files(options: argparse.Namespace) -> TlsFiles | None:
    """The three certificate options together. Raises KnownError if only some were given."""
    given = [options.ca, options.cert, options.key]
    if all(path is None for path in given):
        return None
    if any(path is None for path in given):
        raise KnownError("Give --ca, --cert and --key together, or none of them.")
    return TlsFiles(*given)


def main(build: Callable[[Sequence[str]], int], arguments: Sequence[str]) -> int:
    """Run an engine's entry; a known error is one sentence on standard error and status 1."""
    try:
        return build(arguments)
    except KnownError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 1


def log_to(path: Path | None) -> None:
    """Log to `path` (0600) in UTC, or to standard error."""
    handler: logging.Handler
    if path is None:
        handler = logging.StreamHandler()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path)
        with contextlib.suppress(OSError):
            path.chmod(0o600)
    handler.setFormatter(logging.Formatter("%(asctime)sZ %(levelname)s %(name)s %(message)s"))
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
