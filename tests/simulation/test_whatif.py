"""What-if: two plans on the same people, and the differences with their intervals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer_core.model.campaign import Campaign
from dialer_core.model.states import Mode
from dialer_core.pacing.fixed_ratio import FixedRatio
from dialer_core.pacing.view import Pacer
from dialer_core.simulation.benchmark import benchmark_day
from dialer_core.simulation.crowd import Crowd
from dialer_core.simulation.day import DayPlan, People
from dialer_core.simulation.whatif import FIGURES, compare

PLAN = benchmark_day("b2c_cold", 4, Mode.PROGRESSIVE, 1, hours=0.5)


def ratio(_: Campaign) -> Pacer:
    return FixedRatio(2.0)


def test_the_same_plan_differs_in_nothing() -> None:
    found = compare(PLAN, PLAN, [1, 2])
    assert found.seeds == (1, 2)
    assert set(found.differences) == set(FIGURES)
    for one in found.differences.values():
        assert one.change.mean == 0.0
        assert not one.is_clear
    assert found.now == found.then


def test_another_mode_is_compared_day_by_day() -> None:
    changed = replace(PLAN, mode=Mode.PREDICTIVE)
    found = compare(PLAN, changed, [1, 2, 3, 4], changed_pacer=ratio)
    change = found.differences["utilisation"]
    days = [b.utilisation - a.utilisation for a, b in zip(found.now, found.then, strict=True)]
    assert change.change.mean == pytest.approx(sum(days) / 4)
    assert change.then.mean == pytest.approx(change.now.mean + change.change.mean)
    assert found.differences["dials"].is_clear
    assert found.now_abandoned.mean == 0.0
    lost = sum(day.people_abandoned for day in found.then)
    assert found.then_abandoned.mean == pytest.approx(lost / sum(d.people_live for d in found.then))


def test_it_can_be_stopped_between_two_days() -> None:
    told: list[float] = []

    def progress(share: float) -> bool:
        told.append(share)
        return len(told) < 3

    found = compare(PLAN, PLAN, [1, 2, 3], progress=progress)
    assert told == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    assert found.seeds == (1,)  # the second pair was not complete


def test_each_side_has_people_of_its_own() -> None:
    made: list[DayPlan] = []

    def people(plan: DayPlan) -> People:
        made.append(plan)
        return Crowd(plan)

    compare(PLAN, replace(PLAN, abandon_target=0.02), [5], people=people)
    assert [plan.abandon_target for plan in made] == [0.03, 0.02]
    assert {plan.seed for plan in made} == {5}


def test_no_seed_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="needs a seed"):
        compare(PLAN, PLAN, [])
