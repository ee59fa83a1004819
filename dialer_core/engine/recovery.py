"""Adoption after a restart, and of lines that come and go: one path for both."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine import connecting, endings, previews, thirds, wrapping
from dialer_core.engine.calls import Call, Third
from dialer_core.engine.commands import EndCall
from dialer_core.engine.control_events import RestoredControl
from dialer_core.engine.events import (
    AttemptRestored,
    CallAnswered,
    CallBridged,
    CallRinging,
    LineUp,
    MessageBegan,
)
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Seat
from dialer_core.model.call_control import Arrangement, AskedByKey
from dialer_core.model.states import CallStage, Direction, FormulaClass, SeatState

SILENT_LIMIT_S = 2.0  # a line that is back has told the end of its calls by then
SILENT_RING_LIMIT_S = 15.0  # one that was just told to dial has had an answer or given up
_ANSWERED = frozenset({CallStage.WAITING, CallStage.CONNECTING, CallStage.MESSAGE})


def restored(floor: Floor, event: AttemptRestored, now: Instant) -> None:
    """An attempt that the database holds open: a line may claim it until `Recovered`."""
    if event.attempt_id in floor.calls or event.stage is CallStage.ENDED:
        return
    answered, bridged = event.answered, event.bridged
    if answered is None and (event.stage in _ANSWERED or event.stage is CallStage.TALKING):
        answered = bridged or now
    if bridged is None and event.stage is CallStage.TALKING:
        bridged = answered
    seat = _seat_for(floor, event)
    call = Call(
        event.attempt_id,
        event.campaign_id,
        event.record,
        event.mode,
        line_id=None,
        session_id=seat.session_id if seat is not None else None,
        is_held=seat is not None and answered is None,
        stage=event.stage,
        is_on_record=True,
        answered=answered,
        bridged=bridged,
        is_message_asked=event.stage is CallStage.MESSAGE,
        direction=event.direction,
        wish=event.asked,
    )
    if event.asked is AskedByKey.AGENT and event.direction is Direction.OUT:
        call.asked = answered  # the key's own moment is not on the record: held against us
    floor.add_call(call)
    _go_on(floor, call, event.control, now)
    if not call.is_of_the_rate:
        return
    if bridged is not None and answered is not None:
        limit_s = floor.campaign(call.campaign_id).campaign.connect_limit_s
        is_late = bridged.mono_s - answered.mono_s > limit_s
        floor.count_call(call, FormulaClass.AOBS if is_late else FormulaClass.L)
    elif event.stage is CallStage.MESSAGE:
        floor.count_call(call, FormulaClass.AOBS)


def _go_on(floor: Floor, call: Call, control: RestoredControl | None, now: Instant) -> None:
    """What was being done with the call goes on where it was."""
    if control is None:
        return
    call.arrangement, call.recording = control.arrangement, control.recording
    call.supervisor, call.supervised = control.supervisor, control.supervised
    call.is_machine = control.is_machine
    if control.arrangement is Arrangement.HANDED_OVER:
        call.is_handed_over = True
        seat = floor.seat_of(call)
        if seat is not None and seat.state is SeatState.WRAP_UP:
            call.session_id = None
    if control.third_ref:
        third = Third(
            control.third_ref,
            control.is_blind,
            control.colleague,
            control.third_stage,
            is_dialled=True,
        )
        thirds.adopt(floor, call, third, now)


def line_up(floor: Floor, event: LineUp, now: Instant) -> None:
    """A line is there, free or with a call in hand, for the first time or again."""
    if event.is_for_callers:
        floor.callers.add(event.line_id)
    before = floor.lines.get(event.line_id)
    old = floor.calls.get(before) if before is not None else None
    if old is not None and old.attempt_id != event.attempt_id:
        if old.is_on_record:
            # It ended while nobody listened (the line is about to say so), or its INVITE never
            # left (then it will not).
            is_answered = old.answered is not None
            limit_s = SILENT_LIMIT_S if is_answered else SILENT_RING_LIMIT_S
            floor.silent[old.attempt_id] = now.mono_s + limit_s
        if event.attempt_id is None:
            return
    floor.set_line(event.line_id, event.attempt_id)
    if event.attempt_id is None:
        return
    call = floor.calls.get(event.attempt_id)
    if call is None:
        return  # nobody knows it: the line ends it by itself and is busy until then
    floor.silent.pop(call.attempt_id, None)
    floor.gateways.adopted(call.attempt_id, event.gateway)
    if call.line_id is None:
        call.line_id = event.line_id
        _show(floor, call)
    _follow(floor, call, event, now)


def recovered(floor: Floor, now: Instant) -> None:
    """What no line has claimed is closed, seats are put right, launching may begin."""
    for call in list(floor.calls.values()):
        if call.line_id is None:
            endings.close_lost(floor, call, now)
    for seat in list(floor.seats.values()):
        _put_right(floor, seat, now)
    floor.is_recovered = True


def keep_time(floor: Floor, now: Instant) -> None:
    """Close the attempts of which a line that came back has said nothing in time."""
    for attempt_id, due_s in list(floor.silent.items()):
        if now.mono_s >= due_s:
            call = floor.calls[attempt_id]
            if call.line_id is not None:
                floor.tell(EndCall(call.line_id, attempt_id, now=True))
            endings.close_lost(floor, call, now)


def _seat_for(floor: Floor, event: AttemptRestored) -> Seat | None:
    """The seat that the record has for the attempt, if that seat, too, is there for it."""
    seat = floor.seats.get(event.session_id) if event.session_id is not None else None
    if seat is None:
        return None
    if seat.attempt_id == event.attempt_id:
        seat.record = event.record
        return seat
    if seat.record is not None and seat.record.contact_id == event.record.contact_id:
        seat.record = None  # its preview was accepted, and the word to dial never left
    return None


def _show(floor: Floor, call: Call) -> None:
    """Put a claimed call into the views."""
    state = floor.campaign(call.campaign_id)
    if call.stage in (CallStage.WAITING, CallStage.CONNECTING):
        floor.unbridged[call.attempt_id] = call
        since = call.waits_since
        if call.stage is CallStage.WAITING and since is not None:
            queue = state.waiting if call.direction is Direction.OUT else state.queue
            queue[call.attempt_id] = since.mono_s


def _follow(floor: Floor, call: Call, event: LineUp, now: Instant) -> None:
    """Bring the call to where the line says that it stands."""
    line_id, attempt_id = event.line_id, call.attempt_id
    session_id = event.session_id if event.session_id is not None else call.session_id
    if event.stage is CallStage.RINGING:
        connecting.ringing(floor, CallRinging(line_id, attempt_id), now)
    elif event.stage in (CallStage.WAITING, CallStage.CONNECTING):
        connecting.answered(floor, CallAnswered(line_id, attempt_id), now)
        if event.stage is CallStage.WAITING and call.stage is CallStage.CONNECTING:
            # The word to connect never left: another seat, or the same, is chosen anew.
            connecting.release_seat(floor, call, now)
            floor.move_call(call, CallStage.WAITING, now)
    elif event.stage is CallStage.TALKING and session_id is not None:
        connecting.bridged(floor, CallBridged(line_id, attempt_id, session_id), now)
    elif event.stage is CallStage.MESSAGE:
        connecting.message_began(floor, MessageBegan(line_id, attempt_id), now)


def _put_right(floor: Floor, seat: Seat, now: Instant) -> None:
    """A seat that waits for a call that is gone goes on; a preview begins again."""
    if seat.pause_wanted is not None and seat.state is SeatState.AVAILABLE:
        floor.free_seat(seat, now)
    has_call = seat.attempt_id is not None and seat.attempt_id in floor.calls
    if seat.state in (SeatState.RINGING, SeatState.CONNECTING) and not has_call:
        floor.free_seat(seat, now)
    elif seat.state is SeatState.TALKING and not has_call:
        wrapping.begin_wrap_up(floor, seat, now)
    elif seat.state is SeatState.PREVIEW and not floor.is_recovered:
        if seat.record is None:
            floor.free_seat(seat, now)
        elif seat.pause_wanted is not None:
            previews.withdraw(floor, seat, now)
        else:
            previews.start_countdown(floor, seat, now)
