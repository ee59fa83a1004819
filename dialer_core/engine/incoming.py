"""Calls that come in: to the agent whom they know, else the longest idle, else the queue."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine import connecting
from dialer_core.engine.calls import Call
from dialer_core.engine.campaign_state import CampaignState
from dialer_core.engine.control_commands import FindCaller, RefuseCall, TakeCall
from dialer_core.engine.control_events import CallerFound, CallerUnknown, CallOffered, OfferOver
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Seat
from dialer_core.model.ids import AttemptId, SessionId
from dialer_core.model.states import Direction, Mode, SeatState

BUSY = 486


def offered(floor: Floor, event: CallOffered) -> None:
    """Keep the line for it and ask who that is."""
    is_kept = floor.kept_lines is None or event.line_id in floor.kept_lines
    is_free = floor.lines.get(event.line_id, AttemptId("")) is None
    if not (is_free and is_kept) or floor.is_stopped:
        floor.tell(RefuseCall(event.line_id, event.call_ref, BUSY))
        return
    attempt_id = AttemptId(floor.new_attempt_id())
    floor.set_line(event.line_id, attempt_id)
    floor.offers[event.call_ref] = attempt_id
    floor.tell(
        FindCaller(
            event.line_id, event.call_ref, attempt_id, event.caller, event.called, event.gateway
        )
    )


def found(floor: Floor, event: CallerFound) -> Call | None:
    """One of ours: the call is answered, and an agent is looked for once the line says so.

    Returns the call where the caller has given up meanwhile: it is to be closed.
    """
    attempt_id = floor.offers.pop(event.call_ref, None)
    is_there = attempt_id is not None and floor.lines.get(event.line_id) == attempt_id
    call = Call(
        event.attempt_id,
        event.campaign_id,
        event.record,
        Mode.MANUAL,
        event.line_id if is_there else None,
        None,
        is_held=False,
        is_on_record=True,
        direction=Direction.IN,
        known_to=event.known_to,
    )
    floor.add_call(call)
    if not is_there:
        return call
    floor.gateways.adopted(call.attempt_id, event.gateway)
    floor.tell(TakeCall(event.line_id, event.call_ref, event.attempt_id, event.campaign_id))
    return None


def unknown(floor: Floor, event: CallerUnknown) -> None:
    """Nobody of ours: the call is refused, the line is free again."""
    attempt_id = floor.offers.pop(event.call_ref, None)
    if attempt_id is not None:
        floor.release_line(event.line_id, attempt_id)
    floor.tell(RefuseCall(event.line_id, event.call_ref, event.status))


def over(floor: Floor, event: OfferOver) -> None:
    """The caller has given up before we knew who it was: the line is free again."""
    attempt_id = floor.offers.pop(event.call_ref, None)
    if attempt_id is not None:
        floor.release_line(event.line_id, attempt_id)


def match_queue(floor: Floor, state: CampaignState, now: Instant) -> None:
    """Who has waited longest goes first; to an agent whom they know, if one is free."""
    for attempt_id in sorted(state.queue, key=lambda one: state.queue[one]):
        if attempt_id in state.judging:
            continue
        call = floor.calls[attempt_id]
        seat = _seat_for(floor, state, call)
        if seat is None:
            return
        connecting.connect(floor, call, seat, now)


def _seat_for(floor: Floor, state: CampaignState, call: Call) -> Seat | None:
    for session_id in call.known_to:
        known = floor.seats.get(session_id)
        is_here = known is not None and known.campaign_id == call.campaign_id
        if known is not None and is_here and known.state is SeatState.AVAILABLE:
            return known
    longest = state.longest_idle()
    if longest is None and state.relief:
        longest = SessionId(next(iter(state.relief)))
    return floor.seats[longest] if longest is not None else None
