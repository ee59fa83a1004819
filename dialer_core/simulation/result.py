"""One simulated day in figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

from dialer_core.model.states import Mode


@dataclass(frozen=True, slots=True)
class DayResult:
    """One day in figures, by the public's truth; seconds and counts.

    `utilisation`: talk and wrap-up over logged-in time without breaks and without relief seats.
    `abandoned_rate`: people (not machines) who answered and were not connected within the limit,
    over all people who answered and did not hang up first. `seat_wait`: from ready to the next
    conversation. `parked`: wrap-ups that an answered call interrupted. `held_breaks`: breaks that
    began later than the agent was ready for them, with the mean of that delay. `passed_over`:
    records that were leased before one that was dialled, and were not dialled themselves.
    `series`: see `series.Series`.
    """

    scenario: str
    mode: Mode
    seats: int
    length_s: float
    dials: int
    answered: int
    people_connected: int
    machines_connected: int
    people_abandoned: int
    machines_abandoned: int
    hung_up: int
    overdialled: int
    talk_s: float
    wrap_s: float
    wait_s: float
    paused_s: float
    seat_wait_mean_s: float
    seat_wait_p95_s: float
    answer_to_agent_mean_s: float
    answer_to_agent_p95_s: float
    parked: int
    held_breaks: int
    held_break_mean_s: float
    relief_talk_s: float
    relief_wrap_s: float
    relief_calls: int
    passed_over: int
    events: int
    series: Mapping[str, npt.NDArray[np.float64]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def worked_s(self) -> float:
        """Logged-in time without breaks, of all seats but relief ones."""
        return self.talk_s + self.wrap_s + self.wait_s

    @property
    def utilisation(self) -> float:
        """Share of the working time that was talk or wrap-up."""
        return (self.talk_s + self.wrap_s) / self.worked_s if self.worked_s else 0.0

    @property
    def people_live(self) -> int:
        """People who were to be connected: those that were, and those that were lost."""
        return self.people_connected + self.people_abandoned

    @property
    def abandoned_rate(self) -> float:
        """Share of the people who were to be connected and were not."""
        return self.people_abandoned / self.people_live if self.people_live else 0.0

    @property
    def dials_per_connect(self) -> float:
        """Dials for one person at an agent; infinite where there was none."""
        return self.dials / self.people_connected if self.people_connected else math.inf

    @property
    def parked_per_seat_hour(self) -> float:
        """Interrupted wrap-ups in an hour of a seat's working time."""
        return self.parked * 3600.0 / self.worked_s if self.worked_s else 0.0

    def to_dict(self, *, with_series: bool = True) -> dict[str, object]:
        """Everything in words of JSON; what is infinite is None."""
        per_connect = self.dials_per_connect
        words: dict[str, object] = {
            one.name: getattr(self, one.name) for one in fields(self) if one.name != "series"
        }
        words["mode"] = self.mode.value
        words["utilisation"] = self.utilisation
        words["abandoned_rate"] = self.abandoned_rate
        words["dials_per_connect"] = per_connect if math.isfinite(per_connect) else None
        words["parked_per_seat_hour"] = self.parked_per_seat_hour
        if with_series:
            words["series"] = {
                name: [round(float(value), 4) for value in values]
                for name, values in self.series.items()
            }
        return words
