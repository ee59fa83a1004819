"""The simulator against formulas, before it is believed.

Sources:
- Progressive dialling is a renewal-reward process (Ross, Stochastic Processes, ch. 3): a seat's
  cycle is the dials until somebody answers, then the handling; utilisation = H / (H + R/p). The
  standard error of the ratio is by the delta method from the same cycles.
- Loss without waiting: A. K. Erlang, "Solution of some Problems in the Theory of Probabilities of
  Significance in Automatic Telephone Exchanges", 1917 (formula B, by its recursion).
- Waiting with impatience that is exponential: C. Palm, "Research on telephone traffic carried by
  full availability groups", 1957 (M/M/N + M, "Erlang A").
- Waiting with a fixed limit: F. Baccelli and G. Hebuterne, "On queues with impatient customers",
  1981 (M/M/N + D, by the density of the virtual waiting time).

Seeds are fixed; tolerances are so many standard errors of the simulation itself.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from dialer_core.engine.events import Tick
from dialer_core.model.states import Mode
from dialer_core.pacing.view import Decision, FloorView
from dialer_core.simulation.crowd import Crowd
from dialer_core.simulation.day import RING_LIMIT_S, DayPlan, SeatPlan
from dialer_core.simulation.draw import Draws
from dialer_core.simulation.floor import SimulatedFloor, simulate, simulate_day
from dialer_core.simulation.lines import HELD_LEG_S, LEG_S
from dialer_core.simulation.public import SCENARIOS, Behaviour, Kind, Scenario
from dialer_core.simulation.result import DayResult

MESSAGE_LEAD_S = 0.25  # the campaign's own: the message begins this long before the limit


# --- progressive -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Renewal:
    """Utilisation one to one, and the standard deviation of one cycle's share in it."""

    utilisation: float
    deviation: float

    def error(self, cycles: int) -> float:
        """The standard error of a day of so many cycles."""
        return self.deviation / math.sqrt(cycles)


def renewal(scenario: Scenario) -> Renewal:
    """H / (H + R/p) from a large draw of the public that is called, and its delta method."""
    people = Crowd(
        DayPlan(scenario, Mode.PROGRESSIVE, 3600.0, 1, (SeatPlan(1, 0.0, 3600.0),), seed=4711)
    )
    limit_s = RING_LIMIT_S
    handling, cycles, waited_s = [], [], 0.0
    for contact in range(20_000):
        one = people.behaviour(contact, "", 1, 0.0)
        waited_s += min(one.ring_s, limit_s)
        if one.final_status == 200 and one.ring_s < limit_s:
            handling.append(one.talk_s + one.wrap_s)
            cycles.append(waited_s + HELD_LEG_S + handling[-1])
            waited_s = 0.0
    share = math.fsum(handling) / math.fsum(cycles)
    residuals = np.array(handling) - share * np.array(cycles)
    return Renewal(share, float(residuals.std() / np.mean(cycles)))


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_progressive_is_the_renewal_formula(name: str) -> None:
    expected = renewal(SCENARIOS[name])
    day = simulate(name, seats=4, mode=Mode.PROGRESSIVE, hours=8.0, seed=5)
    # The first cycle of each seat begins with its wait and the last is cut: under half a point.
    assert day.utilisation == pytest.approx(
        expected.utilisation, abs=3 * expected.error(day.answered) + 0.004
    )
    assert expected.error(day.answered) < 0.02  # the check is worth something
    assert day.people_abandoned == day.overdialled == 0


@pytest.mark.parametrize("seats", [1, 20])
def test_progressive_does_not_depend_on_the_number_of_seats(seats: int) -> None:
    expected = renewal(SCENARIOS["short_talk"])
    day = simulate("short_talk", seats, Mode.PROGRESSIVE, hours=14 / seats, seed=6)
    assert day.utilisation == pytest.approx(
        expected.utilisation, abs=3 * expected.error(day.answered) + 0.004
    )


# --- queues ----------------------------------------------------------------------------------


