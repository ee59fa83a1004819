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
    """Another device is in use, or none."""

    seq: int
    at: Stamp
    sound: str
    has_sound: bool
