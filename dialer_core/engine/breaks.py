"""Pauses: at once, after the call, at an announced moment, or when the ringing lines are resolved.

A free seat that leaves while lines ring for it makes people wait for nobody. So its pause is held,
if the campaign and the pacer say so, until all calls that were in flight when it was wanted are
answered or over; never longer than a call can ring and wait.
"""

from __future__ import annotations

import math
from collections.abc import Collection

from dialer_core.clock import Instant
from dialer_core.engine import previews
from dialer_core.engine.campaign_state import CampaignState
from dialer_core.engine.events import AvailableWanted, PauseWanted
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Announced, Hold, Seat
from dialer_core.model.ids import SessionId
from dialer_core.model.states import SeatState


def available_wanted(floor: Floor, event: AvailableWanted, now: Instant) -> None:
    """The agent wants work; outside a pause, one that was still to come is forgotten."""
    seat = floor.seats.get(event.session_id)
    if seat is None or seat.is_supervisor:
        return
    if seat.state is SeatState.PAUSED:
        floor.set_seat(seat, SeatState.AVAILABLE, now)
        return
    was_shown = seat.pause_due is not None
    seat.pause_wanted = seat.announced = seat.hold = None
    if was_shown:
        _tell_again(floor, seat, now)
    floor.campaign(seat.campaign_id).place(seat)


def wanted(floor: Floor, event: PauseWanted, now: Instant) -> None:
    """A pause, now or announced; a moment that has gone by, or is none, means now."""
    seat = floor.seats.get(event.session_id)
    if seat is None:
        return
    at = event.at
    if at is not None and math.isfinite(at.mono_s) and at.mono_s > now.mono_s:
        seat.announced = Announced(event.reason, at)
        _tell_again(floor, seat, now)
        floor.campaign(seat.campaign_id).place(seat)
    else:
        _begin(floor, seat, event.reason, now)


def keep_time(floor: Floor, now: Instant) -> None:
    """Announced pauses whose moment has come, and held ones that need be held no longer."""
    for state in floor.campaigns.values():
        for session_id in list(state.breaks_due):
            seat = floor.seats[SessionId(session_id)]
            announced = seat.announced
            if announced is not None and now.mono_s >= announced.at.mono_s:
                seat.announced = None
                _begin(floor, seat, announced.reason, now)
            if seat.hold is not None and _is_over(state, seat.hold, now):
                floor.free_seat(seat, now)


def settle(floor: Floor, state: CampaignState, names: Collection[int] | None, now: Instant) -> bool:
    """Let those go whose pause is due and not held by `names` (None: nobody decides, all wait).

    True where a seat went: what was decided together with it is out of date.
    """
    is_on = state.campaign.levers.held_breaks
    has_gone = False
    for session_id in list(state.leaving):
        seat = floor.seats[session_id]
        if not is_on or (names is not None and session_id not in names):
            floor.free_seat(seat, now)
            has_gone = True
        elif seat.hold is not None and not seat.hold.is_told:
            seat.hold.is_told = True
            _tell_again(floor, seat, now)
    return has_gone


def due_s(seat: Seat) -> float | None:
    """The monotonic second at which `keep_time` has something to do for the seat, if any."""
    moments = []
    if seat.hold is not None:
        moments.append(seat.hold.until_s)
    if seat.announced is not None:
        moments.append(seat.announced.at.mono_s)
    return min(moments, default=None)


def _begin(floor: Floor, seat: Seat, reason: str, now: Instant) -> None:
    if seat.state is SeatState.PAUSED:
        floor.set_seat(seat, SeatState.PAUSED, now, reason=reason)
        return
    seat.pause_wanted = reason
    state = floor.campaign(seat.campaign_id)
    if seat.state is SeatState.PREVIEW:
        previews.withdraw(floor, seat, now)
    elif seat.state is not SeatState.AVAILABLE:
        state.place(seat)
    elif seat.hold is None:
        calls = frozenset(state.ringing.keys() - state.held)
        if not calls or seat.is_relief or not state.campaign.levers.held_breaks:
            floor.free_seat(seat, now)
            return
        longest_s = state.campaign.max_ring_s + state.campaign.connect_limit_s
        seat.hold = Hold(now, calls, now.mono_s + longest_s)
        state.place(seat)


def _is_over(state: CampaignState, hold: Hold, now: Instant) -> bool:
    return now.mono_s >= hold.until_s or hold.calls.isdisjoint(state.ringing)


def _tell_again(floor: Floor, seat: Seat, now: Instant) -> None:
    """The record of a free seat learns when its pause is due; others bring it with their next."""
    if seat.state is SeatState.AVAILABLE and seat.told is seat.state:
        floor.set_seat(seat, SeatState.AVAILABLE, now, reason=seat.reason)
