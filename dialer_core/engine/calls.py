"""An open attempt as the engine knows it, from the commit to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialer_core.clock import Instant
from dialer_core.model.call_control import (
    Arrangement,
    AskedByKey,
    Listening,
    RecordingState,
    ThirdStage,
)
from dialer_core.model.ids import AttemptId, CampaignId, LineId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import CallStage, Direction, FormulaClass, Mode


@dataclass(slots=True)
class Third:
    """A third party that was asked for: a colleague, or a number outside."""

    ref: str
    is_blind: bool
    colleague: SessionId | None = None
    stage: ThirdStage = ThirdStage.DIALLING
    is_dialled: bool = False  # the line was told; else the gate is still being asked


@dataclass(slots=True)
class Call:
    """One attempt. Only `Floor.move_call` changes `stage`."""

    attempt_id: AttemptId
    campaign_id: CampaignId
    record: LeasedRecord
    mode: Mode
    line_id: LineId | None  # None: restored, and no line has claimed it (yet)
    session_id: SessionId | None  # seat that is held or chosen for it
    is_held: bool  # dialled for one seat: its leg is set up with the dialling
    stage: CallStage = CallStage.COMMITTED
    is_overdial: bool = False
    is_on_record: bool = False  # the commit was answered
    launched: Instant | None = None  # None after a restart
    idle_since: Instant | None = None  # of the seat that was held for it
    answered: Instant | None = None
    bridged: Instant | None = None
    ring_s: float = 0.0
    is_ring_logged: bool = False
    is_answer_logged: bool = False
    is_message_asked: bool = False
    counted: FormulaClass | None = None  # where the budget has it at this moment

    direction: Direction = Direction.OUT
    arrangement: Arrangement = Arrangement.TALK
    third: Third | None = None
    is_handed_over: bool = False  # goes on without the agent who had it
    taken: Instant | None = None  # when another seat took it over from the one that bridged it
    coded: str = ""  # the outcome that was chosen while it goes on without an agent
    recording: RecordingState = RecordingState.OFF
    supervisor: SessionId | None = None  # on the line, or on the way there
    supervised: Listening | None = None
    judge_by_s: float | None = None  # until when detection is waited for, monotonic
    is_machine: bool = False  # as detection has it
    tone: str = ""  # heard since the answer
    early_tone: str = ""  # heard before it
    wish: AskedByKey | None = None  # with a key of the message
    asked: Instant | None = None  # when a key asked for an agent: then the limit begins
    is_agent_lost: bool = False  # TALKING: the agent's phone is gone, the person hears music
    known_to: tuple[SessionId, ...] = ()  # agents whom a caller knows, best first

    @property
    def is_of_the_rate(self) -> bool:
        """Whether the abandoned rate has to do with it: dialled for an agent by the dialler."""
        if self.direction is Direction.IN or self.mode is Mode.MANUAL:
            return False
        return self.mode is not Mode.AGENTLESS or self.asked is not None

    @property
    def waits_since(self) -> Instant | None:
        """When the limit for finding an agent began; None: nobody has answered."""
        return self.asked or self.answered

    @property
    def agent_leg(self) -> Literal["ringing", "silent", "on_answer"]:
        """When the agent's leg is set up, and whether the agent hears it ring."""
        if not self.is_held:
            return "on_answer"
        return "ringing" if self.mode in (Mode.PREVIEW, Mode.MANUAL) else "silent"
