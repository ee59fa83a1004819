"""Whether the phones of the floor's seats can be reached from here: tried before a call comes."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from dialer_core.model.errors import KnownError

if TYPE_CHECKING:
    from dialer_core.clock import Instant
    from dialer_core.store.floor_notes import FloorNotes

CONNECT_S: Final = 3.0
AGAIN_S: Final = 10.0  # after a phone that could not be reached
ONCE_MORE_S: Final = 120.0  # after one that could: a firewall may have been switched on since
InDatabase = Callable[..., Awaitable[Any]]
_PLACE: Final = re.compile(
    r"sip:seat@(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<v4>[0-9.]+)):(?P<port>\d{1,5})"
    r";transport=(?P<transport>tls|tcp)"
)
NO_PLACE: Final = (
    "The telephone of the agent's seat has given no address at which this floor calls telephones."
)


def place_of(uri: str) -> tuple[str, int] | None:
    """Host and port of a seat's phone; None for what a phone of this floor never says.

    The sessions' addresses were written by seats, and a line would call whatever stands there: so
    only a phone, by the number of its PC and with TLS; without TLS on this very PC.
    """
    found = _PLACE.fullmatch(uri)
    if found is None:
        return None
    try:
        host = ipaddress.ip_address(found["v6"] or found["v4"])
    except ValueError:
        return None
    is_nobody = host.is_multicast or host.is_unspecified or host.is_link_local
    is_in_clear = found["transport"] == "tcp" and not host.is_loopback
    if is_nobody or is_in_clear or not 0 < int(found["port"]) < 65536:
        return None
    return str(host), int(found["port"])


def checked(uri: str) -> str:
    """The address of a phone as it is; KnownError for one that no line may be told."""
    if place_of(uri) is None:
        raise KnownError(NO_PLACE)
    return uri


def own_words(uri: str) -> str:
    """What the window of a phone that cannot be reached says, to who sits before it."""
    place = place_of(uri)
    if place is None:
        return (
            "No call can come to this seat: its telephone has given no address by which the floor "
            "knows this PC. Log out and in again; if that does not help, join the floor again."
        )
    host, port = place
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
        self.troubles: dict[str, str] = {}  # by the phone's address, or its seat: a sentence
        self._told: dict[str, str] | None = None  # by seat: what is on the record

    async def keep(self, in_db: InDatabase, store: FloorNotes, now: Instant) -> None:
        """Try those that are due, and put on the record for each seat what its window says."""
        phones = await in_db(store.phones)
        await self.look(phones, now.mono_s)
        found = {seat: own_words(uri) for seat, uri in phones if _name(seat, uri) in self.troubles}
        if found != self._told:
            await in_db(store.set_phone_troubles, found, now)
            self._told = found

    async def look(self, phones: Sequence[tuple[str, str]], now_s: float) -> None:
        """`phones`: (seat, SIP address) of the sessions that are open."""
        known = {_name(seat, uri) for seat, uri in phones}
        self._due_s = {name: at for name, at in self._due_s.items() if name in known}
        self.troubles = {name: said for name, said in self.troubles.items() if name in known}
        due = [one for one in phones if now_s >= self._due_s.get(_name(*one), 0.0)]
        await asyncio.gather(*(self._try(seat, uri, now_s) for seat, uri in due))

    async def _try(self, seat: str, uri: str, now_s: float) -> None:
        place, name = place_of(uri), _name(seat, uri)
        is_new = name not in self._due_s
        self._due_s[name] = now_s + AGAIN_S
        if place is None:
            if not is_new:  # a phone that is being started has no address for a moment
                self.troubles[name] = (
                    f"{seat}'s telephone has given no address by which the floor knows that PC: "
                    "let the agent log out and in again, or join that PC again."
                )
        elif await is_reached(*place):
            self._due_s[name] = now_s + ONCE_MORE_S
            self.troubles.pop(name, None)
        else:
            self.troubles[name] = (
                f"The floor's PC cannot reach {seat}'s telephone on {place[0]} port {place[1]}: "
                "allow Callfloor in that PC's firewall."
            )


def _name(seat: str, uri: str) -> str:
    """Under which a phone is known here; one without a good address by its seat."""
    return f"telephone of {seat}" if place_of(uri) is None else uri
