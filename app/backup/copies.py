"""Whole copies of the floor that moving, restoring and upgrading have left on this PC.

Each holds everybody who was in the floor at that moment, also who was erased since.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.backup import wishes
from app.errors import KnownError, as_known_error
from app.profile import Profile
from dialer_core.clock import Instant
from dialer_core.store.address import Place
from dialer_core.store.dumping_erased import Wish, erase_again

_SIDES: Final = ("", "-wal", "-shm", "-journal")
_WHY: Final = (
    (".moved-", "what was moved when the floor was shared"),
    (".before-restore-", "what was here before a restore"),
    (".backup-", "what was here before an upgrade"),
)


@dataclass(frozen=True, slots=True)
class FloorCopy:
    """A file of SQLite's, or the folder of a server; `why` it is there, in words."""

    path: Path
    why: str

    @property
    def is_file(self) -> bool:
        """Whether it can be opened as it stands."""
        return self.path.is_file()


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a copy: how many people were erased in it, or why nobody could be."""

    copy: FloorCopy
    erased: int = 0
    trouble: str = ""


def copies_of(profile: Profile, *folders: Path) -> list[FloorCopy]:
    """Those below the profile, and in `folders` (where its server has its data), by name."""
    places = dict.fromkeys((profile.database_path.parent, *folders))
    found = (copy for place in places for copy in _in(place, profile.database_path.stem))
    return sorted(found, key=lambda one: one.path.name)


def _in(folder: Path, stem: str) -> Iterator[FloorCopy]:
    try:
        paths = list(folder.iterdir())
    except OSError:
        return
    for path in paths:
        why = next((words for mark, words in _WHY if mark in path.name), "")
        is_ours = path.name.startswith((f"{stem}.", "postgres."))
        if why and is_ours and not path.name.endswith(_SIDES[1:]):
            yield FloorCopy(path, why)


def remove(copies: Sequence[FloorCopy]) -> None:
    """Take them away for good. KnownError where the disk does not let us."""
    for one in copies:
        try:
            if one.path.is_dir() and not one.path.is_symlink():
                shutil.rmtree(one.path)
                continue
            for side in _SIDES:
                one.path.with_name(one.path.name + side).unlink(missing_ok=True)
        except OSError as error:
            raise KnownError(
                f"{one.path.name} cannot be removed ({error.strerror}): close what uses it, and "
                "try again."
            ) from error


def erase_in(copies: Sequence[FloorCopy], floor: Place, now: Instant) -> list[Done]:
    """Erase in each copy who was erased in the floor; one that cannot be opened says why."""
    wished = wishes.of_place(floor)
    return [_erase_in(one, wished, now) for one in copies]


def _erase_in(copy: FloorCopy, wished: Sequence[Wish], now: Instant) -> Done:
    if not copy.is_file:
        return Done(copy, trouble="It is a server's folder, which cannot be opened: remove it.")
    try:
        erased, left = erase_again(copy.path, wished, now)
    except Exception as error:
        known = as_known_error(error)
        if known is None:
            raise
        return Done(copy, trouble=f"{known.sentence} Or remove the copy.")
    words = f"{left} were in a call when it was made: remove the copy." if left else ""
    return Done(copy, erased, words)
