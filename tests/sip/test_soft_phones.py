"""baresip and linphone as the other phone: called, calling, and in an agent's place."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from sip.messages import (
    AcceptCalls,
    AgentAddress,
    AgentBridged,
    CallAnswered,
    CallEnded,
    CallOffered,
    ConnectAgent,
    EndCall,
    Gateway,
    KeyPressed,
    SendDigits,
    TakeCall,
)
from sip.messages.trunk import Dtmf
from tests.ports import free_port
from tests.sip.control_kit import Stage, make_stage
from tests.sip.floor import Client
from tests.sip.soft_phones import Baresip, Linphone, SoftPhone

pytestmark = [pytest.mark.sip, pytest.mark.timeout(120)]
Kind = Literal["baresip", "linphone"]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from make_stage(tmp_path_factory.mktemp("s"))


class Door:
    """A second line on the stage, which takes calls from this machine."""

    def __init__(self, stage: Stage) -> None:
        port = free_port()
        _launched, address = stage.floor.start("sip.line", "door", "--sip-port", str(port))
        self.line: Client = stage.floor.client(address)
        self.line.send(AcceptCalls(epoch=1, sources={"North": ("127.0.0.1",)}))
        self.uri = f"sip:+441614960000@127.0.0.1:{port}"


@pytest.fixture(scope="module")
def door(stage: Stage) -> Door:
    return Door(stage)


@pytest.mark.parametrize("kind", ["baresip", "linphone"])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_line_calls_it(stage: Stage, tmp_path: Path, kind: Kind, transport: str) -> None:
    phone = Baresip(tmp_path / "p") if kind == "baresip" else Linphone(tmp_path / "p")
    with phone:
        template = f"sip:{{number}}@{phone.address};transport={transport}"
        gateway = Gateway(name="provider", uri_template=template, codecs=("PCMA/8000",))
        stage.talk(gateway=gateway)
        _begin(phone)
        assert stage.listen(1.5)["agent"] == {"person"}
        assert stage.end().status == 200
        assert phone.heard() == {"agent": 1.0}


@pytest.mark.parametrize("kind", ["baresip", "linphone"])
def test_it_calls_a_line(stage: Stage, door: Door, tmp_path: Path, kind: Kind) -> None:
    door.line.messages.clear()
    dialled = Baresip(tmp_path / "p", dials=door.uri) if kind == "baresip" else None
    with dialled or Linphone(tmp_path / "p") as phone:
        if isinstance(phone, Linphone):
            phone.call(door.uri)
        offered = door.line.wait(CallOffered)
        door.line.send(
            TakeCall(
                epoch=1,
                call_ref=offered.call_ref,
                attempt_id=f"in-{kind}",
                queue_wav=stage.music_wav,
                message_wav=stage.message_wav,
                longest_wait_s=20.0,
                max_call_s=60.0,
            )
        )
        door.line.wait(CallAnswered)
        door.line.send(ConnectAgent(epoch=1, attempt_id=f"in-{kind}", agent=stage.agent()))
        door.line.wait(AgentBridged)
        _begin(phone)
        assert stage.listen(1.5)["agent"] == {"person"}
        door.line.send(EndCall(epoch=1, attempt_id=f"in-{kind}"))
        assert door.line.wait(CallEnded).status == 200
        assert phone.heard() == {"agent": 1.0}


@pytest.mark.parametrize("kind", ["baresip", "linphone"])
def test_a_line_brings_a_person_to_it(stage: Stage, tmp_path: Path, kind: Kind) -> None:
    """A seat's side of a line speaks SIP as the world does, encrypted sound and all."""
    phone: SoftPhone
    if kind == "baresip":
        phone = Baresip(tmp_path / "p", "agent", encryption="srtp-mand")
    else:
        phone = Linphone(tmp_path / "p", "agent", encryption="srtp")
    with phone:
        stage.line.send(stage.order())
        stage.wait(CallAnswered)
        seat = AgentAddress(session_id=7, uri=phone.uri, token="token")
        stage.line.send(ConnectAgent(epoch=1, attempt_id=stage.attempt_id, agent=seat))
        stage.wait(AgentBridged)
        _begin(phone)
        assert stage.listen(1.5)["person"] == {"agent"}
        assert stage.end().status == 200
        heard = phone.heard()
        assert heard.keys() == {"person"}
        assert heard["person"] > 0.9


def _begin(phone: SoftPhone) -> None:
    if isinstance(phone, Linphone):
        phone.wait_for_output("Media streams established")
        phone.speak()
        time.sleep(0.3)


@pytest.mark.parametrize(
    ("way", "words"), [("rfc4733", "received event: '{}'"), ("info", "call: received DTMF: '{}'")]
)
def test_keys_reach_baresip(stage: Stage, tmp_path: Path, way: Dtmf, words: str) -> None:
    with Baresip(tmp_path / "p") as phone:
        template = f"sip:{{number}}@{phone.address};transport=udp"
        gateway = Gateway(name="provider", uri_template=template, codecs=("PCMA/8000",), dtmf=way)
        stage.talk(gateway=gateway)
        stage.line.send(SendDigits(epoch=1, attempt_id=stage.attempt_id, digits="5#", to="person"))
        time.sleep(1.5)
        stage.end()
        phone.close()
        assert phone.output.count(words.format("5")) >= 1
        assert phone.output.count(words.format("#")) >= 1


def test_keys_that_linphone_presses_are_told(stage: Stage, tmp_path: Path) -> None:
    with Linphone(tmp_path / "p") as phone:
        template = f"sip:{{number}}@{phone.address};transport=udp"
        stage.talk(gateway=Gateway(name="provider", uri_template=template, codecs=("PCMA/8000",)))
        for key in "4#":
            phone.tell(key)
            time.sleep(0.6)
        assert stage.wait(KeyPressed, key="4").by == "person"
        stage.wait(KeyPressed, key="#")
        stage.end()
