"""A session as its window sees it: state, call in hand, what is still owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping, bindparam, select

from dialer_core.model.call_control import CallControl
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import AttemptId, ContactId, SessionId
from dialer_core.model.states import CallStage, Mode, SeatState
from dialer_core.store import progress
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.schema import AgentRow, AttemptRow, ContactRow, SessionRow
from dialer_core.store.schema import SeatRow as SeatTable

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
_PARKED = (
    select(AttemptRow.id, AttemptRow.note, ContactRow.name)
    .join(ContactRow, ContactRow.id == AttemptRow.contact_id)
    .where(
        AttemptRow.id.in_(bindparam("attempts", expanding=True)),
        AttemptRow.disposition_code.is_(None),
    )
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
    control: CallControl | None  # None: no call in hand
    note: str

    def __repr__(self) -> str:
        return f"SeatRow(session_id={self.session_id}, state={self.state!r})"


def read_session(connection: Connection, session_id: SessionId) -> RowMapping | None:
    """The open session with its call; None where it is closed."""
    return connection.execute(_SESSION, {"session": session_id}).mappings().first()


def seat_row(
    connection: Connection, session_id: SessionId, row: RowMapping, settings: CampaignSettings
) -> SeatRow:
    """What the window shows of a row of `read_session`."""
    return SeatRow(
        session_id=session_id,
        campaign=settings.campaign,
        company_name=settings.company_name,
        script=settings.script,
        parked=_parked(connection, row["parked"]),
        note=row["note"] or "",  # None where no call is held
        control=progress.control_of(
            connection,
            session_id,
            row["attempt_id"],
            row["state"],
            row["call_trouble"],
            settings.campaign.recording,
        ),
        **{name: row[name] for name in _AS_READ},
    )


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
