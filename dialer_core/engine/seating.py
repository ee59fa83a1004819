"""Agents come, say how far they are, go."""

from __future__ import annotations

import math

from dialer_core.clock import Instant
from dialer_core.engine import connecting, thirds
from dialer_core.engine.commands import EndCall
from dialer_core.engine.control_commands import Supervise
from dialer_core.engine.events import (
    SeatClosed,
    SeatOpened,
    StageReached,
)
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Announced, Parked, Seat
from dialer_core.model.call_control import Listening
from dialer_core.model.states import CallStage, SeatState

_WITH_STAGES = frozenset({SeatState.CONNECTING, SeatState.TALKING, SeatState.WRAP_UP})
_WITH_PARKED = _WITH_STAGES | {SeatState.RINGING}


def opened(floor: Floor, event: SeatOpened, now: Instant) -> None:
    """A session begins, or is known from before a restart; a known one has another phone."""
    known = floor.seats.get(event.session_id)
    if known is not None:
        connecting.phone_came(floor, known, now)
    if known is not None or event.state is SeatState.LOGGED_OUT:
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
        is_relief=event.is_relief,
        is_supervisor=event.is_supervisor,
        skips=event.skips_today,
        skips_on=now.utc.date(),
    )
    _set_pause(seat, event, now)
    if seat.state in _WITH_PARKED:
        seat.parked = [Parked(attempt_id, record, None, 0.0) for attempt_id, record in event.parked]
    floor.seats[seat.session_id] = seat
    state = floor.campaign(seat.campaign_id)
    if not seat.is_supervisor:
        state.seats[seat.session_id] = seat
    if event.record is not None:
        floor.contacts.add(event.record.contact_id)
    if seat.state is SeatState.PREVIEW:
        floor.previews[seat.session_id] = seat
    state.place(seat)


def _set_pause(seat: Seat, event: SeatOpened, now: Instant) -> None:
    """What was to come before the restart: an announced pause, or one after the call."""
    reason, due = event.pause_wanted, event.pause_due
    if reason is None:
        return
    if due is not None and math.isfinite(due.mono_s) and due.mono_s > now.mono_s:
        seat.announced = Announced(reason, due)
    elif seat.state is not SeatState.PAUSED:
        seat.pause_wanted = reason


def closed(floor: Floor, event: SeatClosed, now: Instant) -> None:
    """The agent has logged out or the seat is gone: nobody is left to silence because of it."""
    seat = floor.seats.get(event.session_id)
    if seat is None:
        return
    call = floor.calls.get(seat.attempt_id) if seat.attempt_id is not None else None
    if seat.state is SeatState.PREVIEW and seat.record is not None:
        floor.return_record(seat.record)
    seat.announced = None
    floor.set_seat(seat, SeatState.LOGGED_OUT, now)
    floor.campaign(seat.campaign_id).forecasts.forget(seat.session_id)
    del floor.seats[seat.session_id]
    floor.campaign(seat.campaign_id).seats.pop(seat.session_id, None)
    if call is not None and call.session_id != seat.session_id:
        thirds.helper_left(floor, call, seat.session_id, now)
    for other in floor.calls.values():
        if other.supervisor == seat.session_id and other.line_id is not None:
            leave = Supervise(other.line_id, other.attempt_id, seat.session_id, Listening.LEAVE)
            floor.tell(leave)
    if call is None or call.session_id != seat.session_id:
        return
    if call.stage is CallStage.TALKING:
        if call.line_id is not None:
            floor.tell(EndCall(call.line_id, call.attempt_id, now=True))
    else:
        connecting.detach(floor, call, now)


def stage_reached(floor: Floor, event: StageReached, now: Instant) -> None:
    """The agent has come to a stage of the call in hand; of another call it says nothing."""
    seat = floor.seats.get(event.session_id)
    if seat is None or seat.attempt_id != event.attempt_id:
        return
    if seat.state in _WITH_STAGES:
        forecasts = floor.campaign(seat.campaign_id).forecasts
        in_wrap_up = seat.state is SeatState.WRAP_UP
        forecasts.reached(seat.session_id, event.stage, now.mono_s, in_wrap_up=in_wrap_up)
