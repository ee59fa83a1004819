"""Intervals: the quantiles of the tables, and that they cover what they promise."""

from __future__ import annotations

import math
import random

import pytest

from dialer_core.simulation.intervals import (
    Interval,
    difference_of,
    mean_of,
    ratio_of,
    t_quantile,
)


@pytest.mark.parametrize(
    ("freedom", "value"),
    [(1, 12.706), (2, 4.303), (5, 2.571), (10, 2.228), (11, 2.201), (15, 2.131), (30, 2.042),
     (120, 1.980), (10_000, 1.960)],
)  # fmt: skip
def test_students_t_as_in_the_tables(freedom: int, value: float) -> None:
    assert t_quantile(freedom) == pytest.approx(value, abs=0.001)


def test_no_freedom_is_no_quantile() -> None:
    with pytest.raises(ValueError, match="0 degrees"):
        t_quantile(0)


def test_a_mean_by_hand() -> None:
    found = mean_of([1.0, 2.0, 3.0, 4.0])
    half = 3.1824 * math.sqrt(5.0 / 3.0 / 4.0)
    assert (found.mean, found.days) == (2.5, 4)
    assert found.half == pytest.approx(half)
    assert (found.low, found.high) == pytest.approx((2.5 - half, 2.5 + half))


def test_one_day_has_no_interval_and_no_day_no_mean() -> None:
    one = mean_of([7.0])
    assert (one.mean, one.low, one.high) == (7.0, -math.inf, math.inf)
    assert math.isnan(mean_of([]).mean)
    assert mean_of([]).days == 0


def test_the_interval_covers_the_truth_nineteen_times_in_twenty() -> None:
    draw = random.Random(5)
    covered = 0
    for _ in range(2000):
        found = mean_of([draw.gauss(3.0, 2.0) for _ in range(8)])
        covered += found.low <= 3.0 <= found.high
    assert covered / 2000 == pytest.approx(0.95, abs=0.015)


def test_a_ratio_is_pooled_and_covers_the_truth() -> None:
    assert ratio_of([1.0, 3.0], [10.0, 90.0]).mean == pytest.approx(0.04)
    draw = random.Random(6)
    covered = 0
    for _ in range(1000):
        people = [draw.randint(200, 600) for _ in range(20)]
        lost = [sum(draw.random() < 0.03 for _ in range(n)) for n in people]
        found = ratio_of([float(one) for one in lost], [float(one) for one in people])
        covered += found.low <= 0.03 <= found.high
    assert covered / 1000 == pytest.approx(0.945, abs=0.025)


def test_a_ratio_of_nothing() -> None:
    assert ratio_of([0.0], [0.0]).days == 0
    assert ratio_of([], []).days == 0
    assert ratio_of([0.0, 0.0], [5.0, 5.0]) == Interval(0.0, 0.0, 0.0, 2)
    with pytest.raises(ValueError, match="1 parts of 2 wholes"):
        ratio_of([1.0], [1.0, 2.0])


def test_a_paired_difference_knows_what_the_days_share() -> None:
    days = [10.0, 50.0, 90.0]
    found = difference_of([day + 1.0 for day in days], days)
    assert (found.mean, found.half) == (1.0, 0.0)
    with pytest.raises(ValueError, match="3 days against 1"):
        difference_of(days, [1.0])


def test_another_unit() -> None:
    assert mean_of([0.5, 0.7]).scaled(100.0).mean == pytest.approx(60.0)
