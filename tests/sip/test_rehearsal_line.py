"""A line and the practice carrier together: real SIP and RTP from end to end, nobody's sipp."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sip.messages import Behave, EndCall, Gateway, MessageStarted
from tests.sip.line_kit import MESSAGE_S, LineProcess, first_words, order
from tests.sip.practice_kit import NUMBER, gateway, wait_for

pytestmark = pytest.mark.sip

PERSON = Behave(call_ref="", final_status=200, ring_s=0.1, signature=133, patience_s=3.0)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[LineProcess]:
    process = LineProcess(tmp_path)
    yield process
    process.close()


def practice(address: str, **changes: str) -> Gateway:
    plain = Gateway(
        name="practice",
        uri_template=f"sip:{{number}}@{address};transport=udp",
        send_attempt_id=True,
    )
    return msgspec.structs.replace(plain, **changes)


def test_a_person_for_whom_nobody_is_free_hears_the_message(
    line: LineProcess, tmp_path: Path
) -> None:
    with gateway(tmp_path) as carrier:
        carrier.behaviour = PERSON
        gate = practice(carrier.address)
        line.send(order(carrier.address, first_words(tmp_path), gateway=gate))
        ended = line.ended()
        (record,) = carrier.records()
    assert (record.number, record.attempt_id) == (NUMBER, "a-1")
    assert record.sip_call_id == ended.sip_call_id
    assert (record.sent_status, record.ended_by) == (200, "caller")
    assert not record.hung_up_unheard
    assert record.sounds.heard_ms == {}
    assert record.other_sound_ms > 500
    assert record.sounds.first_sound_after_ms is not None
    assert record.sounds.first_sound_after_ms == pytest.approx(450, abs=200)
    assert record.answered_mono_s is not None
    assert record.ended_mono_s - record.answered_mono_s > MESSAGE_S
    assert ended.answered_at is not None
    assert 0 <= ended.answered_at.mono_s - record.answered_mono_s < 0.1, "one clock for both"


def test_a_person_who_hears_nothing_hangs_up(line: LineProcess, tmp_path: Path) -> None:
    with gateway(tmp_path) as carrier:
        carrier.behaviour = msgspec.structs.replace(PERSON, patience_s=1.0)
        gate = practice(carrier.address)
        wav = first_words(tmp_path)
        line.send(order(carrier.address, wav, gateway=gate, connect_limit_s=6.0))
        ended = line.ended()
        (record,) = carrier.records()
    assert record.hung_up_unheard
    assert record.sounds.first_sound_after_ms is None
    assert (ended.ended_by, ended.message_played) == ("person", False)


def test_a_machine_hears_the_message_too(line: LineProcess, tmp_path: Path) -> None:
    with gateway(tmp_path) as carrier:
        carrier.behaviour = msgspec.structs.replace(PERSON, is_machine=True, hello_s=0.5)
        gate = practice(carrier.address)
        line.send(order(carrier.address, first_words(tmp_path), gateway=gate))
        assert wait_for(lambda: line.first(MessageStarted) is not None)
        assert line.ended().ended_by == "line"
        (record,) = carrier.records()
    assert record.is_machine
    assert record.other_sound_ms > 500


def test_ringing_ends_with_the_callers_patience(line: LineProcess, tmp_path: Path) -> None:
    with gateway(tmp_path) as carrier:
        carrier.behaviour = msgspec.structs.replace(PERSON, final_status=0)
        gate = practice(carrier.address)
        wav = first_words(tmp_path)
        line.send(order(carrier.address, wav, gateway=gate, max_ring_s=0.5))
        assert line.ended().status == 487
        (record,) = carrier.records()
    assert (record.sent_status, record.ended_by) == (487, "cancelled")


@pytest.mark.parametrize("status", [401, 403, 503])
def test_a_trunk_that_refuses(line: LineProcess, tmp_path: Path, status: int) -> None:
    with gateway(tmp_path, "--refuse", str(status)) as carrier:
        gate = practice(carrier.address, username="line", password="any")
        line.send(order(carrier.address, first_words(tmp_path), gateway=gate))
        ended = line.ended()
    assert (ended.status, ended.answered_at) == (status, None)


@pytest.mark.parametrize(("password", "status"), [("correct-horse", 200), ("wrong", 401)])
def test_a_trunk_with_a_password(
    line: LineProcess, tmp_path: Path, password: str, status: int
) -> None:
    secret = {"PRACTICE_AUTH": "line:correct-horse"}
    with gateway(tmp_path, "--require-auth", "PRACTICE_AUTH", environment=secret) as carrier:
        carrier.behaviour = msgspec.structs.replace(PERSON, patience_s=0.0)
        gate = practice(carrier.address, username="line", password=password)
        line.send(order(carrier.address, first_words(tmp_path), gateway=gate))
        assert line.ended().status == status


def test_a_silent_trunk_leaves_the_call_dialling(line: LineProcess, tmp_path: Path) -> None:
    with gateway(tmp_path, "--silent") as carrier:
        gate = practice(carrier.address)
        line.send(order(carrier.address, first_words(tmp_path), gateway=gate))
        assert not wait_for(lambda: len(line.said) > 2, 1.0)
        line.send(EndCall(epoch=1, attempt_id="a-1", now=True))
        ended = line.ended()
    assert (ended.ringing_at, ended.answered_at) == (None, None)
    assert ended.ended_by == "dialler"
