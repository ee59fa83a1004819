"""Promised calls: whose they are when their time comes, and when "tomorrow at ten" is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from dialer_core.model.errors import KnownError
from dialer_core.rules.hours import candidate_zones, check_hours
from dialer_core.rules.profiles import RuleProfile

BUSY_FACTOR: Final = 3.0  # an owner who is at work is given so much longer than one who is away
LONGEST: Final = timedelta(days=366)
ALERT_BEFORE: Final = timedelta(minutes=5)


class Whose(StrEnum):
    """Who may make a promised call now."""

    OWNER = "owner"
    ANYONE = "anyone"
    NOBODY_YET = "nobody_yet"  # its owner is away, and may still come back in time


@dataclass(frozen=True, slots=True)
class Agreed:
    """When a call was promised. `sentence`: what the agent should know of it, may be empty."""

    at: datetime  # UTC
    zone: ZoneInfo
    sentence: str = ""


def whose(
    owner_id: int | None, *, is_in: bool, is_paused: bool, overdue_s: float, hand_over_s: float
) -> Whose:
    """Who may make the call that is `overdue_s` past its time.

    Its owner (`is_in`: logged in) has it first. Who is away or has paused loses it to anyone after
    `hand_over_s`; who is at work, and has only not come to it, after three times as long.
    """
    if owner_id is None:
        return Whose.ANYONE
    if is_in and not is_paused:
        is_over = overdue_s >= BUSY_FACTOR * hand_over_s
        return Whose.ANYONE if is_over else Whose.OWNER
    return Whose.ANYONE if overdue_s >= hand_over_s else Whose.NOBODY_YET


def agree(
    profile: RuleProfile,
    zones: Sequence[str],
    region: str,
    day: date,
    at: time,
    now: datetime,
) -> Agreed:
    """The moment of a call promised for a day and time by the person's own clock.

    Where the person may be in several zones, the latest of them counts: rather late than at
    night. KnownError for a time that has passed or lies more than a year ahead. A time outside
    the hours of the law is moved to the next that is inside, which the sentence says.
    """
    where = candidate_zones(profile, zones, region)
    moment, zone = max((datetime.combine(day, at, one).astimezone(UTC), one.key) for one in where)
    there = ZoneInfo(zone)
    if moment <= now - timedelta(minutes=1):
        raise KnownError("That time has passed where this person is; choose a later one.")
    if moment > now + LONGEST:
        raise KnownError("A call can be promised for the next twelve months; choose a nearer day.")
    verdict = check_hours(profile, zones, region, moment)
    if verdict.is_open or profile.hours_waived_by_consent:
        return Agreed(moment, there)
    if verdict.opens_at is None:
        raise KnownError(
            "The law leaves no hour near that time for this person; choose another day."
        )
    local = verdict.opens_at.astimezone(there)
    return Agreed(
        verdict.opens_at,
        there,
        f"The law allows no call at that hour; it is set for {local:%a} {local.day} {local:%b} "
        f"{local:%H:%M} their time.",
    )
