"""View values: what the windows draw. Frozen, ready to draw, free of ids that nobody needs.

Moments are UTC seconds since the epoch; a window is handed a clock for the running timers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from dialer_core.model.call_control import (
    FOR_COLLEAGUES,
    Arrangement,
    CallAction,
    CallWish,
    Listening,
    RecordingPolicy,
    RecordingState,
    ThirdStage,
)
from dialer_core.model.ids import AttemptId, SessionId
from dialer_core.model.levers import OFFICE_LEVERS, Levers
from dialer_core.model.states import CallStage, Mode, SeatState

__all__ = [
    "FOR_COLLEAGUES",
    "Arrangement",
    "AttemptId",
    "CallAction",
    "CallStage",
    "CallWish",
    "Levers",
    "Listening",
    "Mode",
    "RecordingPolicy",
    "RecordingState",
    "SeatState",
    "SessionId",
    "ThirdStage",
]


@dataclass(frozen=True, slots=True)
class Detail:
    """One labelled fact of a record; `is_strong` ones carry weight, `is_due` a promise's dot."""

    label: str
    value: str
    is_strong: bool = False
    is_due: bool = False


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One earlier call: the day in words, what came of it, who made it."""

    day: str
    outcome: str
    agent: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """The person on the screen. `attempt_id` is empty while nothing has been dialled."""

    contact_id: int
    attempt_id: str
    name: str
    number: str
    number_label: str  # "mobile 2 of 2"
    place: str  # "Leeds · 14:05 there · callable until 20:00"
    details: tuple[Detail, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    last_note: str = ""


@dataclass(frozen=True, slots=True)
class ScriptPage:
    """One step of the conversation: what to say, and a hint."""

    text: str
    title: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ScriptView:
    """The pages to say, at least one. `name` is set in weight wherever it occurs in a text."""

    pages: tuple[ScriptPage, ...]
    name: str = ""
    objections: tuple[tuple[str, str], ...] = ()  # label, answer; at hand on every page


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """One outcome on its key."""

    code: str
    label: str
    key: str
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class CallView:
    """The phone's own truth: whether a call is up, since when, and the microphone's state."""

    is_up: bool = False
    is_connected: bool = False
    since_utc_s: float | None = None
    is_muted: bool = False
    has_sound: bool = False
    sound: str = ""  # the device in words, or what is missing


@dataclass(frozen=True, slots=True)
class ControlView:
    """What is made of the call: who hears whom, the third party, the recording."""

    arrangement: Arrangement = Arrangement.TALK
    since_utc_s: float | None = None  # since when it is so
    third: ThirdStage | None = None  # None, too, once that leg has gone
    third_label: str = ""  # a colleague's name, or the number as people write it
    trouble: str = ""  # why the last wish was not carried out, in a sentence
    recording: RecordingState = RecordingState.OFF
    recording_policy: RecordingPolicy = RecordingPolicy.OFF
    recording_since_utc_s: float | None = None  # since when it is so
    payment_limit_s: float = 120.0  # a payment step that lasts longer is an alarm
    supervised: Listening | None = None  # where the profile says that the agent may know
    is_third: bool = False  # this seat is the third party: the call is a colleague's


@dataclass(frozen=True, slots=True)
class ColleagueView:
    """Somebody of the floor to whom a call can be given."""

    session_id: int
    name: str
    state: SeatState
    reason: str = ""  # of a pause


@dataclass(frozen=True, slots=True)
class NumberAnswer:
    """What is known of the number that was typed: as people write it, and a sentence on it.

    `text` is what was asked about, so that a late answer is not taken for another number's.
    """

    text: str
    sentence: str = ""
    can_dial: bool = False

    def __repr__(self) -> str:
        return f"NumberAnswer(can_dial={self.can_dial})"


class Advice(Protocol):
    """What the line doctor says: what is wrong, what to do about it, how bad it is."""

    @property
    def sentence(self) -> str: ...
    @property
    def what_to_do(self) -> str: ...
    @property
    def severity(self) -> str: ...


@dataclass(frozen=True, slots=True)
class AdviceView:
    """One piece of advice, ready to draw."""

    sentence: str
    what_to_do: str = ""
    severity: str = "warning"


@dataclass(frozen=True, slots=True)
class DevicesView:
    """Which sound devices there are, which were chosen, and which are in use; by name.

    Chosen is "" for the system's own, in use "" for none.
    """

    microphones: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    chosen_microphone: str = ""
    chosen_speaker: str = ""
    chosen_ringer: str = ""
    microphone: str = ""
    speaker: str = ""
    ringer: str = ""
    is_echo_on: bool = False
    is_in_call: bool = False
    notice: str = ""  # what is wrong with the sound, in a sentence
    has_come: bool = True  # False until the phone has answered


@dataclass(frozen=True, slots=True)
class LevelsView:
    """How loud the last tenth of a second was, in dBFS; -100 is silence."""

    microphone_dbfs: float = -100.0
    speaker_dbfs: float = -100.0
    is_muted_by_system: bool = False


@dataclass(frozen=True, slots=True)
class TodayView:
    """The agent's own day."""

    contacts: int = 0
    successes: int = 0
    mean_wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class ParkedView:
    """A person whose wrap-up an answered call has interrupted; it is finished afterwards."""

    name: str
    has_note: bool = False


