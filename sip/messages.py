"""What engine processes and their clients say to each other: typed JSON lines, one message a line.

A client sends commands, an engine sends a `Hello`, then a snapshot, then numbered events. Each
event stays with the engine (and in its journal) until it is acknowledged, so that a client that
was away misses nothing. Every moment stands on two clocks: monotonic seconds of this machine
(`at_mono_s`, comparable between the processes of one PC) and UTC seconds since the epoch.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """A line on the wire; the tag names its kind. Unknown fields are ignored."""


class Stamp(msgspec.Struct, frozen=True):
    """One moment on both clocks, in seconds."""

    mono_s: float
    utc_s: float


# --- what both kinds of engine say and hear -------------------------------------------------


class Attach(Message, frozen=True, kw_only=True, tag="attach"):
    """First line of a client: who speaks, and under which epoch of the dialler's lease.

    An engine refuses an epoch below the highest that it has seen. A new client replaces the
    one before it. `token` is checked on TCP; on a Unix socket the file's rights do it.
    """

    epoch: int = 0
    token: str = ""


class Ack(Message, frozen=True, kw_only=True, tag="ack"):
    """All events up to and including `seq` are safe with the client."""

    seq: int


class Shutdown(Message, frozen=True, kw_only=True, tag="shutdown"):
    """Leave in order: hang up what is left (or first let calls end, if `drain`), then exit."""

    drain: bool = False


class Hello(Message, frozen=True, kw_only=True, tag="hello"):
    """First line of an engine."""

    role: str
    engine_id: str
    pid: int
    version: str
    has_tls: bool
    notices: list[str] = msgspec.field(default_factory=list)


class Refused(Message, frozen=True, kw_only=True, tag="refused"):
    """A command that was not carried out, and why in a sentence."""

    command: str
    sentence: str
    attempt_id: str = ""


class EngineTrouble(Message, frozen=True, kw_only=True, tag="trouble"):
    """Something outside is wrong with this engine, in a sentence that says what to do."""

    seq: int
    at: Stamp
    sentence: str


# --- line -----------------------------------------------------------------------------------


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """Where a line sends its INVITE. `uri_template` has `{number}`, e.g.
    `sip:{number}@127.0.0.1:5080;transport=udp`. The secret is fetched from the keyring by the
    dialler and goes over the local socket only.
    """

    name: str
    uri_template: str
    username: str = ""
    password: str = ""
    realm: str = "*"
    send_attempt_id: bool = False  # adds the X-Callfloor-Attempt header (practice carrier)

    def __repr__(self) -> str:
        return f"Gateway({self.name!r})"


class AgentAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where an agent's phone is and what makes it answer by itself."""

    session_id: int
    uri: str
    token: str

    def __repr__(self) -> str:
        return f"AgentAddress(session_id={self.session_id})"


AgentLeg = Literal["ringing", "silent", "on_answer"]
"""When the agent's leg is set up: with the dialling and hearing it ring (preview), with the
dialling and silent (progressive), or when the person has answered (predictive)."""


class Originate(Message, frozen=True, kw_only=True, tag="originate"):
    """Dial. Carries all that is needed to finish alone if the dialler falls silent."""

    epoch: int
    attempt_id: str
    number: str
    gateway: Gateway
    caller_id: str
    min_ring_s: float
    max_ring_s: float
    connect_limit_s: float
    message_lead_s: float
    message_wav: str
    max_call_s: float
    agent_leg: AgentLeg
    agent: AgentAddress | None = None

    def __repr__(self) -> str:
        return f"Originate(attempt_id={self.attempt_id!r})"


class ConnectAgent(Message, frozen=True, kw_only=True, tag="connect_agent"):
    """Bring this agent's phone to the person who has answered."""

    epoch: int
    attempt_id: str
    agent: AgentAddress


class PlayMessage(Message, frozen=True, kw_only=True, tag="play_message"):
    """Nobody is free: play the recorded message now, then hang up."""

    epoch: int
    attempt_id: str


