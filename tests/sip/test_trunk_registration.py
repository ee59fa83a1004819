"""A line registers at kamailio, renews, and says in words why it is not let in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sip.line.registration import registration_sentence
from sip.messages import Gateway, Refused, Register, RegistrationChanged, Unregister
from tests.ports import free_port
from tests.sip.kamailio_kit import PASSWORD, REALM, USER, Kamailio, field
from tests.sip.line_kit import LineProcess
from tests.sip.practice_kit import wait_for

pytestmark = pytest.mark.sip


@pytest.fixture
def line(tmp_path: Path) -> Iterator[LineProcess]:
    process = LineProcess(tmp_path)
    yield process
    process.close()


def provider(
    address: str, transport: str = "udp", *, name: str = "provider", password: str = PASSWORD
) -> Gateway:
    return Gateway(
        name=name,
        uri_template=f"sip:{{number}}@{address};transport={transport}",
        username=USER,
        password=password,
        from_domain=REALM,
    )


def told(line: LineProcess) -> list[RegistrationChanged]:
    return [message for message in line.said if isinstance(message, RegistrationChanged)]


def last_told(line: LineProcess, count: int = 1, timeout_s: float = 8.0) -> RegistrationChanged:
    assert wait_for(lambda: len(told(line)) >= count, timeout_s), line.log_file.read_text()[-2000:]
    return told(line)[count - 1]


class TestLetIn:
    @pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
    @pytest.mark.parametrize("transport", ["udp", "tcp"])
    def test_with_the_right_password_and_renewed_until_taken_back(
        self, line: LineProcess, tmp_path: Path, algorithm: str, transport: str
    ) -> None:
        with Kamailio(tmp_path, algorithm=algorithm) as kamailio:
            line.send(
                Register(epoch=1, gateway=provider(kamailio.address, transport), expires_s=4.0)
            )
            news = last_told(line)
            assert (news.is_registered, news.status, news.sentence) == (True, 200, "")
            # A challenge, the answer, and at least two renewals.
            assert wait_for(lambda: len(kamailio.seen("REGISTER")) >= 4, 12.0)
            assert len(told(line)) == 1, "a renewal is no news"
            asked = kamailio.seen("REGISTER")
            assert {field(one, "expires") for one in asked} == {"4"}
            assert all(one.startswith(f"REGISTER {transport} ") for one in asked)
            assert field(asked[0], "from") == f"sip:{USER}@{REALM}"
            assert f"algorithm={algorithm}" in field(asked[1], "authorization").replace('"', "")
            line.send(Unregister(epoch=1, gateway="provider"))
            news = last_told(line, 2)
            assert (news.is_registered, news.status) == (False, 200)
            assert field(kamailio.seen("REGISTER")[-1], "expires") == "0"
        assert PASSWORD not in line.log_file.read_text()

    def test_two_gateways_side_by_side(self, line: LineProcess, tmp_path: Path) -> None:
        with Kamailio(tmp_path) as one, Kamailio(tmp_path, algorithm="SHA-256") as other:
            line.send(Register(epoch=1, gateway=provider(one.address, name="one")))
            line.send(Register(epoch=1, gateway=provider(other.address, name="other")))
            last_told(line, 2)
            assert {news.gateway: news.is_registered for news in told(line)} == {
                "one": True,
                "other": True,
            }
            line.send(Unregister(epoch=1, gateway="one"))
            assert last_told(line, 3).gateway == "one"
            assert wait_for(lambda: field(one.seen("REGISTER")[-1], "expires") == "0")
            assert field(other.seen("REGISTER")[-1], "expires") == "300"

    def test_a_password_that_was_mended(self, line: LineProcess, tmp_path: Path) -> None:
        with Kamailio(tmp_path) as kamailio:
            wrong = provider(kamailio.address, password="wrong-horse")
            line.send(Register(epoch=1, gateway=wrong))
            assert not last_told(line).is_registered
            line.send(Register(epoch=1, gateway=provider(kamailio.address)))
            assert wait_for(lambda: told(line)[-1].is_registered), told(line)

    def test_it_is_taken_back_when_the_line_leaves(self, line: LineProcess, tmp_path: Path) -> None:
        with Kamailio(tmp_path) as kamailio:
            line.send(Register(epoch=1, gateway=provider(kamailio.address)))
            assert last_told(line).is_registered
            line.close()
            assert wait_for(lambda: field(kamailio.seen("REGISTER")[-1], "expires") == "0")


class TestRefused:
    def test_a_wrong_password(self, line: LineProcess, tmp_path: Path) -> None:
        with Kamailio(tmp_path) as kamailio:
            line.send(Register(epoch=1, gateway=provider(kamailio.address, password="wrong-horse")))
            news = last_told(line)
            assert (news.is_registered, news.status) == (False, 401)
            assert "password" in news.sentence
            # Providers lock out who tries again and again.
            assert len(kamailio.seen("REGISTER")) <= 3
        assert "wrong-horse" not in line.log_file.read_text()

    @pytest.mark.parametrize(
        ("script", "status", "word"),
        [
            ('sl_send_reply("403", "Forbidden"); exit;', 403, "allowed"),
            ('sl_send_reply("404", "Not Found"); exit;', 404, "user name"),
            ('sl_send_reply("503", "Service Unavailable"); exit;', 503, "overloaded"),
            ('sl_send_reply("423", "Interval Too Brief"); exit;', 423, "longer"),
            ('sl_send_reply("480", "Not now"); exit;', 480, "480 (Not now)"),
        ],
    )
    def test_each_refusal_has_its_sentence(
        self, line: LineProcess, tmp_path: Path, script: str, status: int, word: str
    ) -> None:
        with Kamailio(tmp_path, before_register=script) as kamailio:
            line.send(Register(epoch=1, gateway=provider(kamailio.address)))
            news = last_told(line)
        assert (news.is_registered, news.status) == (False, status)
        assert word in news.sentence
        assert news.sentence.startswith("The gateway provider ")

    def test_a_time_that_is_too_short_is_lengthened_as_asked(
        self, line: LineProcess, tmp_path: Path
    ) -> None:
        script = (
            'if ($hdr(Expires) != "0" && $(hdr(Expires){s.int}) < 60) { '
            'append_to_reply("Min-Expires: 60\\r\\n"); '
            'sl_send_reply("423", "Interval Too Brief"); exit; }'
        )
        with Kamailio(tmp_path, before_register=script) as kamailio:
            line.send(Register(epoch=1, gateway=provider(kamailio.address), expires_s=5.0))
            assert last_told(line).is_registered
            assert field(kamailio.seen("REGISTER")[-1], "expires") == "60"

    def test_nobody_there(self, line: LineProcess) -> None:
        line.send(Register(epoch=1, gateway=provider(f"127.0.0.1:{free_port()}", "tcp")))
        news = last_told(line)
        assert not news.is_registered
        assert news.status in (408, 502, 503)
        assert "cannot be reached" in news.sentence or "does not answer" in news.sentence

    def test_what_cannot_be_asked_for(self, line: LineProcess) -> None:
        nobody = Gateway(name="g", uri_template="sip:{number}@127.0.0.1:9")
        line.send(Register(epoch=1, gateway=nobody))
        line.send(Unregister(epoch=1, gateway="g"))
        assert wait_for(lambda: sum(isinstance(m, Refused) for m in line.said) == 2)
        line.send(Register(epoch=1, gateway=provider("127.0.0.1:9", "carrier-pigeon")))
        news = last_told(line)
        assert (news.is_registered, news.status) == (False, 0)
        assert "udp, tcp or tls" in news.sentence


@pytest.mark.parametrize("status", [200, 401, 403, 404, 407, 408, 423, 500, 503, 603])
def test_sentences_end_and_name_the_gateway(status: int) -> None:
    sentence = registration_sentence("north", status, "Because")
    assert (sentence == "") == (status == 200)
    assert status == 200 or ("north" in sentence and sentence.endswith("."))
