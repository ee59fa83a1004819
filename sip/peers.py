"""Connections of an engine: one thread reads them all, the engine's own thread writes."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import selectors
import socket
import threading
from collections import deque
from pathlib import Path
from typing import Protocol

from sip.address import Address, connect, parse_address
from sip.errors import KnownError

log = logging.getLogger("sip.wire")
LINE_LIMIT = 1 << 20
INBOX_LIMIT = 5000
BACKLOG_LIMIT = 4 << 20
"""Bytes that may wait for a client that does not read, before it is dropped."""


class Peer(Protocol):
    """A client's connection as the engine's thread sees it; no method waits."""

    needs_token: bool

    def send(self, line: bytes) -> bool:
        """Send or queue; False if the client is gone or too far behind."""

    def flush(self) -> bool:
        """Try what is queued; False if the client is gone."""

    def close_after_flush(self) -> None: ...

    def close(self) -> None: ...


class Inbox:
    """What the reading threads hand over: a peer and a line, or None when it has closed.

    A thread that finds it full waits, so that a client who floods it is slowed down.
    """

    def __init__(self, limit: int = INBOX_LIMIT) -> None:
        self._limit = limit
        self._lines: deque[tuple[Peer, bytes | None]] = deque()
        self._has_room = threading.Condition()
        self._is_open = True

    def put(self, peer: Peer, line: bytes | None) -> None:
        with self._has_room:
            while self._is_open and len(self._lines) >= self._limit:
                self._has_room.wait()
            self._lines.append((peer, line))

    def drain(self) -> list[tuple[Peer, bytes | None]]:
        """What has come so far, oldest first; at most 1000 lines a turn."""
        if not self._lines:
            return []
        with self._has_room:
            taken = [self._lines.popleft() for _line in range(min(1000, len(self._lines)))]
            self._has_room.notify_all()
        return taken

    def close(self) -> None:
        """Nobody drains it any more: let the reading threads go."""
        with self._has_room:
            self._is_open = False
            self._has_room.notify_all()


class LineSplitter:
    """Cuts a stream of bytes into lines; blank lines are skipped."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now. Raises ValueError for a line without an end."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_LIMIT:
            raise ValueError("the line has no end")
        return [line for line in lines if line.strip()]


class SocketPeer:
    """A client on a socket."""

    def __init__(self, sock: socket.socket, needs_token: bool) -> None:
        self.sock = sock
        self.needs_token = needs_token
        self.lines = LineSplitter()
        self._backlog = bytearray()
        self._is_open = True

    def send(self, line: bytes) -> bool:
        if not self._is_open or len(self._backlog) > BACKLOG_LIMIT:
            return False
        self._backlog += line
        return self.flush()

    def flush(self) -> bool:
        try:
            while self._backlog:
                del self._backlog[: self.sock.send(self._backlog)]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._is_open = False
        return self._is_open

    def close_after_flush(self) -> None:
        """Let the last line out, then end: the reader closes when the client has read on."""
        self.flush()
        self._is_open = False
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._is_open = False
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)


class PipePeer:
    """A client on two descriptors (a terminal, a pipe), each served by a thread of its own."""

    needs_token = False

    def __init__(self, in_fd: int, out_fd: int, inbox: Inbox) -> None:
        self._out: queue.Queue[bytes | None] = queue.Queue(maxsize=10_000)
        self._writer = threading.Thread(target=self._write, args=(out_fd,), daemon=True)
        self._writer.start()
        threading.Thread(target=self._read, args=(in_fd, inbox), daemon=True).start()

    def _read(self, in_fd: int, inbox: Inbox) -> None:
        lines = LineSplitter()
        with contextlib.suppress(OSError, ValueError):
            while data := os.read(in_fd, 65536):
                for line in lines.feed(data):
                    inbox.put(self, line)
        inbox.put(self, None)

    def _write(self, out_fd: int) -> None:
        with contextlib.suppress(OSError):
            while (line := self._out.get()) is not None:
                while line:
                    line = line[os.write(out_fd, line) :]

    def send(self, line: bytes) -> bool:
        with contextlib.suppress(queue.Full):
            self._out.put_nowait(line)
            return True
        return False

    def flush(self) -> bool:
        return self._writer.is_alive()

    def close_after_flush(self) -> None:
        self.close()
        self._writer.join(timeout=1.0)

    def close(self) -> None:
        with contextlib.suppress(queue.Full):
            self._out.put_nowait(None)


