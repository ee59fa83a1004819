"""The public, drawn once: how each fictitious person behaves when called.

What a person does depends on the seed, the number and which attempt it is, and on nothing else:
neither on who asks nor on the order of asking. So the practice carrier and the simulator cannot
disagree. Every quantity is drawn from one uniform number of its own by inversion, so that the
draws do not shift against each other between versions of Python.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import NormalDist

_NORMAL = NormalDist()


class Kind(StrEnum):
    """Who or what is at the other end."""

    HUMAN = "human"
    MACHINE = "machine"
    BUSY = "busy"
    INVALID = "invalid"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    HANGS_UP = "hangs_up"  # answers and hangs up at once
    OVERLOADED = "overloaded"  # the network is full


FINAL_STATUS: Mapping[Kind, int] = {
    Kind.HUMAN: 200,
    Kind.MACHINE: 200,
    Kind.BUSY: 486,
    Kind.INVALID: 404,
    Kind.NO_ANSWER: 0,
    Kind.DECLINED: 603,
    Kind.HANGS_UP: 200,
    Kind.OVERLOADED: 503,
}


LEAST_TALK_S = 3.0  # real seconds of a person's conversation at any speed


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What one person does in one attempt; seconds.

    `final_status` 200 answers after `ring_s`, others refuse after it, 0 never answers (`ring_s`
    is then how long the caller rings for). `hello_s` is the first sound, a machine's greeting
    included; who hears nobody for `patience_s` hangs up. `talk_s` is how long the conversation
    lasts (with a machine: until the agent has noticed), `wrap_s` what the agent needs after it.
    """

    kind: Kind
    final_status: int
    ring_s: float
    is_machine: bool
    hello_s: float
    patience_s: float
    talk_s: float
    wrap_s: float
    delay_s: float = 0.0  # of `ring_s`, until the network rings at all


@dataclass(frozen=True, slots=True)
class Scenario:
    """Shares of the public and its times. What the shares leave over does not answer.

    Times in seconds; `cv` is the coefficient of variation of a log-normal time. The three small
    kinds (declined, hangs_up, overloaded) are nobody in a benchmark; a practice floor has them.
    """

    name: str
    human: float
    machine: float
    busy: float
    invalid: float
    declined: float = 0.0
    hangs_up: float = 0.0
    overloaded: float = 0.0
    talk_mean_s: float = 120.0
    talk_cv: float = 0.9
    wrap_mean_s: float = 20.0
    wrap_cv: float = 0.6
    ring_least_s: float = 2.0
    ring_mean_s: float = 9.0
    ring_cv: float = 0.6
    machine_ring_s: float = 18.0
    machine_ring_sd_s: float = 3.0
    machine_talk_s: float = 6.0  # with the wrap-up 8 s of a seat
    machine_wrap_s: float = 2.0
    refusal_s: float = 3.0  # until busy, invalid, declined or overloaded comes back
    no_answer_s: float = 25.0


B2C_COLD = Scenario("b2c_cold", human=0.25, machine=0.20, busy=0.10, invalid=0.10)
B2B_WARM = Scenario("b2b_warm", human=0.55, machine=0.10, busy=0.05, invalid=0.05)
LOW_ANSWER = Scenario("low_answer", human=0.12, machine=0.15, busy=0.08, invalid=0.10)
SHORT_TALK = replace(B2C_COLD, name="short_talk", talk_mean_s=45.0, wrap_mean_s=10.0)
LONG_TAIL = replace(B2C_COLD, name="long_tail", talk_mean_s=300.0, talk_cv=1.6, wrap_mean_s=30.0)
SCENARIOS: Mapping[str, Scenario] = {
    one.name: one for one in (B2C_COLD, B2B_WARM, LOW_ANSWER, SHORT_TALK, LONG_TAIL)
}
SMALL_SHARE = 0.01


def with_small_kinds(scenario: Scenario) -> Scenario:
    """The scenario with the few who decline, hang up at once or are lost in a full network."""
    return replace(scenario, declined=SMALL_SHARE, hangs_up=SMALL_SHARE, overloaded=SMALL_SHARE)


PRACTICE = with_small_kinds(B2C_COLD)


