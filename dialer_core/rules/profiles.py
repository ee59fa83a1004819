"""Rule profiles: the law of a country as one typed row of data, read from the shipped file.

The engine has no country code in it; whatever differs between countries is a field here. The
values and the evidence behind each are those of the project's facts sheet on regulation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

import msgspec

import resources
from dialer_core.model.errors import KnownError

SHIPPED = "rule_profiles.json"
REHEARSAL = "REHEARSAL"
RING_CADENCE_S = 5.0  # one ring with its pause, where rings cannot be counted


class AbandonFormula(StrEnum):
    """How the abandoned rate is reckoned from the five counts; see `rules.abandonment`."""

    OFCOM_AMD = "OFCOM_AMD"
    OFCOM_NO_AMD = "OFCOM_NO_AMD"
    OFCOM_AUTO = "OFCOM_AUTO"
    US_LIVE_ANSWERED = "US_LIVE_ANSWERED"
    IT_PER_SUCCESSFUL = "IT_PER_SUCCESSFUL"
    STRICT_WORST = "STRICT_WORST"


class AbandonWindow(StrEnum):
    """The time over which the abandoned rate must be kept."""

    CALENDAR_DAY_CALLER_TZ = "CALENDAR_DAY_CALLER_TZ"
    CALENDAR_DAY_CALLEE_TZ = "CALENDAR_DAY_CALLEE_TZ"
    ROLLING_P30D = "ROLLING_P30D"
    CAMPAIGN_PERIOD_P30D = "CAMPAIGN_PERIOD_P30D"  # successive blocks from the campaign's start


class AbandonScope(StrEnum):
    """The calls over which the abandoned rate must be kept; all that are named must pass."""

    CAMPAIGN = "CAMPAIGN"
    SITE = "SITE"
    CLIENT = "CLIENT"


class ConnectClock(StrEnum):
    """When the connect limit starts to run."""

    ANSWER = "ANSWER"
    SPEECH_START = "SPEECH_START"
    SPEECH_START_ELSE_ANSWER = "SPEECH_START_ELSE_ANSWER"
    GREETING_END = "GREETING_END"


class LockoutMode(StrEnum):
    """What a lock-out allows while it is in force."""

    BLOCK = "BLOCK"  # nobody may dial
    RESERVED_AGENT_ONLY = "RESERVED_AGENT_ONLY"  # preview, or one to one with a held agent
    RETIRE = "RETIRE"  # the number is dead
    SUPPRESS = "SUPPRESS"  # on the client's own do-not-call list, for every campaign


class AttemptWindow(StrEnum):
    """The time over which attempts are counted."""

    CALENDAR_DAY = "CALENDAR_DAY"  # in the person's zone
    ROLLING_PT24H = "ROLLING_PT24H"
    ROLLING_P30D = "ROLLING_P30D"


class LockoutRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an outcome does to the number; `seconds` None is for ever."""

    outcome: str
    seconds: int | None
    mode: LockoutMode
    scope: str
    then: LockoutMode | None = None  # what follows the time, for ever
    until: str | None = None  # END_OF_CALENDAR_DAY_MIN: at least to the end of the person's day

    def __post_init__(self) -> None:
        if self.seconds is not None and self.seconds < 0:
            raise ValueError(f"the lock-out after {self.outcome} has a negative time")


class AttemptLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At most `count` attempts in `window`, counted on number and contact for one client."""

    count: int
    window: AttemptWindow
    basis: str
    scope: str


class Registry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A national do-not-call register; a copy older than `max_age_days` makes nobody diallable."""

    id: str
    required: bool
    max_age_days: float
    grace_days_after_registration: float | None = None
    overridable_by_specific_consent: bool = False
    applies_to: str = ""
    valid_to: str | None = None  # last day on which it counts, ISO
    note: str = ""


