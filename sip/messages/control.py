"""The words of a call in progress: hold, transfer, conference, keys, recording, listening in.

All commands name the attempt; a line refuses those for a call that it does not have in hand.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sip.messages.base import Message, Stamp
from sip.messages.inbound import KeyMeaning
from sip.messages.trunk import Gateway

Arrangement = Literal["talk", "hold", "consult", "conference", "handed_over"]
"""Who hears whom. talk: person and agent. hold: the person hears music. consult: agent and third
talk, the person hears music. conference: all three. handed_over: person and third, the agent's
leg has left."""
ThirdStage = Literal["dialling", "ringing", "up", "gone"]
Listening = Literal["listen", "whisper", "barge", "take_over"]
"""listen: hears all, is not heard. whisper: the agent alone hears the supervisor. barge: all hear
each other. take_over: barge, and the agent's leg leaves."""
RecordingState = Literal["recording", "paused", "stopped", "failed"]
Side = Literal["person", "agent", "third", "supervisor"]


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """A phone of the floor and what makes it answer by itself."""

    session_id: int
    uri: str
    token: str

    def __repr__(self) -> str:
        return f"Seat(session_id={self.session_id})"


class Arrange(Message, frozen=True, kw_only=True, tag="arrange"):
    """Change who hears whom. `consult`, `conference` and `handed_over` need a third who is up."""

    epoch: int
    attempt_id: str
    how: Arrangement


class DialThird(Message, frozen=True, kw_only=True, tag="dial_third"):
    """Call a third party: a number through `gateway`, or a colleague's phone (`seat`).

    Meanwhile the person is on hold. `is_blind`: the agent leaves at once, the person hears it
    ring and is handed over when it answers; if nobody does within `limit_s`, the agent's phone is
    called again (`back_to`). `gate_ref` names the gate's decision that let the number through.
    """

    epoch: int
    attempt_id: str
    third_ref: str
    number: str = ""
    gateway: Gateway | None = None
    seat: Seat | None = None
    caller_id: str = ""
    is_blind: bool = False
    limit_s: float = 30.0
    back_to: Seat | None = None

    def __repr__(self) -> str:
        return f"DialThird(attempt_id={self.attempt_id!r}, third_ref={self.third_ref!r})"


class DropThird(Message, frozen=True, kw_only=True, tag="drop_third"):
    """Hang the third party up, or give its ringing up; person and agent talk again."""

    epoch: int
    attempt_id: str


class SendDigits(Message, frozen=True, kw_only=True, tag="send_digits"):
    """Press keys (0-9 * # A-D) towards the person, or towards the third party."""

    epoch: int
    attempt_id: str
    digits: str
    to: Literal["person", "third"] = "person"

    def __repr__(self) -> str:
        return f"SendDigits(attempt_id={self.attempt_id!r})"


class SetRecording(Message, frozen=True, kw_only=True, tag="set_recording"):
    """Start, pause (payment step), resume or stop the recording of the call in hand."""

    epoch: int
    attempt_id: str
    how: Literal["start", "pause", "resume", "stop"]


class Supervise(Message, frozen=True, kw_only=True, tag="supervise"):
    """Bring the supervisor's phone into the call, or change how it takes part. It joins muted."""

    epoch: int
    attempt_id: str
    supervisor: Seat
    how: Listening


class EndSupervise(Message, frozen=True, kw_only=True, tag="end_supervise"):
    """The supervisor leaves; the call goes on."""

    epoch: int
    attempt_id: str


class CallArranged(Message, frozen=True, kw_only=True, tag="arranged"):
    """Who hears whom has changed, as the bridge itself says.

    `has_person` is false once the person has hung up while agent and third party talk on; the
    call's end is told when they are through.
    """

    seq: int
    at: Stamp
    attempt_id: str
    how: Arrangement
    has_person: bool = True


class ThirdChanged(Message, frozen=True, kw_only=True, tag="third"):
    """The third party's leg has come to another stage; `sentence` where it failed."""

    seq: int
    at: Stamp
    attempt_id: str
    third_ref: str
    stage: ThirdStage
    status: int = 0
    sentence: str = ""


class KeyPressed(Message, frozen=True, kw_only=True, tag="key_pressed"):
    """Someone on the call has pressed a key; `meaning` as in the menu that they hear."""

    seq: int
    at: Stamp
    attempt_id: str
    key: str
    by: Side
    meaning: KeyMeaning = ""


class RecordingChanged(Message, frozen=True, kw_only=True, tag="recording"):
    """The recording's state; `recorded_s` of sound are in `path` so far."""

    seq: int
    at: Stamp
    attempt_id: str
    state: RecordingState
    path: str
    recorded_s: float
    sentence: str = ""


class SuperviseChanged(Message, frozen=True, kw_only=True, tag="supervised"):
    """How the supervisor takes part now; `how` is None once the leg is gone."""

    seq: int
    at: Stamp
    attempt_id: str
    session_id: int
    how: Listening | None
    sentence: str = ""


class LegQuality(msgspec.Struct, frozen=True, kw_only=True):
    """How one leg sounds. None where nothing is known (no RTCP report yet).

    Losses as shares of the last interval, levels in dBFS of the loudest tenth of a second of the
    interval, `heard_age_s`: since the last packet from there.
    """

    side: Side
    codec: str
    loss_in: float | None
    loss_out: float | None
    jitter_ms: float | None
    round_trip_ms: float | None
    level_in_dbfs: float | None
    level_out_dbfs: float | None
    packets_in: int
    packets_out: int
    heard_age_s: float | None
    address: str = ""  # where its packets come from, or should


class CallQuality(Message, frozen=True, kw_only=True, tag="quality"):
    """How a call sounds, every two seconds while it is up. Not numbered, not kept."""

    at: Stamp
    attempt_id: str
    legs: tuple[LegQuality, ...]
