"""Ticks, labels that make way for each other, and strips without seams."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from supervisor_ui.plot import Band, BandsItem, local_time, time_ticks, value_ticks
from supervisor_ui.sheet import spread

NOON_UTC_S = 1_772_539_200.0


@given(
    st.lists(st.floats(0, 200), max_size=12).map(sorted),
    st.floats(8, 24),
    st.floats(0, 20),
    st.floats(40, 200),
)
def test_labels_keep_apart_and_inside(
    wanted: list[float], step: float, low: float, height: float
) -> None:
    high = low + height
    placed = spread(wanted, step, low, high)
    assert len(placed) == len(wanted)
    if len(wanted) > 1:
        least = min(step, height / (len(wanted) - 1))
        assert min(np.diff(placed)) >= least - 1e-6
    if placed:
        assert placed[-1] <= high + 1e-6
        assert placed[0] >= low - 1e-6


def test_a_label_with_room_stands_where_it_belongs() -> None:
    assert spread([20, 60, 100], 16, 0, 200) == [20, 60, 100]


@pytest.mark.parametrize("length_s", [20, 300, 3600, 7500])
@pytest.mark.parametrize("width_px", [200, 680, 1900])
def test_time_ticks_are_round_and_not_crowded(length_s: float, width_px: float) -> None:
    step, moments = time_ticks(NOON_UTC_S + 7, NOON_UTC_S + 7 + length_s, width_px)
    assert moments
    assert all(moment % step == 0 for moment in moments)
    assert width_px * step / length_s >= 80


@pytest.mark.parametrize("top", [1, 2, 3.9, 10.4, 21, 140])
def test_value_ticks_start_at_zero_and_fit(top: float) -> None:
    for height in (30, 180, 600):
        ticks = value_ticks(top, height, is_whole=True)
        assert ticks[0] == 0
        assert ticks[-1] <= top
        assert len(ticks) <= 7
        assert all(tick == int(tick) for tick in ticks)


def test_half_a_per_cent_may_be_labelled_but_not_half_a_seat() -> None:
    assert 0.5 in value_ticks(1.5, 200, is_whole=False)
    assert value_ticks(1.5, 200, is_whole=True) == [0, 1]


def test_local_time_shows_seconds_only_where_asked() -> None:
    assert len(local_time(NOON_UTC_S)) == 5
    assert local_time(NOON_UTC_S + 5, has_seconds=True).endswith(":00:05")


def test_empty_strips_and_gaps_draw_nothing(qapp: QApplication) -> None:
    item = BandsItem()
    x = np.arange(6.0)
    zero = np.zeros(6)
    upper = np.array([1.0, 2, np.nan, 2, 1, 1])
    item.set_bands(x, [Band(zero, upper, QColor("blue")), Band(zero, zero, QColor("red"))])
    assert item.polygon_count == 2  # the blue one, before and after the gap
    item.set_bands(x, [])
    assert item.polygon_count == 0
    assert item.boundingRect().isEmpty()
    item.set_bands(np.array([]), [Band(np.array([]), np.array([]), QColor("blue"))])
    assert item.polygon_count == 0
