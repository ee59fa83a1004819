"""Starting, finding and ending the keeper: the process that watches over a shared floor."""

from __future__ import annotations

import contextlib
import os
import signal
import time

import msgspec

from app.errors import KnownError
from app.holder import describe_self, is_dead
from app.profile import Profile
from app.sharing.places import ServerPlace
from sip.launch import last_line, start

START_S = 15.0
END_S = 10.0
SILENT_S = 20.0
_POLL_S = 0.05


class KeeperFile(msgspec.Struct, frozen=True):
    """Which process keeps the floor; `is_ready`: it answers seats that join."""

    holder: str
    is_ready: bool = False


def read_keeper(place: ServerPlace) -> KeeperFile | None:
    """The keeper that lives, or None."""
    try:
        found = msgspec.json.decode(place.keeper_path.read_bytes(), type=KeeperFile)
        age_s = time.time() - place.keeper_path.stat().st_mtime
    except (OSError, msgspec.MsgspecError):
        return None
    # Where the system does not tell whose process a number is, the file's age has to.
    if is_dead(found.holder) or (os.name != "posix" and age_s > SILENT_S):
        return None
    return found


def touch_keeper(place: ServerPlace) -> None:
    """A sign of life."""
    with contextlib.suppress(OSError):
        os.utime(place.keeper_path)


def write_keeper(place: ServerPlace, *, is_ready: bool) -> None:
    """This process keeps the floor."""
    fresh = place.keeper_path.with_suffix(".new")
    fresh.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh.write_bytes(msgspec.json.encode(KeeperFile(describe_self(), is_ready)))
    os.replace(fresh, place.keeper_path)


def is_kept(place: ServerPlace) -> bool:
    """Whether a keeper lives and answers."""
    found = read_keeper(place)
    return found is not None and found.is_ready


def start_keeper(profile: Profile, place: ServerPlace) -> None:
    """Start the keeper unless there is one; returns when it answers. It outlives this program."""
    if read_keeper(place) is None:
        place.keeper_path.unlink(missing_ok=True)
        log = profile.logs_dir / "keeper.out"
        log.unlink(missing_ok=True)
        launched = start("app", ["share", "keep", "--profile", str(profile.root)], log)
    else:
        launched = None
    until = time.monotonic() + START_S
    while not is_kept(place):
        if launched is not None and not launched.is_alive():
            raise KnownError(last_line(log) or "The process that keeps the floor ended at once.")
        if time.monotonic() > until:
            raise KnownError(
                "The process that keeps the floor does not answer; see the logs folder and share "
                "the floor again."
            )
        time.sleep(_POLL_S)


def end_keeper(place: ServerPlace) -> bool:
    """Ask the keeper to leave and wait for it; False where there was none."""
    found = read_keeper(place)
    if found is None:
        return False
    pid = int(found.holder.split(":")[1])
    until = time.monotonic() + END_S
    os.kill(pid, signal.SIGTERM)
    while read_keeper(place) is not None:
        if time.monotonic() > until:
            raise KnownError(
                f"The process that keeps the floor (number {pid}) does not leave; end it and try "
                "again."
            )
        time.sleep(_POLL_S)
    place.keeper_path.unlink(missing_ok=True)
    return True