class Public:
    """Everybody whom a practice floor may call. `speed` divides ring, talk and wrap-up only.

    ValueError for a speed that is not above zero and for a scenario that nobody knows; a scenario
    given by its name has no small kinds.
    """

    def __init__(self, seed: int, scenario: Scenario | str = PRACTICE, speed: float = 1.0) -> None:
        if not speed > 0 or not math.isfinite(speed):
            raise ValueError(f"speed must be above zero, not {speed}")
        self.scenario = scenario_named(scenario) if isinstance(scenario, str) else scenario
        self._seed = seed
        self._speed = speed

    def person(self, number: str, attempt: int) -> Behaviour:
        """What the person at this number does the `attempt`-th time they are called."""
        draw = random.Random(f"{self._seed}|{number}|{attempt}")
        who, ring, hello, patience, talk, wrap = (draw.random() for _ in range(6))
        scenario, speed = self.scenario, self._speed
        kind = kind_of(scenario, who)
        return Behaviour(
            kind=kind,
            final_status=FINAL_STATUS[kind],
            ring_s=ring_s_of(scenario, kind, ring) / speed,
            is_machine=kind is Kind.MACHINE,
            hello_s=hello_s_of(kind, hello),
            patience_s=patience_s_of(kind, patience),
            talk_s=max(talk_s_of(scenario, kind, talk) / speed, _least_talk_s(kind, speed)),
            wrap_s=wrap_s_of(scenario, kind, wrap) / speed,
        )


def scenario_named(name: str) -> Scenario:
    """The scenario of that name; ValueError names those that there are."""
    found = SCENARIOS.get(name)
    if found is None:
        raise ValueError(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    return found


def log_normal(mean: float, cv: float, u: float) -> float:
    """The value below which a share `u` of a log-normal lies, given its mean and variation."""
    if mean <= 0:
        return 0.0
    variance = math.log(1.0 + cv * cv)
    z = _NORMAL.inv_cdf(min(max(u, 1e-9), 1.0 - 1e-9))
    return math.exp(math.log(mean) - variance / 2 + math.sqrt(variance) * z)


def kind_of(scenario: Scenario, u: float) -> Kind:
    """Who answers, by a uniform number: the kinds share the line from 0 to 1 in this order."""
    shares = (
        (Kind.HUMAN, scenario.human),
        (Kind.MACHINE, scenario.machine),
        (Kind.BUSY, scenario.busy),
        (Kind.INVALID, scenario.invalid),
        (Kind.DECLINED, scenario.declined),
        (Kind.HANGS_UP, scenario.hangs_up),
        (Kind.OVERLOADED, scenario.overloaded),
    )
    edge = 0.0
    for kind, share in shares:
        edge += share
        if u < edge:
            return kind
    return Kind.NO_ANSWER


def ring_s_of(scenario: Scenario, kind: Kind, u: float) -> float:
    """How long it rings until something comes of it, by a uniform number."""
    if kind in (Kind.HUMAN, Kind.HANGS_UP):
        return scenario.ring_least_s + log_normal(scenario.ring_mean_s, scenario.ring_cv, u)
    if kind is Kind.MACHINE:
        z = _NORMAL.inv_cdf(min(max(u, 1e-9), 1.0 - 1e-9))
        ring_s = scenario.machine_ring_s + scenario.machine_ring_sd_s * z
        return max(scenario.ring_least_s, ring_s)
    if kind is Kind.NO_ANSWER:
        return scenario.no_answer_s
    return scenario.refusal_s * (0.5 + u)


def hello_s_of(kind: Kind, u: float) -> float:
    """From the answer to the end of the greeting, by a uniform number."""
    if kind is Kind.MACHINE:
        return 3.0 + 3.0 * u
    return 0.2 if kind is Kind.HANGS_UP else 0.8 + 0.8 * u


def patience_s_of(kind: Kind, u: float) -> float:
    """How long who has answered and hears nobody stays on the line, by a uniform number."""
    return 0.3 if kind is Kind.HANGS_UP else 4.0 + 4.0 * u


def talk_s_of(scenario: Scenario, kind: Kind, u: float) -> float:
    """The length of the conversation, by a uniform number."""
    if kind is Kind.HUMAN:
        return log_normal(scenario.talk_mean_s, scenario.talk_cv, u)
    return scenario.machine_talk_s if kind is Kind.MACHINE else 0.0


def wrap_s_of(scenario: Scenario, kind: Kind, u: float) -> float:
    """What the agent needs after it, by a uniform number."""
    if kind is Kind.HUMAN:
        return log_normal(scenario.wrap_mean_s, scenario.wrap_cv, u)
    return scenario.machine_wrap_s


def _least_talk_s(kind: Kind, speed: float) -> float:
    """Sound is not sped up: a conversation at speed stays long enough for both ends to be heard."""
    return LEAST_TALK_S if kind is Kind.HUMAN and speed > 1 else 0.0
