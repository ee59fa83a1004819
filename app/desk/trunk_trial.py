"""Trying a gateway before it is used: does anybody answer there, and does it let us in."""

from __future__ import annotations

import contextlib
import re
import secrets
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.desk.server_lookup import servers_of
from app.phone_link import trunk_address
from app.trunk import (
    GatewayPlace,
    Trunk,
    gateway_of,
    hosts_of,
    nameserver_arguments,
    objection,
    transport_of,
)
from sip import launch, sipmessage
from sip.client import EngineClient
from sip.errors import KnownError
from sip.messages import Gateway, Message, Register, RegistrationChanged, Shutdown
from sip.nameservers import has_servers_to_look_up, nameservers

ANSWER_S = 4.0
"""How long an OPTIONS is waited for; over UDP it is sent again in between."""
REGISTER_S = 12.0
_RESEND_S = 0.5
_EXPIRES_S = 60.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it, as a sentence for the person who asked.

    `status`: the SIP answer to a REGISTER; 0 where none was sent or answered.
    """

    sentence: str
    is_good: bool
    status: int = 0


def try_gateway(
    place: GatewayPlace, password: str, folder: Path, servers: Sequence[str] | None = None
) -> Trial:
    """Register there for a moment, or ask OPTIONS where one does not register.

    Waits up to 16 s: call it off the GUI thread. `folder` (short, ours) holds the trial's socket
    and log. `servers`: the name servers to ask for a domain's servers, else the system's.
    """
    known = nameservers() if servers is None else servers
    fault = objection(place)
    if fault:
        return Trial(fault, False)
    if place.registers:
        return _register(gateway_of(place, password), folder, line_words(place, known))
    trial = _ask_options(place, known)
    if trial.is_good and place.username:
        return Trial(f"{trial.sentence} The password is tried with the first call.", True)
    return trial


def line_words(place: GatewayPlace, servers: Sequence[str]) -> tuple[str, ...]:
    """With what a line reaches this gateway: this PC's address on the way, and name servers."""
    way = ("--trunk-bind", trunk_address(hosts_of(place)))
    return (*way, *nameserver_arguments(Trunk(gateways=(place,)), servers))


def _register(gateway: Gateway, folder: Path, words: Sequence[str]) -> Trial:
    """By a line of its own, so that it is done as in earnest."""
    name = f"trial-{secrets.token_hex(3)}"
    address, log_file = str(folder / f"{name}.sock"), folder / f"{name}.log"
    try:
        news = _news_of(gateway, name, address, log_file, words)
    except KnownError as error:
        return Trial(error.sentence, False)
    finally:
        log_file.unlink(missing_ok=True)
        Path(address).unlink(missing_ok=True)
    if news is None:
        return Trial(
            f"The gateway {gateway.name} does not answer: look at its address, its transport and "
            "the firewall.",
            False,
        )
    if news.is_registered:
        sentence = f"The gateway {gateway.name} let us in: user name and password are right."
        return Trial(sentence, True, news.status)
    return Trial(news.sentence, False, news.status)


def _news_of(
    gateway: Gateway, name: str, address: str, log_file: Path, words: Sequence[str]
) -> RegistrationChanged | None:
    """What a fresh line is told at the gateway; None where nothing comes. Raises KnownError."""
    said: list[RegistrationChanged] = []
    has_news = threading.Event()

    def hear(message: Message) -> None:
        if isinstance(message, RegistrationChanged):
            said.append(message)
            has_news.set()

    line = launch.start("sip.line", ["--id", name, "--socket", address, *words], log_file)
    try:
        launch.wait_until_ready(line, address)
        client = EngineClient(address, hear, epoch=1)
        client.send(Register(epoch=1, gateway=gateway, expires_s=_EXPIRES_S))
        has_news.wait(REGISTER_S)
        client.send(Shutdown())
        line.wait(3.0)
        client.close()
    finally:
        if line.is_alive():
            line.kill()
            line.wait(2.0)
    return said[0] if said else None


