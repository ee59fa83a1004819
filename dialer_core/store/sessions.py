"""A session's state on the record, and its history for the reports."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from dialer_core.engine.commands import SetSeat
from dialer_core.model.states import SeatState
from dialer_core.store.rows import AnyRow, insert_one
from dialer_core.store.schema import AgentEventRow, SessionRow, SessionStateRow
from dialer_core.store.schema.base import EventKind

_READ = select(
    SessionRow.state,
    SessionRow.reason,
    SessionRow.closed_at,
    SessionRow.history_id,
    SessionRow.attempt_id,
    SessionRow.pause_wanted,
    SessionRow.pause_due,
    SessionRow.parked,
).where(SessionRow.id == bindparam("session"))
_SET = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session"))
    .values(
        state=bindparam("to_state"),
        since=bindparam("at"),
        reason=bindparam("why"),
        attempt_id=bindparam("attempt"),
        contact_id=bindparam("contact"),
        until=bindparam("at_until"),
        call_trouble="",
        history_id=bindparam("history"),
    )
)
_TELL = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session"))
    .values(
        reason=bindparam("why"),
        attempt_id=bindparam("attempt"),
        contact_id=bindparam("contact"),
        until=bindparam("at_until"),
    )
)
_OWE = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session"))
    .values(pause_wanted=bindparam("wanted"), pause_due=bindparam("due"), parked=bindparam("owed"))
)
_LAST_WISH = (
    select(AgentEventRow.payload)
    .where(AgentEventRow.session_id == bindparam("session"), AgentEventRow.kind == EventKind.PAUSE)
    .order_by(AgentEventRow.at.desc(), AgentEventRow.id.desc())
    .limit(1)
)
_CLOSE = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session"))
    .values(
        closed_at=bindparam("at"),
        attempt_id=None,
        contact_id=None,
        until=None,
        pause_wanted=None,
        pause_due=None,
        parked=[],
    )
)
_END_STRETCH = (
    update(SessionStateRow)
    .where(SessionStateRow.id == bindparam("stretch"))
    .values(until=bindparam("at"))
)
_BEGIN_STRETCH = insert(SessionStateRow)
_RESTING = (SeatState.AVAILABLE, SeatState.PAUSED)


def set_seat(connection: Connection, command: SetSeat) -> None:
    """Write where a session stands. A session that was closed meanwhile stays closed."""
    session_id, at = command.session_id, command.at.utc
    row = connection.execute(_READ, {"session": session_id}).first()
    if row is None or row.closed_at is not None:
        return
    told = {
        "session": session_id,
        "why": command.reason,
        "attempt": command.attempt_id,
        "contact": command.contact_id,
        "at_until": None if command.until is None else command.until.utc,
    }
    # From one wrap-up to another that was parked is a new stretch of the same state.
    is_same = row.state is command.state and row.reason == command.reason
    if is_same and (row.state is not SeatState.WRAP_UP or row.attempt_id == command.attempt_id):
        connection.execute(_TELL, told)
    else:
        history = next_stretch(
            connection, session_id, row.history_id, command.state, command.reason, at
        )
        connection.execute(_SET, told | {"to_state": command.state, "at": at, "history": history})
    if command.state is SeatState.LOGGED_OUT:
        connection.execute(_CLOSE, {"session": session_id, "at": at})
    else:
        _owe(connection, command, row)


def _owe(connection: Connection, command: SetSeat, row: AnyRow) -> None:
    """Keep what is still to come: the pause that is due, and the wrap-ups that were parked."""
    wanted, due = row.pause_wanted, row.pause_due
    if command.pause_due is not None:
        due = command.pause_due.utc
        if wanted is None:  # the window's word was crossed by an earlier one of the dialler
            wish = connection.scalar(_LAST_WISH, {"session": command.session_id})
            wanted = str(wish["reason"]) if wish is not None else None
    elif command.state in _RESTING:
        wanted = due = None
    owed = list(command.parked)
    if (wanted, due, owed) != (row.pause_wanted, row.pause_due, row.parked):
        connection.execute(
            _OWE, {"session": command.session_id, "wanted": wanted, "due": due, "owed": owed}
        )


def next_stretch(
    connection: Connection,
    session_id: int,
    last_id: int | None,
    state: SeatState,
    reason: str,
    at: datetime,
) -> int | None:
    """End the stretch `last_id` of the history and begin the next; its id, None after logout."""
    if last_id is not None:
        connection.execute(_END_STRETCH, {"stretch": last_id, "at": at})
    if state is SeatState.LOGGED_OUT:
        return None
    return insert_one(
        connection,
        _BEGIN_STRETCH,
        {"session_id": session_id, "state": state, "reason": reason, "since": at},
    )
