"""A provider's servers by its domain's SRV records (RFC 3263), for a trial outside of a line."""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import Sequence

from zeroconf._dns import DNSAddress, DNSQuestion, DNSRecord, DNSService
from zeroconf._protocol.incoming import DNSIncoming
from zeroconf._protocol.outgoing import DNSOutgoing

LOOKUP_S = 1.0
TRIES = 2
_SERVICES = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}
_A, _AAAA, _SRV, _IN = 1, 28, 33, 1
_RECURSE = 0x0100


def servers_of(
    domain: str, transport: str, nameservers: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    """(address or name, port) in the order in which they are to be tried; () where none is named.

    `transport`: udp, tcp or tls. Asks `nameservers` in turn and waits a few seconds for each.
    """
    for nameserver in nameservers:
        found = _ask(f"{_SERVICES[transport]}.{domain}", _SRV, nameserver)
        servers = [record for record in found if isinstance(record, DNSService)]
        servers.sort(key=lambda record: (record.priority, -record.weight))
        if servers:
            return tuple((_address_of(one.server, nameserver, found), one.port) for one in servers)
    return ()


def _address_of(name: str, nameserver: str, known: Sequence[DNSRecord]) -> str:
    """What the same name server knows it as; the name where it knows none."""
    for kind in (_A, _AAAA):
        for record in (*known, *_ask(name, kind, nameserver)):
            if isinstance(record, DNSAddress) and record.name.rstrip(".") == name.rstrip("."):
                family = socket.AF_INET if len(record.address) == 4 else socket.AF_INET6
                return socket.inet_ntop(family, record.address)
    return name.rstrip(".")


def _ask(name: str, kind: int, nameserver: str) -> list[DNSRecord]:
    query = DNSOutgoing(_RECURSE, multicast=False, id_=secrets.randbelow(65535) + 1)
    query.add_question(DNSQuestion(name, kind, _IN))
    (packet,) = query.packets()
    family = socket.AF_INET6 if ":" in nameserver else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(LOOKUP_S)
        sock.connect((nameserver, 53))
        for _turn in range(TRIES):
            sock.send(packet)
            with contextlib.suppress(TimeoutError):
                answer = DNSIncoming(sock.recv(65535))
                if answer.valid and answer.id == query.id:
                    return list(answer.answers())
    return []
