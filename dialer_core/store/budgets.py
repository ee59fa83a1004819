"""How many calls may still be lost, over each window and scope that the rules name.

All of them must pass, so the tightest one is the budget. Blocks and rolling windows are counted in
whole days of each campaign's own calendar; a rolling window of 30 days is today and the 29 before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from dialer_core.clock import Instant
from dialer_core.model.records import DayCounts
from dialer_core.model.states import Direction
from dialer_core.rules.abandonment import AbandonedRate, abandoned_rate, drops_left
from dialer_core.rules.hours import zone_named
from dialer_core.rules.profiles import REHEARSAL, AbandonFormula, AbandonScope, AbandonWindow
from dialer_core.store import counts, machines_heard
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.schema import AttemptRow, CampaignRow, ContactRow, DayCountRow

DAYS: Final = 30
_DAY = timedelta(days=1)
_LONGEST_DAY = timedelta(hours=52)  # from the first to the last zone of one date
_PLAIN = ((AbandonWindow.CALENDAR_DAY_CALLER_TZ,), (AbandonScope.CAMPAIGN,))

_CAMPAIGNS: BindParameter[int] = bindparam("campaigns", expanding=True)
_OF_SITE = select(CampaignRow.id, CampaignRow.client_id, CampaignRow.profile_id)
_FIRST = select(func.min(DayCountRow.day)).where(DayCountRow.campaign_id == bindparam("campaign"))
_SUMS = select(
    *(func.coalesce(func.sum(DayCountRow.__table__.c[name]), 0).label(name)
      for name in counts.COLUMNS)
).where(
    DayCountRow.campaign_id.in_(_CAMPAIGNS),
    DayCountRow.day >= bindparam("since"),
    DayCountRow.day <= bindparam("until"),
)  # fmt: skip
_ANSWERED = (
    select(AttemptRow.committed_at, AttemptRow.formula_class, ContactRow.zones)
    .join(ContactRow, ContactRow.id == AttemptRow.contact_id)
    .where(
        AttemptRow.campaign_id.in_(_CAMPAIGNS),
        AttemptRow.committed_at >= bindparam("since"),
        AttemptRow.formula_class.in_(list(counts.OF_CLASS)),
        AttemptRow.direction == Direction.OUT,
    )
)


@dataclass(frozen=True, slots=True)
class WindowBudget:
    """One window of one scope: its counts, the rate with its 95 % interval, what may still go."""

    window: AbandonWindow
    scope: AbandonScope
    since: date  # its first day, where the campaign is
    counts: DayCounts
    rate: AbandonedRate
    cap: float
    drops_left: int


def budgets(
    connection: Connection, settings: CampaignSettings, now: Instant, ahead: float = 0.0
) -> list[WindowBudget]:
    """Every window and scope of the campaign's rules; `ahead`: live answers likely to come."""
    profile = settings.profile
    cap = min(settings.campaign.abandon_cap, profile.abandon_cap)  # as at the gate
    found: list[WindowBudget] = []
    for scope in profile.abandon_scopes or (AbandonScope.CAMPAIGN,):
        campaigns = _campaigns(connection, settings, scope)
        heard = machines_heard.tally(connection, *campaigns)
        for window in profile.abandon_windows or (AbandonWindow.CALENDAR_DAY_CALLER_TZ,):
            since, totals = _totals(connection, settings, campaigns, window, now)
            five = counts.day_counts(totals, profile, heard)
            formula = AbandonFormula(profile.abandon_formula)
            found.append(
                WindowBudget(
                    window,
                    scope,
                    since,
                    five,
                    abandoned_rate(five, formula),
                    cap,
                    drops_left(five, formula, cap, ahead=ahead),
                )
            )
    return found


def tightest(found: Iterable[WindowBudget]) -> WindowBudget:
    """The one that leaves least; of several the one with the highest rate."""
    return min(found, key=lambda one: (one.drops_left, -one.rate.rate))


def binding_counts(
    connection: Connection, settings: CampaignSettings, now: Instant, ahead: float = 0.0
) -> DayCounts:
    """The counts of the tightest window and scope: what the dialler reckons its budget from."""
    profile = settings.profile
    if (profile.abandon_windows, profile.abandon_scopes) == _PLAIN:
        today = counts.read(connection, settings.campaign.id, settings.day(now.utc))
        heard = machines_heard.tally(connection, settings.campaign.id)
        return counts.day_counts(today, profile, heard)
    return tightest(budgets(connection, settings, now, ahead)).counts


def _campaigns(
    connection: Connection, settings: CampaignSettings, scope: AbandonScope
) -> Sequence[int]:
    """The campaigns whose calls count; the rehearsal's are nobody's."""
    own = settings.campaign.id
    if scope is AbandonScope.CAMPAIGN:
        return [own]
    is_rehearsal = settings.profile.profile_id == REHEARSAL
    return [
        row.id
        for row in connection.execute(_OF_SITE)
        if (row.profile_id == REHEARSAL) == is_rehearsal
        and (scope is AbandonScope.SITE or row.client_id == settings.client_id)
    ]


def _totals(
    connection: Connection,
    settings: CampaignSettings,
    campaigns: Sequence[int],
    window: AbandonWindow,
    now: Instant,
) -> tuple[date, Mapping[str, int]]:
    today = settings.day(now.utc)
    if window is AbandonWindow.CALENDAR_DAY_CALLEE_TZ:
        return today, _where_they_are(connection, settings, campaigns, now)
    since = today
    if window is AbandonWindow.ROLLING_P30D:
        since = today - (DAYS - 1) * _DAY
    elif window is AbandonWindow.CAMPAIGN_PERIOD_P30D:
        first = connection.scalar(_FIRST, {"campaign": settings.campaign.id})
        begun = min(first or today, today)
        since = begun + (today - begun).days // DAYS * DAYS * _DAY
    # Another campaign's date may be a day ahead of ours.
    whole = {"campaigns": list(campaigns), "since": since, "until": today + _DAY}
    row = connection.execute(_SUMS, whole).mappings().one()
    return since, {name: int(row[name]) for name in counts.COLUMNS}


def _where_they_are(
    connection: Connection, settings: CampaignSettings, campaigns: Sequence[int], now: Instant
) -> dict[str, int]:
    """Today's counts by the clock of each person who was called."""
    found = dict.fromkeys(counts.COLUMNS, 0)
    since = now.utc - _LONGEST_DAY
    for row in connection.execute(_ANSWERED, {"campaigns": list(campaigns), "since": since}):
        zone = (zone_named(row.zones[0]) if row.zones else None) or settings.zone
        if _date(row.committed_at, zone) == _date(now.utc, zone):
            found[counts.OF_CLASS[row.formula_class]] += 1
    return found


def _date(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
