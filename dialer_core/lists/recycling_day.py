"""One day of a person whom nobody reaches: when recycling and the law let them be tried.

A picture for who sets recycling, not a forecast: every call ends the same way, the person has one
number, and a line is always free. Hours, limits and lock-outs are asked of the gate itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dialer_core.lists.recycling import Number, Recycling
from dialer_core.model.states import Outcome
from dialer_core.rules import gate
from dialer_core.rules.facts import GateFacts, Lockout, Refusal, RefusalCode
from dialer_core.rules.hours import spans_of_day
from dialer_core.rules.lockouts import lockouts_after
from dialer_core.rules.profiles import RuleProfile

MOST_TRIES: Final = 24
RING: Final = timedelta(seconds=30)
_STEPS: Final = 4
_ASKED: Final = frozenset(
    {RefusalCode.OUT_OF_HOURS, RefusalCode.ATTEMPT_LIMIT, RefusalCode.LOCKED_OUT}
)


@dataclass(frozen=True, slots=True)
class Wish:
    """When the office would have called, and the refusal of the law that moved it."""

    at: datetime
    code: RefusalCode


@dataclass(frozen=True, slots=True)
class PossibleDay:
    """The tries of a day, its calling hours, and where the law made the office wait.

    `next_at`: the first try of a later day; None: nobody calls again. `is_done`: by the number of
    tries that the office wants.
    """

    spans: tuple[tuple[datetime, datetime], ...]
    tries: tuple[datetime, ...]
    moved: tuple[Wish, ...]
    next_at: datetime | None
    is_done: bool = False


def possible_day(
    recycling: Recycling, outcome: Outcome, rules: RuleProfile, zone: ZoneInfo, day: date
) -> PossibleDay:
    """The day of a fresh person whose calls all end with `outcome`; moments in UTC."""
    midnight = _at(day, 0, zone)
    end = _at(day + timedelta(days=1), 0, zone)
    tries: list[datetime] = []
    moved: list[Wish] = []
    locked: list[Lockout] = []
    next_at: datetime | None = midnight
    is_done = False
    while next_at is not None and next_at < end and len(tries) < MOST_TRIES:
        refusal = _refusal(rules, zone, tries, locked, next_at)
        if refusal is not None:
            if tries:
                moved.append(Wish(next_at, refusal.code))
            next_at = refusal.retry_at
            continue
        tries.append(next_at)
        ended = next_at + RING
        locked += [one.in_force() for one in lockouts_after(outcome, rules, ended, zones=[zone])]
        following = recycling.after(outcome, len(tries), 0, [Number(0, is_open=True)])
        is_done = following.wait_s is None
        next_at = None if following.wait_s is None else ended + timedelta(seconds=following.wait_s)
    for _ in range(_STEPS):  # a later day has its own hours
        refusal = None if next_at is None else _refusal(rules, zone, tries, locked, next_at)
        if refusal is None:
            break
        next_at = refusal.retry_at
    spans = tuple(
        (_at(day, start, zone), _at(day, stop, zone))
        for start, stop in spans_of_day(rules, rules.country or "", day)
    )
    return PossibleDay(spans, tuple(tries), tuple(moved), next_at, is_done)


def _refusal(
    rules: RuleProfile,
    zone: ZoneInfo,
    tries: list[datetime],
    locked: list[Lockout],
    at: datetime,
) -> Refusal | None:
    """Of hours, limits and lock-outs the one that lasts longest."""
    facts = GateFacts(
        number="",
        is_diallable=True,
        zones=(zone.key,),
        region=rules.country or "",
        is_suppressed=False,
        attempts_at=tuple(tries),
        lockouts=tuple(one for one in locked if one.until is None or one.until > at),
        has_reserved_agent=True,
    )
    found = [one for one in gate.check_all(facts, rules, at) if one.code in _ASKED]
    for one in found:
        if one.retry_at is None:
            return one
    return max(found, key=lambda one: one.retry_at or at, default=None)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    whole, rest = divmod(minute, 24 * 60)
    moment = datetime.combine(day + timedelta(days=whole), time(rest // 60, rest % 60), zone)
    return moment.astimezone(UTC)
