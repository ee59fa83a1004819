"""One line on another PC, as the dialler speaks with it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable

import msgspec

from sip.messages import AnyEvent, Attach, Hello, Message
from sip.peers import LineSplitter
from sip.wire import encode

log = logging.getLogger("app.dialler.far_line")
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)

Fit = Callable[[Message], Message | None]
"""The command as it reads there; None while a sound that it names is still to be brought."""
Bring = Callable[[Message], Awaitable[bool]]
"""Brings the sounds that a command names; False where they cannot be."""


class FarLine:
    """Commands go in the order in which they were given, each once its sounds are there.

    `hear(message)` takes what the line says, `undone(command)` what could not be brought to it.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        fit: Fit,
        bring: Bring,
        hear: Callable[[Message], None],
        undone: Callable[[Message], None],
    ) -> None:
        self._reader, self._writer = reader, writer
        self._fit, self._bring, self._hear, self._undone = fit, bring, hear, undone
        self._waiting: deque[Message] = deque()
        self._bringing: asyncio.Task[None] | None = None
        self.pid = 0
        self.is_open = True

    async def run(self, epoch: int) -> None:
        """Attach, and hear the line until the link ends."""
        self._writer.write(encode(Attach(epoch=epoch)))
        lines = LineSplitter()
        try:
            while data := await self._reader.read(65536):
                for line in lines.feed(data):
                    self._take(line)
        except (OSError, ValueError) as error:
            log.info("a line's link broke: %s", type(error).__name__)
        finally:
            self.close()
            with contextlib.suppress(OSError):
                await asyncio.wait_for(self._writer.wait_closed(), 1.0)

    def _take(self, line: bytes) -> None:
        try:
            message = _decoder.decode(line)
        except msgspec.DecodeError:
            log.warning("an unknown message of a line was skipped")
            return
        if isinstance(message, Hello):
            self.pid = message.pid
        self._hear(message)

    def send(self, message: Message) -> bool:
        """Give it a command; False where the link is gone."""
        if not self.is_open or self._writer.is_closing():
            return False
        fitted = None if self._waiting else self._fit(message)
        if fitted is not None:
            self._writer.write(encode(fitted))
            return True
        self._waiting.append(message)
        if self._bringing is None:
            self._bringing = asyncio.get_running_loop().create_task(self._work_off())
        return True

    async def _work_off(self) -> None:
        while self._waiting and self.is_open:
            message = self._waiting[0]
            fitted = self._fit(message)
            if fitted is None and await self._bring(message):
                fitted = self._fit(message)
            self._waiting.popleft()
            if fitted is None:
                self._undone(message)
            else:
                self._writer.write(encode(fitted))
        self._bringing = None

    def close(self) -> None:
        """Leave; the line goes on."""
        self.is_open = False
        while self._waiting:
            self._undone(self._waiting.popleft())
        if self._bringing is not None:
            self._bringing.cancel()
            self._bringing = None
        self._writer.close()
