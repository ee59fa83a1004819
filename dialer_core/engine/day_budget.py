"""The counts of the law's window, and what they and the coming hour let a campaign lose."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from dialer_core.clock import Instant
from dialer_core.model.budget import PACE_S, coming, pace
from dialer_core.model.campaign import Campaign
from dialer_core.model.records import DayCounts
from dialer_core.model.states import FormulaClass
from dialer_core.pacing.view import Budget, HandleEnd, RingEnd
from dialer_core.rules.abandonment import abandoned_rate, drops_left
from dialer_core.rules.profiles import AbandonFormula

REFRESH_S = 5.0  # what is likely to come changes slowly
_FIELDS = {
    FormulaClass.L: "live",
    FormulaClass.M: "machines",
    FormulaClass.AOBS: "abandoned",
    FormulaClass.AMDET: "detected_machines",
}


class DayBudget:
    """Counts calls by their class, and reckons the budget when it is asked for.

    The logs are the campaign's own; they only grow, and what they held when a day began is not of
    that day.
    """

    def __init__(self, rings: Sequence[RingEnd], handles: Sequence[HandleEnd]) -> None:
        self.counts = DayCounts()
        self._rings, self._handles = rings, handles
        self._first_ring = self._read = 0  # places in the logs
        self._met: deque[float] = deque()  # when the calls with people of the last hour were over
        self._budget: Budget | None = None
        self._until_s = float("-inf")

    def begin(self, counts: DayCounts) -> None:
        """A day begins, or is gone on with, at these counts."""
        self.counts = counts
        self._first_ring, self._read = len(self._rings), len(self._handles)
        self._met.clear()
        self._budget = None

    def forget(self) -> None:
        """The campaign's settings have changed."""
        self._budget = None

    def count(self, old: FormulaClass | None, new: FormulaClass | None) -> None:
        """Move one answered call from one count of the abandoned rate to another."""
        if old is new:
            return
        for change, which in ((-1, old), (1, new)):
            name = _FIELDS.get(which) if which is not None else None
            if name is not None:
                number = max(0, getattr(self.counts, name) + change)
                self.counts = replace(self.counts, **{name: number})
                self._budget = None

    def ahead(self, campaign: Campaign, now: Instant) -> float:
        """Live answers that are likely to come before the floor goes home, in the coming hour.

        0 where nothing may be borrowed, or where nobody knows when calling ends.
        """
        ends = campaign.calling_ends
        if not campaign.borrows_ahead or ends is None or ends <= now.utc:
            return 0.0
        return coming(self._pace(now.mono_s), (ends - now.utc).total_seconds())

    def budget(self, campaign: Campaign, now: Instant) -> Budget:
        """What the law's window still affords."""
        if self._budget is None or now.mono_s >= self._until_s:
            formula = AbandonFormula(campaign.abandon_formula)
            ahead = self.ahead(campaign, now)
            left = drops_left(self.counts, formula, campaign.abandon_cap, ahead=ahead)
            self._budget = Budget(
                cap=campaign.abandon_cap,
                target=campaign.abandon_target,
                live=float(self.counts.live),
                abandoned=abandoned_rate(self.counts, formula).numerator,
                drops_left=float(left),
                live_expected=ahead,
            )
            self._until_s = now.mono_s + REFRESH_S
        return self._budget

    def _pace(self, now_s: float) -> float:
        """People a second who were met in the last hour, or in the day where it is younger."""
        handles, met = self._handles, self._met
        for at in range(self._read, len(handles)):
            if not handles[at].was_machine:
                met.append(handles[at].ended)
        self._read = len(handles)
        while met and met[0] < now_s - PACE_S:
            met.popleft()
        if not met or len(self._rings) <= self._first_ring:
            return 0.0
        return pace(len(met), now_s - self._rings[self._first_ring].launched)
