"""Strangers who call an agent's phone, with programs that no one here wrote: none is let in."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sip.messages import (
    AgentAddress,
    CallEnded,
    CloseSession,
    EndCall,
    OpenSession,
    PhoneConnected,
    PhoneEnded,
    PhoneRang,
    PhoneStatus,
)
from tests import needs
from tests.sip.floor import Client, Floor
from tests.sip.practice_kit import NO_PORT, Sipp
from tests.sip.test_phone import answered, connect

pytestmark = pytest.mark.sip
TOKEN = "a-token-of-the-session"
TRIES = 5


class OpenPhone:
    """A phone on TCP, which any program can reach, with a session open."""

    def __init__(self, folder: Path) -> None:
        self.floor = Floor(folder)
        _launched, address = self.floor.start("sip.phone", "phone", "--sound", "none")
        self.client: Client = self.floor.client(address)
        self.client.send(OpenSession(session_id=7, token=TOKEN))
        self.uri = self.client.wait(PhoneStatus, where=lambda s: s.session_id == 7).uri
        self.address = self.uri.partition("@")[2].partition(";")[0]

    def tells(self, folder: Path, status: int, **words: object) -> None:
        """sipp, which calls once, is told this status."""
        given = {"TOKEN": TOKEN, "ATTEMPT": "a-9", "PROFILE": "SAVP", "PAYLOADS": "8", **words}
        for _ in range(TRIES):
            with Sipp(
                *(folder, "phone_caller", "-t", "t1", self.address),
                words={**given, "STATUS": status},
            ) as sipp:
                said = sipp.status()
            if said != NO_PORT:
                break
        assert said == 0, f"sipp ended with {said}: {sipp.errors} {sipp.messages}"


@pytest.fixture
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenPhone]:
    made = OpenPhone(tmp_path_factory.mktemp("p"))
    try:
        yield made
    finally:
        made.floor.close()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, {"TOKEN": ""}),
        (403, {"TOKEN": "another"}),
        (403, {"TOKEN": TOKEN[:-1]}),
        (403, {"ATTEMPT": ""}),
        (488, {"PAYLOADS": "18"}),
        (488, {"PROFILE": "AVP"}),
    ],
    ids=["no token", "a wrong one", "half of it", "no attempt", "unknown codec", "no SRTP"],
)
def test_a_stranger_is_told_why_not(
    phone: OpenPhone, tmp_path: Path, status: int, words: dict[str, object]
) -> None:
    phone.tells(tmp_path, status, **words)
    assert not phone.client.all(PhoneRang)


def test_without_a_session_even_the_old_token_opens_nothing(
    phone: OpenPhone, tmp_path: Path
) -> None:
    phone.client.send(CloseSession())
    phone.client.wait(PhoneStatus, where=lambda s: s.session_id is None and s.last_seq == 0)
    phone.tells(tmp_path, 480)
    assert not phone.client.all(PhoneRang)


def test_in_a_call_nobody_else_gets_in_and_the_call_does_not_notice(
    phone: OpenPhone, tmp_path: Path
) -> None:
    _launched, line_address = phone.floor.start("sip.line", "line")
    line = phone.floor.client(line_address)
    answered(phone.floor, line)
    connect(line, AgentAddress(session_id=7, uri=phone.uri, token=TOKEN))
    phone.client.wait(PhoneConnected)
    phone.tells(tmp_path, 486)
    phone.tells(tmp_path, 403, TOKEN="another")
    assert [m.attempt_id for m in phone.client.all(PhoneRang)] == ["a-1"]
    assert not phone.client.all(PhoneEnded)
    line.send(EndCall(epoch=1, attempt_id="a-1"))
    line.wait(CallEnded)
    assert phone.floor.heard(name="callee-of-a-1")[0].longest_gap_ms < 300


def test_baresip_is_refused(phone: OpenPhone, tmp_path: Path) -> None:
    program = needs.program("baresip", "baresip-core")
    (tmp_path / "config").write_text(
        "sip_listen\t127.0.0.1:0\naudio_source\tausine,440\naudio_player\taufile,/dev/null\n"
        "module_path\t/usr/lib/baresip/modules\nmodule\tg711.so\nmodule\tausine.so\n"
        "module\taufile.so\nmodule\tsrtp.so\nmodule_app\taccount.so\nmodule_app\tmenu.so\n"
        "module_tmp\tuuid.so\n"
    )
    (tmp_path / "accounts").write_text(
        "<sip:stranger@127.0.0.1;transport=tcp>;regint=0;mediaenc=srtp-mand;audio_codecs=PCMA\n"
    )
    (tmp_path / "contacts").write_text("")
    done = subprocess.run(
        [program, "-f", str(tmp_path), "-e", f"/dial {phone.uri}", "-t", "4"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert "403 Forbidden" in done.stdout + done.stderr
    assert not phone.client.all(PhoneRang)
