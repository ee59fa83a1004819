"""What the window of rules shows: what holds, in words, and the fields that make it tighter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final

from msgspec.structs import replace

from app.desk.rule_words import said
from app.errors import KnownError
from dialer_core.rules.profiles import (
    AttemptLimit,
    AttemptWindow,
    CallingHours,
    LockoutMode,
    RuleProfile,
    Spans,
)
from dialer_core.rules.tightening import Tightening

NONE: Final = "none"
_WEEK = ("mon", "tue", "wed", "thu", "fri")
_DAYS = {"week": "mon", "saturday": "sat", "sunday": "sun", "holiday": "holiday"}
_WINDOWS = {
    "a_day": (AttemptWindow.CALENDAR_DAY, "a day"),
    "in_24_hours": (AttemptWindow.ROLLING_PT24H, "in 24 hours"),
    "in_30_days": (AttemptWindow.ROLLING_P30D, "in 30 days"),
}


@dataclass(frozen=True, slots=True)
class RulesForm:
    """What is to be tighter, as it is typed; empty: as the law says."""

    cap: str = ""  # per cent
    target: str = ""  # per cent
    connect: str = ""  # seconds
    ring: str = ""  # seconds
    a_day: str = ""
    in_24_hours: str = ""
    in_30_days: str = ""
    week: str = ""  # "10:00-13:00, 14:00-20:00", or "none"
    saturday: str = ""
    sunday: str = ""
    holiday: str = ""
    recordings: str = ""  # days


FIELDS: tuple[tuple[str, str, str], ...] = (
    ("cap", "Abandoned, at most", "%"),
    ("target", "Abandoned, aimed at", "%"),
    ("connect", "Answered people meet an agent within", "s"),
    ("ring", "A line rings for at least", "s"),
    ("a_day", "Calls to a person a day, at most", ""),
    ("in_24_hours", "In any 24 hours, at most", ""),
    ("in_30_days", "In any 30 days, at most", ""),
    ("week", "Hours, Monday to Friday", ""),
    ("saturday", "Hours on Saturday", ""),
    ("sunday", "Hours on Sunday", ""),
    ("holiday", "Hours on public holidays", ""),
    ("recordings", "Recordings are kept for at most", "days"),
)
"""Field of the form, its words, its unit."""


@dataclass(frozen=True, slots=True)
class RulesView:
    """The rules of one campaign. `law` and `now`: each field's value by the law, and in force."""

    campaigns: tuple[tuple[int, str], ...]
    campaign_id: int
    client: str
    rules: str  # "United Kingdom, GB@2026-11-21/t7"
    law: RulesForm
    now: RulesForm
    of_client: RulesForm
    of_campaign: RulesForm
    words: tuple[tuple[str, str], ...] = ()  # what else holds, by topic


@dataclass(frozen=True, slots=True)
class RulesWish:
    """Make the rules of this campaign, or of its whole client, as tight as the form says."""

    campaign_id: int
    is_for_client: bool
    form: RulesForm


def form_of_rules(rules: RuleProfile) -> RulesForm:
    """What a profile says in each field; empty where it says nothing."""
    counts = {name: _least(rules.attempt_limits, window) for name, (window, _) in _WINDOWS.items()}
    hours = rules.calling_hours
    return RulesForm(
        cap=f"{rules.abandon_cap * 100:g}",
        target=f"{rules.abandon_target * 100:g}",
        connect=f"{rules.connect_limit_s:g}",
        ring=f"{rules.min_ring_ms / 1000:g}",
        week=spans_text(hours.mon),
        saturday=spans_text(hours.sat),
        sunday=spans_text(hours.sun),
        holiday=spans_text(hours.holiday),
        recordings=str(rules.recording_retention_days),
        **counts,
    )


