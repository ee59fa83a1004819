"""The list beside the backups: who was erased or objected, as keyed hashes that name nobody.

A restore does these again, so that no backup brings back a person who asked to be forgotten. It is
kept up to date within a minute by the running floor, and goes with the last backup.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from app.backup import folder
from app.backup.sealing import not_written
from app.profile import Profile
from dialer_core.store.address import Place
from dialer_core.store.dumping_erased import Marks, Wish, WishStore

NAME: Final = "erased-{}.jsonl"


def begin(profile: Profile, place: Place, floor_id: str, at: datetime) -> None:
    """Have the list in the backups' folder, with all that was wished until now; receipts tell it.

    `at`: when the backup was made (UTC).
    """
    with closing(WishStore(place)) as store:
        store.note_backup(at)
    state = folder.read_state(profile)
    if state.floor_id != floor_id:
        changed = msgspec.structs.replace(state, floor_id=floor_id, listed_in="")
        folder.write_state(profile, changed)
    note(profile, place)


def note(profile: Profile, place: Place) -> int:
    """Add what was wished since the last time; how many. Before the first backup there is no list.

    Raises KnownError where the list cannot be written: the wishes are added the next time.
    """
    where = folder.own_folder(profile)
    state = folder.read_state(profile)
    if not state.floor_id:
        return 0
    path = where / NAME.format(state.floor_id)
    is_whole = state.listed_in == str(where) and path.exists()
    with closing(WishStore(place)) as store:
        found, marks = store.since(state.marks if is_whole else Marks())
    if is_whole and not found:
        return 0
    _write(path, found, is_new=not is_whole)
    folder.write_state(
        profile,
        msgspec.structs.replace(folder.read_state(profile), marks=marks, listed_in=str(where)),
    )
    return len(found)


def read_list(where: Path, floor_id: str) -> list[Wish]:
    """The wishes that stand beside a floor's backups; a line that is cut off is left out."""
    try:
        lines = (where / NAME.format(floor_id)).read_bytes().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Wish))
        except msgspec.MsgspecError:
            continue
    return found


def of_place(place: Place) -> list[Wish]:
    """All wishes that a floor's database itself knows."""
    with closing(WishStore(place)) as store:
        return store.since(Marks())[0]


def once(lists: Iterable[Iterable[Wish]]) -> list[Wish]:
    """Several lists as one, in their order, each wish once."""
    return list(dict.fromkeys(wish for one in lists for wish in one))


def _write(path: Path, found: Iterable[Wish], *, is_new: bool) -> None:
    data = b"".join(msgspec.json.encode(one) + b"\n" for one in found)
    how = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if is_new else os.O_APPEND)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, how, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise not_written(error, path) from error