class AtOnce:
    """People who answer at once and talk for an exponential time; an agent has no wrap-up."""

    def __init__(self, seed: int, talk_s: float, patience_s: float | None) -> None:
        self._draws = Draws(seed, purpose=77)
        self._talk_s, self._patience_s = talk_s, patience_s

    def behaviour(self, contact: int, number: str, attempt: int, at_s: float) -> Behaviour:
        talk, patience, *_ = self._draws.row(contact)
        return Behaviour(
            kind=Kind.HUMAN,
            final_status=200,
            ring_s=0.0,
            is_machine=False,
            hello_s=0.0,
            patience_s=-math.log(patience) * self._patience_s if self._patience_s else 1e6,
            talk_s=-math.log(talk) * self._talk_s,
            wrap_s=0.0,
        )

    def chance(self, contact: int, at_s: float) -> float | None:
        return None


class AtItsTimes:
    """Launches one call whenever it is told to."""

    def __init__(self) -> None:
        self.due = 0

    def decide(self, view: FloorView) -> Decision:
        launch, self.due = self.due, 0
        return Decision(launch, reason="It is time.")


def offered(
    seats: int, load: float, talk_s: float, limit_s: float, seed: int, *, patience_s: float | None
) -> DayResult:
    """An hour in which calls answer at Poisson moments; `load` in Erlang."""
    length_s = 3600.0
    plans = tuple(SeatPlan(number, 0.0, length_s) for number in range(1, seats + 1))
    scenario = Scenario("at_once", human=1.0, machine=0.0, busy=0.0, invalid=0.0)
    plan = DayPlan(
        scenario, Mode.PREDICTIVE, length_s, 400, plans, seed=seed, connect_limit_s=limit_s
    )
    pacer = AtItsTimes()
    floor = SimulatedFloor(plan, AtOnce(seed, talk_s, patience_s), lambda _: pacer)
    draws = Draws(seed, purpose=78)

    def launch() -> None:
        pacer.due += 1
        floor.send(Tick())

    at_s = 60.0
    for index in itertools.count():
        at_s += -math.log(draws.row(index)[0]) * (talk_s + LEG_S) / load
        if at_s >= length_s:
            return floor.run()
        floor.kernel.after(at_s, launch)
    raise AssertionError


def agrees(values: Sequence[float], expected: float) -> bool:
    """Whether independent days' mean lies within 3.5 of its own standard errors."""
    error = statistics.stdev(values) / math.sqrt(len(values))
    return abs(statistics.fmean(values) - expected) <= 3.5 * error


def erlang_b(load: float, seats: int) -> float:
    """Erlang's formula B by its recursion."""
    lost = 1.0
    for number in range(1, seats + 1):
        lost = load * lost / (number + load * lost)
    return lost


@pytest.mark.parametrize(("seats", "load"), [(3, 2.0), (8, 8.0)])
def test_without_waiting_the_lost_share_is_erlang_b(seats: int, load: float) -> None:
    # Just long enough for the leg of a seat that is free at the answer.
    limit_s = MESSAGE_LEAD_S + LEG_S + 0.001
    days = [offered(seats, load, 25.0, limit_s, seed, patience_s=None) for seed in range(10)]
    lost = [day.abandoned_rate for day in days]
    assert agrees(lost, erlang_b(load, seats))
    assert statistics.stdev(lost) < 0.06
    busy = [day.utilisation for day in days]
    carried = load * (1 - erlang_b(load, seats)) / seats
    assert statistics.fmean(busy) == pytest.approx(carried, abs=0.03)


def waits_with_limit(
    load: float, seats: int, service_s: float, limit_s: float
) -> tuple[float, ...]:
    """M/M/N + D: share lost, and mean wait of those who are served.

    The density of the virtual wait is lambda p(N-1) exp((lambda - N mu) x) up to the limit and
    falls with exp(-N mu x) beyond it.
    """
    rate, mu = load / service_s, 1.0 / service_s
    drain = seats * mu - rate
    below = [load**number / math.factorial(number) for number in range(seats)]
    scale = rate * below[-1]
    within = (1 - math.exp(-drain * limit_s)) / drain
    beyond = math.exp(-drain * limit_s) / (seats * mu)
    total = sum(below) + scale * (within + beyond)
    lost = scale * beyond / total
    moment = (1 - math.exp(-drain * limit_s) * (1 + drain * limit_s)) / drain**2
    return lost, scale * moment / total / (1 - lost)


