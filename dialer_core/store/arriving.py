"""Recordings that come home late from a PC of lines: whether there is still a reason to keep them.

While that PC was away the person may have been erased, or the recording's time may have run out.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum, auto
from typing import Final

from sqlalchemy import bindparam, select

from dialer_core.clock import Instant
from dialer_core.store import audit
from dialer_core.store.owner import OneThread
from dialer_core.store.person import ERASED
from dialer_core.store.retention import recording_days
from dialer_core.store.schema import AttemptRow, ContactRow, RecordingRow

WHO: Final = "dialler"
_CALL = (
    select(
        AttemptRow.campaign_id,
        AttemptRow.committed_at,
        ContactRow.status_reason,
        RecordingRow.id.label("entry"),
    )
    .outerjoin(ContactRow, ContactRow.id == AttemptRow.contact_id)
    .outerjoin(RecordingRow, RecordingRow.attempt_id == AttemptRow.id)
    .where(AttemptRow.id == bindparam("attempt"))
)


class Arrival(Enum):
    """What is to become of a recording that lies on another PC."""

    WANTED = auto()  # it stands on the record
    OVER = auto()  # nobody may keep it: its person was erased, or its time is over
    EARLY = auto()  # its line has not told of it yet
    UNKNOWN = auto()  # of no call of this floor


class ArrivalStore(OneThread):
    """Asked before a recording comes home, and once more when it has come."""

    def look(self, attempt_id: str, now: Instant) -> Arrival:
        """What is to become of the recording of this call."""
        with self._reading() as connection:
            row = connection.execute(_CALL, {"attempt": attempt_id}).first()
            if row is None:
                return Arrival.UNKNOWN
            if row.status_reason == ERASED:
                return Arrival.OVER
            if row.entry is not None:
                return Arrival.WANTED
            days = recording_days(connection, row.campaign_id)
        is_over = row.committed_at < now.utc - timedelta(days=days)
        return Arrival.OVER if is_over else Arrival.EARLY

    def note_deleted(self, attempt_id: str, pc: str, now: Instant) -> None:
        """For the log: a recording was deleted that had lain on that PC of lines."""
        with self._writing() as connection:
            detail: dict[str, object] = {"attempt": attempt_id, "pc": pc}
            audit.append(connection, WHO, "late recording deleted", detail, now.utc)
