"""Calling hours where the person is: zones, holidays, their eves, and changes of the clock.

Local spans are turned into UTC first and compared there, so that a day of 23 or 25 hours needs
no special case. Where a zone or a nation is not known, all candidates must agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from dialer_core.rules.profiles import RuleProfile, Spans, minutes

HORIZON_DAYS = 31  # how far ahead the next opening is looked for
_DAY = timedelta(days=1)

Span = tuple[datetime, datetime]

_ZONES_OF: Mapping[str, tuple[str, ...]] = {
    "GB": ("Europe/London",),
    "IT": ("Europe/Rome",),
    "PL": ("Europe/Warsaw",),
    "DE": ("Europe/Berlin",),
    "FR": (
        "Europe/Paris",
        "America/Guadeloupe",
        "America/Martinique",
        "America/Cayenne",
        "Indian/Reunion",
        "Indian/Mayotte",
    ),
    "US": (
        "America/New_York",
        "America/Chicago",
        "America/Denver",
        "America/Phoenix",
        "America/Los_Angeles",
        "America/Anchorage",
        "Pacific/Honolulu",
        "America/Puerto_Rico",
    ),
}
_ANYWHERE = tuple(f"Etc/GMT{offset:+d}" for offset in range(-14, 13))

# A calendar's name: country, whether its parts count too where the part is not known.
_CALENDARS: Mapping[str, tuple[tuple[str, bool], ...]] = {
    "GB-by-nation": (("GB", True),),
    "US-federal+state": (("US", False),),
    "IT-national": (("IT", False),),
    "PL-national": (("PL", False),),
    "DE-national(+Land)": (("DE", False),),
    "FR-national(+Alsace-Moselle)": (("FR", False),),
    "NONE": (),
}
_ALL = tuple({part for parts in _CALENDARS.values() for part in parts})


@dataclass(frozen=True, slots=True)
class HoursVerdict:
    """Whether a dial may start now; moments in UTC.

    `zones`: where the person may be; `zone`: the one of them that decided.
    """

    is_open: bool
    opens_at: datetime | None  # when it may next start, where not open and known
    closes_at: datetime | None  # the last moment at which it may start, where open and within a day
    zone: ZoneInfo
    zones: Sequence[ZoneInfo]
    because: str = ""  # the holiday or eve that closes the day, or empty


def candidate_zones(profile: RuleProfile, zones: Sequence[str], region: str) -> list[ZoneInfo]:
    """The zones in which the person may be: as told, else of the profile or country, else all."""
    told = _known(zones)
    if told and len(told) == len(set(zones)):
        return told
    country = region.partition("-")[0].upper()
    fixed = _known([profile.tz_basis])
    whole = _known(_ZONES_OF.get(country or (profile.country or ""), ()))
    return fixed or whole or _known(_ANYWHERE)


def check_hours(
    profile: RuleProfile,
    zones: Sequence[str],
    region: str,
    now: datetime,
    max_ring_s: float | None = None,
) -> HoursVerdict:
    """Whether a dial that starts at `now` (aware) may ring to its end where the person is.

    `max_ring_s`: for how long the campaign rings at most; None: as the profile says.
    """
    where = candidate_zones(profile, zones, region)
    ring_s = profile.max_ring_s if max_ring_s is None else max_ring_s
    ring = timedelta(seconds=ring_s)
    moment = now.astimezone(UTC)
    for start, end in _open_spans(profile, region, where, moment, days=1):
        if start <= moment <= end - ring:
            last = end - ring if end - moment <= _DAY else None
            return HoursVerdict(True, None, last, where[0], where)
    zone = _deciding(profile, region, where, moment, ring)
    because = _because(profile, region, moment.astimezone(zone).date())
    for start, end in _open_spans(profile, region, where, moment, days=HORIZON_DAYS):
        if start > moment and end - start >= ring:
            return HoursVerdict(False, start, None, zone, where, because)
    return HoursVerdict(False, None, None, zone, where, because)


def day_end(moment: datetime, zone: ZoneInfo) -> datetime:
    """The midnight that ends the day in which `moment` (aware) lies in `zone`, in UTC."""
    return _utc(moment.astimezone(zone).date() + _DAY, 0, zone)


def calling_end(profile: RuleProfile, zone: ZoneInfo, day: date) -> datetime | None:
    """When calling ends at the latest on `day` for people in `zone`, in UTC; None: no calls then.

    Where parts of the country have hours of their own, the strictest count.
    """
    spans = spans_of_day(profile, profile.country or "", day)
    return _utc(day, max(end for _, end in spans), zone) if spans else None


def holiday_name(calendar: str, region: str, day: date) -> str:
    """The public holiday on `day` for a person in `region` ("GB", "GB-SCT"), or an empty text.

    An unknown calendar counts as all of them: rather a day too quiet than one too loud.
    """
    country, _, part = region.upper().partition("-")
    parts = _CALENDARS.get(calendar, _ALL)
    for of_country, counts_parts in parts:
        for name in _subdivisions(of_country, country, part, counts_parts):
            found = _holidays(of_country, name, day.year).get(day)
            if found:
                return found
    return ""


def spans_of_day(profile: RuleProfile, region: str, day: date) -> tuple[tuple[int, int], ...]:
    """The spans of `day` in minutes of the person's clock, holidays and the region applied."""
    hours = profile.calling_hours
    if holiday_name(profile.holiday_calendar, region, day):
        spans = _minutes(hours.holiday)
    else:
        spans = _minutes(hours.week()[day.weekday()])
    eve_spans = hours.holiday_eve
    if eve_spans is not None and holiday_name(profile.holiday_calendar, region, day + _DAY):
        spans = _meet(spans, _minutes(eve_spans))
    for rule in profile.region_overrides:
        week = rule.week()
        if week and covers(rule.region, region):
            spans = _meet(spans, _minutes(week[day.weekday()]))
    return spans


