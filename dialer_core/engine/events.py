"""What the engine is told. Each event comes with the Instant at which it happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialer_core.clock import Instant
from dialer_core.engine.control_events import ControlEvent, RestoredControl
from dialer_core.model.call_control import AskedByKey
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import AttemptId, CampaignId, ContactId, LineId, SessionId
from dialer_core.model.records import DayCounts, LeasedRecord
from dialer_core.model.states import CallStage, Direction, Mode, SeatState
from dialer_core.pacing.view import AnswerEnd, HandleEnd, RingEnd
from dialer_core.rules.gateways import GatewayLimits


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; comes at least once a second."""


@dataclass(frozen=True, slots=True)
class CampaignSet:
    """A campaign's settings were read or have changed."""

    campaign: Campaign


@dataclass(frozen=True, slots=True)
class CountsRead:
    """The counts of the budget's window so far, as the database has them (at start)."""

    campaign_id: CampaignId
    counts: DayCounts


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """What today's calls have taught before a restart (after CountsRead); each ascends in time.

    On this process's monotonic scale. A campaign that has calls of its own already ignores it.
    """

    campaign_id: CampaignId
    rings: Sequence[RingEnd]
    handles: Sequence[HandleEnd]
    answers: Sequence[AnswerEnd]


@dataclass(frozen=True, slots=True)
class DiallingStopped:
    """No more launches; calls in progress go on to their end. Undone by DiallingResumed."""


@dataclass(frozen=True, slots=True)
class DiallingResumed:
    """Launches may go on."""


# --- seats ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeatOpened:
    """A session was opened, or is known from before a restart (then with its state)."""

    session_id: SessionId
    campaign_id: CampaignId
    agent_name: str
    state: SeatState = SeatState.PAUSED
    since: Instant | None = None
    attempt_id: AttemptId | None = None
    record: LeasedRecord | None = None  # the record on its screen, in PREVIEW
    pause_wanted: str | None = None  # reason of a pause that waits for the call's end
    skips_today: int = 0  # records that this agent has passed on today
    is_relief: bool = False  # takes an answered call only when no other seat is free
    parked: tuple[tuple[AttemptId, LeasedRecord], ...] = ()  # wrap-ups to be finished, oldest first
    pause_due: Instant | None = None  # the moment of `pause_wanted` where it was announced
    is_supervisor: bool = False  # is there to listen in, and no seat of the campaign


@dataclass(frozen=True, slots=True)
class SeatClosed:
    """The agent has logged out or the seat is gone."""

    session_id: SessionId


@dataclass(frozen=True, slots=True)
class AvailableWanted:
    """The agent wants work."""

    session_id: SessionId


@dataclass(frozen=True, slots=True)
class PauseWanted:
    """The agent wants a pause, from `at` on (now where it is None).

    It begins at once where nobody is on the line for this seat and no ringing line is meant for
    it, else when that is resolved.
    """

    session_id: SessionId
    reason: str
    at: Instant | None = None


@dataclass(frozen=True, slots=True)
class StageReached:
    """The agent has come to a stage of the call that says something about its end.

    `stage` is a short code that stays the same from call to call ("script:3", "outcome", "notes").
    """

    session_id: SessionId
    attempt_id: AttemptId
    stage: str


@dataclass(frozen=True, slots=True)
class PreviewDrawn:
    """The record is really on the agent's screen: the countdown starts now."""

    session_id: SessionId
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class PreviewAccepted:
    """The agent dials now."""

    session_id: SessionId
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class PreviewSkipped:
    """The agent passes; somebody else may get the record later."""

    session_id: SessionId
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class OutcomeChosen:
    """The agent has chosen the outcome (already in the database) and is done with the record."""

    session_id: SessionId
    attempt_id: AttemptId
    code: str


# --- database -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordsLeased:
    """Answer to LeaseRecords. Fewer than asked for, or none: the list has no more now."""

    campaign_id: CampaignId
    records: Sequence[LeasedRecord]


@dataclass(frozen=True, slots=True)
class AttemptCommitted:
    """Answer to CommitAttempt: it is on the record, the INVITE may leave."""

    attempt_id: AttemptId


