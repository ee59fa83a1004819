"""The gate before every INVITE: may this number be dialled now, and if not, why not?

The questions come in the order of the facts sheet (section 4); the first that fails is the
answer. Where the number is of another country than the campaign's rules, each question is asked
under the rules of both, so that the stricter counts. No sentence holds the number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers

from dialer_core.model.states import Mode
from dialer_core.rules.facts import GateFacts, Lockout, Refusal, RefusalCode
from dialer_core.rules.hours import HoursVerdict, candidate_zones, check_hours, covers, day_end
from dialer_core.rules.profiles import (
    AttemptLimit,
    AttemptWindow,
    LockoutMode,
    Registry,
    RuleProfile,
    SectorBan,
)

Question = Callable[[GateFacts, RuleProfile, datetime], Refusal | None]

_NEEDS_SEAT = frozenset({Mode.PREVIEW, Mode.PROGRESSIVE, Mode.MANUAL})
_ROLLING = {
    AttemptWindow.ROLLING_PT24H: timedelta(hours=24),
    AttemptWindow.ROLLING_P30D: timedelta(days=30),
}
_WINDOW_WORDS = {
    AttemptWindow.CALENDAR_DAY: "a day",
    AttemptWindow.ROLLING_PT24H: "in 24 hours",
    AttemptWindow.ROLLING_P30D: "in 30 days",
}
_LOCKED_AFTER = {
    "ABANDONED": "a call that nobody could take",
    "ANSWER_MACHINE_AMD": "an answering machine",
    "ANSWER_MACHINE_AGENT": "an answering machine",
    "BUSY": "a busy line",
    "NO_ANSWER": "no answer",
    "CALLEE_DECLINED_CALL": "a declined call",
    "REFUSED_NOT_INTERESTED": "a refusal",
    "DNC_REQUEST": "a wish not to be called again",
    "INVALID_NUMBER": "a number that does not exist",
    "FAX_MODEM": "a fax or a modem",
}


def check(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    """None where the number may be dialled at `now` (aware), else the first reason why not."""
    return _first(_ALL, facts, profile, now)


def recheck(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    """The questions that are asked again at the last moment: own list, hours, lock-outs."""
    return _first(_LAST_MOMENT, facts, profile, now)


def check_all(facts: GateFacts, profile: RuleProfile, now: datetime) -> list[Refusal]:
    """Every reason why not, in the gate's order; empty where the number may be dialled."""
    return list(_refusals(_ALL, facts, profile, now))


def _first(
    questions: Sequence[Question], facts: GateFacts, profile: RuleProfile, now: datetime
) -> Refusal | None:
    return next(_refusals(questions, facts, profile, now), None)


def _refusals(
    questions: Sequence[Question], facts: GateFacts, profile: RuleProfile, now: datetime
) -> Iterator[Refusal]:
    if now.tzinfo is None:
        raise ValueError("the gate needs to know in which zone its moment is")
    there = facts.country_rules
    for question in questions:
        own = question(facts, profile, now)
        other = None
        if there is not None and question not in _OF_THE_CAMPAIGN_ALONE:
            other = question(facts, there, now)
        refusal = _stricter(own, other)
        if refusal is not None:
            yield refusal


def _stricter(own: Refusal | None, there: Refusal | None) -> Refusal | None:
    """Of the two answers the one that lasts longer."""
    if own is None:
        if there is not None and there.code in _OF_THE_CAMPAIGN:
            return replace(there, code=RefusalCode.NUMBERS_COUNTRY)
        return there
    if there is None or own.retry_at is None:
        return own
    return there if there.retry_at is None or there.retry_at > own.retry_at else own


