"""Third parties: a colleague or a number outside, consulted or given the call."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine.calls import Call, Third
from dialer_core.engine.control_commands import ClearThird, DialThird, NoteThird, NoteTrouble
from dialer_core.engine.control_events import ThirdCleared, ThirdMoved, ThirdRefused
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Seat
from dialer_core.model.call_control import FOR_COLLEAGUES, CallWish, ThirdStage
from dialer_core.model.ids import SessionId
from dialer_core.model.states import SeatState

NOT_FREE = "{name} is not free now; choose somebody else or try again later."
OTHER_CAMPAIGN = "{name} works for another campaign: ask them, but keep the call."
GONE = "That colleague has logged out; choose somebody else."
NOBODY = "Say whom to call: a colleague or a number."
NO_ANSWER = "Nobody answered there."
_HELPING = frozenset({SeatState.CONNECTING, SeatState.TALKING})


def call(
    floor: Floor, seat: Seat, call: Call, wish: CallWish, now: Instant, *, is_blind: bool
) -> str:
    """Call a third party for this seat; why not, or empty."""
    ref = floor.new_attempt_id()
    if wish.colleague is not None:
        return _call_colleague(floor, seat, call, wish.colleague, ref, now, is_blind=is_blind)
    if not wish.number:
        return NOBODY
    call.third = Third(ref, is_blind)
    floor.tell(
        ClearThird(
            call.attempt_id, ref, call.campaign_id, seat.session_id, wish.number, is_blind, now
        )
    )
    return ""


def _call_colleague(
    floor: Floor,
    seat: Seat,
    call: Call,
    colleague: SessionId,
    ref: str,
    now: Instant,
    *,
    is_blind: bool,
) -> str:
    other = floor.seats.get(colleague)
    if other is None or other is seat:
        return GONE
    if not _is_free(floor, other):
        return NOT_FREE.format(name=other.agent_name)
    trouble = why_not_theirs(floor, call, colleague) if is_blind else ""
    if trouble or call.line_id is None:
        return trouble
    call.third = Third(ref, is_blind, colleague, is_dialled=True)
    _begin_help(floor, other, call, now)
    floor.tell(
        NoteThird(
            call.attempt_id,
            ref,
            ThirdStage.DIALLING,
            now,
            is_blind=is_blind,
            wanted_by=seat.session_id,
            colleague=colleague,
            label=other.agent_name,
        )
    )
    floor.tell(
        DialThird(
            call.line_id,
            call.attempt_id,
            call.campaign_id,
            ref,
            session_id=colleague,
            is_blind=is_blind,
            back_to=seat.session_id if is_blind else None,
        )
    )
    return ""


def why_not_theirs(floor: Floor, call: Call, colleague: SessionId | None) -> str:
    """Why the call cannot be given to this colleague: its outcomes are of another campaign."""
    other = floor.seats.get(colleague) if colleague is not None else None
    if other is not None and other.campaign_id != call.campaign_id:
        return OTHER_CAMPAIGN.format(name=other.agent_name)
    return ""


def cleared(floor: Floor, event: ThirdCleared, now: Instant) -> None:
    """The gate lets the number through: the line calls it, if the trunk has room."""
    call = floor.calls.get(event.attempt_id)
    third = call.third if call is not None else None
    if call is None or third is None or third.ref != event.third_ref or call.line_id is None:
        floor.tell(NoteThird(event.attempt_id, event.third_ref, ThirdStage.GONE, now))
        return
    gateway = floor.gateways.choose(now.mono_s)
    if gateway is None:
        gone(floor, call, third, now, sentence=floor.gateways.reason(now.mono_s))
        return
    third.is_dialled = True
    floor.gateways.launched(third.ref, gateway, now.mono_s)
    floor.tell(
        DialThird(
            call.line_id,
            call.attempt_id,
            call.campaign_id,
            third.ref,
            number=event.number,
            gateway=gateway,
            is_blind=third.is_blind,
            back_to=call.session_id if third.is_blind else None,
        )
    )


def refused(floor: Floor, event: ThirdRefused, now: Instant) -> None:
    """The gate says no, and has written why."""
    del now
    call = floor.calls.get(event.attempt_id)
    if call is None or call.third is None or call.third.ref != event.third_ref:
        return
    call.third = None
    _tell_owner(floor, call, event.sentence)


def moved(floor: Floor, event: ThirdMoved, now: Instant) -> None:
    """The line's word on the third party's leg."""
    call = floor.calls.get(event.attempt_id)
    third = call.third if call is not None else None
    if call is None or third is None or third.ref != event.third_ref:
        floor.gateways.gone(event.third_ref)
        floor.tell(
            NoteThird(
                event.attempt_id, event.third_ref, event.stage, now, event.status, event.sentence
            )
        )
        return
    if event.stage is ThirdStage.GONE:
        gone(floor, call, third, now, event.status, event.sentence)
        return
    third.stage = event.stage
    floor.gateways.got_through(third.ref)
    floor.tell(
        NoteThird(call.attempt_id, third.ref, event.stage, now, event.status, event.sentence)
    )
    other = _helper(floor, call, third)
    if event.stage is ThirdStage.UP and other is not None and other.state is SeatState.CONNECTING:
        floor.set_seat(other, SeatState.TALKING, now)


def gone(
    floor: Floor, call: Call, third: Third, now: Instant, status: int = 0, sentence: str = ""
) -> None:
    """The third party is off the call: their seat is free, and the agent learns why."""
    call.third = None
    floor.gateways.gone(third.ref)
    if not sentence and third.stage is not ThirdStage.UP and status >= 400:
        sentence = NO_ANSWER
    floor.tell(NoteThird(call.attempt_id, third.ref, ThirdStage.GONE, now, status, sentence))
    other = _helper(floor, call, third)
    if other is not None:
        _end_help(floor, other, now)
    if sentence:
        _tell_owner(floor, call, sentence)


def helper_left(floor: Floor, call: Call, session_id: SessionId, now: Instant) -> None:
    """A seat has closed; if it was the third party of this call, that leg is given up."""
    third = call.third
    if third is not None and third.colleague == session_id:
        gone(floor, call, third, now, sentence=GONE)


def over(floor: Floor, call: Call, now: Instant) -> None:
    """The call is over, and with it whatever the third party was."""
    if call.third is not None:
        gone(floor, call, call.third, now)


def adopt(floor: Floor, call: Call, third: Third, now: Instant) -> None:
    """After a restart: this third party was on the call."""
    call.third = third
    other = floor.seats.get(third.colleague) if third.colleague is not None else None
    if other is None or other.attempt_id != call.attempt_id or other.state not in _HELPING:
        return
    other.is_helping, other.record = True, call.record
    floor.campaign(other.campaign_id).place(other)
    if third.stage is ThirdStage.UP and other.state is SeatState.CONNECTING:
        floor.set_seat(other, SeatState.TALKING, now)


def _is_free(floor: Floor, seat: Seat) -> bool:
    if any(one.supervisor == seat.session_id for one in floor.calls.values()):
        return False
    is_willing = seat.state is SeatState.PAUSED and seat.reason == FOR_COLLEAGUES
    return seat.state is SeatState.AVAILABLE or is_willing


def _helper(floor: Floor, call: Call, third: Third) -> Seat | None:
    """The colleague's seat while it helps with this call and has none of its own."""
    seat = floor.seats.get(third.colleague) if third.colleague is not None else None
    if seat is None or seat.attempt_id != call.attempt_id or not seat.is_helping:
        return None
    return seat


def _begin_help(floor: Floor, seat: Seat, call: Call, now: Instant) -> None:
    if seat.state is SeatState.PAUSED:
        seat.pause_wanted = seat.pause_wanted or seat.reason
    seat.is_helping = True
    seat.attempt_id, seat.record = call.attempt_id, call.record
    floor.set_seat(seat, SeatState.CONNECTING, now)


def _end_help(floor: Floor, seat: Seat, now: Instant) -> None:
    seat.is_helping = False
    floor.free_seat(seat, now)


def _tell_owner(floor: Floor, call: Call, sentence: str) -> None:
    seat = floor.seats.get(call.session_id) if call.session_id is not None else None
    if seat is not None and seat.trouble != sentence:
        seat.trouble = sentence
        floor.tell(NoteTrouble(seat.session_id, sentence))
