"""Sharing this floor, step by step: server, data, join codes, seats; what `callfloor share` does.

Everything here may take seconds and belongs on a thread of its own, or in a command.
"""

from __future__ import annotations

import secrets as random_source
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.addresses import order_addresses, own_addresses
from app.backup.nightly import before_upgrade
from app.certificates import FLOOR_HOST, Authority, open_authority, read_fingerprint
from app.errors import KnownError
from app.floor_place import floor_place
from app.profile import Profile
from app.seat_place import forget_certificates
from app.secrets import Secrets
from app.sharing import moving, pointing
from app.sharing.join_code import (
    FINGERPRINT_BYTES,
    JoinCode,
    code_addresses,
    make_secret,
    write_code,
)
from app.sharing.keeper_process import end_keeper, is_kept, start_keeper
from app.sharing.places import authority_dir, server_place
from app.sharing.server import Server, ServerState, free_port
from app.sharing.server_settings import ADMIN, DATABASE, OWNER, firewall_hint
from dialer_core.store import copying, joining, lending, moving_out, seats_roles
from dialer_core.store.address import FloorAddress, parse_url
from dialer_core.store.floor_link import FloorLink
from dialer_core.store.floor_roles import drop_database, make_owner
from dialer_core.store.lending import Lent
from dialer_core.store.opening import migrate
from dialer_core.store.seats_roles import JoinedSeat
from dialer_core.store.server_lines import ServerLines

LOOPBACK = "127.0.0.1"
ADMIN_SECRET = "floor-admin"
AUTHORITY_SECRET = "floor-authority"

Tell = Callable[[str, float], bool]
"""(what is being done, share of the whole from 0 to 1) -> whether to go on."""


@dataclass(frozen=True, slots=True)
class ShareStatus:
    """How this PC shares its floor. `hint`: what to do where seats do not reach it."""

    is_shared: bool
    is_running: bool = False
    is_kept: bool = False
    name: str = ""
    port: int = 0
    addresses: tuple[str, ...] = ()
    fingerprint: str = ""
    hint: str = ""
    elsewhere: str = ""  # a sentence where the floor is on another PC or server


@dataclass(frozen=True, slots=True)
class OpenCode:
    """A join code that opens the floor once, until then (UTC)."""

    text: str
    until: datetime

    def __repr__(self) -> str:
        return f"OpenCode(until={self.until:%H:%M:%S})"


