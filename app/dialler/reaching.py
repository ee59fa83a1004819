"""Whether the phones of the floor's seats can be reached from here: tried before a call comes."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dialer_core.clock import Instant
    from dialer_core.store.floor_notes import FloorNotes

CONNECT_S: Final = 3.0
AGAIN_S: Final = 10.0  # after a phone that could not be reached
ONCE_MORE_S: Final = 120.0  # after one that could: a firewall may have been switched on since
InDatabase = Callable[..., Awaitable[Any]]
_PLACE: Final = re.compile(r"sips?:[^@]*@(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:;>]+)):(?P<port>\d+)")


def place_of(uri: str) -> tuple[str, int] | None:
    """Host and port of a phone's SIP address; None where it names no port."""
    found = _PLACE.match(uri)
    return None if found is None else (found["v6"] or found["host"], int(found["port"]))


def own_words(uri: str) -> str:
    """What the window of a phone that cannot be reached says, to who sits before it."""
    host, port = place_of(uri) or ("", 0)
    return (
        f"No call can come to this seat: the floor's PC does not reach its telephone on {host} "
        f"port {port}. Allow Callfloor in this PC's firewall."
    )


async def is_reached(host: str, port: int, timeout_s: float = CONNECT_S) -> bool:
    """Whether anybody accepts a connection there."""
    try:
        opening = asyncio.open_connection(host, port)
        _reader, writer = await asyncio.wait_for(opening, timeout_s)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


class PhoneReach:
    """Tries each seat's phone when it is new, and again now and then."""

    def __init__(self) -> None:
        self._due_s: dict[str, float] = {}
        self.troubles: dict[str, str] = {}  # by the phone's address: a sentence
        self._told: dict[str, str] | None = None  # by seat: what is on the record

    async def keep(self, in_db: InDatabase, store: FloorNotes, now: Instant) -> None:
        """Try those that are due, and put on the record for each seat what its window says."""
        phones = await in_db(store.phones)
        await self.look(phones, now.mono_s)
        found = {seat: own_words(uri) for seat, uri in phones if uri in self.troubles}
        if found != self._told:
            await in_db(store.set_phone_troubles, found, now)
            self._told = found

    async def look(self, phones: Sequence[tuple[str, str]], now_s: float) -> None:
        """`phones`: (seat, SIP address) of the sessions that are open."""
        known = {uri for _seat, uri in phones}
        self._due_s = {uri: at for uri, at in self._due_s.items() if uri in known}
        self.troubles = {uri: said for uri, said in self.troubles.items() if uri in known}
        due = [one for one in phones if now_s >= self._due_s.get(one[1], 0.0)]
        await asyncio.gather(*(self._try(seat, uri, now_s) for seat, uri in due))

    async def _try(self, seat: str, uri: str, now_s: float) -> None:
        place = place_of(uri)
        if place is None:
            return
        self._due_s[uri] = now_s + AGAIN_S
        if await is_reached(*place):
            self._due_s[uri] = now_s + ONCE_MORE_S
            self.troubles.pop(uri, None)
        else:
            self.troubles[uri] = (
                f"The floor's PC cannot reach {seat}'s telephone on {place[0]} port {place[1]}: "
                "allow Callfloor in that PC's firewall."
            )
