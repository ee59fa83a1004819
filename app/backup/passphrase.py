"""The passphrase of a floor's backups: made at random, in the keyring, shown to be written down."""

from __future__ import annotations

import re
import secrets as random_source
from typing import Final

from app.errors import KnownError
from app.secrets import Secrets

SECRET: Final = "backup-passphrase"
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none looks like another
_GROUPS, _LENGTH = 5, 5
_OURS: Final = re.compile(rf"[{_LETTERS}]{{{_GROUPS * _LENGTH}}}")
AT_LEAST: Final = 8


def make_passphrase() -> str:
    """125 random bits in five groups of five letters and figures."""
    groups = (
        "".join(random_source.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def cleaned(typed: str) -> str:
    """As it is used: one of ours may be typed in small letters, without dashes, O for 0."""
    plain = re.sub(r"[\s-]+", "", typed).upper()
    plain = plain.replace("O", "0").replace("I", "1").replace("L", "1")
    if _OURS.fullmatch(plain):
        return "-".join(plain[at : at + _LENGTH] for at in range(0, len(plain), _LENGTH))
    return typed.strip()


def chosen(typed: str) -> str:
    """A person's own; KnownError where it is too short to protect anything."""
    found = cleaned(typed)
    if len(found) < AT_LEAST:
        raise KnownError(f"A passphrase has {AT_LEAST} characters or more: take a few words.")
    return found


def kept_passphrase(secrets: Secrets) -> str:
    """The floor's own, made the first time; KnownError where there is no keyring to keep it."""
    found = secrets.get(SECRET)
    if found is None:
        found = make_passphrase()
        secrets.set(SECRET, found)
    return found
