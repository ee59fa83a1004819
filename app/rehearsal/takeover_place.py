"""The floor that diallers take over from each other: in a file, or shared by the embedded server.

The shared one is as `callfloor share start` makes it: TLS, SCRAM, fsync, its own settings. Its
passwords are in this computer's keyring while it runs, as the diallers are processes of their own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.errors import KnownError
from app.floor_place import OWNER_SECRET, floor_place
from app.profile import Profile
from app.secrets import open_secrets
from app.sharing.floor_share import ADMIN_SECRET, AUTHORITY_SECRET, FloorShare
from app.sharing.places import SERVER_DIR
from app.sharing.server import free_port
from dialer_core.store.address import Place


@contextmanager
def takeover_place(profile: Profile, *, is_shared: bool) -> Iterator[Place]:
    """Where the floor's database is; a shared one is gone at the end, with all its data."""
    if not is_shared:
        yield profile.database_path
        return
    secrets = open_secrets(profile.key)
    home = Path(tempfile.mkdtemp(prefix="callfloor-takeover-", dir="/var/tmp"))
    # The server may run as another user, who must reach its own folder.
    home.chmod(0o755)
    before = os.environ.get(SERVER_DIR)
    os.environ[SERVER_DIR] = str(home / "server")
    share = FloorShare(profile, lambda: secrets, lambda: datetime.now(UTC), lambda: ("127.0.0.1",))
    try:
        share.start("Bench", lambda _step, _share: True, free_port(), keep=False)
        yield floor_place(profile, lambda: secrets)
    finally:
        with contextlib.suppress(KnownError):
            share.server.stop()
        for name in (OWNER_SECRET, ADMIN_SECRET, AUTHORITY_SECRET):
            secrets.delete(name)
        shutil.rmtree(home, ignore_errors=True)
        if before is None:
            os.environ.pop(SERVER_DIR, None)
        else:
            os.environ[SERVER_DIR] = before
