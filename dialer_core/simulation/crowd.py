"""Everybody who may be called on a benchmark's day, and what the floor believes of each."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from dialer_core.simulation.climate import Climate
from dialer_core.simulation.day import DayPlan, Turn
from dialer_core.simulation.draw import Draws
from dialer_core.simulation.public import (
    FINAL_STATUS,
    Behaviour,
    Kind,
    Public,
    Scenario,
    hello_s_of,
    patience_s_of,
    ring_s_of,
    talk_s_of,
    wrap_s_of,
)

_NORMAL = NormalDist()
_MOST_ANSWERS = 0.97
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(48)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_Floats = npt.NDArray[np.float64]


class Crowd:
    """The people of a plan. What a contact does depends on seed, contact and attempt alone.

    The moment of the call moves the shares, never the contact's own number in them: all pacers
    meet the same public (common random numbers). With `chance_spread` each contact has an own
    chance to answer, log-normal in the odds, such that the shares of the scenario are the
    population's mean at each moment.
    """

    def __init__(self, plan: DayPlan) -> None:
        self._scenario = plan.scenario
        self._draws = Draws(plan.seed, purpose=1)
        phase = Draws(plan.seed, purpose=2).row(0)[0]
        self._climate = Climate(plan.turns, drift=plan.drift, length_s=plan.length_s, phase=phase)
        hints = plan.hints
        self._spread = hints.chance_spread
        self._odds = OwnChances(hints.chance_spread) if hints.chance_spread > 0 else None
        self._estimate: ChanceEstimate | None = None
        if hints.chance_noise is not None:
            self._estimate = ChanceEstimate(
                answered_share(plan.scenario, plan.longest_ring_s),
                hints.chance_spread,
                hints.chance_noise,
            )

    def behaviour(self, contact: int, number: str, attempt: int, at_s: float) -> Behaviour:
        """What the contact does in this attempt, at this moment of the day."""
        del number
        row = self._draws.row(contact, attempt)
        scenario, turn = self._scenario, self._climate.turn(at_s)
        kind = self._kind(row, turn, self._climate.drift(at_s) * turn.answers)
        ring_s = ring_s_of(scenario, kind, row[1])
        if kind is Kind.HUMAN or kind is Kind.MACHINE:
            ring_s *= turn.ring
        return Behaviour(
            kind=kind,
            final_status=FINAL_STATUS[kind],
            ring_s=ring_s + turn.delay_s,
            is_machine=kind is Kind.MACHINE,
            hello_s=hello_s_of(kind, row[3]),
            patience_s=patience_s_of(kind, row[3]),
            talk_s=talk_s_of(scenario, kind, row[4]) * (turn.talk if kind is Kind.HUMAN else 1.0),
            wrap_s=wrap_s_of(scenario, kind, row[5]) * turn.wrap,
            delay_s=turn.delay_s,
        )

    def chance(self, contact: int, at_s: float) -> float | None:
        """The estimate of the evening before: it knows the contact, neither drift nor turns."""
        del at_s
        if self._estimate is None:
            return None
        row = self._draws.row(contact, 1)
        return self._estimate.chance(_z(row[6]), _z(row[7]))

    def _kind(self, row: list[float], turn: Turn, answers: float) -> Kind:
        """Who answers: answers grow from the bottom of the line 0 to 1, the others from its top.

        So when a share moves, hardly any contact becomes another kind than it was.
        """
        scenario, who = self._scenario, row[0]
        human = scenario.human * answers
        share = human + scenario.machine * answers * turn.machines
        if share > 0:
            met = min(share, _MOST_ANSWERS)
            if self._odds is not None:
                met = self._odds.share(met, self._spread * _z(row[6]))
            if who < met:
                return Kind.HUMAN if row[2] * share < human else Kind.MACHINE
        edge = 1.0
        for kind, part in (
            (Kind.INVALID, scenario.invalid * turn.invalid),
            (Kind.BUSY, scenario.busy),
            (Kind.DECLINED, scenario.declined),
            (Kind.HANGS_UP, scenario.hangs_up),
            (Kind.OVERLOADED, scenario.overloaded),
        ):
            edge -= part
            if who >= edge:
                return kind
        return Kind.NO_ANSWER


class OwnChances:
    """Chances p = 1 / (1 + exp(-(a + d))) with d normal: which a makes their mean a given share."""

    def __init__(self, spread: float) -> None:
        self._levels: _Floats = np.linspace(-14.0, 14.0, 1121)
        self._means = _mean_share(self._levels, spread)

    def level(self, share: float) -> float:
        """The a whose population answers with this share."""
        return float(np.interp(share, self._means, self._levels))

    def share(self, mean: float, deviation: float) -> float:
        """The own share of who deviates by so many logits, where `mean` is the population's."""
        return 1.0 / (1.0 + math.exp(-(self.level(mean) + deviation)))


