"""The practice gateway over real SIP and RTP, called by sipp and heard by a plain socket."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sip import launch
from sip.messages import Behave, CarrierEnded, Refused
from sip.signatures import SignatureSource
from tests.sip.practice_kit import (
    NUMBER,
    PCMA,
    PCMU,
    GatewayProcess,
    RtpPeer,
    Sipp,
    gateway,
    wait_for,
)

pytestmark = pytest.mark.sip

ANSWERS = Behave(
    call_ref="", final_status=200, ring_s=0.1, signature=120, hello_s=1.2, patience_s=1.5, talk_s=2
)


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[GatewayProcess]:
    with gateway(tmp_path) as process:
        process.behaviour = ANSWERS
        yield process


def caller(
    folder: Path, process: GatewayProcess, scenario: str, number: str = NUMBER, **words: object
) -> Sipp:
    return Sipp(folder, scenario, "-s", number, process.address, words=words)


class TestAnswered:
    @pytest.mark.parametrize("payload_type", [PCMU, PCMA], ids=["PCMU", "PCMA"])
    def test_a_conversation(
        self, carrier: GatewayProcess, tmp_path: Path, payload_type: int
    ) -> None:
        phone = SignatureSource(7, 8000)
        phone.start()
        words: dict[str, object] = {"PAYLOADS": payload_type, "ATTEMPT": "a-17"}
        with RtpPeer(payload_type, phone) as peer:
            with caller(
                tmp_path, carrier, "caller_hears_out", NUMBER, **words, RTP_PORT=peer.port
            ) as sipp:
                assert sipp.status() == 0, sipp.errors
            assert {packet.payload_type for packet in peer.packets} == {payload_type}
            assert peer.listener.sounds().heard_ms.keys() == {120}
            assert peer.listener.sounds().heard_ms[120] > 1200
            assert peer.listener.longest_gap_ms == 0
        (record,) = carrier.records()
        assert (record.number, record.attempt_id) == (NUMBER, "a-17")
        assert (record.sent_status, record.ended_by) == (200, "person")
        assert not record.hung_up_unheard
        assert record.sounds.heard_ms.keys() == {7}
        assert record.sounds.heard_ms[7] > 1200
        assert record.longest_gap_ms == 0
        assert record.other_sound_ms == 0
        assert record.answered_mono_s is not None
        assert record.invite_mono_s + 0.1 < record.answered_mono_s < time.monotonic()
        assert record.sounds.first_sound_after_ms is not None
        assert 0 < record.sounds.first_sound_after_ms < 300
        assert record.ended_mono_s - record.answered_mono_s == pytest.approx(2.1, abs=0.3)
        assert wait_for(lambda: any(isinstance(m, CarrierEnded) for m in carrier.messages))
        (call,) = carrier.calls
        assert (call.number, call.attempt_id) == (NUMBER, "a-17")
        assert call.call_ref == record.call_ref
        assert record.sip_call_id in sipp.messages

    def test_nobody_speaks(self, carrier: GatewayProcess, tmp_path: Path) -> None:
        with RtpPeer(PCMA) as peer:
            with caller(tmp_path, carrier, "caller_hears_out", RTP_PORT=peer.port) as sipp:
                assert sipp.status() == 0, sipp.errors
            assert peer.listener.sounds().heard_ms.keys() == {120}
        (record,) = carrier.records()
        assert record.hung_up_unheard
        assert record.ended_by == "person"
        assert record.sounds.heard_ms == {}
        assert record.sounds.first_sound_after_ms is None

    def test_the_caller_hangs_up(self, carrier: GatewayProcess, tmp_path: Path) -> None:
        with caller(tmp_path, carrier, "caller_hangs_up", TALK_MS=300) as sipp:
            assert sipp.status() == 0, sipp.errors
        (record,) = carrier.records()
        assert (record.sent_status, record.ended_by) == (200, "caller")
        assert not record.hung_up_unheard

    def test_one_who_hangs_up_at_once(self, carrier: GatewayProcess, tmp_path: Path) -> None:
        carrier.behaviour = msgspec.structs.replace(ANSWERS, patience_s=0.0)
        with caller(tmp_path, carrier, "caller_hears_out") as sipp:
            assert sipp.status() == 0, sipp.errors
        (record,) = carrier.records()
        assert (record.sent_status, record.ended_by) == (200, "person")
        assert record.answered_mono_s is not None
        assert record.ended_mono_s - record.answered_mono_s < 0.5

    def test_a_machine_greets_and_beeps(self, carrier: GatewayProcess, tmp_path: Path) -> None:
        carrier.behaviour = msgspec.structs.replace(ANSWERS, is_machine=True, hello_s=1.0)
        with RtpPeer(PCMU) as peer:
            with caller(
                tmp_path, carrier, "caller_hangs_up", RTP_PORT=peer.port, TALK_MS=2000, PAYLOADS=0
            ) as sipp:
                assert sipp.status() == 0, sipp.errors
            assert peer.listener.sounds().heard_ms.keys() == {120}
            beep_until_s = peer.listener.last_sound_mono_s
        (record,) = carrier.records()
        assert record.is_machine
        assert record.ended_by == "caller"
        assert beep_until_s is not None
        assert record.answered_mono_s is not None
        assert beep_until_s - record.answered_mono_s == pytest.approx(1.36, abs=0.25)

    def test_four_at_once_and_the_fifth_is_busy(
        self, carrier: GatewayProcess, tmp_path: Path
    ) -> None:
        numbers = [f"+44161496000{digit}" for digit in range(4)]
        with contextlib.ExitStack() as stack:
            sipps = [
                stack.enter_context(caller(tmp_path, carrier, "caller_hears_out", number))
                for number in numbers
            ]
            assert wait_for(lambda: len(carrier.calls) == 4)
            with caller(tmp_path, carrier, "caller_refused", STATUS=486) as fifth:
                assert fifth.status() == 0, fifth.errors
            assert [sipp.status() for sipp in sipps] == [0] * 4
        assert {record.number for record in carrier.records(4)} == set(numbers)
        with caller(tmp_path, carrier, "caller_hears_out") as again:
            assert again.status() == 0, "channels and ears are free again"


class TestNotAnswered:
    @pytest.mark.parametrize("status", [404, 486, 503, 603])
    def test_refusals(self, carrier: GatewayProcess, tmp_path: Path, status: int) -> None:
        carrier.behaviour = msgspec.structs.replace(ANSWERS, final_status=status)
        with caller(tmp_path, carrier, "caller_refused", STATUS=status) as sipp:
            assert sipp.status() == 0, sipp.errors
        (record,) = carrier.records()
        assert (record.sent_status, record.ended_by) == (status, "refused")
        assert record.answered_mono_s is None

    def test_rings_until_the_caller_gives_up(self, carrier: GatewayProcess, tmp_path: Path) -> None:
        carrier.behaviour = msgspec.structs.replace(ANSWERS, final_status=0)
        with caller(tmp_path, carrier, "caller_cancels", TALK_MS=500) as sipp:
            assert sipp.status() == 0, sipp.errors
        (record,) = carrier.records()
        assert (record.sent_status, record.ended_by) == (487, "cancelled")

    def test_without_180(self, carrier: GatewayProcess, tmp_path: Path) -> None:
        carrier.behaviour = msgspec.structs.replace(ANSWERS, final_status=486, sends_180=False)
        with caller(tmp_path, carrier, "caller_refused", STATUS=486) as sipp:
            assert sipp.status() == 0, sipp.errors
        assert "SIP/2.0 100" in sipp.messages
        assert "SIP/2.0 180" not in sipp.messages

    def test_nobody_says_who_it_is(self, carrier: GatewayProcess, tmp_path: Path) -> None:
        carrier.behaviour = None
        with caller(tmp_path, carrier, "caller_refused", STATUS=480) as sipp:
            assert sipp.status() == 0, sipp.errors
        (record,) = carrier.records()
        assert (record.sent_status, record.signature) == (480, 0)
        assert record.ended_mono_s - record.invite_mono_s == pytest.approx(1.0, abs=0.2)

    def test_no_client_is_there(self, carrier: GatewayProcess, tmp_path: Path) -> None:
        carrier.leave()
        time.sleep(0.1)
        with caller(tmp_path, carrier, "caller_refused", STATUS=480) as sipp:
            assert sipp.status() == 0, sipp.errors
        (record,) = carrier.records()
        assert record.ended_mono_s - record.invite_mono_s < 0.5

    @pytest.mark.parametrize(
        "wrong", [{"final_status": 302}, {"signature": 7000}, {"signature": 0}], ids=str
    )
    def test_nonsense_is_refused_with_a_sentence(
        self, carrier: GatewayProcess, tmp_path: Path, wrong: dict[str, int]
    ) -> None:
        carrier.behaviour = msgspec.structs.replace(ANSWERS, **wrong)
        with caller(tmp_path, carrier, "caller_refused", STATUS=480) as sipp:
            assert sipp.status() == 0, sipp.errors
        (refused,) = [m for m in carrier.messages if isinstance(m, Refused)]
        assert refused.command == "behave"
        assert str(next(iter(wrong.values()))) in refused.sentence

    def test_an_unknown_call_is_refused_with_a_sentence(self, carrier: GatewayProcess) -> None:
        assert carrier.client is not None
        carrier.client.send(msgspec.structs.replace(ANSWERS, call_ref="g1-99"))
        assert wait_for(lambda: any(isinstance(m, Refused) for m in carrier.messages))


class TestTrunksThatRefuse:
    @pytest.mark.parametrize("status", [401, 403, 503])
    def test_all_is_refused(self, tmp_path: Path, status: int) -> None:
        with gateway(tmp_path, "--refuse", str(status)) as carrier:
            with caller(tmp_path, carrier, "caller_refused", STATUS=status) as sipp:
                assert sipp.status() == 0, sipp.errors
            (record,) = carrier.records()
        assert (record.sent_status, record.ended_by) == (status, "refused")
        assert ("WWW-Authenticate: Digest" in sipp.messages) == (status == 401)

    def test_a_silent_trunk_says_nothing(self, tmp_path: Path) -> None:
        with gateway(tmp_path, "--silent") as carrier:
            with caller(tmp_path, carrier, "caller_unanswered", TIMEOUT_MS=700) as sipp:
                assert sipp.status() != 0
            assert "INVITE sip:" in sipp.messages
            assert "SIP/2.0 " not in sipp.messages.split("INVITE sip:", 1)[1].split("\n", 1)[1]
            assert carrier.calls == []

    def test_the_right_password_lets_in(self, tmp_path: Path) -> None:
        secret = {"PRACTICE_AUTH": "line:correct-horse"}
        with gateway(tmp_path, "--require-auth", "PRACTICE_AUTH", environment=secret) as carrier:
            carrier.behaviour = msgspec.structs.replace(ANSWERS, patience_s=0.0)
            with caller(
                tmp_path, carrier, "caller_with_password", PASSWORD="correct-horse"
            ) as sipp:
                assert sipp.status() == 0, sipp.errors
            with caller(
                tmp_path, carrier, "caller_with_wrong_password", PASSWORD="wrong"
            ) as refused:
                assert refused.status() == 0, refused.errors
            records = carrier.records(2)
        assert [record.sent_status for record in records] == [200, 401]
        assert len(carrier.calls) == 1
        assert "correct-horse" not in carrier.log_file.read_text()


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "status", "word"),
        [
            (["--port", "70000"], 2, "no port"),
            (["--refuse", "200"], 2, "no refusal"),
            (["--refuse", "403", "--silent"], 2, "not allowed"),
            (["--require-auth", "NOT_SET_ANYWHERE"], 1, "NOT_SET_ANYWHERE"),
            (["--log", "/proc/nowhere/records"], 1, "/proc/nowhere/records"),
            (["--bind", "192.0.2.1"], 1, "192.0.2.1 is no IPv4 loopback"),
            (["--bind", "0.0.0.0"], 1, "0.0.0.0 is no IPv4 loopback"),
            (["--bind", "nonsense"], 1, "nonsense is no IPv4 loopback"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_one_sentence_and_a_status(
        self, tmp_path: Path, arguments: list[str], status: int, word: str
    ) -> None:
        log_file = tmp_path / "out"
        launched = launch.start(
            "sip.rehearsal", ["--log", str(tmp_path / "r"), *arguments], log_file
        )
        assert launched.wait(10)
        assert launched.exit_status() == status
        assert word in launch.last_line(log_file)
        assert "Traceback" not in log_file.read_text()

    def test_a_port_in_use_is_named(self, carrier: GatewayProcess, tmp_path: Path) -> None:
        port = carrier.address.rpartition(":")[2]
        for mode in ([], ["--silent"]):
            log_file = tmp_path / "second"
            launched = launch.start(
                "sip.rehearsal", ["--log", str(tmp_path / "r"), "--port", port, *mode], log_file
            )
            assert launched.wait(10)
            assert launched.exit_status() == 1
            assert port in launch.last_line(log_file)


class TestLeaving:
    def test_in_a_call_it_hangs_up_and_writes_the_record(
        self, carrier: GatewayProcess, tmp_path: Path
    ) -> None:
        with caller(tmp_path, carrier, "caller_hears_out") as sipp:
            assert wait_for(lambda: "SIP/2.0 200" in sipp.messages)
            carrier.launched.terminate()
            assert carrier.launched.wait(6)
            assert sipp.status() == 0, sipp.errors
        assert carrier.launched.exit_status() == 0
        (record,) = carrier.records()
        assert (record.sent_status, record.ended_by) == (200, "network")

    def test_a_new_client_is_told_what_goes_on(
        self, carrier: GatewayProcess, tmp_path: Path
    ) -> None:
        with caller(tmp_path, carrier, "caller_hears_out") as sipp:
            assert wait_for(lambda: bool(carrier.calls))
            carrier.leave()
            carrier.messages.clear()
            carrier.attach()
            assert (carrier.status.busy_channels, carrier.status.channels) == (1, 4)
            assert sipp.status() == 0, "the call goes on without its client"
