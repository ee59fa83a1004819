"""Between the words of the lines and the words of the engine. No decisions here."""

from __future__ import annotations

from app.dialler.moments import instant, maybe_instant
from app.dialler.translate_control import WISHES, control_event, refused_wish
from dialer_core.clock import Instant
from dialer_core.engine import events
from dialer_core.model.ids import AttemptId, LineId, SessionId
from dialer_core.model.states import CallStage
from sip import messages

__all__ = [
    "CALLERS",
    "WISHES",
    "facts_of",
    "instant",
    "line_event",
    "line_up",
    "refused_originate",
    "refused_wish",
]

CALLERS = "callers"  # how the names of lines begin that are kept for calls that come in


def facts_of(ended: messages.CallEnded) -> events.CallFacts:
    """All that a line knows of a finished call."""
    return events.CallFacts(
        sip_status=ended.status,
        reason=ended.reason,
        q850=ended.q850,
        ended_by=ended.ended_by,
        crossed=ended.crossed,
        message_played=ended.message_played,
        invite=instant(ended.invite_at),
        progress=maybe_instant(ended.progress_at),
        ringing=maybe_instant(ended.ringing_at),
        early_media=maybe_instant(ended.early_media_at),
        answered=maybe_instant(ended.answered_at),
        bridged=maybe_instant(ended.bridged_at),
        message=maybe_instant(ended.message_at),
        ended=instant(ended.at),
        session_id=None if ended.session_id is None else SessionId(ended.session_id),
        sip_call_id=ended.sip_call_id,
        gateway=ended.gateway,
        cancelled=maybe_instant(ended.cancelled_at),
    )


def line_up(line_id: LineId, status: messages.LineStatus) -> events.LineUp:
    """A line's snapshot as the engine takes it."""
    call = status.call
    is_for_callers = line_id.startswith(CALLERS)
    if call is None:
        return events.LineUp(line_id, is_for_callers=is_for_callers)
    return events.LineUp(
        line_id,
        attempt_id=AttemptId(call.attempt_id),
        stage=CallStage(call.stage),
        session_id=None if call.session_id is None else SessionId(call.session_id),
        gateway=call.gateway,
        is_for_callers=is_for_callers,
    )


def line_event(line_id: LineId, message: messages.Message) -> tuple[events.Event, Instant] | None:
    """A numbered event of a line for the engine, or None where the engine need not know."""
    match message:
        case messages.CallProgress():
            return events.CallRinging(line_id, AttemptId(message.attempt_id)), instant(message.at)
        case messages.CallAnswered():
            return events.CallAnswered(line_id, AttemptId(message.attempt_id)), instant(message.at)
        case messages.AgentBridged():
            return (
                events.CallBridged(
                    line_id, AttemptId(message.attempt_id), SessionId(message.session_id)
                ),
                instant(message.at),
            )
        case messages.AgentUnreachable():
            return (
                events.SeatUnreachable(
                    line_id,
                    AttemptId(message.attempt_id),
                    SessionId(message.session_id),
                    message.sentence,
                ),
                instant(message.at),
            )
        case messages.MessageStarted():
            return events.MessageBegan(line_id, AttemptId(message.attempt_id)), instant(message.at)
        case messages.CallEnded():
            return (
                events.CallEnded(line_id, AttemptId(message.attempt_id), facts_of(message)),
                instant(message.at),
            )
        case _:
            return control_event(line_id, message)


def refused_originate(
    line_id: LineId, refused: messages.Refused, now: Instant
) -> tuple[events.Event, Instant]:
    """A line that would not dial, as the end of an attempt that never left."""
    facts = events.CallFacts(
        sip_status=0,
        reason=refused.sentence,
        q850=None,
        ended_by="line",
        crossed=False,
        message_played=False,
        invite=now,
        progress=None,
        ringing=None,
        early_media=None,
        answered=None,
        bridged=None,
        message=None,
        ended=now,
        session_id=None,
        sip_call_id="",
    )
    return events.CallEnded(line_id, AttemptId(refused.attempt_id), facts), now
