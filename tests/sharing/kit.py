"""A shared floor for tests: a real server in a folder of its own, gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.certificates import Authority
from app.profile import Profile, open_profile
from app.secrets import Secrets
from app.sharing import pointing
from app.sharing.floor_share import FloorShare
from app.sharing.places import SERVER_DIR
from app.sharing.server import ServerState
from dialer_core.store import joining
from dialer_core.store.address import FloorAddress
from dialer_core.store.floor_link import FloorLink
from dialer_core.store.opening import migrate
from tests.ports import free_port
from tests.postgres_kit import running_postgres, stop


class MemoryRing:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@dataclass
class ClockByHand:
    """A clock that shows the real time, `off_s` seconds off."""

    off_s: float = 0.0
    moments: list[datetime] = field(default_factory=list)

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(datetime.now(UTC).timestamp() + self.off_s, UTC)


@contextmanager
def server_folder() -> Iterator[Path]:
    """A short folder that the server's user may reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="cf-pg-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class SharedFloor:
    """A floor that is shared on loopback; its keeper is the test, by `answer`."""

    profile: Profile
    secrets: Secrets
    share: FloorShare
    authority: Authority
    link: FloorLink

    @property
    def state(self) -> ServerState:
        state = self.share.server.state()
        assert state is not None
        return state

    def answer(self) -> list[joining.Joined]:
        """Sign what is outstanding, as the keeper does."""
        now = datetime.now(UTC)
        with self.link.writing() as connection:
            return joining.answer_requests(
                connection,
                lambda request, role, hosts: self.authority.sign(request, role, hosts, now),
                self.authority.pem,
                now,
            )


def open_test_profile(folder: Path) -> tuple[Profile, Secrets]:
    """A throwaway profile with a keyring in memory."""
    profile = open_profile(folder)
    return profile, Secrets(profile.key, MemoryRing())


@contextmanager
def floor_at_server() -> Iterator[FloorAddress]:
    """A floor at a server that somebody else runs."""
    with running_postgres() as postgres:
        made = postgres.new_database()
        migrate(made)
        yield made
        stop(postgres.process)


def come_in(profile: Profile, secrets: Secrets, place: FloorAddress) -> None:
    """This PC belongs to the floor there."""
    secrets.set(pointing.OWNER_SECRET, place.password)
    pointing.write_pointer(profile, pointing.Pointer(url=place.url))


@contextmanager
def shared_floor(folder: Path, name: str = "Test floor") -> Iterator[SharedFloor]:
    """Share a floor of its own without the process that keeps it."""
    profile, secrets = open_test_profile(folder)
    now = ClockByHand()
    share = FloorShare(profile, lambda: secrets, now, lambda: ("127.0.0.1",))
    try:
        assert share.start(name, lambda _step, _share: True, free_port(), keep=False) is not None
        yield SharedFloor(
            profile, secrets, share, share.authority(secrets), share.owner_link(secrets)
        )
    finally:
        share.server.stop()
        shutil.rmtree(profile.run_dir, ignore_errors=True)


__all__ = ["SERVER_DIR", "ClockByHand", "MemoryRing", "SharedFloor", "shared_floor"]
