"""The floor that diallers take over from each other: in a file, or shared by the embedded server.

The passwords of the shared one are in this computer's keyring while it runs, as the diallers are
processes of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.floor_place import OWNER_SECRET, floor_place
from app.profile import Profile
from app.secrets import open_secrets
from app.sharing.floor_share import ADMIN_SECRET, AUTHORITY_SECRET
from app.sharing.passing import passing_home, passing_share
from dialer_core.store.address import Place


@contextmanager
def takeover_place(profile: Profile, *, is_shared: bool) -> Iterator[Place]:
    """Where the floor's database is; a shared one is gone at the end, with all its data."""
    if not is_shared:
        yield profile.database_path
        return
    secrets = open_secrets(profile.key)
    with passing_home("callfloor-takeover-"):
        try:
            with passing_share(profile, secrets):
                yield floor_place(profile, lambda: secrets)
        finally:
            for name in (OWNER_SECRET, ADMIN_SECRET, AUTHORITY_SECRET):
                secrets.delete(name)
