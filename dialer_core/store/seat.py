"""The agent's side of the database: one session at one seat, from login to logout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from dialer_core.clock import Instant
from dialer_core.model.campaign import Campaign
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import AttemptId, ContactId, SessionId
from dialer_core.model.states import CallStage, Mode, SeatState
from dialer_core.store import disposing, intents, logins
from dialer_core.store.campaigns import CampaignSettings, load_campaign
from dialer_core.store.database import Database
from dialer_core.store.day import Today, read_today
from dialer_core.store.owner import OneThread
from dialer_core.store.records import PastCall, Record, read_record
from dialer_core.store.schema import AgentRow, AttemptRow, CampaignRow, ContactRow, SessionRow
from dialer_core.store.schema import SeatRow as SeatTable
from dialer_core.store.schema.base import EventKind

__all__ = ["ParkedCall", "PastCall", "Record", "SeatRow", "SeatStore", "Today"]

SIGN_OF_LIFE: Final = timedelta(seconds=10)
NOT_IN = "You are logged out; log in again."

_AGENTS = select(AgentRow.name).where(AgentRow.is_active.is_(True)).order_by(AgentRow.name)
_SESSION = (
    select(
        SessionRow.__table__,
        AgentRow.name.label("agent_name"),
        SeatTable.name.label("seat_name"),
        AttemptRow.stage,
        AttemptRow.mode,
        AttemptRow.disposition_code,
        AttemptRow.answered_at,
        AttemptRow.bridged_at,
        AttemptRow.ended_at,
        AttemptRow.note,
    )
    .join(AgentRow, AgentRow.id == SessionRow.agent_id)
    .join(SeatTable, SeatTable.id == SessionRow.seat_id)
    .outerjoin(AttemptRow, AttemptRow.id == SessionRow.attempt_id)
    .where(SessionRow.id == bindparam("session"), SessionRow.closed_at.is_(None))
)
_OPEN = select(
    SessionRow.agent_id,
    SessionRow.campaign_id,
    SessionRow.state,
    SessionRow.contact_id,
    SessionRow.attempt_id,
    SessionRow.seen_at,
).where(SessionRow.id == bindparam("session"), SessionRow.closed_at.is_(None))
_PARKED = (
    select(AttemptRow.id, AttemptRow.note, ContactRow.name)
    .join(ContactRow, ContactRow.id == AttemptRow.contact_id)
    .where(
        AttemptRow.id.in_(bindparam("attempts", expanding=True)),
        AttemptRow.disposition_code.is_(None),
    )
)
_CHANGED = select(CampaignRow.changed_at).where(CampaignRow.id == bindparam("campaign"))
_PAUSE = (
    update(SessionRow)
    .where(
        SessionRow.id == bindparam("session"),
        SessionRow.closed_at.is_(None),
        SessionRow.state != SeatState.PAUSED,
    )
    .values(pause_wanted=bindparam("why"), pause_due=bindparam("due"))
)
_SEEN = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session"), SessionRow.closed_at.is_(None))
    .values(seen_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class ParkedCall:
    """A wrap-up that an answered call has interrupted: whose, and what was written so far."""

    attempt_id: AttemptId
    name: str
    note: str

    def __repr__(self) -> str:
        return f"ParkedCall(attempt_id={self.attempt_id!r})"


@dataclass(frozen=True, slots=True)
class SeatRow:
    """The session as the floor has it, with the call that it holds; moments in UTC."""

    session_id: SessionId
    agent_name: str
    seat_name: str
    campaign: Campaign
    company_name: str
    script: str
    phone_uri: str
    token: str
    state: SeatState
    since: datetime
    reason: str
    until: datetime | None  # end of the countdown, limit of the wrap-up
    pause_wanted: str | None
    pause_due: datetime | None  # when that pause may begin; None: after what runs
    is_relief: bool
    parked: tuple[ParkedCall, ...]  # interrupted wrap-ups, the oldest first
    contact_id: ContactId | None
    attempt_id: AttemptId | None
    stage: CallStage | None  # of the attempt, as the following
    mode: Mode | None
    answered_at: datetime | None
    bridged_at: datetime | None
    ended_at: datetime | None
    disposition_code: str | None  # the outcome that was chosen already
    note: str

    def __repr__(self) -> str:
        return f"SeatRow(session_id={self.session_id}, state={self.state!r})"


class SeatStore(OneThread):
    """What an agent's window reads and writes; belongs to the one thread that uses it first."""

    def __init__(self, source: Path | Database) -> None:
        super().__init__(source)
        self._session: SessionId | None = None
        self._settings: CampaignSettings | None = None

    # --- coming and going -----------------------------------------------------------------

    def agents(self) -> list[str]:
        """Who may log in."""
        with self._reading() as connection:
            return list(connection.scalars(_AGENTS))

    def log_in(
        self,
        agent_name: str,
        password: str | None,
        seat_name: str,
        phone_uri: str,
        token: str,
        now: Instant,
        campaign_id: int | None = None,
        *,
        is_relief: bool = False,
    ) -> SessionId:
        """Open a session, or go on with the one that this agent left open at this seat.

        `token`: random for the session, the dialler's INVITE carries it; `campaign_id` None: the
        first one that runs; `is_relief`: to be called only when nobody else is free. KnownError
        for a wrong password, a seat in use, or an agent who is logged in elsewhere (unless that
        window has shown no sign of life for half a minute).
        """
        with self._writing() as connection:
            self._session = logins.open_session(
                connection,
                agent_name,
                password,
                seat_name,
                phone_uri,
                token,
                now,
                campaign_id,
                is_relief=is_relief,
            )
        return self._session

    def resume(self, session_id: int) -> bool:
        """Come back into a session that is still open (the window crashed, the phone did not)."""
        with self._reading() as connection:
            is_open = connection.execute(_OPEN, {"session": session_id}).first() is not None
        if is_open:
            self._session = SessionId(session_id)
        return is_open

    def log_out(self, now: Instant) -> None:
        """Close the session and tell the dialler; twice is as good as once."""
        if self._session is None:
            return
        with self._writing() as connection:
            logins.close_session(connection, self._session, now)
        self._session = None

    def beat(self, now: Instant) -> None:
        """A sign of life, written at most every ten seconds."""
        if self._session is None:
            return
        with self._reading() as connection:
            row = connection.execute(_OPEN, {"session": self._session}).first()
        if row is not None and now.utc - row.seen_at >= SIGN_OF_LIFE:
            with self._writing() as connection:
                connection.execute(_SEEN, {"session": self._session, "at": now.utc})

    # --- what the agent wants -------------------------------------------------------------

    def want_available(self, now: Instant) -> None:
        """The agent wants work."""
        self._want(EventKind.AVAILABLE, now, pause=None)

    def want_pause(self, reason: str, now: Instant, at: datetime | None = None) -> None:
        """The agent wants a pause: now, or after the call; not before `at` where it is given."""
        self._want(EventKind.PAUSE, now, pause=reason, at=at)

    def reach_stage(self, attempt_id: str, stage: str, now: Instant) -> None:
        """The agent has come to a stage of the call ("script:2", "notes")."""
        session = self._open_session()
        with self._writing() as connection:
            intents.write(
                connection,
                EventKind.STAGE,
                now.utc,
                session,
                attempt_id,
                payload={"stage": stage[:32]},
            )

    def preview_drawn(self, contact_id: int, now: Instant) -> None:
        """The record is really on the screen."""
        self._want_record(EventKind.PREVIEW_DRAWN, contact_id, now)

    def preview_accept(self, contact_id: int, now: Instant) -> None:
        """Dial the record now."""
        self._want_record(EventKind.PREVIEW_ACCEPT, contact_id, now)

    def preview_skip(self, contact_id: int, now: Instant) -> None:
        """Pass on the record."""
        self._want_record(EventKind.PREVIEW_SKIP, contact_id, now)

    def choose_outcome(
        self,
        attempt_id: str,
        code: str,
        note: str,
        now: Instant,
        call_back_at: datetime | None = None,
    ) -> str:
        """Write the outcome with all that follows, and tell the dialler; the code that stands.

        The first press counts: pressing again, or after a restart, changes nothing. It needs no
        dialler. KnownError for a call that is not this session's or a code that is not known.
        """
        session = self._open_session()
        settings = self._campaign(session)
        with self._writing() as connection:
            return disposing.choose_outcome(
                connection, settings, session, AttemptId(attempt_id), code, note, now, call_back_at
            )

    def save_note(self, attempt_id: str, note: str, now: Instant) -> None:
        """Keep what was written so far; `now` is a sign of life."""
        session = self._open_session()
        with self._writing() as connection:
            disposing.save_note(connection, session, AttemptId(attempt_id), note)
            connection.execute(_SEEN, {"session": session, "at": now.utc})

    # --- what the agent sees --------------------------------------------------------------

    def read(self) -> SeatRow | None:
        """The session as it stands; None where nobody is logged in here (any more)."""
        if self._session is None:
            return None
        with self._reading() as connection:
            row = connection.execute(_SESSION, {"session": self._session}).mappings().first()
            if row is None:
                return None
            settings = self._fresh(connection, row["campaign_id"])
            parked = _parked(connection, row["parked"])
        return SeatRow(
            session_id=self._session,
            campaign=settings.campaign,
            company_name=settings.company_name,
            script=settings.script,
            parked=parked,
            note=row["note"] or "",  # None where no call is held
            **{name: row[name] for name in _AS_READ},
        )

    def record(self, contact_id: int) -> Record | None:
        """The person whom this session is given, and nobody else; None where it is not."""
        if self._session is None:
            return None
        with self._reading() as connection:
            row = connection.execute(_OPEN, {"session": self._session}).first()
            if row is None or row.contact_id != contact_id:
                return None
            return read_record(connection, ContactId(contact_id), row.attempt_id)

    def today(self, now: Instant) -> Today:
        """The agent's own day; asking is a sign of life as well."""
        if self._session is None:
            return Today()
        self.beat(now)
        with self._reading() as connection:
            row = connection.execute(_OPEN, {"session": self._session}).first()
            if row is None:
                return Today()
            settings = self._fresh(connection, row.campaign_id)
            return read_today(connection, row.agent_id, settings, now)

    # --- inside ---------------------------------------------------------------------------

    def _want(
        self, kind: EventKind, now: Instant, *, pause: str | None, at: datetime | None = None
    ) -> None:
        session = self._open_session()
        payload: dict[str, object] = {} if pause is None else {"reason": pause}
        if at is not None:
            payload["at_utc_s"] = at.timestamp()
        with self._writing() as connection:
            intents.write(connection, kind, now.utc, session, payload=payload)
            connection.execute(_PAUSE, {"session": session, "why": pause, "due": at})

    def _want_record(self, kind: EventKind, contact_id: int, now: Instant) -> None:
        session = self._open_session()
        with self._writing() as connection:
            intents.write(connection, kind, now.utc, session, contact_id=contact_id)

    def _open_session(self) -> SessionId:
        if self._session is None:
            raise KnownError(NOT_IN)
        with self._reading() as connection:
            if connection.execute(_OPEN, {"session": self._session}).first() is None:
                raise KnownError(NOT_IN)
        return self._session

    def _campaign(self, session: SessionId) -> CampaignSettings:
        with self._reading() as connection:
            row = connection.execute(_OPEN, {"session": session}).first()
            if row is None:
                raise KnownError(NOT_IN)
            return self._fresh(connection, row.campaign_id)

    def _fresh(self, connection: Connection, campaign_id: int) -> CampaignSettings:
        known = self._settings
        changed_at = connection.scalar(_CHANGED, {"campaign": campaign_id})
        if known is None or known.campaign.id != campaign_id or known.changed_at != changed_at:
            self._settings = known = load_campaign(connection, campaign_id)
        return known


def _parked(connection: Connection, ids: Sequence[str]) -> tuple[ParkedCall, ...]:
    """The parked calls of those attempts whose outcome is still outstanding, in their order."""
    if not ids:
        return ()
    found = {
        row.id: ParkedCall(AttemptId(row.id), row.name, row.note)
        for row in connection.execute(_PARKED, {"attempts": ids})
    }
    return tuple(found[one] for one in ids if one in found)


_AS_READ: Final = (
    "agent_name", "seat_name", "phone_uri", "token", "state", "since", "reason", "until",
    "pause_wanted", "pause_due", "is_relief", "contact_id", "attempt_id", "stage", "mode",
    "answered_at", "bridged_at", "ended_at", "disposition_code",
)  # fmt: skip
