"""The abandoned rate: every vector of the facts sheet, edges, budgets and intervals."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.model.budget import SURE, may_be_lost
from dialer_core.model.records import DayCounts
from dialer_core.rules.abandonment import (
    Z_ONE_SIDED_95,
    AbandonedRate,
    abandoned_rate,
    drops_left,
    false_positive_share,
    false_positives,
    wilson,
    worst,
)
from dialer_core.rules.profiles import AbandonFormula as Formula

COUNTS = st.builds(
    DayCounts,
    live=st.integers(0, 3000),
    machines=st.integers(0, 1000),
    abandoned=st.integers(0, 200),
    detected_machines=st.integers(0, 500),
    detection_false_share=st.sampled_from([0.0, 0.01, 0.02, 0.15]),
)


def test_ofcom_without_detection_as_published() -> None:
    rate = abandoned_rate(DayCounts(9, 7, 29), Formula.OFCOM_NO_AMD)
    assert rate.numerator == 16.3125
    assert round(rate.rate * 100, 2) == 64.44
    rate = abandoned_rate(DayCounts(400, 100, 20), Formula.OFCOM_NO_AMD)
    assert rate.numerator == 16
    assert round(rate.rate * 100, 3) == 3.846


def test_ofcom_with_detection_as_published() -> None:
    counts = DayCounts(194, 0, 2, 400, 0.01)
    assert false_positives(counts) == 4
    assert abandoned_rate(counts, Formula.OFCOM_AMD).rate == 0.03
    other = abandoned_rate(DayCounts(495, 0, 5, 200, 0.02), Formula.OFCOM_AMD)
    assert round(other.rate * 100, 3) == 1.786


def test_auto_takes_machines_off_only_where_detection_did_not_run() -> None:
    counts = DayCounts(400, 100, 20)
    without = abandoned_rate(counts, Formula.OFCOM_NO_AMD)
    assert abandoned_rate(counts, Formula.OFCOM_AUTO) == without
    ran = abandoned_rate(counts, Formula.OFCOM_AUTO, detection_ran=True)
    assert ran == abandoned_rate(counts, Formula.OFCOM_AMD)
    seen = DayCounts(400, 100, 20, 5, 0.15)
    assert abandoned_rate(seen, Formula.OFCOM_AUTO) == abandoned_rate(seen, Formula.OFCOM_AMD)


def test_america_and_italy() -> None:
    counts = DayCounts(200, 50, 5, 100, 0.01)
    assert abandoned_rate(counts, Formula.US_LIVE_ANSWERED).rate == pytest.approx(6 / 206)
    assert abandoned_rate(counts, Formula.IT_PER_SUCCESSFUL).rate == pytest.approx(6 / 200)
    assert abandoned_rate(counts, Formula.STRICT_WORST).rate == pytest.approx(6 / 200)


@pytest.mark.parametrize("formula", list(Formula))
def test_nothing_answered_is_nought_and_something_lost_of_nothing_is_all(formula: Formula) -> None:
    assert abandoned_rate(DayCounts(), formula).rate == 0
    assert abandoned_rate(DayCounts(abandoned=1), formula).rate == 1
    assert drops_left(DayCounts(), formula, 0.03) == 0


def test_only_machines_so_far_means_nobody_was_lost_and_nobody_may_be() -> None:
    counts = DayCounts(live=0, machines=4, abandoned=2)
    assert abandoned_rate(counts, Formula.OFCOM_NO_AMD).rate == 0
    assert drops_left(counts, Formula.OFCOM_NO_AMD, 0.03) == 0


@pytest.mark.parametrize(
    ("live", "drops"), [(32, 0), (33, 1), (64, 1), (65, 2), (96, 2), (97, 3), (485, 15), (970, 30)]
)
def test_the_drop_budget_at_three_percent(live: int, drops: int) -> None:
    for formula in (Formula.OFCOM_AMD, Formula.OFCOM_AUTO, Formula.US_LIVE_ANSWERED):
        assert drops_left(DayCounts(live), formula, 0.03) == drops
    assert drops_left(DayCounts(live), Formula.IT_PER_SUCCESSFUL, 0.03) == live * 3 // 100


@given(COUNTS, st.sampled_from(list(Formula)), st.sampled_from([0.01, 0.02, 0.03, 0.05]))
def test_the_budget_is_the_most_that_keeps_the_cap(
    counts: DayCounts, formula: Formula, cap: float
) -> None:
    left = drops_left(counts, formula, cap)
    assert left >= 0

    def rate_after(more: int) -> float:
        after = DayCounts(
            counts.live,
            counts.machines,
            counts.abandoned + more,
            counts.detected_machines,
            counts.detection_false_share,
        )
        return abandoned_rate(after, formula).rate

    if left:
        assert rate_after(left) <= cap + 1e-12
    if counts.live:
        assert rate_after(left + 1) > cap


@given(COUNTS, st.sampled_from(list(Formula)))
def test_one_more_lost_never_lowers_the_rate_and_one_more_live_never_raises_it(
    counts: DayCounts, formula: Formula
) -> None:
    now = abandoned_rate(counts, formula).rate
    lost = DayCounts(
        counts.live,
        counts.machines,
        counts.abandoned + 1,
        counts.detected_machines,
        counts.detection_false_share,
    )
    assert abandoned_rate(lost, formula).rate >= now
    live = DayCounts(
        counts.live + 1,
        counts.machines,
        counts.abandoned,
        counts.detected_machines,
        counts.detection_false_share,
    )
    if formula in (Formula.OFCOM_NO_AMD, Formula.OFCOM_AUTO) or not counts.live:
        return  # a live call also makes machines rarer among the lost; the first ends an edge
    assert abandoned_rate(live, formula).rate <= now


@pytest.mark.parametrize("cap", [0.0, -0.1, 1.0, 2.0, math.nan])
def test_a_cap_that_is_none_affords_nothing(cap: float) -> None:
    assert drops_left(DayCounts(1000), Formula.OFCOM_AMD, cap) == 0


@pytest.mark.parametrize(
    "counts",
    [DayCounts(-1), DayCounts(9, -1), DayCounts(9, 0, -1), DayCounts(99, 0, 0, 1, math.nan)],
)
def test_counts_that_cannot_be(counts: DayCounts) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        abandoned_rate(counts, Formula.OFCOM_AMD)
    assert drops_left(counts, Formula.OFCOM_AMD, 0.03) == 0


def test_the_worst_of_several_windows() -> None:
    day, month = AbandonedRate(1, 100, 0.01), AbandonedRate(30, 1000, 0.03)
    assert worst([day, month]) is month
    assert worst([]).rate == 0


@pytest.mark.parametrize(
    ("hits", "trials", "percent"),
    [(0, 200, 1.33), (1, 200, 2.21), (3, 200, 3.69), (2, 400, 1.50), (0, 300, 0.89)],
)
def test_the_upper_bounds_as_published(hits: int, trials: int, percent: float) -> None:
    assert round(wilson(hits, trials, Z_ONE_SIDED_95)[1] * 100, 2) == percent


def test_wilson_at_its_edges() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(5, 5)[1] == 1.0
    assert wilson(0, 5)[0] == 0.0
    for hits, trials in ((1, 0), (-1, 5), (6, 5)):
        with pytest.raises(ValueError, match="no share"):
            wilson(hits, trials)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share(pair: tuple[int, int]) -> None:
    low, high = wilson(*pair)
    assert 0 <= low <= pair[0] / pair[1] <= high <= 1


def test_the_share_of_people_among_machines_needs_a_sample() -> None:
    assert false_positive_share(0, 0, 0.15, 200) == 0.15
    assert false_positive_share(1, 199, 0.15, 200) == 0.15
    assert false_positive_share(50, 199, 0.15, 200) == pytest.approx(50 / 199)
    assert round(false_positive_share(1, 200, 0.15, 200) * 100, 2) == 2.21


# --- drops ahead of the calls that earn them ----------------------------------------------------


@given(COUNTS, st.sampled_from(list(Formula)), st.sampled_from([0.01, 0.02, 0.03, 0.05]))
def test_nothing_ahead_changes_nothing(counts: DayCounts, formula: Formula, cap: float) -> None:
    strict = drops_left(counts, formula, cap)
    for ahead in (0.0, -5.0, math.nan, math.inf):
        assert drops_left(counts, formula, cap, ahead=ahead) == strict


@given(
    COUNTS,
    st.sampled_from(list(Formula)),
    st.sampled_from([0.01, 0.02, 0.03, 0.05]),
    st.floats(0.0, 5000.0),
)
def test_what_is_borrowed_is_earned_when_the_sure_part_has_come(
    counts: DayCounts, formula: Formula, cap: float, ahead: float
) -> None:
    strict = drops_left(counts, formula, cap)
    left = drops_left(counts, formula, cap, ahead=ahead)
    assert left >= strict
    if left == strict:
        return
    came = math.ceil(ahead * SURE)
    grown = counts.live + came
    after = DayCounts(
        grown,
        # the machines keep their share
        math.ceil(counts.machines * grown / counts.live),
        counts.abandoned + left,
        counts.detected_machines,
        counts.detection_false_share,
    )
    assert abandoned_rate(after, formula).rate <= cap + 1e-12


@pytest.mark.parametrize("formula", list(Formula))
def test_nothing_is_borrowed_before_the_first_drop_is_earned(formula: Formula) -> None:
    first = 34 if formula in (Formula.IT_PER_SUCCESSFUL, Formula.STRICT_WORST) else 33
    assert drops_left(DayCounts(first - 1), formula, 0.03, ahead=1000.0) == 0
    assert drops_left(DayCounts(first), formula, 0.03, ahead=1000.0) == 3  # 1.02 and a lent 2.2
    assert drops_left(DayCounts(10 * first), formula, 0.03, ahead=1000.0) == 15  # 10.2 and 5.2
    assert drops_left(DayCounts(10 * first), formula, 0.03, ahead=30.0) == 10  # and 0.03 * 21
    assert drops_left(DayCounts(first, abandoned=30), formula, 0.03, ahead=1000.0) == 0


def test_machines_among_the_lost_are_reckoned_with_ahead_too() -> None:
    counts = DayCounts(live=100, machines=100)
    assert drops_left(counts, Formula.OFCOM_NO_AMD, 0.03) == 6
    assert drops_left(counts, Formula.OFCOM_NO_AMD, 0.03, ahead=100.0) == 10  # 6.19 and 3.9


@given(st.integers(0, 400), st.integers(0, 20), st.floats(0.0, 500.0))
def test_it_is_the_law_of_the_model(live: int, lost: int, ahead: float) -> None:
    exact = drops_left(DayCounts(live, abandoned=lost), Formula.OFCOM_AMD, 0.03, ahead=ahead)
    told = may_be_lost(0.03 * live / 0.97, lost, 0.03, ahead)
    assert abs(exact - told) <= (0 if ahead == 0.0 else 1)  # at an edge the last digit decides
