"""Opening and closing a session: who may sit down where, and what happens to one left open."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import SessionId
from dialer_core.model.states import SeatState
from dialer_core.store import intents, rights, sessions
from dialer_core.store.login_proof import Proof
from dialer_core.store.rows import AnyRow, insert_one
from dialer_core.store.schema import AgentRow, CampaignRow, SeatRow, SessionRow
from dialer_core.store.schema.base import EventKind

STALE: Final = timedelta(seconds=30)  # a window shows a sign of life every ten seconds

_AGENT = select(AgentRow.id, AgentRow.password, AgentRow.is_active).where(
    AgentRow.name == bindparam("name")
)
_SEAT = select(SeatRow.id).where(SeatRow.name == bindparam("name"))
_RUNNING = select(CampaignRow.id).order_by(CampaignRow.is_running.desc(), CampaignRow.id).limit(1)
_OPEN = (
    select(
        SessionRow.id,
        SessionRow.agent_id,
        SessionRow.seat_id,
        SessionRow.seen_at,
        SessionRow.history_id,
        SessionRow.is_relief,
        SessionRow.attempt_id,
        AgentRow.name.label("agent_name"),
        SeatRow.name.label("seat_name"),
    )
    .join(AgentRow, AgentRow.id == SessionRow.agent_id)
    .join(SeatRow, SeatRow.id == SessionRow.seat_id)
    .where(SessionRow.closed_at.is_(None))
)
_OF_AGENT = _OPEN.where(SessionRow.agent_id == bindparam("agent"))
_OF_SEAT = _OPEN.where(SessionRow.seat_id == bindparam("seat"))
_ONE = _OPEN.where(SessionRow.id == bindparam("session"))
_GO_ON = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session"), SessionRow.closed_at.is_(None))
    .values(phone_uri=bindparam("uri"), token=bindparam("new_token"), seen_at=bindparam("at"))
)
_CLOSE = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session"))
    .values(
        closed_at=bindparam("at"),
        state=SeatState.LOGGED_OUT,
        since=bindparam("at"),
        reason="",
        attempt_id=None,
        contact_id=None,
        until=None,
        pause_wanted=None,
        pause_due=None,
        parked=[],
        history_id=None,
    )
)
_HISTORY = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session"))
    .values(history_id=bindparam("history"))
)


def open_session(
    connection: Connection,
    agent_name: str,
    proof: Proof,
    seat_name: str,
    phone_uri: str,
    token: str,
    now: Instant,
    campaign_id: int | None = None,
    *,
    is_relief: bool = False,
) -> SessionId:
    """The agent's session at that seat: gone on with where it is still open, else a new one.

    One that is open as relief, or not as relief, goes on only where the same is wanted now or
    where it has a call in hand.

    A seat with a role of its own in the database is that seat, whatever `seat_name` says.

    KnownError for a wrong name or password, no campaign, a seat in use, or a session of the same
    agent elsewhere whose window still shows signs of life; a dead one is closed.
    """
    if rights.is_seat(connection):  # it may not look at others' passwords and sessions
        return rights.log_in(
            connection, agent_name, proof.digest, phone_uri, token, now, campaign_id,
            is_relief=is_relief,
        )  # fmt: skip
    agent_id = _agent(connection, agent_name, proof)
    seat_id = _seat(connection, seat_name, now)
    own = connection.execute(_OF_AGENT, {"agent": agent_id}).first()
    is_here = own is not None and own.seat_id == seat_id
    if own is not None and is_here and own.is_relief != is_relief and own.attempt_id is None:
        close_session(connection, own.id, now)
        own = None
    elif own is not None and is_here:
        change_phone(connection, own.id, phone_uri, token, now)
        return SessionId(own.id)
    other = connection.execute(_OF_SEAT, {"seat": seat_id}).first()
    for found, sentence in (
        (own, rights.IN_USE),
        (other, rights.STILL_IN_USE),
    ):
        if found is not None:
            _close_if_stale(connection, found, sentence, now)
    return _new_session(
        connection, agent_id, seat_id, campaign_id, phone_uri, token, now, is_relief=is_relief
    )


def open_supervisor(
    connection: Connection, name: str, seat_name: str, phone_uri: str, token: str, now: Instant
) -> SessionId:
    """A session that only listens in: paused for good, on no list of agents, in no figure.

    One that is still open at that seat goes on, whoever opened it. KnownError without a campaign.
    """
    seat_id = _seat(connection, seat_name, now)
    agent_id = _supervisor(connection, name, now)
    here = connection.execute(_OF_SEAT, {"seat": seat_id}).first()
    if here is not None and here.agent_id == agent_id:
        change_phone(connection, here.id, phone_uri, token, now)
        return SessionId(here.id)
    own = connection.execute(_OF_AGENT, {"agent": agent_id}).first()
    for found in (here, own):
        if found is not None:
            close_session(connection, found.id, now)
    return _new_session(
        connection, agent_id, seat_id, None, phone_uri, token, now, is_supervisor=True
    )


def _supervisor(connection: Connection, name: str, now: Instant) -> int:
    """Who is no agent: can log in nowhere, and is in nobody's list."""
    row = connection.execute(_AGENT, {"name": name}).first()
    if row is not None:
        return int(row.id)
    values = {"name": name, "password": None, "is_active": False, "created_at": now.utc}
    return insert_one(connection, insert(AgentRow), values)


