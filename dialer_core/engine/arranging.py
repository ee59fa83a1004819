"""Who hears whom, as the line says it; and a call that goes on without the agent who had it."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine import wrapping
from dialer_core.engine.calls import Call
from dialer_core.engine.commands import MoveAttempt
from dialer_core.engine.control_commands import NoteControl, NoteThird
from dialer_core.engine.control_events import Arranged
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Seat
from dialer_core.model.call_control import Arrangement, ThirdStage
from dialer_core.model.states import CallStage, SeatState


def arranged(floor: Floor, event: Arranged, now: Instant) -> None:
    """The bridge's own word. The agent's leg has left with HANDED_OVER."""
    call = floor.calls.get(event.attempt_id)
    if call is None:
        return
    how = event.how
    if call.arrangement is not how:
        call.arrangement = how
        floor.tell(NoteControl(call.attempt_id, how, now))
    if how is Arrangement.HANDED_OVER and not call.is_handed_over:
        _hand_over(floor, call, now)


def give_to(floor: Floor, call: Call, seat: Seat, now: Instant) -> None:
    """The call is this seat's now, which is on the line already; the one before wraps up."""
    leave(floor, call, now)
    seat.is_helping = False
    seat.attempt_id, seat.record = call.attempt_id, call.record
    if seat.state is not SeatState.TALKING:
        if seat.state is not SeatState.CONNECTING:
            floor.set_seat(seat, SeatState.CONNECTING, now, is_told=False)
        floor.set_seat(seat, SeatState.TALKING, now)
    else:
        floor.set_seat(seat, SeatState.TALKING, now)
    call.session_id, call.taken = seat.session_id, now
    floor.tell(MoveAttempt(call.attempt_id, CallStage.TALKING, now, seat.session_id))


def leave(floor: Floor, call: Call, now: Instant) -> None:
    """The seat that had the call wraps it up; the call itself goes on."""
    seat = floor.seat_of(call)
    call.session_id = None
    if seat is not None and seat.state is SeatState.TALKING:
        wrapping.leave_talk(floor, call, seat, now)


def _hand_over(floor: Floor, call: Call, now: Instant) -> None:
    call.is_handed_over = True
    third = call.third
    other = None
    if third is not None:
        floor.tell(NoteThird(call.attempt_id, third.ref, ThirdStage.UP, now, is_handed_over=True))
        other = floor.seats.get(third.colleague) if third.colleague is not None else None
    if third is not None and other is not None and other.attempt_id == call.attempt_id:
        call.third = None  # the agent now, no third party any more
        give_to(floor, call, other, now)
    else:
        leave(floor, call, now)
