"""A seat that was removed keeps its certificate: TLS takes it, and no phone takes its call."""

from __future__ import annotations

import secrets
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.certificates import SeatFiles, ensure_own_seat, open_authority
from sip import sipmessage
from sip.messages import CloseSession, OpenSession, PhoneRang, PhoneStatus
from tests.sip.floor import Client, Floor

pytestmark = pytest.mark.sip
TOKEN = "of-the-session-that-is-open-now"
OLD_TOKEN = "of-the-removed-seats-own-session"


class GuardedPhone:
    """A phone as on a shared floor: TLS both ways, by the floor's authority."""

    def __init__(self, folder: Path) -> None:
        now = datetime.now(UTC)
        authority = open_authority(folder / "ca", "x", now)

        def files(name: str) -> SeatFiles:
            return ensure_own_seat(folder / "ca", name, ["127.0.0.1"], now, lambda: authority)

        own, self.removed = files("front1"), files("removed")
        stranger = open_authority(folder / "other", "x", now)
        self.stranger = ensure_own_seat(
            folder / "other", "thief", ["127.0.0.1"], now, lambda: stranger
        )
        self.floor = Floor(folder)
        words = ("--ca", str(own.ca), "--cert", str(own.certificate), "--key", str(own.key))
        _launched, address = self.floor.start("sip.phone", "phone", "--sound", "none", *words)
        self.client: Client = self.floor.client(address)
        self.client.send(OpenSession(session_id=7, token=TOKEN))
        self.uri = self.client.wait(PhoneStatus, where=lambda s: s.session_id == 7).uri

    def connected(self, files: SeatFiles) -> ssl.SSLSocket:
        """A connection that shows this certificate."""
        context = ssl.create_default_context(cafile=str(self.removed.ca))
        context.check_hostname = False
        context.load_cert_chain(files.certificate, files.key)
        host, _, port = self.uri.partition("@")[2].partition(";")[0].rpartition(":")
        plain = socket.create_connection((host, int(port)), 5)
        return context.wrap_socket(plain)

    def answer(self, files: SeatFiles, token: str, profile: str = "SAVP") -> int:
        """The final status of one INVITE."""
        with self.connected(files) as secured:
            here = "{}:{}".format(*secured.getsockname())
            sdp = (
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio 40000 RTP/{profile} 8\r\na=rtpmap:8 PCMA/8000\r\n"
                "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"
                "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
            )
            lines = (
                f"INVITE {self.uri} SIP/2.0",
                f"Via: SIP/2.0/TLS {here};rport;branch=z9hG4bK{secrets.token_hex(8)}",
                "Max-Forwards: 70",
                f"From: <sip:line@{here}>;tag={secrets.token_hex(4)}",
                f"To: <{self.uri}>",
                f"Call-ID: {secrets.token_hex(8)}",
                "CSeq: 1 INVITE",
                f"Contact: <sip:line@{here};transport=tls>",
                "X-Callfloor-Attempt: a-9",
                f"X-Callfloor-Token: {token}",
                "Content-Type: application/sdp",
                f"Content-Length: {len(sdp)}",
            )
            secured.sendall(("\r\n".join(lines) + "\r\n\r\n" + sdp).encode())
            secured.settimeout(5)
            while True:
                status = sipmessage.response_status(secured.recv(65535).decode())
                assert status is not None
                if status[0] >= 200:
                    return status[0]


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedPhone]:
    made = GuardedPhone(tmp_path_factory.mktemp("p"))
    try:
        yield made
    finally:
        made.floor.close()


@pytest.mark.parametrize("token", ["", OLD_TOKEN, TOKEN[:-1], TOKEN.upper()])
def test_without_the_sessions_token_a_good_certificate_opens_nothing(
    phone: GuardedPhone, token: str
) -> None:
    assert phone.answer(phone.removed, token) == 403
    assert phone.answer(phone.removed, TOKEN, "AVP") == 488, "the token is what is asked for"
    assert not phone.client.all(PhoneRang)


def test_another_authoritys_certificate_is_not_even_heard(phone: GuardedPhone) -> None:
    with pytest.raises((OSError, AssertionError)):
        phone.answer(phone.stranger, TOKEN)
    assert not phone.client.all(PhoneRang)


def test_the_token_of_a_session_that_is_over_opens_nothing(phone: GuardedPhone) -> None:
    phone.client.send(CloseSession())
    phone.client.wait(PhoneStatus, where=lambda s: s.session_id is None and s.last_seq == 0)
    assert phone.answer(phone.removed, TOKEN) == 480
    assert not phone.client.all(PhoneRang)
