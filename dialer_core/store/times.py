"""How the floor's time was spent today, read a little at a time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Row, bindparam, or_, select

from dialer_core.model.states import SeatState
from dialer_core.store.schema import SessionRow, SessionStateRow

MOST_WAITS: Final = 2000  # the newest; enough for a 95th percentile of a day

_STRETCHES = (
    select(SessionStateRow.id, SessionStateRow.state, SessionStateRow.since, SessionStateRow.until)
    .join(SessionRow, SessionRow.id == SessionStateRow.session_id)
    .where(
        SessionRow.campaign_id == bindparam("campaign"),
        SessionRow.is_supervisor.is_(False),
        SessionStateRow.id >= bindparam("first"),
        SessionStateRow.since >= bindparam("start"),
        # A relief seat that waits is at work elsewhere: no idle time of the floor.
        or_(SessionRow.is_relief.is_(False), SessionStateRow.state != SeatState.AVAILABLE),
    )
    .order_by(SessionStateRow.id)
)


@dataclass(frozen=True, slots=True)
class FloorTimes:
    """Seconds of all seats by state since the day began; `waits_s`: each time available."""

    seconds: dict[SeatState, float]
    waits_s: tuple[float, ...]

    @property
    def logged_in_s(self) -> float:
        """Seconds of all sessions, pauses included."""
        return sum(self.seconds.values())


class TimesReader:
    """Adds up the stretches of one campaign's day; reads only what was still open last time."""

    def __init__(self, campaign_id: int, start: datetime) -> None:
        self.campaign_id = campaign_id
        self.start = start
        self._done: defaultdict[SeatState, float] = defaultdict(float)
        self._waits: list[float] = []
        self._counted: set[int] = set()
        self._first = 0

    def read(self, connection: Connection, now: datetime) -> FloorTimes:
        """The day up to `now`; open stretches count up to it."""
        of = {"campaign": self.campaign_id, "first": self._first, "start": self.start}
        running: defaultdict[SeatState, float] = defaultdict(float)
        rows = connection.execute(_STRETCHES, of).all()
        for row in rows:
            if row.until is None:
                running[row.state] += max(0.0, (now - row.since).total_seconds())
            elif row.id not in self._counted:
                self._count(row)
        still_open = [row.id for row in rows if row.until is None]
        self._first = min(still_open, default=rows[-1].id + 1 if rows else self._first)
        self._counted = {one for one in self._counted if one >= self._first}
        return FloorTimes(
            {state: self._done[state] + running[state] for state in SeatState},
            tuple(self._waits),
        )

    def _count(self, row: Row[int, SeatState, datetime, datetime | None]) -> None:
        spent_s = (row.until - row.since).total_seconds()
        self._done[row.state] += spent_s
        self._counted.add(row.id)
        if row.state is SeatState.AVAILABLE:
            self._waits = [*self._waits, spent_s][-MOST_WAITS:]
