"""Checks of the way to the floor: its server, its certificate, our role there, the clocks.

They build on each other; what one has found is kept for those that follow.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from datetime import datetime
from importlib import metadata

from app.certificates import read_fingerprint
from app.clock import clock_words
from app.desk.checkup.findings import Finding, good, note, skipped, trouble
from app.errors import as_known_error
from app.floor_place import FloorPointer, floor_place, is_there, read_pointer
from app.knocking import AnotherFloor, WrongTime, knock
from app.profile import Profile
from app.secrets import Secrets
from dialer_core.clock import Clock
from dialer_core.store.address import FloorAddress, Place
from dialer_core.store.checkup import CheckupStore, Complaints
from dialer_core.store.database import HEAD

REACH_S = 3.0
CLOCK_S = 5.0
ENDS_DAYS = 14  # a server's certificate is made anew 30 days before its end
_NOT_REACHED = "Not tried, as the floor is not reached."


class WayToFloor:
    """Belongs to the thread that runs the checks."""

    def __init__(self, profile: Profile, clock: Clock, open_secrets: Callable[[], Secrets]) -> None:
        self._profile, self._clock, self._secrets = profile, clock, open_secrets
        self._is_reached = self._is_trusted = False
        self._is_open = False
        self.complaints: Complaints | None = None

    # --- a server on the network ----------------------------------------------------------

    def reach(self) -> Finding:
        """Whether the floor's PC answers at all."""
        server = self._server()
        if server is None:
            self._is_reached = self._is_trusted = True
            return good("The floor is a file on this PC.")
        hosts, port = server
        for host in hosts:
            with contextlib.suppress(OSError), socket.create_connection((host, port), REACH_S):
                self._is_reached = True
                return good(f"The floor's PC answers at {host}, port {port}.")
        return trouble(
            f"The floor's PC does not answer at {' or '.join(hosts)}, port {port}: see that it is "
            "on, that both PCs are on the same network, and that its firewall lets Callfloor in."
        )

    def certificate(self) -> Finding:
        """Whether it is this floor that answers."""
        pointer = read_pointer(self._profile)
        if not self._is_reached:
            return skipped(_NOT_REACHED)
        if pointer is None or pointer.url:
            self._is_trusted = True
            return skipped("This floor has no certificate of its own here.")
        pinned = bytes.fromhex(pointer.fingerprint)
        if read_fingerprint(self._profile.certificates_dir / pointer.authority) != pinned:
            return trouble(
                "The floor's certificate on this PC is not the one that was given to it: join the "
                "floor again with a new code."
            )
        try:
            door = knock(pointer.addresses, pointer.port, pinned, self._clock.now().utc)
        except AnotherFloor:
            return trouble(
                "Another floor answers at this floor's address, or somebody stands in between: "
                "look at the addresses of both PCs, or join the floor again with a new code."
            )
        except WrongTime:
            return trouble(
                "The floor's certificate does not hold at this PC's time: set the clocks of both "
                "PCs right, then start the floor again on the supervisor's PC."
            )
        self._is_trusted = True
        return self._lasting(door.until, pointer)

    def _lasting(self, until: datetime, pointer: FloorPointer) -> Finding:
        days = (until - self._clock.now().utc).days
        said = f"It is this floor that answers ({pointer.fingerprint[:16]})."
        if days < ENDS_DAYS:
            return trouble(
                f"The certificate of the floor's server ends in {days} days: see that the floor is "
                "shared and kept (Manage, Share this floor) on the supervisor's PC, which makes it "
                "anew."
            )
        return good(said)

    # --- the database ---------------------------------------------------------------------

    def database(self) -> Finding:
        """Whether we are let in, and program and database belong together."""
        if not self._is_trusted:
            return skipped(_NOT_REACHED)
        if not is_there(self._profile):
            return note("There is no floor on this PC yet.", "Start Callfloor: it asks for one.")
        place = self._place()
        with contextlib.closing(CheckupStore(place)) as store:
            self.complaints = store.complaints()
            version = store.version()
            self._is_open = True
        who = f" It lets this PC in as {place.user}." if isinstance(place, FloorAddress) else ""
        assert version == HEAD, "opening it refuses others"
        return good(f"The database can be read.{who}")

    def clock(self) -> Finding:
        """How far this PC's clock is off the floor's."""
        if not self._is_open or self._server() is None:
            return skipped("This PC's clock is the floor's." if self._is_open else _NOT_REACHED)
        with contextlib.closing(CheckupStore(self._place())) as store:
            off_s = store.clock_off_s(self._clock)
        if abs(off_s) > CLOCK_S:
            return trouble(
                f"The clock of this PC is {clock_words(off_s)} the floor's: set it right, best "
                "from the internet by the system."
            )
        return good("This PC's clock is right.")

    def versions(self) -> Finding:
        """Which program this is, and for which database."""
        return good(f"Callfloor {metadata.version('callfloor')}, for databases of version {HEAD}.")

    def phone(self) -> Finding:
        """What the floor's dialler says of phones that it tried to reach."""
        told = self.complaints
        if told is None:
            return skipped(_NOT_REACHED)
        if told.phones:
            return trouble(told.phones[0])
        if not told.has_session:
            return skipped("Nobody is logged in, so the floor does not try the telephone.")
        return good("The floor's dialler has no complaint about the telephone.")

    # --- parts ----------------------------------------------------------------------------

    def _place(self) -> Place:
        return floor_place(self._profile, self._secrets)

    def _server(self) -> tuple[tuple[str, ...], int] | None:
        pointer = read_pointer(self._profile)
        if pointer is None:
            return None
        if not pointer.url:
            return pointer.addresses, pointer.port
        try:
            place = self._place()
        except Exception as error:  # its password is another check's matter
            if as_known_error(error) is None:
                raise
            return None
        assert isinstance(place, FloorAddress)
        return (place.host,), place.port