class ChanceEstimate:
    """What a well-calibrated model with so much noise says: the mean of p given what it sees.

    It sees x = d + noise, d being the contact's own deviation in logits. Given x, d is normal with
    mean x s^2 / (s^2 + n^2) and variance s^2 n^2 / (s^2 + n^2) (Bayes for two normals); the
    estimate is the mean of 1 / (1 + exp(-(a + d))) over it, by Gauss-Hermite quadrature. So of
    those whose estimate is q a share of q answers, however one chooses among them by q.
    """

    def __init__(self, share: float, spread: float, noise: float) -> None:
        own, other = spread * spread, noise * noise
        self._spread, self._noise = spread, noise
        self._pull = own / (own + other) if own + other > 0 else 0.0
        left = math.sqrt(own * other / (own + other)) if own + other > 0 else 0.0
        level = OwnChances(spread).level(share)
        reach = 6.0 * math.sqrt(own * self._pull) + 1e-9
        self._seen: _Floats = np.linspace(-reach, reach, 241)
        self._chances = _mean_share(level + self._seen, left)

    def chance(self, z: float, noise_z: float) -> float:
        """The estimate for a contact, by the standard normals of its deviation and of the noise."""
        seen = self._pull * (self._spread * z + self._noise * noise_z)
        return float(np.interp(seen, self._seen, self._chances))


def answered_share(scenario: Scenario, limit_s: float) -> float:
    """The share of dials that is answered before the caller gives up at `limit_s`."""
    ring_s = limit_s - scenario.ring_least_s
    variance = math.log(1.0 + scenario.ring_cv**2)
    human = 0.0
    if ring_s > 0 and scenario.ring_mean_s > 0 and variance > 0:
        mean = math.log(scenario.ring_mean_s) - variance / 2
        human = _NORMAL.cdf((math.log(ring_s) - mean) / math.sqrt(variance))
    elif ring_s > scenario.ring_mean_s:
        human = 1.0
    late_s = limit_s - scenario.machine_ring_s
    sd_s = scenario.machine_ring_sd_s
    machine = _NORMAL.cdf(late_s / sd_s) if sd_s > 0 else float(late_s > 0)
    return scenario.human * human + scenario.machine * machine


def _mean_share(levels: _Floats, spread: float) -> _Floats:
    """The mean of 1 / (1 + exp(-(level + d))) over normal d, for each level."""
    shares = 1.0 / (1.0 + np.exp(-(levels[:, None] + spread * _NODES[None, :])))
    means: _Floats = shares @ _WEIGHTS
    return means


def _z(u: float) -> float:
    return _NORMAL.inv_cdf(u)


class PracticePeople:
    """The people of the practice floor, for a simulated day beside a real one of robots.

    `public`: theirs, with its seed, scenario and speed; nothing drifts or turns.
    """

    def __init__(self, public: Public) -> None:
        self._public = public

    def behaviour(self, contact: int, number: str, attempt: int, at_s: float) -> Behaviour:
        """What the contact does in this attempt, at any moment; a contact has one number."""
        del number, at_s
        return self._public.person(str(contact), attempt)

    def chance(self, contact: int, at_s: float) -> float | None:
        """Nothing is estimated of them."""
        del contact, at_s
        return None
