"""The lines that wait for calls: registered where that is wanted, open to the trunk's addresses."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from app.dialler import translate
from app.dialler.speaking import Lines
from app.exchange import Exchange
from dialer_core.model.ids import LineId
from sip import messages
from sip.messages import Gateway

log = logging.getLogger("app.dialler.callers")

CALLER_LINES: Final = 2  # kept for calls that come in, where a gateway has any for us
REGISTER_EXPIRES_S: Final = 300.0
RESOLVE_EVERY_S: Final = 300.0  # addresses behind a provider's name change
RESOLVE_AGAIN_S: Final = 20.0  # after a name that could not be resolved

Resolve = Callable[[str], Awaitable[tuple[str, ...]]]
"""All IP addresses of a host; raises OSError where its name is not known."""


async def addresses_of(host: str) -> tuple[str, ...]:
    """What the system's resolver says, asked off the event loop."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


class CallerLines:
    """Tells each line for callers, also one that was replaced, where calls may come from."""

    def __init__(self, exchange: Exchange, resolve: Resolve = addresses_of) -> None:
        self._exchange = exchange
        self._resolve = resolve
        self._up: set[LineId] = set()
        self._registered: dict[LineId, dict[str, Gateway]] = {}  # what each was told, by name
        self._told: dict[LineId, Mapping[str, tuple[str, ...]]] = {}
        self._sources: dict[str, tuple[str, ...]] = {}
        self._due_s = float("-inf")
        self.troubles: dict[str, str] = {}  # by host: a sentence while it cannot be resolved

    @property
    def line_ids(self) -> list[LineId]:
        """The names of the lines that are to be kept for callers; none where nobody calls."""
        if not self._exchange.callers_hosts:
            return []
        return [LineId(f"{translate.CALLERS}{n:02d}") for n in range(1, CALLER_LINES + 1)]

    def line_up(self, line_id: LineId) -> None:
        """This line, another process maybe, knows nothing yet."""
        self._registered.pop(line_id, None)
        self._told.pop(line_id, None)
        if line_id.startswith(translate.CALLERS):
            self._up.add(line_id)

    def line_gone(self, line_id: LineId) -> None:
        """This line is there no more."""
        self._up.discard(line_id)
        self._registered.pop(line_id, None)
        self._told.pop(line_id, None)

    def renewed(self) -> None:
        """The exchange has other gateways: their names are looked up at the next `keep`."""
        hosts = self._exchange.callers_hosts
        self._sources = {name: known for name, known in self._sources.items() if name in hosts}
        every = {host for some in hosts.values() for host in some}
        self.troubles = {host: said for host, said in self.troubles.items() if host in every}
        self._due_s = float("-inf")

    async def keep(self, lines: Lines, now_s: float) -> None:
        """Look the names up when that is due, and tell the lines what they do not know yet."""
        if not self._up:
            return
        if now_s >= self._due_s:
            await self._look_up()
            self._due_s = now_s + (RESOLVE_AGAIN_S if self.troubles else RESOLVE_EVERY_S)
        for line_id in self._up:
            if self._told.get(line_id) != self._sources:
                order = messages.AcceptCalls(epoch=lines.epoch, sources=dict(self._sources))
                if lines.send(line_id, order):
                    self._told[line_id] = dict(self._sources)
            self._register(lines, line_id)

    def _register(self, lines: Lines, line_id: LineId) -> None:
        """What the line has not been told yet: new gateways, changed ones, and those to leave."""
        known = self._registered.setdefault(line_id, {})
        wanted = {gateway.name: gateway for gateway in self._exchange.registrations}
        for name in known.keys() - wanted.keys():
            if lines.send(line_id, messages.Unregister(epoch=lines.epoch, gateway=name)):
                del known[name]
        for name, gateway in wanted.items():
            order = messages.Register(
                epoch=lines.epoch, gateway=gateway, expires_s=REGISTER_EXPIRES_S
            )
            if known.get(name) != gateway and lines.send(line_id, order):
                known[name] = gateway

    async def _look_up(self) -> None:
        """What cannot be resolved keeps the addresses that it had."""
        for gateway, hosts in self._exchange.callers_hosts.items():
            found: list[str] = []
            is_whole = True
            for host in hosts:
                try:
                    found += await self._resolve(host)
                    self.troubles.pop(host, None)
                except OSError:
                    is_whole = False
                    self.troubles[host] = (
                        f"The address of {host} (gateway {gateway}) is not known: calls from there "
                        "may be refused. Look at the name and at this PC's network."
                    )
            if not is_whole:
                found += self._sources.get(gateway, ())
            self._sources[gateway] = tuple(dict.fromkeys(found))
