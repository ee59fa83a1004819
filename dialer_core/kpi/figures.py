"""Figures of a floor, each with the formula and the two numbers that it was made of.

"Contact rate" and "utilisation" mean different things to different people, so no figure leaves
here without its formula. Definitions are those of the project's facts sheet, section 5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class RateFound(Protocol):
    """A rate as `rules.abandonment.abandoned_rate` gives it."""

    @property
    def numerator(self) -> float: ...
    @property
    def denominator(self) -> float: ...
    @property
    def rate(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def formula(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; `value` is None where the denominator is nothing and so nothing can be said.

    `unit`: "share" (0 to 1), "/h" or "s". `low` and `high`: the 95 % interval, where it has one.
    """

    name: str
    value: float | None
    unit: str
    numerator: float
    denominator: float
    formula: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class SeatTimes:
    """Seconds that seats spent in each state over a period, summed; never below 0."""

    available_s: float = 0.0
    talk_s: float = 0.0
    wrap_up_s: float = 0.0
    preview_s: float = 0.0
    ringing_s: float = 0.0  # held for a call that is dialled, or its leg is being set up
    paused_s: float = 0.0

    @property
    def logged_in_s(self) -> float:
        """All of it."""
        return self.busy_s + self.available_s + self.preview_s + self.ringing_s + self.paused_s

    @property
    def busy_s(self) -> float:
        """With a person or with what is left to do of one."""
        return self.talk_s + self.wrap_up_s


def abandoned(found: RateFound) -> Figure:
    """The abandoned rate of the law's formula, with its 95 % interval."""
    return Figure(
        "Abandoned",
        found.rate if found.denominator or found.numerator else None,
        "share",
        found.numerator,
        found.denominator,
        found.formula,
        found.low,
        found.high,
    )


def occupancy(times: SeatTimes) -> Figure:
    """Share of the time at work or ready in which the seats were at work."""
    of_all = times.busy_s + times.available_s + times.ringing_s + times.preview_s
    formula = "(talk + wrap-up) / (talk + wrap-up + waiting for work)"
    return _ratio("Occupancy", "share", times.busy_s, of_all, formula)


def utilisation(times: SeatTimes) -> Figure:
    """Share of the time logged in, pauses included, in which the seats were at work."""
    formula = "(talk + wrap-up) / (logged in, pauses included)"
    return _ratio("Utilisation", "share", times.busy_s, times.logged_in_s, formula)


def contacts_per_hour(contacts: int, times: SeatTimes) -> Figure:
    """People spoken to by an agent, for each hour that a seat was logged in."""
    formula = "people spoken to / hours logged in"
    return _ratio("Contacts per hour", "/h", contacts, times.logged_in_s / 3600.0, formula)


def mean_wait(waits_s: Sequence[float]) -> Figure:
    """Mean seconds from a person's answer to the first word with an agent."""
    waits = _sound(waits_s)
    return _ratio("Mean wait", "s", sum(waits), len(waits), "sum of waits / answered and connected")


def wait_p95(waits_s: Sequence[float]) -> Figure:
    """The wait that 95 of 100 connected people did not exceed (nearest rank)."""
    waits = sorted(_sound(waits_s))
    rank = math.ceil(0.95 * len(waits))
    value = waits[rank - 1] if waits else None
    return Figure("95 % waited at most", value, "s", rank, len(waits), "nearest rank of the waits")


def _ratio(name: str, unit: str, numerator: float, denominator: float, formula: str) -> Figure:
    value = numerator / denominator if denominator > 0 else None
    return Figure(name, value, unit, numerator, denominator, formula)


def _sound(waits_s: Sequence[float]) -> list[float]:
    """Waits that can be; two clocks that differ a little give one just below nothing."""
    return [max(0.0, wait_s) for wait_s in waits_s if math.isfinite(wait_s)]
