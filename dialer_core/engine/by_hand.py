"""Calls that an agent dials by hand: through the same gate, and the agent hears it ring."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine import placing, wishes
from dialer_core.engine.control_commands import ClearNumber
from dialer_core.engine.control_events import ManualDialWanted, NumberCleared, NumberRefused
from dialer_core.engine.floor import Floor
from dialer_core.model.states import Mode, SeatState

NOT_NOW = "You have a call or a record in hand; finish it first."
ON_SCREEN = "A colleague has this person in hand just now."
IN_BETWEEN = "A call came in between; dial again when it is done."
STOPPED = "Dialling is stopped."
LISTENING = "You are on another call; leave that first."
NO_LINE = "No line is free; try again in a moment."
_AT_REST = frozenset({SeatState.AVAILABLE, SeatState.PAUSED})


def wanted(floor: Floor, event: ManualDialWanted) -> None:
    """Ask the database who that is and whether they may be called."""
    seat = floor.seats.get(event.session_id)
    if seat is None:
        return
    trouble = ""
    if seat.state not in _AT_REST:
        trouble = NOT_NOW
    elif floor.is_stopped or not floor.is_recovered:
        trouble = STOPPED
    elif any(call.supervisor == seat.session_id for call in floor.calls.values()):
        trouble = LISTENING
    else:
        floor.tell(ClearNumber(seat.session_id, seat.campaign_id, event.number))
    wishes.tell_trouble(floor, seat.session_id, trouble)


def cleared(floor: Floor, event: NumberCleared, now: Instant) -> None:
    """They may be called: dial, if the seat is still at rest and a line is free."""
    seat, record = floor.seats.get(event.session_id), event.record
    in_hand = any(
        one.record is not None and one.record.contact_id == record.contact_id
        for one in floor.seats.values()
        if one is not seat
    )
    if in_hand:  # the lease is that seat's
        wishes.tell_trouble(floor, event.session_id, ON_SCREEN)
        return
    if seat is None or seat.state not in _AT_REST:
        floor.return_record(record)
        wishes.tell_trouble(floor, event.session_id, IN_BETWEEN)
        return
    state = floor.campaign(seat.campaign_id)
    was_paused, wanted_before = seat.state is SeatState.PAUSED, seat.pause_wanted
    if was_paused:
        seat.pause_wanted = seat.pause_wanted or seat.reason  # back to it afterwards
    if not placing.place(floor, state, record, seat, now, mode=Mode.MANUAL):
        seat.pause_wanted = wanted_before
        floor.return_record(record)
        is_trunk = bool(floor.free_lines) and floor.gateways.room(now.mono_s) == 0
        sentence = floor.gateways.reason(now.mono_s) if is_trunk else NO_LINE
        wishes.tell_trouble(floor, event.session_id, sentence)


def refused(floor: Floor, event: NumberRefused) -> None:
    """The gate says no, and has written why."""
    wishes.tell_trouble(floor, event.session_id, event.sentence)
