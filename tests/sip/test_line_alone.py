"""What a line does when others fail: the dialler, the phone, the network, the disk, the caller."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sip.address import connect, parse_address
from sip.launch import is_running, last_line, start
from sip.line.agent_side import REJOIN_S
from sip.messages import (
    Ack,
    AgentAddress,
    AgentBridged,
    AgentUnreachable,
    CallAnswered,
    CallEnded,
    CallProgress,
    ConnectAgent,
    EndCall,
    Gateway,
    Hello,
    LineStatus,
    MessageStarted,
    PhoneConnected,
    Refused,
)
from tests.sip.floor import MESSAGE_SIGNATURE, Client, Floor, order
from tests.sip.raw_callee import RawCallee

pytestmark = pytest.mark.sip
NUMBER = "+441614960100"


@pytest.fixture
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    made = Floor(tmp_path_factory.mktemp("f"))
    try:
        yield made
    finally:
        made.close()


def talk(floor: Floor, line: Client, gateway: Gateway, agent: AgentAddress) -> AgentBridged:
    line.send(order(gateway, NUMBER, message_wav=floor.message_wav()))
    line.wait(CallAnswered)
    line.send(ConnectAgent(epoch=1, attempt_id="a-1", agent=agent))
    return line.wait(AgentBridged)


def test_a_call_goes_on_without_its_dialler_and_the_next_one_takes_it_over(floor: Floor) -> None:
    gateway, _client = floor.callee()
    first, _launched, address = floor.line()
    _phone, agent, _launched, _address = floor.phone()
    bridged = talk(floor, first, gateway, agent)
    first.send(Ack(seq=2))
    first.wire.close()
    time.sleep(0.5)
    second = floor.client(address, epoch=2)
    status = second.wait(LineStatus)
    assert status.call is not None
    assert (status.epoch, status.call.stage, status.call.session_id) == (2, "talking", 7)
    assert [type(m) for m in second.messages[:2]] == [Hello, LineStatus]
    assert second.wait(AgentBridged).seq == bridged.seq
    assert not second.all(CallProgress), "what was acknowledged does not come again"
    second.send(EndCall(epoch=1, attempt_id="a-1"))
    assert "Epoch 1" in second.wait(Refused).sentence
    second.send(EndCall(epoch=2, attempt_id="a-1"))
    assert second.wait(CallEnded).ended_by == "dialler"
    old = floor.client(address, epoch=1)
    assert "Epoch 1" in old.wait(Refused).sentence
    old.wait_closed()
    assert not old.all(LineStatus)


def test_a_new_client_replaces_the_one_before(floor: Floor) -> None:
    first, _launched, address = floor.line()
    first.wait(LineStatus)
    second = floor.client(address)
    second.wait(LineStatus)
    first.wait_closed()


def test_who_answers_after_the_dialler_has_died_hears_the_message(floor: Floor) -> None:
    gateway, _client = floor.callee()
    line, _launched, address = floor.line()
    line.send(order(gateway, NUMBER, message_wav=floor.message_wav()))
    line.wait(CallProgress)
    line.wire.close()
    person = floor.heard()[0]
    assert person.heard_ms.keys() == {MESSAGE_SIGNATURE}
    assert person.answered_mono_s is not None
    assert person.first_mono_s[MESSAGE_SIGNATURE] - person.answered_mono_s < 2.0
    ended = floor.client(address, epoch=2).wait(CallEnded)
    assert (ended.message_played, ended.ended_by) == (True, "line")


def test_a_killed_phone_leads_to_music_and_in_the_end_to_the_message(floor: Floor) -> None:
    gateway, _client = floor.callee()
    line, _launched, _address = floor.line()
    _phone, agent, launched, _address = floor.phone("phone", 7, "--practice-signature", "3")
    talk(floor, line, gateway, agent)
    time.sleep(0.5)
    killed_s = time.monotonic()
    launched.kill()
    lost = line.wait(AgentUnreachable)
    assert lost.at.mono_s - killed_s < 1.0
    started = line.wait(MessageStarted, 12.0)
    assert REJOIN_S - 1.0 < started.at.mono_s - killed_s < REJOIN_S + 1.0
    ended = line.wait(CallEnded)
    assert ended.message_played
    assert ended.bridged_at is not None
    assert floor.heard()[0].heard_ms.keys() == {3, MESSAGE_SIGNATURE}


def test_a_phone_that_hangs_is_found_by_its_missing_packets(floor: Floor) -> None:
    gateway, _client = floor.callee()
    line, _launched, _address = floor.line()
    _phone, agent, launched, _address = floor.phone()
    talk(floor, line, gateway, agent)
    time.sleep(0.3)
    stopped_s = time.monotonic()
    subprocess.run(["kill", "-STOP", str(launched.pid)], check=True)
    try:
        line.wait(AgentUnreachable)
        started = line.wait(MessageStarted, 12.0)
        assert started.at.mono_s - stopped_s < REJOIN_S + 1.0
    finally:
        subprocess.run(["kill", "-CONT", str(launched.pid)], check=True)
    assert line.wait(CallEnded).message_played


def test_another_agent_takes_over_when_a_phone_breaks(floor: Floor) -> None:
    gateway, _client = floor.callee()
    line, _launched, _address = floor.line()
    _phone, agent, launched, _address = floor.phone("phone-1", 7)
    other, other_agent, _launched, _address = floor.phone("phone-2", 8)
    talk(floor, line, gateway, agent)
    launched.kill()
    line.wait(AgentUnreachable)
    line.send(ConnectAgent(epoch=1, attempt_id="a-1", agent=other_agent))
    assert line.wait(AgentBridged, where=lambda m: m.session_id == 8)
    assert other.wait(PhoneConnected).attempt_id == "a-1"
    time.sleep(2.2)
    assert not line.all(MessageStarted)
    line.send(EndCall(epoch=1, attempt_id="a-1"))
    ended = line.wait(CallEnded)
    assert (ended.session_id, ended.message_played) == (8, False)


def test_a_200_that_crosses_our_cancel_is_an_answer_that_nobody_heard(floor: Floor) -> None:
    line, _launched, _address = floor.line()
    callee = RawCallee()
    try:
        template = f"sip:{{number}}@127.0.0.1:{callee.port}"
        line.send(order(Gateway(name="raw", uri_template=template), NUMBER, max_ring_s=0.6))
        ended = line.wait(CallEnded)
        assert callee.wait_for("CANCEL")
        assert callee.wait_for("BYE")
    finally:
        callee.close()
    assert (ended.crossed, ended.status, ended.ended_by) == (True, 200, "line")
    assert ended.answered_at is not None
    assert not line.all(CallAnswered)


@pytest.mark.parametrize(
    ("is_mute", "status", "ended_by"), [(True, 408, "network"), (False, 487, "line")]
)
def test_a_gateway_without_progress_is_given_up_after_twelve_seconds(
    floor: Floor, is_mute: bool, status: int, ended_by: str
) -> None:
    line, _launched, _address = floor.line()
    callee = RawCallee(is_mute=is_mute, is_trying=not is_mute)
    try:
        template = f"sip:{{number}}@127.0.0.1:{callee.port}"
        line.send(order(Gateway(name="raw", uri_template=template), NUMBER))
        ended = line.wait(CallEnded, 18.0)
    finally:
        callee.close()
    assert (ended.status, ended.ended_by, ended.reason) == (status, ended_by, "no progress")
    assert ended.progress_at is None


def test_events_outlive_a_killed_line_in_its_journal(floor: Floor) -> None:
    gateway, _client = floor.callee()
    journal = floor.folder / "line.journal"
    line, launched, _address = floor.line("line", "--journal", str(journal))
    line.send(order(gateway, "+441614960101"))
    ended = line.wait(CallEnded)
    launched.kill()
    assert launched.wait(3.0)
    again, _launched, _address = floor.line("line", "--journal", str(journal))
    assert again.wait(CallEnded) == ended
    again.send(order(gateway, "+441614960101", attempt_id="a-2"))
    newer = again.wait(CallEnded, where=lambda m: m.attempt_id == "a-2")
    assert newer.seq == ended.seq + 1
    assert journal.stat().st_mode & 0o777 == 0o600


def test_an_idle_line_leaves_and_a_held_one_stays(floor: Floor) -> None:
    line, launched, address = floor.line("line", "--idle-exit-s", "0.5")
    time.sleep(1.0)
    assert launched.is_alive()
    line.wire.close()
    assert launched.wait(4.0)
    assert launched.exit_status() == 0
    assert not Path(address).exists()
    assert not is_running(launched.pid)


def test_sigterm_hangs_up_and_leaves_in_order(floor: Floor) -> None:
    gateway, _client = floor.callee()
    journal = floor.folder / "line.journal"
    line, launched, _address = floor.line("line", "--journal", str(journal))
    line.send(order(gateway, NUMBER))
    line.wait(CallAnswered)
    launched.terminate()
    assert launched.wait(5.0)
    assert launched.exit_status() == 0
    assert floor.heard()[0].ended_by == "them"
    last = json.loads(journal.read_text().splitlines()[-1])
    assert (last["type"], last["reason"]) == ("ended", "the line was stopped")


def test_a_sip_port_in_use_is_one_sentence_and_status_1(floor: Floor) -> None:
    callee = RawCallee(is_mute=True)
    try:
        log = floor.folder / "second.log"
        second = start("sip.line", ["--sip-port", str(callee.port), "--socket", "x"], log)
        assert second.wait(10.0)
    finally:
        callee.close()
    assert second.exit_status() == 1
    assert str(callee.port) in last_line(log)
    assert "Traceback" not in log.read_text()


def test_a_socket_in_use_is_one_sentence_and_status_1(floor: Floor) -> None:
    _line, _launched, address = floor.line()
    log = floor.folder / "second.log"
    second = start("sip.line", ["--socket", address], log)
    assert second.wait(10.0)
    assert second.exit_status() == 1
    assert log.read_text().count("\n") == 1
    assert "Another engine listens" in last_line(log)
    assert Path(address).exists()


def test_certificates_that_are_not_there_are_one_sentence(floor: Floor) -> None:
    log = floor.folder / "line.log"
    nowhere = ["--ca", "/nowhere/ca", "--cert", "/nowhere/cert", "--key", "/nowhere/key"]
    line = start("sip.line", [*nowhere, "--socket", str(floor.folder / "x")], log)
    assert line.wait(10.0)
    assert line.exit_status() == 1
    assert "/nowhere/ca" in last_line(log)


def test_malformed_lines_are_refused_in_words_and_end_nothing(floor: Floor) -> None:
    _client, launched, address = floor.line()
    sock = connect(parse_address(address), 2.0)
    with sock, sock.makefile("rb") as replies:
        sock.sendall(b'{"type":"end_call","epoch":1,"attempt_id":"a"}\n')
        assert b"Attach first" in replies.readline()
        sock.sendall(b'{"type":"attach","epoch":1}\n')
        assert b'"hello"' in replies.readline()
        assert b'"line_status"' in replies.readline()
        for bad in (
            b"\xff\xfe\n",
            b"{}\n",
            b'{"type":"dance"}\n',
            b"[" * 100_000 + b"\n",
            b'{"type":"originate","epoch":"x"}\n',
        ):
            sock.sendall(bad)
            reply = json.loads(replies.readline())
            assert reply["type"] == "refused"
            assert reply["sentence"]
        sock.sendall(b'{"type":"hang_up"}\n\n')
        assert b"does not know" in replies.readline()
        sock.sendall(b'{"type":"originate"')
    assert launched.is_alive()


def test_a_client_that_does_not_read_is_dropped_and_the_line_goes_on(floor: Floor) -> None:
    _client, launched, address = floor.line()
    sock = connect(parse_address(address), 30.0)
    refused = b'{"type":"hang_up"}\n' * 200_000
    with sock:
        sock.sendall(b'{"type":"attach","epoch":1}\n')
        with pytest.raises(BrokenPipeError):
            sock.sendall(refused)
    assert floor.client(address, epoch=1).wait(LineStatus).call is None
    assert launched.is_alive()


def test_an_engine_speaks_on_standard_input_and_output_by_hand(floor: Floor) -> None:
    engine = subprocess.Popen(
        [sys.executable, "-m", "sip.line", "--stdio", "--id", "by-hand"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert engine.stdin is not None
    assert engine.stdout is not None
    with engine.stdin, engine.stdout:
        assert json.loads(engine.stdout.readline())["engine_id"] == "by-hand"
        assert json.loads(engine.stdout.readline())["type"] == "line_status"
        engine.stdin.write(b'{"type":"end_call","epoch":0,"attempt_id":"x"}\n')
        engine.stdin.flush()
        assert json.loads(engine.stdout.readline())["type"] == "refused"
        engine.stdin.write(b'{"type":"shutdown"}\n')
        engine.stdin.flush()
        assert engine.wait(5.0) == 0
        assert engine.stdout.read() == b""


def test_tcp_needs_the_token_and_writes_its_port(floor: Floor) -> None:
    log, port_file = floor.folder / "tcp.log", floor.folder / "port"
    without = start("sip.line", ["--socket", "tcp:127.0.0.1:0"], log)
    assert without.wait(10.0)
    assert "token" in last_line(log)
    options = ["--socket", "tcp:127.0.0.1:0", "--port-file", str(port_file)]
    line = start("sip.line", options, log, environment={"CALLFLOOR_ENGINE_TOKEN": "s3cret"})
    try:
        until_s = time.monotonic() + 10
        while not port_file.exists() and time.monotonic() < until_s:
            time.sleep(0.02)
        address = port_file.read_text().strip()
        stranger = Client(address, token="wrong")
        assert "token" in stranger.wait(Refused).sentence
        stranger.wait_closed()
        assert not stranger.all(Hello)
        friend = Client(address, token="s3cret")
        assert friend.wait(Hello).role == "line"
        friend.wire.close()
    finally:
        line.terminate()
        assert line.wait(5.0)
