"""Where an engine listens: `unix:/path`, a bare path, or `tcp:127.0.0.1:port`."""

from __future__ import annotations

import socket
from pathlib import Path

import msgspec

from sip.errors import KnownError

UNIX_PATH_LIMIT = 100
"""Bytes; the kernel's own limit is 107 with the closing zero."""


class Address(msgspec.Struct, frozen=True):
    """Either a path of a Unix socket, or host and port on loopback."""

    path: Path | None = None
    host: str = ""
    port: int = 0

    @property
    def is_tcp(self) -> bool:
        return self.path is None

    def __str__(self) -> str:
        return f"tcp:{self.host}:{self.port}" if self.path is None else f"unix:{self.path}"


def parse_address(text: str) -> Address:
    """Read an address. Raises KnownError where it is none, or not on this machine."""
    if text.startswith("tcp:"):
        host, _, port = text[4:].rpartition(":")
        if host not in ("127.0.0.1", "::1", "localhost") or not port.isdigit():
            raise KnownError(
                f"{text!r} is no address of this machine; write tcp:127.0.0.1:PORT (0: any)."
            )
        return Address(host=host, port=int(port))
    path = Path(text.removeprefix("unix:"))
    if not path.name:
        raise KnownError("The socket's address is empty; write unix:/path or tcp:127.0.0.1:0.")
    if len(bytes(path)) > UNIX_PATH_LIMIT:
        raise KnownError(f"The socket's path {path} is too long for the system; use a shorter one.")
    return Address(path=path)


def connect(address: Address, timeout_s: float) -> socket.socket:
    """A connected socket. Raises OSError while nobody listens."""
    if address.path is None:
        return socket.create_connection((address.host, address.port), timeout_s)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout_s)
        sock.connect(str(address.path))
    except OSError:
        sock.close()
        raise
    return sock
