"""A shared floor put back: a whole new PostgreSQL cluster beside the old one, then they change."""

from __future__ import annotations

import os
import re
import secrets as random_source
import shutil
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

from app.backup import leftovers
from app.backup.contents import Manifest
from app.backup.folder import free_bytes
from app.backup.sealing import Head
from app.backup.server_dump import loading
from app.certificates import FLOOR_HOST, open_authority
from app.errors import KnownError
from app.profile import Profile
from app.secrets import Secrets
from app.sharing import pointing
from app.sharing.floor_share import ADMIN_SECRET, LOOPBACK, FloorShare
from app.sharing.keeper_process import end_keeper
from app.sharing.places import ServerPlace, server_place
from app.sharing.server import Server, ServerState, is_free
from app.sharing.server_settings import ADMIN, DATABASE, OWNER
from dialer_core.clock import Instant
from dialer_core.model import errors as core_errors
from dialer_core.store import dumping, moving_out
from dialer_core.store.address import Place
from dialer_core.store.floor_link import FloorLink
from dialer_core.store.floor_roles import make_owner

_RESTORED: Final = re.compile(r"postgres\.restored-(\d+)")
_SPARE: Final = 300_000_000  # an empty cluster, and its log while it is filled


class ServerFloor:
    """A shared floor in the making: its own server on a port of its own, for this PC alone."""

    def __init__(
        self,
        profile: Profile,
        secrets: Secrets,
        head: Head,
        manifest: Manifest,
        stage: Path,
        now: Instant,
        *,
        keeps: bool,
    ) -> None:
        self._profile, self._secrets, self._now, self._keeps = profile, secrets, now, keeps
        self._head, self._manifest = head, manifest
        self.seats = 0
        self._own = server_place(profile)
        data = self._own.data.with_name(f"postgres.restored-{os.getpid()}")
        self._sweep()
        _ask_room(data, head.size)
        self._server = Server(
            ServerPlace(data, stage / "server.json", stage / "keeper.json", self._own.user)
        )
        self._ways = ExitStack()
        try:
            self._link = self._make(stage)
            self._pipe: IO[bytes] | None = self._ways.enter_context(
                loading(self._link.floor_address)
            )
        except BaseException:
            self.abandon()
            raise

    @property
    def place(self) -> Place:
        return self._link.floor_address

    def write(self, data: bytes) -> None:
        """The next piece of the dump."""
        assert self._pipe is not None
        # Where it broke, `check` says why.
        with suppress(BrokenPipeError):
            self._pipe.write(data)

    def check(self) -> None:
        """Hold it against what was counted when it was dumped; then bring it up to date."""
        self._pipe = None
        self._ways.close()
        found = dumping.facts_of_server(self._link.floor_address)
        if found.rows != self._manifest.rows or found.version != self._head.version:
            raise KnownError(
                "The database in this backup is not as it was when it was made: nothing was "
                "changed; use another one."
            )
        is_open = moving_out.bring_up(self._link.floor_address, lets_seats_join=True)
        self.seats = dumping.make_seat_roles(self._link.floor_address, self._manifest.seats)
        if not is_open:
            moving_out.open_floor(self._link.floor_address, self._head.floor)

    def change_places(self) -> tuple[Path, ...]:
        """Have it be the floor and start it; where the old one is. Undone where it fails."""
        profile, stamp = self._profile, f"before-restore-{self._now.utc:%Y%m%d-%H%M%S}"
        self._server.stop()
        known = Server(self._own).state()
        aside = list(self.put_aside(profile, stamp))
        os.replace(self._server.place.data, self._own.data)
        target = profile.database_path
        kept = target.with_name(f"{target.stem}.{stamp}{target.suffix}")
        if target.exists():
            dumping.put_aside(target, kept)
            aside.append(kept)
        try:
            self._start(known)
        except BaseException:
            self._undo(stamp, kept)
            raise
        return tuple(aside)

    def abandon(self) -> None:
        """Take away what was begun, if it did not become the floor."""
        # What pg_restore says of being cut off is no news here.
        with suppress(core_errors.KnownError, OSError):
            self._pipe = None
            self._ways.close()
        if self._server.place.data.exists():
            with suppress(core_errors.KnownError):
                self._server.stop()
            shutil.rmtree(self._server.place.data, ignore_errors=True)

    @staticmethod
    def put_aside(profile: Profile, stamp: str) -> tuple[Path, ...]:
        """Stop the floor's own server and give its folders another name; where they are."""
        place = server_place(profile)
        aside = []
        if place.data.exists():
            end_keeper(place)
            Server(place).stop()
            kept = place.data.with_name(f"postgres.{stamp}")
            os.replace(place.data, kept)
            aside.append(kept)
        for path in (place.state_path, pointing.pointer_path(profile)):
            if path.exists():
                os.replace(path, path.with_name(f"{path.stem}.{stamp}{path.suffix}"))
        return tuple(aside)

    # --- inside -----------------------------------------------------------------------------

    def _sweep(self) -> None:
        """Clusters of restores that were killed, whose servers may still run."""
        own = self._own
        for data in leftovers.of_dead(own.data.parent, _RESTORED):
            with suppress(core_errors.KnownError):
                Server(replace(own, data=data)).stop()
            shutil.rmtree(data, ignore_errors=True)

    def _make(self, stage: Path) -> FloorLink:
        """A cluster with owner, database and roles, to be reached from this PC only."""
        admin, owner = (self._kept(name) for name in (ADMIN_SECRET, pointing.OWNER_SECRET))
        # The floor's own authority comes at the end; until then this one does.
        authority = open_authority(stage / "authority", random_source.token_hex(8), self._now.utc)
        self._server.make(admin)
        port = _any_port()
        self._server.remember(ServerState(port, self._head.floor, (LOOPBACK,)))
        chain, key = authority.server([LOOPBACK], self._now.utc)
        self._server.write_certificates(chain, key, authority.pem)
        self._server.start()
        link = FloorLink(
            LOOPBACK, port, OWNER, owner, stage / "authority" / "ca.pem", FLOOR_HOST, DATABASE
        )
        make_owner(link.as_role(ADMIN, admin, "postgres"), OWNER, owner, DATABASE)
        dumping.make_roles(link.floor_address)
        return link

    def _kept(self, name: str) -> str:
        found = self._secrets.get(name)
        if found is None:
            found = random_source.token_urlsafe(24)
            self._secrets.set(name, found)
        return found

    def _start(self, known: ServerState | None) -> None:
        """Share it as it was: with the port that its seats know, where nobody else has it."""
        wanted = known.port if known is not None else self._manifest.port
        port = wanted if wanted and is_free(wanted) else None
        name = known.name if known is not None else self._head.floor
        share = FloorShare(self._profile, lambda: self._secrets, lambda: self._now.utc)
        tell: Callable[[str, float], bool] = lambda _step, _share: True  # noqa: E731
        share.start(name, tell, port, keep=self._keeps)

    def _undo(self, stamp: str, kept: Path) -> None:
        """The old floor again, as it was; the new one is thrown away."""
        with suppress(core_errors.KnownError):
            end_keeper(self._own)
            Server(self._own).stop()
        shutil.rmtree(self._own.data, ignore_errors=True)
        old = self._own.data.with_name(f"postgres.{stamp}")
        if old.exists():
            os.replace(old, self._own.data)
        for path in (self._own.state_path, pointing.pointer_path(self._profile)):
            path.unlink(missing_ok=True)
            was = path.with_name(f"{path.stem}.{stamp}{path.suffix}")
            if was.exists():
                os.replace(was, path)
        if kept.exists():
            os.replace(kept, self._profile.database_path)


def _ask_room(data: Path, size: int) -> None:
    free = free_bytes(data.parent)
    if 0 <= free < size + _SPARE:
        raise KnownError(
            f"There is no room to restore in {data.parent}: {(size + _SPARE) / 1e9:.1f} GB are "
            f"needed beside the present floor and {free / 1e9:.1f} GB are free. Make room there. "
            "Nothing was changed."
        )


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
