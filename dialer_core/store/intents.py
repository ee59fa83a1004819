"""What windows want of the dialler: written as rows, read as the engine's events."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from dialer_core.clock import Instant
from dialer_core.engine.control_events import CallWanted, ManualDialWanted, SuperviseWanted
from dialer_core.engine.events import (
    AvailableWanted,
    CampaignSet,
    Event,
    OutcomeChosen,
    PauseWanted,
    PreviewAccepted,
    PreviewDrawn,
    PreviewSkipped,
    SeatClosed,
    SeatOpened,
    StageReached,
)
from dialer_core.model.call_control import CallAction, CallWish, Listening
from dialer_core.model.ids import AttemptId, CampaignId, ContactId, SessionId
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.day import skips_today
from dialer_core.store.restore import at_instant
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import AgentEventRow, AgentRow, SessionRow
from dialer_core.store.schema.base import EventKind

log = logging.getLogger(__name__)

_INSERT = insert(AgentEventRow)
_AFTER = (
    select(
        AgentEventRow.__table__,
        SessionRow.campaign_id,
        SessionRow.agent_id,
        SessionRow.is_relief,
        SessionRow.is_supervisor,
        AgentRow.name.label("agent_name"),
    )
    .outerjoin(SessionRow, SessionRow.id == AgentEventRow.session_id)
    .outerjoin(AgentRow, AgentRow.id == SessionRow.agent_id)
    .where(AgentEventRow.id > bindparam("after"))
    .order_by(AgentEventRow.id)
)
_FORGET = (
    update(AgentEventRow)
    .where(AgentEventRow.id.in_(bindparam("done", expanding=True)))
    .values(payload={})
)
DISCREET = frozenset({EventKind.CALL, EventKind.MANUAL_DIAL})
_LAST = select(func.max(AgentEventRow.id))
OUTCOME_STAGE = "outcome"  # an outcome that was picked is a stage of the call, too


def write(
    connection: Connection,
    kind: EventKind,
    at: datetime,
    session_id: int | None = None,
    attempt_id: str | None = None,
    contact_id: int | None = None,
    payload: Mapping[str, object] | None = None,
) -> None:
    """One wish, in the transaction of the caller."""
    connection.execute(
        _INSERT,
        {
            "session_id": session_id,
            "kind": kind,
            "attempt_id": attempt_id,
            "contact_id": contact_id,
            "payload": dict(payload or {}),
            "at": at,
        },
    )


def want_supervise(
    connection: Connection, attempt_id: str, how: Listening, session_id: int, now: Instant
) -> None:
    """A supervisor wants to take part in a call, with the phone of that session."""
    payload = {"how": how.value}
    write(connection, EventKind.SUPERVISE, now.utc, session_id, attempt_id, payload=payload)


def want_call(connection: Connection, wish: CallWish, session_id: int, now: Instant) -> None:
    """An agent wants something of the call in hand."""
    payload = {
        "action": wish.action.value,
        "number": wish.number,
        "colleague": wish.colleague,
        "digits": wish.digits,
    }
    write(connection, EventKind.CALL, now.utc, session_id, wish.attempt_id, payload=payload)


def forget(connection: Connection, ids: list[int], until: int) -> list[int]:
    """Drop the words of the events up to `until`, now that they are carried out; the other ids.

    Keys that were pressed may be a card's number: they are in nobody's log.
    """
    connection.execute(_FORGET, {"done": [one for one in ids if one <= until]})
    return [one for one in ids if one > until]


def last_id(connection: Connection) -> int:
    """The newest wish on the record; 0 where there is none."""
    return connection.scalar(_LAST) or 0


def read_rows(connection: Connection, after: int) -> list[AnyRow]:
    """The wishes after the one with the id `after`, oldest first."""
    return list(connection.execute(_AFTER, {"after": after}))


def as_events(
    connection: Connection,
    row: AnyRow,
    campaigns: Mapping[CampaignId, CampaignSettings],
    now: Instant,
) -> tuple[Event, ...]:
    """The engine's events for a row; none where what it speaks of is gone, or nobody can read it.

    A seat's role writes such rows as it likes: what one of them says must not stop the floor.
    """
    if row.kind is EventKind.OPENED:
        return (_opened(connection, row, campaigns),)
    try:
        return _as_events(row, campaigns, now)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError) as error:
        log.warning("a wish (%s) cannot be read: %s", row.kind, type(error).__name__)
        return ()


def _as_events(
    row: AnyRow, campaigns: Mapping[CampaignId, CampaignSettings], now: Instant
) -> tuple[Event, ...]:
    session = SessionId(row.session_id or 0)
    contact = ContactId(row.contact_id or 0)
    match row.kind:
        case EventKind.CLOSED:
            return (SeatClosed(session),)
        case EventKind.AVAILABLE:
            return (AvailableWanted(session),)
        case EventKind.PAUSE:
            return (PauseWanted(session, str(row.payload["reason"]), _pause_at(row, now)),)
        case EventKind.PREVIEW_DRAWN:
            return (PreviewDrawn(session, contact),)
        case EventKind.PREVIEW_ACCEPT:
            return (PreviewAccepted(session, contact),)
        case EventKind.PREVIEW_SKIP:
            return (PreviewSkipped(session, contact),)
        case EventKind.OUTCOME:
            attempt = AttemptId(row.attempt_id)
            return (
                StageReached(session, attempt, OUTCOME_STAGE),
                OutcomeChosen(session, attempt, str(row.payload["code"])),
            )
        case EventKind.STAGE:
            return (StageReached(session, AttemptId(row.attempt_id), str(row.payload["stage"])),)
        case EventKind.CALL | EventKind.MANUAL_DIAL | EventKind.SUPERVISE:
            return _of_call(row, session)
    settings = campaigns.get(CampaignId(int(row.payload["campaign_id"])))
    return () if settings is None else (CampaignSet(settings.campaign_on(now.utc)),)


def _of_call(row: AnyRow, session: SessionId) -> tuple[Event, ...]:
    """What is wanted of a call; none where the words of a finished wish are gone."""
    words = row.payload
    if row.kind is EventKind.MANUAL_DIAL and "number" in words:
        return (ManualDialWanted(session, str(words["number"])),)
    if row.kind is EventKind.SUPERVISE:
        attempt = AttemptId(row.attempt_id)
        return (SuperviseWanted(session, attempt, Listening(str(words["how"]))),)
    if row.kind is not EventKind.CALL or "action" not in words:
        return ()
    colleague = words.get("colleague")
    wish = CallWish(
        CallAction(str(words["action"])),
        AttemptId(row.attempt_id),
        str(words.get("number", "")),
        None if colleague is None else SessionId(int(colleague)),
        str(words.get("digits", "")),
    )
    return (CallWanted(session, wish),)


def _pause_at(row: AnyRow, now: Instant) -> Instant | None:
    """From when on the pause is wanted, on both clocks of this process; None: at once."""
    wanted = row.payload.get("at_utc_s")
    if wanted is None:
        return None
    return at_instant(datetime.fromtimestamp(float(wanted), UTC), now)


def _opened(
    connection: Connection, row: AnyRow, campaigns: Mapping[CampaignId, CampaignSettings]
) -> SeatOpened:
    campaign_id = CampaignId(row.campaign_id)
    return SeatOpened(
        SessionId(row.session_id),
        campaign_id,
        row.agent_name,
        skips_today=skips_today(connection, row.agent_id, campaigns[campaign_id], row.at),
        is_relief=row.is_relief,
        is_supervisor=row.is_supervisor,
    )
