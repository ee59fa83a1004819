"""Where this PC's phones and lines stand on the network, and with which certificate.

A floor on one PC speaks on loopback. On a shared floor phones and lines listen at the address by
which this PC and the floor reach each other, and each end checks the other by the floor's own
authority: a seat shows what it was given when it joined, the supervisor's PC signs its own. On a
floor at somebody else's server each PC signs its own, by an authority that lies there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.addresses import (
    LOOPBACK,
    address_for_others,
    address_towards,
    looked_up,
    own_addresses,
)
from app.certificates import (
    Authority,
    SeatFiles,
    ensure_authority,
    ensure_own_seat,
    ensure_seat,
    is_running_out,
    open_authority,
    shows,
)
from app.clock import WallClock
from app.errors import KnownError
from app.floor_place import FloorPointer, floor_place, own_secrets, read_pointer
from app.profile import Profile
from app.seat_renewal import renew
from app.secrets import Secrets
from dialer_core.clock import Clock, Instant
from dialer_core.store.address import FloorAddress, parse_url

AUTHORITY_SECRET = "floor-authority"


@dataclass(frozen=True, slots=True)
class SeatPlace:
    """An IP address of this PC, and what phone or line shows there."""

    address: str
    files: SeatFiles


def seat_address(profile: Profile, own: Callable[[], Sequence[str]] = own_addresses) -> str:
    """The address at which others reach this PC's phones and lines, as the network is now.

    Where there is no way to the floor just now it is loopback.
    """
    return _address(read_pointer(profile), own)


def seat_place(
    profile: Profile,
    seat: str,
    open_secrets: Callable[[], Secrets] | None = None,
    own: Callable[[], Sequence[str]] = own_addresses,
    clock: Clock | None = None,
) -> SeatPlace:
    """Where the phone of `seat` (or "lines") stands; its certificate is made where that is ours.

    `open_secrets`: the keyring, asked only where the floor's authority has to sign. `clock`: by
    which a certificate nears its end, else this PC's. Raises KnownError.
    """
    pointer = read_pointer(profile)
    address = _address(pointer, own)
    at = (clock or WallClock()).now()
    now = at.utc
    if pointer is None:
        ensure_authority(profile.certificates_dir, now)
        return SeatPlace(
            address, ensure_seat(profile.certificates_dir, seat, [LOOPBACK, address], now)
        )
    if pointer.url:
        folder = _server_folder(profile)
        hosts = [LOOPBACK, address]
        return SeatPlace(
            address,
            ensure_own_seat(
                folder, seat, hosts, now, lambda: _server_authority(profile, open_secrets, at)
            ),
        )
    folder = profile.certificates_dir / "floor"
    if pointer.seat:
        files = SeatFiles(
            profile.certificates_dir / pointer.authority,
            profile.certificates_dir / pointer.certificate,
            profile.certificates_dir / pointer.key,
        )
        is_named = address == LOOPBACK or shows(files.certificate, address)
        if not is_named or is_running_out(files.certificate, now):
            there = floor_place(profile, open_secrets)
            assert isinstance(there, FloorAddress)
            renew(there, files, pointer.seat, [*own()])
        return SeatPlace(address, files)

    def authority() -> Authority:
        secrets = own_secrets(profile) if open_secrets is None else open_secrets()
        passphrase = secrets.get(AUTHORITY_SECRET)
        if passphrase is None:
            raise KnownError(
                "The keyring of this computer does not hold what opens the floor's certificates: "
                "unlock the keyring in which the floor was shared."
            )
        return open_authority(folder, passphrase, now)

    hosts = [LOOPBACK, address, *own()]
    return SeatPlace(address, ensure_own_seat(folder, seat, hosts, now, authority))


def forget_certificates(profile: Profile) -> None:
    """Those of another floor at a server by URL: on the one that comes now nobody takes them."""
    shutil.rmtree(_server_folder(profile), ignore_errors=True)


def _server_folder(profile: Profile) -> Path:
    return profile.certificates_dir / "server"


def _server_authority(
    profile: Profile, open_secrets: Callable[[], Secrets] | None, now: Instant
) -> Authority:
    # Loads the database's library, which a start of a window does without.
    from app.server_authority import server_authority  # noqa: PLC0415  see above

    there = floor_place(profile, open_secrets)
    assert isinstance(there, FloorAddress)
    return server_authority(there, _server_folder(profile), now)


def _address(pointer: FloorPointer | None, own: Callable[[], Sequence[str]]) -> str:
    if pointer is None:
        return LOOPBACK
    here = own()
    if pointer.url:
        found = address_towards(looked_up(parse_url(pointer.url).host))
        return found if found in here else address_for_others(lambda: here)
    if not pointer.seat:
        return address_for_others(lambda: here)
    for there in pointer.addresses:
        found = address_towards(there)
        if found in here:
            return found
    return LOOPBACK
