"""Making a backup: one consistent moment of the floor, sealed into one file while all goes on."""

from __future__ import annotations

import os
import platform
import re
import secrets as random_source
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Final

import msgspec

from app.backup import folder, leftovers, wishes
from app.backup.contents import DATABASE, MANIFEST, Manifest, Packer
from app.backup.sealing import COST, FORMAT, GivenUp, Head, SealedWriter, Tell, not_written
from app.backup.server_dump import dumping
from app.errors import KnownError
from app.floor_place import floor_place
from app.profile import Profile
from app.secrets import Secrets
from app.trunk import read_trunk
from dialer_core.store.address import FloorAddress, Place
from dialer_core.store.dumping import (
    Facts,
    copy_file,
    facts_of_file,
    seat_verifiers,
    server_moment,
)

AUTHORITY_SECRET: Final = "floor-authority"
ADMIN_SECRET: Final = "floor-admin"
ADMIN: Final = "callfloor_admin"
FILE_NAME: Final = f"{DATABASE}callfloor.sqlite3"
DUMP_NAME: Final = f"{DATABASE}callfloor.dump"
_SMALL: Final = 50_000_000  # bytes beside the database that are hardly ever used up
_COPY_SHARE: Final = 0.3  # of the work on a file is its copy


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a backup is to hold beside database, settings, trunk, sounds and certificates.

    `path`: where to; None: into the floor's folder under a name of its own.
    """

    why: str = "asked"  # nightly, asked or upgrade
    what: str = "backup"  # or clone
    path: Path | None = None
    has_recordings: bool = False
    has_trunk_passwords: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made."""

    path: Path
    size: int
    rows: int
    head: Head


def make_backup(
    profile: Profile,
    secrets: Callable[[], Secrets],
    passphrase: str,
    wanted: Wanted,
    tell: Tell,
    now: datetime,
    cost: int = COST,
) -> Made:
    """Make one while the floor works; GivenUp where `tell` says to stop, KnownError for the world.

    The file appears under its name when it is whole, and not before.
    """
    place = floor_place(profile, secrets)
    refuse_seat(profile)
    leftovers.sweep(profile)
    floor = floor_name(profile)
    path = wanted.path or folder.own_folder(profile) / folder.name_for(floor, now, wanted.why)
    _refuse_no_room(profile, place, path, has_recordings=wanted.has_recordings)
    with _moment(place, tell) as source:
        head = _head(source.facts, source.kind, wanted, floor, now, cost)
        sealed = SealedWriter(path, head, passphrase)
        try:
            packer = Packer(sealed)
            manifest = _manifest(profile, secrets, place, source.facts, wanted)
            packer.add(MANIFEST, msgspec.json.encode(manifest))
            source.pack(packer)
            _pack_folders(profile, packer, manifest.folders, tell)
            if not tell("Finishing", 0.98):
                raise GivenUp
            packer.close()
            sealed.finish()
        except BaseException:
            sealed.abandon()
            raise
    if wanted.path is None and wanted.why != "upgrade":  # an older database is not to be opened
        wishes.begin(profile, place, head.floor_id, now)
    return Made(path, path.stat().st_size, head.rows, head)


def floor_name(profile: Profile) -> str:
    """The floor's name where it is shared, else this PC's."""
    try:
        told = msgspec.json.decode((profile.root / "floor" / "server.json").read_bytes())
        return str(told["name"]) or platform.node()
    except (OSError, msgspec.MsgspecError, KeyError, TypeError):
        return platform.node() or "floor"


def refuse_seat(profile: Profile) -> None:
    """KnownError on a PC that only joined a floor: its data are elsewhere."""
    if is_seat(profile):
        raise KnownError(
            "This PC is a seat of a floor on another PC: backups are made and restored there, on "
            "the supervisor's."
        )


def is_seat(profile: Profile) -> bool:
    """Whether this PC has joined somebody else's floor."""
    try:
        told = msgspec.json.decode((profile.root / "floor" / "floor.json").read_bytes())
        return bool(told.get("seat"))
    except (OSError, msgspec.MsgspecError, AttributeError):
        return False


@dataclass(frozen=True, slots=True)
class _Source:
    facts: Facts
    kind: str
    pack: Callable[[Packer], None]


@contextmanager
def _moment(place: Place, tell: Tell) -> Iterator[_Source]:
    if isinstance(place, FloorAddress):
        yield from _server_moment(place, tell)
    else:
        yield from _file_moment(place, tell)


def _file_moment(path: Path, tell: Tell) -> Iterator[_Source]:
    if not path.exists():
        raise KnownError("There is no floor here yet, so there is nothing to back up.")
    # Beside the database, where its data lie anyhow: on no other disk in clear.
    copy = path.with_name(f".{path.name}.{os.getpid()}.copy")
    try:
        if not copy_file(path, copy, lambda part: tell("Copying the data", _COPY_SHARE * part)):
            raise GivenUp
        facts = facts_of_file(copy)

        def pack(packer: Packer) -> None:
            def told(done: int) -> None:
                part = done / max(1, facts.size)
                if not tell("Sealing the data", _COPY_SHARE + (0.95 - _COPY_SHARE) * part):
                    raise GivenUp

            with copy.open("rb") as file:
                packer.add_stream(FILE_NAME, file.read, told)

        yield _Source(facts, "sqlite", pack)
    finally:
        copy.unlink(missing_ok=True)


