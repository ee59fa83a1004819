"""Which database this profile's floor is in: the file on this PC, or the server that it joined.

What `app.sharing` has written beside the settings says which; the password comes from the keyring.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.errors import KnownError
from app.profile import Profile
from dialer_core.store.address import FloorAddress, Place, parse_url

if TYPE_CHECKING:
    from app.secrets import Secrets

OWNER_SECRET = "floor-owner"
SEAT_SECRET = "floor-seat"


class FloorPointer(msgspec.Struct, frozen=True):
    """What of `floor/floor.json` is needed here. `url`: a server that somebody else runs.

    `seat`: what this PC is called there; empty on the PC that shares the floor.
    """

    addresses: tuple[str, ...] = ()
    port: int = 0
    role: str = ""
    host: str = ""
    database: str = ""
    fingerprint: str = ""
    seat: str = ""
    authority: str = "floor/ca.pem"
    certificate: str = ""
    key: str = ""
    url: str = ""


def floor_place(profile: Profile, secrets: Callable[[], Secrets] | None = None) -> Place:
    """Where the floor's stores are to be opened; nothing is opened or looked for.

    `secrets`: the keyring, asked only where the floor is on a server. Raises KnownError where the
    floor's file cannot be read, or the keyring does not hold its password.
    """
    pointer = read_pointer(profile)
    if pointer is None:
        return profile.database_path
    kept = (secrets or (lambda: own_secrets(profile)))()
    password = floor_password(kept, is_seat=bool(pointer.seat))
    if pointer.url:
        return parse_url(pointer.url, password)
    folder = profile.certificates_dir
    return FloorAddress(
        host=pointer.addresses[0],
        port=pointer.port,
        database=pointer.database,
        user=pointer.role,
        password=password,
        ca=folder / pointer.authority,
        fingerprint=pointer.fingerprint,
        certificate=folder / pointer.certificate if pointer.certificate else None,
        key=folder / pointer.key if pointer.key else None,
        server_name=pointer.host,
        others=pointer.addresses[1:],
    )


def floor_password(secrets: Secrets, *, is_seat: bool) -> str:
    """With which this PC opens the floor's database; KnownError where the keyring has none."""
    password = secrets.get(SEAT_SECRET if is_seat else OWNER_SECRET)
    if password is None:
        raise KnownError(
            "The keyring of this computer does not hold the password of the floor that this PC "
            "belongs to: unlock the keyring you joined with, or join the floor again."
        )
    return password


def is_there(profile: Profile) -> bool:
    """Whether there is a floor at all: a server that was joined, or a file."""
    return pointer_path(profile).exists() or profile.database_path.exists()


def own_secrets(profile: Profile) -> Secrets:
    """The keyring of this profile."""
    # The keyring's library takes a tenth of a second, which a floor in a file does without.
    from app.secrets import open_secrets  # noqa: PLC0415

    return open_secrets(profile.key)


def is_shared_here(profile: Profile) -> bool:
    """Whether this PC shares its floor with others: its database is to be started here."""
    pointer = read_pointer(profile)
    return pointer is not None and not pointer.seat and not pointer.url


def may_borrow_lines(profile: Profile) -> bool:
    """Whether other PCs can lend their lines to a dialler here: they share a database with it."""
    pointer = read_pointer(profile)
    return pointer is not None and not pointer.seat


def place_stamp(profile: Profile) -> tuple[int, int]:
    """Another one once the floor is at another place: shared, joined or left."""
    try:
        found = pointer_path(profile).stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_ino)


def pointer_path(profile: Profile) -> Path:
    """The file that says where the floor is; none where it is a file on this PC."""
    return profile.root / "floor" / "floor.json"


def read_pointer(profile: Profile) -> FloorPointer | None:
    """Which floor this PC belongs to; None where it has its own. KnownError if it is damaged."""
    path = pointer_path(profile)
    try:
        found = msgspec.json.decode(path.read_bytes(), type=FloorPointer)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise _unreadable(path) from error
    if not found.url and not (found.addresses and found.port and found.role):
        raise _unreadable(path)
    return found


def _unreadable(path: object) -> KnownError:
    return KnownError(
        f"{path} cannot be read, so this PC does not know its floor: join it again, or on the "
        "supervisor's PC share it again."
    )
