"""A supervisor on an agent's call: listens, whispers, joins in, takes it over."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine import arranging, wishes
from dialer_core.engine.calls import Call
from dialer_core.engine.control_commands import NoteSupervision, Supervise
from dialer_core.engine.control_events import SuperviseMoved, SuperviseWanted
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Seat
from dialer_core.model.call_control import Listening
from dialer_core.model.ids import LineId
from dialer_core.model.states import CallStage, SeatState

OVER = "That call is over."
OWN = "This is your own call."
PAUSE_FIRST = "Take a pause first: your phone must not be given the next call meanwhile."
ELSEWHERE = "You are on another call; leave that first."
TAKEN = "Another supervisor is on this call already."


def wanted(floor: Floor, event: SuperviseWanted, now: Instant) -> None:
    """Bring the supervisor's phone into the call, change how it takes part, or let it go."""
    del now
    seat, call = floor.seats.get(event.session_id), floor.calls.get(event.attempt_id)
    if seat is None:
        return
    trouble = ""
    if event.how is Listening.LEAVE:
        if call is not None and call.supervisor == seat.session_id and call.line_id is not None:
            floor.tell(Supervise(call.line_id, call.attempt_id, seat.session_id, event.how))
    elif call is None or call.stage is not CallStage.TALKING or call.line_id is None:
        trouble = OVER
    else:
        trouble = _join(floor, seat, call, call.line_id, event.how)
    wishes.tell_trouble(floor, seat.session_id, trouble)


def _join(floor: Floor, seat: Seat, call: Call, line_id: LineId, how: Listening) -> str:
    if call.session_id == seat.session_id:
        return OWN
    if call.supervisor not in (None, seat.session_id):
        return TAKEN
    if seat.state is not SeatState.PAUSED:
        return PAUSE_FIRST
    others = (one for one in floor.calls.values() if one is not call)
    if any(one.supervisor == seat.session_id for one in others):
        return ELSEWHERE
    call.supervisor = seat.session_id
    floor.tell(Supervise(line_id, call.attempt_id, seat.session_id, how))
    return ""


def moved(floor: Floor, event: SuperviseMoved, now: Instant) -> None:
    """The line's word on how the supervisor takes part."""
    call = floor.calls.get(event.attempt_id)
    floor.tell(NoteSupervision(event.attempt_id, event.session_id, event.how, now, event.sentence))
    if event.sentence:
        wishes.tell_trouble(floor, event.session_id, event.sentence)
    if call is None:
        return
    call.supervised = event.how
    call.supervisor = event.session_id if event.how is not None else None
    if event.how is Listening.TAKE_OVER:
        _take_over(floor, call, event, now)


def over(floor: Floor, call: Call, now: Instant) -> None:
    """The call is over, and with it the listening."""
    if call.supervisor is not None and call.supervised is not None:
        floor.tell(NoteSupervision(call.attempt_id, call.supervisor, None, now))
    call.supervisor = call.supervised = None


def is_listening(floor: Floor, seat: Seat) -> bool:
    """Whether the seat's phone is on somebody else's call."""
    return any(call.supervisor == seat.session_id for call in floor.calls.values())


def _take_over(floor: Floor, call: Call, event: SuperviseMoved, now: Instant) -> None:
    seat = floor.seats.get(event.session_id)
    if seat is None or call.stage is not CallStage.TALKING or call.session_id == seat.session_id:
        return
    if seat.state is SeatState.PAUSED:
        seat.pause_wanted = seat.pause_wanted or seat.reason
    if seat.state in (SeatState.PAUSED, SeatState.AVAILABLE):
        arranging.give_to(floor, call, seat, now)
        call.supervisor = call.supervised = None
        floor.tell(NoteSupervision(call.attempt_id, event.session_id, None, now))
