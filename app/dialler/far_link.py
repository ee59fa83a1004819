"""Links of the dialler to one PC of lines: TLS, each end known by the floor's authority."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from app.dialler import far_words as words
from dialer_core.store.lending import LinesOffer

OPEN_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class FarLink:
    """Where a PC of lines listens, and how it is spoken to."""

    offer: LinesOffer
    context: ssl.SSLContext

    async def open(self, first: words.Word) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A link that begins with this word. OSError where nobody answers, or another does."""
        trouble: OSError = ConnectionError("it has told no address")
        for address in self.offer.addresses:
            try:
                async with asyncio.timeout(OPEN_S):
                    reader, writer = await asyncio.open_connection(
                        address,
                        self.offer.port,
                        ssl=self.context,
                        server_hostname=address,
                        limit=words.LINE_LIMIT,
                    )
            except OSError as error:  # among them TimeoutError and ssl's own
                trouble = error
                continue
            if words.name_shown(writer.get_extra_info("ssl_object")) != self.offer.role:
                writer.close()
                trouble = ConnectionError("another PC answers there")
                continue
            writer.write(words.say(first))
            return reader, writer
        raise trouble

    @asynccontextmanager
    async def __call__(
        self, first: words.Word
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """The same, closed afterwards."""
        reader, writer = await self.open(first)
        try:
            yield reader, writer
        except (asyncio.IncompleteReadError, ValueError) as error:  # ended; a line without an end
            raise ConnectionError("the link broke") from error
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await asyncio.wait_for(writer.wait_closed(), 1.0)
