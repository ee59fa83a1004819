"""Made histories: the same again, honest about their chances; and a day that learns from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dialer_core.model.levers import Levers
from dialer_core.model.states import Mode, Outcome
from dialer_core.pacing.chances import Last, calibration, last_of
from dialer_core.rules.abandonment import wilson
from dialer_core.simulation.day import DayPlan, Hints, SeatPlan
from dialer_core.simulation.floor import simulate_day
from dialer_core.simulation.histories import TOWNS, made_history
from dialer_core.simulation.learned_people import LearnedPeople
from dialer_core.simulation.public import B2C_COLD, Behaviour

PLAN = DayPlan(
    B2C_COLD,
    Mode.PROGRESSIVE,
    1800.0,
    4,
    tuple(SeatPlan(number, 0.0, 1800.0) for number in range(1, 5)),
    hints=Hints(chance_noise=0.0),
    levers=Levers(),
    seed=8,
)


def test_the_same_seed_makes_the_same_calls_and_another_one_others() -> None:
    one, again, other = (made_history(seed, days=2, calls_an_hour=20) for seed in (4, 4, 5))
    assert one == again
    assert [made.call for made in one] != [made.call for made in other]


def test_time_goes_on_within_calling_hours_and_never_on_a_sunday() -> None:
    calls = [made.call for made in made_history(6, days=14, calls_an_hour=10)]
    times = [call.at_s for call in calls]
    assert times == sorted(times)
    assert all(9 <= call.hour < 20 for call in calls)
    days = {int(at_s // 86_400) for at_s in times}
    assert len(days) == 12
    assert {call.hour < 16 for call in calls if call.is_weekend} == {True}


@pytest.mark.parametrize("town", TOWNS)
def test_the_true_chances_are_true(town: str) -> None:
    made = made_history(7, days=8, calls_an_hour=60, town=TOWNS[town])
    truth = np.array([one.truth for one in made])
    answered = np.array([float(one.call.is_answered) for one in made])
    found = calibration(truth, answered, wilson, base=0.5)
    assert found.error < found.error_by_chance + 0.015
    assert found.inside >= 7
    assert all(0 <= one.truth_person <= one.truth <= 1 for one in made)


def test_a_conversation_ends_the_matter_and_a_promise_is_kept() -> None:
    seen: dict[int, Outcome] = {}
    promised = 0
    for made in made_history(9, days=8, calls_an_hour=60):
        call = made.call
        before = seen.get(call.contact)
        assert before is None or last_of(before) is not Last.PERSON
        promised += before is Outcome.CALL_BACK
        seen[call.contact] = call.outcome
    assert promised > 20


@pytest.mark.parametrize(("days", "rate"), [(0, 10.0), (3, 0.0), (3, float("nan")), (3, -1.0)])
def test_a_history_needs_days_and_calls(days: int, rate: float) -> None:
    with pytest.raises(ValueError, match="needs days and calls"):
        made_history(1, days=days, calls_an_hour=rate)


# --- a day on which the model is at work ------------------------------------------------------


class Watched(LearnedPeople):
    """Notes what was said of each contact and what came of it."""

    def __init__(self, plan: DayPlan) -> None:
        super().__init__(plan, days=6, calls_an_hour=60)
        self.said: dict[int, float] = {}
        self.seen: list[tuple[float, bool, float]] = []

    def chance(self, contact: int, at_s: float) -> float | None:
        found = super().chance(contact, at_s)
        assert found is not None
        self.said[contact] = found
        return found

    def behaviour(self, contact: int, number: str, attempt: int, at_s: float) -> Behaviour:
        truth = self.truth(contact, at_s)
        found = super().behaviour(contact, number, attempt, at_s)
        self.seen.append((self.said[contact], found.final_status == 200, truth))
        return found


def test_a_simulated_day_runs_on_what_the_model_says() -> None:
    people = Watched(PLAN)
    result = simulate_day(PLAN, people=people)
    assert result.dials == len(people.seen) > 100
    said, answered, truth = (
        np.array(column, np.float64) for column in zip(*people.seen, strict=True)
    )
    assert said.min() < 0.2 < 0.5 < said.max()
    assert np.corrcoef(said, truth)[0, 1] > 0.4
    assert abs(said.mean() - answered.mean()) < 0.12


def test_the_model_learns_in_the_course_of_the_day() -> None:
    people = LearnedPeople(replace(PLAN, seed=2), days=2, calls_an_hour=30)
    before = people.model.calls
    for contact in range(1, 620):
        people.behaviour(contact, "", 1, contact * 2.0)
        people.chance(contact, contact * 2.0)
    people.chance(619, 20_000.0)
    assert people.model.calls == before + 619


def test_the_same_plan_meets_the_same_people() -> None:
    one, two = (LearnedPeople(PLAN, days=2, calls_an_hour=30) for _ in range(2))
    two.truth(40, 0.0)  # asked for in another order
    for contact in (1, 2, 30):
        assert one.truth(contact, 60.0) == two.truth(contact, 60.0)
        assert one.behaviour(contact, "", 1, 60.0) == two.behaviour(contact, "", 1, 60.0)
