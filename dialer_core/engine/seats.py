"""A seat as the engine knows it: one agent's session, its state and what it holds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from dialer_core.clock import Instant
from dialer_core.model.ids import AttemptId, CampaignId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import FormulaClass, SeatState

HOUR_S = 3600.0


class Handled(NamedTuple):
    """The call that a seat in wrap-up has just ended, for the pacer's log and the budget."""

    talk_s: float
    ring_s: float
    counted: FormulaClass | None


class Parked(NamedTuple):
    """A wrap-up that an answered call has interrupted; the seat comes back to it."""

    attempt_id: AttemptId
    record: LeasedRecord | None
    handled: Handled | None  # None after a restart
    wrapped_s: float  # spent on it so far


class Announced(NamedTuple):
    """A pause that is to begin later."""

    reason: str
    at: Instant


@dataclass(slots=True)
class Hold:
    """A pause that is due and waits, with the seat free, for the lines that ring for it."""

    since: Instant
    calls: frozenset[str]  # in flight when the pause was wanted
    until_s: float  # monotonic: it waits no longer
    is_told: bool = False  # the record, and so the agent, knows


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
    reason: str = ""  # as it was last told
    until: Instant | None = None  # end of the countdown, limit of the wrap-up
    is_dial_due: bool = False  # its preview is over, the trunk takes the call in a moment
    draw_by_s: float | None = None  # PREVIEW: monotonic time by which the window must have drawn
    pause_wanted: str | None = None  # reason of a pause that waits for the call's end
    announced: Announced | None = None
    hold: Hold | None = None  # AVAILABLE only: `pause_wanted` waits for ringing lines
    coded: str | None = None  # outcome chosen before the end of the call was known
    handled: Handled | None = None
    wrapped_s: float = 0.0  # WRAP_UP: spent on it before it was interrupted
    parked: list[Parked] = field(default_factory=list)  # oldest first
    parked_at: deque[float] = field(default_factory=deque)  # monotonic, of the last hour
    is_relief: bool = False
    is_supervisor: bool = False  # listens in; counts nowhere as a seat
    is_helping: bool = False  # on another agent's call, as third party
    phone_came_s: float | None = None  # monotonic, when another phone took the place of a dead one
    trouble: str = ""  # why the last wish was not carried out, as it was told
    skips: int = 0
    skips_on: date | None = None

    def may_park(self, an_hour: int, now: Instant) -> bool:
        """Whether an answered call may take the seat out of its wrap-up now, as far as it can tell.

        Not twice at a time, not where a pause is wanted, and no more than `an_hour` times an hour.
        A wrap-up whose record is not known (from before a restart) is left in peace.
        """
        if self.state is not SeatState.WRAP_UP or self.attempt_id is None or self.record is None:
            return False
        if self.parked or self.pause_wanted is not None or self.is_relief:
            return False
        while self.parked_at and now.mono_s - self.parked_at[0] >= HOUR_S:
            self.parked_at.popleft()
        return len(self.parked_at) < an_hour

    @property
    def pause_due(self) -> Instant | None:
        """When a pause that has not begun is due at the earliest; None: none, or after the call."""
        if self.hold is not None:
            return self.hold.since
        return self.announced.at if self.announced is not None else None

    def skips_used(self, day: date) -> int:
        """How many records this seat has passed on that day."""
        return self.skips if self.skips_on == day else 0