def covers(rule_region: str, region: str) -> bool:
    """A part of a country is covered by its own rule, an unknown part by each of the country's."""
    where, rule = region.upper(), rule_region.upper()
    return where == rule or ("-" not in where and rule.startswith(f"{where}-")) or not where


@lru_cache(maxsize=512)
def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of that name; None where nobody knows it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _known(names: Iterable[str]) -> list[ZoneInfo]:
    found = (zone_named(name) for name in dict.fromkeys(names) if name != "Etc/Unknown")
    return [zone for zone in found if zone is not None]


def _subdivisions(of_country: str, country: str, part: str, counts_parts: bool) -> tuple[str, ...]:
    known = _parts(of_country)
    if country == of_country and part in known:
        return (part,)
    return ("", *known) if counts_parts else ("",)


@lru_cache(maxsize=32)
def _parts(country: str) -> tuple[str, ...]:
    return tuple(holidays.list_supported_countries()[country])


@lru_cache(maxsize=256)
def _holidays(country: str, part: str, year: int) -> Mapping[date, str]:
    return dict(holidays.country_holidays(country, subdiv=part or None, years=year, language=None))


@lru_cache(maxsize=128)
def _minutes(spans: Spans) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((minutes(start), minutes(end)) for start, end in spans))


def _meet(
    one: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    both = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple((start, end) for start, end in both if start < end)


def _utc(day: date, minute: int, zone: ZoneInfo) -> datetime:
    extra, rest = divmod(minute, 24 * 60)
    local = datetime.combine(day + extra * _DAY, time(rest // 60, rest % 60), zone)
    return local.astimezone(UTC)


def _spans_in(profile: RuleProfile, region: str, zone: ZoneInfo, days: list[date]) -> list[Span]:
    """The spans of `days` in UTC, those that touch at midnight made one."""
    merged: list[Span] = []
    for day in days:
        for low, high in spans_of_day(profile, region, day):
            start, end = _utc(day, low, zone), _utc(day, high, zone)
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            elif start < end:
                merged.append((start, end))
    return merged


def _open_spans(
    profile: RuleProfile, region: str, zones: Sequence[ZoneInfo], moment: datetime, days: int
) -> tuple[Span, ...]:
    """The spans, in UTC and in order, in which all `zones` allow calls, from yesterday on."""
    return _spans_from(_Same(profile), region, tuple(zones), moment.astimezone(UTC).date(), days)


class _Same:
    """A profile as a key: itself and no other, since comparing two of them takes its time."""

    __slots__ = ("profile",)

    def __init__(self, profile: RuleProfile) -> None:
        self.profile = profile

    def __hash__(self) -> int:
        return id(self.profile)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.profile is self.profile


@lru_cache(maxsize=1024)
def _spans_from(
    same: _Same, region: str, zones: tuple[ZoneInfo, ...], today: date, days: int
) -> tuple[Span, ...]:
    """The same for all moments of a day of UTC, which lies in up to three days of a zone."""
    dates = [today + n * _DAY for n in range(-2, days + 3)]
    together: list[Span] | None = None
    for zone in zones:
        own = _spans_in(same.profile, region, zone, dates)
        if together is None:
            together = own
        else:
            both = ((max(a, c), min(b, d)) for a, b in together for c, d in own)
            together = sorted((start, end) for start, end in both if start < end)
    return tuple(together or ())


def _deciding(
    profile: RuleProfile, region: str, zones: list[ZoneInfo], moment: datetime, ring: timedelta
) -> ZoneInfo:
    """The first zone that alone forbids a dial at `moment`, for the words of the refusal."""

    def forbids(zone: ZoneInfo) -> bool:
        spans = _open_spans(profile, region, [zone], moment, days=1)
        return not any(start <= moment <= end - ring for start, end in spans)

    return next((zone for zone in zones if forbids(zone)), zones[0])


def _because(profile: RuleProfile, region: str, day: date) -> str:
    today = holiday_name(profile.holiday_calendar, region, day)
    hours = profile.calling_hours
    if today and hours.holiday != hours.week()[day.weekday()]:
        return today
    tomorrow = holiday_name(profile.holiday_calendar, region, day + _DAY)
    if tomorrow and hours.holiday_eve is not None:
        return f"eve of {tomorrow}"
    return ""
