"""The benchmark's public: the same for every pacer, with the scenario's shares at each moment."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import replace

import pytest

from dialer_core.model.states import Mode
from dialer_core.simulation.climate import Climate
from dialer_core.simulation.crowd import Crowd, PracticePeople, answered_share
from dialer_core.simulation.day import DayPlan, Hints, SeatPlan, Turn
from dialer_core.simulation.draw import Draws
from dialer_core.simulation.floor import simulate_day
from dialer_core.simulation.public import (
    B2B_WARM,
    B2C_COLD,
    PRACTICE,
    SCENARIOS,
    Kind,
    Public,
    Scenario,
)

CONTACTS = range(20_000)
DAY_S = 28_800.0
PLAN = DayPlan(B2C_COLD, Mode.PREDICTIVE, DAY_S, 9, (SeatPlan(1, 0.0, DAY_S),), seed=9)


def kinds(plan: DayPlan, at_s: float = 0.0) -> dict[Kind, float]:
    people = Crowd(plan)
    found = Counter(people.behaviour(contact, "", 1, at_s).kind for contact in CONTACTS)
    return {kind: found[kind] / len(CONTACTS) for kind in Kind}


def test_the_draw_is_the_same_on_every_machine() -> None:
    assert Draws(1).row(0)[:3] == pytest.approx(
        [0.30356803430675866, 0.848708749685777, 0.15613477804347314]
    )
    assert Draws(1, purpose=2).row(0) != Draws(1).row(0)
    assert Draws(2).row(0) != Draws(1).row(0)
    assert Draws(1).row(0, 1) != Draws(1).row(0)


def test_a_draw_does_not_depend_on_the_order_of_asking() -> None:
    one, other = Draws(5), Draws(5)
    contacts = [1, 9_000, 3, 100_000, 1, 70_000, 2_000_000, 50_000, 600, 30_000, 3]
    first = {contact: one.row(contact) for contact in contacts}
    assert all(other.row(contact) == first[contact] for contact in reversed(contacts))
    assert all(0.0 < u < 1.0 for row in first.values() for u in row)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=list(SCENARIOS))
def test_shares_and_times_are_the_scenarios(scenario: Scenario) -> None:
    people = Crowd(replace(PLAN, scenario=scenario))
    met = [people.behaviour(contact, "", 1, 0.0) for contact in CONTACTS]
    found = Counter(one.kind for one in met)
    for kind, share in (
        (Kind.HUMAN, scenario.human),
        (Kind.MACHINE, scenario.machine),
        (Kind.BUSY, scenario.busy),
        (Kind.INVALID, scenario.invalid),
    ):
        assert found[kind] / len(met) == pytest.approx(share, abs=0.012)
    assert found[Kind.DECLINED] == found[Kind.HANGS_UP] == found[Kind.OVERLOADED] == 0
    humans = [one for one in met if one.kind is Kind.HUMAN]
    assert statistics.fmean(one.talk_s for one in humans) == pytest.approx(
        scenario.talk_mean_s, rel=0.08
    )
    assert statistics.fmean(one.wrap_s for one in humans) == pytest.approx(
        scenario.wrap_mean_s, rel=0.06
    )
    machines = [one for one in met if one.kind is Kind.MACHINE]
    assert {one.talk_s + one.wrap_s for one in machines} == {8.0}
    reached = [one for one in met if one.final_status == 200 and one.ring_s < scenario.no_answer_s]
    assert len(reached) / len(met) == pytest.approx(answered_share(scenario, 25.0), abs=0.012)


def test_the_moment_moves_shares_and_nothing_else_of_a_contact() -> None:
    people = Crowd(replace(PLAN, turns=(Turn(3600.0, answers=1.5),)))
    changed = 0
    for contact in CONTACTS[:2000]:
        calm = people.behaviour(contact, "", 1, 0.0)
        later = people.behaviour(contact, "", 1, 4000.0)
        if calm.kind is later.kind:
            assert later == calm
        else:
            assert later.kind in (Kind.HUMAN, Kind.MACHINE)
            assert calm.kind is Kind.NO_ANSWER
            changed += 1
    assert changed == pytest.approx(2000 * 0.5 * 0.45, rel=0.1)


def test_shares_drift_up_and_down_over_the_day() -> None:
    climate = Climate((), drift=0.2, length_s=DAY_S, phase=0.3)
    factors = [climate.drift(minute * 60.0) for minute in range(480)]
    assert max(factors) == pytest.approx(1.2, abs=0.001)
    assert min(factors) == pytest.approx(0.8, abs=0.001)
    assert statistics.fmean(factors) == pytest.approx(1.0, abs=1e-9)
    plan = replace(PLAN, drift=0.2)
    hours = [kinds(plan, hour * 3600.0)[Kind.HUMAN] for hour in range(8)]
    assert max(hours) - min(hours) == pytest.approx(0.4 * 0.25, abs=0.015)


def test_a_turn_holds_until_the_next() -> None:
    climate = Climate((Turn(200.0), Turn(100.0, talk=2.0)), phase=0.0)
    assert [climate.turn(at_s).talk for at_s in (0.0, 99.9, 100.0, 199.9, 200.0, 9e9)] == [
        *(1.0, 1.0, 2.0, 2.0, 1.0, 1.0)
    ]


def test_a_turn_changes_what_it_says() -> None:
    turn = Turn(0.0, talk=2.0, wrap=3.0, ring=0.5, delay_s=4.0, machines=0.0, invalid=2.0)
    turned = Crowd(replace(PLAN, turns=(turn,)))
    calm = Crowd(PLAN)
    humans = 0
    for contact in CONTACTS[:300]:
        one, was = turned.behaviour(contact, "", 1, 1.0), calm.behaviour(contact, "", 1, 1.0)
        if not was.kind is one.kind is Kind.HUMAN:
            continue
        humans += 1
        assert one.talk_s == pytest.approx(2 * was.talk_s)
        assert one.wrap_s == pytest.approx(3 * was.wrap_s)
        assert one.ring_s == pytest.approx(0.5 * was.ring_s + 4.0)
        assert one.delay_s == 4.0
    assert humans > 25
    shares = kinds(replace(PLAN, turns=(turn,)))
    assert shares[Kind.MACHINE] == 0.0
    assert shares[Kind.INVALID] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("answers", [1.0, 0.5, 1.8, 40.0])
def test_own_chances_leave_the_populations_share_as_it_is(answers: float) -> None:
    hints = Hints(chance_spread=1.2, chance_noise=0.5)
    plan = replace(PLAN, hints=hints, turns=(Turn(0.0, answers=answers),))
    shares = kinds(plan, 1.0)
    assert shares[Kind.HUMAN] + shares[Kind.MACHINE] == pytest.approx(
        min(0.97, 0.45 * answers), abs=0.012
    )
    assert shares[Kind.HUMAN] / shares[Kind.MACHINE] == pytest.approx(1.25, rel=0.06)


@pytest.mark.parametrize("noise", [0.0, 0.6, 3.0])
@pytest.mark.parametrize("scenario", [B2C_COLD, B2B_WARM], ids=["cold", "warm"])
def test_estimates_are_calibrated(scenario: Scenario, noise: float) -> None:
    """Of those whose estimate is q a share of q is answered, in each eighth of the estimates."""
    hints = Hints(chance_spread=1.0, chance_noise=noise)
    people = Crowd(replace(PLAN, scenario=scenario, hints=hints))
    pairs: list[tuple[float, bool]] = []
    for contact in CONTACTS:
        chance = people.chance(contact, 0.0)
        one = people.behaviour(contact, "", 1, 0.0)
        assert chance is not None
        pairs.append((chance, one.final_status == 200 and one.ring_s < scenario.no_answer_s))
    pairs.sort()
    for index in range(8):
        part = pairs[index * len(pairs) // 8 : (index + 1) * len(pairs) // 8]
        said = statistics.fmean(chance for chance, _ in part)
        true = statistics.fmean(answered for _, answered in part)
        assert true == pytest.approx(said, abs=0.035)  # three standard errors
    spread = pairs[-len(pairs) // 10][0] - pairs[len(pairs) // 10][0]
    assert (spread > 0.3) if noise < 1 else (spread < 0.3)


def test_no_estimate_without_noise_given_and_the_mean_share_without_spread() -> None:
    assert Crowd(PLAN).chance(1, 0.0) is None
    same = Crowd(replace(PLAN, hints=Hints(chance_spread=0.0, chance_noise=1.0)))
    assert same.chance(1, 0.0) == pytest.approx(answered_share(B2C_COLD, 25.0), abs=1e-4)
    assert same.chance(2, 0.0) == same.chance(1, 0.0)


def test_the_practice_floors_people_are_who_the_carrier_knows() -> None:
    public = Public(4, PRACTICE, speed=6.0)
    people = PracticePeople(public)
    assert people.behaviour(7, "+441614960007", 1, 0.0) == public.person("7", 1)
    assert people.chance(7, 0.0) is None
    plan = replace(PLAN, length_s=600.0, scenario=PRACTICE)
    day = simulate_day(plan, people=people)
    assert day.people_connected > simulate_day(plan).people_connected  # six times as fast
