"""Putting a floor back: everything is made and checked beside the present one, then they change.

The present floor stands aside under a name with the date; nothing of it is overwritten or lost.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app import holder
from app.backup import folder, leftovers, wishes
from app.backup.contents import DATABASE, Manifest, Members, opened
from app.backup.making import AUTHORITY_SECRET, files_of, refuse_seat
from app.backup.sealing import GivenUp, Head, Tell, check_sum, damaged, newer, not_written
from app.errors import KnownError
from app.floor_place import floor_place, is_there
from app.profile import Profile
from app.restore.server_floor import ServerFloor
from app.secrets import Secrets
from app.sharing import pointing
from dialer_core.clock import Instant
from dialer_core.model import errors as core_errors
from dialer_core.store import dumping
from dialer_core.store.address import Place
from dialer_core.store.dumping_erased import Wish, erase_again, note_restore, refuse_again
from dialer_core.store.opening import migrate

_CHECKED, _LOADED = 0.1, 0.85  # shares of the whole at which a step ends
_SPARE = 50_000_000


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back. `aside`: where the floor that was here is kept.

    `left`: people who were erased since and could not be again, as they are in a call there.
    """

    head: Head
    rows: int
    is_whole: bool
    aside: tuple[Path, ...]
    erased: int
    refused: int
    left: int = 0
    seats: int = 0
    port: int = 0


@dataclass(frozen=True, slots=True)
class Hands:
    """What restoring needs of the world."""

    profile: Profile
    secrets: Callable[[], Secrets]
    tell: Tell
    now: Instant
    keeps: bool = True  # start the process that keeps a shared floor

    @property
    def stamp(self) -> str:
        """For names of what stands aside."""
        return f"before-restore-{self.now.utc:%Y%m%d-%H%M%S}"


def restore(hands: Hands, path: Path, passphrase: str, *, is_whole: bool | None = None) -> Restored:
    """Make the floor in the file this PC's. GivenUp or KnownError: the present floor is as it was.

    `is_whole`: settings, trunk, sounds and certificates as well, not the data alone; None: on a PC
    that has no floor yet.
    """
    profile = hands.profile
    refuse_seat(profile)
    _refuse_elsewhere(profile)
    head = check_sum(path, _part(hands.tell, 0.0, _CHECKED))
    if not dumping.is_known(head.version):
        raise newer(path)
    _refuse_busy(hands)
    leftovers.sweep(profile)
    has_floor = is_there(profile)
    whole = not has_floor if is_whole is None else is_whole
    stage = profile.root / f".restore-{os.getpid()}"
    try:
        with opened(path, passphrase) as (_, manifest, members):
            stage.mkdir(mode=0o700, parents=True, exist_ok=True)
            floor = _floor_for(hands, head, manifest, stage)
            try:
                _load(hands, path, members, floor, stage)
                done = _finish(hands, path, head, manifest, floor, stage, whole=whole)
            finally:
                floor.abandon()
    except OSError as error:
        raise not_written(error, profile.root / "data") from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    hands.tell("Restored", 1.0)
    return done


