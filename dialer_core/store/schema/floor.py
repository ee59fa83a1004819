"""Seats, agents, sessions, what they want, who dials, and the log that cannot be rewritten."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from dialer_core.model.states import SeatState
from dialer_core.store.schema.base import Base, EventKind

_OPEN = text("closed_at IS NULL")


class SeatRow(Base):
    """A PC at which an agent can sit."""

    __tablename__ = "seats"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    created_at: Mapped[datetime]


class AgentRow(Base):
    """A person who makes calls; `password` is an scrypt hash, None: no password is asked."""

    __tablename__ = "agents"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    password: Mapped[str | None] = mapped_column(String(250))
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


class SessionRow(Base):
    """One agent at one seat from login to logout.

    `token` lets the agent's phone answer the dialler's INVITE by itself; it is random for each
    session and worth nothing after logout.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index(
            "uq_sessions_open_agent",
            "agent_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(
            "uq_sessions_open_seat",
            "seat_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(None, "agent_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seats.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    phone_uri: Mapped[str] = mapped_column(String(200))
    token: Mapped[str] = mapped_column(String(128))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]  # the window's last sign of life
    state: Mapped[SeatState]
    since: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    attempt_id: Mapped[str | None] = mapped_column(String(26))
    contact_id: Mapped[int | None]  # the record that the seat may read
    until: Mapped[datetime | None]
    pause_wanted: Mapped[str | None] = mapped_column(String(200))
    pause_due: Mapped[datetime | None]  # when the pause that is wanted may begin
    is_relief: Mapped[bool] = mapped_column(server_default=false())
    is_supervisor: Mapped[bool] = mapped_column(server_default=false())  # only listens in
    parked: Mapped[list[str]] = mapped_column(server_default="[]")  # attempts, oldest first
    call_trouble: Mapped[str] = mapped_column(String(500), server_default="")  # of the last wish
    history_id: Mapped[int | None]  # the row of session_states that is open


class SessionStateRow(Base):
    """One stretch of one state of a session; `until` None while it lasts."""

    __tablename__ = "session_states"
    __table_args__ = (Index(None, "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    state: Mapped[SeatState]
    reason: Mapped[str] = mapped_column(String(200))
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class AgentEventRow(Base):
    """What a window wants of the dialler; written once, read in the order of the ids.

    PostgreSQL hands out ids before it commits: there the writers must hold one lock, so that the
    dialler's cursor cannot run past a row that is not yet seen.
    """

    __tablename__ = "agent_events"
    __table_args__ = (Index(None, "session_id", "kind", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"))
    kind: Mapped[EventKind]
    attempt_id: Mapped[str | None] = mapped_column(String(26))
    contact_id: Mapped[int | None]
    payload: Mapped[dict[str, object]]
    at: Mapped[datetime]


class DiallerLeaseRow(Base):
    """Who dials. One row; its epoch fences off every dialler before."""

    __tablename__ = "dialler_lease"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int]
    holder: Mapped[str] = mapped_column(String(200))  # host:pid:start, empty: nobody
    renewed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    cursor: Mapped[int]  # the last agent event that was handled


class LineRow(Base):
    """A line's process, so that the next dialler can find it."""

    __tablename__ = "lines"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    address: Mapped[str] = mapped_column(String(200))
    epoch: Mapped[int]
    changed_at: Mapped[datetime]


class AuditRow(Base):
    """One entry of the append-only log; `hash` covers the entry and the hash before it."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(String(100))
    detail: Mapped[dict[str, object]]
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]
