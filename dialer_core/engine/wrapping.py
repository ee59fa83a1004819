"""After the conversation: wrap-up, the agent's outcome, and the way back to work."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine.calls import Call
from dialer_core.engine.events import OutcomeChosen
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Handled, Seat
from dialer_core.model.states import FormulaClass, Outcome, SeatState
from dialer_core.pacing.view import HandleEnd
from dialer_core.rules.outcomes import after_disposition

_IN_CALL = frozenset({SeatState.RINGING, SeatState.CONNECTING, SeatState.TALKING})


def end_talk(floor: Floor, call: Call, seat: Seat, now: Instant) -> None:
    """The seat's conversation is over: wrap-up, or on at once where the outcome is known."""
    talk_s = max(0.0, now.mono_s - call.bridged.mono_s) if call.bridged else 0.0
    seat.handled = Handled(talk_s, call.ring_s, call.counted)
    begin_wrap_up(floor, seat, now)


def no_talk(floor: Floor, seat: Seat, now: Instant) -> None:
    """The person was gone before a word was said: there is nothing to code, on to the next."""
    floor.free_seat(seat, now)


def begin_wrap_up(floor: Floor, seat: Seat, now: Instant) -> None:
    """From TALKING into WRAP_UP, and through it where the outcome has been chosen already."""
    limit_s = floor.campaign(seat.campaign_id).campaign.wrap_up_limit_s
    floor.set_seat(seat, SeatState.WRAP_UP, now, until=now.after(limit_s))
    if seat.coded is not None:
        _finish(floor, seat, seat.coded, now)


def outcome_chosen(floor: Floor, event: OutcomeChosen, now: Instant) -> None:
    """The agent is done with the record; ignored when late, double or for another attempt."""
    seat = floor.seats.get(event.session_id)
    if seat is None or seat.attempt_id != event.attempt_id:
        return
    if seat.state is SeatState.WRAP_UP:
        _finish(floor, seat, event.code, now)
    elif seat.state in _IN_CALL:
        seat.coded = event.code


def _finish(floor: Floor, seat: Seat, code: str, now: Instant) -> None:
    state = floor.campaign(seat.campaign_id)
    disposition = state.campaign.disposition(code)
    outcome = disposition.outcome if disposition is not None else Outcome.CONNECTED
    counted = seat.handled.counted if seat.handled is not None else FormulaClass.L
    if counted is not None:
        state.count(counted, after_disposition(counted, outcome))
    if seat.handled is not None:
        state.handle_log.append(
            HandleEnd(
                ended=now.mono_s,
                talk_s=seat.handled.talk_s,
                wrap_s=max(0.0, now.mono_s - seat.since.mono_s),
                was_machine=outcome is Outcome.ANSWER_MACHINE_AGENT,
                ring_s=seat.handled.ring_s,
            )
        )
    floor.free_seat(seat, now)
