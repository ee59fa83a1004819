"""Where a webhook may go: a public address over TLS, or a private one that somebody has allowed.

A webhook is set at the supervisor's PC alone, never by a token. Still its name is looked up anew
each time and could point elsewhere one day: at a router's page, or at a cloud machine's own data.
So a private address is allowed for each webhook by itself, link-local ones never are, redirects
are not followed, and the connection goes to the address that was judged.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from app.errors import KnownError

LONGEST = 500

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_url(url: str, *, is_private: bool) -> None:
    """KnownError for what is no address of a webhook."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise KnownError("That is no web address; write it as https://crm.example/calls.") from None
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not is_plain:
        raise KnownError("That is no web address; write it as https://crm.example/calls.")
    if parts.username or parts.password or parts.fragment:
        raise KnownError("A webhook's address has no password and no #; what is sent is signed.")
    if parts.scheme == "http" and not is_private:
        raise KnownError("A webhook goes over https; http is for your own network only.")
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return
    refusal = why_not(address, is_private=is_private, is_plain=parts.scheme == "http")
    if refusal:
        raise KnownError(refusal)


def why_not(address: _Address, *, is_private: bool, is_plain: bool) -> str:
    """Why nothing is sent there; empty: it may be."""
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return "The webhook's address is none of a program's; use the one of its server."
    if not address.is_global and not is_private:
        return "The webhook's address is in a private network; allow that for this program."
    if address.is_global and is_plain:
        return "The webhook's address is public, so it must begin with https."
    return ""


async def resolve(url: str, *, is_private: bool) -> str:
    """The address to connect to; KnownError where there is none that is allowed."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise KnownError("The webhook's server is not found by its name.") from None
    judged = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    reasons = [
        why_not(one, is_private=is_private, is_plain=parts.scheme == "http") for one in judged
    ]
    refused = next((reason for reason in reasons if reason), "")
    if refused or not judged:
        raise KnownError(refused or "The webhook's server has no address.")
    return str(judged[0])
