"""Penetration as it grew from day to day, and which hours of the week are answered best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, or_, select

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.model.states import CallStage, Direction
from dialer_core.rules.hours import zone_named
from dialer_core.rules.outcomes import NO_CONTACT
from dialer_core.store import segments
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.conditions import expression
from dialer_core.store.penetration import By
from dialer_core.store.schema import AttemptRow, ContactNumberRow, ContactRow
from dialer_core.store.schema.base import ContactStatus

DAYS: Final = 60  # that are looked back
CALLS: Final = 20_000  # the newest, for the answers by hour
LEAST_CALLS: Final = 10  # in an hour of the week, before a share is told

_MEANT = or_(AttemptRow.outcome.is_(None), AttemptRow.outcome.not_in(sorted(NO_CONTACT)))


@dataclass(frozen=True, slots=True)
class DayPenetration:
    """The four figures at the end of a day of the campaign's calendar."""

    day: date
    list_penetration: float
    phone_penetration: float
    saturation: float
    closed: float


@dataclass(frozen=True, slots=True)
class HourAnswers:
    """Calls that were answered in an hour of the week by people's own clocks; Monday is 0."""

    weekday: int
    hour: int
    calls: int
    answered: int

    @property
    def share(self) -> float | None:
        """None with too few calls."""
        return self.answered / self.calls if self.calls >= LEAST_CALLS else None


def by_day(
    connection: Connection,
    settings: CampaignSettings,
    by: By | None,
    group_id: int,
    now: Instant,
) -> list[DayPenetration]:
    """The last `DAYS` days of the whole campaign (`by` None), or of a list, import or segment.

    Against the records and numbers that there are now; a record was closed on the day of its last
    call. Empty where nobody was called yet.
    """
    inside = [ContactRow.campaign_id == settings.campaign.id]
    if by is By.LIST:
        inside.append(ContactRow.list_id == group_id)
    elif by is By.IMPORT:
        inside.append(ContactRow.import_id == group_id)
    elif by is By.SEGMENT:
        saved = segments.saved(connection, settings.campaign.id)
        condition = next((one.condition for one in saved if one.id == group_id), None)
        if condition is None:
            raise KnownError("There is no such segment any more; choose another.")
        inside.append(expression(condition, now.utc, connection.dialect.name))
    records = connection.scalar(select(func.count()).select_from(ContactRow).where(*inside)) or 0
    numbers = (
        connection.scalar(
            select(func.count())
            .select_from(ContactNumberRow)
            .join(ContactRow, ContactRow.id == ContactNumberRow.contact_id)
            .where(*inside)
        )
        or 0
    )
    own = select(ContactRow.id).where(*inside)
    calls = select(AttemptRow.committed_at).where(
        AttemptRow.contact_id.in_(own), AttemptRow.direction == Direction.OUT, _MEANT
    )
    first = func.min(AttemptRow.committed_at)
    of_people = calls.with_only_columns(first).group_by(AttemptRow.contact_id)
    of_numbers = calls.with_only_columns(first).group_by(AttemptRow.number_id)
    closed = select(ContactRow.last_attempt_at).where(
        *inside,
        ContactRow.status == ContactStatus.CLOSED,
        ContactRow.last_attempt_at.is_not(None),
    )
    made, people, tried, done = (
        _days(settings, connection.scalars(one)) for one in (calls, of_people, of_numbers, closed)
    )
    if not made or not records:
        return []
    return _grown(settings.day(now.utc), made, people, tried, done, records, max(1, numbers))


def _days(settings: CampaignSettings, moments: Iterable[datetime]) -> Counter[date]:
    return Counter(settings.day(moment) for moment in moments)


def _grown(
    today: date,
    made: Counter[date],
    people: Counter[date],
    tried: Counter[date],
    done: Counter[date],
    records: int,
    numbers: int,
) -> list[DayPenetration]:
    first = max(min(made), today - timedelta(days=DAYS - 1))
    before = [
        sum(n for day, n in one.items() if day < first) for one in (people, tried, made, done)
    ]
    found: list[DayPenetration] = []
    day = first
    while day <= today:
        before = [
            total + one[day] for total, one in zip(before, (people, tried, made, done), strict=True)
        ]
        found.append(
            DayPenetration(
                day, before[0] / records, before[1] / numbers, before[2] / records,
                before[3] / records,
            )
        )  # fmt: skip
        day += timedelta(days=1)
    return found


def answers_by_hour(
    connection: Connection, settings: CampaignSettings, most: int = CALLS
) -> list[HourAnswers]:
    """How often each hour of the week was answered, of the campaign's newest calls.

    Only hours in which somebody was called; the hour is that of the person's likeliest zone.
    """
    rows = connection.execute(
        select(AttemptRow.committed_at, AttemptRow.answered_at, ContactRow.zones)
        .join(ContactRow, ContactRow.id == AttemptRow.contact_id)
        .where(
            AttemptRow.campaign_id == settings.campaign.id,
            AttemptRow.direction == Direction.OUT,
            AttemptRow.stage == CallStage.ENDED,
            _MEANT,
        )
        .order_by(AttemptRow.committed_at.desc())
        .limit(most)
    )
    calls: Counter[tuple[int, int]] = Counter()
    answered: Counter[tuple[int, int]] = Counter()
    for at, answered_at, zones in rows:
        zone: ZoneInfo = (zone_named(zones[0]) if zones else None) or settings.zone
        local = at.astimezone(zone)
        key = (local.weekday(), local.hour)
        calls[key] += 1
        answered[key] += answered_at is not None
    return [
        HourAnswers(day, hour, count, answered[day, hour])
        for (day, hour), count in sorted(calls.items())
    ]
