"""What the engine wants done.

The commands of one batch are carried out in two steps: first all that go to the database, in
their order and in one transaction, then those that go to lines. So nothing is dialled, bridged
or shown that is not on the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialer_core.clock import Instant
from dialer_core.engine.control_commands import ControlLineCommand, ControlStoreCommand
from dialer_core.engine.events import CallFacts
from dialer_core.model.ids import AttemptId, CampaignId, ContactId, LineId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState

# --- to the database ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeaseRecords:
    """Lease up to `count` records that pass the gate now; answered by RecordsLeased."""

    campaign_id: CampaignId
    count: int


@dataclass(frozen=True, slots=True)
class ReturnRecord:
    """A leased record was not dialled; it goes back, `skipped` ones for later.

    `rest_s`: nobody is offered it for so long, since others were better called now.
    """

    campaign_id: CampaignId
    contact_id: ContactId
    skipped_by: SessionId | None = None
    rest_s: float = 0.0


@dataclass(frozen=True, slots=True)
class CommitAttempt:
    """Last gate check and insert in one transaction; answered by AttemptCommitted or Refused.

    `gateway`: the one whose channel is kept for it.
    """

    attempt_id: AttemptId
    campaign_id: CampaignId
    record: LeasedRecord
    mode: Mode
    session_id: SessionId | None
    line_id: LineId
    is_overdial: bool  # launched beyond one per free seat
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class MoveAttempt:
    """The attempt has reached a stage; `session_id` where a seat is now chosen for it."""

    attempt_id: AttemptId
    stage: CallStage
    at: Instant
    session_id: SessionId | None = None


@dataclass(frozen=True, slots=True)
class CloseAttempt:
    """The attempt is over: outcome, class for the abandoned rate, facts (None: the line is lost).

    For CONNECTED calls the class is L until the agent's disposition says M or otherwise.
    """

    attempt_id: AttemptId
    outcome: Outcome
    formula_class: FormulaClass
    at: Instant
    facts: CallFacts | None


@dataclass(frozen=True, slots=True)
class SetSeat:
    """The session is now in this state since `at`.

    `pause_due`: when a pause that has not begun is due at the earliest (None: none is known to be,
    or it comes after the call). With AVAILABLE and a moment that has come, the break is held
    because lines ring for this seat: "Break in a moment: a line is ringing for you". It is told
    with every state, and again with AVAILABLE when it changes.
    `parked`: attempts of interrupted wrap-ups that the seat still owes, oldest first; when it goes
    back to one, WRAP_UP is told with that attempt, also straight after the WRAP_UP of another.
    """

    session_id: SessionId
    state: SeatState
    at: Instant
    reason: str = ""  # of a pause, or why the seat was taken out
    attempt_id: AttemptId | None = None
    contact_id: ContactId | None = None  # the record that the seat may now read
    until: Instant | None = None  # end of the countdown, limit of the wrap-up
    pause_due: Instant | None = None
    parked: tuple[AttemptId, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteDecision:
    """The pacer's decision in words, recorded when it changes."""

    campaign_id: CampaignId
    at: Instant
    launch: int
    reason: str
    figures: tuple[tuple[str, float], ...]
    rule: str = ""  # which rule spoke, if the pacer says so; rows are written when it changes


StoreCommand = (
    LeaseRecords
    | ReturnRecord
    | CommitAttempt
    | MoveAttempt
    | CloseAttempt
    | SetSeat
    | NoteDecision
    | ControlStoreCommand
)

# --- to the lines ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Originate:
    """Dial on this line, through this gateway. `session_id`: the seat held for the call, if any."""

    line_id: LineId
    attempt_id: AttemptId
    campaign_id: CampaignId
    number: str
    agent_leg: Literal["ringing", "silent", "on_answer"]
    session_id: SessionId | None
    gateway: str = ""
    is_judged: bool = False  # detection listens to the answer
    is_agentless: bool = False  # the campaign's message instead of an agent
    caller_id: str | None = None  # another than the campaign's

    def __repr__(self) -> str:
        return f"Originate(line_id={self.line_id!r}, attempt_id={self.attempt_id!r})"


@dataclass(frozen=True, slots=True)
class ConnectAgent:
    """Bring this seat to the person who has answered."""

    line_id: LineId
    attempt_id: AttemptId
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class PlayMessage:
    """Nobody is free: the recorded message, then hang up."""

    line_id: LineId
    attempt_id: AttemptId


@dataclass(frozen=True, slots=True)
class EndCall:
    """Hang up; a ringing call only after its minimum ring unless `now`."""

    line_id: LineId
    attempt_id: AttemptId
    now: bool = False


LineCommand = Originate | ConnectAgent | PlayMessage | EndCall | ControlLineCommand
Command = StoreCommand | LineCommand
