"""The log that nobody can rewrite unseen: each entry holds the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select

from dialer_core.store import rights
from dialer_core.store.schema import AuditRow

FIRST: Final = bytes(32)

_LAST = select(AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
_ALL = select(AuditRow.__table__).order_by(AuditRow.id)
_INSERT = insert(AuditRow)


def append(
    connection: Connection, who: str, what: str, detail: dict[str, object], at: datetime
) -> None:
    """One entry, in the caller's writing transaction (which no other can interleave)."""
    if rights.is_seat(connection):  # it may neither read the log nor say who it is
        rights.append_audit(connection, what, detail, at)
        return
    previous = connection.scalar(_LAST) or FIRST
    connection.execute(
        _INSERT,
        {
            "at": at,
            "who": who,
            "what": what,
            "detail": detail,
            "previous_hash": previous,
            "hash": entry_hash(previous, who, what, detail, at),
        },
    )


def entry_hash(
    previous: bytes, who: str, what: str, detail: dict[str, object], at: datetime
) -> bytes:
    """SHA-256 over the hash before and the entry as canonical JSON."""
    body = json.dumps([at.isoformat(), who, what, detail], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(previous + body.encode()).digest()


def first_broken(connection: Connection) -> int | None:
    """The id of the first entry that does not fit the one before, or None: the log is whole."""
    previous = FIRST
    for row in connection.execute(_ALL):
        expected = entry_hash(previous, row.who, row.what, row.detail, row.at)
        if row.previous_hash != previous or row.hash != expected:
            return int(row.id)
        previous = row.hash
    return None
