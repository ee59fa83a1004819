"""Rules that a client or a campaign makes tighter than the law; nothing here can loosen one."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from dialer_core.model.errors import KnownError
from dialer_core.rules.profiles import (
    AbandonScope,
    AbandonWindow,
    AttemptLimit,
    AttemptWindow,
    CallingHours,
    RuleProfile,
    Spans,
    minutes,
)

_IN_WORDS = {
    AttemptWindow.CALENDAR_DAY: "a day",
    AttemptWindow.ROLLING_PT24H: "in 24 hours",
    AttemptWindow.ROLLING_P30D: "in 30 days",
}


class Tightening(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is tighter; None or empty leaves a rule as it is.

    `rests_s`: the least seconds of rest after an outcome, for outcomes that have a rest.
    """

    calling_hours: CallingHours | None = None
    attempt_limits: tuple[AttemptLimit, ...] = ()
    abandon_cap: float | None = None
    abandon_target: float | None = None
    abandon_windows: tuple[AbandonWindow, ...] = ()
    abandon_scopes: tuple[AbandonScope, ...] = ()
    connect_limit_ms: int | None = None
    min_ring_ms: int | None = None
    rests_s: dict[str, int] = {}
    recording_retention_days: int | None = None


def tightened(profile: RuleProfile, wish: Tightening, stamp: str = "") -> RuleProfile:
    """The profile with the stricter of each rule; `stamp` is added to its version.

    KnownError where the two together make no rule at all (a ring longer than the longest).
    """
    cap = _least(profile.abandon_cap, wish.abandon_cap)
    try:
        return replace(
            profile,
            version=f"{profile.version}{stamp}"[:32],
            abandon_cap=cap,
            abandon_target=min(cap, _least(profile.abandon_target, wish.abandon_target)),
            abandon_windows=tuple(dict.fromkeys((*profile.abandon_windows, *wish.abandon_windows))),
            abandon_scopes=tuple(dict.fromkeys((*profile.abandon_scopes, *wish.abandon_scopes))),
            connect_limit_ms=_least(profile.connect_limit_ms, wish.connect_limit_ms),
            min_ring_ms=max(profile.min_ring_ms, wish.min_ring_ms or 0),
            attempt_limits=(*profile.attempt_limits, *wish.attempt_limits),
            calling_hours=profile.calling_hours
            if wish.calling_hours is None
            else _both(profile.calling_hours, wish.calling_hours),
            lockouts=tuple(
                rule
                if rule.seconds is None
                else replace(rule, seconds=max(rule.seconds, wish.rests_s.get(rule.outcome, 0)))
                for rule in profile.lockouts
            ),
            recording_retention_days=_least(
                profile.recording_retention_days, wish.recording_retention_days
            ),
        )
    except ValueError as problem:
        raise KnownError(f"These rules cannot be ({problem}); change them.") from problem


def loosens(profile: RuleProfile, wish: Tightening) -> str:
    """What of the wish would be looser than the law and so has no effect; "" where nothing is.

    For the editor, which says so rather than pretend.
    """
    named: list[tuple[str, float, float | None, float, str]] = [
        ("share that may be lost", profile.abandon_cap, wish.abandon_cap, 100, " %"),
        ("share to aim at", profile.abandon_target, wish.abandon_target, 100, " %"),
        ("time to reach an agent", profile.connect_limit_ms, wish.connect_limit_ms, 0.001, " s"),
        ("time that recordings are kept", profile.recording_retention_days,
         wish.recording_retention_days, 1, " days"),
    ]  # fmt: skip
    for name, law, wanted, by, unit in named:
        if wanted is not None and wanted > law:
            return f"The {name} is {law * by:g}{unit} at most by the rules for {profile.name}."
    for limit in wish.attempt_limits:
        counts = [one.count for one in profile.attempt_limits if one.window is limit.window]
        if counts and limit.count > min(counts):
            return (
                f"The rules for {profile.name} allow {min(counts)} calls "
                f"{_IN_WORDS[limit.window]} at most."
            )
    if wish.min_ring_ms is not None and wish.min_ring_ms < profile.min_ring_ms:
        return (
            f"The rules for {profile.name} ask for {profile.min_ring_ms / 1000:g} seconds of "
            "ringing at least."
        )
    if wish.calling_hours is not None:
        both = _both(profile.calling_hours, wish.calling_hours)
        if (*both.week(), both.holiday) != (
            *map(_ordered, wish.calling_hours.week()),
            _ordered(wish.calling_hours.holiday),
        ):
            return f"Some of these hours lie outside those that the rules for {profile.name} allow."
    return ""


def _least(law: float | int, wanted: float | int | None) -> int | float:
    return law if wanted is None else min(law, wanted)


def _both(one: CallingHours, other: CallingHours) -> CallingHours:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")
    met = {day: _meet(getattr(one, day), getattr(other, day)) for day in days}
    eves = [hours.holiday_eve for hours in (one, other) if hours.holiday_eve is not None]
    eve = eves[0] if len(eves) == 1 else _meet(*eves) if eves else None
    return CallingHours(**met, holiday_eve=eve)


def _meet(one: Spans, other: Spans) -> Spans:
    both = (
        (max(start, begin, key=minutes), min(end, stop, key=minutes))
        for start, end in one
        for begin, stop in other
    )
    return _ordered(tuple((low, high) for low, high in both if minutes(low) < minutes(high)))


def _ordered(spans: Spans) -> Spans:
    return tuple(sorted(spans, key=lambda span: minutes(span[0])))
