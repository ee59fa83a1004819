"""Where a floor's database is: a file on this computer, or a server that many share."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from dialer_core.model.errors import KnownError

SCHEMES = ("postgresql", "postgres")
PORT = 5432
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_FILES = ("ca", "certificate", "key")
_WORDS = ("fingerprint", "server_name", "others")


@dataclass(frozen=True, slots=True)
class FloorAddress:
    """A floor's PostgreSQL, as one of its users; nothing that is printed shows the password.

    `ca`: the certificates (PEM) that vouch for the server, None: those of this computer; a server
    on this computer itself (a loopback address, a folder of Unix sockets) needs none.
    `fingerprint`: SHA-256 of the first certificate in `ca`, 64 hex figures; empty: not looked at.
    `certificate`, `key`: with which this computer proves itself, where the server asks for it.
    `server_name`: the name in the server's certificate, where that is not the address's own.
    `others`: more addresses of the same server, tried in turn.
    """

    host: str
    port: int = PORT
    database: str = "callfloor"
    user: str = "callfloor"
    password: str = field(default="", repr=False)
    ca: Path | None = None
    fingerprint: str = ""
    certificate: Path | None = None
    key: Path | None = None
    server_name: str = ""
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.database} on {_bracketed(self.host)}:{self.port}"

    @property
    def is_local(self) -> bool:
        """True where the server can only be this computer."""
        if self.host.startswith("/") or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def url(self) -> str:
        """The whole address but the password; `parse_url` reads it."""
        words = {name: getattr(self, name) for name in (*_FILES, *_WORDS)}
        words["others"] = ",".join(self.others)
        told = {name: str(value) for name, value in words.items() if value}
        host = quote(self.host, safe="") if self.host.startswith("/") else _bracketed(self.host)
        tail = f"?{urlencode(told, quote_via=quote)}" if told else ""
        return (
            f"postgresql://{quote(self.user, safe='')}@{host}:{self.port}"
            f"/{quote(self.database, safe='')}{tail}"
        )


Place: TypeAlias = Path | FloorAddress


def parse_url(url: str, password: str = "") -> FloorAddress:
    """The address in `postgresql://user@host:port/database?ca=FILE&fingerprint=HEX`.

    A password in the URL counts where none is handed in. Raises KnownError, which repeats
    nothing of the URL, for one that cannot be read.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port or PORT
        told = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:
        raise _unreadable("the port or the words after the question mark are wrong") from None
    if parts.scheme not in SCHEMES:
        raise _unreadable("it does not begin with postgresql://")
    if not parts.hostname:
        raise _unreadable("the server's name is missing")
    unknown = sorted(told.keys() - {*_FILES, *_WORDS})
    if unknown:
        raise _unreadable(f"nothing here is called {', '.join(unknown)}")
    fingerprint = told.get("fingerprint", "").lower().replace(":", "")
    if fingerprint and not _FINGERPRINT.fullmatch(fingerprint):
        raise _unreadable("a fingerprint has 64 figures from 0 to f")
    ca, certificate, key = (Path(told[name]) if told.get(name) else None for name in _FILES)
    if fingerprint and ca is None:
        raise _unreadable("a fingerprint needs the certificate that it belongs to (ca=FILE)")
    return FloorAddress(
        host=unquote(parts.hostname),
        port=port,
        database=unquote(parts.path.lstrip("/")) or "callfloor",
        user=unquote(parts.username or "") or "callfloor",
        password=password or unquote(parts.password or ""),
        ca=ca,
        fingerprint=fingerprint,
        certificate=certificate,
        key=key,
        server_name=told.get("server_name", ""),
        others=tuple(one for one in told.get("others", "").split(",") if one),
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _unreadable(why: str) -> KnownError:
    return KnownError(
        f"The database's address cannot be read ({why}); write it as "
        "postgresql://user@server:5432/database."
    )
