"""The tables of states, proved; and the page that is drawn from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import TypeVar

import pytest

from dialer_core.model.diagram import page
from dialer_core.model.errors import IllegalTransition
from dialer_core.model.states import (
    CALL_MOVES,
    SEAT_MOVES,
    CallStage,
    SeatState,
    move_call,
    move_seat,
)

S = TypeVar("S", bound=StrEnum)
DOC = Path(__file__).parents[2] / "docs" / "states.md"


def reachable(moves: Mapping[S, frozenset[S]], first: S) -> set[S]:
    seen, ahead = {first}, [first]
    while ahead:
        new = moves[ahead.pop()] - seen
        seen |= new
        ahead += new
    return seen


def prove(moves: Mapping[S, frozenset[S]], move: Callable[[S, S], S]) -> None:
    for state, target in product(moves, moves):
        if target in moves[state]:
            assert move(state, target) is target
        else:
            with pytest.raises(IllegalTransition, match=f"{state} -> {target}"):
                move(state, target)


def test_every_pair_of_seat_states_moves_or_is_refused() -> None:
    prove(SEAT_MOVES, move_seat)


def test_every_pair_of_call_stages_moves_or_is_refused() -> None:
    prove(CALL_MOVES, move_call)


def test_the_tables_hold_every_state() -> None:
    assert set(SEAT_MOVES) == set(SeatState)
    assert set(CALL_MOVES) == set(CallStage)


def test_every_state_can_be_reached() -> None:
    assert reachable(SEAT_MOVES, SeatState.PAUSED) == set(SeatState)
    assert reachable(CALL_MOVES, CallStage.COMMITTED) == set(CallStage)


def test_only_the_last_states_have_no_exit() -> None:
    assert [state for state in SeatState if not SEAT_MOVES[state]] == [SeatState.LOGGED_OUT]
    assert [stage for stage in CallStage if not CALL_MOVES[stage]] == [CallStage.ENDED]


def test_the_end_can_be_reached_from_everywhere() -> None:
    assert all(SeatState.LOGGED_OUT in reachable(SEAT_MOVES, state) for state in SeatState)
    assert all(CallStage.ENDED in CALL_MOVES[s] for s in CallStage if s is not CallStage.ENDED)


def test_a_call_never_goes_back_to_ringing() -> None:
    answered = (CallStage.WAITING, CallStage.CONNECTING, CallStage.TALKING, CallStage.MESSAGE)
    assert all(CallStage.RINGING not in reachable(CALL_MOVES, stage) for stage in answered)


def test_the_page_in_the_docs_is_current() -> None:
    assert DOC.read_text(encoding="utf-8") == page()


def test_the_page_draws_every_move_and_tells_every_truth() -> None:
    drawn = page()
    for moves in (SEAT_MOVES, CALL_MOVES):
        for state, targets in moves.items():
            assert f"| `{state.value}` |" in drawn
            for target in targets:
                assert f"    {state.value} --> {target.value}\n" in drawn
    assert "|  |" not in drawn
