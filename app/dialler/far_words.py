"""What the dialler and a PC of lines say to each other: JSON lines over TLS, one purpose a link.

Each connection begins with a line of the dialler's that says what it is for: to look after the PC,
to speak with one line, to bring a sound, to fetch a recording. A line's own words follow as they
are (`sip.messages`); a file follows as so many bytes.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Literal

import msgspec

from app.certificates import SeatFiles
from app.errors import KnownError

DIALLER = "dialler"
"""The name in the certificate that opens a PC of lines; the floor's authority gives it to no seat,
whose names are those of their roles (`seat_N`)."""
LINE_LIMIT = 1 << 20
MOST_FILE_BYTES = 2 << 30


class Word(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """A line on the link."""


class Look(Word, frozen=True, kw_only=True, tag="look"):
    """How is it there? Every second; a link that begins with it is for nothing else.

    `hosts`: the trunk's servers; `looks_up`: they are looked up by their domains (SRV).
    """

    n: int
    hosts: tuple[str, ...] = ()
    looks_up: bool = False


class Seen(Word, frozen=True, kw_only=True, tag="seen"):
    """The answer: the PC's clocks, its lines, and the recordings that lie there."""

    n: int
    mono_s: float
    utc_s: float
    awake_s: float
    lines: tuple[str, ...]
    sounds_dir: str
    recordings_dir: str
    recordings: tuple[str, ...] = ()  # relative to their folder, untouched for a while
    is_leaving: bool = False
    trouble: str = ""  # why a line cannot be started


class Speak(Word, frozen=True, kw_only=True, tag="speak"):
    """From here on this link is the line's own."""

    line: str


class Bring(Word, frozen=True, kw_only=True, tag="bring"):
    """A sound, or a gateway's authority; its bytes follow once `Want` has come back."""

    sha256: str
    kind: Literal["wav", "pem"]
    n_bytes: int


class Want(Word, frozen=True, kw_only=True, tag="want"):
    """The sound is not here yet."""


class Kept(Word, frozen=True, kw_only=True, tag="kept"):
    """The file is whole on the disk of who says this."""


class Fetch(Word, frozen=True, kw_only=True, tag="fetch"):
    """A recording is wanted; it is deleted there once the dialler says `Kept`."""

    name: str


class Drop(Word, frozen=True, kw_only=True, tag="drop"):
    """A recording that nobody may keep is to be deleted there."""

    name: str


class Gone(Word, frozen=True, kw_only=True, tag="gone"):
    """It is not there any more."""


class File(Word, frozen=True, kw_only=True, tag="file"):
    """So many bytes follow."""

    n_bytes: int
    sha256: str


class No(Word, frozen=True, kw_only=True, tag="no"):
    """It cannot be done, in a sentence."""

    sentence: str


AnyWord = Look | Seen | Speak | Bring | Want | Kept | Fetch | Drop | Gone | File | No
_decoder: msgspec.json.Decoder[AnyWord] = msgspec.json.Decoder(AnyWord)


def say(word: Word) -> bytes:
    """One line, with its line feed."""
    return msgspec.json.encode(word) + b"\n"


def hear(line: bytes) -> AnyWord:
    """The word in a line; ConnectionError where it is none or the link has ended."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConnectionError("the link ended" if not line else "not a word of ours") from error


def dialler_side(files: SeatFiles) -> ssl.SSLContext:
    """How the dialler comes in: it shows its certificate and takes only the floor's authority's."""
    return _context(ssl.PROTOCOL_TLS_CLIENT, files)


def lines_side(files: SeatFiles) -> ssl.SSLContext:
    """How a PC of lines listens: nobody without a certificate of the floor's authority."""
    return _context(ssl.PROTOCOL_TLS_SERVER, files)


def name_shown(tls: ssl.SSLObject | ssl.SSLSocket | None) -> str:
    """The common name that the other end has proven; "" where it has proven none."""
    shown = (tls.getpeercert() if tls is not None else None) or {}
    subject = shown.get("subject", ())
    names = [
        str(pair[1])
        for part in (subject if isinstance(subject, tuple) else ())
        for pair in part
        if isinstance(pair, tuple) and pair[0] == "commonName"
    ]
    return names[0] if len(names) == 1 else ""


def _context(protocol: ssl._SSLMethod, files: SeatFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_verify_locations(files.ca)
        context.load_cert_chain(files.certificate, files.key)
    except (OSError, ssl.SSLError) as error:
        raise KnownError(
            f"The certificates in {Path(files.ca).parent} cannot be used: leave the floor and "
            "join it again."
        ) from error
    return context
