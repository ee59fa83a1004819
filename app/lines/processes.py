"""The lines' processes on a PC that lends them: started when they are asked for, or adopted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from app.errors import KnownError
from app.phone_link import line_arguments
from app.profile import Profile
from app.seat_place import seat_address
from sip import launch
from sip.address import connect, parse_address
from sip.errors import KnownError as SipError
from sip.nameservers import nameservers

log = logging.getLogger("app.lines.processes")

PAUSE_S: Final = 5.0  # before a line that could not be started is tried again


class LineProcesses:
    """So many lines. `mono_s`: this PC's monotonic clock."""

    def __init__(self, profile: Profile, count: int, mono_s: Callable[[], float]) -> None:
        self._profile = profile
        self._mono_s = mono_s
        self.names = tuple(f"line{n:02d}" for n in range(1, count + 1))
        self.hosts: tuple[str, ...] = ()  # the trunk's servers
        self.looks_up = False  # by their domains
        self.trouble = ""
        self._launched: dict[str, tuple[launch.Launched, str]] = {}  # and the address it is at
        self._not_before_s: dict[str, float] = {}
        self._locks = {name: asyncio.Lock() for name in self.names}

    def socket_of(self, name: str) -> str:
        """Where that line is spoken to on this PC."""
        return f"unix:{self._profile.run_dir / f'lent-{name}.sock'}"

    def is_there(self, name: str) -> bool:
        """Whether the line's process takes a client."""
        try:
            connect(parse_address(self.socket_of(name)), 1.0).close()
        except OSError:
            return False
        return True

    async def bring_up(self, name: str) -> str:
        """The line's socket; its process is started where none lives. Raises KnownError."""
        async with self._locks[name]:
            address = await asyncio.to_thread(seat_address, self._profile)
            await self._end_elsewhere(name, address)
            if not await asyncio.to_thread(self.is_there, name):
                await self._start(name, address)
        return self.socket_of(name).removeprefix("unix:")

    async def _end_elsewhere(self, name: str, address: str) -> None:
        """One that stands at an address which this PC no longer has reaches no phone."""
        known = self._launched.get(name)
        if known is not None and known[1] != address:
            known[0].terminate()
            if not await asyncio.to_thread(known[0].wait, 3.0):
                known[0].kill()
                await asyncio.to_thread(known[0].wait, 2.0)

    async def _start(self, name: str, address: str) -> None:
        if self._mono_s() < self._not_before_s.get(name, float("-inf")):
            raise KnownError(self.trouble)
        old = self._launched.pop(name, None)
        if old is not None and old[0].is_alive():
            old[0].kill()
            await asyncio.to_thread(old[0].wait, 2.0)
        try:
            arguments = await asyncio.to_thread(self._arguments, name)
            log_file = self._profile.logs_dir / f"lent-{name}.log"
            launched = launch.start("sip.line", arguments, log_file)
            self._launched[name] = (launched, address)
            await asyncio.to_thread(launch.wait_until_ready, launched, self.socket_of(name))
        except (SipError, KnownError, OSError) as error:
            self.trouble = getattr(error, "sentence", "") or f"{name} cannot be started: {error}"
            self._not_before_s[name] = self._mono_s() + PAUSE_S
            log.warning("%s", self.trouble)
            raise KnownError(self.trouble) from error
        self.trouble = ""

    def _arguments(self, name: str) -> list[str]:
        journals = self._profile.root / "lent" / "journals"
        journals.mkdir(mode=0o700, parents=True, exist_ok=True)
        words = ["--id", name, "--socket", self.socket_of(name)]
        words += ["--journal", str(journals / f"{name}.jsonl")]
        servers = nameservers() if self.looks_up else ()
        words += [word for one in servers for word in ("--nameserver", one)]
        return [*words, *line_arguments(self._profile, self.hosts)]

    def forget_journals(self) -> None:
        """This PC has joined another floor: what its lines had to tell was for the one before."""
        for file in (self._profile.root / "lent" / "journals").glob("*.jsonl"):
            file.unlink(missing_ok=True)

    def hang_up(self) -> None:
        """End all lines that were started here, and what they have in hand."""
        for launched, _address in self._launched.values():
            launched.terminate()