class FloorShare:
    """The floor of one profile as its supervisor shares it; KnownError for what the world does."""

    def __init__(
        self,
        profile: Profile,
        open_secrets: Callable[[], Secrets],
        utc_now: Callable[[], datetime],
        addresses: Callable[[], tuple[str, ...]] = own_addresses,
    ) -> None:
        self._profile = profile
        self._open_secrets = open_secrets
        self._now = utc_now
        self._addresses = addresses
        self.server = Server(server_place(profile))

    # --- what there is ----------------------------------------------------------------------

    def status(self) -> ShareStatus:
        """Whether it is shared and running."""
        elsewhere = self._elsewhere()
        if elsewhere:
            return ShareStatus(is_shared=True, elsewhere=elsewhere)
        state = self.server.state()
        if state is None:
            return ShareStatus(is_shared=False)
        return ShareStatus(
            is_shared=True,
            is_running=self.server.is_running(),
            is_kept=is_kept(self.server.place),
            name=state.name,
            port=state.port,
            addresses=order_addresses(self._addresses() or (LOOPBACK,)),
            fingerprint=self._fingerprint().hex(),
            hint=firewall_hint(sys.platform, state.port),
        )

    def seats(self) -> list[JoinedSeat]:
        """The seats that have joined, and which of them are connected now."""
        with self._owner_link().writing() as connection:
            return seats_roles.joined_seats(connection)

    def lent_lines(self) -> dict[str, Lent] | None:
        """PCs of lines of a floor at somebody else's server, by name; None for another floor."""
        pointer = pointing.read_pointer(self._profile)
        if pointer is None or not pointer.url:
            return None
        place = floor_place(self._profile, self._open_secrets)
        with closing(ServerLines(place)) as store:
            return store.lent()

    # --- sharing ----------------------------------------------------------------------------

    def start(
        self, name: str, tell: Tell, port: int | None = None, *, keep: bool = True
    ) -> ShareStatus | None:
        """Share the floor, or start it again; None where `tell` said to stop.

        The first time this makes the server and moves this PC's data into it; what was begun and
        broken off is taken up again. `keep`: start the process that watches over it.
        """
        elsewhere = self._elsewhere()
        if elsewhere:
            raise KnownError(f"{elsewhere} It is shared from there.")
        secrets = self._open_secrets()
        now = self._now()
        if not tell("Making certificates", 0.0):
            return None
        authority = self.authority(secrets)
        first = not pointing.is_shared(self._profile)
        if not self.server.is_made:
            if not tell("Making the database", 0.05):
                return None
            self.server.make(_secret(secrets, ADMIN_SECRET))
        self._remember(name, port)
        if not self.server.is_running():
            chain, key = authority.server([LOOPBACK, *self._addresses()], now)
            self.server.write_certificates(chain, key, authority.pem)
        if not tell("Starting the database", 0.15):
            return None
        self.server.start()
        owner, is_open = self._prepare(secrets, first=first)
        if not is_open and not self._move(owner.floor_address, tell):
            return None
        if not tell("Opening the floor", 0.98):
            return None
        self._point(owner)
        if keep:
            start_keeper(self._profile, self.server.place)
        tell("Shared", 1.0)
        return self.status()

    def use_server(self, url: str, password: str, tell: Tell) -> bool:
        """Have the floor on a PostgreSQL server that somebody else runs; False where given up.

        This PC's data are moved there the first time. The server's own administrator makes the
        database and the users; the password goes to the keyring.
        """
        if self.server.state() is not None or pointing.is_shared(self._profile):
            raise KnownError("This floor is shared already, and stays where it is.")
        secrets = self._open_secrets()
        address = parse_url(url, password)
        tell("Making the tables", 0.1)
        is_open = moving_out.bring_up(address, lets_seats_join=False)
        self._refuse_two(is_open=is_open)
        if not is_open and not self._move(address, tell):
            return False
        secrets.set(pointing.OWNER_SECRET, address.password)
        forget_certificates(self._profile)
        pointing.write_pointer(self._profile, pointing.Pointer(url=address.url))
        moving_out.open_floor(address, str(address))
        tell("Shared", 1.0)
        return True

    def stop(self) -> bool:
        """Stop watching and the server; seats find nobody until the next start."""
        end_keeper(self.server.place)
        return self.server.stop()

    def new_code(self, life_s: float = joining.LIFE_S, *, lends: bool = False) -> OpenCode:
        """A fresh code; the ones before it are closed. KnownError if the floor is not running.

        `lends`: it is for a PC that is to run lines.
        """
        state = self._running()
        code = JoinCode(
            code_addresses(self._addresses() or (LOOPBACK,)),
            state.port,
            self._fingerprint()[:FINGERPRINT_BYTES],
            make_secret(),
        )
        with self._owner_link().writing() as connection:
            until = joining.new_code(connection, code.secret, "supervisor", life_s)
            if lends:
                lending.make_code_lend(connection, code.secret)
        return OpenCode(write_code(code), until)

    def close_codes(self) -> int:
        """Close the code that is open; how many there were."""
        self._running()
        with self._owner_link().writing() as connection:
            return joining.close_codes(connection)

    def remove_seat(self, name: str) -> None:
        """Shut a seat out at once; what it did stays on the record."""
        self._running()
        link = self._owner_link()
        with link.writing() as connection:
            role = seats_roles.remove_seat(connection, name, "supervisor", self._now())
        with link.alone() as connection:
            seats_roles.end_connections(connection, role)

    # --- for the keeper ---------------------------------------------------------------------

    def authority(self, secrets: Secrets) -> Authority:
        """The floor's authority; its key opens with a passphrase that only the keyring has."""
        passphrase = _secret(secrets, AUTHORITY_SECRET)
        return open_authority(authority_dir(self._profile), passphrase, self._now())

    def owner_link(self, secrets: Secrets) -> FloorLink:
        """The way in as the floor's owner, on this PC."""
        state = self.server.state()
        if state is None:
            raise KnownError("This floor is not shared yet: share it first.")
        return FloorLink(
            LOOPBACK,
            state.port,
            OWNER,
            _secret(secrets, pointing.OWNER_SECRET),
            self._authority_file(),
            FLOOR_HOST,
            DATABASE,
        )

    # --- inside -----------------------------------------------------------------------------

    def _owner_link(self) -> FloorLink:
        return self.owner_link(self._open_secrets())

    def _authority_file(self) -> Path:
        return authority_dir(self._profile) / "ca.pem"

    def _fingerprint(self) -> bytes:
        return read_fingerprint(self._authority_file())

    def _elsewhere(self) -> str:
        pointer = pointing.read_pointer(self._profile)
        if pointer is not None and pointer.url:
            return f"This floor is on the server {parse_url(pointer.url)}."
        if pointer is not None and pointer.seat:
            return f"This PC is the seat {pointer.seat} of the floor {pointer.floor}."
        return ""

    def _running(self) -> ServerState:
        state = self.server.state()
        if state is None:
            raise KnownError("This floor is not shared yet: share it first.")
        if not self.server.is_running():
            raise KnownError(
                "The floor is shared, but its database does not run: start it (callfloor share "
                "start)."
            )
        return state

    def _remember(self, name: str, port: int | None) -> None:
        state = self.server.state()
        if state is None:
            self.server.remember(ServerState(port or free_port(), name))
        elif port not in (None, state.port) or (name and name != state.name):
            if port not in (None, state.port):
                self.server.stop()
            self.server.remember(ServerState(port or state.port, name or state.name))

    def _prepare(self, secrets: Secrets, *, first: bool) -> tuple[FloorLink, bool]:
        """Owner, database and tables, each made where it is missing; whether a floor is in it.

        What a move that was broken off has left is thrown away: the SQLite file is whole.
        """
        owner = self.owner_link(secrets)
        admin = owner.as_role(ADMIN, _secret(secrets, ADMIN_SECRET), "postgres")
        make_owner(admin, OWNER, owner.password, DATABASE)
        if first:
            with owner.alone() as connection:
                is_open = copying.is_open(connection)
            if not is_open:
                drop_database(admin, DATABASE)
                make_owner(admin, OWNER, owner.password, DATABASE)
        # Before the first start there is nothing of this floor's in it.
        before = None if first else before_upgrade(self._profile, lambda: secrets, self._now)
        made = moving_out.bring_up(owner.floor_address, lets_seats_join=True, before=before)
        is_open = made or not first
        self._refuse_two(is_open=first and is_open)
        return owner, is_open

    def _refuse_two(self, *, is_open: bool) -> None:
        """A floor there and another one here cannot become one."""
        if is_open and self._profile.database_path.exists():
            raise KnownError(
                "The shared database holds a floor already, and this PC has data of its own in "
                f"{self._profile.database_path}: move that file away to use the shared one."
            )

    def _point(self, owner: FloorLink) -> None:
        """From now on this profile's floor is the shared one."""
        state = self.server.state()
        name = state.name if state is not None else ""
        pointing.write_pointer(
            self._profile,
            pointing.Pointer(
                addresses=(LOOPBACK,),
                port=owner.port,
                role=OWNER,
                host=FLOOR_HOST,
                database=DATABASE,
                fingerprint=self._fingerprint().hex(),
                floor=name,
            ),
        )
        moving_out.open_floor(owner.floor_address, name)

    def _move(self, address: FloorAddress, tell: Tell) -> bool:
        """Move this PC's data; a PC that has none yet begins with an empty floor."""
        path = self._profile.database_path
        if not path.exists():
            migrate(path)

        def share(_table: str, part: float) -> bool:
            return tell("Moving this PC's data", 0.25 + 0.7 * part)

        return moving.move_over(path, address, share, self._now()) is not None


def _secret(secrets: Secrets, name: str) -> str:
    """The secret of that name, made at random the first time."""
    found = secrets.get(name)
    if found is None:
        found = random_source.token_urlsafe(24)
        secrets.set(name, found)
    return found
