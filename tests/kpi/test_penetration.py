"""Penetration four ways: each figure by its own formula."""

from __future__ import annotations

import pytest

from dialer_core.kpi.penetration import ListCounts, penetration


def test_the_four_figures_of_a_list() -> None:
    found = penetration(
        ListCounts(
            records=200, attempted=150, finalised=40, attempts=600, numbers=260,
            numbers_attempted=130,
        )
    )  # fmt: skip
    values = {one.name: one.value for one in found.figures}
    assert values == {
        "List penetration": 0.75,
        "Phone penetration": 0.5,
        "Saturation": 3.0,  # 300 %: three attempts a record
        "Closed": 0.2,
    }
    assert len({one.formula for one in found.figures}) == 4


def test_an_empty_list_has_no_figures() -> None:
    assert [one.value for one in penetration(ListCounts()).figures] == [None] * 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"records": 1, "attempted": 2},
        {"records": 1, "finalised": 2},
        {"numbers": 1, "numbers_attempted": 2},
        {"attempts": -1},
    ],
)
def test_counts_that_cannot_be_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"be|fewer"):
        ListCounts(**wrong)
