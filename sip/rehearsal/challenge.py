"""Digest access for a practice trunk: ask for credentials, check them (RFC 7616, MD5, qop auth)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from typing import Final

from sip import sipmessage

REALM: Final = "rehearsal"
_FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')
_NONCE_LIMIT: Final = 256


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def fields(value: str) -> dict[str, str]:
    """The named parts of a `Digest …` header; empty where it is of another kind."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(rest)}


class Doorkeeper:
    """Lets in who knows the password of `username`. Each challenge is good for one INVITE."""

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._secret = _md5(f"{username}:{REALM}:{password}")
        self._nonces: OrderedDict[str, None] = OrderedDict()

    def challenge(self) -> str:
        """The value of a fresh WWW-Authenticate header."""
        nonce = secrets.token_hex(16)
        self._nonces[nonce] = None
        while len(self._nonces) > _NONCE_LIMIT:
            self._nonces.popitem(last=False)
        return f'Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5, qop="auth"'

    def has_tried(self, invite: str) -> bool:
        """Whether the INVITE carries credentials at all, right or wrong."""
        return bool(sipmessage.header(invite, "Authorization"))

    def lets_in(self, invite: str) -> bool:
        """Whether the INVITE's credentials are right and answer a challenge of ours."""
        given = fields(sipmessage.header(invite, "Authorization"))
        nonce = given.get("nonce", "")
        if given.get("username") != self._username or nonce not in self._nonces:
            return False
        del self._nonces[nonce]
        request = _md5(f"{sipmessage.request_method(invite)}:{given.get('uri', '')}")
        middle = [nonce]
        if given.get("qop"):
            middle += [given.get("nc", ""), given.get("cnonce", ""), given["qop"]]
        expected = _md5(":".join([self._secret, *middle, request]))
        return hmac.compare_digest(expected, given.get("response", ""))
