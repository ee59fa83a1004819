"""Figures: values by hand, their formulas, and what is said of nothing."""

from __future__ import annotations

import math

import pytest

from dialer_core.kpi import (
    SeatTimes,
    abandoned,
    contacts_per_hour,
    mean_wait,
    occupancy,
    utilisation,
    wait_p95,
)
from dialer_core.model.records import DayCounts
from dialer_core.rules.abandonment import abandoned_rate
from dialer_core.rules.profiles import AbandonFormula

HOUR = SeatTimes(
    available_s=600, talk_s=1800, wrap_up_s=300, preview_s=60, ringing_s=240, paused_s=600
)


def test_the_abandoned_rate_comes_with_its_numbers_and_its_doubt() -> None:
    figure = abandoned(
        abandoned_rate(DayCounts(live=97, abandoned=3), AbandonFormula.US_LIVE_ANSWERED)
    )
    assert figure.value == 0.03
    assert (figure.numerator, figure.denominator) == (3, 100)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low == pytest.approx(0.0103, abs=0.0005)  # Wilson's interval of 3 in 100
    assert figure.high == pytest.approx(0.0845, abs=0.0005)


@pytest.mark.parametrize("formula", list(AbandonFormula))
def test_every_formula_says_how_it_is_made(formula: AbandonFormula) -> None:
    figure = abandoned(abandoned_rate(DayCounts(100, 20, 4, 10, 0.15), formula))
    assert figure.formula
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    assert 0 < figure.low < figure.value < figure.high < 1
    nothing = abandoned(abandoned_rate(DayCounts(), formula))
    assert nothing.value is None
    assert (nothing.low, nothing.high) == (0.0, 1.0)


def test_more_lost_than_met_has_an_interval_all_the_same() -> None:
    figure = abandoned(
        abandoned_rate(DayCounts(live=1, abandoned=3), AbandonFormula.IT_PER_SUCCESSFUL)
    )
    assert figure.value == 3.0
    assert figure.high == 1.0


def test_occupancy_and_utilisation_differ_by_the_pauses() -> None:
    assert HOUR.logged_in_s == 3600
    assert occupancy(HOUR).value == 2100 / 3000
    assert utilisation(HOUR).value == 2100 / 3600
    assert "pauses" in utilisation(HOUR).formula


def test_contacts_per_hour() -> None:
    figure = contacts_per_hour(12, HOUR)
    assert (figure.value, figure.unit) == (12, "/h")


def test_waits() -> None:
    waits = [0.1 * n for n in range(1, 101)]
    assert mean_wait(waits).value == pytest.approx(5.05)
    assert wait_p95(waits).value == pytest.approx(9.5)
    assert wait_p95([1.0]).value == 1.0


def test_of_nothing_nothing_is_said() -> None:
    nobody = SeatTimes()
    for figure in (
        occupancy(nobody),
        utilisation(nobody),
        contacts_per_hour(0, nobody),
        mean_wait([]),
        wait_p95([]),
    ):
        assert figure.value is None
        assert figure.denominator == 0


def test_waits_that_cannot_be_are_left_out() -> None:
    assert mean_wait([math.nan, math.inf, -0.001, 1.0]).value == 0.5
    assert wait_p95([math.nan]).value is None
