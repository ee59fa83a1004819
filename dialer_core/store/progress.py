"""Calls in progress as windows see them, and as a dialler that begins must know them."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from dialer_core.engine.control_events import RestoredControl
from dialer_core.model.call_control import (
    Arrangement,
    CallControl,
    Listening,
    RecordingPolicy,
    RecordingState,
    ThirdStage,
)
from dialer_core.model.ids import SessionId
from dialer_core.model.states import SeatState
from dialer_core.store import rights
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AgentRow,
    AttemptRow,
    RecordingRow,
    SessionRow,
    SupervisionRow,
    ThirdPartyRow,
)
from dialer_core.store.schema.base import ThirdKind

_ATTEMPT = select(AttemptRow.arrangement, AttemptRow.session_id, AttemptRow.amd_verdict).where(
    AttemptRow.id == bindparam("attempt")
)
_THIRD = (
    select(ThirdPartyRow.__table__)
    .where(ThirdPartyRow.attempt_id == bindparam("attempt"), ThirdPartyRow.ended_at.is_(None))
    .order_by(ThirdPartyRow.at.desc(), ThirdPartyRow.ref.desc())
    .limit(1)
)
_RECORDING = select(RecordingRow.state).where(RecordingRow.attempt_id == bindparam("attempt"))
_SUPERVISION = (
    select(SupervisionRow.session_id, SupervisionRow.how)
    .where(SupervisionRow.attempt_id == bindparam("attempt"), SupervisionRow.until.is_(None))
    .order_by(SupervisionRow.at.desc(), SupervisionRow.id.desc())
    .limit(1)
)
_COLLEAGUES = (
    select(SessionRow.id, AgentRow.name, SessionRow.state, SessionRow.reason)
    .join(AgentRow, AgentRow.id == SessionRow.agent_id)
    .where(
        SessionRow.closed_at.is_(None),
        SessionRow.is_supervisor.is_(False),
        SessionRow.id != bindparam("session"),
    )
    .order_by(AgentRow.name)
)
_HELPING = frozenset({SeatState.CONNECTING, SeatState.TALKING})


def colleagues(
    connection: Connection, session_id: SessionId
) -> list[tuple[int, str, SeatState, str]]:
    """The others who are logged in: session, name, state, reason of a pause; by name."""
    if rights.is_seat(connection):  # it may not look at the rest of their sessions
        return rights.colleagues(connection)
    rows = connection.execute(_COLLEAGUES, {"session": session_id})
    return [(int(row.id), str(row.name), row.state, str(row.reason)) for row in rows]


def control_of(
    connection: Connection,
    session_id: SessionId,
    attempt_id: str | None,
    state: SeatState,
    trouble: str,
    policy: RecordingPolicy,
) -> CallControl | None:
    """What the seat's window shows of the call in hand; None: no call, and nothing to say."""
    row = connection.execute(_ATTEMPT, {"attempt": attempt_id}).first() if attempt_id else None
    if row is None:
        return CallControl(trouble=trouble, recording_policy=policy) if trouble else None
    third, recording, supervision = _details(connection, attempt_id)
    how = None if supervision is None else supervision.how
    return CallControl(
        arrangement=row.arrangement or Arrangement.TALK,
        third=None if third is None else third.stage,
        third_label="" if third is None else third.label,
        trouble=trouble,
        recording=recording,
        recording_policy=policy,
        is_third=state in _HELPING and row.session_id != session_id,
        # Who only listens is not shown; the others are heard anyway.
        supervised=None if how is Listening.LISTEN else how,
    )


def restored(connection: Connection, attempt_id: str) -> RestoredControl:
    """What was being done with an open attempt."""
    row = connection.execute(_ATTEMPT, {"attempt": attempt_id}).one()
    third, recording, supervision = _details(connection, attempt_id)
    is_third = third is not None and third.handed_over_at is None
    return RestoredControl(
        arrangement=row.arrangement or Arrangement.TALK,
        recording=recording,
        third_ref=third.ref if third is not None and is_third else "",
        third_stage=third.stage if third is not None else ThirdStage.DIALLING,
        colleague=None
        if third is None or third.session_id is None
        else SessionId(third.session_id),
        is_blind=third is not None and third.kind is ThirdKind.BLIND,
        supervisor=None
        if supervision is None or supervision.session_id is None
        else SessionId(supervision.session_id),
        supervised=None if supervision is None else supervision.how,
        is_machine=row.amd_verdict == "machine",
    )


def _details(
    connection: Connection, attempt_id: str | None
) -> tuple[AnyRow | None, RecordingState, AnyRow | None]:
    which = {"attempt": attempt_id}
    third = connection.execute(_THIRD, which).first()
    recording = connection.scalar(_RECORDING, which) or RecordingState.OFF
    return third, recording, connection.execute(_SUPERVISION, which).first()
