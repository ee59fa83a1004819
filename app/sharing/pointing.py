"""Where this profile's floor is, once it is shared or joined: `floor/floor.json`, no secrets."""

from __future__ import annotations

from pathlib import Path

import msgspec

from app.errors import KnownError
from app.profile import Profile
from app.whole_file import write_whole
from dialer_core.store.floor_link import FloorLink

OWNER_SECRET = "floor-owner"
SEAT_SECRET = "floor-seat"


class Pointer(msgspec.Struct, frozen=True):
    """A floor that this PC belongs to. Paths of PEM files are relative to the certificates.

    `url`: a server that somebody else runs, without its password; then the rest says nothing.
    """

    addresses: tuple[str, ...] = ()
    port: int = 0
    role: str = ""
    host: str = ""
    database: str = ""
    fingerprint: str = ""  # the authority's, in hexadecimal, whole
    floor: str = ""  # its name
    seat: str = ""  # this PC's name on it; empty on the supervisor's own
    authority: str = "floor/ca.pem"
    certificate: str = ""
    key: str = ""
    url: str = ""

    @property
    def secret_name(self) -> str:
        """Under which name the keyring holds this role's password."""
        return SEAT_SECRET if self.seat else OWNER_SECRET

    def link(self, profile: Profile, password: str, address: str | None = None) -> FloorLink:
        """The way in, at that address or the first one known."""
        folder = profile.certificates_dir
        return FloorLink(
            address or self.addresses[0],
            self.port,
            self.role,
            password,
            folder / self.authority,
            self.host,
            self.database,
            folder / self.certificate if self.certificate else None,
            folder / self.key if self.key else None,
        )


def pointer_path(profile: Profile) -> Path:
    """The file that says it."""
    return profile.root / "floor" / "floor.json"


def is_shared(profile: Profile) -> bool:
    """Whether this profile's floor is a shared one, here or elsewhere."""
    return pointer_path(profile).exists()


def read_pointer(profile: Profile) -> Pointer | None:
    """Which floor this PC belongs to; None: it is a floor of its own, in SQLite."""
    path = pointer_path(profile)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Pointer)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise KnownError(
            f"{path} cannot be read, so this PC does not know its floor: join it again, or on "
            "the supervisor's PC share it again."
        ) from error


def write_pointer(profile: Profile, pointer: Pointer) -> None:
    """From now on this is the profile's floor."""
    path = pointer_path(profile)
    try:
        write_whole(path, msgspec.json.format(msgspec.json.encode(pointer), indent=2))
    except OSError as error:
        raise KnownError(
            f"{path} cannot be written ({error.strerror}): check the folder and its rights."
        ) from error
