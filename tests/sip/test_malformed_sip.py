"""Malformed SIP at a line and at a phone: whatever comes, they live on and take the next call."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from app.telephony.call_kit import OneCall
from app.telephony.malformed import acknowledgement, fire_at_engines, listening
from app.telephony.mutation import Mutator
from app.telephony.torture import messages

pytestmark = pytest.mark.sip
COUNT = 10_000  # `callfloor bench malformed` sends a hundred thousand
CONNECTS = 300


def test_torture_messages_and_faulty_ones_by_the_thousand_end_no_engine() -> None:
    figures = fire_at_engines(COUNT, seed=1)
    for engine in (figures.line, figures.phone):
        assert engine.killers == ()
        assert engine.deaths == 0
        assert engine.sent == COUNT // 2 + len(messages())
        assert engine.slowest_answer_s < 40, "the library's longest wait for an old transaction"
    assert figures.call_afterwards


@pytest.mark.parametrize("is_held", [False, True], ids=["closed at once", "held open"])
def test_a_burst_of_connections_ends_no_engine(
    tmp_path_factory: pytest.TempPathFactory, *, is_held: bool
) -> None:
    """Without the door 63 connects in half a second abort the process."""
    call = OneCall(Path(tmp_path_factory.mktemp("d")), "--sound", "none")
    try:
        for engine in (call.line, call.phone):
            port = listening(engine.pid, "tcp")[0]
            held = []
            until_s = time.monotonic() + 3.0
            for _connect in range(CONNECTS):
                knock = socket.socket()
                knock.settimeout(0.2)
                try:
                    knock.connect(("127.0.0.1", port))
                except TimeoutError:
                    knock.close()
                    continue
                if is_held:
                    held.append(knock)
                else:
                    knock.close()
                if time.monotonic() > until_s:
                    break
            assert engine.is_alive()
            for knock in held:
                knock.close()
        time.sleep(1.5)
        call.end(call.begin())
    finally:
        call.close()


def test_all_49_torture_messages_are_there() -> None:
    found = messages()
    assert len(found) == 49
    assert all(b"\r\n\r\n" in message for message in found.values())
    assert found["mcl01"].count(b"Content-Length") == 2
    assert found["intmeth"].count(b"\0") == 1
    assert found["badvers"].startswith(b"OPTIONS sip:user@example.com SIP/7.0\r\n")
    assert found["esc02"].startswith(b"RE%47IST%45R ")


def test_the_same_seed_draws_the_same_faults() -> None:
    one, same, other = (Mutator(seed, "UDP", "127.0.0.1:1") for seed in (1, 1, 2))
    drawn = [one.draw() for _message in range(200)]
    assert drawn == [same.draw() for _message in range(200)]
    assert drawn != [other.draw() for _message in range(200)]
    assert len(set(drawn)) == 200


def test_a_refusal_of_an_invite_is_acknowledged_and_nothing_else_is() -> None:
    refusal = (
        "SIP/2.0 403 Forbidden\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 7 INVITE\r\n\r\n"
    )
    ack = acknowledgement(refusal)
    assert ack is not None
    assert ack.startswith(b"ACK ")
    assert b"CSeq: 7 ACK" in ack
    assert b"To: <sip:c@d>;tag=2" in ack
    assert acknowledgement(refusal.replace("7 INVITE", "7 BYE")) is None
    assert acknowledgement(refusal.replace("403 Forbidden", "180 Ringing")) is None
