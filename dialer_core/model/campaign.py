"""What a campaign is and what an agent can say of a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from dialer_core.model.ids import CampaignId
from dialer_core.model.levers import OFFICE_LEVERS, Levers
from dialer_core.model.states import Mode, Outcome


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
    max_lines: int = 30
    message_wav: str = "abandoned.wav"  # of resources/messages, or a path of the floor's own
    calling_ends: datetime | None = None  # planned end of today's calling; None: not known
    day_ends: time | None = None  # when the floor goes home, its own clock; None: as the law ends
    borrows_ahead: bool = True  # drops may be used ahead of the calls that earn them
    levers: Levers = OFFICE_LEVERS
    parked_an_hour: int = 6  # wrap-ups of one seat that answered calls may interrupt in an hour
    dispositions: tuple[Disposition, ...] = field(default=())

    def disposition(self, code: str) -> Disposition | None:
        """The disposition of that code, or None where the campaign has none such."""
        return next((d for d in self.dispositions if d.code == code), None)
