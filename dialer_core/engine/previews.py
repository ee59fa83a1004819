"""Preview: a record on a seat's screen, its countdown, and what comes of it."""

from __future__ import annotations

from dialer_core.clock import Instant
from dialer_core.engine import placing
from dialer_core.engine.campaign_state import CampaignState
from dialer_core.engine.events import PreviewAccepted, PreviewDrawn, PreviewSkipped
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Seat
from dialer_core.model.campaign import PreviewTimeout
from dialer_core.model.ids import ContactId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import Mode, SeatState

DRAW_LIMIT_S = 10.0  # a window that has not drawn the record by then does not answer
SOON_S = 2.0  # a record that is to be dialled stays on the screen so long until the trunk is ready
NO_ANSWER = "window does not answer"
NOT_ANSWERED = "preview not answered"


def offer(floor: Floor, state: CampaignState, now: Instant) -> bool:
    """Give the next record to the seat that waits longest; False where one of them lacks.

    A promised call goes to the seat of the agent who has promised it.
    """
    session_id = state.longest_idle()
    shown = len(floor.previews)  # each will need a line
    if session_id is None or len(floor.free_lines) <= shown:
        return False
    if state.open_calls + shown >= state.campaign.max_lines:
        return False
    kept = state.stock.take_kept(state.free)
    if kept is not None:
        record: LeasedRecord | None
        record, session_id = kept
    else:
        record = state.stock.take(now.mono_s, with_reserved=True)
    if record is None:
        return False
    return begin(floor, state, record, floor.seats[session_id], now)


def begin(
    floor: Floor, state: CampaignState, record: LeasedRecord, seat: Seat, now: Instant
) -> bool:
    """Show or dial a record for a free seat, in its own mode or the campaign's.

    False where it can be dialled only, and no line may take it now.
    """
    mode = record.mode or state.campaign.mode
    if mode is not Mode.PREVIEW:
        return placing.place(floor, state, record, seat, now, mode=mode)
    seat.record = record
    seat.draw_by_s = now.mono_s + DRAW_LIMIT_S
    floor.set_seat(seat, SeatState.PREVIEW, now)
    return True


def drawn(floor: Floor, event: PreviewDrawn, now: Instant) -> None:
    """The record is really on the screen: the countdown starts, once."""
    seat = _previewing(floor, event.session_id, event.contact_id)
    if seat is not None and seat.until is None:
        start_countdown(floor, seat, now)


def start_countdown(floor: Floor, seat: Seat, now: Instant) -> None:
    """Give the agent the campaign's preview time from now on."""
    seat.draw_by_s = None
    own_s = None if seat.record is None else seat.record.preview_s
    preview_s = floor.campaign(seat.campaign_id).campaign.preview_s if own_s is None else own_s
    until = now.after(preview_s)
    floor.set_seat(seat, SeatState.PREVIEW, now, until=until)


def accepted(floor: Floor, event: PreviewAccepted, now: Instant) -> None:
    """The agent dials now."""
    seat = _previewing(floor, event.session_id, event.contact_id)
    if seat is not None and seat.record is not None and floor.is_recovered:
        _dial(floor, seat, seat.record, now)


def skipped(floor: Floor, event: PreviewSkipped, now: Instant) -> None:
    """The agent passes, as often a day as the campaign allows."""
    seat = _previewing(floor, event.session_id, event.contact_id)
    if seat is None or seat.record is None:
        return
    campaign = floor.campaign(seat.campaign_id).campaign
    day = now.utc.date()
    used = seat.skips_used(day)
    if used >= campaign.skips_a_day:
        sentence = f"No skips are left today ({used} of {campaign.skips_a_day} used)."
        floor.set_seat(seat, SeatState.PREVIEW, now, reason=sentence, until=seat.until)
        return
    seat.skips, seat.skips_on = used + 1, day
    floor.return_record(seat.record, skipped_by=seat.session_id)
    floor.free_seat(seat, now)


def withdraw(floor: Floor, seat: Seat, now: Instant, reason: str = "") -> None:
    """Take the record from the screen and give it back."""
    if seat.record is not None:
        floor.return_record(seat.record)
    floor.free_seat(seat, now, reason)


def keep_time(floor: Floor, now: Instant) -> None:
    """Act on previews that may not go on, were not drawn, or whose countdown has run out."""
    for seat in list(floor.previews.values()):
        state = floor.campaign(seat.campaign_id)
        if seat.record is None:
            continue
        mode = seat.record.mode or state.campaign.mode
        if mode is not Mode.PREVIEW or floor.hindrance(state):
            withdraw(floor, seat, now)
        elif seat.is_dial_due:
            _dial(floor, seat, seat.record, now)
        elif seat.until is not None and now.mono_s >= seat.until.mono_s:
            _run_out(floor, seat, seat.record, now)
        elif seat.draw_by_s is not None and now.mono_s >= seat.draw_by_s:
            seat.pause_wanted = NO_ANSWER
            withdraw(floor, seat, now)


def _run_out(floor: Floor, seat: Seat, record: LeasedRecord, now: Instant) -> None:
    action = floor.campaign(seat.campaign_id).campaign.preview_timeout
    if action is PreviewTimeout.DIAL:
        _dial(floor, seat, record, now)
        return
    if action is PreviewTimeout.PAUSE:
        seat.pause_wanted = NOT_ANSWERED
    withdraw(floor, seat, now)


def _dial(floor: Floor, seat: Seat, record: LeasedRecord, now: Instant) -> None:
    state = floor.campaign(seat.campaign_id)
    if placing.place(floor, state, record, seat, now, mode=Mode.PREVIEW):
        return
    due_s = floor.gateways.next_s(now.mono_s) if floor.free_lines else None
    if due_s is not None and due_s - now.mono_s <= SOON_S:
        seat.is_dial_due = True
        return
    is_trunk = bool(floor.free_lines) and floor.gateways.room(now.mono_s) == 0
    reason = floor.gateways.reason(now.mono_s) if is_trunk else "No line is free."
    withdraw(floor, seat, now, reason)


def _previewing(floor: Floor, session_id: SessionId, contact_id: ContactId) -> Seat | None:
    """The seat, if that record is on its screen."""
    seat = floor.seats.get(session_id)
    if seat is None or seat.state is not SeatState.PREVIEW or seat.record is None:
        return None
    return seat if seat.record.contact_id == contact_id else None