def _agent(connection: Connection, name: str, proof: Proof) -> int:
    row = connection.execute(_AGENT, {"name": name}).first()
    if row is None or not row.is_active:
        raise KnownError(rights.NO_AGENT.format(agent=name))
    if not proof.opens(row.password):
        raise KnownError(rights.WRONG)
    return int(row.id)


def _seat(connection: Connection, name: str, now: Instant) -> int:
    found = connection.scalar(_SEAT, {"name": name})
    if found is not None:
        return found
    return insert_one(connection, insert(SeatRow), {"name": name, "created_at": now.utc})


def _close_if_stale(connection: Connection, found: AnyRow, sentence: str, now: Instant) -> None:
    if now.utc - found.seen_at < STALE:
        raise KnownError(sentence.format(agent=found.agent_name, seat=found.seat_name))
    close_session(connection, found.id, now)


def _new_session(
    connection: Connection,
    agent_id: int,
    seat_id: int,
    campaign_id: int | None,
    phone_uri: str,
    token: str,
    now: Instant,
    *,
    is_relief: bool = False,
    is_supervisor: bool = False,
) -> SessionId:
    if campaign_id is None:
        campaign_id = connection.scalar(_RUNNING)
    if campaign_id is None:
        raise KnownError(rights.NO_CAMPAIGN)
    reason = "listens in" if is_supervisor else "logged in"
    made = insert_one(
        connection,
        insert(SessionRow),
        {
            "agent_id": agent_id,
            "seat_id": seat_id,
            "campaign_id": campaign_id,
            "phone_uri": phone_uri,
            "token": token,
            "opened_at": now.utc,
            "seen_at": now.utc,
            "state": SeatState.PAUSED,
            "since": now.utc,
            "reason": reason,
            "is_relief": is_relief,
            "is_supervisor": is_supervisor,
        },
    )
    session_id = SessionId(made)
    history = sessions.next_stretch(connection, session_id, None, SeatState.PAUSED, reason, now.utc)
    connection.execute(_HISTORY, {"session": session_id, "history": history})
    intents.write(connection, EventKind.OPENED, now.utc, session_id)
    return session_id


def change_phone(
    connection: Connection, session_id: int, phone_uri: str, token: str, now: Instant
) -> None:
    """Another phone answers for an open session; the dialler is told as of one that opens."""
    if rights.is_seat(connection):  # it may not give an address that is another's
        rights.change_phone(connection, session_id, phone_uri, token, now)
        return
    changed = connection.execute(
        _GO_ON, {"session": session_id, "uri": phone_uri, "new_token": token, "at": now.utc}
    )
    if changed.rowcount:
        intents.write(connection, EventKind.OPENED, now.utc, session_id)


def close_session(connection: Connection, session_id: int, now: Instant) -> None:
    """Log the session out and tell the dialler; one that is closed already stays as it is."""
    if rights.is_seat(connection):
        rights.log_out(connection, session_id, now)
        return
    row = connection.execute(_ONE, {"session": session_id}).first()
    if row is None:
        return
    sessions.next_stretch(connection, session_id, row.history_id, SeatState.LOGGED_OUT, "", now.utc)
    connection.execute(_CLOSE, {"session": session_id, "at": now.utc})
    intents.write(connection, EventKind.CLOSED, now.utc, session_id)
