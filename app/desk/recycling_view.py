"""What the window of recycling shows: rules by outcome as a person sets them, and the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.desk.segment_view import OUTCOME_WORDS
from dialer_core.lists import recycling
from dialer_core.lists.recycling import NEVER_RECYCLED, NextNumber, Recycle, Recycling
from dialer_core.lists.recycling_day import possible_day
from dialer_core.model.states import Outcome
from dialer_core.rules.facts import RefusalCode
from dialer_core.rules.lockouts import COMMON
from dialer_core.rules.profiles import (
    AttemptLimit,
    AttemptWindow,
    LockoutMode,
    LockoutRule,
    RuleProfile,
)

__all__ = [
    "NUMBERS",
    "DayView",
    "NextNumber",
    "Recycle",
    "RecyclingOffer",
    "RuleView",
    "TryView",
    "day_view",
    "limit_words",
    "problem",
    "rule_views",
    "span_words",
]

NUMBERS: Final = (
    (NextNumber.SAME, "The same"),
    (NextNumber.NEXT, "Their next"),
    (NextNumber.FIRST, "Their first"),
)
# In the order of the table: what people do, then what the network does.
_PEOPLE: Final = (
    Outcome.NO_ANSWER,
    Outcome.BUSY,
    Outcome.NOT_AT_HOME,
    Outcome.ANSWER_MACHINE_AGENT,
    Outcome.ANSWER_MACHINE_AMD,
    Outcome.SHORT_HANGUP,
    Outcome.CALLEE_DECLINED_CALL,
    Outcome.ABANDONED,
    Outcome.REFUSED_NOT_INTERESTED,
    Outcome.TEMP_UNAVAILABLE,
    Outcome.WRONG_NUMBER,
    Outcome.INVALID_NUMBER,
)
_WINDOW_WORDS: Final[Mapping[AttemptWindow, str]] = {
    AttemptWindow.CALENDAR_DAY: "a day",
    AttemptWindow.ROLLING_PT24H: "in 24 hours",
    AttemptWindow.ROLLING_P30D: "in 30 days",
}
_MOVED: Final[Mapping[RefusalCode, str]] = {
    RefusalCode.OUT_OF_HOURS: "outside the calling hours",
    RefusalCode.ATTEMPT_LIMIT: "the law's number of calls is used up",
    RefusalCode.LOCKED_OUT: "the law's rest is longer",
}
_UNITS: Final = ((86_400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes"))


@dataclass(frozen=True, slots=True)
class RuleView:
    """What follows one outcome. `law`: what the law asks besides; `law_s`: how long it rests.

    `law_s` None: for ever; 0: the law says nothing.
    """

    outcome: str
    words: str
    rule: Recycle
    usual: Recycle
    is_of_people: bool
    law: str = ""
    law_s: float | None = 0.0

    def law_wins(self, rule: Recycle) -> bool:
        """Whether the law rests longer than that rule does."""
        return self.law_s is None or self.law_s > rule.wait_s


@dataclass(frozen=True, slots=True)
class RecyclingOffer:
    """A campaign's rules; `limits` and `hours` of its law in words, `rules_name`: whose law."""

    campaigns: tuple[tuple[int, str], ...]
    campaign_id: int | None = None
    rules_name: str = ""
    limits: tuple[str, ...] = ()
    rules: tuple[RuleView, ...] = ()
    hand_over_s: float = 600.0


@dataclass(frozen=True, slots=True)
class TryView:
    """A moment on the picture, in minutes of the person's clock; `why` where the law moved it."""

    minute: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class DayView:
    """A person's possible day; minutes of the person's clock, `then` says what follows it."""

    outcome: str
    day: str
    spans: tuple[tuple[int, int], ...]
    tries: tuple[TryView, ...]
    moved: tuple[TryView, ...]
    then: str


