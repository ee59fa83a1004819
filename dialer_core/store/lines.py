"""The lines that a dialler has noted, the phones that they call, and what the pacer decided."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from dialer_core.clock import Instant
from dialer_core.engine.commands import NoteDecision
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import LineId
from dialer_core.store.schema import DecisionRow, LineRow, SeatRow, SessionRow

_PHONE = select(SessionRow.phone_uri, SessionRow.token).where(
    SessionRow.id == bindparam("session"), SessionRow.closed_at.is_(None)
)
_PHONES = (
    select(SeatRow.name, SessionRow.phone_uri)
    .join_from(SessionRow, SeatRow, SeatRow.id == SessionRow.seat_id)
    .where(SessionRow.closed_at.is_(None))
    .order_by(SessionRow.id)
)
_LINES = select(LineRow.id, LineRow.address, LineRow.epoch).order_by(LineRow.id)
_DECIDE = insert(DecisionRow)


def phone_address(connection: Connection, session_id: int) -> tuple[str, str]:
    """Where the session's phone is, and its token; KnownError where the session is closed."""
    row = connection.execute(_PHONE, {"session": session_id}).first()
    if row is None:
        raise KnownError("The agent has logged out; the call goes to the next free one.")
    return row.phone_uri, row.token


def phones(connection: Connection) -> list[tuple[str, str]]:
    """Seat and SIP address of each open session's phone."""
    return [(row.name, row.phone_uri) for row in connection.execute(_PHONES)]


def read(connection: Connection) -> list[tuple[LineId, str, int]]:
    """Id, address, the epoch under which it was noted."""
    return [(LineId(row.id), row.address, row.epoch) for row in connection.execute(_LINES)]


def note(connection: Connection, line_id: LineId, address: str, epoch: int, now: Instant) -> None:
    """Remember where a line can be spoken to."""
    values = {"address": address, "epoch": epoch, "changed_at": now.utc}
    changed = connection.execute(update(LineRow).where(LineRow.id == line_id).values(**values))
    if changed.rowcount == 0:
        connection.execute(insert(LineRow), {"id": line_id} | values)


def forget(connection: Connection, line_id: LineId) -> None:
    """A line is gone for good."""
    connection.execute(delete(LineRow).where(LineRow.id == line_id))


def note_decision(connection: Connection, command: NoteDecision) -> None:
    """What the pacer decided, and by which figures."""
    connection.execute(
        _DECIDE,
        {
            "campaign_id": command.campaign_id,
            "at": command.at.utc,
            "launch": command.launch,
            "reason": command.reason[:500],
            "rule": command.rule[:32],
            "figures": [list(figure) for figure in command.figures],
        },
    )
