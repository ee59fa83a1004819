"""The authority of a floor whose server somebody else runs, kept where all its PCs find it.

Each of them may read and change the whole database, so what they need to trust each other's
telephones lies there too; each signs its own certificates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from dialer_core.clock import Instant
from dialer_core.store import audit, settings
from dialer_core.store.owner import OneThread

CERTIFICATE: Final = "authority"
KEY: Final = "authority_key"


@dataclass(frozen=True, slots=True)
class KeptAuthority:
    """Both as PEM."""

    certificate: bytes
    key: bytes = field(repr=False)


class AuthorityStore(OneThread):
    """Reads it, and keeps the first one that is made."""

    def read(self) -> KeptAuthority | None:
        """The floor's; None where no PC has made one yet."""
        with self._reading() as connection:
            return _read(connection)

    def keep(self, made: KeptAuthority, now: Instant) -> KeptAuthority:
        """The one that stands: this one, or another PC's that was first."""
        with self._writing() as connection:
            kept = _read(connection)
            if kept is not None:
                return kept
            settings.write(connection, CERTIFICATE, made.certificate.decode(), now)
            settings.write(connection, KEY, made.key.decode(), now)
            audit.append(connection, "floor", "authority made", {}, now.utc)
            return made


def _read(connection: Connection) -> KeptAuthority | None:
    certificate, key = settings.read(connection, CERTIFICATE), settings.read(connection, KEY)
    return KeptAuthority(certificate.encode(), key.encode()) if certificate and key else None
