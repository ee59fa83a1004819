"""When the supervisor is told that lines are what agents wait for."""

from __future__ import annotations

import pytest

from app.desk.line_shortage import LineShortage

pytestmark = pytest.mark.qt  # of the desk, not of the core


def told(shortage: LineShortage, seconds: range, *, in_use: int, free: int) -> list[bool]:
    return [bool(shortage.look(8, in_use, free, float(at))) for at in seconds]


def test_it_is_said_once_it_lasts_and_no_more_once_it_is_over() -> None:
    shortage = LineShortage()
    assert not any(told(shortage, range(0, 25), in_use=8, free=2)), "a moment is no shortage"
    assert all(told(shortage, range(30, 60), in_use=8, free=2))
    sentence = shortage.look(8, 8, 2, 60.0)
    assert "All 8 lines are taken while agents wait" in sentence
    assert told(shortage, range(61, 70), in_use=5, free=2)[0], "it does not flicker"
    assert not told(shortage, range(70, 140), in_use=5, free=2)[-1]


@pytest.mark.parametrize(("in_use", "free"), [(7, 2), (8, 0)])
def test_nobody_waits_or_a_line_is_free(in_use: int, free: int) -> None:
    assert not any(told(LineShortage(), range(0, 120), in_use=in_use, free=free))


def test_a_line_that_is_free_now_and_then_is_a_shortage_all_the_same() -> None:
    shortage = LineShortage()
    for at in range(120):
        shortage.look(8, 7 if at % 5 == 0 else 8, 2, float(at))
    assert shortage.look(8, 8, 2, 120.0)


def test_a_floor_without_a_dialler_has_no_lines_to_be_short_of() -> None:
    shortage = LineShortage()
    assert not any(shortage.look(0, 0, 3, float(at)) for at in range(120))


def test_time_that_runs_backwards_changes_nothing() -> None:
    shortage = LineShortage()
    shortage.look(8, 8, 2, 100.0)
    assert shortage.look(8, 8, 2, 50.0) == ""
