"""What an agent or a supervisor can do with a call in progress, and what they see of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dialer_core.model.ids import AttemptId, SessionId


class CallAction(StrEnum):
    """A wish about the call in hand; saved by value."""

    HOLD = "hold"
    RESUME = "resume"  # back to the person, from hold or from a third party who stays on hold
    CONSULT = "consult"  # call a third party while the person hears music
    BLIND_TRANSFER = "blind_transfer"
    CANCEL_THIRD = "cancel_third"  # give the third party up
    CONFERENCE = "conference"
    HAND_OVER = "hand_over"  # person and third party go on without the agent
    DIGITS = "digits"
    RECORD_START = "record_start"
    RECORD_PAUSE = "record_pause"
    RECORD_RESUME = "record_resume"


class Listening(StrEnum):
    """How a supervisor takes part in a call; saved by value."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    TAKE_OVER = "take_over"
    LEAVE = "leave"


class Arrangement(StrEnum):
    """Who hears whom; saved by value. As the line says it."""

    TALK = "talk"
    HOLD = "hold"
    CONSULT = "consult"
    CONFERENCE = "conference"
    HANDED_OVER = "handed_over"


class ThirdStage(StrEnum):
    """Where the third party's leg stands; saved by value."""

    DIALLING = "dialling"
    RINGING = "ringing"
    UP = "up"
    GONE = "gone"


class RecordingState(StrEnum):
    """Whether the call is recorded now; saved by value."""

    OFF = "off"
    RECORDING = "recording"
    PAUSED = "paused"
    STOPPED = "stopped"
    FAILED = "failed"


class RecordingPolicy(StrEnum):
    """When a campaign's calls are recorded; saved by value."""

    OFF = "off"
    ON_DEMAND = "on_demand"  # the agent starts it
    ANNOUNCE = "announce"  # all, and both hear so first
    ALL = "all"


class AskedByKey(StrEnum):
    """What a person has asked for with a key of a message; saved by value."""

    AGENT = "agent"
    LATER = "later"
    NEVER = "never"


FOR_COLLEAGUES = "For colleagues"
"""The reason of a pause in which the agent takes no calls of the campaign, but those of colleagues
who want to consult them."""

KEYS = frozenset("0123456789*#ABCD")
MOST_KEYS = 32  # pressed with one wish


@dataclass(frozen=True, slots=True)
class CallWish:
    """One wish of an agent. `number` or `colleague` is whom a third party's leg goes to."""

    action: CallAction
    attempt_id: AttemptId
    number: str = ""
    colleague: SessionId | None = None
    digits: str = ""

    def __repr__(self) -> str:
        return f"CallWish({self.action.value}, {self.attempt_id})"


@dataclass(frozen=True, slots=True)
class CallControl:
    """What windows show of a call in progress beside its state."""

    arrangement: Arrangement = Arrangement.TALK
    third: ThirdStage | None = None
    third_label: str = ""  # a colleague's name, or the number as people write it
    trouble: str = ""  # why the last wish was not carried out, in a sentence
    recording: RecordingState = RecordingState.OFF
    recording_policy: RecordingPolicy = RecordingPolicy.OFF
    is_third: bool = False  # this seat is the third party, the call is another agent's
    supervised: Listening | None = None  # shown to the agent only where the profile says so
