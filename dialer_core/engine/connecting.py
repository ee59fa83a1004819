"""An answered call meets a seat, or hears the message before the limit."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine import judging, parking, wrapping
from dialer_core.engine.calls import Call
from dialer_core.engine.campaign_state import CampaignState
from dialer_core.engine.commands import ConnectAgent, EndCall, PlayMessage
from dialer_core.engine.events import (
    CallAnswered,
    CallBridged,
    CallRinging,
    MessageBegan,
    SeatUnreachable,
)
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Seat
from dialer_core.model.states import CallStage, Direction, FormulaClass, Mode, SeatState

UNREACHABLE = "phone not reachable"
CROSSED_S = 3.0  # the line may notice later than the window that a phone has died
_UNANSWERED = frozenset({CallStage.COMMITTED, CallStage.DIALLING, CallStage.RINGING})
_CHOSEN = frozenset({SeatState.RINGING, SeatState.CONNECTING})


def ringing(floor: Floor, event: CallRinging, now: Instant) -> None:
    """18x came back; nothing new where the call is further already."""
    call = floor.calls.get(event.attempt_id)
    if call is not None and call.stage in (CallStage.COMMITTED, CallStage.DIALLING):
        floor.gateways.got_through(call.attempt_id)
        floor.move_call(call, CallStage.RINGING, now)


def answered(floor: Floor, event: CallAnswered, now: Instant) -> None:
    """The person is there: to the seat that was held, else to whoever can take the call."""
    call = floor.calls.get(event.attempt_id)
    if call is None or call.stage not in _UNANSWERED:
        return
    call.answered = now
    floor.gateways.got_through(call.attempt_id)
    floor.log_ring(call, now, is_answered=True)
    seat = floor.seat_of(call)
    if seat is not None and seat.state is SeatState.RINGING:
        floor.set_seat(seat, SeatState.CONNECTING, now)
        floor.move_call(call, CallStage.CONNECTING, now)
        return
    if call.mode is Mode.AGENTLESS:
        call.session_id = None
        floor.move_call(call, CallStage.MESSAGE, now)
        return
    if judging.begin(floor, call, now):
        return
    state = floor.campaign(call.campaign_id)
    if call.direction is Direction.IN:
        floor.move_call(call, CallStage.WAITING, now)
        return
    found = parking.seat_for_answer(floor, state, now) if not state.waiting else None
    if found is not None:
        connect(floor, call, found, now)
    else:
        call.session_id = None
        floor.move_call(call, CallStage.WAITING, now)


def connect(floor: Floor, call: Call, seat: Seat, now: Instant) -> None:
    """Bring this seat to the person; a wrap-up in hand is parked."""
    if seat.state is SeatState.WRAP_UP:
        floor.park(seat, now)
    seat.attempt_id, seat.record = call.attempt_id, call.record
    call.session_id = seat.session_id
    floor.set_seat(seat, SeatState.CONNECTING, now)
    floor.move_call(call, CallStage.CONNECTING, now)
    if call.line_id is not None:
        floor.tell(ConnectAgent(call.line_id, call.attempt_id, seat.session_id))


def match_waiting(floor: Floor, state: CampaignState, now: Instant) -> None:
    """Seats that can take a call take those that wait longest."""
    while in_need := [one for one in state.waiting if one not in state.judging]:
        seat = parking.seat_for_answer(floor, state, now)
        if seat is None:
            return
        attempt_id = min(in_need, key=lambda key: state.waiting[key])
        connect(floor, floor.calls[attempt_id], seat, now)


def message_due_s(floor: Floor, call: Call) -> float | None:
    """When the message must start, in monotonic seconds; None where none is due any more."""
    since = call.waits_since
    if since is None or call.is_message_asked or call.line_id is None:
        return None
    campaign = floor.campaign(call.campaign_id).campaign
    if call.direction is Direction.IN:
        return since.mono_s + campaign.longest_wait_s
    return since.mono_s + campaign.connect_limit_s - campaign.message_lead_s


def due_s(floor: Floor, call: Call) -> float | None:
    """When something is due for a person who waits: the end of the judging, or the message."""
    return message_due_s(floor, call) if call.judge_by_s is None else call.judge_by_s


def keep_limits(floor: Floor, now: Instant) -> None:
    """The message to all who have waited as long as they may.

    Where a seat's leg is on its way the line has the last word: the call stays CONNECTING until
    it says that it was bridged or that the message began.
    """
    for call in list(floor.unbridged.values()):
        judging.keep_time(floor, call, now)
        limit_s = message_due_s(floor, call)
        if limit_s is None or now.mono_s < limit_s:
            continue
        call.is_message_asked = True
        if call.stage is CallStage.WAITING:
            to_message(floor, call, now)
        if call.line_id is not None:
            floor.tell(PlayMessage(call.line_id, call.attempt_id))


def bridged(floor: Floor, event: CallBridged, now: Instant) -> None:
    """Person and agent hear each other; the line's word on who it is counts."""
    call = floor.calls.get(event.attempt_id)
    if call is None or call.stage in (CallStage.TALKING, CallStage.MESSAGE):
        if call is not None and call.session_id == event.session_id:
            call.is_agent_lost = False
        return
    if call.answered is None:
        call.answered = now
        floor.log_ring(call, now, is_answered=True)
    call.bridged = now
    if call.session_id != event.session_id:
        release_seat(floor, call, now)
        call.session_id = event.session_id
    floor.move_call(call, CallStage.TALKING, now)
    seat = floor.seats.get(event.session_id)
    if seat is not None:
        _seat_talks(floor, call, seat, now)
    elif call.line_id is not None:  # logged out a moment ago: nobody talks to an empty seat
        floor.tell(EndCall(call.line_id, call.attempt_id, now=True))
    limit_s = floor.campaign(call.campaign_id).campaign.connect_limit_s
    since = call.waits_since or call.answered
    is_late = call.is_of_the_rate and now.mono_s - since.mono_s > limit_s
    if is_late:  # lost at once; a call in time counts when it is over, as on the record
        floor.count_call(call, FormulaClass.AOBS)
    floor.log_answer(call, is_abandoned=is_late)


