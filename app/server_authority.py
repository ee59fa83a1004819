"""The certificates of a PC on a floor whose database server somebody else runs."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from app.certificates import Authority, new_authority, not_kept, read_authority
from app.errors import KnownError
from app.whole_file import write_whole
from dialer_core.clock import Instant
from dialer_core.model import errors as core_errors
from dialer_core.store.address import FloorAddress
from dialer_core.store.authority import AuthorityStore, KeptAuthority


def server_authority(place: FloorAddress, folder: Path, now: Instant) -> Authority:
    """The floor's authority as all its PCs have it, made by the first one.

    Its certificate is kept in `folder`, its key in the database alone. Raises KnownError.
    """
    try:
        with closing(AuthorityStore(place)) as store:
            kept = store.read() or store.keep(KeptAuthority(*new_authority(now.utc)), now)
    except core_errors.KnownError as error:
        raise KnownError(error.sentence) from error
    found = read_authority(kept.certificate, kept.key)
    try:
        write_whole(folder / "ca.pem", found.pem)
    except OSError as error:
        raise not_kept(folder, error) from error
    return found
