"""What lies on a PC of lines for a while: sounds for its calls, recordings on their way home."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.dialler import far_files
from app.dialler import far_words as words
from app.profile import Profile

QUIET_S: Final = 2.0  # a recording that was written to more lately may not be whole
SOUND_DAYS: Final = 30
MOST_TOLD: Final = 1000  # recordings; none of a floor that this PC has left may hide ours
MOST_SOUND_BYTES: Final = 64 << 20
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class Shelf:
    """Both folders. `utc_s`: this PC's clock, for the age of files."""

    def __init__(self, profile: Profile, utc_s: Callable[[], float]) -> None:
        self.sounds_dir = profile.root / "lent" / "sounds"
        self.recordings_dir = profile.root / "lent" / "recordings"
        self._utc_s = utc_s
        for folder in (self.sounds_dir, self.recordings_dir):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def tidy(self) -> None:
        """Sounds that no dialler has asked for in a month go; so do halves that never came."""
        for file in self.sounds_dir.iterdir():
            age_s = self._utc_s() - file.stat().st_mtime
            if file.suffix not in (".wav", ".pem") or age_s > SOUND_DAYS * 86_400:
                file.unlink(missing_ok=True)

    def recordings(self) -> tuple[str, ...]:
        """Those that nobody has written to for a moment, oldest day first; a thousand at most."""
        found = []
        for file in sorted(self.recordings_dir.glob("*/*.wav")):
            name = file.relative_to(self.recordings_dir).as_posix()
            with contextlib.suppress(OSError):
                if self._utc_s() - file.stat().st_mtime >= QUIET_S:
                    found.append(name)
            if len(found) >= MOST_TOLD:
                break
        return tuple(found)

    async def take_sound(
        self, bring: words.Bring, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Keep a sound, unless it is here; it counts as kept once its hash is right."""
        if not _HASH.fullmatch(bring.sha256) or not 0 < bring.n_bytes <= MOST_SOUND_BYTES:
            writer.write(words.say(words.No(sentence="the sound is too long to be sent")))
            return
        path = self.sounds_dir / f"{bring.sha256}.{bring.kind}"
        if path.exists():
            os.utime(path)
        else:
            writer.write(words.say(words.Want()))
            async with asyncio.timeout(far_files.FILE_S):
                data = await reader.readexactly(bring.n_bytes)
            if hashlib.sha256(data).hexdigest() != bring.sha256:
                writer.write(words.say(words.No(sentence="the sound came damaged")))
                return
            await asyncio.to_thread(self._write, path, data)
        writer.write(words.say(words.Kept()))

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        fresh = path.with_suffix(f".{os.urandom(4).hex()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(fresh, path)

    async def give_recording(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Send a recording; it is deleted here once the other side has said that it is kept."""
        path = self.recordings_dir / name
        if not far_files.is_recording(name) or not path.is_file():
            writer.write(words.say(words.No(sentence="no recording of that name is here")))
            return
        n_bytes, digest = await asyncio.to_thread(_measure, path)
        writer.write(words.say(words.File(n_bytes=n_bytes, sha256=digest)))
        with path.open("rb") as file:
            left = n_bytes
            while left and (data := await asyncio.to_thread(file.read, min(1 << 16, left))):
                writer.write(data)
                async with asyncio.timeout(far_files.STEP_S):
                    await writer.drain()
                left -= len(data)
        async with asyncio.timeout(far_files.STEP_S):
            answer = words.hear(await reader.readline())
        if isinstance(answer, words.Kept):
            _delete(path)
            writer.write(words.say(words.Kept()))

    def drop(self, name: str) -> words.Gone | words.No:
        """Delete a recording that nobody may keep."""
        if not far_files.is_recording(name):
            return words.No(sentence="that is no recording")
        try:
            _delete(self.recordings_dir / name)
        except OSError as error:
            return words.No(sentence=f"it cannot be deleted ({error.strerror})")
        return words.Gone()


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # others of that day are still here
        path.parent.rmdir()


def _measure(path: Path) -> tuple[int, str]:
    digest, n_bytes = hashlib.sha256(), 0
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            digest.update(data)
            n_bytes += len(data)
    return n_bytes, digest.hexdigest()