class FileFloor:
    """A floor of one PC in the making."""

    seats = 0

    def __init__(self, hands: Hands, head: Head, manifest: Manifest) -> None:
        self._hands, self._head, self._manifest = hands, head, manifest
        target = hands.profile.database_path
        self.staged = target.with_name(f".{target.name}.{os.getpid()}.restored")
        _ask_room(target.parent, head.size)
        self.staged.unlink(missing_ok=True)
        self._file = self.staged.open("xb")

    @property
    def place(self) -> Place:
        return self.staged

    def write(self, data: bytes) -> None:
        """The next piece of the database."""
        self._file.write(data)

    def check(self) -> None:
        """Close it and hold it against what was counted when it was made."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        found = dumping.facts_of_file(self.staged)
        if found.rows != self._manifest.rows or found.version != self._head.version:
            raise KnownError(
                "The database in this backup is not as it was when it was made: nothing was "
                "changed; use another one."
            )
        migrate(self.staged)
        self._take_copies_away()

    def change_places(self) -> tuple[Path, ...]:
        """Have it be the floor; where the old one is."""
        profile, stamp = self._hands.profile, self._hands.stamp
        aside = list(ServerFloor.put_aside(profile, stamp))
        target = profile.database_path
        kept = target.with_name(f"{target.stem}.{stamp}{target.suffix}")
        if target.exists():
            dumping.put_aside(target, kept)
            aside.append(kept)
        try:
            dumping.put_in_place(self.staged, target)
        except OSError:
            if kept.exists():
                os.replace(kept, target)
            raise
        return tuple(aside)

    def abandon(self) -> None:
        """Take away what was begun, if it did not become the floor."""
        with contextlib.suppress(OSError):
            self._file.close()
        for side in ("", "-wal", "-shm", "-journal"):
            self.staged.with_name(self.staged.name + side).unlink(missing_ok=True)
        self._take_copies_away()

    def _take_copies_away(self) -> None:
        """The backup is itself the copy that a migration would keep beside its file."""
        for copy in self.staged.parent.glob(f"{self.staged.name}.backup-*"):
            copy.unlink(missing_ok=True)


Floor = FileFloor | ServerFloor


def _floor_for(hands: Hands, head: Head, manifest: Manifest, stage: Path) -> Floor:
    if head.kind == "sqlite":
        return FileFloor(hands, head, manifest)
    return ServerFloor(
        hands.profile, hands.secrets(), head, manifest, stage, hands.now, keeps=hands.keeps
    )


def _load(hands: Hands, path: Path, members: Members, floor: Floor, stage: Path) -> None:
    """Pieces of the database go where it is made, files into the stage."""
    tell = _part(hands.tell, _CHECKED, _LOADED)
    for name, data in members:
        if name.startswith(DATABASE):
            floor.write(data)
        else:
            # NAME/000000, NAME/000001, …: the pieces of one file
            target = stage / name.rpartition("/")[0]
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with target.open("ab") as file:
                file.write(data)
        if not tell("Reading the backup", members.share):
            raise GivenUp
    if members.share < 1.0:
        raise damaged(path)


def _finish(
    hands: Hands,
    path: Path,
    head: Head,
    manifest: Manifest,
    floor: Floor,
    stage: Path,
    *,
    whole: bool,
) -> Restored:
    _say(hands, "Checking the data", _LOADED)
    floor.check()
    found = wishes.once(_lists(hands, path, head))
    _say(hands, "Erasing again who was erased since", 0.92)
    erased, left = erase_again(floor.place, found, hands.now)
    refused = refuse_again(floor.place, found, hands.now)
    detail: dict[str, object] = {
        "made_at": head.made_at.isoformat(), "rows": head.rows, "erased": erased,
        "refused": refused,
    }  # fmt: skip
    note_restore(floor.place, detail, hands.now)
    _say(hands, "Changing places", 0.96)
    _refuse_busy(hands)  # somebody may have begun meanwhile
    put: list[Path] = []
    if whole or head.kind == "postgres":
        put += _put_files(hands, manifest, stage, whole=whole)
    aside = floor.change_places()
    return Restored(
        head,
        sum(manifest.rows.values()),
        whole,
        (*aside, *put),
        erased,
        refused,
        left,
        floor.seats,
        manifest.port,
    )


def _lists(hands: Hands, path: Path, head: Head) -> list[list[Wish]]:
    """Wishes from beside the file, from the floor's own folder, and from the present database."""
    places = {path.absolute().parent, folder.own_folder(hands.profile)}
    lists = [wishes.read_list(where, head.floor_id) for where in sorted(places)]
    # It may be gone or damaged: that is why this is done.
    with contextlib.suppress(core_errors.KnownError):
        place = floor_place(hands.profile, hands.secrets)
        has_data = not isinstance(place, Path) or place.exists()
        if has_data and _floor_id(place) == head.floor_id:
            lists.append(wishes.of_place(place))
    return lists


def _floor_id(place: Place) -> str:
    found = (
        dumping.facts_of_file(place) if isinstance(place, Path) else dumping.facts_of_server(place)
    )
    return found.floor_id


def _put_files(hands: Hands, manifest: Manifest, stage: Path, *, whole: bool) -> list[Path]:
    """Files of the profile as the backup has them; those that were there stand aside.

    Data alone take the floor's authority along where there is none: its seats trust that one.
    """
    profile, aside = hands.profile, []
    has_authority = (profile.certificates_dir / "floor" / "ca.key").exists()
    if not whole and has_authority:
        return []
    for name in manifest.folders if whole else ("certificates",):
        target = files_of(profile, name)
        root = stage / name
        for staged in sorted(p for p in root.rglob("*") if p.is_file()):
            inside = staged.relative_to(root)
            to = target if target.suffix == ".toml" else target / inside
            to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if to.exists() and to.read_bytes() != staged.read_bytes():
                kept = to.with_name(f"{to.stem}.{hands.stamp}{to.suffix}")
                os.replace(to, kept)
                aside.append(kept)
            staged.chmod(0o600)
            shutil.move(staged, to)
    for name, value in manifest.secrets.items():
        if whole or name == AUTHORITY_SECRET:
            hands.secrets().set(name, value)
    return aside


def _refuse_elsewhere(profile: Profile) -> None:
    pointer = pointing.read_pointer(profile)
    if pointer is not None and pointer.url:
        raise KnownError(
            "This floor is on a server that somebody else runs: have it restored there, or restore "
            "to another --profile, where it becomes a floor of its own."
        )


def _refuse_busy(hands: Hands) -> None:
    if not is_there(hands.profile):
        return
    try:
        place = floor_place(hands.profile, hands.secrets)
    except core_errors.KnownError:
        return  # where it is cannot be known any more
    if isinstance(place, Path) and not place.exists():
        return
    lease, sessions = dumping.is_busy(place, hands.now.utc)
    if lease and not holder.is_dead(lease):
        raise KnownError(
            "The dialler is at work on this floor: stop it, then restore. Nothing was changed."
        )
    if sessions:
        agents = "An agent is" if sessions == 1 else f"{sessions} agents are"
        raise KnownError(
            f"{agents} logged in on this floor: log out, then restore. Nothing was changed."
        )


def _ask_room(where: Path, size: int) -> None:
    free = folder.free_bytes(where)
    if 0 <= free < size + _SPARE:
        raise KnownError(
            f"There is no room to restore in {where}: {(size + _SPARE) / 1e9:.1f} GB are needed "
            f"beside the present floor and {free / 1e9:.1f} GB are free. Make room there. Nothing "
            "was changed."
        )


def _part(tell: Tell, begin: float, end: float) -> Tell:
    return lambda step, share: tell(step, begin + (end - begin) * share)


def _say(hands: Hands, step: str, share: float) -> None:
    if not hands.tell(step, share):
        raise GivenUp
