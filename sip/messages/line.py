"""The words of a line: dial, connect, play, end, and what comes of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from sip.messages.base import Message, Stamp
from sip.messages.control import Arrangement, Listening, RecordingState, ThirdStage
from sip.messages.hearing import DetectionOrder
from sip.messages.inbound import KeyMenu
from sip.messages.recording import RecordingOrder
from sip.messages.trunk import Gateway


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
    recording: RecordingOrder | None = None
    detection: DetectionOrder | None = None
    hold_wav: str = ""  # music while the person is on hold; "": soft notes of our own
    queue_wav: str = ""  # heard while the person waits for an agent; "": as on hold
    notice_wav: str = ""  # both hear it once they are bridged ("this call is recorded")
    agentless_wav: str = ""  # agentless: played to whoever answers, instead of an agent
    menu: KeyMenu | None = None  # of the agentless message
    not_after_s: float | None = None  # on `sip.clock.awake_s`: too late to dial from then on

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
    gateway: str = ""
    how: Arrangement = "talk"
    has_person: bool = True  # false: hung up, while agent and third party talk on
    third_ref: str = ""
    third: ThirdStage | None = None
    recording: RecordingState | None = None
    supervisor_id: int | None = None
    listening: Listening | None = None


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
    nobody heard). `status`: the final SIP status, 0 where none came. `gateway`: its name in the
    order. `cancelled_at`: when our CANCEL left; the ringing ended then, not when the call was over.
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
    gateway: str = ""
    cancelled_at: Stamp | None = None
