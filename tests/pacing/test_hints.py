"""What seats and records tell of themselves is believed as far as it came true."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from dialer_core.model.levers import Levers
from dialer_core.pacing import FloorView, make_pacer
from dialer_core.pacing.hints import KEPT, ForecastTrust, RecordChances
from tests.pacing.views import BASE, INF, NAN, NOW, SIX, decide, floor, one_to_one


def watched(trust: ForecastTrust, told_s: float, real_s: float, times: int = KEPT) -> None:
    """A seat said `told_s` and took `real_s`, so many times."""
    for n in range(times):
        at = 1000.0 * n
        talks = floor(now=at, talking={3: at - 60.0}, idle={}, seat_ends={3: told_s})
        trust.watch(talks)
        free_at = at + real_s
        trust.watch(floor(now=free_at, talking={}, idle={3: free_at}, seat_ends={}))


# --- forecasts ----------------------------------------------------------------------------------


def test_a_forecast_that_comes_true_is_believed() -> None:
    trust = ForecastTrust()
    watched(trust, 10.0, 10.0)
    chances = trust.chances(10.0, (5.0, 9.5, 11.0, 20.0))
    assert chances is not None
    assert chances[0] < 0.05
    assert chances[1] < 0.15
    assert chances[2] > 0.85
    assert chances[3] > 0.95


def test_a_forecast_that_is_always_short_is_read_as_a_longer_one() -> None:
    trust = ForecastTrust()
    watched(trust, 10.0, 30.0)
    chances = trust.chances(10.0, (12.0, 28.0, 32.0))
    assert chances is not None
    assert chances[0] < 0.1
    assert chances[1] < 0.15
    assert chances[2] > 0.85
    # other distances are learnt by themselves
    far = trust.chances(100.0, (110.0,))
    assert far is not None
    assert far[0] > 0.5


def test_what_is_said_of_noisy_forecasts_comes_true_as_often() -> None:
    draw = np.random.default_rng(2)
    trust = ForecastTrust()
    for n in range(KEPT):
        watched_at = 500.0 * n
        trust.watch(floor(now=watched_at, idle={}, talking={3: watched_at}, seat_ends={3: 12.0}))
        free_at = watched_at + 12.0 * float(draw.lognormal(0.0, 0.4))
        trust.watch(floor(now=free_at, idle={3: free_at}, talking={}, seat_ends={}))
    real = 12.0 * draw.lognormal(0.0, 0.4, 4000)
    times = (8.0, 12.0, 18.0)
    chances = trust.chances(12.0, times)
    assert chances == pytest.approx([float((real <= at).mean()) for at in times], abs=0.12)


def test_new_experience_replaces_the_old() -> None:
    trust = ForecastTrust()
    watched(trust, 10.0, 10.0)
    watched(trust, 10.0, 40.0)
    chances = trust.chances(10.0, (15.0,))
    assert chances is not None
    assert chances[0] < 0.05


@pytest.mark.parametrize("told_s", [NAN, INF, -INF, -1.0, 1e6])
def test_a_forecast_that_cannot_be_says_nothing(told_s: float) -> None:
    trust = ForecastTrust()
    assert trust.chances(told_s, (5.0,)) is None
    before = trust.chances(10.0, (5.0, 10.0, 20.0))
    watched(trust, told_s, 5.0, 20)
    assert trust.chances(10.0, (5.0, 10.0, 20.0)) == before


def test_the_chances_grow_with_time_and_are_never_certain() -> None:
    trust = ForecastTrust()
    for told_s in (0.0, 0.5, 3.0, 40.0, 200.0):
        chances = trust.chances(told_s, (0.5, 5.0, 50.0, 5000.0))
        assert chances is not None
        assert chances == sorted(chances)
        assert 0.0 <= chances[0] <= chances[-1] < 1.0


def test_seats_that_say_they_are_nearly_done_are_dialled_for() -> None:
    none_idle = floor(idle={}, talking={n: NOW - 1.0 for n in (3, 4, 5, 6)}, wrapping={})
    assert decide(none_idle).launch == 0
    told = dataclasses.replace(none_idle, seat_ends={3: 1.0, 4: 1.0, 5: 1.0})
    assert decide(told).launch > 0
    assert decide(told, levers=Levers(seat_forecast=False)) == decide(none_idle)


def test_seats_that_never_keep_their_word_are_no_longer_dialled_for() -> None:
    pacer = make_pacer("predictive")
    none_idle = floor(idle={}, talking={n: NOW - 1.0 for n in (3, 4, 5, 6)}, wrapping={})
    told = dataclasses.replace(none_idle, seat_ends={3: 1.0, 4: 1.0, 5: 1.0})
    assert pacer.decide(told).launch > 0
    for n in range(150):
        at = 100.0 * n
        pacer.decide(floor(now=at + 2.0, idle={}, talking={3: at}, seat_ends={3: 1.5}, wrapping={}))
        pacer.decide(floor(now=at + 90.0, idle={3: at + 90.0}, talking={}, wrapping={}))
    assert pacer.decide(told).launch == 0


# --- chances of records -------------------------------------------------------------------------


def test_a_call_has_the_chance_of_the_record_that_was_ordered() -> None:
    records = RecordChances()
    assert records.is_empty
    records.launched([0.9, 0.1])
    records.watch({"old": 1.0, "new": 2.0})
    assert [records.of(call) for call in ("old", "new")] == [0.9, 0.1]
    assert math.isnan(records.of("other"))
    records.watch({"old": 1.0, "new": 2.0, "third": 3.0})
    assert math.isnan(records.of("third"))  # nothing was ordered for it
    records.launched([0.5, 0.6])
    records.watch({"new": 2.0, "fourth": 4.0})  # only one of the two was launched
    records.watch({"new": 2.0, "fourth": 4.0, "fifth": 5.0})
    assert records.of("fourth") == 0.5
    assert math.isnan(records.of("fifth"))


def test_calls_that_are_over_are_forgotten() -> None:
    records = RecordChances()
    for n in range(500):
        records.launched([0.4])
        records.watch({f"call {n}": float(n)})
    assert len(records._of_call) < 20
    assert records.of("call 499") == 0.4


def test_chances_that_are_all_too_high_are_scaled_to_what_comes() -> None:
    records = RecordChances()
    assert records.scale(0.3) == pytest.approx(1.0)
    for _ in range(2000):
        records.launched([0.6])
    assert records.scale(0.3) == pytest.approx(0.5, abs=0.2)
    assert records.scale(0.6) == pytest.approx(1.0, abs=0.02)
    for _ in range(50):
        records.launched([0.0])
    assert math.isfinite(records.scale(0.3))


# --- what the pacer makes of them ---------------------------------------------------------------


def chances(*told: object) -> FloorView:
    return floor(idle=SIX, answer_chance=lambda most: list(told)[:most])


def test_the_likeliest_record_goes_first() -> None:
    decision = decide(chances(0.2, 0.9, 0.5, 0.5, 0.1))
    assert decision.prefer == (1, 2, 3, 0, 4)
    assert decide(chances(0.2, 0.9), levers=Levers(choice=False)).prefer == ()
    assert decide(chances(0.2, 0.9), levers=Levers(answer_chance=False)).prefer == (1, 0)


def test_unlikely_records_are_launched_in_greater_number() -> None:
    launches = []
    for told in (0.95, 0.05):
        view = dataclasses.replace(chances(*[told] * 24), idle={1: NOW - 5.0}, wrapping={})
        launches.append(decide(view).launch)
    assert launches[0] < launches[1]


def test_likely_calls_in_flight_hold_it_back_more() -> None:
    worth = []
    for told in (0.95, 0.05):
        pacer = make_pacer("predictive")
        first = pacer.decide(dataclasses.replace(chances(*[told] * 24), idle={1: NOW}))
        ringing = {f"call {n}": NOW for n in range(first.launch)}
        later = floor(idle={1: NOW, 2: NOW, 6: NOW}, ringing=ringing, now=NOW + 4.0)
        worth.append((first.launch, pacer.decide(later).figures["next_loss_chance"]))
    # as many or fewer lines ring, and still the next call is the dearer one
    assert worth[0][0] < worth[1][0]


@pytest.mark.parametrize("odd", [NAN, INF, -INF, -0.5, 1.5, 1e300, None])
def test_a_chance_that_is_none_counts_as_the_mean(odd: object) -> None:
    decision = decide(chances(0.02, odd, 0.98))
    assert decision.prefer == (2, 1, 0)
    assert decision.rule == "ahead"


@pytest.mark.parametrize(
    "answer",
    [lambda most: None, lambda most: 5, lambda most: ["a"] * most, lambda most: [[0.5]], lambda: 0],
)
def test_a_source_of_chances_that_fails_is_done_without(answer: object) -> None:
    without = decide(floor(idle=SIX))
    assert decide(floor(idle=SIX, answer_chance=answer)) == without


@pytest.mark.parametrize("error", [RuntimeError, KeyError, OSError, StopIteration])
def test_a_source_of_chances_that_raises_is_done_without(error: type[Exception]) -> None:
    def fails(most: int) -> list[float]:
        raise error("no list today")

    assert decide(floor(idle=SIX, answer_chance=fails)) == decide(floor(idle=SIX))


@pytest.mark.parametrize("many", [0, 1, 3, 24, 1000])
def test_fewer_or_more_records_than_asked_for(many: int) -> None:
    asked: list[int] = []

    def told(most: int) -> list[float]:
        asked.append(most)
        return [0.5] * many

    decision = decide(floor(idle=SIX, answer_chance=told))
    assert decision.launch >= one_to_one(BASE)
    assert sorted(decision.prefer) == list(range(min(many, max(asked))))


def test_in_the_morning_too_the_likeliest_go_first() -> None:
    morning = dataclasses.replace(
        chances(0.1, 0.7), ring_log=[], handle_log=[], answer_log=[], budget=None
    )
    decision = decide(morning)
    assert (decision.launch, decision.prefer) == (6, (1, 0))
