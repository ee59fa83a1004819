"""Telling the floor where this PC's lines are: as a seat of it, or at somebody else's server."""

from __future__ import annotations

from contextlib import closing
from typing import Protocol

from app.errors import KnownError
from app.floor_place import floor_password, floor_place
from app.profile import Profile
from app.secrets import Secrets
from app.sharing.pointing import Pointer
from dialer_core.store import lending
from dialer_core.store.address import FloorAddress
from dialer_core.store.server_lines import ServerLines, ServerOffer

_WHY = {
    "removed": "The supervisor has removed this PC from the floor: join it again with a new code "
    "(callfloor lines --join CODE).",
    "seat": "This PC has joined as a seat only: have the supervisor make a code for lines "
    "(callfloor share code --lines), then run callfloor lines --join CODE here.",
    "damaged": "The floor could not read what this PC sent: update Callfloor on both PCs.",
}


class Offering(Protocol):
    """`certificate`: which of this PC's is shown to the dialler."""

    @property
    def certificate(self) -> str: ...

    def tell(self, address: str, port: int, lines: int) -> None:
        """They are to be had here; port 0: no more. Blocks; raises KnownError."""


class SeatOffering:
    """On a floor that the supervisor's PC shares; this one has a role of its own there."""

    certificate = "lines"

    def __init__(self, profile: Profile, pointer: Pointer, secrets: Secrets) -> None:
        self._profile = profile
        self._pointer = pointer
        self._secrets = secrets

    def tell(self, address: str, port: int, lines: int) -> None:
        """As the seat's role."""
        password = floor_password(self._secrets, is_seat=True)
        link = self._pointer.link(self._profile, password)
        with link.alone() as connection:
            answer = lending.offer(connection, [address], port, lines)
        if answer != "offered":
            raise KnownError(_WHY[answer])


class ServerOffering:
    """On a floor at somebody else's server. `name`: the PC's there; `pc`: which one it is."""

    def __init__(self, profile: Profile, secrets: Secrets, name: str, pc: str) -> None:
        self._profile = profile
        self._secrets = secrets
        self._name = name
        self._pc = pc

    @property
    def certificate(self) -> str:
        return f"lines-{self._pc}"

    def tell(self, address: str, port: int, lines: int) -> None:
        """With the rights that every PC has there."""
        place = floor_place(self._profile, lambda: self._secrets)
        assert isinstance(place, FloorAddress)
        offer = ServerOffer(self._pc, self.certificate, (address,), port, lines)
        with closing(ServerLines(place)) as store:
            store.offer(self._name, offer)
