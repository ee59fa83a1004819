"""The door of a PC of lines: TLS, the floor's own dialler and nobody else, one purpose a link.

A link to a line is passed on as it is to the line's own socket, so that numbers, journal,
snapshot and the fencing of old diallers are the line's, as on the dialler's own PC.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable
from typing import Final

from app.dialler import far_words as words
from app.errors import KnownError
from app.lines.processes import LineProcesses
from app.lines.shelf import Shelf
from dialer_core.clock import Clock
from sip.messages import Refused
from sip.wire import encode

log = logging.getLogger("app.lines.relay")

HELLO_S: Final = 5.0
SILENT_S: Final = 10.0  # a dialler that says nothing for so long is gone
MOST_LINKS: Final = 256


class Relay:
    """Listens for the dialler. `came(is_there)`: it has come, or gone."""

    def __init__(
        self,
        processes: LineProcesses,
        shelf: Shelf,
        clock: Clock,
        awake_s: Callable[[], float],
        came: Callable[[bool], None],
    ) -> None:
        self._processes = processes
        self._shelf = shelf
        self._clock = clock
        self._awake_s = awake_s
        self._came = came
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()  # one a link
        self._looking = 0
        self.is_leaving = False
        self._leaving_heard = asyncio.Event()

    @property
    def has_dialler(self) -> bool:
        return self._looking > 0

    async def open(self, address: str, port: int, context: ssl.SSLContext) -> int:
        """Listen there, at another port where that one is taken; which one it is.

        Raises KnownError where this PC has no such address.
        """
        for one in dict.fromkeys((port, 0)):
            try:
                self._server = await asyncio.start_server(
                    self._admit, address, one, ssl=context, limit=words.LINE_LIMIT,
                    ssl_handshake_timeout=HELLO_S,
                )  # fmt: skip
            except OSError as error:
                trouble = error
                continue
            return int(self._server.sockets[0].getsockname()[1])
        raise KnownError(
            f"Nothing can listen at {address} ({trouble.strerror}): look at this PC's network."
        )

    async def leave(self) -> None:
        """No line is given out any more; done once the dialler knows it, or has gone.

        Only then may the floor be told: a dialler that sees an offer gone, and knows no reason,
        takes the calls here for lost.
        """
        self.is_leaving = True
        if self.has_dialler:
            self._leaving_heard.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving_heard.wait(), SILENT_S)

    async def close(self) -> None:
        """Let nobody in any more, and end the links; lines go on."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)  # the loop itself holds none
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        who = words.name_shown(writer.get_extra_info("ssl_object"))
        if who != words.DIALLER or len(self._tasks) > MOST_LINKS:
            log.warning("%s was not let in", who or "a stranger")
            writer.close()
            return
        try:
            async with asyncio.timeout(HELLO_S):
                first = words.hear(await reader.readline())
            await self._carry_out(first, reader, writer)
            await writer.drain()
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            log.debug("a link ended: %s", type(error).__name__)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await asyncio.wait_for(writer.wait_closed(), 1.0)

    async def _carry_out(
        self, first: words.AnyWord, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        match first:
            case words.Look():
                await self._be_looked_at(first, reader, writer)
            case words.Speak():
                await self._pass_on(first.line, reader, writer)
            case words.Bring():
                await self._shelf.take_sound(first, reader, writer)
            case words.Fetch():
                await self._shelf.give_recording(first.name, reader, writer)
            case words.Drop():
                writer.write(words.say(self._shelf.drop(first.name)))
            case _:
                writer.write(words.say(words.No(sentence="that is no way to begin")))

    async def _be_looked_at(
        self, look: words.Look, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._looking += 1
        if self._looking == 1:
            self._came(True)
        try:
            while True:
                if look.n:
                    self._processes.hosts, self._processes.looks_up = look.hosts, look.looks_up
                recordings = await asyncio.to_thread(self._shelf.recordings) if look.n else ()
                seen = self._seen(look.n, recordings)
                writer.write(words.say(seen))
                await writer.drain()
                async with asyncio.timeout(SILENT_S):
                    heard = words.hear(await reader.readline())
                if not isinstance(heard, words.Look):
                    return
                if seen.is_leaving:  # it has read that, as it asks again
                    self._leaving_heard.set()
                look = heard
        finally:
            self._looking -= 1
            if not self._looking:
                self._leaving_heard.set()
                self._came(False)

    def _seen(self, n: int, recordings: tuple[str, ...]) -> words.Seen:
        now = self._clock.now()
        return words.Seen(
            n=n,
            mono_s=now.mono_s,
            utc_s=now.utc.timestamp(),
            awake_s=self._awake_s(),
            lines=self._processes.names,
            sounds_dir=str(self._shelf.sounds_dir),
            recordings_dir=str(self._shelf.recordings_dir),
            recordings=recordings,
            is_leaving=self.is_leaving,
            trouble=self._processes.trouble,
        )

    async def _pass_on(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        sentence = "This PC lends no more lines."
        if name not in self._processes.names:
            sentence = "There is no such line here."
        elif not self.is_leaving:
            try:
                path = await self._processes.bring_up(name)
                near_reader, near_writer = await asyncio.open_unix_connection(path)
            except (KnownError, OSError) as error:
                sentence = str(error)
            else:
                await _join((reader, near_writer), (near_reader, writer))
                return
        writer.write(encode(Refused(command="attach", sentence=sentence)))


async def _join(*ways: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    """Pass bytes on both ways until one end has gone."""
    tasks = [asyncio.create_task(_pump(*way)) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _reader, writer in ways:
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
