"""A shared floor that lasts for a measurement: the embedded server as it is, in a folder that goes.

As `callfloor share start` makes it: TLS, SCRAM, fsync, its own settings.
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
from app.profile import Profile
from app.secrets import Secrets
from app.sharing.floor_share import FloorShare
from app.sharing.places import SERVER_DIR
from app.sharing.server import free_port


@contextmanager
def passing_home(prefix: str) -> Iterator[Path]:
    """A folder on the disk in which the server keeps its data; gone with all in it at the end."""
    home = Path(tempfile.mkdtemp(prefix=prefix, dir="/var/tmp"))
    # The server may run as another user, who must reach its own folder.
    home.chmod(0o755)
    before = os.environ.get(SERVER_DIR)
    os.environ[SERVER_DIR] = str(home / "server")
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)
        if before is None:
            os.environ.pop(SERVER_DIR, None)
        else:
            os.environ[SERVER_DIR] = before


@contextmanager
def passing_share(profile: Profile, secrets: Secrets) -> Iterator[FloorShare]:
    """The profile's floor, shared on this PC's own address; the server ends with it."""
    share = FloorShare(profile, lambda: secrets, lambda: datetime.now(UTC), lambda: ("127.0.0.1",))
    try:
        share.start("Bench", lambda _step, _share: True, free_port(), keep=False)
        yield share
    finally:
        with contextlib.suppress(KnownError):
            share.server.stop()
