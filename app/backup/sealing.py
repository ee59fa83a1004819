"""One file that only its passphrase opens: scrypt for the key, AES-256-GCM in chunks.

Layout: MAGIC, a trailer of fixed length (length and SHA-256 of all that follows it), the length of
the head, the head (JSON, readable by anybody, names nobody), then the chunks. Each chunk is sealed
under its own nonce: seven random bytes, its number, and a byte that says whether it is the last
(the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), with the head's SHA-256
as associated data: nothing can be cut off, swapped, or put under another head unnoticed.

The trailer tells a damaged file from a wrong passphrase, and needs no passphrase to do so.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.errors import KnownError

if TYPE_CHECKING:
    from typing_extensions import Buffer

MAGIC: Final = b"CALLFLOOR BACKUP"
FORMAT: Final = 1
CHUNK: Final = 1 << 20
TAG: Final = 16
COST: Final = 17  # 2^17 x 8 x 128 bytes = 128 MB, some 0.4 s
_COST_AT_MOST: Final = 20
_HEAD_AT_MOST: Final = 1 << 20
_TRAILER: Final = 8 + 32
_BEGIN: Final = len(MAGIC) + _TRAILER

Tell = Callable[[str, float], bool]
"""(what is being done, share of the whole from 0 to 1) -> whether to go on."""


class GivenUp(Exception):
    """`tell` said to stop; what was begun is taken away."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What anybody may read of a backup. `version`: the database's migration.

    `size`: bytes of the database before packing; `what`: `backup` or `clone`.
    """

    format: int
    program: str
    made_at: datetime
    kind: str  # sqlite or postgres
    version: str
    floor: str  # its name
    floor_id: str  # tells floors apart, and a clone not from its original
    what: str
    why: str  # nightly, asked or upgrade
    size: int
    rows: int
    has_recordings: bool
    salt: bytes
    nonce: bytes
    cost: int


def derive(passphrase: str, salt: bytes, cost: int) -> bytes:
    """The key (32 bytes) that belongs to a passphrase; costs memory and time on purpose."""
    return Scrypt(salt=salt, length=32, n=1 << cost, r=8, p=1).derive(passphrase.encode())


class SealedWriter(io.RawIOBase):
    """Seals what is written to it into a file beside `path`; `finish` gives it its name.

    Leaving it in any other way removes what was written. KnownError where the disk does not let
    us.
    """

    def __init__(self, path: Path, head: Head, passphrase: str) -> None:
        self._path = path
        self.beside = path.with_name(f".{path.name}.part")
        self._nonce, self._count = head.nonce, 0
        self._key = AESGCM(derive(passphrase, head.salt, head.cost))
        words = msgspec.json.encode(head)
        self._bound = hashlib.sha256(words).digest()
        self._sum = hashlib.sha256()
        self._left = bytearray()
        self.written = 0
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.beside.unlink(missing_ok=True)
            descriptor = os.open(self.beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            self._file: IO[bytes] = os.fdopen(descriptor, "w+b")
        except OSError as error:
            raise not_written(error, path) from error
        self._put(MAGIC + bytes(_TRAILER), is_summed=False)
        self._put(len(words).to_bytes(4, "big") + words)

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        view = memoryview(data)
        self._left += view
        while len(self._left) > CHUNK:
            self._seal(bytes(self._left[:CHUNK]), is_last=False)
            del self._left[:CHUNK]
        return len(view)

    def finish(self) -> None:
        """Seal what is left, write the checksum, and give the file its name."""
        self._seal(bytes(self._left), is_last=True)
        try:
            self._file.seek(len(MAGIC))
            self._file.write(self.written.to_bytes(8, "big") + self._sum.digest())
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self.beside, self._path)
        except OSError as error:
            self.abandon()
            raise not_written(error, self._path) from error

    def abandon(self) -> None:
        """Take away what was written."""
        with contextlib.suppress(OSError):  # a full disk: what is in its buffer goes as well
            self._file.close()
        self.beside.unlink(missing_ok=True)

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._nonce, self._count, is_last=is_last)
        self._count += 1
        self._put(self._key.encrypt(nonce, chunk, self._bound))

    def _put(self, data: bytes, *, is_summed: bool = True) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            self.abandon()
            raise not_written(error, self._path) from error
        if is_summed:
            self._sum.update(data)
            self.written += len(data)


class SealedReader(io.RawIOBase):
    """Reads what a `SealedWriter` has sealed; KnownError for a file or passphrase that is wrong."""

    def __init__(self, path: Path, passphrase: str) -> None:
        self._path = path
        self.head, self._bound = read_head(path)
        self._key = AESGCM(derive(passphrase, self.head.salt, self.head.cost))
        self._file = path.open("rb")
        self._file.seek(_BEGIN)
        self._file.seek(int.from_bytes(self._file.read(4), "big"), os.SEEK_CUR)
        self._count = 0
        self._plain = b""
        self._is_over = False
        try:
            self._fill()
        except BaseException:
            self.close()
            raise

    @property
    def place(self) -> int:
        """How many bytes of the file have been read."""
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        while not self._plain and not self._is_over:
            self._fill()
        taken = self._plain[: len(view)]
        view[: len(taken)] = taken
        self._plain = self._plain[len(taken) :]
        return len(taken)

    def close(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()
        super().close()

    def _fill(self) -> None:
        try:
            sealed = self._file.read(CHUNK + TAG)
            is_last = not self._file.read(1)
            if not is_last:
                self._file.seek(-1, os.SEEK_CUR)
        except OSError as error:
            raise unreadable(self._path, error) from error
        nonce = _nonce(self.head.nonce, self._count, is_last=is_last)
        try:
            self._plain = self._key.decrypt(nonce, sealed, self._bound)
        except InvalidTag:
            if self._count == 0:
                raise KnownError(
                    f"The passphrase does not open {self._path.name}: type the one that was "
                    "written down when this floor's backups began."
                ) from None
            raise damaged(self._path) from None
        self._count += 1
        self._is_over = is_last


def read_head(path: Path) -> tuple[Head, bytes]:
    """The head and its SHA-256; KnownError where the file is none of ours or of a newer program."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise KnownError(
                    f"{path} is no backup of Callfloor: choose a file that ends with .callfloor."
                )
            length = int.from_bytes(file.read(_TRAILER)[:8], "big")
            words = file.read(min(int.from_bytes(file.read(4), "big"), _HEAD_AT_MOST))
            has = file.seek(0, os.SEEK_END) - _BEGIN
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        told = msgspec.json.decode(words, type=dict[str, object]).get("format")
        if isinstance(told, int) and told > FORMAT:
            raise newer(path)
        head = msgspec.json.decode(words, type=Head)
    except msgspec.MsgspecError:
        raise damaged(path) from None
    if has != length or not 10 <= head.cost <= _COST_AT_MOST or len(head.nonce) != 7:
        raise damaged(path)
    return head, hashlib.sha256(words).digest()


