"""What a WAV file says of itself, and whether that can be true; reads some bytes, never the sound.

Knows the standard library alone, so that a line can judge a file without loading a decoder.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from sip.errors import KnownError

PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
LONGEST_S: Final = 900.0
"""A message longer than a quarter of an hour is a mistake, and would fill a line's memory."""
LOWEST_HZ, HIGHEST_HZ = 4_000, 192_000
MOST_CHANNELS = 8
MOST_BYTES = 600_000_000
UNKNOWN_LENGTH = 0x7FFF_0000
"""Programs that write to a pipe do not know the length and put so much, or more, for it."""
BYTES_EACH: Final = {PCM: (1, 2, 3, 4), FLOAT: (4, 8), A_LAW: (1,), MU_LAW: (1,)}
OTHERS: Final = (
    (b"ID3", "an MP3"),
    (b"\xff\xfb", "an MP3"),
    (b"\xff\xf3", "an MP3"),
    (b"OggS", "an Ogg file"),
    (b"fLaC", "a FLAC file"),
    (b"FORM", "an AIFF file"),
    (b"RF64", "a WAV file of more than 4 GB"),
    (b"RIFX", "a WAV file of an old kind (big-endian)"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"PK\x03\x04", "an archive"),
    (b"%PDF", "a PDF"),
)


class WavHeader(msgspec.Struct, frozen=True):
    """What is in a file: `encoding` as the format numbers it, `rate_hz`, `bits` of one sample."""

    encoding: int
    channels: int
    rate_hz: int
    bits: int
    frames: int

    @property
    def seconds(self) -> float:
        return self.frames / self.rate_hz

    def is_plain(self, rate_hz: int) -> bool:
        """Whether a bridge of this rate plays it as it is: one channel of 16 bits."""
        return (self.encoding, self.channels, self.rate_hz, self.bits) == (PCM, 1, rate_hz, 16)


def read_header(path: Path) -> WavHeader:
    """The header of a file that can be a message. Raises KnownError that says why it cannot."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _read(file, size, path.name)
    except FileNotFoundError as error:
        raise KnownError(f"The sound file {path} is not there; choose another.") from error
    except IsADirectoryError as error:
        raise KnownError(f"{path} is a folder; choose a WAV file.") from error
    except OSError as error:
        raise KnownError(f"{path} cannot be read ({error.strerror}); check its rights.") from error


def objection(path: Path) -> str:
    """Why this file cannot be a message, "" if its header promises that it can."""
    try:
        read_header(path)
    except KnownError as error:
        return error.sentence
    return ""


def _read(file: BinaryIO, size: int, name: str) -> WavHeader:
    head = file.read(12)
    if not head:
        raise KnownError(f"{name} is empty; record or export it again.")
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise KnownError(f"{name} is no WAV file{_kind(head)}; save the sound as WAV.")
    if size > MOST_BYTES:
        raise KnownError(f"{name} is far too long for a message; give at most {_minutes()}.")
    form: tuple[int, int, int, int, int] | None = None
    at = 12
    while at + 8 <= size:
        file.seek(at)
        chunk, length = struct.unpack("<4sI", file.read(8))
        at += 8
        if chunk == b"fmt ":
            form = _format(file.read(min(length, 40)), name)
        elif chunk == b"data":
            if form is None:
                raise KnownError(f"{name} does not say how its sound is coded; export it again.")
            return _header(form, length, size - at, name)
        at += length + length % 2
    raise KnownError(f"{name} holds no sound, or breaks off before it; export it again.")


def _kind(head: bytes) -> str:
    for start, words in OTHERS:
        if head.startswith(start):
            return f" but {words}"
    is_text = bool(head) and all(octet in b"\t\r\n" or 32 <= octet < 127 for octet in head)
    return " but a text" if is_text else ""


def _minutes() -> str:
    return f"{LONGEST_S / 60:.0f} minutes"


def _format(body: bytes, name: str) -> tuple[int, int, int, int, int]:
    if len(body) < 16:
        raise KnownError(f"{name} breaks off in its header; export it again.")
    encoding, channels, rate, _per_second, block, bits = struct.unpack("<HHIIHH", body[:16])
    if encoding == EXTENSIBLE and len(body) >= 26:
        encoding = int.from_bytes(body[24:26], "little")
    if encoding not in BYTES_EACH:
        raise KnownError(
            f"{name} holds sound of a kind that cannot be read (number {encoding}); "
            "export it as plain WAV (PCM)."
        )
    if not 1 <= channels <= MOST_CHANNELS:
        raise KnownError(f"{name} says it has {channels} channels; export it with one or two.")
    if not LOWEST_HZ <= rate <= HIGHEST_HZ:
        raise KnownError(f"{name} says {rate} samples a second; export it with 8000 to 48000.")
    if block % channels or block // channels not in BYTES_EACH[encoding]:
        raise KnownError(f"{name} has a header that cannot be true; export it again.")
    if not 8 * (block // channels - 1) < bits <= 8 * (block // channels):
        raise KnownError(f"{name} has a header that cannot be true; export it again.")
    return encoding, channels, rate, bits, block


def _header(
    form: tuple[int, int, int, int, int], promised: int, there: int, name: str
) -> WavHeader:
    encoding, channels, rate, bits, block = form
    is_known = 0 < promised < UNKNOWN_LENGTH
    length = min(promised, there) if is_known else there
    frames = length // block
    if frames == 0:
        raise KnownError(f"{name} holds no sound; record or export it again.")
    if is_known and there < promised - block:
        held, whole = there / block / rate, promised / block / rate
        raise KnownError(
            f"{name} breaks off: it says {whole:.1f} s and holds {held:.1f} s; copy it again."
        )
    header = WavHeader(encoding, channels, rate, bits, frames)
    if header.seconds > LONGEST_S:
        raise KnownError(
            f"{name} lasts {header.seconds / 60:.0f} minutes; a message has at most {_minutes()}."
        )
    return header
