"""What is inside a sealed backup, and how it is read and written: a tar in gzip, in pieces.

Pieces, because a dump's length is not known before its end, and none of it is to be held whole.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final

import msgspec

from app.backup.sealing import Head, SealedReader, SealedWriter, damaged, unreadable
from app.errors import KnownError

PIECE: Final = 4 << 20
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database/"
_LEVEL: Final = 1  # the disk is the brake above it, the processor below


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What only its owner may read. `rows`: by table; `secrets`: names and values for the keyring.

    `seats`: roles of a shared floor's seats and their passwords as SCRAM verifiers.

    `port`: a shared floor's, that its seats know; 0 for a floor of one PC. `folders`: which of the
    profile's are in it.
    """

    rows: dict[str, int]
    secrets: dict[str, str] = {}
    seats: dict[str, str] = {}
    port: int = 0
    folders: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Manifest({sum(self.rows.values())} rows, port {self.port})"


class Packer:
    """Writes members into a sealed file."""

    def __init__(self, sealed: SealedWriter) -> None:
        self._zip = gzip.GzipFile("", "wb", _LEVEL, sealed, mtime=0)
        self._tar = tarfile.TarFile.open(mode="w|", fileobj=self._zip, bufsize=1 << 16)

    def add(self, name: str, data: bytes) -> None:
        """One small member, whole."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(data), 0o600
        self._tar.addfile(member, io.BytesIO(data))

    def add_stream(
        self, name: str, read: Callable[[int], bytes], told: Callable[[int], None]
    ) -> None:
        """A long one in pieces `NAME/000000` and on; `told(bytes so far)` after each."""
        so_far, number = 0, 0
        while (data := _read_whole(read, PIECE)) or number == 0:
            self.add(f"{name}/{number:06}", data)
            so_far, number = so_far + len(data), number + 1
            told(so_far)

    def close(self) -> None:
        """Write the ends of tar and gzip; the sealed file is not finished by it."""
        self._tar.close()
        self._zip.close()


def _read_whole(read: Callable[[int], bytes], size: int) -> bytes:
    """Exactly `size` bytes, fewer only at the end: a pipe gives what it has."""
    parts, left = [], size
    while left and (data := read(left)):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)


@contextmanager
def opened(path: Path, passphrase: str) -> Iterator[tuple[Head, Manifest, Members]]:
    """A backup, open: its head, its manifest and then its members, in their order, once."""
    sealed = SealedReader(path, passphrase)
    try:
        buffered = io.BufferedReader(sealed, 1 << 20)
        members = Members(path, sealed, buffered)
        yield sealed.head, members.manifest, members
    finally:
        sealed.close()


class Members:
    """Name and content of each member; KnownError where the file is not whole."""

    def __init__(self, path: Path, sealed: SealedReader, plain: IO[bytes]) -> None:
        self._path, self._sealed = path, sealed
        self._size = max(1, path.stat().st_size)
        self._walk = self._members(plain)
        name, data = next(self._walk, ("", b""))
        try:
            if name != MANIFEST:
                raise damaged(path)
            self.manifest = msgspec.json.decode(data, type=Manifest)
        except msgspec.MsgspecError:
            raise damaged(path) from None

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        return self._walk

    @property
    def share(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return min(1.0, self._sealed.place / self._size)

    def _members(self, plain: IO[bytes]) -> Iterator[tuple[str, bytes]]:
        try:
            with (
                gzip.GzipFile("", "rb", fileobj=plain) as unzipped,
                tarfile.open(mode="r|", fileobj=unzipped, bufsize=1 << 16) as tar,
            ):
                for member in tar:
                    if not is_safe(member.name) or not member.isreg():
                        raise damaged(self._path)
                    content = tar.extractfile(member)
                    assert content is not None
                    yield member.name, content.read()
        except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile):
            raise damaged(self._path) from None
        except OSError as error:
            if isinstance(error, KnownError):
                raise
            raise unreadable(self._path, error) from error


def is_safe(name: str) -> bool:
    """Whether a member's name stays inside the folder that it is put into."""
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and "\\" not in name
