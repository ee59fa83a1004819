"""A PC of lines on loopback: the real door with real TLS, and lines that are only sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.certificates import SeatFiles, ensure_own_seat, open_authority
from app.clock import WallClock
from app.dialler import far_words as words
from app.dialler.far_link import FarLink
from app.lines.processes import LineProcesses
from app.lines.relay import Relay
from app.lines.shelf import Shelf
from app.profile import Profile, open_profile
from dialer_core.store.arriving import Arrival
from dialer_core.store.lending import LinesOffer
from sip.peers import LineSplitter

ROLE = "seat_3"


class Certificates:
    """A floor's authority, and what it gives to whoever asks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._now = datetime.now(UTC)
        self._authority = open_authority(folder, "a pass phrase", self._now)

    def of(self, name: str) -> SeatFiles:
        return ensure_own_seat(
            self._folder, name, ["127.0.0.1"], self._now, lambda: self._authority
        )


@dataclass
class LineSocket:
    """In a line's place: keeps what it is told, and says what the test wants."""

    heard: list[bytes] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = LineSplitter()
        self.writers.append(writer)
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                self.heard += lines.feed(data)
                self.news.set()
        writer.close()

    async def wait_for(self, count: int) -> list[bytes]:
        while len(self.heard) < count:
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 5.0)
        return self.heard


@dataclass
class KnownCalls:
    """The floor's record in the test's hand: recordings are wanted unless it says otherwise."""

    said: dict[str, Arrival | OSError] = field(default_factory=dict)
    later: dict[str, Arrival] = field(default_factory=dict)  # from the second time on
    asked: list[str] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)

    async def look(self, attempt_id: str) -> Arrival:
        is_again = attempt_id in self.asked
        self.asked.append(attempt_id)
        found = self.said.get(attempt_id, Arrival.WANTED)
        if is_again:
            found = self.later.get(attempt_id, found)
        if isinstance(found, OSError):
            raise found
        return found

    async def note_deleted(self, attempt_id: str, pc: str) -> None:
        self.deleted.append((attempt_id, pc))


@dataclass
class FarKit:
    """A PC of lines, and the way to it."""

    home: Profile
    relay: Relay
    shelf: Shelf
    lines: dict[str, LineSocket]
    certificates: Certificates
    port: int
    came: list[bool]

    def link(self, name: str = words.DIALLER, role: str = ROLE) -> FarLink:
        """As whom, and whom it expects to find there."""
        offer = LinesOffer("loft", role, ("127.0.0.1",), self.port, len(self.lines))
        return FarLink(offer, words.dialler_side(self.certificates.of(name)))

    @property
    def recording(self) -> Path:
        """A finished recording that lies there."""
        return self.shelf.recordings_dir / "2026-11-22" / "abc.wav"


@asynccontextmanager
async def far_pc(folder: Path, count: int = 1) -> AsyncIterator[FarKit]:
    """Open the door; all is closed afterwards."""
    home = open_profile(folder / "far")
    certificates = Certificates(folder / "authority")
    clock = WallClock()
    processes = LineProcesses(home, count, lambda: clock.now().mono_s)
    shelf = Shelf(home, lambda: clock.now().utc.timestamp() + 60.0)  # nothing is too fresh
    came: list[bool] = []
    relay = Relay(processes, shelf, clock, lambda: 77.0, came.append)
    lines = {name: LineSocket() for name in processes.names}
    servers = []
    for name, line in lines.items():
        path = processes.socket_of(name).removeprefix("unix:")
        Path(path).unlink(missing_ok=True)
        servers.append(await asyncio.start_unix_server(line.serve, path))
    context = words.lines_side(certificates.of(ROLE))
    port = await relay.open("127.0.0.1", 0, context)
    try:
        yield FarKit(home, relay, shelf, lines, certificates, port, came)
    finally:
        await relay.close()
        for line in lines.values():
            for writer in line.writers:
                writer.close()
        for server in servers:
            server.close()
        await asyncio.sleep(0)
