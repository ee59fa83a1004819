"""What the gate is told of one number of one contact, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dialer_core.model.states import Mode
from dialer_core.rules.profiles import RuleProfile


class RefusalCode(StrEnum):
    """Why a number was not dialled, in the order in which the gate asks; saved by value."""

    NOT_DIALLABLE = "NOT_DIALLABLE"  # 1 the record is closed or the number is not valid
    SUPPRESSED = "SUPPRESSED"  # 2 on the client's own do-not-call list
    REGISTRY_HIT = "REGISTRY_HIT"  # 3 on a national register
    REGISTRY_STALE = "REGISTRY_STALE"  # 3 a register that must be asked is too old or missing
    NO_CONSENT = "NO_CONSENT"  # 4
    SECTOR_BANNED = "SECTOR_BANNED"  # 4
    OUT_OF_HOURS = "OUT_OF_HOURS"  # 5 calling hours where the person is
    ATTEMPT_LIMIT = "ATTEMPT_LIMIT"  # 6
    LOCKED_OUT = "LOCKED_OUT"  # 7
    CALLER_ID = "CALLER_ID"  # 8
    NO_RESERVED_AGENT = "NO_RESERVED_AGENT"  # 9
    OVER_BUDGET = "OVER_BUDGET"  # 10
    # 4, 8 the rules of the number's own country ask of trade or caller's number what those of the
    # campaign's do not: this number is refused, not the campaign
    NUMBERS_COUNTRY = "NUMBERS_COUNTRY"


@dataclass(frozen=True, slots=True)
class Lockout:
    """A lock-out in force for a number; `until` None is for ever."""

    mode: str  # BLOCK, RESERVED_AGENT_ONLY, RETIRE, SUPPRESS
    until: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class GateFacts:
    """All that the gate needs to know of one number, as the database has it at this moment."""

    number: str  # E.164
    is_diallable: bool  # the contact is open and the number not retired
    zones: Sequence[str]  # candidate time zones of the person; empty where unknown
    region: str  # ISO country of the number
    is_suppressed: bool
    registry_hits: Sequence[str] = ()  # ids of registers that list the number
    registry_age_days: Mapping[str, float] = field(default_factory=dict)  # of those loaded
    has_consent: bool = False  # specific consent to these calls is on the record
    has_hours_consent: bool = False  # agreed to be called at such an hour, as for a call-back
    has_ongoing_contract: bool = False
    is_in_public_directory: bool = False
    is_sector_authorised: bool = False  # the client holds the licence that the sector asks for
    sector: str = ""
    is_marketing: bool = True  # the campaign sells; false: it informs its own customers
    attempts_at: Sequence[datetime] = ()  # of this number and contact, for this client, 31 days
    lockouts: Sequence[Lockout] = ()
    caller_id: str = ""
    mode: Mode = Mode.PREVIEW
    has_reserved_agent: bool = False
    is_overdial: bool = False
    drops_left: int = 0  # of the budget; asked only where is_overdial
    country_rules: RuleProfile | None = None  # of the number's country, where not the campaign's
    max_ring_s: float | None = None  # how long the campaign rings; None: as the profile says

    def __repr__(self) -> str:
        return "GateFacts(...)"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The gate's no: the code and a sentence for the view "why is this person not called?"."""

    code: RefusalCode
    sentence: str
    retry_at: datetime | None = None  # when it is worth asking again, where known
