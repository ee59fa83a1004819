"""A line calls sipp, a free engine of the SIP world: INVITE, ACK, BYE and RTP as they should be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import mean

import pytest

from sip.messages import CallAnswered, CallProgress, EndCall, Gateway, MessageStarted
from tests.sip.line_kit import CALLER_ID, MESSAGE_S, LineProcess, callee, first_words, order
from tests.sip.practice_kit import NUMBER, PCMA, PCMU, Packet, RtpPeer, Sipp, wait_for

pytestmark = pytest.mark.sip


@pytest.fixture
def line(tmp_path: Path) -> Iterator[LineProcess]:
    process = LineProcess(tmp_path)
    yield process
    process.close()


@pytest.fixture
def message_wav(tmp_path: Path) -> Path:
    return first_words(tmp_path)


def received(sipp: Sipp, method: str) -> str:
    """The one request of this kind that sipp received (retransmissions would be a fault here)."""
    found = [
        block.split("\n", 2)[2].strip()
        for block in re.split(r"-{20,}[^\n]*\n", sipp.messages)
        if "message received" in block and f"\n{method} sip:" in block
    ]
    assert len(found) == 1, (method, len(found))
    return found[0]


def header(text: str, name: str) -> str:
    found = re.search(rf"^{name}: *(.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    assert found, f"no {name} in {text}"
    return found.group(1)


def in_step(packets: list[Packet]) -> None:
    """The packets come one by one, 20 ms of sound each, every 20 ms."""
    for before, after in pairwise(packets):
        assert (after.sequence - before.sequence) % 65536 == 1
        assert (after.timestamp - before.timestamp) % 2**32 == 160
    assert {packet.size for packet in packets} == {160}
    spaces_ms = [1000 * (b.at_mono_s - a.at_mono_s) for a, b in pairwise(packets)]
    assert mean(spaces_ms) == pytest.approx(20, abs=1)
    assert sorted(spaces_ms)[len(spaces_ms) // 2] == pytest.approx(20, abs=5)


class TestAnswered:
    @pytest.mark.parametrize("payload_type", [PCMU, PCMA], ids=["PCMU", "PCMA"])
    def test_message_with_correct_invite_ack_bye_and_rtp(
        self, line: LineProcess, tmp_path: Path, message_wav: Path, payload_type: int
    ) -> None:
        with RtpPeer(payload_type) as peer:
            words = {"RTP_PORT": peer.port, "PAYLOADS": payload_type}
            with callee(tmp_path, "callee_hears_out", **words) as sipp:
                line.send(order(sipp.address, message_wav))
                assert sipp.status() == 0, sipp.errors
            ended = line.ended()
            assert {packet.payload_type for packet in peer.packets} == {payload_type}
            assert len(peer.packets) > 50 * MESSAGE_S
            in_step(peer.packets)
            sounds = peer.listener.sounds()
            assert sounds.heard_ms == {}
            assert peer.listener.foreign_ms > 500, "the message was heard"

        invite, ack, bye = (received(sipp, method) for method in ("INVITE", "ACK", "BYE"))
        assert invite.startswith(f"INVITE sip:{NUMBER}@127.0.0.1:{sipp.port}")
        assert f"sip:{CALLER_ID}@" in header(invite, "From")
        assert header(invite, "Content-Type") == "application/sdp"
        assert "X-Callfloor-Attempt" not in invite, "no word of ours to a real trunk"
        offered = re.search(r"m=audio \d+ RTP/AVP ([\d ]+)", invite)
        assert offered is not None
        assert {"0", "8"} <= set(offered.group(1).split())
        assert "c=IN IP4 127.0.0.1" in invite
        for request in (ack, bye):
            assert header(request, "Call-ID") == header(invite, "Call-ID") == ended.sip_call_id
            assert "tag=" in header(request, "To")
            assert header(request, "From") == header(invite, "From")
        cseq = int(header(invite, "CSeq").split()[0])
        assert header(ack, "CSeq") == f"{cseq} ACK"
        assert int(header(bye, "CSeq").split()[0]) > cseq

        assert (ended.status, ended.ended_by, ended.message_played) == (200, "line", True)
        assert ended.answered_at is not None
        assert ended.message_at is not None
        assert ended.message_at.mono_s - ended.answered_at.mono_s == pytest.approx(0.4, abs=0.15)
        kinds = [type(message) for message in line.said if not hasattr(message, "epoch")]
        assert [kind for kind in kinds if kind in (CallProgress, CallAnswered, MessageStarted)] == [
            CallProgress,
            CallAnswered,
            MessageStarted,
        ]

    def test_the_person_hangs_up(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        with callee(tmp_path, "callee_hangs_up", TALK_MS=300) as sipp:
            line.send(order(sipp.address, message_wav, connect_limit_s=2.0))
            assert sipp.status() == 0, sipp.errors
        ended = line.ended()
        assert (ended.status, ended.ended_by, ended.message_played) == (200, "person", False)


class TestNotAnswered:
    @pytest.mark.parametrize(
        ("status", "by"), [(404, "network"), (486, "person"), (503, "network"), (603, "person")]
    )
    def test_refusals_are_acknowledged_and_told(
        self, line: LineProcess, tmp_path: Path, message_wav: Path, status: int, by: str
    ) -> None:
        with callee(tmp_path, "callee_refuses", STATUS=status) as sipp:
            line.send(order(sipp.address, message_wav))
            assert sipp.status() == 0, sipp.errors
        ended = line.ended()
        assert (ended.status, ended.ended_by, ended.answered_at) == (status, by, None)
        assert ended.ringing_at is not None

    def test_an_announcement_is_no_answer(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        with callee(tmp_path, "callee_announces", STATUS=404) as sipp:
            line.send(order(sipp.address, message_wav))
            assert sipp.status() == 0, sipp.errors
        ended = line.ended()
        assert (ended.status, ended.answered_at) == (404, None)
        assert ended.early_media_at is not None
        assert line.first(CallAnswered) is None

    def test_gives_up_with_cancel_after_the_longest_ring(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        with callee(tmp_path, "callee_never_answers") as sipp:
            line.send(order(sipp.address, message_wav, max_ring_s=0.5))
            assert sipp.status() == 0, sipp.errors
        cancel, invite = received(sipp, "CANCEL"), received(sipp, "INVITE")
        assert header(cancel, "Via") == header(invite, "Via")
        ended = line.ended()
        assert (ended.status, ended.ended_by, ended.crossed) == (487, "line", False)

    def test_an_answer_that_crosses_the_cancel_is_told_and_ended(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        with callee(tmp_path, "callee_crosses") as sipp:
            line.send(order(sipp.address, message_wav))
            assert wait_for(lambda: line.first(CallProgress) is not None)
            line.send(EndCall(epoch=1, attempt_id="a-1", now=True))
            assert sipp.status() == 0, sipp.errors
        ended = line.ended()
        assert ended.crossed
        assert ended.answered_at is not None
        assert not ended.message_played


class TestPassword:
    def trunk(self, sipp: Sipp, password: str) -> Gateway:
        return Gateway(
            name="peer",
            uri_template=f"sip:{{number}}@{sipp.address};transport=udp",
            username="line",
            password=password,
        )

    def test_the_right_one(self, line: LineProcess, tmp_path: Path, message_wav: Path) -> None:
        with callee(tmp_path, "callee_challenges", PASSWORD="correct-horse") as sipp:
            line.send(order(sipp.address, message_wav, gateway=self.trunk(sipp, "correct-horse")))
            assert sipp.status() == 0, sipp.errors
        assert line.ended().status == 200
        assert "correct-horse" not in line.log_file.read_text() + sipp.messages

    def test_a_wrong_one(self, line: LineProcess, tmp_path: Path, message_wav: Path) -> None:
        with callee(tmp_path, "callee_challenges", PASSWORD="correct-horse") as sipp:
            line.send(order(sipp.address, message_wav, gateway=self.trunk(sipp, "wrong")))
            assert sipp.status() == 0, sipp.errors
        ended = line.ended()
        assert (ended.status, ended.answered_at) == (403, None)