def rule_views(own: Recycling, rules: RuleProfile) -> tuple[RuleView, ...]:
    """Each outcome that recycling has a say in, those of people first."""
    others = [
        outcome for outcome in Outcome if outcome not in NEVER_RECYCLED and outcome not in _PEOPLE
    ]
    plain = Recycling()
    found = []
    for outcome in (*_PEOPLE, *others):
        law, law_s = _law(outcome, rules)
        found.append(
            RuleView(
                outcome.value,
                OUTCOME_WORDS.get(outcome.value, outcome.value.replace("_", " ").capitalize()),
                own.of(outcome),
                plain.of(outcome),
                outcome in _PEOPLE,
                law,
                law_s,
            )
        )
    return tuple(found)


def limit_words(limits: tuple[AttemptLimit, ...]) -> tuple[str, ...]:
    """ "3 calls a day" for each limit."""
    return tuple(
        f"{one.count} call{'' if one.count == 1 else 's'} {_WINDOW_WORDS[one.window]}"
        for one in limits
    )


def span_words(seconds: float) -> str:
    """A time in its largest whole unit: "2 hours", "90 minutes"."""
    whole = round(seconds)
    for size, one, many in _UNITS:
        if whole >= size and whole % size == 0:
            return f"{whole // size} {one if whole == size else many}"
    return f"{whole} seconds" if whole < 60 else f"{whole / 60:.1f} minutes"


def problem(outcome: str, rule: Recycle) -> str:
    """What is wrong with a rule, in a sentence; empty where nothing is."""
    return next(iter(recycling.problems(Outcome(outcome), rule)), "")


def day_view(
    own: Mapping[str, Recycle], outcome: str, rules: RuleProfile, zone: ZoneInfo, day: date
) -> DayView:
    """The possible day of a person whose calls all end so, by these rules."""
    wanted = Recycling({Outcome(word): rule for word, rule in own.items()})
    found = possible_day(wanted, Outcome(outcome), rules, zone, day)
    if found.is_done:
        then = "Then the person is done with."
    elif found.next_at is None:
        then = "Then the law lets nobody call this number again."
    else:
        then = f"Next: {found.next_at.astimezone(zone):%A, %-d %B, %H:%M}."
    return DayView(
        outcome,
        f"{day:%A, %-d %B}",
        tuple((_minute(start, zone, day), _minute(end, zone, day)) for start, end in found.spans),
        tuple(TryView(_minute(at, zone, day)) for at in found.tries),
        tuple(TryView(_minute(one.at, zone, day), _MOVED[one.code]) for one in found.moved),
        then,
    )


def _minute(moment: datetime, zone: ZoneInfo, day: date) -> int:
    local = moment.astimezone(zone)
    return (local.date() - day).days * 24 * 60 + local.hour * 60 + local.minute


def _law(outcome: Outcome, rules: RuleProfile) -> tuple[str, float | None]:
    """What the law asks after an outcome, in words, and how long it lets nobody call."""
    found = [rule for rule in rules.lockouts if rule.outcome == outcome.value]
    if not found and outcome.value in COMMON:
        found = [COMMON[outcome.value]]
    if not found:
        return "", 0.0
    times = [_rest_s(rule) for rule in found]
    rest_s = None if None in times else max(time for time in times if time is not None)
    return "; ".join(_law_words(rule) for rule in found), rest_s


def _rest_s(rule: LockoutRule) -> float | None:
    if rule.mode is LockoutMode.RESERVED_AGENT_ONLY:
        return 0.0
    return rule.seconds


def _law_words(rule: LockoutRule) -> str:
    match rule.mode:
        case LockoutMode.RETIRE:
            if rule.outcome == Outcome.INVALID_NUMBER:
                return "1 hour, the second time never this number"
            return "never this number again"
        case LockoutMode.SUPPRESS:
            return "never again, in no campaign"
        case LockoutMode.RESERVED_AGENT_ONLY:
            time = "for good" if rule.seconds is None else f"for {span_words(rule.seconds)}"
            return f"only with an agent held, {time}"
        case _:
            if rule.seconds is None:
                return "never again"
            after = ", then only with an agent held" if rule.then is not None else ""
            return f"at least {span_words(rule.seconds)}{after}"
