"""The words of the practice carrier, and the records that both ends of a rehearsal keep."""

from __future__ import annotations

from typing import Literal

import msgspec

from sip.messages.base import Message, Stamp


class CarrierCall(Message, frozen=True, kw_only=True, tag="carrier_call"):
    """An INVITE for this number has arrived: who is it? Answered by `Behave`."""

    call_ref: str
    number: str
    attempt_id: str
    at: Stamp


class Behave(Message, frozen=True, kw_only=True, tag="behave"):
    """How the person behind `call_ref` behaves, as drawn by the core. Seconds.

    `final_status`: 200 answers after `ring_s`; others refuse after `ring_s` (486, 404, 603,
    503 …); 0 never answers. `hello_s`: how long the first sound lasts; `is_machine`: speaks for
    `hello_s`, beeps and listens. `patience_s`: hangs up if nobody has spoken by then.
    `talk_s`: hangs up after so long a conversation (from the first word heard; 0: at once).
    With `patience_s` 0 a person hangs up the moment the call is up (not `hung_up_unheard`).
    """

    call_ref: str
    final_status: int
    ring_s: float
    signature: int
    hello_s: float = 1.2
    patience_s: float = 6.0
    talk_s: float = 60.0
    is_machine: bool = False
    sends_180: bool = True


class CarrierStatus(Message, frozen=True, kw_only=True, tag="carrier_status"):
    """Snapshot of a gateway: where it listens and how many channels are in use."""

    address: str
    busy_channels: int
    channels: int


class CarrierEnded(Message, frozen=True, kw_only=True, tag="carrier_ended"):
    """A channel is free again; the log has the whole record."""

    call_ref: str
    number: str


class Sounds(msgspec.Struct, frozen=True, kw_only=True):
    """What one end heard in a call: milliseconds by signature, and when first (monotonic s).

    `bursts`: by signature, how many were heard whole, and how many were spoken meanwhile.
    """

    heard_ms: dict[int, float]
    first_mono_s: dict[int, float]
    first_sound_mono_s: float | None  # any sound above silence
    first_sound_after_ms: float | None  # counted from the moment of answer
    bursts: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)


class CarrierRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a gateway's own log: what really happened to one call."""

    call_ref: str
    number: str
    attempt_id: str
    sip_call_id: str
    is_machine: bool
    signature: int
    invite_mono_s: float
    invite_utc_s: float
    sent_status: int
    answered_mono_s: float | None
    ended_mono_s: float
    ended_by: Literal["person", "caller", "cancelled", "refused", "network"]
    hung_up_unheard: bool  # the person's patience ran out: nobody spoke
    sounds: Sounds
    other_sound_ms: float = 0.0  # sound that was nobody's signature: the message, a live voice
    longest_gap_ms: float = 0.0  # the longest stretch of the other end's sound that was lost


class PhoneRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a phone's practice log: what it heard in one call."""

    attempt_id: str
    session_id: int | None
    own_signature: int
    connected_mono_s: float | None
    ended_mono_s: float
    sounds: Sounds
    longest_gap_ms: float  # the longest stretch of lost audio while the far end should be heard
