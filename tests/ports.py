"""Ports for what tests start: none that the system itself gives away in the meantime."""

from __future__ import annotations

import contextlib
import secrets
import socket
from typing import Final

FIRST: Final = 20_000
LAST: Final = 32_000  # above, the system takes ports for connections, on Linux
MOST: Final = 4


def free_port(count: int = 1) -> int:
    """The first of so many ports that nobody has just now, by UDP or TCP; an even one, for RTP.

    One that a connection had within the last minute is taken too.
    """
    while True:
        port = FIRST + MOST * secrets.randbelow((LAST - FIRST) // MOST)
        with contextlib.suppress(OSError):
            for one in range(port, port + count):
                _try(one)
            return port


def _try(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        udp.bind(("", port))
        tcp.bind(("", port))