class Listener:
    """Accepts clients and reads their lines into the inbox, on one thread.

    A Unix socket is made with rights 0600; one that a dead engine left is replaced. A TCP port of
    0 is chosen by the system and written to `port_file` as `tcp:127.0.0.1:port`.
    """

    def __init__(self, address: str, port_file: Path | None, inbox: Inbox, has_token: bool) -> None:
        self._address = parse_address(address)
        if self._address.is_tcp and not has_token:
            raise KnownError(
                "A TCP socket needs a token: set CALLFLOOR_ENGINE_TOKEN, or use a Unix socket."
            )
        self._inbox = inbox
        self._sock = self._bind(self._address)
        self._sock.listen(8)
        self._sock.setblocking(False)
        if self._address.is_tcp and port_file is not None:
            host, port = self._sock.getsockname()[:2]
            fresh = port_file.with_suffix(".new")
            fresh.write_text(f"tcp:{host}:{port}\n")
            fresh.replace(port_file)
        self._wake_r, self._wake_w = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="wire", daemon=True)
        self._thread.start()

    @staticmethod
    def _bind(address: Address) -> socket.socket:
        if address.path is None:
            sock = socket.socket(socket.AF_INET6 if ":" in address.host else socket.AF_INET)
            where: str | tuple[str, int] = (address.host, address.port)
        else:
            _remove_stale(address)
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            where = str(address.path)
        mask = os.umask(0o177)
        try:
            sock.bind(where)
        except OSError as error:
            sock.close()
            raise KnownError(
                f"The engine cannot listen on {address} ({error.strerror}); "
                "choose another one or end what uses it."
            ) from error
        finally:
            os.umask(mask)
        return sock

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._sock, selectors.EVENT_READ)
            selector.register(self._wake_r, selectors.EVENT_READ)
            while True:
                for key, _events in selector.select():
                    if key.fileobj is self._wake_r:
                        return
                    if key.data is None:
                        self._accept(selector)
                    else:
                        self._read(selector, key.data)

    def _accept(self, selector: selectors.BaseSelector) -> None:
        with contextlib.suppress(OSError):
            sock, _from = self._sock.accept()
            sock.setblocking(False)
            if self._address.is_tcp:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(sock, selectors.EVENT_READ, SocketPeer(sock, self._address.is_tcp))

    def _read(self, selector: selectors.BaseSelector, peer: SocketPeer) -> None:
        try:
            data = peer.sock.recv(65536)
            for line in peer.lines.feed(data):
                self._inbox.put(peer, line)
        except BlockingIOError:
            return
        except (OSError, ValueError):
            data = b""
        if not data:
            selector.unregister(peer.sock)
            peer.sock.close()
            self._inbox.put(peer, None)

    def close(self) -> None:
        self._inbox.close()
        self._wake_w.send(b"x")
        self._thread.join(timeout=2.0)
        for sock in (self._sock, self._wake_r, self._wake_w):
            sock.close()
        if self._address.path is not None:
            self._address.path.unlink(missing_ok=True)


def _remove_stale(address: Address) -> None:
    """Remove the file of a socket that nobody listens on; KnownError if somebody does."""
    path = address.path
    if path is None or not path.exists():
        return
    try:
        connect(address, 1.0).close()
    except OSError:
        path.unlink(missing_ok=True)
        return
    raise KnownError(f"Another engine listens on {path} already; stop it or choose another path.")
