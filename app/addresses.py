"""This PC's own addresses: which there are, and which one others reach it by."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Callable, Sequence

import ifaddr

LOOPBACK = "127.0.0.1"
_FAR = ("192.0.2.1", "2001:db8::1")
"""Nobody's (RFC 5737, RFC 3849): asked only which way a packet would take; none is sent."""


def own_addresses() -> tuple[str, ...]:
    """The addresses of this PC on all its network cards, without loopback and link-local ones."""
    found = []
    for card in ifaddr.get_adapters():
        for one in card.ips:
            text = one.ip if isinstance(one.ip, str) else one.ip[0]
            address = ipaddress.ip_address(text.partition("%")[0])
            if not (address.is_loopback or address.is_link_local):
                found.append(str(address))
    return tuple(dict.fromkeys(found))


def order_addresses(addresses: Sequence[str]) -> tuple[str, ...]:
    """Those that other PCs may reach, the likeliest first; loopback only where there is no other.

    Private IPv4 comes first, then other IPv4, then IPv6; link-local ones are left out.
    """

    def rank(address: str) -> int | None:
        found = ipaddress.ip_address(address)
        if found.is_link_local or found.is_unspecified or found.is_multicast:
            return None
        if found.is_loopback:
            return 9
        if found.version == 6:
            return 3
        return 0 if found.is_private else 1

    ranked = sorted(
        (place, at, address)
        for at, address in enumerate(dict.fromkeys(addresses))
        if (place := rank(address)) is not None
    )
    good = [address for place, _, address in ranked if place < 9]
    return tuple(good or [address for _, _, address in ranked])


def address_towards(host: str) -> str:
    """This PC's address on the way to `host` (an IP address); "" where there is no way there.

    Several network cards are told apart by the system's own routes; nothing is sent.
    """
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        return ""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((host, 9))
        return str(probe.getsockname()[0])
    return ""


def address_for_others(own: Callable[[], Sequence[str]] = own_addresses) -> str:
    """The address that other PCs reach this one by: on the way out, else the likeliest.

    A bridge of virtual machines has a private address as well, but not the way out.
    """
    here = order_addresses(own())
    for far in _FAR:
        out = address_towards(far)
        if out in here:
            return out
    return here[0] if here else LOOPBACK


def looked_up(host: str) -> str:
    """The first address of a name; the name itself where nobody knows it."""
    with contextlib.suppress(OSError, UnicodeError):
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0])
    return host
