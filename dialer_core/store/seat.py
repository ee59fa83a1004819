"""The agent's side of the database: one session at one seat, from login to logout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from dialer_core.clock import Instant
from dialer_core.model.call_control import CallWish, Listening
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import AttemptId, ContactId, SessionId
from dialer_core.model.states import SeatState
from dialer_core.store import (
    disposing,
    feed_words,
    intents,
    late_outcomes,
    login_proof,
    logins,
    outdated,
    progress,
    variants,
)
from dialer_core.store.address import Place
from dialer_core.store.campaigns import CampaignSettings, load_campaign
from dialer_core.store.database import Database
from dialer_core.store.day import Today, read_today
from dialer_core.store.owner import OneThread
from dialer_core.store.records import PastCall, Record, read_record
from dialer_core.store.schema import AgentRow, CampaignRow, SessionRow, SettingRow
from dialer_core.store.schema import SeatRow as SeatsRow
from dialer_core.store.schema.base import EventKind
from dialer_core.store.seat_row import ParkedCall, SeatRow, read_session, seat_row
from dialer_core.store.settings import PHONE_TROUBLE, TRUNK_TROUBLE
from dialer_core.store.settings import read as read_setting

__all__ = ["ParkedCall", "PastCall", "Record", "SeatRow", "SeatStore", "Today"]

SIGN_OF_LIFE: Final = timedelta(seconds=10)
NOT_IN = "You are logged out; log in again."

_AGENTS = select(AgentRow.name).where(AgentRow.is_active.is_(True)).order_by(AgentRow.name)
_OPEN = select(
    SessionRow.agent_id,
    SessionRow.campaign_id,
    SessionRow.state,
    SessionRow.contact_id,
    SessionRow.attempt_id,
    SessionRow.seen_at,
).where(SessionRow.id == bindparam("session"), SessionRow.closed_at.is_(None))
_PHONE_TROUBLE = (
    select(SettingRow.value)
    .join(SeatsRow, SettingRow.key == PHONE_TROUBLE + SeatsRow.name)
    .join(SessionRow, SessionRow.seat_id == SeatsRow.id)
    .where(SessionRow.id == bindparam("session"))
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


class SeatStore(OneThread):
    """What an agent's window reads and writes; belongs to the one thread that uses it first."""

    def __init__(self, source: Place | Database) -> None:
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
        with self._reading() as connection:
            outdated.refuse(connection)
            asked = login_proof.ask(connection, agent_name)
        proof = login_proof.prove(asked, password)
        with self._database.writing(self._own(), is_patient=True) as connection:
            session = logins.open_session(
                connection,
                agent_name,
                proof,
                seat_name,
                phone_uri,
                token,
                now,
                campaign_id,
                is_relief=is_relief,
            )
            # A session of the same agent that this one ends showed no sign of life any more.
            feed_words.concerns(connection, session)
        self._session = session
        return session

    def resume(self, session_id: int) -> bool:
        """Come back into a session that is still open (the window crashed, the phone did not)."""
        with self._reading() as connection:
            is_open = connection.execute(_OPEN, {"session": session_id}).first() is not None
        if is_open:
            self._session = SessionId(session_id)
        return is_open

    def phone_came(self, phone_uri: str, token: str, now: Instant) -> None:
        """Another phone answers for this session: the dialler joins it to the call in hand."""
        if self._session is None:
            return
        with self._writing_own() as connection:
            logins.change_phone(connection, self._session, phone_uri, token, now)

    def log_out(self, now: Instant) -> None:
        """Close the session and tell the dialler; twice is as good as once."""
        if self._session is None:
            return
        with self._database.writing(self._own(), is_patient=True) as connection:
            feed_words.concerns(connection, self._session)
            logins.close_session(connection, self._session, now)
        self._session = None

    def beat(self, now: Instant) -> None:
        """A sign of life, written at most every ten seconds."""
        if self._session is None:
            return
        with self._reading() as connection:
            row = connection.execute(_OPEN, {"session": self._session}).first()
        if row is not None and now.utc - row.seen_at >= SIGN_OF_LIFE:
            with self._database.aside(self._own()) as connection:  # it need not wait its turn
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
        with self._writing_own() as connection:
            intents.write(
                connection,
                EventKind.STAGE,
                now.utc,
                session,
                attempt_id,
                payload={"stage": stage[:32]},
            )

    def want_call(self, wish: CallWish, now: Instant) -> None:
        """Something with the call in hand: hold, transfer, keys, recording."""
        session = self._open_session()
        with self._writing_own() as connection:
            intents.want_call(connection, wish, session, now)

    def want_manual_dial(self, number: str, now: Instant) -> None:
        """Dial this number (E.164), through the same gate as every other."""
        session = self._open_session()
        with self._writing_own() as connection:
            payload = {"number": number}
            intents.write(connection, EventKind.MANUAL_DIAL, now.utc, session, payload=payload)

    def want_supervise(self, attempt_id: str, how: Listening, now: Instant) -> None:
        """Take part in somebody else's call with this session's phone, or leave it."""
        session = self._open_session()
        with self._writing_own() as connection:
            intents.want_supervise(connection, attempt_id, how, session, now)

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
        *,
        is_mine: bool = False,
    ) -> str:
        """Write the outcome with all that follows, and tell the dialler; the code that stands.

        `is_mine`: a call promised for `call_back_at` is this agent's own.

        The first press counts: pressing again, or after a restart, changes nothing. It needs no
        dialler. KnownError for a call that is not this session's or a code that is not known.
        """
        session = self._open_session()
        settings = self._campaign(session)
        with self._writing_own() as connection:
            return disposing.choose_outcome(
                connection,
                settings,
                session,
                AttemptId(attempt_id),
                code,
                note,
                now,
                call_back_at,
                is_mine=is_mine,
            )

    def deliver_outcome(
        self,
        session_id: int,
        attempt_id: str,
        code: str,
        note: str,
        chosen_at: Instant,
        call_back_at: datetime | None = None,
        *,
        is_mine: bool = False,
    ) -> bool:
        """What was chosen while the floor could not be reached; see `late_outcomes.deliver`."""
        with self._writing_own() as connection:
            feed_words.concerns(connection, session_id)
            return late_outcomes.deliver(
                connection,
                SessionId(session_id),
                AttemptId(attempt_id),
                code,
                note,
                chosen_at,
                call_back_at,
                is_mine=is_mine,
            )

    def save_note(self, attempt_id: str, note: str, now: Instant) -> None:
        """Keep what was written so far; `now` is a sign of life."""
        session = self._open_session()
        with self._writing_own() as connection:
            disposing.save_note(connection, session, AttemptId(attempt_id), note)
            connection.execute(_SEEN, {"session": session, "at": now.utc})

    # --- what the agent sees --------------------------------------------------------------

    def read(self) -> SeatRow | None:
        """The session as it stands; None where nobody is logged in here (any more)."""
        if self._session is None:
            return None
        with self._reading() as connection:
            row = read_session(connection, self._session)
            if row is None:
                return None
            settings = self._fresh(connection, row["campaign_id"])
            settings = variants.settings_for(connection, settings, row["contact_id"])
            return seat_row(connection, self._session, row, settings)

    def colleagues(self) -> list[tuple[int, str, SeatState, str]]:
        """The others who are logged in: session, name, state, reason of a pause; by name."""
        if self._session is None:
            return []
        with self._reading() as connection:
            return progress.colleagues(connection, self._session)

    def why_no_calls(self) -> str:
        """The sentence for who waits for a call in vain; "" where nothing is known to be wrong.

        This program is older than the floor, the phone is out of reach, or the trunk refuses.
        """
        with self._reading() as connection:
            return (
                outdated.sentence(connection)
                or connection.scalar(_PHONE_TROUBLE, {"session": self._session})
                or read_setting(connection, TRUNK_TROUBLE)
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

    @contextmanager
    def _writing_own(self) -> Iterator[Connection]:
        """A transaction that changes nothing which another agent's window shows at once."""
        with self._writing() as connection:
            feed_words.concerns(connection, self._session)
            yield connection

    def _is_for_us(self, words: str) -> bool:
        return feed_words.is_for(words, self._session)

    def _want(
        self, kind: EventKind, now: Instant, *, pause: str | None, at: datetime | None = None
    ) -> None:
        session = self._open_session()
        payload: dict[str, object] = {} if pause is None else {"reason": pause}
        if at is not None:
            payload["at_utc_s"] = at.timestamp()
        with self._writing_own() as connection:
            intents.write(connection, kind, now.utc, session, payload=payload)
            connection.execute(_PAUSE, {"session": session, "why": pause, "due": at})

    def _want_record(self, kind: EventKind, contact_id: int, now: Instant) -> None:
        session = self._open_session()
        with self._writing_own() as connection:
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