def _server_moment(address: FloorAddress, tell: Tell) -> Iterator[_Source]:
    with server_moment(address) as (snapshot, facts):

        def pack(packer: Packer) -> None:
            def told(done: int) -> None:
                # A dump has no indexes: about half of what the database takes on the disk.
                if not tell("Sealing the data", min(0.95, done / max(1, facts.size // 2))):
                    raise GivenUp

            with dumping(address, snapshot) as pipe:
                packer.add_stream(DUMP_NAME, pipe.read, told)

        yield _Source(facts, "postgres", pack)


def _head(facts: Facts, kind: str, wanted: Wanted, floor: str, now: datetime, cost: int) -> Head:
    return Head(
        format=FORMAT,
        program=metadata.version("callfloor"),
        made_at=now,
        kind=kind,
        version=facts.version,
        floor=floor,
        floor_id=facts.floor_id,
        what=wanted.what,
        why=wanted.why,
        size=facts.size,
        rows=sum(facts.rows.values()),
        has_recordings=wanted.has_recordings,
        salt=random_source.token_bytes(16),
        nonce=random_source.token_bytes(7),
        cost=cost,
    )


def _manifest(
    profile: Profile, secrets: Callable[[], Secrets], place: Place, facts: Facts, wanted: Wanted
) -> Manifest:
    port = 0
    try:
        told = msgspec.json.decode((profile.root / "floor" / "server.json").read_bytes())
        port = int(told["port"])
    except (OSError, msgspec.MsgspecError, KeyError, TypeError, ValueError):
        pass  # a floor of one PC
    names = [AUTHORITY_SECRET] if (profile.certificates_dir / "floor" / "ca.key").exists() else []
    trunk = profile.root / "trunk.toml"
    if wanted.has_trunk_passwords and trunk.exists():
        names += [f"trunk/{one.name}" for one in read_trunk(trunk).gateways]
    kept = {name: secrets().get(name) for name in names} if names else {}
    folders = ["settings", "trunk", "sounds", "certificates"]
    if wanted.has_recordings:
        folders.append("recordings")
    return Manifest(
        rows=facts.rows,
        secrets={name: value for name, value in kept.items() if value is not None},
        seats=_seats(place, secrets),
        port=port,
        folders=tuple(folders),
    )


def _seats(place: Place, secrets: Callable[[], Secrets]) -> dict[str, str]:
    """What lets seats come in again without a code; a server of somebody else's keeps its own."""
    if not isinstance(place, FloorAddress):
        return {}
    password = secrets().get(ADMIN_SECRET)
    if password is None:
        return {}
    return seat_verifiers(replace(place, user=ADMIN, password=password))


def files_of(profile: Profile, name: str) -> Path:
    """What of the profile a folder inside a backup stands for: a file, or a folder."""
    return {
        "settings": profile.settings_path,
        "trunk": profile.root / "trunk.toml",
        "sounds": profile.root / "sounds",
        "certificates": profile.certificates_dir,
        "recordings": profile.recordings_dir,
    }[name]


def _pack_folders(profile: Profile, packer: Packer, names: tuple[str, ...], tell: Tell) -> None:
    for name in names:
        root = files_of(profile, name)
        paths = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file())
        for path in paths:
            if re.search(r"\.(new|part)$", path.name):
                continue
            inside = path.name if path == root else path.relative_to(root).as_posix()
            try:
                with path.open("rb") as file:
                    packer.add_stream(f"{name}/{inside}", file.read, lambda _done: None)
            except FileNotFoundError:
                continue  # a recording that was purged meanwhile
            if not tell("Adding recordings" if name == "recordings" else "Adding settings", 0.97):
                raise GivenUp


def _refuse_no_room(profile: Profile, place: Place, path: Path, *, has_recordings: bool) -> None:
    """A sentence now rather than a full disk in the middle of it."""
    size = place.stat().st_size if isinstance(place, Path) and place.exists() else 0
    if size:
        _ask_room(profile.database_path.parent, size, "a copy of the data")
    if has_recordings:
        size += sum(p.stat().st_size for p in profile.recordings_dir.rglob("*") if p.is_file())
    # A packed database takes a quarter to a half of its size.
    _ask_room(path.parent, size // 4, "the backup")


def _ask_room(where: Path, needed: int, what: str) -> None:
    free = folder.free_bytes(where)
    if 0 <= free < needed:
        raise KnownError(
            f"There is no room for {what} in {where}: {_gb(needed)} are needed and {_gb(free)} are "
            "free. Make room there, or choose another folder. Nothing was changed."
        )


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"


def removed(path: Path) -> None:
    """Take a backup away; KnownError where the disk does not let us."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise not_written(error, path) from error
