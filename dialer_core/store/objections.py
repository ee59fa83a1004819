"""Who has said "never again": the floor's own do-not-call list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from dialer_core.store.schema import ContactNumberRow, SuppressionRow

_NUMBERS_OF = select(ContactNumberRow.number_hash).where(
    ContactNumberRow.contact_id == bindparam("contact")
)
_STANDING = select(SuppressionRow.number_hash).where(
    SuppressionRow.number_hash.in_(bindparam("hashes", expanding=True))
)


def never_again(
    connection: Connection,
    client_id: int | None,
    hashes: Iterable[bytes],
    reason: str,
    at: datetime,
    attempt_id: str | None = None,
) -> int:
    """Suppress numbers for a client, or for the whole office (None); how many were new.

    It holds from this transaction on: the gate asks at every commit of an attempt.
    """
    wanted = sorted(set(hashes))
    of_client = (
        SuppressionRow.client_id.is_(None)
        if client_id is None
        else SuppressionRow.client_id == client_id
    )
    standing = set(connection.scalars(_STANDING.where(of_client), {"hashes": wanted}))
    new = [one for one in wanted if one not in standing]
    if new:
        connection.execute(
            insert(SuppressionRow),
            [
                {
                    "client_id": client_id,
                    "number_hash": one,
                    "reason": reason[:200],
                    "attempt_id": attempt_id,
                    "at": at,
                }
                for one in new
            ],
        )
    return len(new)


def hashes_of(connection: Connection, contact_id: int) -> list[bytes]:
    """The hashes of all numbers of a contact: who objects, objects with every telephone."""
    return list(connection.scalars(_NUMBERS_OF, {"contact": contact_id}))
