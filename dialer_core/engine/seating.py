"""Agents come, want work, want a pause, go."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine import connecting, previews
from dialer_core.engine.commands import EndCall
from dialer_core.engine.events import AvailableWanted, PauseWanted, SeatClosed, SeatOpened
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Seat
from dialer_core.model.states import CallStage, SeatState


def opened(floor: Floor, event: SeatOpened, now: Instant) -> None:
    """A session begins, or is known from before a restart; a known one is left alone."""
    if event.session_id in floor.seats or event.state is SeatState.LOGGED_OUT:
        return
    seat = Seat(
        event.session_id,
        event.campaign_id,
        event.agent_name,
        event.state,
        event.since or now,
        told=event.state,
        attempt_id=event.attempt_id,
        record=event.record,
        pause_wanted=event.pause_wanted if event.state is not SeatState.PAUSED else None,
        skips=event.skips_today,
        skips_on=now.utc.date(),
    )
    floor.seats[seat.session_id] = seat
    state = floor.campaign(seat.campaign_id)
    state.seats[seat.session_id] = seat
    if event.record is not None:
        floor.contacts.add(event.record.contact_id)
    if seat.state is SeatState.PREVIEW:
        floor.previews[seat.session_id] = seat
    state.place(seat)


def closed(floor: Floor, event: SeatClosed, now: Instant) -> None:
    """The agent has logged out or the seat is gone: nobody is left to silence because of it."""
    seat = floor.seats.get(event.session_id)
    if seat is None:
        return
    call = floor.calls.get(seat.attempt_id) if seat.attempt_id is not None else None
    if seat.state is SeatState.PREVIEW and seat.record is not None:
        floor.return_record(seat.record)
    floor.set_seat(seat, SeatState.LOGGED_OUT, now)
    del floor.seats[seat.session_id]
    del floor.campaign(seat.campaign_id).seats[seat.session_id]
    if call is None or call.session_id != seat.session_id:
        return
    if call.stage is CallStage.TALKING:
        if call.line_id is not None:
            floor.tell(EndCall(call.line_id, call.attempt_id, now=True))
    else:
        connecting.detach(floor, call, now)


def available_wanted(floor: Floor, event: AvailableWanted, now: Instant) -> None:
    """The agent wants work; a pause that was still to come is forgotten."""
    seat = floor.seats.get(event.session_id)
    if seat is None:
        return
    if seat.state is SeatState.PAUSED:
        floor.set_seat(seat, SeatState.AVAILABLE, now)
    elif seat.pause_wanted is not None:
        seat.pause_wanted = None
        floor.campaign(seat.campaign_id).place(seat)


def pause_wanted(floor: Floor, event: PauseWanted, now: Instant) -> None:
    """A pause: at once where nobody is on the line for this seat, else after the call."""
    seat = floor.seats.get(event.session_id)
    if seat is None:
        return
    if seat.state is SeatState.PAUSED:
        floor.set_seat(seat, SeatState.PAUSED, now, reason=event.reason)
        return
    seat.pause_wanted = event.reason
    if seat.state is SeatState.AVAILABLE:
        floor.free_seat(seat, now)
    elif seat.state is SeatState.PREVIEW:
        previews.withdraw(floor, seat, now)
    else:
        floor.campaign(seat.campaign_id).place(seat)
