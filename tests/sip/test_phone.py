"""A phone over real SIP: whom it answers, mute as the bridge tells it, a window that returns."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.certificates import ensure_seat
from sip.launch import last_line, start
from sip.messages import (
    AgentAddress,
    AgentBridged,
    AgentUnreachable,
    CallAnswered,
    CallEnded,
    CloseSession,
    ConnectAgent,
    EndCall,
    HangUp,
    Hello,
    MuteChanged,
    OpenSession,
    PhoneConnected,
    PhoneEnded,
    PhoneRang,
    PhoneStatus,
    Refused,
    SetMute,
)
from tests.sip.callee import VOICE
from tests.sip.floor import Client, Floor, order

pytestmark = pytest.mark.sip
NUMBER = "+441614960100"


@pytest.fixture
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    made = Floor(tmp_path_factory.mktemp("f"))
    try:
        yield made
    finally:
        made.close()


def answered(floor: Floor, line: Client, attempt_id: str = "a-1") -> None:
    gateway, _client = floor.callee(f"callee-of-{attempt_id}")
    line.send(order(gateway, NUMBER, attempt_id=attempt_id))
    line.wait(CallAnswered, where=lambda m: m.attempt_id == attempt_id)


def connect(line: Client, agent: AgentAddress, attempt_id: str = "a-1") -> None:
    line.send(ConnectAgent(epoch=1, attempt_id=attempt_id, agent=agent))


def test_mute_is_what_the_bridge_says_and_ends_with_the_call(floor: Floor) -> None:
    line, _launched, _address = floor.line()
    phone, agent, _launched, _address = floor.phone("phone", 7, "--practice-signature", "3")
    answered(floor, line)
    connect(line, agent)
    phone.wait(PhoneConnected)
    phone.send(SetMute(is_muted=True))
    muted = phone.wait(MuteChanged, where=lambda m: m.is_muted)
    time.sleep(2.0)
    phone.send(SetMute(is_muted=False))
    phone.wait(MuteChanged, where=lambda m: not m.is_muted)
    phone.send(SetMute(is_muted=True))
    phone.wait(MuteChanged, where=lambda m: m.is_muted and m.seq > muted.seq)
    time.sleep(2.0)
    assert line.all(AgentBridged), "a muted phone still sends packets"
    line.send(EndCall(epoch=1, attempt_id="a-1"))
    phone.wait(PhoneEnded)
    last = phone.wait(MuteChanged, where=lambda m: m.seq > phone.all(PhoneEnded)[0].seq)
    assert last.is_muted is False
    heard_ms = floor.heard(name="callee-of-a-1")[0].heard_ms
    assert sum(heard_ms.values()) < 1000, "what was said while muted was not heard"
    assert not line.all(AgentUnreachable)


def test_a_window_comes_back_into_its_call(floor: Floor) -> None:
    line, _launched, _address = floor.line()
    phone, agent, _launched, address = floor.phone()
    answered(floor, line)
    connect(line, agent)
    phone.wait(PhoneConnected)
    phone.send(SetMute(is_muted=True))
    phone.wait(MuteChanged)
    phone.wire.close()
    time.sleep(0.3)
    window = floor.client(address)
    status = window.wait(PhoneStatus)
    assert status.call is not None
    assert (status.call.attempt_id, status.call.is_connected) == ("a-1", True)
    assert (status.is_muted, status.session_id, status.uri) == (True, 7, agent.uri)
    assert [type(m) for m in window.messages[:2]] == [Hello, PhoneStatus]
    assert window.wait(PhoneRang).seq == 1
    window.send(HangUp())
    assert window.wait(PhoneEnded).by == "agent"
    assert line.wait(CallEnded).ended_by == "agent"


def test_without_a_session_it_answers_nobody(floor: Floor) -> None:
    line, _launched, _address = floor.line()
    phone, agent, _launched, _address = floor.phone()
    phone.send(CloseSession())
    first = phone.all(PhoneStatus)[0]
    phone.wait(PhoneStatus, where=lambda s: s.session_id is None and s is not first)
    answered(floor, line)
    connect(line, agent)
    assert line.wait(AgentUnreachable).status == 480
    phone.send(OpenSession(session_id=9, token="another"))
    phone.wait(PhoneStatus, where=lambda s: s.session_id == 9)
    connect(line, agent)
    assert line.wait(AgentUnreachable, where=lambda m: m.status == 403)
    assert not phone.all(PhoneRang)
    line.send(EndCall(epoch=1, attempt_id="a-1"))
    line.wait(CallEnded)


def test_a_second_call_waits_a_moment_for_the_first_to_end(floor: Floor) -> None:
    one, _launched, _address = floor.line("line-1")
    two, _launched, _address = floor.line("line-2")
    log = floor.folder / "practice.jsonl"
    phone, agent, _launched, _address = floor.phone(
        "phone", 7, "--practice-signature", "3", "--practice-log", str(log)
    )
    answered(floor, one)
    answered(floor, two, "a-2")
    connect(one, agent)
    phone.wait(PhoneConnected)
    connect(two, agent, "a-2")
    assert two.wait(AgentUnreachable).status == 486
    time.sleep(1.0)
    answered_ids = [m.attempt_id for m in phone.all(PhoneRang)]
    assert answered_ids == ["a-1"]
    connect(two, agent, "a-2")
    one.send(EndCall(epoch=1, attempt_id="a-1"))
    assert two.wait(AgentBridged).attempt_id == "a-2"
    assert phone.wait(PhoneConnected, where=lambda m: m.attempt_id == "a-2")
    first = json.loads(log.read_text().splitlines()[0])
    assert first["attempt_id"] == "a-1"
    assert first["longest_gap_ms"] < 300, "nothing rings or cuts in: no call waits in a call"
    assert first["sounds"]["heard_ms"].keys() == {str(VOICE)}
    two.send(EndCall(epoch=1, attempt_id="a-2"))
    two.wait(CallEnded)


def test_a_phone_notices_that_its_line_has_died(floor: Floor) -> None:
    line, launched, _address = floor.line()
    phone, agent, _launched, _address = floor.phone()
    answered(floor, line)
    connect(line, agent)
    phone.wait(PhoneConnected)
    time.sleep(0.5)
    launched.kill()
    ended = phone.wait(PhoneEnded)
    assert ended.by == "network"
    assert phone.wait(PhoneStatus).has_sound is False


def test_the_practice_log_says_what_was_heard(floor: Floor) -> None:
    line, _launched, _address = floor.line()
    log = floor.folder / "practice.jsonl"
    phone, agent, _launched, _address = floor.phone(
        "phone", 7, "--practice-signature", "3", "--practice-log", str(log)
    )
    answered(floor, line)
    connect(line, agent)
    phone.wait(PhoneConnected)
    time.sleep(1.5)
    phone.send(HangUp())
    phone.wait(PhoneEnded)
    record = json.loads(log.read_text())
    assert (record["attempt_id"], record["session_id"], record["own_signature"]) == ("a-1", 7, 3)
    assert record["sounds"]["heard_ms"].keys() == {str(VOICE)}
    assert record["sounds"]["heard_ms"][str(VOICE)] > 900
    assert record["longest_gap_ms"] < 300


def test_commands_that_make_no_sense_are_refused(floor: Floor) -> None:
    phone, _agent, _launched, _address = floor.phone()
    phone.send(HangUp())
    assert phone.wait(Refused, where=lambda m: m.command == "hang_up").sentence
    phone.send(OpenSession(session_id=3, token=""))
    assert "token" in phone.wait(Refused, where=lambda m: m.command == "open_session").sentence
    phone.send(EndCall(epoch=1, attempt_id="x"))
    assert phone.wait(Refused, where=lambda m: m.command == "end_call").sentence
    phone.send(SetMute(is_muted=True))
    assert phone.wait(MuteChanged).is_muted


def test_sip_between_seats_wants_the_floors_certificate_on_both_sides(floor: Floor) -> None:
    line, _launched, _address = floor.line()
    phone, agent, _launched, _address = floor.phone()
    host, _, port = agent.uri.partition("@")[2].partition(";")[0].partition(":")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection((host, int(port)), 5.0) as plain,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(plain).recv(1)
    files = ensure_seat(floor.folder / "stranger", "seat-1", [], datetime.now(UTC))
    strange = start(
        "sip.phone",
        [
            *("--socket", str(floor.folder / "strange.sock"), "--sound", "none"),
            *("--ca", str(files.ca), "--cert", str(files.certificate), "--key", str(files.key)),
        ],
        floor.folder / "strange.log",
    )
    floor.adopt(strange, str(floor.folder / "strange.sock"))
    impostor = floor.client(str(floor.folder / "strange.sock"))
    impostor.send(OpenSession(session_id=7, token=agent.token))
    uri = impostor.wait(PhoneStatus, where=lambda s: s.session_id == 7).uri
    answered(floor, line)
    connect(line, AgentAddress(session_id=7, uri=uri, token=agent.token))
    assert line.wait(AgentUnreachable).session_id == 7
    assert not impostor.all(PhoneRang)
    connect(line, agent)
    line.wait(AgentBridged)
    assert phone.wait(PhoneConnected)


def test_without_certificates_seats_speak_on_this_pc_and_it_is_said(floor: Floor) -> None:
    _launched, line_address = floor.start("sip.line", "line")
    _launched, phone_address = floor.start("sip.phone", "phone", "--sound", "none")
    line, phone = floor.client(line_address), floor.client(phone_address)
    hello = phone.wait(Hello)
    assert hello.has_tls is False
    assert "unencrypted" in hello.notices[0]
    phone.send(OpenSession(session_id=7, token="t"))
    uri = phone.wait(PhoneStatus, where=lambda s: s.session_id == 7).uri
    assert uri.endswith(";transport=tcp")
    answered(floor, line)
    connect(line, AgentAddress(session_id=7, uri=uri, token="t"))
    line.wait(AgentBridged)
    log = floor.folder / "wide.log"
    wide = start("sip.phone", ["--bind", "0.0.0.0", "--socket", "x"], log)
    assert wide.wait(10.0)
    assert wide.exit_status() == 1
    assert "loopback only" in last_line(log)


def test_a_phone_without_window_and_call_leaves(floor: Floor) -> None:
    phone, _agent, launched, _address = floor.phone("phone", 7, "--orphan-exit-s", "0.5")
    time.sleep(0.8)
    assert launched.is_alive()
    phone.wire.close()
    assert launched.wait(4.0)
    assert launched.exit_status() == 0


@pytest.mark.floor
def test_a_talk_that_outlives_its_tls_connection_still_ends_in_order(floor: Floor) -> None:
    line, _launched, _address = floor.line()
    phone, agent, _launched, _address = floor.phone()
    answered(floor, line)
    connect(line, agent)
    phone.wait(PhoneConnected)
    time.sleep(40.0)  # the library closes a connection that was idle for 33 s
    assert not line.all(AgentUnreachable)
    phone.send(HangUp())
    ended = line.wait(CallEnded, 1.0)
    assert (ended.ended_by, ended.message_played) == ("agent", False)
