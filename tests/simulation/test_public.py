"""The public is drawn once: the same person for whoever asks, in whatever order."""

from __future__ import annotations

import statistics
from collections import Counter

import pytest

from dialer_core.simulation.people import DRAMA_RANGES, fictitious_people
from dialer_core.simulation.public import (
    B2C_COLD,
    FINAL_STATUS,
    LEAST_TALK_S,
    PRACTICE,
    SCENARIOS,
    Behaviour,
    Kind,
    Public,
    Scenario,
    log_normal,
    with_small_kinds,
)

NUMBERS = [f"+44161496{number:04d}" for number in range(4000)]

SMALL_KINDS = {Kind.DECLINED, Kind.HANGS_UP, Kind.OVERLOADED}


def draw(public: Public, kind: Kind) -> list[Behaviour]:
    people = (public.person(number, 1) for number in NUMBERS)
    return [person for person in people if person.kind is kind]


def test_a_person_does_not_depend_on_the_order_of_asking() -> None:
    forward = Public(7)
    backward = Public(7)
    first = [forward.person(number, 1) for number in NUMBERS[:200]]
    last = [backward.person(number, 1) for number in reversed(NUMBERS[:200])]
    assert first == last[::-1]


def test_seed_number_and_attempt_each_matter() -> None:
    one = Public(1).person(NUMBERS[0], 1)
    others = [
        Public(2).person(NUMBERS[0], 1),
        Public(1).person(NUMBERS[1], 1),
        Public(1).person(NUMBERS[0], 2),
    ]
    assert all(other != one for other in others)


def test_this_very_person() -> None:
    """A draw that must never change: recorded days are replayed against it."""
    person = Public(1).person("+441614960002", 1)
    times_s = [round(one, 6) for one in (person.ring_s, person.talk_s, person.wrap_s)]
    assert person.kind is Kind.HUMAN
    assert times_s == [4.848436, 38.026274, 43.490592]


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=list(SCENARIOS))
def test_shares_are_those_of_the_scenario(scenario: Scenario) -> None:
    public = Public(3, scenario)
    kinds = Counter(public.person(number, 1).kind for number in NUMBERS)
    for kind, share in {
        Kind.HUMAN: scenario.human,
        Kind.MACHINE: scenario.machine,
        Kind.BUSY: scenario.busy,
        Kind.INVALID: scenario.invalid,
    }.items():
        assert kinds[kind] / len(NUMBERS) == pytest.approx(share, abs=0.025)
    assert set(kinds) == set(Kind) - SMALL_KINDS


def test_a_practice_floor_meets_the_small_kinds_too() -> None:
    public = Public(3)
    kinds = Counter(public.person(number, 1).kind for number in NUMBERS)
    assert set(kinds) == set(Kind)
    for kind in SMALL_KINDS:
        assert kinds[kind] / len(NUMBERS) == pytest.approx(0.01, abs=0.006)
    assert with_small_kinds(B2C_COLD) == PRACTICE


@pytest.mark.parametrize("kind", list(Kind))
def test_what_each_kind_does(kind: Kind) -> None:
    for person in draw(Public(5), kind):
        assert person.final_status == FINAL_STATUS[kind]
        assert person.is_machine is (kind is Kind.MACHINE)
        assert person.ring_s > 0
        assert person.hello_s > 0
        is_patient = kind is not Kind.HANGS_UP
        assert (person.patience_s > B2C_COLD.ring_least_s) is is_patient
        assert (person.talk_s > 0) is (kind in (Kind.HUMAN, Kind.MACHINE))


def test_times_have_the_means_of_the_scenario() -> None:
    humans = draw(Public(1), Kind.HUMAN)
    assert statistics.mean(one.ring_s for one in humans) == pytest.approx(11.0, rel=0.05)
    assert statistics.mean(one.talk_s for one in humans) == pytest.approx(120.0, rel=0.08)
    assert statistics.mean(one.wrap_s for one in humans) == pytest.approx(20.0, rel=0.06)
    machines = draw(Public(1), Kind.MACHINE)
    assert statistics.mean(one.ring_s for one in machines) == pytest.approx(18.0, rel=0.03)
    assert {one.talk_s + one.wrap_s for one in machines} == {8.0}


def _at_least(kind: Kind, talk_s: float) -> float:
    """Sound is not sped up: a person's conversation stays long enough to be heard."""
    return max(talk_s, LEAST_TALK_S) if kind is Kind.HUMAN else talk_s


def test_speed_divides_ring_talk_and_wrap_up_only() -> None:
    slow, fast = Public(1), Public(1, speed=6.0)
    for number in NUMBERS[:300]:
        one, other = slow.person(number, 1), fast.person(number, 1)
        assert other.ring_s == pytest.approx(one.ring_s / 6)
        assert other.talk_s == pytest.approx(_at_least(one.kind, one.talk_s / 6))
        assert other.wrap_s == pytest.approx(one.wrap_s / 6)
        assert (other.kind, other.hello_s) == (one.kind, one.hello_s)
        assert other.patience_s == one.patience_s


def test_a_scenario_by_name() -> None:
    assert Public(1, "b2c_cold").scenario == B2C_COLD
    with pytest.raises(ValueError, match="no scenario 'mars'; there are b2c_cold"):
        Public(1, "mars")


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_a_speed_that_cannot_be(speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be above zero"):
        Public(1, speed=speed)


def test_log_normal_by_inversion() -> None:
    values = [log_normal(9.0, 0.6, (index + 0.5) / 20_000) for index in range(20_000)]
    assert statistics.mean(values) == pytest.approx(9.0, rel=0.01)
    assert statistics.stdev(values) / 9.0 == pytest.approx(0.6, rel=0.02)
    assert values == sorted(values)
    assert log_normal(0.0, 0.6, 0.5) == 0.0


def test_fictitious_people_have_distinct_numbers_in_the_drama_ranges() -> None:
    people = fictitious_people(14_000, seed=1)
    assert len({person.number for person in people}) == 14_000
    prefixes = tuple(prefix for prefix, _ in DRAMA_RANGES)
    assert all(person.number.startswith(prefixes) for person in people)
    assert {len(person.number) for person in people} == {13}
    towns = dict(DRAMA_RANGES)
    assert all(towns[person.number[:10]] == person.town for person in people)


def test_fictitious_people_are_the_same_for_the_same_seed() -> None:
    assert fictitious_people(50, seed=4) == fictitious_people(50, seed=4)
    assert fictitious_people(50, seed=4) != fictitious_people(50, seed=5)
    assert fictitious_people(50, seed=4) == fictitious_people(60, seed=4)[:50]


def test_fictitious_people_are_of_flesh_and_blood() -> None:
    people = fictitious_people(3000, seed=1)
    firsts = {person.first_name for person in people}
    lasts = {person.last_name for person in people}
    assert {"Siân", "Chloë"} <= firsts
    assert {"Brontë", "O'Neill"} <= lasts
    for person in people:
        assert person.name == f"{person.first_name} {person.last_name}"
        assert person.tariff
        assert person.customer_since < person.contract_ends
        assert person.time_zone == "Europe/London"
    assert any(person.notes for person in people)


@pytest.mark.parametrize("count", [-1, 14_001])
def test_more_people_than_numbers(count: int) -> None:
    with pytest.raises(ValueError, match="there are numbers for 14000"):
        fictitious_people(count, seed=1)
    assert fictitious_people(0, seed=1) == ()
