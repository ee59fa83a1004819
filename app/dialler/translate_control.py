"""Between the words of lines and engine about calls in progress, and calls that come in."""

from __future__ import annotations

from app.dialler.moments import instant, maybe_instant
from dialer_core.clock import Instant
from dialer_core.engine import control_events as events
from dialer_core.engine.events import Event
from dialer_core.model.call_control import (
    Arrangement,
    AskedByKey,
    Listening,
    RecordingState,
    ThirdStage,
)
from dialer_core.model.ids import AttemptId, LineId, SessionId
from sip import messages

WISHES = frozenset(
    {"arrange", "dial_third", "drop_third", "send_digits", "set_recording", "supervise"}
)
"""Commands whose refusal is told to who wanted them; the call itself goes on."""


def control_event(line_id: LineId, message: messages.Message) -> tuple[Event, Instant] | None:
    """A line's numbered event about a call in progress; None: the engine need not know."""
    match message:
        case messages.CallArranged():
            attempt = AttemptId(message.attempt_id)
            arranged = events.Arranged(
                line_id, attempt, Arrangement(message.how), message.has_person
            )
            return arranged, instant(message.at)
        case messages.ThirdChanged():
            return _third(line_id, message), instant(message.at)
        case messages.KeyPressed():
            return _key(line_id, message), instant(message.at)
        case messages.RecordingChanged():
            return _recording(line_id, message), instant(message.at)
        case messages.SuperviseChanged():
            return _supervised(line_id, message), instant(message.at)
        case _:
            return _heard(line_id, message)


def _heard(line_id: LineId, message: messages.Message) -> tuple[Event, Instant] | None:
    match message:
        case messages.VerdictReached():
            verdict = events.VerdictHeard(
                line_id,
                AttemptId(message.attempt_id),
                message.verdict,
                message.cause,
                maybe_instant(message.speech_start_at),
                maybe_instant(message.greeting_end_at),
            )
            return verdict, instant(message.at)
        case messages.ToneHeard():
            attempt = AttemptId(message.attempt_id)
            tone = events.ToneHeardOnLine(line_id, attempt, message.tone, message.is_early)
            return tone, instant(message.at)
        case messages.CallOffered():
            offered = events.CallOffered(
                line_id, message.call_ref, message.caller, message.called, message.gateway
            )
            return offered, instant(message.at)
        case messages.OfferEnded():
            return events.OfferOver(line_id, message.call_ref), instant(message.at)
        case _:
            return None


def _third(line_id: LineId, message: messages.ThirdChanged) -> Event:
    return events.ThirdMoved(
        line_id,
        AttemptId(message.attempt_id),
        message.third_ref,
        ThirdStage(message.stage),
        message.status,
        message.sentence,
    )


def _key(line_id: LineId, message: messages.KeyPressed) -> Event:
    return events.KeyHeard(
        line_id,
        AttemptId(message.attempt_id),
        message.key,
        message.by,
        AskedByKey(message.meaning) if message.meaning else None,
    )


def _recording(line_id: LineId, message: messages.RecordingChanged) -> Event:
    return events.RecordingMoved(
        line_id,
        AttemptId(message.attempt_id),
        RecordingState(message.state),
        message.path,
        message.recorded_s,
        message.sentence,
    )


def _supervised(line_id: LineId, message: messages.SuperviseChanged) -> Event:
    return events.SuperviseMoved(
        line_id,
        AttemptId(message.attempt_id),
        SessionId(message.session_id),
        None if message.how is None else Listening(message.how),
        message.sentence,
    )


def refused_wish(line_id: LineId, refused: messages.Refused, now: Instant) -> tuple[Event, Instant]:
    """What a line would not do with the call in hand."""
    wish = events.WishRefused(
        line_id, AttemptId(refused.attempt_id), refused.command, refused.sentence
    )
    return wish, now
