"""Outcomes: the table of the facts sheet line by line, and what is held against us."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.model.states import FormulaClass as F
from dialer_core.model.states import Outcome as O
from dialer_core.rules.outcomes import (
    CallEnd,
    after_disposition,
    cause_in,
    classify,
    counts_for_kpi,
    counts_for_law,
)


def ended(status: int, **known: Any) -> O:
    known.setdefault("ended_by", "network")
    known.setdefault("had_progress", known.get("ring_s", 0.0) > 0)
    outcome, formula_class = classify(
        CallEnd(status, **known), min_ring_s=15.0, connect_limit_s=2.0
    )
    assert formula_class is F.UNANSWERED
    return outcome


def answered(**known: Any) -> tuple[O, F]:
    known.setdefault("ended_by", "person")
    known.setdefault("is_answered", True)
    return classify(CallEnd(200, **known), min_ring_s=15.0, connect_limit_s=2.0)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (486, O.BUSY),
        (600, O.BUSY),
        (404, O.INVALID_NUMBER),
        (410, O.INVALID_NUMBER),
        (485, O.INVALID_NUMBER),
        (604, O.INVALID_NUMBER),
        (484, O.INVALID_FORMAT),
        (403, O.CARRIER_REJECT),
        (401, O.AUTH_FAIL),
        (407, O.AUTH_FAIL),
        (603, O.CALLEE_DECLINED_CALL),
        (607, O.UNWANTED),
        (608, O.UNWANTED),
        (503, O.NETWORK_CONGESTION),
        (500, O.NETWORK_FAILURE),
        (502, O.DESTINATION_FAULT),
        (504, O.NETWORK_FAILURE),
        (488, O.CODEC_MISMATCH),
        (606, O.CODEC_MISMATCH),
        (483, O.ROUTING_ERROR),
        (501, O.PROTOCOL_ERROR),
        *[
            (status, O.PROTOCOL_ERROR)
            for status in (481, 482, 491, 493, 405, 411, 412, 413, 414, 415, 505)
        ],
        (301, O.REDIRECTED),
        (302, O.REDIRECTED),
        (499, O.PROTOCOL_ERROR),
        (599, O.NETWORK_FAILURE),
        (699, O.CALLEE_DECLINED_CALL),
        (0, O.CARRIER_TIMEOUT),
        (700, O.LINE_LOST),
        (-1, O.LINE_LOST),
    ],
)
def test_statuses(status: int, expected: O) -> None:
    assert ended(status) is expected


@pytest.mark.parametrize(
    ("status", "ring_s", "expected"),
    [
        (480, 0.0, O.TEMP_UNAVAILABLE),
        (480, 14.9, O.TEMP_UNAVAILABLE),
        (480, 15.0, O.NO_ANSWER),
        (487, 14.9, O.TEMP_UNAVAILABLE),
        (487, 20.0, O.NO_ANSWER),
        (408, 0.0, O.CARRIER_TIMEOUT),
        (408, 3.0, O.NO_ANSWER),
        (480, math.nan, O.TEMP_UNAVAILABLE),
    ],
)
def test_no_answer_needs_the_minimum_ring(status: int, ring_s: float, expected: O) -> None:
    assert ended(status, ring_s=ring_s) is expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"ring_s": 15.0}, O.NO_ANSWER),
        ({"ring_s": 14.9}, O.DIALLER_CANCELLED),
        ({"had_progress": False, "setup_s": 12.0}, O.NO_PROGRESS),
        ({"had_progress": False, "setup_s": 11.0}, O.DIALLER_CANCELLED),
        ({"had_progress": True, "ring_s": 1.0, "setup_s": 13.0}, O.DIALLER_CANCELLED),
        ({"had_progress": False, "ring_s": 20.0, "setup_s": 20.0}, O.NO_PROGRESS),
    ],
)
def test_our_own_cancel(known: dict[str, Any], expected: O) -> None:
    assert ended(487, is_cancelled=True, ended_by="line", **known) is expected
    assert ended(0, is_cancelled=True, ended_by="line", **known) is expected


def test_a_line_that_broke_in_the_ringing_is_no_fault_of_the_carrier() -> None:
    assert ended(0, ring_s=3.0) is O.LINE_LOST
    assert ended(0, ended_by="?") is O.LINE_LOST


def test_a_final_answer_that_crossed_our_cancel_tells_more() -> None:
    assert ended(486, is_cancelled=True, ring_s=3.0) is O.BUSY
    assert ended(404, is_cancelled=True, ring_s=16.0) is O.INVALID_NUMBER


def test_no_progress_is_shorter_in_a_fast_rehearsal() -> None:
    end = CallEnd(487, "line", setup_s=2.0, is_cancelled=True)
    outcome, _ = classify(end, min_ring_s=2.5, connect_limit_s=2.0, no_progress_s=2.0)
    assert outcome is O.NO_PROGRESS


@pytest.mark.parametrize(
    ("status", "cause", "expected"),
    [
        (503, 17, O.BUSY),
        (480, 1, O.INVALID_NUMBER),
        (480, 22, O.INVALID_NUMBER),
        (500, 28, O.INVALID_FORMAT),
        (404, 3, O.ROUTING_ERROR),
        (404, 27, O.DESTINATION_FAULT),
        (486, 34, O.NETWORK_CONGESTION),
        (503, 38, O.NETWORK_FAILURE),
        (480, 20, O.TEMP_UNAVAILABLE),
        (480, 58, O.CODEC_MISMATCH),
        (480, 50, O.CARRIER_REJECT),
        (480, 111, O.PROTOCOL_ERROR),
        (480, 21, O.CALLEE_DECLINED_CALL),
        (486, 21, O.CALLEE_DECLINED_CALL),
        (403, 21, O.CARRIER_REJECT),
        (603, 21, O.CALLEE_DECLINED_CALL),
        (607, 21, O.UNWANTED),
        (401, 21, O.AUTH_FAIL),
        (486, 16, O.BUSY),  # says nothing: the status does
        (486, 31, O.BUSY),
        (404, 127, O.INVALID_NUMBER),
        (408, 102, O.CARRIER_TIMEOUT),
        (504, 102, O.NETWORK_FAILURE),
        (486, 9999, O.BUSY),
    ],
)
def test_the_cause_is_preferred_over_the_status(status: int, cause: int, expected: O) -> None:
    assert ended(status, q850=cause) is expected
    assert ended(status, reason=f'Gone (Reason: Q.850;cause={cause};text="x")') is expected or (
        cause > 999
    )


def test_causes_that_depend_on_the_ring() -> None:
    assert ended(480, q850=18) is O.CARRIER_TIMEOUT
    assert ended(480, q850=18, ring_s=4.0) is O.NO_ANSWER
    assert ended(503, q850=19, ring_s=4.0) is O.TEMP_UNAVAILABLE
    assert ended(503, q850=19, ring_s=15.0) is O.NO_ANSWER


def test_a_network_that_blocks_is_not_a_person_who_declines() -> None:
    assert ended(603, reason="Network Blocked") is O.UNWANTED
    assert ended(603, reason="Decline") is O.CALLEE_DECLINED_CALL


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('Q.850;cause=17;text="User busy"', 17),
        ("q.850 ; CAUSE = 34", 34),
        ('SIP;cause=200;text="x", Q.850;cause=16', 16),
        ("SIP;cause=200", None),
        ("Q.850;text=1, SIP;cause=200", None),
        ("Q.850;cause=", None),
        ("Q.850;cause=12345", None),
        ("", None),
    ],
)
def test_the_cause_in_a_reason_header(text: str, cause: int | None) -> None:
    assert cause_in(text) == cause


# --- answered ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("took_s", "expected"),
    [
        (0.0, F.L),
        (2.0, F.L),
        (2.001, F.AOBS),
        (math.nan, F.AOBS),
        (None, F.AOBS),
        (60.0, F.AOBS),
    ],
)
def test_connected_in_time_and_late(took_s: float | None, expected: F) -> None:
    known = {"is_bridged": True, "answer_to_bridge_s": took_s, "answer_to_end_s": 90.0}
    assert answered(**known) == (O.CONNECTED, expected)
    assert answered(**known, ended_by="agent") == (O.CONNECTED, expected)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"answer_to_end_s": 1.9}, O.SHORT_HANGUP),
        ({"answer_to_end_s": 2.0}, O.ABANDONED),
        ({"answer_to_end_s": 1.9, "message_played": True}, O.ABANDONED),
        ({"answer_to_end_s": 1.9, "ended_by": "line"}, O.ABANDONED),
        ({"answer_to_end_s": 1.9, "ended_by": "network"}, O.ABANDONED),
        ({"answer_to_end_s": None}, O.ABANDONED),
        ({"answer_to_end_s": math.nan}, O.ABANDONED),
        ({"answer_to_end_s": 8.0, "message_played": True, "ended_by": "line"}, O.ABANDONED),
        ({"answer_to_end_s": 0.1, "is_crossed": True}, O.ABANDONED),
        ({"answer_to_end_s": 0.1, "is_crossed": True, "is_answered": False}, O.ABANDONED),
    ],
)
def test_answered_and_not_connected(known: dict[str, Any], expected: O) -> None:
    counted = F.SHORT_HANGUP if expected is O.SHORT_HANGUP else F.AOBS
    assert answered(**known) == (expected, counted)


def test_a_detected_machine_is_counted_as_such_unless_its_answer_crossed_our_cancel() -> None:
    assert answered(is_detected_machine=True) == (O.ANSWER_MACHINE_AMD, F.AMDET)
    assert answered(is_detected_machine=True, is_crossed=True) == (O.ABANDONED, F.AOBS)


@given(
    st.builds(
        CallEnd,
        sip_status=st.integers(-10, 800),
        ended_by=st.sampled_from(["person", "agent", "line", "dialler", "network", "?", ""]),
        q850=st.none() | st.integers(-5, 300),
        reason=st.text(max_size=40),
        setup_s=st.floats(),
        had_progress=st.booleans(),
        ring_s=st.floats(),
        is_answered=st.booleans(),
        is_bridged=st.booleans(),
        answer_to_bridge_s=st.none() | st.floats(),
        answer_to_end_s=st.none() | st.floats(),
        is_crossed=st.booleans(),
        is_cancelled=st.booleans(),
        message_played=st.booleans(),
        is_detected_machine=st.booleans(),
    )
)
def test_whatever_comes_there_is_an_outcome_and_no_drop_is_hidden(end: CallEnd) -> None:
    outcome, counted = classify(end, min_ring_s=15.0, connect_limit_s=2.0)
    is_answered = end.is_answered or end.is_crossed
    assert (counted is F.UNANSWERED) is not is_answered
    if end.is_crossed and not end.is_bridged:
        assert outcome is O.ABANDONED
    if outcome is O.NO_ANSWER and end.is_cancelled and end.sip_status == 487:
        assert end.ring_s >= 15
    if counted is F.L:
        assert end.is_bridged
        assert end.answer_to_bridge_s is not None
        assert end.answer_to_bridge_s <= 2


# --- what the agent says, and what counts -------------------------------------------------------


@pytest.mark.parametrize("before", list(F))
@pytest.mark.parametrize("outcome", list(O))
def test_only_a_machine_moves_and_only_from_the_live(before: F, outcome: O) -> None:
    if before in (F.L, F.M):
        expected = F.M if outcome is O.ANSWER_MACHINE_AGENT else F.L
    else:
        expected = before
    assert after_disposition(before, outcome) is expected


def test_what_counts_as_an_attempt() -> None:
    assert not counts_for_law(O.NETWORK_CONGESTION, had_progress=False)
    assert counts_for_law(O.NETWORK_CONGESTION, had_progress=True)
    assert counts_for_law(O.BUSY, had_progress=False)
    assert counts_for_law(O.LINE_LOST, had_progress=False)
    assert not counts_for_kpi(O.AUTH_FAIL)
    assert counts_for_kpi(O.NO_ANSWER)