def form_of_wish(wish: Tightening, law: RuleProfile) -> RulesForm:
    """A wish as it is typed; hours that are the law's were not."""

    def shown(value: float | None, by: float = 1.0) -> str:
        return "" if value is None else f"{value * by:g}"

    counts = {name: _least(wish.attempt_limits, window) for name, (window, _) in _WINDOWS.items()}
    hours = wish.calling_hours
    spans = {} if hours is None else {
        name: spans_text(getattr(hours, day))
        for name, day in _DAYS.items()
        if getattr(hours, day) != getattr(law.calling_hours, day)
    }  # fmt: skip
    return RulesForm(
        cap=shown(wish.abandon_cap, 100),
        target=shown(wish.abandon_target, 100),
        connect=shown(wish.connect_limit_ms, 0.001),
        ring=shown(wish.min_ring_ms, 0.001),
        recordings=shown(wish.recording_retention_days),
        **counts,
        **spans,
    )


def wish_of_form(form: RulesForm, before: Tightening, law: RuleProfile) -> Tightening:
    """The form as a wish; KnownError with a sentence where a field cannot be read.

    What the form does not show stays as it was `before`; days without hours of their own have the
    law's.
    """
    cap, target = _number(form, "cap", 0, 100), _number(form, "target", 0, 100)
    connect, ring = _number(form, "connect", 0.1, 60), _number(form, "ring", 0, 120)
    days = _number(form, "recordings", 0, 36_500, is_whole=True)
    return replace(
        before,
        abandon_cap=None if cap is None else cap / 100,
        abandon_target=None if target is None else target / 100,
        connect_limit_ms=None if connect is None else round(connect * 1000),
        min_ring_ms=None if ring is None else round(ring * 1000),
        recording_retention_days=None if days is None else int(days),
        attempt_limits=tuple(
            AttemptLimit(int(count), window, "ATTEMPTS", "number+client")
            for name, (window, _) in _WINDOWS.items()
            if (count := _number(form, name, 1, 1000, is_whole=True)) is not None
        ),
        calling_hours=_hours(form, law.calling_hours),
    )


def _least(limits: tuple[AttemptLimit, ...], window: AttemptWindow) -> str:
    counts = [one.count for one in limits if one.window is window]
    return str(min(counts)) if counts else ""


def _words_of(name: str) -> str:
    return next(words for field, words, _ in FIELDS if field == name)


def _number(
    form: RulesForm, name: str, low: float, high: float, *, is_whole: bool = False
) -> float | None:
    text = getattr(form, name).strip().replace(",", ".")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not low <= value <= high or (is_whole and value != int(value)):
        kind = "a whole number" if is_whole else "a number"
        raise KnownError(
            f"“{_words_of(name)}” takes {kind} from {low:g} to {high:g}, or nothing for the law's."
        )
    return value


def _hours(form: RulesForm, law: CallingHours) -> CallingHours | None:
    if not any((form.week, form.saturday, form.sunday, form.holiday)):
        return None

    def chosen(name: str, by_law: Spans) -> Spans:
        text = getattr(form, name).strip()
        return read_spans(text, _words_of(name)) if text else by_law

    week = {day: chosen("week", getattr(law, day)) for day in _WEEK}
    return CallingHours(
        **week,
        sat=chosen("saturday", law.sat),
        sun=chosen("sunday", law.sun),
        holiday=chosen("holiday", law.holiday),
    )


def spans_text(spans: Spans) -> str:
    """Hours as they are typed."""
    return ", ".join(f"{start}-{end}" for start, end in spans) or NONE


def read_spans(text: str, where: str) -> Spans:
    """The same back; KnownError where it cannot be read."""
    if text.casefold() in (NONE, "no", "-"):
        return ()
    try:
        pairs = [part.replace("–", "-").split("-") for part in text.split(",")]
        spans = tuple((_clock(start), _clock(end)) for start, end in pairs)
        CallingHours(spans, (), (), (), (), (), (), ())
    except ValueError:
        raise KnownError(
            f"“{where}” is written like 10:00-13:00, 14:00-20:00, or {NONE} for no calls at all."
        ) from None
    return spans