def check_sum(path: Path, tell: Tell) -> Head:
    """Read the whole file and hold it against its checksum; no passphrase is needed."""
    head, _ = read_head(path)
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            whole = max(1, file.seek(0, os.SEEK_END) - _BEGIN)
            file.seek(len(MAGIC) + 8)
            wanted = file.read(32)
            while data := file.read(CHUNK):
                found.update(data)
                if not tell("Checking the file", (file.tell() - _BEGIN) / whole):
                    raise GivenUp
    except OSError as error:
        raise unreadable(path, error) from error
    if found.digest() != wanted:
        raise damaged(path)
    return head


def damaged(path: Path) -> KnownError:
    """The file is not as it was written."""
    return KnownError(
        f"The backup {path.name} is damaged or was cut off: nothing was changed; use another one."
    )


def newer(path: Path) -> KnownError:
    """A newer program wrote it."""
    return KnownError(
        f"The backup {path.name} was made by a newer Callfloor: update this computer's Callfloor "
        "and restore it then. Nothing was changed."
    )


def unreadable(path: Path, error: OSError) -> KnownError:
    """The system does not let us read it."""
    return KnownError(
        f"The backup {path} cannot be read ({(error.strerror or 'damaged').lower()}): check the "
        "disk that it is on and your rights."
    )


def not_written(error: OSError, path: Path) -> KnownError:
    """What the disk did, and what to do; what was there before is untouched."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return KnownError(
            f"The disk is full, so {path.name} could not be written to {path.parent}: make room "
            "there or choose another folder. Nothing else was changed."
        )
    return KnownError(
        f"{path} cannot be written ({(error.strerror or type(error).__name__).lower()}): choose "
        "another folder, or see that the disk is there and that you may write to it."
    )


def _nonce(prefix: bytes, count: int, *, is_last: bool) -> bytes:
    return prefix + count.to_bytes(4, "big") + bytes([is_last])
