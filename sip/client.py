"""The client's side of an engine: one socket, one reading thread, messages out and in."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable

import msgspec

from sip.address import connect, parse_address
from sip.errors import KnownError
from sip.messages import AnyEvent, Attach, Message
from sip.peers import LineSplitter
from sip.wire import encode

log = logging.getLogger("sip.client")
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


class EngineClient:
    """Drives one engine process. Safe from any thread.

    `on_message(message)` and, once, `on_closed()` run on the reading thread: hop to your own there.
    What comes first is `Hello`, then a snapshot, then every event that nobody has acknowledged.
    Raises KnownError if nobody listens at `address`.
    """

    def __init__(
        self,
        address: str,
        on_message: Callable[[Message], None],
        epoch: int = 0,
        token: str = "",
        on_closed: Callable[[], None] | None = None,
        timeout_s: float = 5.0,
    ) -> None:
        self.address = address
        self._on_message = on_message
        self._on_closed = on_closed
        self._lock = threading.Lock()
        self._is_open = True
        try:
            self._sock = connect(parse_address(address), timeout_s)
        except OSError as error:
            raise KnownError(
                f"No engine answers at {address} ({error.strerror or error}); start it first."
            ) from error
        self._sock.settimeout(None)
        self._thread = threading.Thread(target=self._read, name="engine client", daemon=True)
        self.send(Attach(epoch=epoch, token=token))
        self._thread.start()

    @property
    def is_open(self) -> bool:
        return self._is_open

    def send(self, message: Message) -> bool:
        """Send one message; False if the engine is gone (then `on_closed` comes, or came)."""
        with self._lock:
            if not self._is_open:
                return False
            try:
                self._sock.sendall(encode(message))
            except OSError:
                self._is_open = False
                return False
            return True

    def _read(self) -> None:
        lines = LineSplitter()
        with contextlib.suppress(OSError, ValueError):
            while data := self._sock.recv(65536):
                for line in lines.feed(data):
                    self._hand_over(line)
        self._is_open = False
        self._sock.close()
        if self._on_closed is not None:
            self._on_closed()

    def _hand_over(self, line: bytes) -> None:
        try:
            message = _decoder.decode(line)
        except msgspec.DecodeError:
            # A newer engine may say what this program does not know yet.
            log.warning("an unknown message of an engine was skipped")
            return
        self._on_message(message)

    def close(self) -> None:
        """Leave; the engine goes on. `on_closed` runs soon after on the reading thread."""
        self._is_open = False
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=2.0)
