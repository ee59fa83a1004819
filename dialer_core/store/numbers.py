"""Numbers as keyed hashes, so that do-not-call lists hold no numbers."""

from __future__ import annotations

import hashlib
import hmac
import re

from sqlalchemy import Connection, select

from dialer_core.store.schema import SettingRow

NUMBER_KEY = "number_key"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def is_e164(number: str) -> bool:
    """Whether the text has the form of an international number, as +441614960001."""
    return _E164.fullmatch(number) is not None


def number_key(connection: Connection) -> bytes:
    """The floor's key, made when the database was made."""
    value = connection.scalar(select(SettingRow.value).where(SettingRow.key == NUMBER_KEY))
    if value is None:
        raise LookupError("the database has no key for its number hashes")
    return bytes.fromhex(value)


def number_hash(key: bytes, number: str) -> bytes:
    """HMAC-SHA256 of a number in E.164."""
    return hmac.digest(key, number.encode("ascii"), hashlib.sha256)
