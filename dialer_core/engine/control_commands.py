"""What the engine wants done with calls in progress, calls by hand, and calls that come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialer_core.clock import Instant
from dialer_core.engine.control_events import Verdict
from dialer_core.model.call_control import (
    Arrangement,
    AskedByKey,
    Listening,
    RecordingPolicy,
    RecordingState,
    ThirdStage,
)
from dialer_core.model.ids import AttemptId, CampaignId, LineId, SessionId

# --- to the database --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoteControl:
    """Who hears whom in the call now."""

    attempt_id: AttemptId
    arrangement: Arrangement
    at: Instant


@dataclass(frozen=True, slots=True)
class NoteTrouble:
    """Why the session's last wish was not carried out; empty: it was, or it is being."""

    session_id: SessionId
    sentence: str


@dataclass(frozen=True, slots=True)
class ClearThird:
    """Ask the gate about a number as third party; answered by ThirdCleared or ThirdRefused."""

    attempt_id: AttemptId
    third_ref: str
    campaign_id: CampaignId
    session_id: SessionId  # who wants it
    number: str
    is_blind: bool
    at: Instant

    def __repr__(self) -> str:
        return f"ClearThird(third_ref={self.third_ref!r})"


@dataclass(frozen=True, slots=True)
class NoteThird:
    """Where a third party stands; the first word about a colleague makes the entry.

    `is_handed_over`: the person has gone on with this party.
    """

    attempt_id: AttemptId
    third_ref: str
    stage: ThirdStage
    at: Instant
    status: int = 0
    sentence: str = ""
    is_blind: bool = False
    wanted_by: SessionId | None = None
    colleague: SessionId | None = None
    label: str = ""
    is_handed_over: bool = False


@dataclass(frozen=True, slots=True)
class NoteRecording:
    """The state of a call's recording."""

    attempt_id: AttemptId
    state: RecordingState
    policy: RecordingPolicy
    path: str
    recorded_s: float
    sentence: str
    at: Instant
    session_id: SessionId | None = None  # whose call it is


@dataclass(frozen=True, slots=True)
class NoteSupervision:
    """How a supervisor takes part in a call from now on; None: no longer."""

    attempt_id: AttemptId
    session_id: SessionId
    how: Listening | None
    at: Instant
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class NoteVerdict:
    """What detection took the answer for."""

    attempt_id: AttemptId
    verdict: Verdict
    cause: str
    at: Instant
    speech_start: Instant | None = None
    greeting_end: Instant | None = None


@dataclass(frozen=True, slots=True)
class NoteTone:
    """A tone that was heard on the call; the last one stands."""

    attempt_id: AttemptId
    tone: str


@dataclass(frozen=True, slots=True)
class NoteKey:
    """What the person has asked for with a key; "never" is kept at once."""

    attempt_id: AttemptId
    asked: AskedByKey
    at: Instant


@dataclass(frozen=True, slots=True)
class ClearNumber:
    """Find or add the person of a number that an agent dials by hand, ask the gate, lease it.

    Answered by NumberCleared or NumberRefused.
    """

    session_id: SessionId
    campaign_id: CampaignId
    number: str

    def __repr__(self) -> str:
        return f"ClearNumber(session_id={self.session_id})"


@dataclass(frozen=True, slots=True)
class FindCaller:
    """Who calls, and a new attempt for it; answered by CallerFound or CallerUnknown."""

    line_id: LineId
    call_ref: str
    attempt_id: AttemptId  # of the call that came in
    caller: str
    called: str
    gateway: str

    def __repr__(self) -> str:
        return f"FindCaller(line_id={self.line_id!r}, call_ref={self.call_ref!r})"


ControlStoreCommand = (
    NoteControl
    | NoteTrouble
    | ClearThird
    | NoteThird
    | NoteRecording
    | NoteSupervision
    | NoteVerdict
    | NoteTone
    | NoteKey
    | ClearNumber
    | FindCaller
)

# --- to the lines -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ArrangeCall:
    """Change who hears whom."""

    line_id: LineId
    attempt_id: AttemptId
    how: Arrangement


@dataclass(frozen=True, slots=True)
class DialThird:
    """Call a third party: `number` through `gateway`, or the colleague `session_id`.

    `back_to`: who is called again where a blind transfer comes to nothing.
    """

    line_id: LineId
    attempt_id: AttemptId
    campaign_id: CampaignId
    third_ref: str
    number: str = ""
    gateway: str = ""
    session_id: SessionId | None = None
    is_blind: bool = False
    back_to: SessionId | None = None

    def __repr__(self) -> str:
        return f"DialThird(line_id={self.line_id!r}, third_ref={self.third_ref!r})"


@dataclass(frozen=True, slots=True)
class DropThird:
    """Hang the third party up, or give its ringing up."""

    line_id: LineId
    attempt_id: AttemptId


@dataclass(frozen=True, slots=True)
class PressKeys:
    """Press keys towards the person or the third party."""

    line_id: LineId
    attempt_id: AttemptId
    digits: str
    to: Literal["person", "third"] = "person"

    def __repr__(self) -> str:
        return f"PressKeys(line_id={self.line_id!r}, attempt_id={self.attempt_id!r})"


@dataclass(frozen=True, slots=True)
class SetRecording:
    """Start, pause, resume or stop the recording."""

    line_id: LineId
    attempt_id: AttemptId
    how: Literal["start", "pause", "resume", "stop"]


@dataclass(frozen=True, slots=True)
class Supervise:
    """Bring the supervisor's phone into the call, change how it takes part, or let it LEAVE."""

    line_id: LineId
    attempt_id: AttemptId
    session_id: SessionId
    how: Listening


@dataclass(frozen=True, slots=True)
class TakeCall:
    """Answer the offered call as this attempt; the queue's sound until an agent is brought."""

    line_id: LineId
    call_ref: str
    attempt_id: AttemptId
    campaign_id: CampaignId


@dataclass(frozen=True, slots=True)
class RefuseCall:
    """Do not take the offered call: 486 busy, 603 declined, 404 unknown."""

    line_id: LineId
    call_ref: str
    status: int


ControlLineCommand = (
    ArrangeCall
    | DialThird
    | DropThird
    | PressKeys
    | SetRecording
    | Supervise
    | TakeCall
    | RefuseCall
)
