"""The answer chance: calibrated on calls it has not seen, careful with few, deaf to nonsense."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pytest

from dialer_core.model.states import Outcome
from dialer_core.pacing.chances import (
    AnswerModel,
    Calls,
    Floats,
    History,
    HistoryMaker,
    Last,
    PastCall,
    Prior,
    calibration,
    fit,
    last_of,
)
from dialer_core.rules.abandonment import wilson
from dialer_core.simulation.histories import TOWNS, made_history

DAY = 86_400.0


def a_call(
    contact: int = 1,
    at_s: float = 0.0,
    outcome: Outcome = Outcome.NO_ANSWER,
    *,
    number: int | None = None,
    hour: float = 10.0,
) -> PastCall:
    answered = last_of(outcome) in (Last.PERSON, Last.MACHINE, Last.CALL_BACK, Last.LOST)
    return PastCall(
        contact, contact if number is None else number, 1, at_s, hour, False, outcome, answered
    )


def played(*calls: PastCall) -> History:
    maker = HistoryMaker()
    for one in calls:
        maker.add(one)
    return maker.history()


def fresh(hour: float = 10.0, list_id: int = 1) -> Calls:
    return Calls.of([0], [0], [Last.NEVER], [math.nan], [hour], [0], [list_id], [0])


def tried(last: Last, *, attempts: float = 1, answered: float = 0, gap_s: float = DAY) -> Calls:
    return Calls.of([attempts], [answered], [last], [gap_s], [10.0], [0], [1], [0])


def chance(model: AnswerModel, calls: Calls) -> float:
    (found,) = model.chances(calls)
    return float(found)


@lru_cache(maxsize=8)
def made(town: str, seed: int = 31) -> tuple[History, Floats, Floats]:
    """A history, the day of each call, its true chance of an answer."""
    calls = made_history(seed, days=17, calls_an_hour=70.0, town=TOWNS[town])
    history = played(*(one.call for one in calls))
    return history, np.floor(history.at_s / DAY), np.array([one.truth for one in calls])


# --- calibration on days that it has not seen -------------------------------------------------


@pytest.mark.parametrize("town", TOWNS)
def test_of_those_given_thirty_per_cent_thirty_answer(town: str) -> None:
    history, day, truth = made(town)
    last = np.unique(day)[-4:]
    before, then = history.take(day < last[0]), history.take(day >= last[0])
    model = fit(before)
    found = calibration(
        model.chances(then.calls),
        then.answered,
        wilson,
        base=float(before.answered.mean()),
        truth=truth[day >= last[0]],
    )
    assert found.error < found.error_by_chance + 0.02
    assert found.inside >= 6
    assert 0.8 < found.slope < 1.2
    assert abs(found.predicted - found.answered) < 0.04
    assert found.brier_of_truth is not None
    assert found.brier_of_truth < found.brier < found.brier_of_base


def test_people_are_told_from_machines() -> None:
    history, day, _ = made("plain")
    split = np.unique(day)[-4]
    model = fit(history.take(day < split))
    then = history.take((day >= split) & np.isfinite(history.person))
    people = model.people(then.calls)
    found = calibration(people, then.person, wilson, base=0.2)
    assert found.error < found.error_by_chance + 0.02
    assert np.all(people <= model.chances(then.calls))
    with_machine = chance(model, tried(Last.MACHINE, answered=1))
    assert with_machine > 0.6
    assert float(model.people(tried(Last.MACHINE, answered=1))[0]) < 0.3


def test_what_foretells_is_learnt() -> None:
    model = fit(made("plain")[0])
    assert chance(model, fresh(hour=18.5)) > chance(model, fresh(hour=11.0)) + 0.03
    assert chance(model, fresh(list_id=3)) > chance(model, fresh(list_id=2)) + 0.05
    once = chance(model, tried(Last.NO_ANSWER))
    often = chance(model, tried(Last.NO_ANSWER, attempts=6))
    assert chance(model, fresh()) > once > often
    assert chance(model, tried(Last.CALL_BACK, answered=1)) > once + 0.2


def test_the_same_history_gives_the_same_chances() -> None:
    history, _, _ = made("plain")
    assert np.array_equal(fit(history).chances(history.calls), fit(history).chances(history.calls))


# --- weak, odd and broken histories -----------------------------------------------------------


def test_without_a_call_there_is_the_prior() -> None:
    model = fit(played(), Prior(0.4, 0.5))
    assert model.calls == 0
    assert chance(model, fresh()) == pytest.approx(0.4)
    assert float(model.people(fresh())[0]) == pytest.approx(0.2)
    assert chance(model, tried(Last.BUSY, attempts=7)) == pytest.approx(0.4)


@pytest.mark.parametrize("outcome", [Outcome.SUCCESS, Outcome.NO_ANSWER, Outcome.ABANDONED])
def test_one_call_moves_next_to_nothing(outcome: Outcome) -> None:
    model = fit(played(a_call(outcome=outcome)), Prior(0.35))
    assert chance(model, fresh()) == pytest.approx(0.35, abs=0.06)


@pytest.mark.parametrize(
    ("outcome", "low", "high"), [(Outcome.SUCCESS, 0.85, 1.0), (Outcome.NO_ANSWER, 0.0, 0.1)]
)
def test_one_kind_of_outcome_alone_is_no_certainty(
    outcome: Outcome, low: float, high: float
) -> None:
    model = fit(played(*(a_call(n, n * 60.0, outcome) for n in range(400))))
    assert low < chance(model, fresh()) < high
    assert np.all(np.isfinite(model.of_person))


def test_what_separates_perfectly_stays_finite() -> None:
    calls = []
    for n in range(300):
        is_evening = n % 2 == 1
        outcome = Outcome.SUCCESS if is_evening else Outcome.NO_ANSWER
        calls.append(a_call(n, n * 60.0, outcome, hour=19.0 if is_evening else 9.0))
    model = fit(played(*calls))
    assert np.all(np.abs(model.of_person) < 20)
    assert 0.0 < chance(model, fresh(9.0)) < 0.25
    assert 0.75 < chance(model, fresh(19.0)) < 1.0


def test_a_small_list_leans_on_the_campaign() -> None:
    calls = [
        a_call(n, n * 60.0, Outcome.SUCCESS if n % 2 else Outcome.NO_ANSWER) for n in range(600)
    ]
    calls += [a_call(n, n * 60.0)._replace(list_id=2) for n in range(600, 604)]
    model = fit(played(*calls))
    average, small = chance(model, fresh()), chance(model, fresh(list_id=2))
    assert average - 0.15 < small < average
    unknown = chance(model, fresh(list_id=77))
    assert min(average, small) - 0.05 < unknown < max(average, small) + 0.05


def test_newer_calls_weigh_more() -> None:
    old = [a_call(n, n * 10.0, Outcome.NO_ANSWER) for n in range(1000)]
    new = [a_call(2000 + n, 60 * DAY + n * 10.0, Outcome.SUCCESS) for n in range(300)]
    assert chance(fit(played(*old, *new)), fresh()) > 0.6


def nonsense() -> list[Calls]:
    nan, inf = math.nan, math.inf
    return [
        Calls.of([nan], [nan], [99], [nan], [nan], [nan], [-5], [nan]),
        Calls.of([-3], [9], [Last.NO_ANSWER], [-DAY], [25.0], [2], [1], [7]),
        Calls.of([inf], [inf], [Last.MACHINE], [inf], [-inf], [0], [1], [0]),
        Calls.of([1], [5], [Last.BUSY], [0.0], [12.0], [0], [1], [0]),
    ]


@pytest.mark.parametrize("place", range(4))
def test_nonsense_in_gives_a_plain_chance_out(place: int) -> None:
    calls = nonsense()[place]
    for model in (fit(played()), fit(played(a_call())), fit(made("plain")[0])):
        found = chance(model, calls)
        assert 0.0 < found < 1.0
        assert float(model.people(calls)[0]) <= found


def test_a_contact_of_whom_nothing_is_known_gets_about_the_average() -> None:
    model = fit(made("plain")[0])
    nothing = Calls.of([math.nan], [0], [-1], [math.nan], [math.nan], [0], [-1], [0])
    assert chance(model, nothing) == pytest.approx(model.rate, abs=0.2)


def test_outcomes_that_are_none_are_left_out() -> None:
    good = made("plain")[0].take(np.arange(500))
    bad_answers = good.answered.copy()
    bad_answers[::5] = math.nan
    bad_answers[1::5] = 7.0
    at_s = good.at_s.copy()
    at_s[2::5] = math.inf
    model = fit(History(good.calls, bad_answers, good.person, at_s))
    assert model.calls == 200
    assert 0.0 < chance(model, fresh()) < 1.0


def test_a_prior_that_is_none_is_replaced() -> None:
    assert chance(fit(played(), Prior(math.nan, math.nan)), fresh()) == pytest.approx(0.35)
    assert 0.0 < chance(fit(played(), Prior(0.0, 2.0)), fresh()) < 0.1


def test_columns_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        Calls.of([0, 1], [0], [0], [0], [0], [0], [0], [0])


# --- what is known before a call --------------------------------------------------------------


def test_a_history_knows_what_was_known_before_each_call() -> None:
    history = played(
        a_call(1, 0.0, Outcome.NO_ANSWER, number=10),
        a_call(2, 5.0, Outcome.BUSY),
        a_call(1, 7200.0, Outcome.ANSWER_MACHINE_AGENT, number=10),
        a_call(1, 9000.0, Outcome.SUCCESS, number=11),
    )
    calls = history.calls
    assert calls.attempts.tolist() == [0, 0, 1, 2]
    assert calls.answered.tolist() == [0, 0, 0, 1]
    assert calls.last.tolist() == [Last.NEVER, Last.NEVER, Last.NO_ANSWER, Last.MACHINE]
    assert calls.gap_s[2:].tolist() == [7200.0, 1800.0]
    assert np.isnan(calls.gap_s[:2]).all()
    assert calls.is_new_number.tolist() == [0, 0, 0, 1]
    assert history.answered.tolist() == [0, 0, 1, 1]
    assert history.person.tolist() == [0, 0, 0, 1]


def test_calls_that_we_gave_up_are_no_examples_but_are_remembered() -> None:
    history = played(
        a_call(1, 0.0, Outcome.DIALLER_CANCELLED),
        a_call(1, 3600.0, Outcome.LINE_LOST),
        a_call(1, 7200.0, Outcome.ABANDONED),
    )
    assert len(history) == 1
    assert history.calls.attempts.tolist() == [2]
    assert math.isnan(history.person[0]), "answered, and nobody knows by whom"


def test_the_newest_calls_are_kept() -> None:
    maker = HistoryMaker()
    for n in range(10):
        maker.add(a_call(1, n * 100.0))
    assert maker.history(3).at_s.tolist() == [700.0, 800.0, 900.0]
    assert len(maker.history(0)) == 0


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_of_some_kind(outcome: Outcome) -> None:
    assert last_of(outcome) is not Last.NEVER


def test_never_called_is_a_kind_of_its_own() -> None:
    assert last_of(None) is Last.NEVER


# --- the judgement itself ---------------------------------------------------------------------


def test_perfect_chances_are_found_perfect_and_wrong_ones_wrong() -> None:
    draw = np.random.default_rng(5)
    truth = draw.uniform(0.05, 0.95, 20_000)
    outcomes = (draw.uniform(size=20_000) < truth).astype(np.float64)
    right = calibration(truth, outcomes, wilson, base=0.5, truth=truth)
    assert right.error < 0.01
    assert right.error_by_chance == pytest.approx(0.007, abs=0.003)
    assert right.slope == pytest.approx(1.0, abs=0.05)
    assert right.brier == right.brier_of_truth
    assert sum(one.calls for one in right.bins) == right.calls == 20_000
    bold = calibration(np.clip(2 * truth - 0.5, 0.01, 0.99), outcomes, wilson, base=0.5)
    assert bold.error > 0.1
    assert bold.slope < 0.7
    assert bold.inside <= 4


def test_a_judgement_needs_something_to_judge() -> None:
    none = np.zeros(0)
    with pytest.raises(ValueError, match="one at least"):
        calibration(none, none, wilson, base=0.3)
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibration(np.array([math.nan]), np.array([1.0]), wilson, base=0.3)
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibration(np.array([0.5]), np.array([0.5]), wilson, base=0.3)


def test_one_call_is_judged_without_a_fuss() -> None:
    found = calibration(np.array([0.3]), np.array([1.0]), wilson, base=1.0)
    assert found.brier == pytest.approx(0.49)
    assert found.skill == 0.0
    assert len(found.bins) == 1
