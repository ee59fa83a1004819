"""The rehearsal's report is joined from what both ends heard, and cannot flatter."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from app.practice import Painted, read_lines
from app.rehearsal.report import PracticeLogs, Report, build_report, dialled_twice, failure, spread
from dialer_core.rules.profiles import profile
from dialer_core.store.report import FloorReport
from sip.messages import CarrierRecord, PhoneRecord, Sounds

RULES = profile("REHEARSAL")
PERSON, PHONE = 101, 1


def sounds(heard: dict[int, float], first: float = 10.05, after_ms: float = 50.0) -> Sounds:
    return Sounds(
        heard_ms=heard,
        first_mono_s=dict.fromkeys(heard, first),
        first_sound_mono_s=first if heard else None,
        first_sound_after_ms=after_ms if heard else None,
    )


def call(
    attempt: str = "a",
    *,
    number: str = "+441614960001",
    status: int = 200,
    heard: dict[int, float] | None = None,
    invite: float = 1.0,
) -> CarrierRecord:
    return CarrierRecord(
        call_ref=attempt,
        number=number,
        attempt_id=attempt,
        sip_call_id=attempt,
        is_machine=False,
        signature=PERSON,
        invite_mono_s=invite,
        invite_utc_s=1.77e9 + invite,
        sent_status=status,
        answered_mono_s=10.0 if status == 200 else None,
        ended_mono_s=20.0 if status == 200 else invite + 3.0,
        ended_by="person",
        hung_up_unheard=False,
        sounds=sounds({PHONE: 4000.0} if heard is None else heard),
    )


def phone(
    attempt: str = "a", heard: dict[int, float] | None = None, connected: float = 10.02
) -> PhoneRecord:
    return PhoneRecord(
        attempt_id=attempt,
        session_id=1,
        own_signature=PHONE,
        connected_mono_s=connected,
        ended_mono_s=20.0,
        sounds=sounds({PERSON: 4000.0} if heard is None else heard, first=10.08),
        longest_gap_ms=0.0,
    )


def floor(**changes: object) -> FloorReport:
    plain = FloorReport(
        dialled=1,
        answered=1,
        connected_attempts=("a",),
        abandoned_attempts=(),
        preview_attempts=(),
        waits_s={},
        abandoned=0,
        abandoned_rate=0.0,
        overdialled=0,
        previews=0,
        dispositions=1,
        open_attempts=0,
        uncoded_attempts=0,
        agents=(),
        refusals={},
    )
    return FloorReport(**({name: getattr(plain, name) for name in FloorReport.__slots__} | changes))


def report_of(calls: list[CarrierRecord], phones: list[PhoneRecord], **changes: object) -> Report:
    return build_report(PracticeLogs(calls, phones, []), floor(**changes), RULES, [])


def test_both_ends_must_have_heard_exactly_the_other() -> None:
    assert report_of([call()], [phone()]).speech_both_ways == 1


@pytest.mark.parametrize(
    ("calls", "phones"),
    [
        ([call(heard={PHONE: 900.0})], [phone()]),  # not for a second
        ([call()], [phone(heard={PERSON: 900.0})]),
        ([call(heard={PHONE: 4000.0, 2: 500.0})], [phone()]),  # and somebody else
        ([call()], [phone(heard={PERSON: 4000.0, 102: 500.0})]),
        ([call(heard={2: 4000.0})], [phone()]),  # another agent altogether
        ([call()], []),  # the phone has no record of it
        ([call()], [phone("b")]),
    ],
)
def test_what_is_not_speech_both_ways(
    calls: list[CarrierRecord], phones: list[PhoneRecord]
) -> None:
    found = report_of(calls, phones)
    assert found.speech_both_ways == 0
    assert found.speech_missing == ["a"]


def test_the_latency_runs_from_the_200_to_the_first_packet_with_that_person() -> None:
    found = report_of([call()], [phone()])
    assert found.answer_to_agent_audio_ms.n == 1
    assert found.answer_to_agent_audio_ms.p99 == pytest.approx(80.0)


def test_a_leg_that_stood_before_the_answer_is_left_out() -> None:
    assert report_of([call()], [phone(connected=5.0)]).answer_to_agent_audio_ms.n == 0


def test_who_waited_for_a_seat_is_counted_apart() -> None:
    found = report_of([call()], [phone()], waits_s={"a": 0.9})
    assert found.answer_to_agent_audio_ms.n == 0
    assert found.waited_for_seat_ms.p50 == pytest.approx(900.0)


def test_pops_count_from_the_answer_and_never_below_nothing() -> None:
    logs = PracticeLogs(
        [call("a"), call("b"), call("c")],
        [],
        [Painted("a", 10.04), Painted("a", 12.0), Painted("b", 9.0), Painted("c", 10.5)],
    )
    found = build_report(logs, floor(preview_attempts=("c",)), RULES, [])
    assert found.pops == 3
    assert found.answer_to_pop_painted_ms.n == 2
    assert found.answer_to_pop_painted_ms.p99 == pytest.approx(40.0)


@pytest.mark.parametrize(
    ("status", "gap_s", "count"),
    [(486, 890.0, 1), (486, 910.0, 0), (503, 590.0, 1), (503, 610.0, 0), (0, 7000.0, 1)],
)
def test_a_second_call_within_the_lock_out_is_seen_in_the_carriers_log(
    status: int, gap_s: float, count: int
) -> None:
    first = call("a", status=status, invite=1.0)
    second = call("b", status=status, invite=first.ended_mono_s + gap_s)
    assert dialled_twice([second, first], RULES) == count
    other = call("c", number="+441614960002", status=status, invite=5.0)
    assert dialled_twice([first, other], RULES) == 0


def test_percentiles_are_values_that_were_measured() -> None:
    assert spread([]).n == 0
    assert (spread([5.0]).p50, spread([5.0]).p99) == (5.0, 5.0)
    hundred = [float(n) for n in range(1, 101)]
    assert (spread(hundred).p50, spread(hundred).p99) == (50.0, 99.0)


def test_a_run_that_reached_nobody_is_no_success() -> None:
    assert "connected" in failure(report_of([call()], [], connected_attempts=()))
    assert failure(report_of([call()], [phone()])) == ""
    assert "dialled" in failure(report_of([], []))


def test_a_log_that_was_cut_off_gives_its_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    line = msgspec.json.encode(Painted("a", 1.0)) + b"\n"
    path.write_bytes(line + line[:9])
    assert read_lines(path, Painted) == [Painted("a", 1.0)]
    assert read_lines(tmp_path / "missing", Painted) == []