@dataclass(frozen=True, slots=True)
class AgentView:
    """All that the agent's window draws, at one moment."""

    agent_name: str
    campaign_name: str
    mode: Mode
    state: SeatState
    since_utc_s: float
    reason: str = ""  # of a pause, or why the seat was taken out
    until_utc_s: float | None = None  # end of the countdown, limit of the wrap-up
    countdown_s: float = 12.0  # whole length of the preview's countdown
    wrap_up_s: float = 60.0  # whole length of the wrap-up's limit
    preview_then: str = "then: dial by itself"
    skips_used: int = 0
    skips_a_day: int = 5
    is_pause_due: bool = False  # a pause was asked for and has not begun
    pause_reason: str = ""  # of that pause
    pause_due_utc_s: float | None = None  # when it may begin; None: after what runs
    is_relief: bool = False  # is called only when nobody else is free
    parked: tuple[ParkedView, ...] = ()  # the oldest first
    is_back: bool = False  # this wrap-up was interrupted and goes on now
    record: RecordView | None = None
    script: ScriptView | None = None
    outcomes: tuple[OutcomeView, ...] = ()
    can_choose_outcome: bool = False
    note: str = ""  # what was written on this attempt so far, for a window that came back
    call: CallView = field(default_factory=CallView)
    control: ControlView = field(default_factory=ControlView)
    can_dial_by_hand: bool = False  # the campaign allows it
    advice: AdviceView | None = None  # the line doctor's most urgent
    today: TodayView = field(default_factory=TodayView)
    notices: tuple[str, ...] = ()  # sentences on trouble, the newest first


@dataclass(frozen=True, slots=True)
class LoginView:
    """Who may log in at this seat, and what went wrong last time."""

    agents: tuple[str, ...] = ()
    seat_name: str = ""
    error: str = ""
    is_busy: bool = False
    progress: str = ""  # "Starting the phone …"


# --- supervisor -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeatRowView:
    """One row of the floor table."""

    session_id: int
    agent: str
    state: SeatState
    reason: str
    since_utc_s: float
    with_whom: str
    contacts_today: int
    is_trouble: bool = False  # paused by a fault (no headset, phone gone), not by choice
    is_relief: bool = False  # is called only when nobody else is free
    attempt_id: str = ""  # of the call that a supervisor may listen to; empty: none
    listening: Listening | None = None  # how a supervisor takes part in it now


@dataclass(frozen=True, slots=True)
class SeatAdviceView:
    """What the line doctor says of one seat's call; `session_id` 0: of the trunk."""

    session_id: int
    agent: str
    advice: tuple[AdviceView, ...]


@dataclass(frozen=True, slots=True)
class SupervisedView:
    """One call as a supervisor who listens to it sees it.

    `listening` is what the line says, None while nobody takes part. `person` is the name of who
    was called; `trouble` says why the last wish was not carried out.
    """

    session_id: int
    attempt_id: str
    agent: str
    person: str
    since_utc_s: float
    is_up: bool = True  # a person is on the line
    listening: Listening | None = None
    is_joining: bool = False
    has_phone: bool = True  # this PC has a phone to listen with
    agent_is_told: bool = False  # the rules have the agent know it
    trouble: str = ""
    advice: tuple[AdviceView, ...] = ()


@dataclass(frozen=True, slots=True)
class TileView:
    """One figure with its target and its formula."""

    name: str
    value: str
    detail: str  # "of 3.0 · 95 % 1.0 to 3.4"
    tooltip: str  # the formula with numerator and denominator
    state: str = "neutral"  # neutral, good, warning, trouble
    history: tuple[float, ...] = ()  # for the sparkline, oldest first


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision of the pacer in words; it holds from its moment until the next one."""

    at_utc_s: float
    launch: int
    reason: str


@dataclass(frozen=True, slots=True)
class FloorPoint:
    """One sample of the live plots."""

    at_utc_s: float
    seats: dict[SeatState, int]
    calls: dict[CallStage, int]
    abandoned_share: float | None  # 0.019; None where nobody has answered yet
    abandoned_low: float | None
    abandoned_high: float | None


@dataclass(frozen=True, slots=True)
class SupervisorView:
    """All that the supervisor's window draws, at one moment."""

    campaign_name: str
    mode: Mode
    is_running: bool
    is_dialler_alive: bool
    target: float
    cap: float
    drops_left: int
    drops_allowed: int
    callable_until: str  # "20:00", or "closed until Monday 08:00"
    lines_in_use: int
    lines: int
    tiles: tuple[TileView, ...] = ()
    decisions: tuple[DecisionView, ...] = ()  # newest first
    seats: tuple[SeatRowView, ...] = ()
    refusals: tuple[tuple[str, int], ...] = ()  # words, count today
    levers: Levers = OFFICE_LEVERS  # what the pacer may use
    parked_an_hour: int = 6  # wrap-ups of one seat that may be interrupted in an hour
    borrows_ahead: bool = True  # drops may be used ahead of the calls that earn them
    day_ends: str = ""  # "17:30" where the campaign is; empty: calling ends as the law says
    notices: tuple[str, ...] = ()
    advice: tuple[SeatAdviceView, ...] = ()  # of the line doctor, the worst seat first
    own_session_id: int = 0  # of the phone at this PC; 0: it has none
