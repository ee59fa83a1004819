"""A trunk that the supervisor has changed, taken over while calls go on.

Where calls go is told with each call, so a changed gateway holds from the next one on. Lines that
are too many, or that listen at another port than is now wanted, go once they are idle; so do those
that stand at an address that this PC no longer has, or know other name servers than are asked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final, Protocol

from app.addresses import own_addresses
from app.dialler.callers import CallerLines
from app.exchange import Exchange
from app.trunk import Trunk
from dialer_core.engine.events import Event, LinesKept, TrunkSet
from dialer_core.model import errors as core_errors
from dialer_core.model.ids import LineId

log = logging.getLogger("app.dialler.trunk_renewal")

LOOK_S: Final = 1.0
ReadTrunk = Callable[[], tuple[Trunk, dict[str, str]]]
"""The trunk as it is now, with its passwords by gateway; KnownError where it cannot be used."""


class Bank(Protocol):
    """The lines of a dialler, as far as they come and go."""

    @property
    def line_ids(self) -> frozenset[LineId]: ...

    def port_of(self, line_id: LineId) -> int | None: ...

    def words_of(self, line_id: LineId) -> tuple[str, ...] | None: ...

    def use_words(self, words: tuple[str, ...]) -> None: ...

    async def add(self, line_ids: Iterable[LineId], ports: dict[LineId, int]) -> None: ...

    async def retire(self, line_id: LineId) -> None: ...


def lines_of(trunk: Trunk) -> list[LineId]:
    """The lines that dial, by name."""
    return [LineId(f"line{n:02d}") for n in range(1, trunk.lines + 1)]


class TrunkRenewal:
    """Looks at the trunk's file and brings exchange, engine and lines into line with it.

    `put` takes what the engine must know, `is_in_use(line)` says whether the engine still counts
    on a line, `note` writes the names of the floor's lines down. `words(trunk)`: with what lines
    are started now; asked off the loop after a change of trunk or of `network()`, which is quick.
    """

    def __init__(
        self,
        path: Path,
        read: ReadTrunk,
        exchange: Exchange,
        callers: CallerLines,
        put: Callable[[Event], None],
        is_in_use: Callable[[LineId], bool],
        note: Callable[[Iterable[LineId]], Awaitable[None]],
        words: Callable[[Trunk], tuple[str, ...]],
        network: Callable[[], object] = own_addresses,
    ) -> None:
        self._path = path
        self._read = read
        self._exchange = exchange
        self._callers = callers
        self._put = put
        self._is_in_use = is_in_use
        self._note = note
        self._stamp = stamp_of(path)
        self._make_words, self._network = words, network
        self._seen_network = network()
        self._words: tuple[str, ...] | None = None
        self._trunk: Trunk | None = None
        self._kept: frozenset[LineId] | None = None
        self.trouble = ""  # why a changed file was not taken over

    async def run(self, bank: Bank) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look(bank)

    async def look(self, bank: Bank) -> None:
        """One look: take a changed file in, else go one step on with what it asks for."""
        stamp = stamp_of(self._path)
        if stamp != self._stamp:
            self._stamp = stamp
            await self._take()
        elif (seen := self._network()) != self._seen_network:
            self._seen_network = seen
            await self._follow_network()
        if self._trunk is not None:
            await self._settle(bank, self._trunk)

    async def _take(self) -> None:
        try:
            trunk, passwords = await asyncio.to_thread(self._read)
            self._words = await asyncio.to_thread(self._make_words, trunk)
        except core_errors.KnownError as error:
            self.trouble = f"The trunk goes on as it was: {error.sentence}"
            log.warning("%s", self.trouble)
            return
        self.trouble = ""
        self._trunk = trunk
        self._exchange.renew(trunk, passwords)
        self._callers.renewed()
        self._put(TrunkSet(self._exchange.limits))
        log.info("the trunk was changed: %d gateways, %d lines", len(trunk.gateways), trunk.lines)

    async def _follow_network(self) -> None:
        """This PC has another address: lines that stand at the old one go."""
        try:
            trunk, _passwords = await asyncio.to_thread(self._read)
            self._words = await asyncio.to_thread(self._make_words, trunk)
        except core_errors.KnownError as error:
            # The trunk's own trouble is told when its file changes.
            log.warning("lines stay where they are: %s", error.sentence)
            return
        log.info("this PC's addresses have changed")
        self._trunk = self._trunk or trunk

    async def _settle(self, bank: Bank, trunk: Trunk) -> None:
        callers = self._callers.line_ids
        ports = callers_ports(trunk, callers)
        if self._words is not None:
            bank.use_words(self._words)
        wanted = frozenset((*lines_of(trunk), *callers))
        stale = {
            one
            for one in wanted & bank.line_ids
            if bank.port_of(one) not in (None, ports.get(one, 0))
            or (self._words is not None and bank.words_of(one) not in (None, self._words))
        }
        if self._keep(wanted - stale):
            return  # the engine hears of it first
        for line_id in sorted(bank.line_ids - wanted | stale):
            if not self._is_in_use(line_id):
                self._callers.line_gone(line_id)
                await bank.retire(line_id)
        missing = wanted - bank.line_ids
        if missing:
            self._keep(wanted - (stale & bank.line_ids))
            await bank.add(sorted(missing), ports)
        if bank.line_ids == wanted and not missing and not stale:
            self._trunk = None
        await self._note(bank.line_ids)

    def _keep(self, line_ids: frozenset[LineId]) -> bool:
        """Tell the engine which lines it may use; False where it knows."""
        if line_ids == self._kept:
            return False
        self._kept = line_ids
        self._put(LinesKept(line_ids))
        return True


def callers_ports(trunk: Trunk, callers: Iterable[LineId]) -> dict[LineId, int]:
    """Where each line for callers listens; none is named where any port will do."""
    first = trunk.callers_port
    return {one: first + n for n, one in enumerate(callers)} if first else {}


def stamp_of(path: Path) -> tuple[int, int, int]:
    """Another one for each time that the file was written."""
    try:
        stat = path.stat()
    except OSError:
        return (0, 0, 0)
    return (stat.st_mtime_ns, stat.st_ino, stat.st_size)
