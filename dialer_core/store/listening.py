"""Calls as a supervisor may hear them: which seat has one, how it sounds, who listens in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from dialer_core.clock import Instant
from dialer_core.model.call_control import Listening
from dialer_core.model.ids import AttemptId, SessionId
from dialer_core.model.states import CallStage, SeatState
from dialer_core.store import intents, logins
from dialer_core.store.owner import OneThread
from dialer_core.store.schema import AttemptRow, CallQualityRow, SessionRow, SupervisionRow

SIGN_OF_LIFE_S: Final = 10.0

Leg = Mapping[str, object]
"""One leg of a call as its line describes it (`LegQuality` of `sip.messages`, by name)."""

_CALLS = (
    select(
        SessionRow.id,
        SessionRow.attempt_id,
        AttemptRow.answered_at,
        CallQualityRow.at,
        CallQualityRow.legs,
    )
    .join(AttemptRow, AttemptRow.id == SessionRow.attempt_id)
    .outerjoin(CallQualityRow, CallQualityRow.attempt_id == AttemptRow.id)
    .where(
        SessionRow.closed_at.is_(None),
        SessionRow.is_supervisor.is_(False),
        SessionRow.state == SeatState.TALKING,
        AttemptRow.stage == CallStage.TALKING,
    )
)
_LISTENING = select(SupervisionRow.attempt_id, SupervisionRow.how).where(
    SupervisionRow.attempt_id.in_(bindparam("attempts", expanding=True)),
    SupervisionRow.until.is_(None),
)
_OPEN = select(AttemptRow.id).where(
    AttemptRow.id.in_(bindparam("attempts", expanding=True)), AttemptRow.stage != CallStage.ENDED
)
_OVER = delete(CallQualityRow).where(
    exists().where(AttemptRow.id == CallQualityRow.attempt_id, AttemptRow.stage == CallStage.ENDED)
)
_AGAIN = (
    update(CallQualityRow)
    .where(CallQualityRow.attempt_id == bindparam("attempt"))
    .values(at=bindparam("told_at"), legs=bindparam("parts"))
)
_FIRST = insert(CallQualityRow)
_OWN = select(SessionRow.call_trouble).where(
    SessionRow.id == bindparam("session"), SessionRow.closed_at.is_(None)
)
_SEEN = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session"), SessionRow.closed_at.is_(None))
    .values(seen_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class WatchedCall:
    """The call that a seat has in hand; `legs` are empty until its line has said how it sounds."""

    attempt_id: str
    answered_at: datetime | None
    listening: Listening | None = None  # of a supervisor, whoever it is
    told_at: datetime | None = None
    legs: tuple[Leg, ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """How a call sounds now, for the record."""

    attempt_id: AttemptId
    at: datetime
    legs: tuple[Leg, ...]


def seat_calls(connection: Connection) -> dict[SessionId, WatchedCall]:
    """The calls in which a seat and a person talk, by the seat's session."""
    rows = connection.execute(_CALLS).all()
    if not rows:
        return {}
    which = {"attempts": [row.attempt_id for row in rows]}
    how = {row.attempt_id: row.how for row in connection.execute(_LISTENING, which)}
    return {
        SessionId(row.id): WatchedCall(
            row.attempt_id,
            row.answered_at,
            how.get(row.attempt_id),
            row.at,
            tuple(row.legs or ()),
        )
        for row in rows
    }


def note_qualities(connection: Connection, qualities: Sequence[Quality]) -> None:
    """Keep the last word on each of these calls, and none on calls that are over."""
    wanted = {"attempts": [one.attempt_id for one in qualities]}
    is_open = set(connection.scalars(_OPEN, wanted)) if qualities else set()
    for one in qualities:
        if one.attempt_id not in is_open:
            continue
        legs = [dict(leg) for leg in one.legs]
        found = connection.execute(
            _AGAIN, {"attempt": one.attempt_id, "told_at": one.at, "parts": legs}
        )
        if found.rowcount == 0:
            connection.execute(_FIRST, {"attempt_id": one.attempt_id, "at": one.at, "legs": legs})
    connection.execute(_OVER)


class SupervisorPlace(OneThread):
    """The session of a supervisor's own phone, and what it wants of the floor's calls."""

    def open_session(
        self, name: str, seat_name: str, phone_uri: str, token: str, now: Instant
    ) -> SessionId:
        """Be there with a phone to listen in. KnownError while there is no campaign."""
        with self._writing() as connection:
            return logins.open_supervisor(connection, name, seat_name, phone_uri, token, now)

    def close_session(self, session_id: int, now: Instant) -> None:
        """Be gone; the dialler takes the phone off the call that it listens to."""
        with self._writing() as connection:
            logins.close_session(connection, session_id, now)

    def beat(self, session_id: int, now: Instant) -> None:
        """A sign of life; call it every `SIGN_OF_LIFE_S`."""
        with self._writing() as connection:
            connection.execute(_SEEN, {"session": session_id, "at": now.utc})

    def own_trouble(self, session_id: int) -> str | None:
        """Why the last wish was not carried out, "" for nothing; None: the session is closed."""
        with self._reading() as connection:
            found: str | None = connection.scalar(_OWN, {"session": session_id})
        return found

    def want_supervise(
        self, attempt_id: str, how: Listening, session_id: int, now: Instant
    ) -> None:
        """Take part in a call with the phone of that session, in another way, or leave it."""
        with self._writing() as connection:
            intents.want_supervise(connection, attempt_id, how, session_id, now)
