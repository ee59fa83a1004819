"""The plan of a simulated day: who works when, what goes wrong, and who may be called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dialer_core.model.levers import NO_LEVERS, Levers
from dialer_core.model.states import Mode
from dialer_core.simulation.public import Behaviour, Scenario


@dataclass(frozen=True, slots=True)
class Rest:
    """A break that an agent takes, or a short pause: seconds of the day and of length.

    `announced_s`: how long before it the agent says so; None: not at all.
    """

    at_s: float
    length_s: float
    announced_s: float | None = None


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """One agent's day; `number` from 1 on."""

    number: int
    comes_s: float
    goes_s: float
    rests: tuple[Rest, ...] = ()
    is_relief: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Something of the outside changes at a moment of the day, and stays so until the next turn.

    `answers`: what the shares of people and machines are multiplied with; `invalid`: the same of
    numbers that do not exist; `lines`: how many lines the trunk gives (None: all of the day's).
    """

    at_s: float
    answers: float = 1.0
    invalid: float = 1.0
    lines: int | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """What the floor of a day knows beyond counts. Nothing, by default.

    `forecast_error`: the agents' forecasts of their end are off by this coefficient of variation;
    None: they tell nothing. `chance_spread`: standard deviation (in logits) of the people's own
    chances to answer around the scenario's share; `chance_noise`: that of the estimate around
    them; None: no record brings a chance. `window`: how many of the next records the dialler holds.
    """

    forecast_error: float | None = None
    chance_spread: float = 0.0
    chance_noise: float | None = None
    window: int = 40


@dataclass(frozen=True, slots=True)
class DayPlan:
    """All that a simulated day needs besides the people: the same plan gives the same day."""

    scenario: Scenario
    mode: Mode
    length_s: float
    lines: int
    seats: tuple[SeatPlan, ...]
    turns: tuple[Turn, ...] = ()
    drift: float = 0.0  # the shares that answer swing by this much over the day
    hints: Hints = Hints()
    levers: Levers = NO_LEVERS
    parked_an_hour: int = 6
    abandon_target: float = 0.03
    seed: int = 0


class People(Protocol):
    """Who may be called, and what they do; asked with the moment, since a day changes."""

    def behaviour(self, contact: int, number: str, attempt: int, at_s: float) -> Behaviour: ...

    def chance(self, contact: int, at_s: float) -> float | None:
        """The floor's estimate that the contact's call is answered; None where it has none."""
        ...
