"""Settings of the whole floor: one text under one name."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select, update

from dialer_core.clock import Instant
from dialer_core.store.schema import SettingRow

BACKUPS = "backups"  # when the last one was made of which the receipts of erasures tell
LAST_GIVEN_UP = "last_import_given_up"  # the highest number of an import that left no trace
LINE_TROUBLES = "line_troubles"  # sentences on registrations and lines, one a line
PHONE_TROUBLE = "phone_trouble:"  # and a seat's name: why its phone cannot be reached
TRUNK_TROUBLE = "trunk_trouble"  # a sentence while the trunk refuses our calls

_READ = select(SettingRow.value).where(SettingRow.key == bindparam("name"))
_WRITE = (
    update(SettingRow)
    .where(SettingRow.key == bindparam("name"))
    .values(value=bindparam("to"), changed_at=bindparam("at"))
)
_INSERT = insert(SettingRow)


def read(connection: Connection, key: str) -> str:
    """The value, empty where it was never set."""
    return connection.scalar(_READ, {"name": key}) or ""


def write(connection: Connection, key: str, value: str, now: Instant) -> None:
    """Set or change one."""
    found = connection.execute(_WRITE, {"name": key, "to": value, "at": now.utc})
    if found.rowcount == 0:
        connection.execute(_INSERT, {"key": key, "value": value, "changed_at": now.utc})
