"""What the engine is told of calls in progress, of calls by hand, and of calls that come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialer_core.clock import Instant
from dialer_core.model.call_control import (
    Arrangement,
    AskedByKey,
    CallWish,
    Listening,
    RecordingState,
    ThirdStage,
)
from dialer_core.model.ids import AttemptId, CampaignId, LineId, SessionId
from dialer_core.model.records import LeasedRecord

Verdict = Literal["human", "machine", "not_sure"]

# --- agents and supervisors -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallWanted:
    """An agent wants something of the call in hand."""

    session_id: SessionId
    wish: CallWish


@dataclass(frozen=True, slots=True)
class ManualDialWanted:
    """An agent dials a number by hand (E.164)."""

    session_id: SessionId
    number: str

    def __repr__(self) -> str:
        return f"ManualDialWanted(session_id={self.session_id})"


@dataclass(frozen=True, slots=True)
class SuperviseWanted:
    """A supervisor wants to take part in a call with their own phone, or to leave it."""

    session_id: SessionId
    attempt_id: AttemptId
    how: Listening


# --- the database's answers -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThirdCleared:
    """Answer to ClearThird: the gate lets the number through."""

    attempt_id: AttemptId
    third_ref: str
    number: str  # E.164
    label: str  # as people write it

    def __repr__(self) -> str:
        return f"ThirdCleared(third_ref={self.third_ref!r})"


@dataclass(frozen=True, slots=True)
class ThirdRefused:
    """Answer to ClearThird: the gate says no; the reason is on the record."""

    attempt_id: AttemptId
    third_ref: str
    sentence: str


@dataclass(frozen=True, slots=True)
class NumberCleared:
    """Answer to ClearNumber: the person is known now, leased, and may be dialled."""

    session_id: SessionId
    record: LeasedRecord


@dataclass(frozen=True, slots=True)
class NumberRefused:
    """Answer to ClearNumber: the gate says no; the reason is on the record."""

    session_id: SessionId
    sentence: str


@dataclass(frozen=True, slots=True)
class CallerFound:
    """Answer to FindCaller: who calls, and the sessions of agents whom they know, best first."""

    line_id: LineId
    call_ref: str
    attempt_id: AttemptId
    campaign_id: CampaignId
    record: LeasedRecord
    gateway: str
    known_to: tuple[SessionId, ...] = ()


@dataclass(frozen=True, slots=True)
class CallerUnknown:
    """Answer to FindCaller: nobody of ours; the SIP status with which the call is refused."""

    line_id: LineId
    call_ref: str
    status: int


@dataclass(frozen=True, slots=True)
class RestoredControl:
    """What was being done with a call that was in progress before a restart."""

    arrangement: Arrangement = Arrangement.TALK
    recording: RecordingState = RecordingState.OFF
    third_ref: str = ""  # "": no third party
    third_stage: ThirdStage = ThirdStage.DIALLING
    colleague: SessionId | None = None
    is_blind: bool = False
    supervisor: SessionId | None = None
    supervised: Listening | None = None
    is_machine: bool = False


# --- lines ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallOffered:
    """Somebody calls this line, and hears it ring until an order comes."""

    line_id: LineId
    call_ref: str
    caller: str
    called: str
    gateway: str

    def __repr__(self) -> str:
        return f"CallOffered(line_id={self.line_id!r}, call_ref={self.call_ref!r})"


@dataclass(frozen=True, slots=True)
class OfferOver:
    """A call that was offered is over before anybody took it."""

    line_id: LineId
    call_ref: str


@dataclass(frozen=True, slots=True)
class Arranged:
    """Who hears whom, as the bridge says. `has_person`: False once the person has hung up."""

    line_id: LineId
    attempt_id: AttemptId
    how: Arrangement
    has_person: bool = True


@dataclass(frozen=True, slots=True)
class ThirdMoved:
    """The third party's leg has come to another stage."""

    line_id: LineId
    attempt_id: AttemptId
    third_ref: str
    stage: ThirdStage
    status: int = 0
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class KeyHeard:
    """Somebody on the call has pressed a key; `by`: person, agent, third or supervisor."""

    line_id: LineId
    attempt_id: AttemptId
    key: str
    by: str
    meaning: AskedByKey | None = None  # in the menu that the person hears

    def __repr__(self) -> str:
        return f"KeyHeard(line_id={self.line_id!r}, by={self.by!r})"


@dataclass(frozen=True, slots=True)
class RecordingMoved:
    """The recording's state; `recorded_s` of sound are in `path` so far."""

    line_id: LineId
    attempt_id: AttemptId
    state: RecordingState
    path: str
    recorded_s: float
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class SuperviseMoved:
    """How the supervisor takes part now; None: no longer."""

    line_id: LineId
    attempt_id: AttemptId
    session_id: SessionId
    how: Listening | None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class VerdictHeard:
    """What detection takes the answer for, and by which rule."""

    line_id: LineId
    attempt_id: AttemptId
    verdict: Verdict
    cause: str
    speech_start: Instant | None = None
    greeting_end: Instant | None = None


@dataclass(frozen=True, slots=True)
class ToneHeardOnLine:
    """A tone of the network or of a machine; `is_early`: before the answer."""

    line_id: LineId
    attempt_id: AttemptId
    tone: str
    is_early: bool


@dataclass(frozen=True, slots=True)
class WishRefused:
    """The line would not do what it was told with a call; `command` is its own word for that."""

    line_id: LineId
    attempt_id: AttemptId
    command: str
    sentence: str


ControlEvent = (
    CallWanted
    | ManualDialWanted
    | SuperviseWanted
    | ThirdCleared
    | ThirdRefused
    | NumberCleared
    | NumberRefused
    | CallerFound
    | CallerUnknown
    | CallOffered
    | OfferOver
    | Arranged
    | ThirdMoved
    | KeyHeard
    | RecordingMoved
    | SuperviseMoved
    | VerdictHeard
    | ToneHeardOnLine
    | WishRefused
)
