"""No headset: the same face as `sip.sound`, without Qt."""

from __future__ import annotations

from typing import Protocol

from sip.ring import Ring


class Sound(Protocol):
    """What the phone needs of a headset, or of its absence. Belongs to one thread."""

    microphone: Ring
    speaker: Ring

    @property
    def words(self) -> str:
        """The devices in use, or what is missing."""

    @property
    def has_sound(self) -> bool: ...

    def open(self) -> None: ...

    def close(self) -> None: ...

    def pump(self) -> bool:
        """Move sound to and from the devices; True if `words` or `has_sound` changed."""


class NoSound:
    """Silence in both directions, and the reason in words."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.has_sound = False
        self.microphone = Ring(0)
        self.speaker = Ring(0)

    def open(self) -> None: ...

    def close(self) -> None: ...

    def pump(self) -> bool:
        return False
