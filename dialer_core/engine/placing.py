"""Placing one call: commit first, then the INVITE."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine import judging, wishes
from dialer_core.engine.calls import Call
from dialer_core.engine.campaign_state import CampaignState
from dialer_core.engine.commands import CommitAttempt, Originate
from dialer_core.engine.events import AttemptCommitted, AttemptRefused
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Seat
from dialer_core.model.ids import AttemptId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState

ONE_TO_ONE_S = 5.0  # how long nothing is dialled ahead after the gate has refused it


def place(
    floor: Floor,
    state: CampaignState,
    record: LeasedRecord,
    seat: Seat | None,
    now: Instant,
    *,
    mode: Mode,
) -> bool:
    """Ask for the attempt's commit, with `seat` held for it or for nobody in particular.

    False where no line is free or the trunk takes no call now. The held seat is RINGING for the
    engine from here on; the record learns of it with the commit's answer, so that a refusal
    leaves no trace on it.
    """
    if state.open_calls >= state.campaign.max_lines:
        return False
    gateway = floor.gateways.choose(now.mono_s)
    if gateway is None:
        return False
    attempt_id = AttemptId(floor.new_attempt_id())
    line_id = floor.take_line(attempt_id)
    if line_id is None:
        return False
    is_overdial = seat is None and mode is not Mode.AGENTLESS and state.unspoken <= 0
    session_id = seat.session_id if seat is not None else None
    call = Call(
        attempt_id,
        state.campaign.id,
        record,
        mode,
        line_id,
        session_id,
        is_held=seat is not None,
        is_overdial=is_overdial,
        # What is dialled by hand teaches the pacer nothing.
        launched=now if mode is not Mode.MANUAL else None,
    )
    floor.add_call(call)
    state.ring(call)
    floor.gateways.launched(attempt_id, gateway, now.mono_s)
    if seat is not None:
        call.idle_since = seat.since
        seat.attempt_id, seat.record = attempt_id, record
        floor.set_seat(seat, SeatState.RINGING, now, is_told=False)
    floor.tell(
        CommitAttempt(
            attempt_id, state.campaign.id, record, mode, session_id, line_id, is_overdial, gateway
        )
    )
    return True


def committed(floor: Floor, event: AttemptCommitted, now: Instant) -> None:
    """It is on the record: the INVITE leaves, unless the floor has changed meanwhile."""
    call = floor.calls.get(event.attempt_id)
    if call is None or call.is_on_record:
        return
    call.is_on_record = True
    seat = floor.seat_of(call)
    if not _has_line(floor, call) or not _may_leave(floor, call, seat):
        call.launched = None  # never rang: nothing for the pacer to learn
        floor.gateways.withdrawn(call.attempt_id)
        floor.close_call(call, Outcome.DIALLER_CANCELLED, FormulaClass.EXCLUDED, now, None)
        if seat is not None:
            floor.free_seat(seat, now)
        return
    state = floor.campaign(call.campaign_id)
    if call.is_overdial:
        state.overdialled += 1
    if seat is not None:
        floor.set_seat(seat, SeatState.RINGING, now)
    floor.move_call(call, CallStage.DIALLING, now)
    assert call.line_id is not None  # _has_line
    floor.tell(
        Originate(
            call.line_id,
            call.attempt_id,
            call.campaign_id,
            call.record.number,
            call.agent_leg,
            call.session_id,
            floor.gateways.of(call.attempt_id),
            is_judged=judging.is_judged(state.campaign, call),
            is_agentless=call.mode is Mode.AGENTLESS,
            caller_id=call.record.caller_id,
        )
    )


def refused(floor: Floor, event: AttemptRefused, now: Instant) -> None:
    """The gate said no (and the store has recorded it): forget the record, free the seat.

    A seat that was silently held falls back into its old place in the queue of free seats.
    """
    call = floor.calls.get(event.attempt_id)
    if call is None or call.is_on_record:
        return
    seat = floor.seat_of(call)
    if event.is_of_the_moment:
        state = floor.campaign(call.campaign_id)
        state.one_to_one_until_s = now.mono_s + ONE_TO_ONE_S
    floor.gateways.withdrawn(call.attempt_id)
    floor.drop_call(call)
    if seat is None:
        return
    if call.mode is Mode.MANUAL:
        floor.free_seat(seat, now)
        wishes.tell_trouble(floor, seat.session_id, event.reason)
        return
    if seat.told is SeatState.AVAILABLE and seat.pause_wanted is None:
        since = call.idle_since
        floor.set_seat(seat, SeatState.AVAILABLE, now, since=since, is_told=False)
    else:
        floor.free_seat(seat, now)


def _has_line(floor: Floor, call: Call) -> bool:
    """Whether the call's line still waits for it; takes another one where it was lost."""
    if call.line_id is None or floor.lines.get(call.line_id) != call.attempt_id:
        call.line_id = floor.take_line(call.attempt_id)
    return call.line_id is not None


def _may_leave(floor: Floor, call: Call, seat: Seat | None) -> bool:
    """Whether what was true at the commit is true still."""
    state = floor.campaign(call.campaign_id)
    if floor.is_stopped or not state.campaign.is_running:
        return False
    if call.is_held:
        return seat is not None
    return state.is_staffed or call.mode is Mode.AGENTLESS
