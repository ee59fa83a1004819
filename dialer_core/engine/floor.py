"""Everything that the engine knows at a moment, and the few verbs that change it.

Each verb keeps the parts in step (seat and call, call and line, pacer's view) and writes down
the command that makes the change known. All moves of states go through here.
"""

from __future__ import annotations

from collections.abc import Callable

from dialer_core.clock import Instant
from dialer_core.engine.calls import Call
from dialer_core.engine.campaign_state import CampaignState
from dialer_core.engine.commands import (
    CloseAttempt,
    Command,
    MoveAttempt,
    NoteDecision,
    ReturnRecord,
    SetSeat,
)
from dialer_core.engine.events import CallFacts
from dialer_core.engine.seats import Parked, Seat
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import AttemptId, CampaignId, ContactId, LineId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import (
    CallStage,
    Direction,
    FormulaClass,
    Mode,
    Outcome,
    SeatState,
    move_call,
    move_seat,
)
from dialer_core.pacing.view import AnswerEnd, Decision, Pacer, RingEnd
from dialer_core.rules.gateways import Gateways

_WITH_COUNTDOWN = frozenset({SeatState.PREVIEW, SeatState.WRAP_UP})
_WITH_RECORD = _WITH_COUNTDOWN | {SeatState.RINGING, SeatState.CONNECTING, SeatState.TALKING}


