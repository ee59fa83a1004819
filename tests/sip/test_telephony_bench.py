"""The benches of the telephone in the small: they measure real calls and tell what adds up."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from app.errors import KnownError
from app.telephony.answer_bench import AnswerFigures, AnswerOptions, run_answer
from app.telephony.calls_bench import CallsFigures, CallsOptions, run_calls

pytestmark = pytest.mark.sip


def test_calls_at_once_are_heard_recorded_and_weighed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    json_file = tmp_path / "figures" / "calls.json"
    run_calls(CallsOptions(calls=2, lines=3, seconds=7.0, json_file=json_file))
    found = msgspec.json.decode(json_file.read_bytes(), type=CallsFigures)
    assert msgspec.json.decode(capsys.readouterr().out, type=CallsFigures) == found
    assert (found.bridged, found.recordings_whole, found.errors) == (2, 2, [])
    assert found.bursts_spoken >= 10  # two ends of two calls, some four bursts each
    assert found.heard_share >= 0.9
    assert 0.0 < found.cores_of_lines < 1.0
    assert found.cores == pytest.approx(found.cores_of_lines + found.cores_of_phones, abs=0.002)


def test_answers_are_timed_at_both_ends(tmp_path: Path) -> None:
    json_file = tmp_path / "answer.json"
    run_answer(AnswerOptions(seats=2, calls=6, talk_s=1.5, json_file=json_file))
    found = msgspec.json.decode(json_file.read_bytes(), type=AnswerFigures)
    assert (found.unheard, found.errors) == (0, [])
    assert found.agent_to_customer_ms.n == found.customer_to_agent_ms.n == 6
    assert found.first_of_each_seat_ms.n == 2
    assert 0.0 < found.to_agents_phone_ms.p50 < found.agent_to_customer_ms.p50 < 1000.0
    assert 0.0 < found.customer_to_agent_ms.p50 < 1000.0


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(KnownError, match="as many lines as calls"):
        run_calls(CallsOptions(calls=5, lines=4))
    with pytest.raises(KnownError, match="one call a seat"):
        run_answer(AnswerOptions(seats=5, calls=4))