class EndCall(Message, frozen=True, kw_only=True, tag="end_call"):
    """Hang up. A ringing call is cancelled only after its minimum ring, unless `now`."""

    epoch: int
    attempt_id: str
    now: bool = False


class LineStatus(Message, frozen=True, kw_only=True, tag="line_status"):
    """Snapshot of a line: its epoch and the call in progress, if any."""

    epoch: int
    last_seq: int
    call: LineCall | None = None


class LineCall(msgspec.Struct, frozen=True, kw_only=True):
    """The call that a line has in hand. Moments are None until they came."""

    attempt_id: str
    stage: Literal["dialling", "ringing", "waiting", "connecting", "talking", "message"]
    invite_at: Stamp
    ringing_at: Stamp | None = None
    answered_at: Stamp | None = None
    bridged_at: Stamp | None = None
    message_at: Stamp | None = None
    session_id: int | None = None


class CallProgress(Message, frozen=True, kw_only=True, tag="progress"):
    """18x came back. `early_media`: it carried sound (never an answer)."""

    seq: int
    at: Stamp
    attempt_id: str
    status: int
    early_media: bool


class CallAnswered(Message, frozen=True, kw_only=True, tag="answered"):
    """The person's 200 arrived."""

    seq: int
    at: Stamp
    attempt_id: str


class AgentBridged(Message, frozen=True, kw_only=True, tag="bridged"):
    """Person and agent hear each other."""

    seq: int
    at: Stamp
    attempt_id: str
    session_id: int


class AgentUnreachable(Message, frozen=True, kw_only=True, tag="agent_unreachable"):
    """The agent's leg could not be set up, or broke without a hang-up; the person still waits."""

    seq: int
    at: Stamp
    attempt_id: str
    session_id: int
    status: int
    sentence: str


class MessageStarted(Message, frozen=True, kw_only=True, tag="message_started"):
    """The recorded message has begun to play to the person."""

    seq: int
    at: Stamp
    attempt_id: str


class CallEnded(Message, frozen=True, kw_only=True, tag="ended"):
    """The attempt is over on the line. All that is known for the record.

    `ended_by`: who let go first. `crossed`: a 200 crossed our CANCEL (an answered call that
    nobody heard). `status`: the final SIP status, 0 where none came.
    """

    seq: int
    at: Stamp
    attempt_id: str
    status: int
    reason: str
    q850: int | None
    ended_by: Literal["person", "agent", "line", "dialler", "network"]
    crossed: bool
    message_played: bool
    invite_at: Stamp
    progress_at: Stamp | None
    ringing_at: Stamp | None
    early_media_at: Stamp | None
    answered_at: Stamp | None
    bridged_at: Stamp | None
    message_at: Stamp | None
    session_id: int | None
    sip_call_id: str


# --- phone ----------------------------------------------------------------------------------


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


# --- practice carrier -----------------------------------------------------------------------


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
    """What one end heard in a call: milliseconds by signature, and when first (monotonic s)."""

    heard_ms: dict[int, float]
    first_mono_s: dict[int, float]
    first_sound_mono_s: float | None  # any sound above silence
    first_sound_after_ms: float | None  # counted from the moment of answer


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


AnyCommand = (
    Attach
    | Ack
    | Shutdown
    | Originate
    | ConnectAgent
    | PlayMessage
    | EndCall
    | OpenSession
    | CloseSession
    | SetMute
    | HangUp
    | Behave
)

AnyEvent = (
    Hello
    | Refused
    | EngineTrouble
    | LineStatus
    | CallProgress
    | CallAnswered
    | AgentBridged
    | AgentUnreachable
    | MessageStarted
    | CallEnded
    | PhoneStatus
    | PhoneRang
    | PhoneConnected
    | PhoneEnded
    | MuteChanged
    | SoundHeard
    | SoundChanged
    | CarrierCall
    | CarrierStatus
    | CarrierEnded
)
