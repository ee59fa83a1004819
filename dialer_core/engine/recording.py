"""The recording of a call: what the agent may ask for, and what the line says of it."""

from __future__ import annotations

from typing import Literal

from dialer_core.clock import Instant
from dialer_core.engine.calls import Call
from dialer_core.engine.control_commands import NoteRecording, NoteTrouble, SetRecording
from dialer_core.engine.control_events import RecordingMoved
from dialer_core.engine.floor import Floor
from dialer_core.model.call_control import CallAction, RecordingPolicy, RecordingState
from dialer_core.model.ids import LineId

NEVER = "Calls of this campaign are not recorded."
NOT_RUNNING = "The call is not being recorded."

Order = Literal["start", "pause", "resume"]
_ORDERS: dict[CallAction, Order] = {
    CallAction.RECORD_START: "start",
    CallAction.RECORD_PAUSE: "pause",
    CallAction.RECORD_RESUME: "resume",
}


def wanted(floor: Floor, call: Call, line_id: LineId, action: CallAction) -> str:
    """Start, pause (for a payment) or go on; why not, or empty."""
    policy = floor.campaign(call.campaign_id).campaign.recording
    state = call.recording
    if policy is RecordingPolicy.OFF and state is RecordingState.OFF:
        return NEVER
    is_on = state in (RecordingState.RECORDING, RecordingState.PAUSED)
    if action is CallAction.RECORD_START and is_on:
        return ""
    if action is not CallAction.RECORD_START and not is_on:
        return NOT_RUNNING
    if action is CallAction.RECORD_PAUSE and state is RecordingState.PAUSED:
        return ""
    if action is CallAction.RECORD_RESUME and state is RecordingState.RECORDING:
        return ""
    floor.tell(SetRecording(line_id, call.attempt_id, _ORDERS[action]))
    return ""


def moved(floor: Floor, event: RecordingMoved, now: Instant) -> None:
    """The line's word; it is kept also when the call is over, since the file is closed last."""
    call = floor.calls.get(event.attempt_id)
    policy, session_id = RecordingPolicy.ALL, None
    if call is not None:
        call.recording, session_id = event.state, call.session_id
        policy = floor.campaign(call.campaign_id).campaign.recording
    floor.tell(
        NoteRecording(
            event.attempt_id,
            event.state,
            policy,
            event.path,
            event.recorded_s,
            event.sentence,
            now,
            session_id,
        )
    )
    seat = floor.seats.get(session_id) if session_id is not None else None
    if event.sentence and seat is not None and seat.trouble != event.sentence:
        seat.trouble = event.sentence
        floor.tell(NoteTrouble(seat.session_id, event.sentence))
