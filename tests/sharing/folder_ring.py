"""A keyring for tests: one file a secret, below the folder that CALLFLOOR_TEST_RING names."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class FolderRing(KeyringBackend):
    """What processes that a test starts use in place of the system's keyring."""

    priority = 1.0

    def get_password(self, service: str, username: str) -> str | None:
        path = _path(service, username)
        return path.read_text() if path.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        path = _path(service, username)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(password)

    def delete_password(self, service: str, username: str) -> None:
        try:
            _path(service, username).unlink()
        except FileNotFoundError:
            raise PasswordDeleteError("there is none") from None


def _path(service: str, username: str) -> Path:
    name = hashlib.sha256(f"{service}/{username}".encode()).hexdigest()[:24]
    return Path(os.environ["CALLFLOOR_TEST_RING"], name)
