"""Sessions whose window shows no sign of life: its PC sleeps, or is off the network."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, select

from dialer_core.clock import Instant
from dialer_core.model.states import SeatState
from dialer_core.store import logins
from dialer_core.store.lease import clock_of
from dialer_core.store.schema import SessionRow

SILENT: Final = timedelta(seconds=40)  # a window shows itself every ten seconds
NOTICED_S: Final = 8.0  # and so much longer we look on: perhaps it was us who slept

_SILENT = select(SessionRow.id, SessionRow.seen_at).where(
    SessionRow.closed_at.is_(None),
    SessionRow.is_supervisor.is_(False),
    SessionRow.attempt_id.is_(None),  # what is on the line, or owed, is not taken from anybody
    SessionRow.state.in_((SeatState.AVAILABLE, SeatState.PAUSED, SeatState.PREVIEW)),
    SessionRow.seen_at < bindparam("before"),
    SessionRow.seen_at > SessionRow.opened_at,  # it had a window once
)


class SilentSeats:
    """Which sessions are silent, and since when we have seen that; for one dialler."""

    def __init__(self) -> None:
        self._noticed: dict[tuple[int, object], float] = {}

    def due(self, connection: Connection, now: Instant) -> list[int]:
        """Sessions that are to be closed now."""
        before = clock_of(connection, now) - SILENT
        found = {
            (int(row.id), row.seen_at) for row in connection.execute(_SILENT, {"before": before})
        }
        self._noticed = {key: self._noticed.get(key, now.mono_s) for key in found}
        return [
            key[0] for key, since_s in self._noticed.items() if now.mono_s - since_s >= NOTICED_S
        ]

    @staticmethod
    def close(connection: Connection, session_ids: list[int], now: Instant) -> None:
        """Log them out; a call for them would ring in an empty room."""
        for session_id in session_ids:
            logins.close_session(connection, session_id, now)
