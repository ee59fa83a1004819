"""After the conversation: wrap-up, the agent's outcome, and the way back to work."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine.calls import Call
from dialer_core.engine.campaign_state import CampaignState
from dialer_core.engine.commands import PlayMessage
from dialer_core.engine.events import OutcomeChosen
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Handled, Seat
from dialer_core.model.states import FormulaClass, Outcome, SeatState
from dialer_core.pacing.view import HandleEnd
from dialer_core.rules.outcomes import after_disposition

_IN_CALL = frozenset({SeatState.RINGING, SeatState.CONNECTING, SeatState.TALKING})


def end_talk(floor: Floor, call: Call, seat: Seat, now: Instant) -> None:
    """The seat's conversation is over: wrap-up, or on at once where the outcome is known."""
    handled = Handled(_talk_s(call, now), call.ring_s, call.counted)
    seat.handled, seat.wrapped_s = handled, 0.0
    begin_wrap_up(floor, seat, now)


def leave_talk(floor: Floor, call: Call, seat: Seat, now: Instant) -> None:
    """The seat has given the call away: its part is over, the call is counted at its own end."""
    seat.handled, seat.wrapped_s = Handled(_talk_s(call, now), call.ring_s, None), 0.0
    begin_wrap_up(floor, seat, now)


def _talk_s(call: Call, now: Instant) -> float:
    began = call.taken or call.bridged
    return max(0.0, now.mono_s - began.mono_s) if began is not None else 0.0


def no_talk(floor: Floor, seat: Seat, now: Instant) -> None:
    """The person was gone before a word was said: there is nothing to code, on to the next."""
    floor.free_seat(seat, now)


def begin_wrap_up(floor: Floor, seat: Seat, now: Instant) -> None:
    """From TALKING into WRAP_UP, and through it where the outcome has been chosen already.

    A supervisor who took the call over codes nothing: that is left to the agent who had it.
    """
    if seat.is_supervisor:
        floor.free_seat(seat, now)
        return
    state = floor.campaign(seat.campaign_id)
    floor.set_seat(seat, SeatState.WRAP_UP, now, until=now.after(state.campaign.wrap_up_limit_s))
    if seat.coded is not None:
        _finish(floor, seat, seat.coded, now)
    else:
        state.forecasts.wrap_up_began(seat.session_id, now.mono_s)


def outcome_chosen(floor: Floor, event: OutcomeChosen, now: Instant) -> None:
    """The agent is done with the record; ignored when late, double or for another attempt."""
    seat = floor.seats.get(event.session_id)
    if seat is None:
        return
    if seat.attempt_id != event.attempt_id:
        _code_parked(floor, seat, event, now)
    elif seat.state is SeatState.WRAP_UP:
        _finish(floor, seat, event.code, now)
    elif seat.state in _IN_CALL:
        seat.coded = event.code
        call = floor.calls.get(event.attempt_id)
        if call is not None and call.is_agent_lost and call.line_id is not None:
            floor.tell(PlayMessage(call.line_id, call.attempt_id))  # nobody waits for a phone


def _code_parked(floor: Floor, seat: Seat, event: OutcomeChosen, now: Instant) -> None:
    """The outcome of a wrap-up that waits, chosen beside the next call: it need not come back."""
    for parked in seat.parked:
        if parked.attempt_id == event.attempt_id:
            seat.parked.remove(parked)
            state = floor.campaign(seat.campaign_id)
            _settle(state, event.code, parked.handled, parked.wrapped_s, now)
            state.forecasts.settled(seat.session_id)
            floor.set_seat(seat, seat.state, now, reason=seat.reason, until=seat.until)
            return


def _finish(floor: Floor, seat: Seat, code: str, now: Instant) -> None:
    state = floor.campaign(seat.campaign_id)
    call = floor.calls.get(seat.attempt_id) if seat.attempt_id is not None else None
    if call is not None and call.session_id is None:
        call.coded = code  # it goes on without an agent
    wrap_s = seat.wrapped_s + max(0.0, now.mono_s - seat.since.mono_s)
    _settle(state, code, seat.handled, wrap_s, now)
    state.forecasts.ended(seat.session_id, now.mono_s)
    floor.free_seat(seat, now)


def _settle(
    state: CampaignState, code: str, handled: Handled | None, wrap_s: float, now: Instant
) -> None:
    """Count the attempt where its outcome belongs, and tell the pacer how long it took."""
    disposition = state.campaign.disposition(code)
    outcome = disposition.outcome if disposition is not None else Outcome.CONNECTED
    counted = handled.counted if handled is not None else FormulaClass.L
    if counted is not None:
        state.count(counted, after_disposition(counted, outcome))
    if handled is not None:
        is_machine = outcome is Outcome.ANSWER_MACHINE_AGENT
        end = HandleEnd(now.mono_s, handled.talk_s, wrap_s, is_machine, handled.ring_s)
        state.handle_log.append(end)
