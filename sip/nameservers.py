"""Whom to ask for a provider's servers: the name servers that this system uses.

A provider that is given as a domain without a port is looked up as RFC 3263 says: by the domain's
SRV records, in their order, and the next server is tried where one cannot be reached. The SIP
library does that only if it is told the name servers; it then looks up all names by them alone,
so names that only this PC knows (its hosts file) are not found any more.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

RESOLVER_FILE = Path("/etc/resolv.conf")
"""Where Linux and macOS keep them; Windows has no such file, and no servers are looked up there."""
LIMIT = 3
_PLAIN_URI = re.compile(r"sips?:(?:[^@\s]*@)?(?P<host>[^:;>?@\s\[\]]+)(?:;|>|\?|$)", re.IGNORECASE)


def has_servers_to_look_up(uri: str) -> bool:
    """Whether this SIP address names a domain, without a port, that may have SRV records."""
    found = _PLAIN_URI.match(uri.strip("<> "))
    if found is None:
        return False
    host = found["host"]
    return "." in host and not host.endswith(".local") and not _is_address(host)


def nameservers(file: Path = RESOLVER_FILE) -> tuple[str, ...]:
    """The addresses of the system's name servers, best first; () where it does not tell them."""
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError:
        return ()
    named = [line.split()[1] for line in lines if re.match(r"nameserver\s+\S", line)]
    return tuple(one for one in named if _is_address(one))[:LIMIT]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
