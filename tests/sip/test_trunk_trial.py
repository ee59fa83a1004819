"""A gateway is tried before it is used: against kamailio, silence, and servers of other kinds."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.certificates import ensure_authority, ensure_seat
from app.desk.trunk_trial import try_gateway
from app.trunk import GatewayPlace
from tests.ports import free_port
from tests.sip.kamailio_kit import PASSWORD, REALM, USER, Kamailio
from tests.sip.practice_kit import wait_for
from tests.sip.test_trunk_servers import DOMAIN, Zone

pytestmark = pytest.mark.sip


def place(address: str, transport: str = "udp", **changes: object) -> GatewayPlace:
    known: dict[str, object] = {"name": "provider", "from_domain": REALM, **changes}
    uri = f"sip:{{number}}@{address};transport={transport}"
    return GatewayPlace(uri=uri, **known)  # type: ignore[arg-type]


@contextmanager
def answering(words: bytes) -> Iterator[str]:
    """A server that says these words to whoever connects over TCP."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            sock, _from = server.accept()
            with sock:
                sock.recv(4096)
                sock.sendall(words)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(5.0)


@pytest.mark.parametrize(("password", "is_good"), [(PASSWORD, True), ("wrong-horse", False)])
def test_registering(tmp_path: Path, password: str, is_good: bool) -> None:
    with Kamailio(tmp_path) as kamailio:
        wanted = place(kamailio.address, "tcp", username=USER, registers=True)
        trial = try_gateway(wanted, password, tmp_path)
        assert trial.is_good == is_good, trial
        assert ("let us in" in trial.sentence) == is_good
        assert is_good or "password" in trial.sentence
    assert list(tmp_path.glob("trial-*")) == [], "nothing of it is left"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_asking_options(tmp_path: Path, transport: str) -> None:
    with Kamailio(tmp_path) as kamailio:
        trial = try_gateway(place(kamailio.address, transport), "", tmp_path)
        assert trial.is_good, trial
        assert trial.sentence == f"127.0.0.1 answers over {transport.upper()}."
        assert kamailio.seen("OPTIONS")[0].startswith(f"OPTIONS {transport} ")
        with_name = try_gateway(place(kamailio.address, username=USER), "x", tmp_path)
        assert "first call" in with_name.sentence


def test_asking_through_a_proxy(tmp_path: Path) -> None:
    with Kamailio(tmp_path) as kamailio:
        wanted = place(REALM, outbound_proxy=f"sip:{kamailio.address};transport=tcp")
        assert try_gateway(wanted, "", tmp_path).is_good
        assert f"OPTIONS tcp sip:{REALM}" in kamailio.seen("OPTIONS")[0]


def test_over_tls_the_certificate_is_looked_at(tmp_path: Path) -> None:
    files = ensure_seat(tmp_path / "tls", "provider", [], datetime.now(UTC))
    other = ensure_authority(tmp_path / "other", datetime.now(UTC))
    with Kamailio(tmp_path, certificate=files.certificate, key=files.key) as kamailio:
        address = kamailio.tls_address
        good = try_gateway(place(address, "tls", ca_file=str(files.ca)), "", tmp_path)
        assert good.sentence == "127.0.0.1 answers over TLS."
        unknown = try_gateway(place(address, "tls", ca_file=str(other)), "", tmp_path)
        assert not unknown.is_good
        assert "not trusted" in unknown.sentence
        wrong = address.replace("127.0.0.1", "localhost")
        named = try_gateway(place(wrong, "tls", ca_file=str(files.ca)), "", tmp_path)
        assert "not trusted" in named.sentence
        plain = try_gateway(place(kamailio.address, "tls", ca_file=str(files.ca)), "", tmp_path)
        assert not plain.is_good


def test_a_refusal_and_another_server(tmp_path: Path) -> None:
    with answering(b"SIP/2.0 403 Forbidden\r\n\r\n") as address:
        assert "this office's address" in try_gateway(place(address, "tcp"), "", tmp_path).sentence
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
        assert "does not speak SIP" in try_gateway(place(address, "tcp"), "", tmp_path).sentence


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_nobody_there(tmp_path: Path, transport: str) -> None:
    trial = try_gateway(place(f"127.0.0.1:{free_port()}", transport), "", tmp_path)
    assert not trial.is_good
    assert f"over {transport.upper()}" in trial.sentence


def test_what_cannot_be_asked_is_said_at_once(tmp_path: Path) -> None:
    assert "channel" in try_gateway(place("127.0.0.1", channels=0), "", tmp_path).sentence
    unknown = try_gateway(place("nowhere.invalid", "tcp"), "", tmp_path)
    assert "no server called nowhere.invalid" in unknown.sentence


@contextmanager
def zone(folder: Path, *servers: tuple[str, int, int]) -> Iterator[Zone]:
    made = Zone(folder, list(servers))
    try:
        assert wait_for(made.has_started), made.log
        yield made
    finally:
        made.close()


def test_a_domain_with_servers_alone_is_asked_at_the_first_that_answers(tmp_path: Path) -> None:
    with Kamailio(tmp_path) as kamailio:
        port = int(kamailio.address.rpartition(":")[2])
        servers = (("_sip._tcp", free_port(), 1), ("_sip._tcp", port, 2))
        with zone(tmp_path, *servers) as dns:
            trial = try_gateway(place(DOMAIN, "tcp"), "", tmp_path, (dns.address,))
            assert trial.sentence == f"{DOMAIN} answers over TCP."
        with zone(tmp_path, ("_sip._udp", port, 1)) as dns:
            wanted = place(DOMAIN, "udp", username=USER, registers=True)
            assert "let us in" in try_gateway(wanted, PASSWORD, tmp_path, (dns.address,)).sentence


def test_a_domain_that_nobody_knows(tmp_path: Path) -> None:
    with zone(tmp_path) as dns:
        trial = try_gateway(place(DOMAIN, "tcp"), "", tmp_path, (dns.address,))
    assert trial.sentence == f"There is no server called {DOMAIN}: look at the name."