class SectorBan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A trade that may not call, or only with consent."""

    sector: str
    rule: str
    since: str | None = msgspec.field(default=None, name="from")


Spans = tuple[tuple[str, str], ...]  # ("08:00", "21:00"), the end is not included


class CallingHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Spans local to the person. A holiday replaces the weekday; its eve narrows the weekday."""

    mon: Spans
    tue: Spans
    wed: Spans
    thu: Spans
    fri: Spans
    sat: Spans
    sun: Spans
    holiday: Spans
    holiday_eve: Spans | None = None

    def __post_init__(self) -> None:
        for spans in (*self.week(), self.holiday, self.holiday_eve or ()):
            for start, end in spans:
                if not 0 <= minutes(start) < minutes(end) <= 24 * 60:
                    raise ValueError(f"{start} to {end} is not a time of day to call in")

    def week(self) -> tuple[Spans, ...]:
        """Monday's to Sunday's spans."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)


def minutes(clock: str) -> int:
    """Minutes since midnight of "HH:MM"; "24:00" is the day's end. ValueError if it is neither."""
    hours, colon, rest = clock.partition(":")
    if not (colon and hours.isdecimal() and rest.isdecimal() and len(rest) == 2 and int(rest) < 60):
        raise ValueError(f"{clock!r} is not a time of day")
    return int(hours) * 60 + int(rest)


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(
    r"(?:(mon|tue|wed|thu|fri|sat|sun)(?:-(mon|tue|wed|thu|fri|sat|sun))?\s+)?"
    r"(\d\d:\d\d)-(\d\d:\d\d)(?:\s+daily)?",
    re.ASCII | re.IGNORECASE,
)
_ATTEMPTS = re.compile(r"(\d+)/(PT24H|P30D|DAY)\b.*", re.ASCII)
_ATTEMPT_WINDOWS = {
    "PT24H": AttemptWindow.ROLLING_PT24H,
    "P30D": AttemptWindow.ROLLING_P30D,
    "DAY": AttemptWindow.CALENDAR_DAY,
}


class RegionOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Stricter hours or attempts of a part of a country.

    `hours` reads like "Mon-Sat 09:00-21:00, Sun 12:00-21:00" or "08:00-20:00 daily"; `attempts`
    like "3/PT24H same subject" (the subject is not known here, so all calls count).
    """

    region: str
    hours: str | None = None
    attempts: str | None = None

    def __post_init__(self) -> None:
        self.week()
        self.limit()

    def week(self) -> tuple[Spans, ...] | None:
        """Monday's to Sunday's spans (a day not named has none), or None; ValueError if unread."""
        return None if self.hours is None else _read_week(self.hours)

    def limit(self) -> AttemptLimit | None:
        """The attempt limit, or None; ValueError if it cannot be read."""
        if self.attempts is None:
            return None
        found = _ATTEMPTS.fullmatch(self.attempts)
        if found is None:
            raise ValueError(f"cannot read the attempts {self.attempts!r}")
        window = _ATTEMPT_WINDOWS[found.group(2)]
        return AttemptLimit(int(found.group(1)), window, "ATTEMPTS", "number+client")


@lru_cache(maxsize=64)
def _read_week(text: str) -> tuple[Spans, ...]:
    week: list[Spans] = [()] * 7
    for part in text.split(","):
        found = _HOURS.fullmatch(part.strip())
        if found is None or not minutes(found.group(3)) < minutes(found.group(4)) <= 24 * 60:
            raise ValueError(f"cannot read the hours {text!r}")
        first, last, start, end = found.groups()
        low = _WEEKDAYS.index(first.lower()) if first else 0
        high = _WEEKDAYS.index(last.lower()) if last else (low if first else 6)
        for index in range(low, high + 1):
            week[index] = (*week[index], (start, end))
    return tuple(week)


class RuleProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One profile: a frozen value. Milliseconds, ratios and days as the field's name says.

    Make a variant with `msgspec.structs.replace(profile, field=value)`.
    """

    profile_id: str
    country: str | None
    name: str
    version: str
    effective_from: str | None = None
    effective_to: str | None = None
    abandon_cap: float
    abandon_target: float
    abandon_formula: AbandonFormula
    abandon_windows: tuple[AbandonWindow, ...]
    abandon_scopes: tuple[AbandonScope, ...]
    connect_limit_ms: int
    connect_clock: ConnectClock
    min_ring_ms: int
    min_ring_count: int
    max_ring_ms: int
    message_required: bool
    message_start_limit_ms: int
    message_fields: tuple[str, ...]
    message_marketing_allowed: bool
    comfort_noise_required: bool
    lockouts: tuple[LockoutRule, ...]
    attempt_limits: tuple[AttemptLimit, ...]
    calling_hours: CallingHours
    hours_waived_by_consent: bool
    holiday_calendar: str
    tz_basis: str
    region_overrides: tuple[RegionOverride, ...]
    cli_required: bool
    cli_allowed_prefixes: tuple[str, ...]
    cli_denied_prefixes: tuple[str, ...]
    cli_callback_must_answer: bool
    consent_basis: str
    consent_proof_retention_days: int
    dnc_registries: tuple[Registry, ...]
    dnc_internal: bool
    dnc_internal_apply_within_hours: float
    dnc_internal_retention_days: int | None
    amd_allowed: bool
    amd_fp_mode: str
    amd_fp_fallback: float
    amd_fp_min_sample: int
    amd_uncertain_is_human: bool
    recording_mode: str
    recording_retention_days: int
    pci_pause_required: bool
    record_retention_days: int
    sector_bans: tuple[SectorBan, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.abandon_target <= self.abandon_cap < 1:
            raise ValueError("the abandoned target must lie between 0 and the cap, the cap below 1")
        if self.connect_limit_ms <= 0:
            raise ValueError("the connect limit must be above 0 ms")
        if not 0 <= self.min_ring_s <= self.max_ring_s:
            raise ValueError("the minimum ring must not be longer than the maximum")

    @property
    def stamp(self) -> str:
        """Identity and version, as every attempt stores it."""
        return f"{self.profile_id}@{self.version}"

    @property
    def connect_limit_s(self) -> float:
        """Seconds in which an answered person must meet an agent."""
        return self.connect_limit_ms / 1000

    @property
    def min_ring_s(self) -> float:
        """Seconds of ringing before "no answer" may be said: both minima, time and rings."""
        return max(self.min_ring_ms / 1000, self.min_ring_count * RING_CADENCE_S)

    @property
    def max_ring_s(self) -> float:
        """Seconds of ringing after which the call is given up."""
        return self.max_ring_ms / 1000


def read_profiles(text: str | bytes) -> dict[str, RuleProfile]:
    """The profiles in a JSON text by id; KnownError with one sentence where it is damaged."""
    try:
        found = msgspec.json.decode(text, type=dict[str, RuleProfile])
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise KnownError(
            f"The file of rule profiles is damaged ({problem}); install the program again."
        ) from problem
    for key, value in found.items():
        if key != value.profile_id:
            raise KnownError(
                f"The file of rule profiles is damaged ({key} holds {value.profile_id}); "
                "install the program again."
            )
    return found


@lru_cache(maxsize=1)
def profiles() -> Mapping[str, RuleProfile]:
    """The shipped profiles by id, read once; KnownError where the file cannot be read."""
    try:
        text = resources.path(SHIPPED).read_bytes()
    except OSError as problem:
        raise KnownError(
            "The file of rule profiles is missing or cannot be read; install the program again."
        ) from problem
    return read_profiles(text)


def profile(profile_id: str) -> RuleProfile:
    """The shipped profile of that id; KnownError that names the known ones where there is none."""
    known = profiles()
    if profile_id not in known:
        raise KnownError(
            f"There is no rule profile {profile_id!r}; choose one of {', '.join(sorted(known))}."
        )
    return known[profile_id]


def rehearsal_at_speed(rehearsal: RuleProfile, factor: float) -> RuleProfile:
    """The rehearsal profile for people who live `factor` times faster.

    Minimum ring and ring time-out are divided; the connect limit, the message's limit and the
    lock-outs never are. Only the rehearsal profile may be sped up: ValueError for another, or for
    a factor below 1.
    """
    if rehearsal.profile_id != REHEARSAL:
        raise ValueError(f"{rehearsal.profile_id} is the law of real people and is not sped up")
    if not (math.isfinite(factor) and factor >= 1):
        raise ValueError(f"a speed of {factor} is not a number of 1 or more")
    if factor == 1:
        return rehearsal
    return msgspec.structs.replace(
        rehearsal,
        version=f"{rehearsal.version}/x{factor:g}",
        min_ring_ms=round(rehearsal.min_ring_ms / factor),
        max_ring_ms=round(rehearsal.max_ring_ms / factor),
    )
