"""One replay of a recorded day through the real engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dialer_core.engine import events
from dialer_core.model.campaign import Campaign
from dialer_core.simulation.day import DayPlan, People
from dialer_core.simulation.floor import SimulatedFloor
from dialer_core.simulation.lines import SimulatedLines
from dialer_core.simulation.replay import (
    Figures,
    PreparedDay,
    ReplaySettings,
    figures_of,
    people_of,
    plan_of,
)


def replay_once(ready: PreparedDay, settings: ReplaySettings, seed: int) -> Figures:
    """The day with these settings; the same arguments give the same figures.

    ValueError where the settings leave no seat.
    """
    people = people_of(ready, seed)
    floor = ReplayFloor(plan_of(ready, settings, seed), people, ready, settings)
    return figures_of(floor.run(), people, settings.cap)


class ReplayFloor(SimulatedFloor):
    """The simulator's floor under the settings of the recorded campaign.

    Where a plan has no word for a setting (connect limit, cap, formula, message, preview), the
    campaign brings it; the lines are made anew, since they keep the campaign they began with.
    """

    def __init__(
        self, plan: DayPlan, people: People, ready: PreparedDay, settings: ReplaySettings
    ) -> None:
        super().__init__(plan, people)
        self.campaign = _as_recorded(self, ready, settings)
        self._lines = SimulatedLines(self.kernel, self.campaign, self.tally, self.send)
        self.send(events.CampaignSet(self.campaign))


def _as_recorded(floor: SimulatedFloor, ready: PreparedDay, settings: ReplaySettings) -> Campaign:
    """The recorded campaign as the simulator's, with the moment at which its calling ended."""
    was, now = ready.day.campaign, floor.campaign
    began = ready.day.start + timedelta(seconds=ready.window[0])
    ends = was.calling_ends
    left_s = None if ends is None else (ends - began).total_seconds()
    return replace(
        now,
        abandon_cap=settings.cap,
        abandon_formula=was.abandon_formula,
        connect_limit_s=settings.connect_limit_s,
        message_lead_s=min(was.message_lead_s, settings.connect_limit_s),
        min_ring_s=min(was.min_ring_s, now.max_ring_s),
        max_call_s=was.max_call_s,
        preview_s=was.preview_s,
        preview_timeout=was.preview_timeout,
        wrap_up_limit_s=was.wrap_up_limit_s,
        calling_ends=None if left_s is None else floor.kernel.now().after(left_s).utc,
        borrows_ahead=was.borrows_ahead,
    )
