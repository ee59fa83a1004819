"""A door before the library's listener: so many connections at a time, and no more.

The library keeps the place of a closed connection for half a second, and has 64 places. Where the
65th connection comes in that time it aborts the process, before one byte was sent: whoever can
reach the port could end every call with a loop of connects (seen: 63 in 0.35 s). So the owner's
thread counts them between two polls, and for a moment puts something that is never ready in the
place of the listening descriptor; who knocks meanwhile waits in the system's queue.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import socket
import stat
from collections import deque

log = logging.getLogger("sip.door")
PLACES = 48
"""Of the library's 64: the rest is for what comes in within one poll, and for what we open."""
KEPT_S = 0.6
MOST_FDS = 256
CROWD_FD = 40
"""A free descriptor above this one: it is worth counting what stands below it."""
_OURS = re.compile(r":(\d+)(?:: got incoming T| in accepting )")


def _listeners_and_links() -> tuple[dict[int, int], int]:
    """This process's TCP listeners (descriptor: port), and how many TCP sockets there are."""
    listeners: dict[int, int] = {}
    count = 0
    for fd in range(3, MOST_FDS):
        with contextlib.suppress(OSError):
            if not stat.S_ISSOCK(os.fstat(fd).st_mode):
                continue
            with socket.socket(fileno=os.dup(fd)) as one:
                is_inet = one.family in (socket.AF_INET, socket.AF_INET6)
                if is_inet and one.type == socket.SOCK_STREAM:
                    count += 1
                    if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                        listeners[fd] = one.getsockname()[1]
    return listeners, count


def _lowest_free() -> int:
    """The lowest number that is no descriptor: a cheap upper guess at how many there are."""
    try:
        fd = os.dup(0)
    except OSError:
        return MOST_FDS
    os.close(fd)
    return fd


class Door:
    """Guards the library's TCP and TLS listeners. Belongs to the thread that polls the library.

    Does nothing where sockets are no descriptors (Windows).
    """

    def __init__(self) -> None:
        self._ports: set[int] = set()
        self._ended_s: deque[float] = deque(maxlen=MOST_FDS)
        self._must_count = False
        self._kept: dict[int, int] = {}  # what stands for the listener -> the listener itself
        self._pipe: tuple[int, int] | None = None
        self._until_s = 0.0

    @property
    def is_shut(self) -> bool:
        return bool(self._kept)

    def guard(self) -> None:
        """Guard all that listens now; others are known once somebody has come to them."""
        self._ports |= set(_listeners_and_links()[0].values())

    def read(self, log_line: str, now_s: float) -> None:
        """A line of the library's log (level 3 or 4): did a connection come or end?"""
        found = _OURS.search(log_line)
        if found is not None:
            self._ports.add(int(found.group(1)))
        if "Handshake failed on " in log_line or " transport destroyed" in log_line:
            self._ended_s.append(now_s)
            self._must_count = True

    def look(self, now_s: float) -> None:
        """Shut or open, as the places ask for; after every poll."""
        if os.name != "posix":
            return
        if self._must_count or _lowest_free() > CROWD_FD:
            self._must_count = False
            if self._places_taken(now_s) >= PLACES:
                self._shut(now_s)
                return
        if self.is_shut and now_s >= self._until_s and self._places_taken(now_s) < PLACES:
            self.open()

    def _places_taken(self, now_s: float) -> int:
        while self._ended_s and now_s - self._ended_s[0] > KEPT_S:
            self._ended_s.popleft()
        return len(self._ended_s) + _listeners_and_links()[1]

    def _shut(self, now_s: float) -> None:
        if not self.is_shut:
            log.warning("too many connections at a time: the listener waits a moment")
        self._until_s = now_s + KEPT_S
        if self._pipe is None:
            self._pipe = os.pipe()
        for fd, port in _listeners_and_links()[0].items():
            if port in self._ports and fd not in self._kept.values():
                self._kept[fd] = os.dup(fd)
                os.dup2(self._pipe[0], fd, inheritable=False)

    def open(self) -> None:
        """Put the listeners back; safe to repeat."""
        for fd, kept in self._kept.items():
            os.dup2(kept, fd, inheritable=False)
            os.close(kept)
        self._kept.clear()

    def close(self) -> None:
        """The library is about to end: it must find its listeners in their places."""
        self.open()
        if self._pipe is not None:
            for fd in self._pipe:
                os.close(fd)
            self._pipe = None
