"""The plots' memory: bounded, ordered, exact where it fits, with gaps that stay gaps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.views import CallStage, FloorPoint, SeatState
from supervisor_ui.series import GAP_S, FloorSeries, Part, sections

T0 = 1_772_546_712.0


def point(at_s: float, talking: int = 1, share: float | None = 0.02) -> FloorPoint:
    return FloorPoint(
        at_utc_s=T0 + at_s,
        seats={SeatState.TALKING: talking, SeatState.CONNECTING: 1},
        calls={CallStage.DIALLING: 2, CallStage.RINGING: 1},
        abandoned_share=share,
        abandoned_low=None if share is None else share / 2,
        abandoned_high=None if share is None else share * 2,
    )


def filled(count: int, **options: int) -> FloorSeries:
    series = FloorSeries(**options)
    series.add(point(i, talking=i % 3) for i in range(count))
    return series


def test_an_empty_series_has_nothing_to_draw() -> None:
    series = FloorSeries()
    assert len(series) == 0
    assert series.last_utc_s is None
    assert series.nearest(T0) is None
    assert series.latest(T0, T0 + 1) is None
    frame = series.frame(Part.SEATS, T0, T0 + 60, 100)
    assert frame.times.size == 0
    assert frame.peak == 0.0


def test_states_and_stages_are_counted_into_their_strips_and_lines() -> None:
    series = FloorSeries()
    series.add([point(0, talking=4)])
    sample = series.latest(T0 - 1, T0 + 1)
    assert sample is not None
    assert list(sample.of(Part.SEATS)) == [4, 0, 1, 0, 0, 0]
    assert list(sample.of(Part.CALLS)) == [0, 3, 0, 0]
    assert list(sample.of(Part.SHARES)) == [0.02, 0.01, 0.04]


def test_samples_within_a_second_share_a_slot_and_the_latest_counts() -> None:
    series = FloorSeries()
    series.add(point(i / 4, talking=i) for i in range(11))
    assert list(series.times - T0) == [0, 1, 2]
    assert list(series.values[0]) == [3, 7, 10]


def test_the_arrays_never_grow_and_the_newest_samples_stay() -> None:
    series = filled(1000, capacity=64)
    memory = series.times.base
    series.add(point(1000 + i) for i in range(1000))
    assert series.times.base is memory
    assert len(series) == 64
    assert series.last_utc_s == T0 + 1999
    assert list(np.diff(series.times)) == [1.0] * 63


@given(st.lists(st.floats(-1e4, 1e4) | st.just(math.nan) | st.just(math.inf), max_size=60))
def test_times_ascend_whatever_the_clock_does(moments: list[float]) -> None:
    series = FloorSeries(capacity=16)
    series.add(point(moment) for moment in moments)
    assert len(series) <= 16
    assert np.isfinite(series.times).all()
    assert (np.diff(series.times) > 0).all()


def test_a_clock_that_was_set_back_starts_over_from_there() -> None:
    series = filled(100)
    series.add([point(40, talking=7)])
    assert series.last_utc_s == T0 + 40
    assert len(series) == 41
    assert series.values[0, -1] == 7


def test_few_changes_are_drawn_exactly_as_stairs() -> None:
    series = FloorSeries()
    series.add(point(i, talking=1 if i < 50 else 5) for i in range(100))
    frame = series.frame(Part.SEATS, T0, T0 + 99, 40)
    assert frame.is_stairs
    assert list(frame.times - T0) == [0, 50, 50, 99, 99]
    assert list(frame.values[0]) == [1, 1, 5, 5, 5]


def test_many_changes_become_means_that_fit_the_screen() -> None:
    series = filled(6000)
    frame = series.frame(Part.SEATS, T0, T0 + 6000, 100)
    assert not frame.is_stairs
    assert len(frame.times) <= 102
    assert frame.values[0] == pytest.approx(1.0, abs=0.05)


def test_means_stand_on_a_fixed_grid_while_the_plot_slides() -> None:
    series = filled(6000)
    one = series.frame(Part.SHARES, T0 + 1000, T0 + 5000, 100)
    two = series.frame(Part.SHARES, T0 + 1003, T0 + 5003, 100)
    common = set(one.times[2:-2]) & set(two.times[2:-2])
    assert len(common) > 90


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize("columns", [40, 4000])
def test_a_gap_is_a_gap(part: Part, columns: int) -> None:
    series = FloorSeries()
    series.add(point(i, talking=i % 4) for i in range(600))
    series.add(point(i, talking=i % 4) for i in range(900, 1500))
    frame = series.frame(part, T0, T0 + 1500, columns)
    pieces = sections(frame.times, frame.values)
    assert len(pieces) == 2
    assert frame.times[pieces[0]][-1] <= T0 + 600 + GAP_S
    assert frame.times[pieces[1]][0] >= T0 + 880


def test_nobody_has_answered_is_no_share_at_all() -> None:
    series = FloorSeries()
    series.add(point(i, share=None if i < 30 else 0.01) for i in range(60))
    frame = series.frame(Part.SHARES, T0, T0 + 60, 400)
    assert np.isnan(frame.values[0, :30]).all()
    assert np.isfinite(frame.values[0, 30:]).all()


def test_the_nearest_sample_is_read_but_not_across_a_gap() -> None:
    series = FloorSeries()
    series.add([point(0, talking=1), point(10, talking=2), point(500, talking=3)])
    near = series.nearest(T0 + 8)
    assert near is not None
    assert near.at_utc_s == T0 + 10
    assert near.of(Part.SEATS)[0] == 2
    assert series.nearest(T0 + 200) is None
    latest = series.latest(T0, T0 + 499)
    assert latest is not None
    assert latest.at_utc_s == T0 + 10
    assert series.latest(T0 + 20, T0 + 499) is None
