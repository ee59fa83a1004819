"""Sums of coin flips by characteristic functions, against exact convolution and against drawing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.pacing.sums import Buffers, Sums

Floats = npt.NDArray[np.float64]
SIZE = 64
CHANCES = st.lists(st.floats(0.0, 1.0), max_size=10)


def exactly(calls: list[float], seats: list[float]) -> dict[int, float]:
    """The distribution of calls less seats, flip by flip."""
    law = {0: 1.0}
    for chance, step in [*((one, 1) for one in calls), *((one, -1) for one in seats)]:
        new: dict[int, float] = {}
        for value, weight in law.items():
            new[value] = new.get(value, 0.0) + weight * (1.0 - chance)
            new[value + step] = new.get(value + step, 0.0) + weight * chance
        law = new
    return law


def rows(chances: list[float]) -> Floats:
    return np.array([chances], dtype=np.float64).reshape(1, len(chances))


def cost_of(value: int, free: int, buffers: Buffers) -> float:
    if value < free:
        return 0.0
    if value < free + buffers.parkable:
        return buffers.park_price
    if value < free + buffers.parkable + buffers.relief:
        return buffers.relief_price
    return 1.0


@given(CHANCES, CHANCES, st.integers(-9, 9))
def test_tail_and_excess_are_those_of_the_convolution(
    calls: list[float], seats: list[float], free: int
) -> None:
    sums = Sums(SIZE)
    transform = sums.transform(rows(calls), rows(seats))
    law = exactly(calls, seats)
    tail = sum(weight for value, weight in law.items() if value >= free)
    excess = sum(weight * max(0, value - free) for value, weight in law.items())
    assert (transform[0] @ sums.cost(free)).real == pytest.approx(tail, abs=1e-9)
    assert (transform[0] @ sums.excess(free)).real == pytest.approx(excess, abs=1e-8)


@given(
    CHANCES,
    CHANCES,
    st.integers(-9, 9),
    st.builds(
        Buffers, st.integers(0, 5), st.integers(0, 3), st.floats(0.0, 0.5), st.floats(0.0, 0.5)
    ),
)
def test_buffers_cost_their_price_and_no_more(
    calls: list[float], seats: list[float], free: int, buffers: Buffers
) -> None:
    sums = Sums(SIZE)
    transform = sums.transform(rows(calls), rows(seats))
    law = exactly(calls, seats)
    expected = sum(weight * cost_of(value, free, buffers) for value, weight in law.items())
    cost = float((transform[0] @ sums.cost(free, buffers)).real)
    assert cost == pytest.approx(expected, abs=1e-9)
    assert cost <= float((transform[0] @ sums.cost(free)).real) + 1e-9


@given(CHANCES, CHANCES, st.floats(0.0, 1.0))
def test_one_more_call_is_one_more_factor(
    calls: list[float], seats: list[float], new: float
) -> None:
    sums = Sums(SIZE)
    with_it = sums.transform(rows([*calls, new]), rows(seats))
    step = sums.transform(rows(calls), rows(seats)) * (1.0 + new * sums.forward)
    assert np.allclose(with_it, step)


def test_the_chance_to_find_nobody_is_that_of_drawn_floors() -> None:
    draw = np.random.default_rng(7)
    calls, seats = draw.random((3, 14)), draw.random((3, 9))
    sums = Sums(SIZE)
    transform = sums.transform(calls, seats)
    drawn = (draw.random((20_000, 3, 14)) < calls).sum(2) - (
        draw.random((20_000, 3, 9)) < seats
    ).sum(2)
    for free in (0, 2, 5):
        told = (transform @ sums.cost(free)).real
        assert told == pytest.approx((drawn >= free).mean(0), abs=0.02)
        beyond = (transform @ sums.excess(free)).real
        assert beyond == pytest.approx(np.maximum(drawn - free, 0).mean(0), abs=0.06)


def test_certain_flips_and_none_at_all() -> None:
    sums = Sums(SIZE)
    none = sums.transform(np.zeros((3, 0)), np.zeros((3, 0)))
    assert (none @ sums.cost(0)).real == pytest.approx([1.0] * 3)
    assert (none @ sums.cost(1)).real == pytest.approx([0.0] * 3)
    sure = sums.transform(np.ones((1, 4)), np.ones((1, 3)))
    assert (sure @ sums.cost(1)).real == pytest.approx([1.0])
    assert (sure @ sums.cost(2)).real == pytest.approx([0.0])
    assert (sure @ sums.excess(-2)).real == pytest.approx([3.0])


def test_many_different_buffers_do_not_fill_the_memory() -> None:
    sums = Sums(16)
    for n in range(2000):
        sums.cost(0, Buffers(1, 1, n * 1e-4, 0.5))
    assert len(sums._kernels) <= 401
