"""A look at the floor's certificate before anything is said: is it the floor of the code?"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from app.certificates import fingerprint
from app.errors import KnownError

KNOCK_S = 3.0
_SSL_REQUEST = struct.pack(">ii", 8, 80877103)  # PostgreSQL: shall we speak TLS?


class AnotherFloor(KnownError):
    """Who answers does not show the certificate that was asked for."""


class WrongTime(KnownError):
    """The floor's certificate does not hold at this PC's time."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where the floor answered, its authority's certificate (PEM), and how long its own holds."""

    address: str
    port: int
    authority: bytes
    until: datetime


class _Chain(Protocol):
    def get_unverified_chain(self) -> list[_Certificate]: ...


class _Certificate(Protocol):
    def public_bytes(self, form: int) -> bytes: ...


_DER = 2  # what _ssl calls ENCODING_DER


def knock(
    addresses: Sequence[str], port: int, pinned: bytes, now: datetime, timeout_s: float = KNOCK_S
) -> Door:
    """The first of `addresses` at which the floor of this fingerprint answers.

    `pinned`: the first bytes of the authority's SHA-256. `now`: this PC's clock, aware UTC.
    KnownError, each with its own sentence: nobody answers; another floor answers; this PC's clock
    is outside of the certificate's time.
    """
    strangers = 0
    for address in addresses:
        try:
            chain = _chain(address, port, timeout_s)
        except OSError:
            continue
        authority = next((one for one in chain[1:] if fingerprint(one).startswith(pinned)), None)
        if authority is None or not _is_issued(chain[0], authority):
            strangers += 1
            continue
        _refuse_clock(chain[0], now)
        until = chain[0].not_valid_after_utc
        return Door(address, port, authority.public_bytes(Encoding.PEM), until)
    if strangers:
        raise AnotherFloor(
            "Another floor answers at the address in this code, or somebody stands in between: "
            "nothing was told to it. Ask the supervisor for a new code."
        )
    places = " or ".join(addresses) or "its address"
    raise KnownError(
        f"The floor does not answer at {places}, port {port}: see that the supervisor's PC is on, "
        "that both PCs are on the same network, and that its firewall lets port "
        f"{port} in."
    )


def _chain(address: str, port: int, timeout_s: float) -> list[x509.Certificate]:
    """The certificates that a PostgreSQL server shows, its own first; OSError where none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the fingerprint is what is asked for
    with socket.create_connection((address, port), timeout_s) as plain:
        plain.sendall(_SSL_REQUEST)
        if plain.recv(1) != b"S":
            raise ConnectionError("no TLS")
        with context.wrap_socket(plain) as secured:
            inner = cast(_Chain, getattr(secured, "_sslobj", None))  # public from Python 3.13 on
            shown = [one.public_bytes(_DER) for one in inner.get_unverified_chain()]
    try:
        return [x509.load_der_x509_certificate(one) for one in shown]
    except ValueError as error:
        raise ConnectionError("no certificate") from error


def _is_issued(leaf: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _refuse_clock(leaf: x509.Certificate, now: datetime) -> None:
    if leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        return
    raise WrongTime(
        f"This PC's clock says {now:%d %B %Y, %H:%M} UTC, at which the floor's certificate does "
        "not hold: set the clock right and join again."
    )
