"""What a campaign is and what an agent can say of a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Final

from dialer_core.model.call_control import RecordingPolicy
from dialer_core.model.ids import CampaignId
from dialer_core.model.levers import OFFICE_LEVERS, Levers
from dialer_core.model.states import Mode, Outcome

NO_LIMIT: Final = 1000  # calls at a time; more than any trunk of a floor takes


class PreviewTimeout(StrEnum):
    """What happens when the countdown of a preview has run out."""

    DIAL = "dial"
    REQUEUE = "requeue"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Disposition:
    """One outcome that the agent can choose, and the key that chooses it."""

    code: str
    label: str
    key: str
    outcome: Outcome  # what it means for lock-outs, recycling and the abandoned rate
    is_final: bool  # the contact is closed
    is_success: bool = False
    is_danger: bool = False  # shown in the colour of trouble


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign's settings as the engine sees them; times in seconds."""

    id: CampaignId
    name: str
    mode: Mode
    profile_id: str
    profile_version: str
    caller_id: str
    client: str
    is_running: bool = True
    preview_s: float = 12.0
    preview_timeout: PreviewTimeout = PreviewTimeout.DIAL
    skips_a_day: int = 5
    wrap_up_limit_s: float = 60.0  # after it the outcome is asked for with urgency
    abandon_target: float = 0.02
    abandon_cap: float = 0.03
    abandon_formula: str = "OFCOM_AUTO"  # a value of rules.profiles.AbandonFormula
    connect_limit_s: float = 2.0
    message_lead_s: float = 0.25  # how long before the limit the message starts
    min_ring_s: float = 15.0
    max_ring_s: float = 45.0
    max_call_s: float = 3600.0
    max_lines: int = NO_LIMIT  # of its own; the trunk has its channels
    message_wav: str = "abandoned.wav"  # of resources/messages, or a path of the floor's own
    calling_ends: datetime | None = None  # planned end of today's calling; None: not known
    day_ends: time | None = None  # when the floor goes home, its own clock; None: as the law ends
    borrows_ahead: bool = True  # drops may be used ahead of the calls that earn them
    levers: Levers = OFFICE_LEVERS
    recording: RecordingPolicy = RecordingPolicy.OFF
    recording_pause_limit_s: float = 300.0  # a payment step that lasts longer is an alarm
    detection: bool = False  # of answering machines, where the rules allow it
    detection_deadline_s: float = 1.7  # from the answer; then it is taken for a person
    machine_message: bool = False  # a machine hears the recorded message, else it is hung up on
    hold_wav: str = ""  # each of these a path; empty: the program's own, or none
    notice_wav: str = ""  # "this call is recorded"
    queue_wav: str = ""
    agentless_wav: str = ""
    is_marketing: bool = True  # it sells: a message to people needs their consent
    longest_wait_s: float = 120.0  # of a caller in the queue; then a call-back is promised
    key_agent: str = ""  # keys of the agentless and the queue message; empty: not offered
    key_later: str = ""
    key_never: str = ""
    menu_repeats: int = 2
    menu_pause_s: float = 4.0
    parked_an_hour: int = 6  # wrap-ups of one seat that answered calls may interrupt in an hour
    dispositions: tuple[Disposition, ...] = field(default=())

    def disposition(self, code: str) -> Disposition | None:
        """The disposition of that code, or None where the campaign has none such."""
        return next((d for d in self.dispositions if d.code == code), None)
