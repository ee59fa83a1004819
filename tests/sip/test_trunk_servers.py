"""A gateway that is a domain: its servers are looked up at dnsmasq, and tried in their order."""

from __future__ import annotations

import random
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from app.certificates import ensure_seat
from app.trunk import GatewayPlace, Trunk, nameserver_arguments
from sip.messages import CallEnded, Gateway, Register, RegistrationChanged
from sip.nameservers import has_servers_to_look_up, nameservers
from tests import needs
from tests.ports import free_port
from tests.sip.floor import Client, Floor
from tests.sip.kamailio_kit import PASSWORD, USER, Kamailio
from tests.sip.line_kit import first_words, order
from tests.sip.practice_kit import PCMA, Sipp, wait_for

DOMAIN = "provider.test"


class Zone:
    """dnsmasq on a loopback address of its own, at the port that name servers have.

    `servers`: service ("_sip._udp"), port on 127.0.0.1, priority.
    """

    def __init__(self, folder: Path, servers: list[tuple[str, int, int]]) -> None:
        program = needs.program("dnsmasq", "dnsmasq-base")
        self.address = ".".join(["127", *(str(random.randint(2, 250)) for _ in range(3))])
        self._log = folder / "dns.log"
        records = []
        for n, (service, port, priority) in enumerate(servers):
            records.append(f"--srv-host={service}.{DOMAIN},s{n}.{DOMAIN},{port},{priority},0")
            records.append(f"--host-record=s{n}.{DOMAIN},127.0.0.1")
        command = [
            *(program, "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv"),
            *("--no-hosts", "--bind-interfaces", f"--listen-address={self.address}"),
            *("--pid-file=", "--user=", "--log-queries", "--log-facility=-", *records),
        ]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def has_started(self) -> bool:
        return "started" in self.log or self._process.poll() is not None

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def asking(folder: Path, *servers: tuple[str, int, int]) -> Iterator[tuple[Client, Zone]]:
    """A line that asks a zone with these servers."""
    zone, floor = Zone(folder, list(servers)), Floor(folder)
    try:
        assert wait_for(zone.has_started), zone.log
        _launched, address = floor.start("sip.line", "line", "--nameserver", zone.address)
        yield floor.client(address), zone
    finally:
        floor.close()
        zone.close()


def gateway(transport: str, **changes: object) -> Gateway:
    uri = f"sip:{{number}}@{DOMAIN};transport={transport}"
    return msgspec.structs.replace(Gateway(name="provider", uri_template=uri), **changes)


def answering(folder: Path, *arguments: str) -> Sipp:
    words: dict[str, object] = {"RING_MS": 100, "PAYLOADS": PCMA}
    return Sipp(folder, "callee_hears_out", *arguments, words=words)


@pytest.mark.sip
class TestServers:
    def test_the_first_in_order_is_called(self, tmp_path: Path) -> None:
        with answering(tmp_path) as first, answering(tmp_path) as second:
            assert wait_for(first.is_listening)
            assert wait_for(second.is_listening)
            servers = (("_sip._udp", second.port, 20), ("_sip._udp", first.port, 10))
            with asking(tmp_path, *servers) as (line, zone):
                line.send(order("", first_words(tmp_path), gateway=gateway("udp")))
                assert first.status() == 0, first.errors
                assert line.wait(CallEnded).status == 200
                assert f"query[SRV] _sip._udp.{DOMAIN}" in zone.log
            assert f"INVITE sip:+441614960001@{DOMAIN}" in first.messages
            assert not second.messages

    def test_the_next_one_where_the_first_cannot_be_reached(self, tmp_path: Path) -> None:
        with answering(tmp_path, "-t", "t1") as second:
            assert wait_for(lambda: _is_open(second.port))
            servers = (("_sip._tcp", free_port(), 10), ("_sip._tcp", second.port, 20))
            with asking(tmp_path, *servers) as (line, _zone):
                line.send(order("", first_words(tmp_path), gateway=gateway("tcp")))
                assert second.status() == 0, second.errors
                ended = line.wait(CallEnded)
        assert (ended.status, ended.message_played) == (200, True)

    def test_over_tls_the_certificate_is_the_domains(self, tmp_path: Path) -> None:
        files = ensure_seat(tmp_path / "tls", "provider", [DOMAIN], datetime.now(UTC))
        with Kamailio(tmp_path, certificate=files.certificate, key=files.key) as kamailio:
            servers = (("_sips._tcp", free_port(), 1), ("_sips._tcp", kamailio.tls_port, 2))
            with asking(tmp_path, *servers) as (line, _zone):
                way = gateway("tls", ca_file=str(files.ca), username=USER, password=PASSWORD)
                line.send(Register(epoch=1, gateway=way))
                news = line.wait(RegistrationChanged)
            assert news.is_registered, news.sentence
            assert kamailio.seen("REGISTER")[0].startswith(f"REGISTER tls sip:{DOMAIN}")

    def test_a_domain_without_any_is_a_gateway_that_is_not_there(self, tmp_path: Path) -> None:
        with asking(tmp_path) as (line, zone):
            line.send(order("", first_words(tmp_path), gateway=gateway("udp")))
            ended = line.wait(CallEnded)
            assert "query[SRV]" in zone.log
        assert (ended.ended_by, ended.answered_at) == ("network", None)
        assert ended.status >= 500


def _is_open(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    ("uri", "is_looked_up"),
    [
        ("sip:{number}@sip.provider.example", True),
        ("sip:{number}@sip.provider.example;transport=tls", True),
        ("<sip:proxy.provider.example;lr>", True),
        ("sip:{number}@sip.provider.example:5060", False),
        ("sip:{number}@203.0.113.7", False),
        ("sip:{number}@[2001:db8::1]", False),
        ("sip:{number}@pbx", False),
        ("sip:{number}@pbx.local", False),
        ("nonsense", False),
    ],
)
def test_which_addresses_have_servers_to_look_up(uri: str, is_looked_up: bool) -> None:
    assert has_servers_to_look_up(uri) == is_looked_up


def test_the_systems_name_servers(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    assert nameservers(file) == ()
    file.write_text(
        "# made by hand\nsearch example.org\nnameserver 192.0.2.53\n  nameserver\n"
        "nameserver fe80::1%eth0\nnameserver 2001:db8::53\nnameserver no.address\n"
        "options edns0\nnameserver\t192.0.2.54\nnameserver 192.0.2.55\n"
    )
    assert nameservers(file)[0] == "192.0.2.53"
    assert len(nameservers(file)) == 3
    assert "no.address" not in nameservers(file)


def test_lines_are_told_of_them_where_a_gateway_is_a_domain() -> None:
    by_name = GatewayPlace(name="one", uri="sip:{number}@sip.provider.example;transport=udp")
    by_port = GatewayPlace(name="two", uri="sip:{number}@sip.provider.example:5060")
    through = GatewayPlace(
        name="three", uri="sip:{number}@192.0.2.1:5060", outbound_proxy="sip:proxy.example.com"
    )
    servers = ("192.0.2.53", "192.0.2.54")
    found = nameserver_arguments(Trunk(gateways=(by_port, by_name)), servers)
    assert found == ("--nameserver", "192.0.2.53", "--nameserver", "192.0.2.54")
    assert nameserver_arguments(Trunk(gateways=(by_port,)), servers) == ()
    assert nameserver_arguments(Trunk(gateways=(through,)), servers) != ()
    assert nameserver_arguments(Trunk(gateways=(by_name,)), ()) == ()
