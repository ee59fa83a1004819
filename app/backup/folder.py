"""Where backups are kept, what is remembered of them, and which of them go."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

import msgspec

from app.backup.sealing import Head, not_written, read_head
from app.errors import KnownError
from app.profile import Profile
from app.whole_file import write_whole
from dialer_core.store.dumping_erased import Marks

SUFFIX: Final = ".callfloor"
DAYS, WEEKS, MONTHS = 7, 4, 12
YEAR: Final = timedelta(days=366)
OLD_AFTER: Final = timedelta(days=3)
NIGHT_HOUR: Final = 3  # local time
AGAIN_AFTER: Final = timedelta(hours=1)  # a backup that failed is tried again then
SPARE: Final = 1_000_000_000  # bytes that the disks should have left
_OLD = "The last good backup of this floor is {age} old: {how}"
_NEVER = "This floor has no backup yet: {how}"
_HOW = "make one now (Manage, Backups)."


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered. `folder` empty: the profile's own; `trouble`: why the last one failed."""

    folder: str = ""
    begun_at: datetime | None = None
    good_at: datetime | None = None
    tried_at: datetime | None = None
    trouble: str = ""
    is_shown: bool = False  # the passphrase was, so somebody may have written it down
    marks: Marks = Marks()
    listed_in: str = ""  # the folder to which the marks belong
    floor_id: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup in a folder."""

    path: Path
    head: Head
    size: int


def state_path(profile: Profile) -> Path:
    """The file in which it is remembered."""
    return profile.root / "backups.json"


def read_state(profile: Profile) -> State:
    """What is remembered; a file that cannot be read counts for nothing."""
    try:
        return msgspec.json.decode(state_path(profile).read_bytes(), type=State)
    except (OSError, msgspec.MsgspecError):
        return State()


def write_state(profile: Profile, state: State) -> None:
    """Remember it, whole or not at all."""
    path = state_path(profile)
    try:
        write_whole(path, msgspec.json.encode(state))
    except OSError as error:
        raise not_written(error, path) from error


def own_folder(profile: Profile) -> Path:
    """Where the floor's backups go: as chosen, else below the profile."""
    chosen = read_state(profile).folder
    return Path(chosen) if chosen else profile.root / "backups"


def choose_folder(profile: Profile, folder: Path) -> None:
    """From now on they go there; those that there are stay where they are."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise not_written(error, folder) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise KnownError(f"You may not write to {folder}: choose another folder for backups.")
    write_state(
        profile, msgspec.structs.replace(read_state(profile), folder=str(folder.absolute()))
    )


def name_for(floor: str, now: datetime, why: str) -> str:
    """The file's name: which floor, when (UTC), and why."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", floor).strip("-")[:40] or "floor"
    return f"{plain}-{now.astimezone(UTC):%Y%m%d-%H%M%S}-{why}{SUFFIX}"


def kept_in(folder: Path) -> list[Kept]:
    """The backups in a folder, newest first; what is none, or is cut off, is passed over."""
    found = []
    try:
        paths = sorted(folder.glob(f"*{SUFFIX}"))
    except OSError:
        return []
    for path in paths:
        try:
            head, _ = read_head(path)
            found.append(Kept(path, head, path.stat().st_size))
        except (KnownError, OSError):
            continue
    return sorted(found, key=lambda one: one.head.made_at, reverse=True)


def to_drop(made: Iterable[tuple[str, datetime, str]], now: datetime, zone: tzinfo) -> set[str]:
    """Names of (name, when, why) that are not needed any more.

    Kept: the newest of each of the last 7 days, 4 weeks and 12 months on which there are any. What
    somebody asked for, or was made before an upgrade, stays a year. Nothing stays longer.
    """
    told = sorted(made, key=lambda one: one[1], reverse=True)
    nightly = [one for one in told if one[2] == "nightly"]
    needed: set[str] = {name for name, at, why in told if why != "nightly" and now - at <= YEAR}
    for pattern, count in (("%Y-%m-%d", DAYS), ("%G-%V", WEEKS), ("%Y-%m", MONTHS)):
        newest: dict[str, str] = {}
        for name, at, _ in nightly:
            if now - at <= YEAR:
                newest.setdefault(at.astimezone(zone).strftime(pattern), name)
        needed.update(list(newest.values())[:count])
    if nightly and now - nightly[0][1] > YEAR:
        needed.add(nightly[0][0])  # the last one there is
    return {name for name, _, _ in told} - needed


def rotate(folder: Path, floor_id: str, now: datetime, zone: tzinfo) -> list[str]:
    """Take away this floor's that are not needed any more; their names."""
    own = {one.path.name: one for one in kept_in(folder) if one.head.floor_id == floor_id}
    gone = []
    for name in sorted(
        to_drop(((n, one.head.made_at, one.head.why) for n, one in own.items()), now, zone)
    ):
        try:
            own[name].path.unlink()
        except OSError:
            continue  # in use, or the disk is gone: the next night takes it
        gone.append(name)
    for part in folder.glob(f".*{SUFFIX}.part"):
        if now.timestamp() - part.stat().st_mtime > 86_400:
            part.unlink(missing_ok=True)
    return gone


def last_night(now: datetime, zone: tzinfo) -> datetime:
    """The moment since which there should be a backup."""
    local = now.astimezone(zone)
    night = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return night if night <= local else night - timedelta(days=1)


def is_due(state: State, now: datetime, zone: tzinfo) -> bool:
    """Whether a nightly one is to be made: none since 3 o'clock, and no failure within the hour."""
    if state.good_at is not None and state.good_at >= last_night(now, zone):
        return False
    return state.tried_at is None or not state.trouble or now - state.tried_at >= AGAIN_AFTER


def notices(profile: Profile, now: datetime) -> tuple[str, ...]:
    """What a supervisor should know: no good backup for three days, or little room left."""
    state = read_state(profile)
    told = []
    how = state.trouble or _HOW
    if state.good_at is not None and now - state.good_at > OLD_AFTER:
        told.append(_OLD.format(age=f"{(now - state.good_at).days} days", how=how))
    elif state.good_at is None and state.begun_at and now - state.begun_at > OLD_AFTER:
        told.append(_NEVER.format(how=how))
    places = {"database": profile.database_path.parent, "backups": own_folder(profile)}
    full = [what for what, place in places.items() if 0 <= free_bytes(place) < SPARE]
    if full:
        told.append(
            f"The disk with this floor's {' and '.join(full)} is nearly full: make room, before "
            "calls can no longer be written down."
        )
    return tuple(told)


def free_bytes(place: Path) -> int:
    """Room on the disk that a folder is, or will be, on; -1 where that cannot be told."""
    for folder in (place, *place.parents):
        try:
            return shutil.disk_usage(folder).free
        except OSError:
            continue
    return -1


def is_same_disk(one: Path, other: Path) -> bool:
    """Whether both lie on one disk, so that they are lost together."""
    numbers = []
    for place in (one, other):
        known = next((folder for folder in (place, *place.parents) if folder.exists()), place)
        try:
            numbers.append(known.stat().st_dev)
        except OSError:
            return False
    return numbers[0] == numbers[1]
