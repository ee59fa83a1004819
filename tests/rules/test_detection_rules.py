"""What tones and verdicts mean for an attempt's outcome and for the abandoned rate."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from dialer_core.model.states import FormulaClass as F
from dialer_core.model.states import Outcome as O
from dialer_core.rules.detection import early_outcome, kept_from_agents, more_telling
from dialer_core.rules.lockouts import lockouts_after
from dialer_core.rules.outcomes import CallEnd, classify
from dialer_core.rules.profiles import LockoutMode
from tests.rules.gate_facts import GB

ANSWERED: dict[str, Any] = {"is_answered": True, "ended_by": "dialler", "answer_to_end_s": 1.5}


def outcome_of(status: int, tone: str, **known: Any) -> tuple[O, F]:
    known.setdefault("ended_by", "network")
    known.setdefault("had_progress", True)
    end = CallEnd(status, tone=tone, **known)
    return classify(end, min_ring_s=15.0, connect_limit_s=2.0)


class TestUnanswered:
    @pytest.mark.parametrize(
        ("tone", "expected"),
        [
            ("sit", O.INVALID_NUMBER),
            ("sit_intercept", O.INVALID_NUMBER),
            ("sit_vacant", O.INVALID_NUMBER),
            ("sit_no_circuit", O.NETWORK_CONGESTION),
            ("sit_reorder", O.NETWORK_CONGESTION),
            ("congestion", O.NETWORK_CONGESTION),
            ("busy", O.BUSY),
        ],
    )
    @pytest.mark.parametrize("status", [480, 487, 500, 503])
    def test_a_tone_says_more_than_a_vague_status(
        self, tone: str, expected: O, status: int
    ) -> None:
        assert outcome_of(status, tone) == (expected, F.UNANSWERED)

    def test_a_tone_says_it_where_we_gave_up(self) -> None:
        known = {"ended_by": "line", "is_cancelled": True, "ring_s": 30.0}
        assert outcome_of(487, "sit", **known)[0] is O.INVALID_NUMBER
        assert outcome_of(487, "ringback", **known)[0] is O.NO_ANSWER
        assert outcome_of(487, "", **known)[0] is O.NO_ANSWER

    def test_a_cause_says_it_better(self) -> None:
        assert outcome_of(480, "sit", q850=17)[0] is O.BUSY
        assert outcome_of(500, "sit", reason="Q.850;cause=34")[0] is O.NETWORK_CONGESTION
        assert outcome_of(503, "sit_no_circuit", q850=1)[0] is O.INVALID_NUMBER

    @pytest.mark.parametrize(
        ("status", "expected"),
        [(486, O.BUSY), (404, O.INVALID_NUMBER), (603, O.CALLEE_DECLINED_CALL), (401, O.AUTH_FAIL)],
    )
    def test_a_plain_status_says_it_better(self, status: int, expected: O) -> None:
        assert outcome_of(status, "sit_reorder")[0] is expected

    def test_ringing_fax_and_modem_say_nothing_before_the_answer(self) -> None:
        assert [early_outcome(tone) for tone in ("ringback", "fax", "modem", "")] == [None] * 4


class TestKeptFromAgents:
    def test_a_machine_burdens_the_rate(self) -> None:
        for tone in ("", "busy", "ringback"):
            found = outcome_of(200, tone, is_detected_machine=True, **ANSWERED)
            assert found == (O.ANSWER_MACHINE_AMD, F.AMDET)

    def test_certain_tones_stand_in_no_count(self) -> None:
        for tone, expected in (
            ("fax", O.FAX_MODEM),
            ("modem", O.FAX_MODEM),
            ("sit", O.INVALID_NUMBER),
            ("sit_reorder", O.NETWORK_CONGESTION),
        ):
            found = outcome_of(200, tone, is_detected_machine=True, **ANSWERED)
            assert found == (expected, F.EXCLUDED)

    def test_a_tone_excuses_no_call_that_nobody_let_go_for_it(self) -> None:
        """Only what was ended as a machine is booked as one; silence to a person stays ours."""
        for tone in ("fax", "sit", "busy"):
            assert outcome_of(200, tone, **ANSWERED) == (O.ABANDONED, F.AOBS)
        crossed = {**ANSWERED, "is_answered": False, "is_crossed": True}
        found = outcome_of(487, "sit", is_detected_machine=True, **crossed)
        assert found == (O.ABANDONED, F.AOBS)

    def test_a_fax_retires_the_number(self) -> None:
        outcome, _ = kept_from_agents("fax")
        at = datetime(2026, 3, 2, 12, tzinfo=UTC)
        assert [one.mode for one in lockouts_after(outcome, GB, at)] == [LockoutMode.RETIRE]


def test_the_reason_outlasts_the_busy_tone_behind_it() -> None:
    assert more_telling("sit_vacant", "busy") == "sit_vacant"
    assert more_telling("ringback", "busy") == "busy"
    assert more_telling("busy", "sit") == "sit"
    assert more_telling("", "ringback") == "ringback"
    assert more_telling("busy", "ringback") == "busy"
    for known, heard in product(("fax", "sit", "busy"), repeat=2):
        assert more_telling(known, heard) in (known, heard)
