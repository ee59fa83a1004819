"""An open attempt as the engine knows it, from the commit to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialer_core.clock import Instant
from dialer_core.model.ids import AttemptId, CampaignId, LineId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import CallStage, FormulaClass, Mode


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

    @property
    def agent_leg(self) -> Literal["ringing", "silent", "on_answer"]:
        """When the agent's leg is set up, and whether the agent hears it ring."""
        if not self.is_held:
            return "on_answer"
        return "ringing" if self.mode is Mode.PREVIEW else "silent"
