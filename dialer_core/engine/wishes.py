"""What an agent wants of the call in hand: done where it can be, else answered with a sentence.

Nothing changes here but what is asked of the line: how the call really stands is what the line
says afterwards.
"""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine import recording, thirds
from dialer_core.engine.calls import Call
from dialer_core.engine.control_commands import ArrangeCall, DropThird, NoteTrouble, PressKeys
from dialer_core.engine.control_events import CallWanted, WishRefused
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Seat
from dialer_core.model.call_control import (
    KEYS,
    MOST_KEYS,
    Arrangement,
    CallAction,
    CallWish,
    ThirdStage,
)
from dialer_core.model.ids import LineId, SessionId
from dialer_core.model.states import CallStage, SeatState

NOT_YOURS = "This call is not in your hands; only who speaks with the person can change it."
NOT_YET = "Nobody is on the line yet."
NO_LINE = "The line is being brought back; try again in a moment."
NO_THIRD = "There is no third party on the call; call one first."
NOT_UP = "The third party has not answered yet."
HANDED_OVER = "The call has been handed over; what is left is to end it."
_RECORDING = frozenset({CallAction.RECORD_START, CallAction.RECORD_PAUSE, CallAction.RECORD_RESUME})
_NEW_THIRD = frozenset({CallAction.CONSULT, CallAction.BLIND_TRANSFER})


def wanted(floor: Floor, event: CallWanted, now: Instant) -> None:
    """Carry the wish out, or say why not."""
    seat = floor.seats.get(event.session_id)
    if seat is None:
        return
    call = floor.calls.get(event.wish.attempt_id)
    if call is None or call.session_id != seat.session_id:
        trouble = NOT_YOURS
    elif seat.state is not SeatState.TALKING or call.stage is not CallStage.TALKING:
        trouble = NOT_YET
    elif call.line_id is None:
        trouble = NO_LINE
    else:
        trouble = _do(floor, seat, call, call.line_id, event.wish, now)
    tell_trouble(floor, seat.session_id, trouble)


def refused(floor: Floor, event: WishRefused, now: Instant) -> None:
    """The line would not: who wanted it learns why."""
    call = floor.calls.get(event.attempt_id)
    if call is None:
        return
    whose = call.session_id
    if event.command == "supervise":
        whose, call.supervisor = call.supervisor, None
    elif event.command == "dial_third" and call.third is not None:
        thirds.gone(floor, call, call.third, now, sentence=event.sentence)
    if whose is not None:
        tell_trouble(floor, whose, event.sentence)


def tell_trouble(floor: Floor, session_id: SessionId, sentence: str) -> None:
    """Let the seat know why its wish was not carried out; empty takes the last word back."""
    seat = floor.seats.get(session_id)
    if seat is not None and seat.trouble != sentence:
        seat.trouble = sentence
        floor.tell(NoteTrouble(session_id, sentence))


def _do(floor: Floor, seat: Seat, call: Call, line_id: LineId, wish: CallWish, now: Instant) -> str:
    action = wish.action
    if action in _RECORDING:
        return recording.wanted(floor, call, line_id, action)
    if action is CallAction.DIGITS:
        return _press(floor, call, line_id, wish.digits)
    if call.is_handed_over:
        return HANDED_OVER
    if action in _NEW_THIRD:
        return _call_third(floor, seat, call, line_id, wish, now)
    if action is CallAction.HOLD:
        return _hold(floor, call, line_id)
    if action is CallAction.RESUME:
        if call.arrangement is not Arrangement.TALK:
            floor.tell(ArrangeCall(line_id, call.attempt_id, Arrangement.TALK))
        return ""
    return _with_third(floor, call, line_id, action)


def _hold(floor: Floor, call: Call, line_id: LineId) -> str:
    if call.arrangement is Arrangement.TALK:
        floor.tell(ArrangeCall(line_id, call.attempt_id, Arrangement.HOLD))
    elif call.arrangement is Arrangement.CONFERENCE:
        return "In a conference nobody can be put on hold; go back to the person first."
    return ""


def _press(floor: Floor, call: Call, line_id: LineId, digits: str) -> str:
    if not digits or len(digits) > MOST_KEYS or not KEYS.issuperset(digits.upper()):
        return f"Press up to {MOST_KEYS} of the keys 0 to 9, *, # and A to D."
    to_third = call.arrangement is Arrangement.CONSULT
    floor.tell(
        PressKeys(line_id, call.attempt_id, digits.upper(), "third" if to_third else "person")
    )
    return ""


def _call_third(
    floor: Floor, seat: Seat, call: Call, line_id: LineId, wish: CallWish, now: Instant
) -> str:
    third = call.third
    is_blind = wish.action is CallAction.BLIND_TRANSFER
    if third is None:
        return thirds.call(floor, seat, call, wish, now, is_blind=is_blind)
    is_same = not is_blind and not wish.number and wish.colleague is None
    if is_same and third.stage is ThirdStage.UP:  # back to the one who waits
        floor.tell(ArrangeCall(line_id, call.attempt_id, Arrangement.CONSULT))
        return ""
    return "A third party is on the call already; hand it over to them, or give them up first."


def _with_third(floor: Floor, call: Call, line_id: LineId, action: CallAction) -> str:
    third = call.third
    if third is None:
        return NO_THIRD
    if action is CallAction.CANCEL_THIRD:
        if third.is_dialled:
            floor.tell(DropThird(line_id, call.attempt_id))
        else:
            call.third = None  # the gate's answer finds nobody who waits for it
        return ""
    if third.stage is not ThirdStage.UP:
        return NOT_UP
    if action is CallAction.CONFERENCE:
        floor.tell(ArrangeCall(line_id, call.attempt_id, Arrangement.CONFERENCE))
        return ""
    trouble = thirds.why_not_theirs(floor, call, third.colleague)
    if not trouble:
        floor.tell(ArrangeCall(line_id, call.attempt_id, Arrangement.HANDED_OVER))
    return trouble
