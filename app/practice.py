"""What the processes of a rehearsal share: who speaks with which voice, and the logs they keep."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from sip.signatures import PERSON_SIGNATURES, PHONE_SIGNATURES

T = TypeVar("T")

AGENT_SIGNATURES = tuple(PHONE_SIGNATURES)
MACHINE_SIGNATURES = tuple(PERSON_SIGNATURES)[-20:]  # answering machines and their greetings
PEOPLE_SIGNATURES = tuple(PERSON_SIGNATURES)[:-20]
MACHINE_SEAT_S = 8.0  # of a practice agent's time, after it has heard what it is
LEAST_MACHINE_S = 2.5  # real seconds, so that both ends hear each other at any speed


def machine_seat_s(speed: float) -> float:
    """How long a practice agent stays with a machine, in seconds of its own time."""
    return max(MACHINE_SEAT_S, LEAST_MACHINE_S * speed)


class Painted(msgspec.Struct, frozen=True):
    """The end of the paint that drew this contact's record, in monotonic seconds.

    `attempt_id` is empty where nothing was dialled yet (preview).
    """

    attempt_id: str
    mono_s: float
    contact_id: int = 0


class PaintLog:
    """Appends one JSON line a paint; a file of this window alone."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def painted(self, contact_id: int, attempt_id: str, mono_s: float) -> None:
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(Painted(attempt_id, mono_s, contact_id)) + b"\n")


def read_lines(path: Path, kind: type[T]) -> list[T]:
    """Every whole line of a log as a `kind`; a last line that was cut off is left out."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    whole = data[: data.rfind(b"\n") + 1]
    decoder = msgspec.json.Decoder(kind)
    return [decoder.decode(line) for line in whole.splitlines() if line]
