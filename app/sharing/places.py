"""Where the floor's server keeps its files, and as whom it runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import KnownError
from app.profile import Profile

if os.name == "posix":
    import pwd

SERVER_DIR = "CALLFLOOR_SERVER_DIR"
"""Another folder for the server's data, where the user's own will not do."""
_ROOTS_PLACE = Path("/var/lib/callfloor")


@dataclass(frozen=True, slots=True)
class ServerUser:
    """As whom the server runs where the program itself is run by root, which PostgreSQL refuses."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class ServerPlace:
    """The server's folders: `data` is PostgreSQL's own; `state_path` remembers port and name."""

    data: Path
    state_path: Path
    keeper_path: Path
    user: ServerUser | None


def server_place(profile: Profile, environ: Mapping[str, str] | None = None) -> ServerPlace:
    """Where the floor's server of this profile lives; nothing is made.

    Raises KnownError where root has no other user to run it as.
    """
    environ = os.environ if environ is None else environ
    user = _server_user()
    if environ.get(SERVER_DIR):
        base = Path(environ[SERVER_DIR]) / profile.key
    elif user is not None:  # root's own folders are closed to the user that the server runs as
        base = _ROOTS_PLACE / profile.key
    else:
        base = profile.root / "data"
    floor = profile.root / "floor"
    return ServerPlace(base / "postgres", floor / "server.json", floor / "keeper.json", user)


def authority_dir(profile: Profile) -> Path:
    """The floor's authority on the supervisor's PC; on a seat what it was given when it joined."""
    return profile.certificates_dir / "floor"


def _server_user() -> ServerUser | None:
    if os.name != "posix" or os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(found.pw_name, found.pw_uid, found.pw_gid)
    raise KnownError(
        "PostgreSQL does not run as root, and this computer has neither a user postgres nor "
        "nobody: start Callfloor as an ordinary user."
    )
