"""Who takes an answered call: a free seat, a wrap-up that may wait, a seat that helps out."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine.campaign_state import CampaignState
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Seat
from dialer_core.model.ids import SessionId


def seat_for_answer(floor: Floor, state: CampaignState, now: Instant) -> Seat | None:
    """The seat that a person who has answered goes to, or None.

    First the seat that has been free longest, of those about to pause last; then a wrap-up that
    the pacer's last decision lets be interrupted; then a seat that only helps out.
    """
    session_id = state.longest_idle()
    if session_id is None and state.idle:
        session_id = SessionId(next(iter(state.idle)))
    if session_id is not None:
        return floor.seats[session_id]
    seat = _parkable(floor, state, now) if state.may_park else None
    if seat is None and state.relief:
        seat = floor.seats[SessionId(next(iter(state.relief)))]
    return seat


def _parkable(floor: Floor, state: CampaignState, now: Instant) -> Seat | None:
    if not state.campaign.levers.parked_wrap_up:
        return None
    for session_id in state.may_park:
        if session_id in state.wrapping:
            seat = floor.seats[SessionId(session_id)]
            if seat.may_park(state.campaign.parked_an_hour, now):
                return seat
    return None