@pytest.mark.parametrize(("seats", "load", "wait_s"), [(3, 2.5, 2.0), (5, 4.6, 10.0)])
def test_with_a_limit_share_lost_and_wait_are_those_of_m_m_n_d(
    seats: int, load: float, wait_s: float
) -> None:
    service_s = 20.0
    limit_s = wait_s + MESSAGE_LEAD_S + LEG_S
    days = [offered(seats, load, service_s, limit_s, seed, patience_s=None) for seed in range(10)]
    lost, mean_s = waits_with_limit(load, seats, service_s + LEG_S, wait_s)
    assert agrees([day.abandoned_rate for day in days], lost)
    assert agrees([day.answer_to_agent_mean_s - LEG_S for day in days], mean_s)
    assert lost > 0.05


def erlang_a(load: float, seats: int, service_s: float, patience_s: float) -> float:
    """M/M/N + M: the share that hangs up, by the balance of births and deaths."""
    rate, mu, theta = load / service_s, 1.0 / service_s, 1.0 / patience_s
    weights = [1.0]
    for number in range(1, seats + 400):
        leaving = min(number, seats) * mu + max(0, number - seats) * theta
        weights.append(weights[-1] * rate / leaving)
    queue = sum(max(0, number - seats) * weight for number, weight in enumerate(weights))
    return theta * queue / sum(weights) / rate


def test_with_people_who_hang_up_their_share_is_erlang_a() -> None:
    seats, load, service_s, patience_s = 4, 3.8, 20.0, 15.0
    days = [
        offered(seats, load, service_s, 1000.0, seed, patience_s=patience_s) for seed in range(10)
    ]
    gone = [day.hung_up / day.answered for day in days]
    assert agrees(gone, erlang_a(load, seats, service_s + LEG_S, patience_s))
    assert statistics.fmean(gone) > 0.05
    assert all(day.people_abandoned == 0 for day in days)


# --- the limit -------------------------------------------------------------------------------


def test_who_knows_everything_keeps_every_seat_busy_and_loses_nobody() -> None:
    seats = tuple(SeatPlan(number, 10.0 * number, 7200.0) for number in range(1, 6))
    plan = DayPlan(SCENARIOS["b2c_cold"], Mode.PREDICTIVE, 7200.0, 30, seats, seed=3)
    day = simulate_day(plan, clairvoyant=True)
    assert day.utilisation > 0.985  # each seat waits for its first answer, and 0.14 s a call
    assert day.people_abandoned + day.machines_abandoned == 0
    plain = simulate_day(plan)
    assert day.people_connected > 1.1 * plain.people_connected


@pytest.mark.parametrize(
    ("name", "per_cent"),
    [
        ("b2c_cold", 69.9),
        ("b2b_warm", 84.4),
        ("low_answer", 49.6),
        ("short_talk", 49.6),
        ("long_tail", 83.9),
    ],
)
def test_the_scenarios_are_those_of_the_published_table(name: str, per_cent: float) -> None:
    """By hand from the shares and means; the table itself was simulated, to a few tenths."""
    one = SCENARIOS[name]
    met = one.human + one.machine
    refused = one.busy + one.invalid
    handled_s = one.human * (one.talk_mean_s + one.wrap_mean_s) + 8.0 * one.machine
    ring_s = (
        one.human * (one.ring_least_s + one.ring_mean_s)
        + one.machine * one.machine_ring_s
        + refused * one.refusal_s
        + (1 - met - refused) * one.no_answer_s
    )
    assert 100 * handled_s / (handled_s + ring_s) == pytest.approx(per_cent, abs=0.6)
    assert 100 * renewal(one).utilisation == pytest.approx(per_cent, abs=1.5)
