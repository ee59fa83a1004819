"""When seats come free: what is learnt of talk and wrap-up, of people, machines and seats."""

from __future__ import annotations

import numpy as np
import pytest

from dialer_core.pacing import HandleEnd
from dialer_core.pacing.handles import PACES, STEPS, SeatModel
from tests.pacing.views import HANDLED, INF, NAN

TIMES = (5.0, 30.0)


def learnt(log: list[HandleEnd]) -> SeatModel:
    model = SeatModel()
    model.read(log)
    return model


def alike(many: int, talk_s: float = 100.0, wrap_s: float = 20.0) -> list[HandleEnd]:
    return [HandleEnd(float(i), talk_s, wrap_s, False, 8.0) for i in range(many)]


def place(model: SeatModel, elapsed_s: float, pace: int = 1) -> int:
    return pace * STEPS + model.column(elapsed_s)


def test_it_learns_when_seats_come_free() -> None:
    model = learnt(alike(300))
    tables = model.tables(TIMES)
    assert tables.talk_free[1][place(model, 20.0)] < 0.1
    assert tables.talk_free[1][place(model, 95.0)] > 0.8
    assert tables.talk_over[1][place(model, 85.0)] > 0.8
    assert tables.wrap_free[0][place(model, 2.0)] < 0.1
    assert tables.wrap_free[1][place(model, 2.0)] > 0.8
    assert 0.0 < tables.talk_free[1][place(model, 5000.0)] < 1.0  # longer than anyone ever talked


@pytest.mark.parametrize("many", [0, 1, 3, 400])
def test_its_tables_are_chances_however_few_calls_there_were(many: int) -> None:
    model = learnt(HANDLED[:many])
    tables = model.tables((0.5, 5.0, 30.0))
    for table in tables:
        assert np.all(np.isfinite(table))
        assert np.all((table >= 0.0) & (table <= 1.0))
    for table in (tables.talk_free, tables.talk_over, tables.wrap_free):
        assert table.shape == (3, STEPS * len(PACES))
        assert np.all(np.diff(table, axis=0) >= -1e-9)  # more time, more free
    assert np.all(tables.talk_free <= tables.talk_over + 1e-9)
    assert np.all(np.diff(tables.still_talk.reshape(len(PACES), STEPS), axis=1) <= 1e-9)


def test_the_share_of_seats_free_is_that_of_drawn_calls() -> None:
    draw = np.random.default_rng(4)
    talk, wrap = draw.lognormal(4.4, 0.8, 1000), draw.lognormal(2.8, 0.5, 1000)
    model = learnt(
        [HandleEnd(0.0, float(t), float(w), False, 8.0) for t, w in zip(talk, wrap, strict=True)]
    )
    tables = model.tables((10.0,))
    for elapsed_s in (5.0, 40.0, 90.0):
        on = talk > elapsed_s
        true = float(((talk + wrap)[on] <= elapsed_s + 10.0).mean())
        assert tables.talk_free[0][place(model, elapsed_s)] == pytest.approx(true, abs=0.06)
        true = float((talk[on] <= elapsed_s + 10.0).mean())
        assert tables.talk_over[0][place(model, elapsed_s)] == pytest.approx(true, abs=0.06)
    on = wrap > 8.0
    true = float((wrap[on] <= 18.0).mean())
    assert tables.wrap_free[0][place(model, 8.0)] == pytest.approx(true, abs=0.08)


def test_machines_have_times_of_their_own() -> None:
    log = alike(100) + [HandleEnd(200.0 + i, 5.0, 1.0, True, 18.0) for i in range(60)]
    model = learnt(log)
    tables = model.tables((10.0,))
    assert tables.machine_free[0][model.column(0.0)] > 0.9
    assert tables.talk_free[0][place(model, 0.0)] < 0.1
    assert tables.still_machine[model.column(30.0)] < 0.1
    assert model.seen == 160


def test_a_slow_and_a_quick_seat_are_told_apart() -> None:
    model = learnt(alike(200))
    model.tables(TIMES)
    for _ in range(60):
        model.pace_seen(1, 8.0)
        model.pace_seen(2, 20.0)
        model.pace_seen(3, 50.0)
    assert [model.pace(seat) for seat in (1, 2, 3)] == [0, 1, 2]
    assert model.pace(99) == 1  # unknown: as everybody
    tables = model.tables((10.0,))
    quick, usual, slow = (tables.wrap_free[0][place(model, 5.0, pace)] for pace in range(3))
    assert quick > usual > slow


def test_one_wrap_up_makes_no_seat_slow() -> None:
    model = learnt(alike(200))
    model.tables(TIMES)
    model.pace_seen(1, 500.0)
    assert model.pace(1) == 1
    for wrap_s in (0.0, -3.0):
        model.pace_seen(2, wrap_s)
    assert model.pace(2) == 1


def test_new_calls_outweigh_the_old() -> None:
    log = alike(400, talk_s=30.0)
    model = learnt(log)
    before = model.tables((10.0,)).talk_over[0][place(model, 25.0)]
    log += alike(400, talk_s=200.0)
    model.read(log)
    after = model.tables((10.0,)).talk_over[0][place(model, 25.0)]
    assert before > 0.6
    assert after < 0.1


@pytest.mark.parametrize(
    "entry",
    [
        HandleEnd(1.0, NAN, 3.0, False, 1.0),
        HandleEnd(1.0, 60.0, INF, False, 1.0),
        HandleEnd(1.0, -60.0, 3.0, False, 1.0),
        HandleEnd(NAN, 60.0, 3.0, False, 1.0),
        HandleEnd(1.0, 60.0, 3.0, False, NAN),
        HandleEnd(1.0, "60", 3.0, False, 1.0),  # type: ignore[arg-type]
        HandleEnd(1.0, 60.0, None, False, 1.0),  # type: ignore[arg-type]
        None,
    ],
)
def test_entries_that_make_no_sense_are_counted_and_left_out(entry: HandleEnd) -> None:
    model = learnt([*HANDLED[:200], entry])
    assert model.nonsense == 1
    assert model.seen == 200
    model.read(HANDLED[:10])
    assert model.nonsense == 0


@pytest.mark.parametrize("elapsed_s", [-5.0, 0.0, 1e-9, 1e9, 1e300])
def test_any_elapsed_time_has_a_column(elapsed_s: float) -> None:
    assert 0 <= SeatModel().column(elapsed_s) < STEPS
