"""A line calls through kamailio and to sipp the way each provider wants it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from app.certificates import ensure_authority, ensure_seat
from sip.messages import (
    CallAnswered,
    CallEnded,
    EngineTrouble,
    Gateway,
    Register,
    RegistrationChanged,
)
from tests.sip.kamailio_kit import PASSWORD, REALM, USER, Kamailio, field
from tests.sip.line_kit import CALLER_ID, LineProcess, callee, first_words, order
from tests.sip.practice_kit import NUMBER, PCMA, RtpPeer, Sipp, wait_for

pytestmark = pytest.mark.sip
CRYPTO = "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"


@pytest.fixture
def line(tmp_path: Path) -> Iterator[LineProcess]:
    process = LineProcess(tmp_path)
    yield process
    process.close()


@pytest.fixture
def message_wav(tmp_path: Path) -> Path:
    return first_words(tmp_path)


def gateway(address: str, transport: str = "udp", **changes: object) -> Gateway:
    plain = Gateway(
        name="provider",
        uri_template=f"sip:{{number}}@{address};transport={transport}",
        username=USER,
        password=PASSWORD,
    )
    return msgspec.structs.replace(plain, **changes)


def describing(folder: Path, *sdp: str, headers: str = "", **words: object) -> Sipp:
    """A callee that answers with these lines of SDP."""
    lines = "\n      ".join(sdp or (f"m=audio 9 RTP/AVP {PCMA}", "a=ptime:20"))
    extra = headers or "Server: callee"
    return callee(folder, "callee_describes", SDP=lines, HEADERS=extra, **words)


def invite_of(sipp: Sipp) -> str:
    """The last INVITE that sipp received."""
    found = [
        block.split("\n", 2)[2].strip()
        for block in re.split(r"-{20,}[^\n]*\n", sipp.messages)
        if "message received" in block and "\nINVITE sip" in block
    ]
    return found[-1]


def header(text: str, name: str) -> str:
    found = re.search(rf"^{name}: *(.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    return found.group(1) if found else ""


class TestThroughAProxy:
    @pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
    @pytest.mark.parametrize("transport", ["udp", "tcp"])
    def test_with_digest_and_sound(
        self,
        line: LineProcess,
        tmp_path: Path,
        message_wav: Path,
        algorithm: str,
        transport: str,
    ) -> None:
        with (
            RtpPeer(PCMA) as peer,
            describing(tmp_path, f"m=audio {peer.port} RTP/AVP {PCMA}") as sipp,
            Kamailio(tmp_path, sipp.address, algorithm=algorithm) as kamailio,
        ):
            line.send(order("", message_wav, gateway=gateway(kamailio.address, transport)))
            assert sipp.status() == 0, sipp.errors
            assert line.ended().status == 200
            assert peer.listener.foreign_ms > 500, "the message was heard"
            asked = kamailio.seen("INVITE")
            assert len(asked) == 2, "one challenge, one answer"
            assert all(one.startswith(f"INVITE {transport} ") for one in asked)
            assert f"algorithm={algorithm}" in field(asked[1], "authorization").replace('"', "")
            assert kamailio.seen("BYE"), "the way back leads through the proxy"
            assert not kamailio.seen("OPTIONS"), "the connection is fresh"
        assert PASSWORD not in line.log_file.read_text()

    def test_registered_and_then_called_with_one_account(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        with describing(tmp_path) as sipp, Kamailio(tmp_path, sipp.address) as kamailio:
            way = gateway(kamailio.address, "tcp", from_domain=REALM)
            line.send(Register(epoch=1, gateway=way))
            assert wait_for(lambda: line.first(RegistrationChanged) is not None)
            line.send(order("", message_wav, gateway=way))
            assert sipp.status() == 0, sipp.errors
            assert line.ended().status == 200
            sources = {field(one, "via").split(";")[0] for one in kamailio.seen("INVITE")}
            assert sources == {field(kamailio.seen("REGISTER")[0], "via").split(";")[0]}
            assert len(kamailio.seen("REGISTER")) == 2, "the call does not register again"

    def test_a_wrong_password_is_the_trunks_trouble(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        with Kamailio(tmp_path) as kamailio:
            way = gateway(kamailio.address, password="wrong-horse")
            line.send(order("", message_wav, gateway=way))
            ended = line.ended()
        assert (ended.status, ended.ended_by, ended.answered_at) == (407, "network", None)

    def test_another_name_for_the_password(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        with describing(tmp_path) as sipp, Kamailio(tmp_path, sipp.address) as kamailio:
            way = gateway(kamailio.address, auth_username="acme-auth", realm=REALM)
            line.send(order("", message_wav, gateway=way))
            assert sipp.status() == 0, sipp.errors
            answered = field(kamailio.seen("INVITE")[1], "authorization")
            assert 'username="acme-auth"' in answered
            assert f'realm="{REALM}"' in answered
        assert line.ended().status == 200

    def test_an_outbound_proxy_is_a_loose_route(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        with describing(tmp_path) as sipp, Kamailio(tmp_path, sipp.address) as kamailio:
            # The gateway's own name leads nowhere: only the proxy knows the way.
            way = gateway(REALM, outbound_proxy=f"sip:{kamailio.address};transport=tcp")
            line.send(order("", message_wav, gateway=way))
            assert sipp.status() == 0, sipp.errors
            asked = kamailio.seen("INVITE")[0]
            assert asked.startswith(f"INVITE tcp sip:{NUMBER}@{REALM}")
            assert field(asked, "route") == f"<sip:{kamailio.address};transport=tcp;lr>"
            assert invite_of(sipp).startswith(f"INVITE sip:{NUMBER}@{REALM}")
            vias = re.findall(r"^Via: *(\S+ \S+?);", invite_of(sipp), re.MULTILINE)
            assert vias[0] == f"SIP/2.0/UDP {kamailio.address}"
        assert line.ended().status == 200

    def test_a_hang_up_is_heard_long_after_a_connection_would_have_closed(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        with (
            Sipp(
                tmp_path,
                "callee_hangs_up_late",
                *("-timeout", "60"),
                words={"TALK_MS": 37_000, "PAYLOADS": PCMA},
            ) as sipp,
            Kamailio(tmp_path, sipp.address) as kamailio,
        ):
            way = gateway(kamailio.address, "tcp")
            plain = order("", message_wav, gateway=way)
            line.send(msgspec.structs.replace(plain, connect_limit_s=50.0, max_call_s=60.0))
            assert sipp.status(50.0) == 0, sipp.errors
            assert (line.ended().status, line.ended().ended_by) == (200, "person")
            assert kamailio.seen("OPTIONS")

    def test_many_gateways_in_turn_through_one_line(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        busy = 'sl_send_reply("486", "Busy Here"); exit;'
        with Kamailio(tmp_path, before_invite=busy) as kamailio:
            for turn in range(14):
                way = gateway(kamailio.address, name=f"g{turn % 7}")
                line.send(order("", message_wav, gateway=way, attempt_id=f"a-{turn}"))
                ended = [f"a-{one}" for one in range(turn + 1)]
                assert wait_for(
                    lambda wanted=ended: (
                        [  # type: ignore[misc]
                            m.attempt_id for m in line.said if isinstance(m, CallEnded)
                        ]
                        == wanted
                    )
                ), line.said
        assert {m.status for m in line.said if isinstance(m, CallEnded)} == {486}


CALLER = f"<sip:{CALLER_ID}@{REALM}>"
OURS = f"<sip:{USER}@{REALM}>"


class TestWhatTheProviderSees:
    @pytest.mark.parametrize(
        ("identity", "shown", "asserted", "preferred", "remote"),
        [
            ("from", CALLER, "", "", ""),
            ("from_and_pai", CALLER, CALLER, "", ""),
            ("pai", OURS, CALLER, "", ""),
            ("ppi", OURS, "", CALLER, ""),
            ("rpid", OURS, "", "", f"{CALLER};party=calling;screen=yes;privacy=off"),
        ],
    )
    def test_the_callers_number_stands_where_it_is_looked_for(
        self,
        line: LineProcess,
        tmp_path: Path,
        message_wav: Path,
        identity: str,
        shown: str,
        asserted: str,
        preferred: str,
        remote: str,
    ) -> None:
        with describing(tmp_path) as sipp:
            way = gateway(sipp.address, identity=identity, from_domain=REALM)
            line.send(order("", message_wav, gateway=way))
            assert sipp.status() == 0, sipp.errors
            invite = invite_of(sipp)
        assert header(invite, "From").startswith(f"{shown};tag=")
        assert header(invite, "P-Asserted-Identity") == asserted
        assert header(invite, "P-Preferred-Identity") == preferred
        assert header(invite, "Remote-Party-ID") == remote
        assert line.ended().status == 200

    def test_codecs_are_offered_in_the_gateways_order(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        offered = []
        for turn, codecs in enumerate(
            (
                ("PCMU/8000", "PCMA/8000"),
                ("G722/16000", "PCMA/8000"),
                ("PCMA/8000",),
                ("GSM/8000", "PCMU/8000"),
            )
        ):
            chosen = {"PCMU": 0, "G722": 9, "PCMA": 8, "GSM": 3}[codecs[0].split("/")[0]]
            with describing(tmp_path, f"m=audio 9 RTP/AVP {chosen}") as sipp:
                way = gateway(sipp.address, codecs=codecs)
                line.send(order("", message_wav, gateway=way, attempt_id=f"a-{turn}"))
                assert sipp.status() == 0, sipp.errors
                found = re.search(r"m=audio \d+ RTP/AVP ([\d ]+)", invite_of(sipp))
                assert found is not None
                offered.append([int(kind) for kind in found[1].split() if int(kind) < 96])
                wanted = turn + 1
                assert wait_for(
                    lambda n=wanted: sum(isinstance(m, CallEnded) for m in line.said) == n  # type: ignore[misc]
                )
        assert offered == [[0, 8], [9, 8], [8], [3, 0]]
        assert all(m.status == 200 for m in line.said if isinstance(m, CallEnded))

    @pytest.mark.parametrize(
        ("timers", "supported", "required", "has_expiry"),
        [
            ("off", False, False, False),
            ("optional", True, False, True),
            ("required", True, True, True),
        ],
    )
    def test_session_timers(
        self,
        line: LineProcess,
        tmp_path: Path,
        message_wav: Path,
        timers: str,
        supported: bool,
        required: bool,
        has_expiry: bool,
    ) -> None:
        agreed = "Session-Expires: 1800;refresher=uac\n      Require: timer"
        with describing(tmp_path, headers=agreed if supported else "") as sipp:
            line.send(order("", message_wav, gateway=gateway(sipp.address, session_timers=timers)))
            assert sipp.status() == 0, sipp.errors
            invite = invite_of(sipp)
        assert ("timer" in header(invite, "Supported")) == supported
        assert ("timer" in header(invite, "Require")) == required
        assert bool(header(invite, "Session-Expires")) == has_expiry
        assert line.ended().status == 200


class TestEncryption:
    @pytest.mark.parametrize(
        ("srtp", "answer", "profile", "is_offered"),
        [
            ("off", f"m=audio 9 RTP/AVP {PCMA}", "RTP/AVP", False),
            ("optional", f"m=audio 9 RTP/AVP {PCMA}", "RTP/AVP", True),
            ("optional", f"m=audio 9 RTP/AVP {PCMA}\n      {CRYPTO}", "RTP/AVP", True),
            ("mandatory", f"m=audio 9 RTP/SAVP {PCMA}\n      {CRYPTO}", "RTP/SAVP", True),
        ],
    )
    def test_of_the_sound_is_offered_as_wanted(
        self,
        line: LineProcess,
        tmp_path: Path,
        message_wav: Path,
        srtp: str,
        answer: str,
        profile: str,
        is_offered: bool,
    ) -> None:
        with describing(tmp_path, answer) as sipp:
            line.send(order("", message_wav, gateway=gateway(sipp.address, srtp=srtp)))
            assert sipp.status() == 0, sipp.errors
            invite = invite_of(sipp)
        assert re.search(rf"m=audio \d+ {profile} ", invite)
        assert ("a=crypto:" in invite) == is_offered
        ended = line.ended()
        assert (ended.status, ended.message_played) == (200, True)

    def test_a_callee_without_it_is_not_talked_to_where_it_must_be(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        with describing(tmp_path) as sipp:
            line.send(order("", message_wav, gateway=gateway(sipp.address, srtp="mandatory")))
            ended = line.ended()
        assert (ended.message_played, ended.bridged_at) == (False, None)
        assert ended.answered_at is not None, "somebody picked up and heard nothing"

    def test_of_the_signalling_with_a_certificate_that_is_trusted(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        files = ensure_seat(tmp_path / "tls", "provider", ["127.0.0.1"], datetime.now(UTC))
        with (
            describing(tmp_path) as sipp,
            Kamailio(
                tmp_path, sipp.address, certificate=files.certificate, key=files.key
            ) as kamailio,
        ):
            way = gateway(kamailio.tls_address, "tls", ca_file=str(files.ca))
            line.send(Register(epoch=1, gateway=way))
            assert wait_for(lambda: line.first(RegistrationChanged) is not None)
            news = line.first(RegistrationChanged)
            assert news is not None
            assert news.is_registered, news.sentence
            line.send(order("", message_wav, gateway=way))
            assert sipp.status() == 0, sipp.errors
            assert all(one.startswith("INVITE tls ") for one in kamailio.seen("INVITE"))
        assert line.ended().status == 200
        assert line.first(CallAnswered) is not None

    def test_ten_providers_in_turn_each_with_authorities_of_its_own(
        self, line: LineProcess, tmp_path: Path, message_wav: Path
    ) -> None:
        """The library holds eight transports: what nobody uses any more makes way."""
        files = ensure_seat(tmp_path / "tls", "provider", ["127.0.0.1"], datetime.now(UTC))
        words: dict[str, object] = {
            "SDP": f"m=audio 9 RTP/AVP {PCMA}",
            "HEADERS": "Server: callee",
            "RING_MS": 50,
            "TIMEOUT_MS": 20000,
        }
        with (
            Sipp(tmp_path, "callee_describes", "-m", "10", "-timeout", "60", words=words) as sipp,
            Kamailio(
                tmp_path, sipp.address, certificate=files.certificate, key=files.key
            ) as kamailio,
        ):
            assert wait_for(sipp.is_listening)
            for n in range(10):
                own = tmp_path / f"authorities{n}.pem"
                own.write_bytes(files.ca.read_bytes())
                way = gateway(kamailio.tls_address, "tls", ca_file=str(own), name=f"provider{n}")
                line.said.clear()
                line.send(order("", message_wav, gateway=way, attempt_id=f"a-{n}"))
                assert line.ended().status == 200, line.said
            assert sipp.status(30.0) == 0, sipp.errors
        assert line.first(EngineTrouble) is None

    @pytest.mark.parametrize(
        ("host", "is_signed", "word"),
        [("127.0.0.1", False, "issuer"), ("localhost", True, "identity")],
    )
    def test_a_certificate_that_is_not_trusted_is_said(
        self,
        line: LineProcess,
        tmp_path: Path,
        message_wav: Path,
        host: str,
        is_signed: bool,
        word: str,
    ) -> None:
        files = ensure_seat(tmp_path / "tls", "provider", [], datetime.now(UTC))  # for 127.0.0.1
        trusted = files.ca
        if not is_signed:
            trusted = ensure_authority(tmp_path / "other", datetime.now(UTC))
        with Kamailio(tmp_path, certificate=files.certificate, key=files.key) as kamailio:
            address = f"{host}:{kamailio.tls_port}"
            way = gateway(address, "tls", ca_file=str(trusted))
            line.send(Register(epoch=1, gateway=way))
            assert wait_for(lambda: line.first(RegistrationChanged) is not None)
            news = line.first(RegistrationChanged)
            assert news is not None
            assert not news.is_registered
            assert "not trusted" in news.sentence
            assert word in news.sentence.lower()
            line.send(order("", message_wav, gateway=way))
            ended = line.ended()
            assert kamailio.seen("INVITE") == []
        assert (ended.status, ended.ended_by) == (503, "network"), ended
        trouble = line.first(EngineTrouble)
        assert trouble is not None
        assert word in trouble.sentence.lower()
