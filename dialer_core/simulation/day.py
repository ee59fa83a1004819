"""The plan of a simulated day: who works when, what goes wrong, and who may be called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dialer_core.model.levers import NO_LEVERS, Levers
from dialer_core.model.states import Mode
from dialer_core.simulation.public import Behaviour, Scenario

RING_LIMIT_S = 45.0  # of a new campaign: later than any network gives up, than nearly all answer
LINES_A_SEAT = 3  # enough: no pacer that keeps the law fills them


@dataclass(frozen=True, slots=True)
class Rest:
    """A break that an agent takes, or a short pause: seconds of the day and of length.

    `announced_s`: how long before it the agent says so; 0: just then, which in a call means "after
    this call"; None: not at all, the agent is gone when next free. The length begins with the
    pause itself, however late that is.
    """

    at_s: float
    length_s: float
    announced_s: float | None = None


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """One agent's day; `number` from 1 on.

    Who goes does so after the call in hand, unless `is_abrupt`: then in the middle of it.
    """

    number: int
    comes_s: float
    goes_s: float
    rests: tuple[Rest, ...] = ()
    is_relief: bool = False
    is_abrupt: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Something of the outside changes at a moment of the day, and stays so until the next turn.

    Factors: `answers` of the shares of people and machines, `machines` of that of machines
    besides, `invalid` of that of numbers that do not exist, `talk`, `wrap` and `ring` of those
    times. `delay_s`: how long the network takes before it rings. `lines`: how many lines the trunk
    gives (a line in use is given up after its call); `channels`: how many calls at once the
    carrier takes (more are refused); None: as many as the day has.
    """

    at_s: float
    answers: float = 1.0
    invalid: float = 1.0
    lines: int | None = None
    machines: float = 1.0
    talk: float = 1.0
    wrap: float = 1.0
    ring: float = 1.0
    delay_s: float = 0.0
    channels: int | None = None


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
    """All that a simulated day needs besides the people: the same plan gives the same day.

    `drift`: the shares that answer swing by this much around the scenario's over the day, once up
    and once down, beginning where the seed says.
    """

    scenario: Scenario
    mode: Mode
    length_s: float
    lines: int
    seats: tuple[SeatPlan, ...]
    turns: tuple[Turn, ...] = ()
    drift: float = 0.0
    hints: Hints = Hints()
    levers: Levers = NO_LEVERS
    parked_an_hour: int = 6
    abandon_target: float = 0.03
    seed: int = 0
    connect_limit_s: float = 2.0  # the law's, never scaled
    ring_limit_s: float | None = None  # the dialler gives up then; None: when nobody answers

    @property
    def longest_ring_s(self) -> float:
        """When the dialler gives a call up that still rings."""
        limit_s = self.ring_limit_s
        return self.scenario.no_answer_s if limit_s is None else limit_s


class People(Protocol):
    """Who may be called, and what they do; asked with the moment, since a day changes."""

    def behaviour(self, contact: int, number: str, attempt: int, at_s: float) -> Behaviour: ...

    def chance(self, contact: int, at_s: float) -> float | None:
        """The floor's estimate that the contact's call is answered; None where it has none."""
        ...
