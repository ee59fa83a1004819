"""No headset: the same face as `sip.sound.headset`, without Qt."""

from __future__ import annotations

from typing import Protocol

from sip.messages import ChooseDevices, Devices
from sip.ring import Ring

NO_DEVICES = Devices(microphones=(), speakers=(), microphone="", speaker="", ringer="")


class Sound(Protocol):
    """What the phone needs of its devices, or of their absence. Belongs to one thread."""

    microphone: Ring
    speaker: Ring

    @property
    def words(self) -> str:
        """The devices in use, or what is missing."""

    @property
    def has_sound(self) -> bool: ...

    @property
    def is_muted_by_system(self) -> bool:
        """The system itself has muted the microphone in use."""

    @property
    def is_playing(self) -> bool:
        """A tune, the ring or the echo is to be heard: pump often."""

    def open(self) -> None: ...

    def close(self) -> None: ...

    def choose(self, wishes: ChooseDevices) -> None:
        """Take these devices, by name; at once where open."""

    def devices(self) -> Devices: ...

    def pump(self) -> bool:
        """Move sound to and from the devices; True if `words`, `has_sound` or the list changed."""

    def take_sentence(self, *, is_in_call: bool) -> str:
        """What has happened to the devices since the last time, "" for nothing worth telling."""

    def take_levels(self) -> tuple[float | None, float | None]:
        """Loudest moment of microphone and loudspeaker since the last time in dBFS, if any."""

    def set_echo(self, *, is_on: bool) -> None:
        """Let what the microphone hears come back on the loudspeaker, a second later."""

    def play_notes(self) -> None:
        """A few notes on the loudspeaker."""

    def ring(self, *, is_on: bool, is_endless: bool = True) -> None:
        """Ring on the ringer, once or until it is switched off."""


class NoSound:
    """Silence in both directions, and the reason in words."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.has_sound = False
        self.is_muted_by_system = False
        self.is_playing = False
        self.microphone = Ring(0)
        self.speaker = Ring(0)

    def open(self) -> None: ...

    def close(self) -> None: ...

    def choose(self, wishes: ChooseDevices) -> None: ...

    def devices(self) -> Devices:
        return NO_DEVICES

    def pump(self) -> bool:
        return False

    def take_sentence(self, *, is_in_call: bool) -> str:  # noqa: ARG002  part of the Protocol
        return ""

    def take_levels(self) -> tuple[float | None, float | None]:
        return None, None

    def set_echo(self, *, is_on: bool) -> None: ...

    def play_notes(self) -> None: ...

    def ring(self, *, is_on: bool, is_endless: bool = True) -> None: ...
