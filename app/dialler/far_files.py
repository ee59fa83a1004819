"""Files between the dialler's PC and a PC of lines: sounds there, recordings back.

A sound is known by its SHA-256, so that a changed file is another file and nothing is sent twice.
A recording is copied, checked and flushed to the disk here before the other PC is told to delete
its own: a cut in between loses none.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec

from app.dialler import far_words as words

CHUNK: Final = 1 << 16
STEP_S: Final = 20.0  # a link on which nothing moves for so long is broken
FILE_S: Final = 120.0  # for a whole sound
_RECORDING: Final = re.compile(r"\d{4}-\d\d-\d\d/[A-Za-z0-9_.-]{1,100}\.wav")

_FILES: Final = ("_wav", "ca_file")  # how fields end that name a file of this PC
S = TypeVar("S", bound=msgspec.Struct)
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Link = Callable[[words.Word], "contextlib.AbstractAsyncContextManager[Stream]"]
"""Opens a link to the PC that begins with this word; OSError where it is out of reach."""


class SoundsThere:
    """Which sounds one PC has, and under which path there."""

    def __init__(self) -> None:
        self.folder = ""
        self._hashes: dict[str, tuple[tuple[int, int], str]] = {}  # by path here
        self._there: set[str] = set()

    def forget(self) -> None:
        """The PC was away: it is asked again what it has."""
        self._there.clear()

    def path_of(self, path: str) -> str | None:
        """Where that file is there; None: it is to be brought first."""
        known = self._hashes.get(path)
        if known is None or known[0] != _stamp(path) or known[1] not in self._there:
            return None
        return f"{self.folder}/{known[1]}.{_kind(path)}"

    async def bring(self, path: str, link: Link) -> None:
        """Have the file there. Raises OSError where it cannot be read or brought."""
        stamp = _stamp(path)
        data = await asyncio.to_thread(Path(path).read_bytes)
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._there:
            opening = words.Bring(sha256=digest, kind=_kind(path), n_bytes=len(data))
            async with link(opening) as (reader, writer), asyncio.timeout(FILE_S):
                answer = words.hear(await reader.readline())
                if isinstance(answer, words.Want):
                    writer.write(data)
                    await writer.drain()
                    answer = words.hear(await reader.readline())
                if isinstance(answer, words.No):
                    raise OSError(answer.sentence)
                if not isinstance(answer, words.Kept):
                    raise ConnectionError("a sound was not taken")
            self._there.add(digest)
        self._hashes[path] = (stamp, digest)


def _kind(path: str) -> Literal["wav", "pem"]:
    return "wav" if path.lower().endswith(".wav") else "pem"


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def sounds_of(struct: msgspec.Struct) -> list[str]:
    """The paths of the sounds that a command names."""
    found: list[str] = []
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, msgspec.Struct):
            found += sounds_of(value)
        elif name.endswith(_FILES) and isinstance(value, str) and value:
            found.append(value)
    return found


def with_sounds(struct: S, place: Callable[[str], str]) -> S:
    """The command with each sound's path as `place` gives it."""
    changed: dict[str, object] = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, msgspec.Struct):
            changed[name] = with_sounds(value, place)
        elif name.endswith(_FILES) and value:
            changed[name] = place(value)
    return msgspec.structs.replace(struct, **changed) if changed else struct


def is_recording(name: str) -> bool:
    """Whether this can be a recording's name, a day and a file, and no way out of its folder."""
    return _RECORDING.fullmatch(name) is not None and ".." not in name


async def drop(name: str, link: Link) -> None:
    """Have one deleted there that nobody may keep. Raises OSError; then it may still be there."""
    async with link(words.Drop(name=name)) as (reader, _writer), asyncio.timeout(STEP_S):
        answer = words.hear(await reader.readline())
    if isinstance(answer, words.No):
        raise OSError(answer.sentence)
    if not isinstance(answer, words.Gone):
        raise ConnectionError("a recording was not deleted")


async def fetch(
    name: str, recordings_dir: Path, link: Link, may_stay: Callable[[], Awaitable[bool]]
) -> bool:
    """Bring one recording here, and have it deleted there. Raises OSError; then it stays there.

    `may_stay` is asked once the file is in its place: who erases a person takes away what is here,
    and may have looked before. False where it was deleted here as well.
    """
    target = recordings_dir / name
    fresh = target.with_suffix(".coming")
    async with link(words.Fetch(name=name)) as (reader, writer):
        async with asyncio.timeout(STEP_S):
            answer = words.hear(await reader.readline())
        if isinstance(answer, words.No):
            raise OSError(answer.sentence)
        if not isinstance(answer, words.File) or answer.n_bytes > words.MOST_FILE_BYTES:
            raise ConnectionError("no recording came")
        await asyncio.to_thread(target.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
        digest = hashlib.sha256()
        async with _written(fresh) as write:
            left = answer.n_bytes
            while left:
                async with asyncio.timeout(STEP_S):
                    data = await reader.readexactly(min(CHUNK, left))
                digest.update(data)
                await asyncio.to_thread(write, data)
                left -= len(data)
        if digest.hexdigest() != answer.sha256:
            fresh.unlink(missing_ok=True)
            raise ConnectionError("a recording came damaged")
        await asyncio.to_thread(os.replace, fresh, target)
        is_kept = await may_stay()
        if not is_kept:
            target.unlink(missing_ok=True)
        writer.write(words.say(words.Kept()))
        await writer.drain()
        async with asyncio.timeout(STEP_S):
            await reader.readline()
        return is_kept


@asynccontextmanager
async def _written(path: Path) -> AsyncIterator[Callable[[bytes], object]]:
    """A file for its owner alone, on the disk when this ends; gone where it was given up."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file.write
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