def unreachable(floor: Floor, event: SeatUnreachable, now: Instant) -> None:
    """The seat's phone does not answer: it is taken out, the person goes to another."""
    call = floor.calls.get(event.attempt_id)
    if call is None or call.session_id != event.session_id:
        return
    seat = floor.seat_of(call)
    if call.stage is CallStage.TALKING:
        _await_phone(floor, call, seat, now)
        return
    if seat is not None and seat.state in _CHOSEN:
        seat.pause_wanted = UNREACHABLE
        floor.free_seat(seat, now)
    detach(floor, call, now)


def phone_came(floor: Floor, seat: Seat, now: Instant) -> None:
    """Another phone stands in for the seat's dead one: back into the call that still waits."""
    seat.phone_came_s = now.mono_s
    call = floor.calls.get(seat.attempt_id) if seat.attempt_id is not None else None
    if call is not None and call.session_id == seat.session_id and call.is_agent_lost:
        _rejoin(floor, call, seat)


def _await_phone(floor: Floor, call: Call, seat: Seat | None, now: Instant) -> None:
    """The agent's leg broke in the conversation: the line plays music, then its own message.

    Meanwhile the seat's phone may come back; `message_began` says that it did not.
    """
    if call.is_agent_lost:
        return
    call.is_agent_lost = True
    came_s = seat.phone_came_s if seat is not None else None
    if seat is not None and came_s is not None and now.mono_s - came_s < CROSSED_S:
        _rejoin(floor, call, seat)


def _rejoin(floor: Floor, call: Call, seat: Seat) -> None:
    if call.stage is CallStage.TALKING and call.line_id is not None:
        floor.tell(ConnectAgent(call.line_id, call.attempt_id, seat.session_id))


def detach(floor: Floor, call: Call, now: Instant) -> None:
    """The call has lost its seat: it is for anybody who is free."""
    call.session_id = None
    if call.stage in _UNANSWERED:
        if call.is_on_record:
            call.is_held = False
            floor.campaign(call.campaign_id).ring(call)
    elif call.stage is CallStage.CONNECTING:
        if call.is_message_asked:
            to_message(floor, call, now)
        else:
            floor.move_call(call, CallStage.WAITING, now)


def message_began(floor: Floor, event: MessageBegan, now: Instant) -> None:
    """The message plays, asked for by the engine or by the line's own clock."""
    call = floor.calls.get(event.attempt_id)
    if call is None or call.stage is CallStage.MESSAGE:
        return
    if call.answered is None:
        call.answered = now
        floor.log_ring(call, now, is_answered=True)
    seat = floor.seat_of(call)
    if call.stage is CallStage.TALKING:
        _lost_agent(floor, call, seat, now)
        return
    release_seat(floor, call, now)
    call.is_message_asked = True
    to_message(floor, call, now)


def release_seat(floor: Floor, call: Call, now: Instant) -> None:
    """The seat that was chosen is not needed for this call any more."""
    seat = floor.seat_of(call)
    if seat is not None and seat.state in _CHOSEN:
        floor.free_seat(seat, now)
    call.session_id = None


def to_message(floor: Floor, call: Call, now: Instant) -> None:
    """The recorded message plays: the person is lost, unless it is a machine or no such call."""
    call.session_id = None
    floor.move_call(call, CallStage.MESSAGE, now)
    if call.is_machine:
        floor.count_call(call, FormulaClass.AMDET)
    elif call.is_of_the_rate or (call.mode is Mode.MANUAL and call.direction is Direction.OUT):
        floor.count_call(call, FormulaClass.AOBS)
        floor.log_answer(call, is_abandoned=True)


def _lost_agent(floor: Floor, call: Call, seat: Seat | None, now: Instant) -> None:
    """The agent's leg broke in the conversation, and no phone came back in time."""
    floor.move_call(call, CallStage.MESSAGE, now)
    call.is_agent_lost = False
    call.is_message_asked = True
    if seat is not None and seat.state is SeatState.TALKING:
        seat.pause_wanted = seat.pause_wanted or UNREACHABLE
        wrapping.end_talk(floor, call, seat, now)


def _seat_talks(floor: Floor, call: Call, seat: Seat, now: Instant) -> None:
    if seat.attempt_id == call.attempt_id and seat.state in _CHOSEN:
        floor.set_seat(seat, SeatState.TALKING, now)
    elif seat.state is SeatState.AVAILABLE or (
        seat.state is SeatState.WRAP_UP and seat.attempt_id != call.attempt_id and not seat.parked
    ):
        if seat.state is SeatState.WRAP_UP:
            floor.park(seat, now)
        seat.attempt_id, seat.record = call.attempt_id, call.record
        floor.set_seat(seat, SeatState.CONNECTING, now)
        floor.set_seat(seat, SeatState.TALKING, now)