def _ask_options(place: GatewayPlace, servers: Sequence[str]) -> Trial:
    uri = place.outbound_proxy or place.uri
    transport = transport_of(uri)
    found = re.search(r"sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;>]+)(?::(\d+))?", uri)
    if found is None:
        return Trial(f"The gateway {place.name} has no address that can be asked: mend it.", False)
    host = found[1].strip("[]")
    port = int(found[2] or (5061 if transport == "tls" else 5060))
    named = servers_of(host, transport, servers) if has_servers_to_look_up(uri) else ()
    trial = Trial("", False)
    for address, its_port in named or ((host, port),):
        trial = _ask_server(place, host, address, its_port, transport)
        if trial.is_good:
            break
    return trial


def _ask_server(place: GatewayPlace, host: str, address: str, port: int, transport: str) -> Trial:
    """Ask one server of `host`, which is the name that its certificate has to be for."""
    silent = (
        f"Nobody answers at {host} port {port} over {transport.upper()}: look at the address, the "
        "transport and the firewall, and tell the provider this office's address."
    )
    try:
        answer = _exchange(host, address, port, transport, place)
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message.rstrip(".")
        return Trial(
            f"The certificate of {host} is not trusted ({reason}): check the server's name, or "
            "give the file of those who sign its certificate.",
            False,
        )
    except (ssl.SSLError, ConnectionResetError):
        return Trial(f"{host} port {port} does not speak TLS: choose another transport.", False)
    except socket.gaierror:
        return Trial(f"There is no server called {host}: look at the name.", False)
    except OSError:
        return Trial(silent, False)
    status = sipmessage.response_status(answer)
    if status is None:
        return Trial(f"{host} port {port} answers, but it does not speak SIP: look at it.", False)
    if status[0] == 403:
        return Trial(
            f"{host} answers but refuses us (403): tell the provider this office's address.", False
        )
    return Trial(f"{host} answers over {transport.upper()}.", True)


def _exchange(host: str, address: str, port: int, transport: str, place: GatewayPlace) -> str:
    """Send OPTIONS and return what comes back. Raises OSError where nothing does."""
    family, kind, _proto, _name, where = socket.getaddrinfo(
        address, port, type=socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    )[0]
    with contextlib.ExitStack() as opened:
        plain = opened.enter_context(socket.socket(family, kind))
        plain.settimeout(ANSWER_S if transport != "udp" else _RESEND_S)
        plain.connect(where)
        sock = plain
        if transport == "tls":
            context = ssl.create_default_context(cafile=place.ca_file or None)
            sock = opened.enter_context(context.wrap_socket(plain, server_hostname=host))
        request = _options(sock, transport, place)
        if transport != "udp":
            sock.sendall(request)
            return sock.recv(65535).decode(errors="replace")
        for _turn in range(round(ANSWER_S / _RESEND_S)):
            sock.send(request)
            with contextlib.suppress(TimeoutError):
                return sock.recv(65535).decode(errors="replace")
    raise TimeoutError


def _options(sock: socket.socket, transport: str, place: GatewayPlace) -> bytes:
    host, port = sock.getsockname()[:2]
    here = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    target = re.sub(r"^sips?:[^@]*@", "sip:", place.uri)
    lines = (
        f"OPTIONS {target} SIP/2.0",
        f"Via: SIP/2.0/{transport.upper()} {here};rport;branch=z9hG4bK{secrets.token_hex(8)}",
        "Max-Forwards: 70",
        f"From: <sip:callfloor@{here}>;tag={secrets.token_hex(4)}",
        f"To: <{target}>",
        f"Call-ID: {secrets.token_hex(8)}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:callfloor@{here};transport={transport}>",
        "Accept: application/sdp",
        "Content-Length: 0",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def password_name(gateway: str) -> str:
    """Where the keyring keeps a gateway's password."""
    return f"trunk/{gateway}"
