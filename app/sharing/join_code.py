"""The join code: where the floor is, how it is known, and a secret that opens it once.

Short enough to be typed (Crockford's base 32, no I, L, O or U; case and dashes do not matter) and
checked before anything is asked of the network. Layout, big-endian:

    1 byte    version (high 4 bits), whether the port is near (1 bit), how many addresses (3 bits)
    addresses 1 byte kind each (192.168.x.y: 2 bytes more; 10.x.y.z: 3; IPv4: 4; IPv6: 16)
    2 bytes   port, or 1 byte: how far it is from 54170
    8 bytes   first bytes of SHA-256 of the floor's authority certificate
    5 bytes   secret
    2 bytes   check: CRC-16 of all before
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import segno

from app.addresses import order_addresses
from app.errors import KnownError

VERSION = 1
FINGERPRINT_BYTES = 8
SECRET_BYTES = 5
MAX_ADDRESSES = 4
GROUP = 4
NEAR = 54170
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RFC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_CROCKFORD = str.maketrans(_RFC, _CROCKFORD)
_FROM_CROCKFORD = str.maketrans(_CROCKFORD, _RFC)
_MISREAD = str.maketrans("OIL", "011")
_HOME, _TEN, _V4, _V6 = range(4)
_LENGTHS = {_HOME: 2, _TEN: 3, _V4: 4, _V6: 16}
_PREFIXES = {_HOME: bytes((192, 168)), _TEN: bytes((10,)), _V4: b"", _V6: b""}


@dataclass(frozen=True, slots=True)
class JoinCode:
    """What a join code says. `fingerprint`: the first 8 bytes; the secret shows in no repr."""

    addresses: tuple[str, ...]
    port: int
    fingerprint: bytes
    secret: str

    def __repr__(self) -> str:
        return f"JoinCode({self.addresses!r}, {self.port}, {self.fingerprint.hex()})"


def make_secret() -> str:
    """A one-time secret: 40 random bits as 10 hexadecimal digits."""
    return secrets.token_hex(SECRET_BYTES)


def write_code(code: JoinCode) -> str:
    """The code in groups of four, as it is shown and typed."""
    addresses = code.addresses[:MAX_ADDRESSES]
    is_near = NEAR <= code.port < NEAR + 256
    body = bytes((VERSION << 4 | is_near << 3 | len(addresses),))
    body += b"".join(_pack(address) for address in addresses)
    body += bytes((code.port - NEAR,)) if is_near else struct.pack(">H", code.port)
    body += code.fingerprint[:FINGERPRINT_BYTES]
    body += bytes.fromhex(code.secret)
    body += struct.pack(">H", binascii.crc_hqx(body, 0xFFFF))
    typed = base64.b32encode(body).decode().rstrip("=").translate(_TO_CROCKFORD)
    return "-".join(typed[at : at + GROUP] for at in range(0, len(typed), GROUP))


def read_code(text: str) -> JoinCode:
    """The code as it was typed, or read from a QR picture; KnownError where it cannot be one."""
    typed = "".join(text.upper().split()).replace("-", "").removeprefix("CALLFLOOR:")
    typed = typed.translate(_MISREAD)
    if not typed or any(letter not in _CROCKFORD for letter in typed):
        raise _mistyped()
    plain = typed.translate(_FROM_CROCKFORD)
    try:
        body = base64.b32decode(plain + "=" * (-len(plain) % 8))
    except binascii.Error:
        raise _mistyped() from None
    if len(body) < 4 or struct.unpack(">H", body[-2:])[0] != binascii.crc_hqx(body[:-2], 0xFFFF):
        raise _mistyped()
    if body[0] >> 4 != VERSION:
        raise KnownError(
            "This code was made by a newer Callfloor: update this PC's Callfloor and try again."
        )
    reader = BytesIO(body[1:-2])
    addresses = tuple(_unpack(reader) for _ in range(body[0] & 0x07))
    told = reader.read(1 if body[0] & 0x08 else 2)
    rest = reader.read()
    if not addresses or len(rest) != FINGERPRINT_BYTES + SECRET_BYTES:
        raise _mistyped()
    port = int.from_bytes(told, "big") + (NEAR if len(told) == 1 else 0)
    return JoinCode(addresses, port, rest[:FINGERPRINT_BYTES], rest[FINGERPRINT_BYTES:].hex())


def qr_picture(text: str, scale: int = 8) -> bytes:
    """The code as a QR picture (PNG); `scale`: pixels a module."""
    out = BytesIO()
    segno.make("CALLFLOOR:" + text.replace("-", ""), error="m", micro=False).save(
        out, kind="png", scale=scale, border=4
    )
    return out.getvalue()


def code_addresses(addresses: Sequence[str]) -> tuple[str, ...]:
    """Those that a code carries: IPv4 alone where there is any, as IPv6 is long to type."""
    ordered = order_addresses(addresses)
    short = tuple(one for one in ordered if ":" not in one)
    return (short or ordered[:1])[:MAX_ADDRESSES]


def _pack(address: str) -> bytes:
    packed = ipaddress.ip_address(address).packed
    if len(packed) == 16:
        return bytes((_V6,)) + packed
    for kind in (_HOME, _TEN):
        prefix = _PREFIXES[kind]
        if packed.startswith(prefix):
            return bytes((kind,)) + packed[len(prefix) :]
    return bytes((_V4,)) + packed


def _unpack(reader: BytesIO) -> str:
    kind = reader.read(1)
    if not kind or kind[0] not in _LENGTHS:
        raise _mistyped()
    rest = reader.read(_LENGTHS[kind[0]])
    if len(rest) != _LENGTHS[kind[0]]:
        raise _mistyped()
    return str(ipaddress.ip_address(_PREFIXES[kind[0]] + rest))


def _mistyped() -> KnownError:
    return KnownError("This is no join code: compare it with the supervisor's, letter by letter.")