class Floor:
    """The engine's state. Not for use outside the engine; tests may read."""

    def __init__(
        self,
        new_attempt_id: Callable[[], str],
        make_pacer: Callable[[Campaign], Pacer],
        gateways: Gateways,
    ) -> None:
        self.new_attempt_id = new_attempt_id
        self.gateways = gateways
        self._make_pacer = make_pacer
        self.seats: dict[SessionId, Seat] = {}
        self.calls: dict[AttemptId, Call] = {}
        self.campaigns: dict[CampaignId, CampaignState] = {}
        self.lines: dict[LineId, AttemptId | None] = {}
        self.free_lines: dict[LineId, None] = {}  # the one that rested longest first
        self.unbridged: dict[AttemptId, Call] = {}  # answered, and no agent yet
        self.previews: dict[SessionId, Seat] = {}
        self.contacts: set[ContactId] = set()  # in stock, on a screen or being called
        self.callers: set[LineId] = set()  # lines on which nothing is dialled
        self.kept_lines: frozenset[LineId] | None = None  # None: all that there are
        self.offers: dict[str, AttemptId] = {}  # calls that came in, by the line's name for them
        self.silent: dict[AttemptId, float] = {}  # attempt -> when it is given up, monotonic
        self.is_stopped = False
        self.is_recovered = False
        self._out: list[Command] = []

    # --- commands ---------------------------------------------------------------------------

    def tell(self, command: Command) -> None:
        """Add a command to the batch."""
        self._out.append(command)

    def take_commands(self) -> list[Command]:
        """The batch so far; a new one begins."""
        out, self._out = self._out, []
        return out

    # --- campaigns --------------------------------------------------------------------------

    def campaign(self, campaign_id: CampaignId) -> CampaignState:
        """The campaign's state; one that is not running where its settings are not known yet."""
        state = self.campaigns.get(campaign_id)
        if state is None:
            unknown = Campaign(
                campaign_id, "", Mode.PREVIEW, "", "", caller_id="", client="", is_running=False
            )
            state = self.campaigns[campaign_id] = CampaignState(unknown, self._make_pacer)
        return state

    def set_campaign(self, campaign: Campaign) -> None:
        """Take a campaign's settings in."""
        state = self.campaigns.get(campaign.id)
        if state is None:
            self.campaigns[campaign.id] = CampaignState(campaign, self._make_pacer)
        else:
            state.set_campaign(campaign)

    def hindrance(self, state: CampaignState) -> str:
        """Why nothing may be dialled for the campaign, in a sentence; empty where it may."""
        if self.is_stopped:
            return "Dialling is stopped."
        if not state.campaign.is_running:
            return "The campaign is not running."
        if state.campaign.mode is Mode.MANUAL:
            return "Agents dial by hand."
        if state.campaign.mode is Mode.AGENTLESS and not state.campaign.agentless_wav:
            return "The campaign has no message for whoever answers; give it one."
        if not state.is_staffed and state.campaign.mode is not Mode.AGENTLESS:
            return "Nobody is ready: no seat is logged in or all are paused."
        if self.lines.keys() <= self.callers:
            return "No line is up."
        return ""

    def note(self, state: CampaignState, decision: Decision, now: Instant) -> None:
        """Record the decision if it says something new."""
        if state.noted.is_new(decision, now.mono_s):
            figures = tuple(sorted(decision.figures.items()))
            note = (state.campaign.id, now, decision.launch, decision.reason, figures)
            self.tell(NoteDecision(*note, decision.rule))

    # --- records ----------------------------------------------------------------------------

    def return_record(
        self, record: LeasedRecord, skipped_by: SessionId | None = None, rest_s: float = 0.0
    ) -> None:
        """Give a record back that was not dialled."""
        self.contacts.discard(record.contact_id)
        self.tell(ReturnRecord(record.campaign_id, record.contact_id, skipped_by, rest_s))

    # --- seats ------------------------------------------------------------------------------

    def set_seat(
        self,
        seat: Seat,
        state: SeatState,
        now: Instant,
        *,
        reason: str = "",
        until: Instant | None = None,
        since: Instant | None = None,
        is_told: bool = True,
    ) -> None:
        """Move the seat (or tell again where it stands) and keep the views in step.

        What the seat holds (`attempt_id`, `record`) is set by the caller before, and dropped
        here on states that hold nothing. `is_told=False`: no command, for moves that the
        record learns of together with a later one.
        """
        if state is not seat.state:
            seat.state = move_seat(seat.state, state)
            seat.since = since or now
            seat.trouble = ""  # the record drops it, too
        seat.until = until
        if state not in _WITH_RECORD:
            seat.attempt_id = seat.record = None
            seat.parked.clear()
        if state is not SeatState.AVAILABLE:
            seat.hold = None
        if state is SeatState.PREVIEW:
            self.previews[seat.session_id] = seat
        else:
            self.previews.pop(seat.session_id, None)
            seat.draw_by_s = None
            seat.is_dial_due = False
        self.campaign(seat.campaign_id).place(seat)
        if is_told:
            seat.told, seat.reason = state, reason
            self._tell_seat(seat, now)

    def free_seat(self, seat: Seat, now: Instant, reason: str = "") -> None:
        """The seat's work is over: it waits for the next, or pauses if that was wanted.

        One that has been taken out of a wrap-up goes back to that first, with a fresh countdown.
        """
        seat.coded = seat.handled = None
        self.campaign(seat.campaign_id).forecasts.forget(seat.session_id)
        if seat.parked:
            self._resume(seat, now)
            return
        wanted, seat.pause_wanted = seat.pause_wanted, None
        if seat.is_supervisor:
            wanted = wanted or "listens in"  # is given no work, however the call ended
        if wanted is not None:
            self.set_seat(seat, SeatState.PAUSED, now, reason=wanted)
        else:
            self.set_seat(seat, SeatState.AVAILABLE, now, reason=reason)

    def park(self, seat: Seat, now: Instant) -> None:
        """Lay the seat's wrap-up aside; the caller gives the seat its call at once."""
        wrapped_s = seat.wrapped_s + max(0.0, now.mono_s - seat.since.mono_s)
        if seat.attempt_id is not None:
            parked = Parked(seat.attempt_id, seat.record, seat.handled, wrapped_s)
            seat.parked.append(parked)
        seat.parked_at.append(now.mono_s)
        seat.handled, seat.wrapped_s = None, 0.0
        self.campaign(seat.campaign_id).forecasts.parked(seat.session_id, wrapped_s)

    def _resume(self, seat: Seat, now: Instant) -> None:
        parked = seat.parked.pop(0)
        state = self.campaign(seat.campaign_id)
        seat.attempt_id, seat.record = parked.attempt_id, parked.record
        seat.handled, seat.wrapped_s = parked.handled, parked.wrapped_s
        seat.since = now  # also where it was in the wrap-up of the other call
        until = now.after(state.campaign.wrap_up_limit_s)
        self.set_seat(seat, SeatState.WRAP_UP, now, until=until)
        state.forecasts.resumed(seat.session_id, now.mono_s - parked.wrapped_s)

    def _tell_seat(self, seat: Seat, now: Instant) -> None:
        self.tell(
            SetSeat(
                seat.session_id,
                seat.state,
                now,
                seat.reason,
                seat.attempt_id,
                seat.record.contact_id if seat.record else None,
                seat.until,
                seat.pause_due,
                tuple(parked.attempt_id for parked in seat.parked),
            )
        )

    def seat_of(self, call: Call) -> Seat | None:
        """The seat that is held or chosen for the call, if it is still there for it."""
        seat = self.seats.get(call.session_id) if call.session_id is not None else None
        return seat if seat is not None and seat.attempt_id == call.attempt_id else None

    # --- calls ------------------------------------------------------------------------------

    def add_call(self, call: Call) -> None:
        """An attempt has begun."""
        self.calls[call.attempt_id] = call
        self.contacts.add(call.record.contact_id)
        self.campaign(call.campaign_id).open_calls += 1

    def drop_call(self, call: Call) -> None:
        """The attempt is over: its line and contact are free, no view shows it any more."""
        del self.calls[call.attempt_id]
        self.contacts.discard(call.record.contact_id)
        self.unbridged.pop(call.attempt_id, None)
        self.silent.pop(call.attempt_id, None)
        state = self.campaign(call.campaign_id)
        state.open_calls -= 1
        state.ring_no_more(call)
        self.gateways.gone(call.attempt_id)
        for waiting in (state.waiting, state.queue):
            waiting.pop(call.attempt_id, None)
        state.judging.discard(call.attempt_id)
        if call.line_id is not None:
            self.release_line(call.line_id, call.attempt_id)

    def move_call(self, call: Call, stage: CallStage, now: Instant) -> None:
        """Move the attempt and tell the record, with the seat that is now chosen for it."""
        call.stage = move_call(call.stage, stage)
        self.silent.pop(call.attempt_id, None)
        state = self.campaign(call.campaign_id)
        since = call.waits_since
        queue = state.waiting if call.direction is Direction.OUT else state.queue
        if stage is CallStage.WAITING and since is not None:
            queue[call.attempt_id] = since.mono_s
        else:
            queue.pop(call.attempt_id, None)
        if stage in (CallStage.WAITING, CallStage.CONNECTING):
            self.unbridged[call.attempt_id] = call
        else:
            self.unbridged.pop(call.attempt_id, None)
        self.tell(MoveAttempt(call.attempt_id, stage, now, call.session_id))

    def close_call(
        self,
        call: Call,
        outcome: Outcome,
        formula_class: FormulaClass,
        at: Instant,
        facts: CallFacts | None,
    ) -> None:
        """Record the end of the attempt and forget it."""
        call.stage = move_call(call.stage, CallStage.ENDED)
        self.count_call(call, formula_class)
        self.log_ring(call, at, is_answered=call.answered is not None)
        if call.answered is not None:
            self.log_answer(call, is_abandoned=formula_class is FormulaClass.AOBS)
        self.tell(CloseAttempt(call.attempt_id, outcome, formula_class, at, facts))
        self.drop_call(call)

    def count_call(self, call: Call, formula_class: FormulaClass) -> None:
        """Put the call into a count of the abandoned rate, out of the one it was in."""
        self.campaign(call.campaign_id).count(call.counted, formula_class)
        call.counted = formula_class

    def log_ring(self, call: Call, at: Instant, *, is_answered: bool) -> None:
        """Tell the pacer how long the call rang; once, and only if it is known."""
        state = self.campaign(call.campaign_id)
        state.ring_no_more(call)
        if call.is_ring_logged or call.launched is None:
            return
        call.is_ring_logged = True
        call.ring_s = max(0.0, at.mono_s - call.launched.mono_s)
        state.ring_log.append(RingEnd(call.launched.mono_s, call.ring_s, is_answered))
        state.stock.learn(is_answered=is_answered)

    def log_answer(self, call: Call, *, is_abandoned: bool) -> None:
        """Tell the pacer whether the answered call met a seat; once."""
        if call.is_answer_logged or call.answered is None:
            return
        call.is_answer_logged = True
        end = AnswerEnd(call.answered.mono_s, is_abandoned, call.ring_s)
        self.campaign(call.campaign_id).answer_log.append(end)

    # --- lines ------------------------------------------------------------------------------

    def ready_lines(self, now: Instant) -> int:
        """The free lines whose calls the trunk would take now."""
        free, room = len(self.free_lines), self.gateways.room(now.mono_s)
        return free if room is None else min(free, room)

    def take_line(self, attempt_id: AttemptId) -> LineId | None:
        """Put the attempt on a free line; None where there is none."""
        if not self.free_lines:
            return None
        line_id = next(iter(self.free_lines))
        self.set_line(line_id, attempt_id)
        return line_id

    def set_line(self, line_id: LineId, attempt_id: AttemptId | None) -> None:
        """The line is up, with that attempt in hand or free; a free one that is not kept goes."""
        if attempt_id is None and self.kept_lines is not None and line_id not in self.kept_lines:
            self.lines.pop(line_id, None)
            self.free_lines.pop(line_id, None)
            self.callers.discard(line_id)
            return
        self.lines[line_id] = attempt_id
        self.free_lines.pop(line_id, None)
        if attempt_id is None and line_id not in self.callers:
            self.free_lines[line_id] = None

    def keep_lines(self, line_ids: frozenset[LineId]) -> None:
        """Only these are used from now on; another goes once its call is over."""
        self.kept_lines = line_ids
        for line_id, attempt_id in list(self.lines.items()):
            if attempt_id is None:
                self.set_line(line_id, None)

    def release_line(self, line_id: LineId, attempt_id: AttemptId) -> None:
        """The line is free again, if it still had that attempt in hand."""
        if self.lines.get(line_id) == attempt_id:
            self.set_line(line_id, None)
