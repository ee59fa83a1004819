"""A day as the record has it: calls, sessions and settings, in seconds since the day's start.

What the store reads and the replay of the simulator begins from; moments that are not on the
record are None, and nothing is judged or filled in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dialer_core.model.campaign import Campaign
from dialer_core.model.states import FormulaClass, Mode, Outcome, SeatState


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One attempt. `outcome` None: it is still open; `said` is what the agent's code means."""

    contact: int
    session: int | None
    mode: Mode
    committed_s: float
    invite_s: float | None = None
    answered_s: float | None = None
    bridged_s: float | None = None
    message_s: float | None = None
    ended_s: float | None = None
    ended_by: str | None = None
    sip_status: int | None = None
    outcome: Outcome | None = None
    formula_class: FormulaClass | None = None
    said: Outcome | None = None
    is_overdial: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of one state of a session."""

    state: SeatState
    since_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class PauseWish:
    """An agent asked for a pause at `at_s`, to begin at `due_s` at the earliest."""

    at_s: float
    due_s: float


@dataclass(frozen=True, slots=True)
class RecordedSession:
    """One agent at one seat, as far as it lies on the day; stretches in the order of time."""

    id: int
    agent: int
    stretches: tuple[Stretch, ...]
    pause_wishes: tuple[PauseWish, ...] = ()
    is_relief: bool = False


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that was changed while the day ran; values as the audit log has them."""

    at_s: float
    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class RecordedDay:
    """One campaign's day, from midnight to midnight where the campaign is.

    `campaign` has the settings of the day's middle, as far as the audit log can tell them;
    `seen_until_s` is the newest moment that the record has of it. `lost_by_law` and `of_by_law`
    are numerator and denominator of the abandoned rate under the campaign's rule profile.
    """

    day: date
    start: datetime
    campaign: Campaign
    lines: int
    calls: tuple[RecordedCall, ...]
    sessions: tuple[RecordedSession, ...]
    changes: tuple[SettingChange, ...] = ()
    seen_until_s: float = 0.0
    lost_by_law: float = 0.0
    of_by_law: float = 0.0