@dataclass(frozen=True, slots=True)
class AttemptRefused:
    """Answer to CommitAttempt: the gate refused, the reason is recorded, nothing may be dialled."""

    attempt_id: AttemptId
    reason: str
    is_of_the_moment: bool = False  # the budget stood in the way, not this contact


@dataclass(frozen=True, slots=True)
class AttemptRestored:
    """After a restart: an attempt that was open in the database. A line may claim it."""

    attempt_id: AttemptId
    campaign_id: CampaignId
    record: LeasedRecord
    mode: Mode
    stage: CallStage
    session_id: SessionId | None
    answered: Instant | None
    bridged: Instant | None
    control: RestoredControl | None = None
    direction: Direction = Direction.OUT
    asked: AskedByKey | None = None


@dataclass(frozen=True, slots=True)
class Recovered:
    """All lines were asked and all journals read: what no line has claimed is closed."""


# --- lines ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LineUp:
    """A line is there; `attempt_id` is the call that it has in hand, `stage` where that stands."""

    line_id: LineId
    attempt_id: AttemptId | None = None
    stage: CallStage | None = None
    session_id: SessionId | None = None
    gateway: str = ""  # which that call has taken
    is_for_callers: bool = False  # kept free for calls that come in


@dataclass(frozen=True, slots=True)
class LineLost:
    """A line's process is gone."""

    line_id: LineId


@dataclass(frozen=True, slots=True)
class CallRinging:
    """18x came back."""

    line_id: LineId
    attempt_id: AttemptId


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """The person's 200 came."""

    line_id: LineId
    attempt_id: AttemptId


@dataclass(frozen=True, slots=True)
class CallBridged:
    """Person and agent hear each other."""

    line_id: LineId
    attempt_id: AttemptId
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class SeatUnreachable:
    """The agent's leg could not be set up, or broke without a hang-up; the person waits."""

    line_id: LineId
    attempt_id: AttemptId
    session_id: SessionId
    sentence: str


@dataclass(frozen=True, slots=True)
class MessageBegan:
    """The recorded message has begun to play."""

    line_id: LineId
    attempt_id: AttemptId


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What the line knows of a finished call, for the record; moments None where they never came.

    `ended_by`: person, agent, line, dialler or network. `crossed`: a 200 crossed our CANCEL.
    `gateway`: the name of the one that it took. `cancelled`: when our CANCEL left, if it did.
    """

    sip_status: int
    reason: str
    q850: int | None
    ended_by: str
    crossed: bool
    message_played: bool
    invite: Instant
    progress: Instant | None
    ringing: Instant | None
    early_media: Instant | None
    answered: Instant | None
    bridged: Instant | None
    message: Instant | None
    ended: Instant
    session_id: SessionId | None
    sip_call_id: str
    gateway: str = ""
    cancelled: Instant | None = None


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The attempt is over on the line."""

    line_id: LineId
    attempt_id: AttemptId
    facts: CallFacts


@dataclass(frozen=True, slots=True)
class TrunkSet:
    """The trunk's gateways are these now, in the order of preference; their calls go on."""

    limits: tuple[GatewayLimits, ...]


@dataclass(frozen=True, slots=True)
class LinesKept:
    """Only these lines are used from now on; others once more, until they are idle."""

    line_ids: frozenset[LineId]


Event = (
    Tick
    | TrunkSet
    | LinesKept
    | CampaignSet
    | CountsRead
    | HistoryRead
    | DiallingStopped
    | DiallingResumed
    | SeatOpened
    | SeatClosed
    | AvailableWanted
    | PauseWanted
    | StageReached
    | PreviewDrawn
    | PreviewAccepted
    | PreviewSkipped
    | OutcomeChosen
    | RecordsLeased
    | AttemptCommitted
    | AttemptRefused
    | AttemptRestored
    | Recovered
    | LineUp
    | LineLost
    | CallRinging
    | CallAnswered
    | CallBridged
    | SeatUnreachable
    | MessageBegan
    | CallEnded
    | ControlEvent
)