def _clock(text: str) -> str:
    hour, colon, minute = text.strip().partition(":")
    if not hour.isdecimal() or len(hour) > 2 or (colon and len(minute) != 2):
        raise ValueError(text)
    return f"{int(hour):02d}:{minute or '00'}"


def tightened_fields(view: RulesView) -> tuple[str, ...]:
    """Fields in which more is asked for than the law does."""
    return tuple(
        one.name
        for one in fields(RulesForm)
        if getattr(view.law, one.name) != getattr(view.now, one.name)
    )


# --- in words -------------------------------------------------------------------------------


def in_words(rules: RuleProfile) -> tuple[tuple[str, str], ...]:
    """What the form does not show, topic by topic."""
    topics: tuple[tuple[str, Callable[[RuleProfile], str]], ...] = (
        ("Counted", _counted),
        ("Nobody is free", _message),
        ("Rests", _rests),
        ("Registers", _registers),
        ("Consent", _consent),
        ("Holidays", lambda one: one.holiday_calendar),
        ("Where people are", lambda one: one.tz_basis),
        ("Parts of the country", _parts),
        ("Caller's number", _caller),
        ("Machines", _machines),
        ("Recording", _recording),
        ("Trades", _trades),
    )
    return tuple(
        (topic, text[:1].upper() + text[1:]) for topic, words in topics if (text := words(rules))
    )


def _counted(rules: RuleProfile) -> str:
    windows = ", ".join(said(one.value) for one in rules.abandon_windows)
    scopes = ", ".join(said(one.value) for one in rules.abandon_scopes)
    share = said(rules.abandon_formula.value)
    return f"Abandoned calls over {windows}, per {scopes}; their share: {share}."


def _message(rules: RuleProfile) -> str:
    if not rules.message_required:
        return "No message is asked for."
    told = ", ".join(said(one) for one in rules.message_fields)
    return f"A message begins within {rules.message_start_limit_ms / 1000:g} s: {told}."


def _rests(rules: RuleProfile) -> str:
    return "; ".join(
        f"{said(one.outcome)}: {_span(one.seconds)}"
        + (" (a reserved agent may)" if one.mode is LockoutMode.RESERVED_AGENT_ONLY else "")
        for one in rules.lockouts
    )


def _span(seconds: int | None) -> str:
    if seconds is None:
        return "for good"
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _registers(rules: RuleProfile) -> str:
    asked = [f"{one.id}, {one.max_age_days:g} days at most" for one in rules.dnc_registries
             if one.required]  # fmt: skip
    return "; ".join([*asked, "your own list, at once"])


def _consent(rules: RuleProfile) -> str:
    days = rules.consent_proof_retention_days
    return f"{said(rules.consent_basis)}; proof is kept for {days} days."


def _parts(rules: RuleProfile) -> str:
    return "; ".join(
        f"{one.region}: {', '.join(part for part in (one.hours, one.attempts) if part)}"
        for one in rules.region_overrides
    )


def _caller(rules: RuleProfile) -> str:
    parts = ["must be shown"] if rules.cli_required else []
    if rules.cli_allowed_prefixes:
        parts.append(f"begins with {', '.join(rules.cli_allowed_prefixes)}")
    if rules.cli_denied_prefixes:
        parts.append(f"never begins with {', '.join(rules.cli_denied_prefixes)}")
    return "; ".join(parts)


def _machines(rules: RuleProfile) -> str:
    return "may be recognised" if rules.amd_allowed else "may not be recognised by a machine"


def _recording(rules: RuleProfile) -> str:
    return f"{said(rules.recording_mode)}; records of calls for {rules.record_retention_days} days."


def _trades(rules: RuleProfile) -> str:
    return "; ".join(f"{said(one.sector)}: {said(one.rule)}" for one in rules.sector_bans)
