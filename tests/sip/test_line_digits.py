"""Keys towards the person and the third party, and keys that come from them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sip.messages import (
    AgentBridged,
    CallArranged,
    ConnectAgent,
    EndCall,
    KeyPressed,
    Refused,
    SendDigits,
)
from tests.sip import line_kit
from tests.sip.control_kit import Name, Stage, make_stage
from tests.sip.line_kit import LineProcess, callee, first_words
from tests.sip.party import RATE, RECORD
from tests.sip.practice_kit import PCMA, RtpPeer, wait_for

pytestmark = pytest.mark.sip
ROWS_HZ, COLUMNS_HZ = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = "123A456B789C*0#D"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from make_stage(tmp_path_factory.mktemp("d"))


def send(stage: Stage, digits: str, to: str = "person") -> None:
    stage.line.send(
        SendDigits(epoch=1, attempt_id=stage.attempt_id, digits=digits, to=to)  # type: ignore[arg-type]
    )


def keys_at(stage: Stage, name: Name, since: int, count: int) -> str:
    """The keys that this party was told of by its own stack, since that message."""

    def found() -> list[str]:
        return [m.key for m in stage.clients[name].all(KeyPressed) if m.seq > since]

    assert wait_for(lambda: len(found()) >= count), found()
    return "".join(found())


def seq_at(stage: Stage, name: Name) -> int:
    return max((m.seq for m in stage.clients[name].all(KeyPressed)), default=0)


def tones_heard(stage: Stage, name: Name, from_s: float) -> str:
    """The keys whose two tones this party heard, by its sound alone."""
    data = (stage.floor.folder / f"{name}.heard").read_bytes()
    moments_s = np.arange(160) / RATE
    waves = (
        np.exp(-2j * np.pi * np.outer(moments_s, ROWS_HZ + COLUMNS_HZ)) * np.hanning(160)[:, None]
    )
    found, before = "", ""
    for at in range(0, len(data) - RECORD.size + 1, RECORD.size):
        moment_s, pcm16 = RECORD.unpack_from(data, at)
        if moment_s < from_s:
            continue
        levels = np.abs(np.frombuffer(pcm16, dtype="<i2") @ waves) / 40
        row, column = int(levels[:4].argmax()), int(levels[4:].argmax())
        is_key = levels[row] > 1500 and levels[4 + column] > 1500
        now = KEYS[4 * row + column] if is_key else ""
        if now and now != before:
            found += now
        before = now
    return found


@pytest.mark.parametrize("way", ["rfc4733", "info"])
def test_keys_reach_the_persons_stack(stage: Stage, way: str) -> None:
    stage.talk(gateway=stage.gateway("person", dtmf=way))
    since = seq_at(stage, "person")
    send(stage, "19*0#D")
    assert keys_at(stage, "person", since, 6) == "19*0#D"
    from_s = time.monotonic()
    assert stage.listen() == {"person": {"agent"}, "agent": {"person"}}
    assert tones_heard(stage, "person", from_s) == ""
    stage.end()


def test_keys_in_band_are_tones_that_only_this_leg_hears(stage: Stage) -> None:
    stage.talk(
        gateway=stage.gateway("person", dtmf="inband"), recording=(order := stage.recording())
    )
    stage.arrange("hold")
    time.sleep(0.2)
    since, from_s = seq_at(stage, "person"), time.monotonic()
    send(stage, "159D")
    send(stage, "2")
    assert "still sounding" in stage.wait(Refused).sentence
    time.sleep(1.5)
    assert tones_heard(stage, "person", from_s) == "159D"
    assert stage.heard("agent").is_silent(from_s, from_s + 1.0)
    assert seq_at(stage, "person") == since
    stage.end()
    assert Path(order.path).exists()


def test_keys_reach_the_third_party_and_nobody_else(stage: Stage) -> None:
    stage.talk()
    send(stage, "1", "third")
    assert "Nobody is there" in stage.wait(Refused).sentence
    stage.dial_third(gateway=stage.gateway("third", dtmf="info"))
    stage.wait(CallArranged, how="consult")
    since, person = seq_at(stage, "third"), seq_at(stage, "person")
    send(stage, "42", "third")
    assert keys_at(stage, "third", since, 2) == "42"
    assert seq_at(stage, "person") == person
    stage.end()


@pytest.mark.parametrize("name", ["person", "agent", "third"])
def test_keys_that_somebody_presses_are_told_with_who_it_was(stage: Stage, name: Name) -> None:
    stage.talk()
    if name == "third":
        stage.dial_colleague()
        stage.wait(CallArranged, how="consult")
    is_info = "third" if name == "agent" else "person"
    stage.clients[name].send(
        SendDigits(epoch=1, attempt_id="", digits="7#", to=is_info)  # type: ignore[arg-type]
    )
    assert stage.wait(KeyPressed, key="#").by == name
    told = [m for m in stage.line.all(KeyPressed) if m.attempt_id == stage.attempt_id]
    assert [(m.key, m.by) for m in told] == [("7", name), ("#", name)]
    stage.end()


@pytest.mark.parametrize("digits", ["", "1 2", "1" * 33, "E"])
def test_what_is_no_key_is_refused(stage: Stage, digits: str) -> None:
    stage.talk()
    send(stage, digits)
    assert "Keys are" in stage.wait(Refused).sentence
    stage.end()


def test_a_far_end_without_rfc_4733_hears_tones(stage: Stage, tmp_path: Path) -> None:
    line = LineProcess(tmp_path)
    try:
        with (
            RtpPeer(PCMA) as peer,
            callee(tmp_path, "callee_hears_out", RTP_PORT=peer.port) as sipp,
        ):
            sent = line_kit.order(sipp.address, first_words(tmp_path), connect_limit_s=5.0)
            line.send(sent)
            assert wait_for(lambda: any(type(m).__name__ == "CallAnswered" for m in line.said))
            line.send(ConnectAgent(epoch=1, attempt_id="a-1", agent=stage.agent()))
            assert wait_for(lambda: line.first(AgentBridged) is not None)
            stage.pause("agent", is_paused=False)
            line.send(SendDigits(epoch=1, attempt_id="a-1", digits="5"))
            before_ms = peer.listener.foreign_ms
            assert wait_for(lambda: peer.listener.foreign_ms > before_ms + 60)
            line.send(EndCall(epoch=1, attempt_id="a-1"))
            assert sipp.status() == 0, sipp.errors
    finally:
        line.close()
    assert line.first(Refused) is None
