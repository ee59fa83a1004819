"""How many people today's pace is likely to bring, for a budget that looks ahead.

The engine reckons the same from its own logs (`engine.day_budget`); here the record is asked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from dialer_core.clock import Instant
from dialer_core.model.budget import PACE_S, coming, pace
from dialer_core.model.ids import CampaignId
from dialer_core.model.states import FormulaClass
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.day import start_of_day
from dialer_core.store.schema import AttemptRow

REFRESH_S: Final = 10.0  # an hour's pace changes slowly, and reading it is a walk over the hour

_FIRST = select(func.min(AttemptRow.committed_at)).where(
    AttemptRow.campaign_id == bindparam("campaign"), AttemptRow.committed_at >= bindparam("start")
)
_MET = select(func.count()).where(
    AttemptRow.campaign_id == bindparam("campaign"),
    AttemptRow.committed_at >= bindparam("since"),
    AttemptRow.formula_class == FormulaClass.L,
)


class Pace:
    """Live answers ahead of each campaign, kept for a few seconds."""

    def __init__(self) -> None:
        self._met: dict[CampaignId, tuple[float, float]] = {}  # read at, people a second

    def ahead(self, connection: Connection, settings: CampaignSettings, now: Instant) -> float:
        """Live answers that are likely to come before calling ends, in the coming hour.

        0 where nothing may be borrowed, and on a day without calling hours.
        """
        ends = settings.calling_ends(now.utc)
        if not settings.campaign.borrows_ahead or ends is None or ends <= now.utc:
            return 0.0
        return coming(self._read(connection, settings, now), (ends - now.utc).total_seconds())

    def _read(self, connection: Connection, settings: CampaignSettings, now: Instant) -> float:
        campaign_id = settings.campaign.id
        at_s, people_a_second = self._met.get(campaign_id, (float("-inf"), 0.0))
        if not 0.0 <= now.mono_s - at_s < REFRESH_S:
            people_a_second = _people_a_second(connection, settings, now)
            self._met[campaign_id] = now.mono_s, people_a_second
        return people_a_second


def _people_a_second(connection: Connection, settings: CampaignSettings, now: Instant) -> float:
    """Of the last hour, or of the day so far where it is younger."""
    whose = {"campaign": settings.campaign.id}
    start = start_of_day(settings, now.utc)
    first = connection.scalar(_FIRST, whose | {"start": start})
    if first is None:
        return 0.0
    since = max(start, now.utc - timedelta(seconds=PACE_S))
    met = connection.scalar(_MET, whose | {"since": since}) or 0
    return pace(met, (now.utc - first).total_seconds())
