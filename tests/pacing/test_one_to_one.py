"""Preview, progressive and the fixed ratio: one call per free seat, and a plain multiple of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from dialer_core.model.errors import KnownError
from dialer_core.pacing import Budget, make_pacer
from dialer_core.pacing.fixed_ratio import FixedRatio
from tests.pacing.views import BASE, INF, MODES, NAN, NOW, SIX, decide, floor


@pytest.mark.parametrize("mode", ["preview", "progressive"])
@pytest.mark.parametrize(
    ("changes", "launch"),
    [
        ({}, 2),
        ({"ringing": {"a": 15_999.0}}, 1),
        ({"ringing": {"a": 15_999.0}, "reserved": {9: 15_999.0}}, 2),
        ({"ringing": {"a": 15_999.0, "b": 15_999.0}, "waiting": [15_999.5]}, 0),
        ({"idle": {}}, 0),
        ({"idle": {}, "talking": {}, "wrapping": {}}, 0),
        ({"max_lines": 3}, 1),  # two of the three are in calls
        ({"max_lines": 0}, 0),
        ({"now": 28_800.0}, 0),
        ({"budget": None, "ring_log": [], "handle_log": [], "answer_log": []}, 2),
        ({"relief": [20]}, 2),
    ],
)
def test_one_call_per_free_seat(mode: str, changes: Mapping[str, Any], launch: int) -> None:
    decision = decide(floor(**changes), mode)
    assert decision.launch == launch
    assert decision.reason.endswith(".")
    assert decision.rule in ("one_to_one", "closed")


@pytest.mark.parametrize("mode", MODES)
def test_a_held_call_is_not_in_the_way_of_the_others(mode: str) -> None:
    ringing = {"a": 15_999.0, "b": 15_999.0, "c": 15_999.0}
    spent = floor(ringing=ringing, reserved={8: 15_999.0, 9: 15_999.0}, held={"b"}, budget=Budget())
    assert decide(spent, mode).launch == 0  # seat 8 looks at a preview, nothing rings for it
    assert decide(dataclasses.replace(spent, held=None), mode).launch == 1
    assert decide(dataclasses.replace(spent, held={"a", "b", "c"}), mode).launch == 2
    ahead = decide(floor(ringing=ringing, reserved={9: 15_999.0}, held={"b"}))
    assert ahead.figures["ringing"] == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"idle": {1: NOW}}, "1 more: 1 seat free, 0 calls in flight for them, 28 lines free."),
        ({"idle": {}, "max_lines": 3}, "0 more: 0 seats free, 0 calls in flight for them, 1 line"),
        ({"ringing": {"a": NOW}}, "1 more: 2 seats free, 1 call in flight for them, 27 lines"),
    ],
)
def test_it_says_why_in_good_english(changes: Mapping[str, Any], words: str) -> None:
    assert words in decide(floor(**changes), "progressive").reason


def test_an_unknown_mode_is_told_with_the_known_ones() -> None:
    with pytest.raises(KnownError, match="preview, progressive, predictive") as caught:
        make_pacer("psychic")
    assert "fixed_ratio" not in str(caught.value)  # for comparison; never offered


# --- a fixed ratio ------------------------------------------------------------------------------


def test_a_fixed_ratio_is_a_multiple_of_the_free_seats() -> None:
    assert decide(floor(idle=SIX), "fixed_ratio").launch == 12
    assert decide(floor(idle=SIX, ringing={"a": NOW}, waiting=[NOW]), "fixed_ratio").launch == 10
    assert FixedRatio(1.5).decide(floor(idle=SIX)).launch == 9
    assert decide(floor(idle=SIX, max_lines=5), "fixed_ratio").launch == 3
    assert decide(floor(now=28_900.0), "fixed_ratio").launch == 0


@pytest.mark.parametrize("ratio", [NAN, INF, -2.0, 0.0, 0.5, 1.0])
def test_a_ratio_that_makes_no_sense_is_one(ratio: float) -> None:
    assert FixedRatio(ratio).decide(BASE).launch == 2


def test_a_fixed_ratio_knows_the_list_first_and_needs_a_budget() -> None:
    assert decide(floor(idle=SIX, ring_log=BASE.ring_log[:5]), "fixed_ratio").launch == 6
    assert decide(floor(idle=SIX), "fixed_ratio", target=0.0).launch == 6
