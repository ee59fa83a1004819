"""Agents' passwords as scrypt hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets

COST, BLOCK, LANES = 2**14, 8, 1  # 16 MB and some 40 ms


def hash_password(password: str, salt: bytes | None = None) -> str:
    """scrypt with a random salt, written as scrypt$cost$block$lanes$salt$hash."""
    salt = secrets.token_bytes(16) if salt is None else salt
    digest = _digest(password, salt, COST, BLOCK, LANES)
    return f"scrypt${COST}${BLOCK}${LANES}${salt.hex()}${digest.hex()}"


def is_right(password: str, stored: str) -> bool:
    """Whether the password is the one whose hash was stored."""
    kind, cost, block, lanes, salt, digest = stored.split("$")
    if kind != "scrypt":
        return False
    found = _digest(password, bytes.fromhex(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(found, bytes.fromhex(digest))


def digest_for(password: str, salt_words: str) -> str:
    """The hash alone, in hexadecimal; `salt_words`: what was stored up to it, with the salt."""
    _kind, cost, block, lanes, salt = salt_words.split("$")
    return _digest(password, bytes.fromhex(salt), int(cost), int(block), int(lanes)).hex()


def _digest(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=64 * 2**20, dklen=32
    )
