"""A seat as the engine knows it: one agent's session, its state and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from dialer_core.clock import Instant
from dialer_core.model.ids import AttemptId, CampaignId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import FormulaClass, SeatState


class Handled(NamedTuple):
    """The call that a seat in wrap-up has just ended, for the pacer's log and the budget."""

    talk_s: float
    ring_s: float
    counted: FormulaClass | None


@dataclass(slots=True)
class Seat:
    """One session. Only `Floor.set_seat` changes `state`."""

    session_id: SessionId
    campaign_id: CampaignId
    agent_name: str
    state: SeatState
    since: Instant
    told: SeatState  # the state that the record has; differs only while a commit is on its way
    attempt_id: AttemptId | None = None
    record: LeasedRecord | None = None  # on the screen, or of the call
    until: Instant | None = None  # end of the countdown, limit of the wrap-up
    draw_by_s: float | None = None  # PREVIEW: monotonic time by which the window must have drawn
    pause_wanted: str | None = None  # reason of a pause that waits for the call's end
    coded: str | None = None  # outcome chosen before the end of the call was known
    handled: Handled | None = None
    skips: int = 0
    skips_on: date | None = None

    def skips_used(self, day: date) -> int:
        """How many records this seat has passed on that day."""
        return self.skips if self.skips_on == day else 0
