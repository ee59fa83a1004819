"""The words of an agent's phone: sessions, mute, hang-up, and what it reports."""

from __future__ import annotations

from typing import Literal

import msgspec

from sip.messages.base import Message, Stamp


class OpenSession(Message, frozen=True, kw_only=True, tag="open_session"):
    """An agent has logged in at this seat: answer by itself what carries this token."""

    session_id: int
    token: str

    def __repr__(self) -> str:
        return f"OpenSession(session_id={self.session_id})"


class CloseSession(Message, frozen=True, kw_only=True, tag="close_session"):
    """The agent has logged out: answer nothing by itself any more."""


class SetMute(Message, frozen=True, kw_only=True, tag="set_mute"):
    """Ask for the microphone to be cut off from the bridge, or joined again."""

    is_muted: bool


class HangUp(Message, frozen=True, kw_only=True, tag="hang_up"):
    """End the call in hand, as the agent's hang-up button does."""


class PhoneStatus(Message, frozen=True, kw_only=True, tag="phone_status"):
    """Snapshot of a phone. `is_muted` is read from the bridge, not from the last command."""

    last_seq: int
    uri: str
    session_id: int | None
    sound: str  # the device in use in words, or what is missing
    has_sound: bool
    is_muted: bool
    call: PhoneCall | None = None


class PhoneCall(msgspec.Struct, frozen=True, kw_only=True):
    """The call that a phone has in hand."""

    attempt_id: str
    since: Stamp
    is_connected: bool


class PhoneRang(Message, frozen=True, kw_only=True, tag="phone_rang"):
    """An INVITE with this attempt's id has arrived (the screen pop's key)."""

    seq: int
    at: Stamp
    attempt_id: str


class PhoneConnected(Message, frozen=True, kw_only=True, tag="phone_connected"):
    """The call is up and its sound flows."""

    seq: int
    at: Stamp
    attempt_id: str


class PhoneEnded(Message, frozen=True, kw_only=True, tag="phone_ended"):
    """The call is over at this phone."""

    seq: int
    at: Stamp
    attempt_id: str
    by: Literal["agent", "far_end", "network"]


class MuteChanged(Message, frozen=True, kw_only=True, tag="mute_changed"):
    """The microphone's true state, read back from the bridge."""

    seq: int
    at: Stamp
    is_muted: bool


class SoundHeard(Message, frozen=True, kw_only=True, tag="sound_heard"):
    """Practice only: a signature was recognised for the first time in this call."""

    seq: int
    at: Stamp
    attempt_id: str
    signature: int


class SoundChanged(Message, frozen=True, kw_only=True, tag="sound_changed"):
    """Another device is in use, or none. `sentence` says what happened, "" where nobody need know.

    "Jabra Evolve2 was unplugged. The call goes on with Speakers."
    """

    seq: int
    at: Stamp
    sound: str
    has_sound: bool
    sentence: str = ""


class SoundDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device as the system names it; `id` is the system's own, names are what is remembered."""

    id: str
    name: str
    is_default: bool


class ChooseDevices(Message, frozen=True, kw_only=True, tag="choose_devices"):
    """Which devices to use, by name, best first; empty: the system's default.

    A device that is not there is replaced by the next, and taken again when it comes back.
    """

    microphones: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    ringers: tuple[str, ...] = ()


class AskDevices(Message, frozen=True, kw_only=True, tag="ask_devices"):
    """Answered by `Devices`, and again whenever a device comes or goes."""


class Devices(Message, frozen=True, kw_only=True, tag="devices"):
    """What is plugged in, and the names of what is in use ("" for none)."""

    microphones: tuple[SoundDevice, ...]
    speakers: tuple[SoundDevice, ...]
    microphone: str
    speaker: str
    ringer: str


class AskLevels(Message, frozen=True, kw_only=True, tag="ask_levels"):
    """Send `Levels` ten times a second, or stop."""

    is_on: bool


class Levels(Message, frozen=True, kw_only=True, tag="levels"):
    """The loudest of the last tenth of a second in dBFS, -100 for silence. Not numbered."""

    microphone_dbfs: float
    speaker_dbfs: float
    is_muted_by_system: bool = False


class EchoTest(Message, frozen=True, kw_only=True, tag="echo_test"):
    """A test call without a network: what the microphone hears comes back a second later.

    Refused while a call is up; a call that comes ends it.
    """

    is_on: bool


class SoundCheck(Message, frozen=True, kw_only=True, tag="sound_check"):
    """Play the ringer, or a short phrase of notes on the headset."""

    where: Literal["headset", "ringer"]


class RingAlert(Message, frozen=True, kw_only=True, tag="ring_alert"):
    """Ring on the ringer until told to stop (a preview is up, a call-back is due)."""

    is_on: bool


class PhoneQuality(Message, frozen=True, kw_only=True, tag="phone_quality"):
    """How the call sounds at this phone, every two seconds while it is up. Not numbered.

    Losses as shares of the last two seconds, levels in dBFS of their loudest moment (-100 for
    digital silence), `heard_age_s`: since the last packet came. None where not known.
    `is_muted_by_system`: the system itself says that this microphone is muted.
    """

    at: Stamp
    attempt_id: str
    codec: str
    loss_in: float | None
    loss_out: float | None
    jitter_ms: float | None
    round_trip_ms: float | None
    microphone_dbfs: float | None
    heard_dbfs: float | None
    heard_age_s: float | None
    packets_in: int
    packets_out: int
    is_muted_by_system: bool = False