def _diallable(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    del profile, now
    if not facts.is_diallable:
        return Refusal(RefusalCode.NOT_DIALLABLE, "The contact is closed or its number retired.")
    if not (facts.number.startswith("+") and _is_digits(facts.number[1:])):
        return Refusal(
            RefusalCode.NOT_DIALLABLE,
            "The number is not valid; correct it in the list, with its country code.",
        )
    return None


def _not_suppressed(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    del profile, now
    if facts.is_suppressed:
        return Refusal(
            RefusalCode.SUPPRESSED, "This person is on your own do-not-call list; never again."
        )
    return None


def _not_registered(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    today = now.astimezone(UTC).date().isoformat()
    asked = [
        registry
        for registry in profile.dnc_registries
        if (registry.valid_to is None or today <= registry.valid_to)
        and not (registry.overridable_by_specific_consent and facts.has_consent)
    ]
    for registry in asked:
        if registry.id in facts.registry_hits:
            return Refusal(
                RefusalCode.REGISTRY_HIT,
                f"The number is on the register {registry.id} and no consent stands against it.",
            )
    for registry in asked:
        if registry.required and not _is_fresh(registry, facts):
            return Refusal(
                RefusalCode.REGISTRY_STALE,
                f"The list has not been checked against {registry.id} in the last "
                f"{registry.max_age_days:g} days; load a newer copy of the register.",
            )
    return None


def _is_fresh(registry: Registry, facts: GateFacts) -> bool:
    age_days = facts.registry_age_days.get(registry.id)
    # A copy from tomorrow is a clock that is wrong; a few hours are two clocks that differ.
    return age_days is not None and -1 <= age_days <= registry.max_age_days


def _consented(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    del now
    if facts.mode is Mode.AGENTLESS and facts.is_marketing and not facts.has_consent:
        # PECR regulation 19, Article 13(1) of Directive 2002/58/EC, 47 CFR 64.1200(a)(3)
        return Refusal(
            RefusalCode.NO_CONSENT,
            "A call that plays a message to sell something needs this person's consent beforehand, "
            "and none is on record.",
        )
    basis = profile.consent_basis
    has_basis = (
        facts.has_consent
        or basis.startswith("OPT_OUT")
        or (basis.startswith("OPT_IN_OR_PUBLIC_DIRECTORY") and facts.is_in_public_directory)
        or (basis.startswith("OPT_IN_EXCEPT_ONGOING_CONTRACT") and facts.has_ongoing_contract)
    )
    if has_basis:
        return None
    return Refusal(
        RefusalCode.NO_CONSENT,
        f"The rules for {profile.name} ask for consent before the call and none is on record.",
    )


def _sector_allowed(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    today = now.astimezone(UTC).date().isoformat()
    for ban in profile.sector_bans:
        if ban.sector.casefold() != facts.sector.strip().casefold():
            continue
        if (ban.since is None or ban.since <= today) and not _meets(ban, facts):
            return Refusal(
                RefusalCode.SECTOR_BANNED,
                f"The rules for {profile.name} forbid calls of this trade "
                f"({ban.sector}: {ban.rule.replace('_', ' ').lower()}).",
            )
    return None


def _meets(ban: SectorBan, facts: GateFacts) -> bool:
    if ban.rule == "BANNED":
        return False
    if ban.rule == "FCA_OR_TRUSTEE_AND_CONSENT":
        return facts.has_consent and facts.is_sector_authorised
    return facts.has_consent


def _in_hours(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    if profile.hours_waived_by_consent and facts.has_hours_consent:
        return None
    verdict = check_hours(profile, facts.zones, facts.region, now, facts.max_ring_s)
    if verdict.is_open:
        return None
    return Refusal(
        RefusalCode.OUT_OF_HOURS, _hours_sentence(verdict, profile, now), verdict.opens_at
    )


def _hours_sentence(verdict: HoursVerdict, profile: RuleProfile, now: datetime) -> str:
    there = _clock(now, verdict.zone)
    is_sure = len(verdict.zones) == 1
    why = f" ({verdict.because})" if verdict.because else ""
    begins = f"It {'is' if is_sure else 'may be'} {there}{why} where this person is"
    if verdict.opens_at is None:
        return (
            f"{begins}, and no hour that the rules for {profile.name} allow suits every zone in "
            "which they may be; add their address or zone."
        )
    return (
        f"{begins}, and the rules for {profile.name} allow no call then; the next may start "
        f"{_when(verdict.opens_at, verdict.zones)}."
    )


def _under_limits(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    zones = candidate_zones(profile, facts.zones, facts.region)
    limits = [*profile.attempt_limits]
    for rule in profile.region_overrides:
        limit = rule.limit()
        if limit is not None and covers(rule.region, facts.region):
            limits.append(limit)
    full = [
        (limit, retry_at)
        for limit in limits
        if (retry_at := _full_until(limit, facts.attempts_at, zones, now)) is not None
    ]
    if not full:
        return None
    limit, retry_at = max(full, key=lambda pair: pair[1])
    times = "once" if limit.count == 1 else f"{limit.count} times"
    return Refusal(
        RefusalCode.ATTEMPT_LIMIT,
        f"This person was dialled as often as allowed ({times} {_WINDOW_WORDS[limit.window]}); "
        f"the next call may start {_when(retry_at, zones)}.",
        retry_at,
    )


def _full_until(
    limit: AttemptLimit, attempts_at: Sequence[datetime], zones: Sequence[ZoneInfo], now: datetime
) -> datetime | None:
    """When the limit frees up again, or None where another attempt fits now.

    An attempt in the future (two clocks differ) counts as one of now.
    """
    at = sorted(min(moment, now) for moment in attempts_at)
    if limit.count < 1:
        return now + timedelta(days=1)
    if limit.window is AttemptWindow.CALENDAR_DAY:
        ends = [
            day_end(now, zone)
            for zone in zones
            if sum(day_end(moment, zone) >= day_end(now, zone) for moment in at) >= limit.count
        ]
        return max(ends, default=None)
    length = _ROLLING[limit.window]
    inside = [moment for moment in at if moment + length > now]
    return inside[-limit.count] + length if len(inside) >= limit.count else None


def _not_locked_out(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    against = [
        lockout
        for lockout in facts.lockouts
        if (lockout.until is None or lockout.until > now)
        and not (lockout.mode == LockoutMode.RESERVED_AGENT_ONLY and facts.has_reserved_agent)
    ]
    if not against:
        return None
    last = max(against, key=_lasts_until)
    after = _LOCKED_AFTER.get(last.outcome, last.outcome.replace("_", " ").lower())
    zones = candidate_zones(profile, facts.zones, facts.region)
    return Refusal(RefusalCode.LOCKED_OUT, _lockout_sentence(last, after, zones), last.until)


def _lasts_until(lockout: Lockout) -> tuple[bool, bool, datetime]:
    """The order in which a lock-out is named first: for ever, then the latest, then the harder."""
    is_soft = lockout.mode == LockoutMode.RESERVED_AGENT_ONLY
    if lockout.until is None:
        return (True, not is_soft, datetime.max.replace(tzinfo=UTC))
    return (False, False, lockout.until)


def _lockout_sentence(lockout: Lockout, after: str, zones: Sequence[ZoneInfo]) -> str:
    until = "" if lockout.until is None else f" until {_when(lockout.until, zones)}"
    if lockout.mode == LockoutMode.RESERVED_AGENT_ONLY:
        return f"After {after} only an agent who is held for this person may call them{until}."
    if lockout.mode == LockoutMode.RETIRE:
        return f"After {after} this number is retired{until}."
    if lockout.mode == LockoutMode.SUPPRESS:
        return f"After {after} this person is not called again{until}."
    return f"After {after} this number rests{until or ' for good'}."


def _caller_id_allowed(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    del now
    if not facts.caller_id:
        if not profile.cli_required:
            return None
        return _caller_id("The campaign has no caller's number to show; set one.")
    digits = facts.caller_id.removeprefix("+")
    if not _is_digits(digits):
        return _caller_id("The campaign's caller's number is not a number; correct it.")
    forms = _forms(facts.caller_id, profile.country)
    if _begins(forms, profile.cli_denied_prefixes):
        return _caller_id(
            f"The rules for {profile.name} forbid the campaign's caller's number; set another."
        )
    if profile.cli_allowed_prefixes and not _begins(forms, profile.cli_allowed_prefixes):
        return _caller_id(
            f"The campaign's caller's number is not of a range that the rules for {profile.name} "
            "allow; set another."
        )
    return None


def _caller_id(sentence: str) -> Refusal:
    return Refusal(RefusalCode.CALLER_ID, sentence)


@lru_cache(maxsize=256)
def _forms(caller_id: str, country: str | None) -> tuple[str, ...]:
    """The digits as prefixes may be written: as given, and with the country's own leading 0."""
    digits = caller_id.removeprefix("+")
    code = str(phonenumbers.country_code_for_region(country)) if country else ""
    if code and caller_id.startswith(f"+{code}"):
        return (digits, f"0{digits.removeprefix(code)}")
    return (digits,)


def _begins(forms: Sequence[str], prefixes: Sequence[str]) -> bool:
    return any(form.startswith(prefix) for form in forms for prefix in prefixes)


def _seat_held(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    del profile, now
    if facts.mode in _NEEDS_SEAT and not facts.has_reserved_agent:
        return Refusal(
            RefusalCode.NO_RESERVED_AGENT,
            f"A {facts.mode.value} call needs an agent who is held for it, and none is.",
        )
    return None


def _within_budget(facts: GateFacts, profile: RuleProfile, now: datetime) -> Refusal | None:
    del now
    if facts.is_overdial and facts.drops_left < 1:
        return Refusal(
            RefusalCode.OVER_BUDGET,
            "No further call may be lost now without going over "
            f"{profile.abandon_cap:.1%} abandoned; one call per free agent until it may.",
        )
    return None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and 3 <= len(text) <= 15


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def _when(moment: datetime, zones: Sequence[ZoneInfo]) -> str:
    """A moment by the person's clock, or in UTC where their zone is not known."""
    if len(zones) == 1:
        return f"{_clock(moment, zones[0])} their time"
    return f"{_clock(moment, ZoneInfo('UTC'))} UTC"


_ALL: tuple[Question, ...] = (
    _diallable,
    _not_suppressed,
    _not_registered,
    _consented,
    _sector_allowed,
    _in_hours,
    _under_limits,
    _not_locked_out,
    _caller_id_allowed,
    _seat_held,
    _within_budget,
)
_LAST_MOMENT: tuple[Question, ...] = (_not_suppressed, _in_hours, _not_locked_out)
# What the rules of the number's country do not change, asked once.
_OF_THE_CAMPAIGN_ALONE: frozenset[Question] = frozenset(
    {_diallable, _not_suppressed, _seat_held, _within_budget}
)
_OF_THE_CAMPAIGN = frozenset({RefusalCode.CALLER_ID, RefusalCode.SECTOR_BANNED})
