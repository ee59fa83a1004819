"""One campaign on the floor: its seats and calls as the pacer sees them, its stock, its budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from dialer_core.clock import Instant
from dialer_core.engine.calls import Call
from dialer_core.engine.seats import Seat
from dialer_core.engine.stock import Stock
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import AttemptId, SessionId
from dialer_core.model.records import DayCounts
from dialer_core.model.states import FormulaClass, SeatState
from dialer_core.pacing.view import (
    AnswerEnd,
    Budget,
    Decision,
    FloorView,
    HandleEnd,
    Pacer,
    RingEnd,
)
from dialer_core.rules.abandonment import abandoned_rate, drops_left
from dialer_core.rules.profiles import AbandonFormula

REWORD_S = 1.0  # how often a mere change of wording is noted
_TALKING = frozenset({SeatState.CONNECTING, SeatState.TALKING})
_RESERVED = frozenset({SeatState.PREVIEW, SeatState.RINGING})


class CampaignState:
    """What the engine keeps for one campaign.

    The mappings are handed to the pacer as they are; `place` keeps them in step with the seats.
    A seat whose pause waits for the end of its call stands among the paused: it will not be
    there for the next call.
    """

    def __init__(self, campaign: Campaign, make_pacer: Callable[[Campaign], Pacer]) -> None:
        self.campaign = campaign
        self._make_pacer = make_pacer
        self.pacer = make_pacer(campaign)
        self.stock = Stock()
        self.seats: dict[SessionId, Seat] = {}
        self.idle: dict[int, float] = {}  # longest idle first
        self.talking: dict[int, float] = {}
        self.wrapping: dict[int, float] = {}
        self.reserved: dict[int, float] = {}
        self.paused: dict[int, float] = {}
        self.ringing: dict[str, float] = {}  # call -> launched, until it is answered or over
        self.held: set[str] = set()  # those of them that a held seat waits for
        self.waiting: dict[AttemptId, float] = {}
        self.open_calls = 0
        self.overdialled = 0
        self.one_to_one_until_s = float("-inf")  # the gate has just refused to dial ahead
        self.ring_log: list[RingEnd] = []
        self.handle_log: list[HandleEnd] = []
        self.answer_log: list[AnswerEnd] = []
        self.counts = DayCounts()
        self._where: dict[SessionId, dict[int, float]] = {}
        self._budget: Budget | None = None
        self._noted: Decision | None = None
        self._noted_s = float("-inf")

    # --- settings ---------------------------------------------------------------------------

    def set_campaign(self, campaign: Campaign) -> None:
        """Take changed settings over; the pacer keeps what it has learnt unless it must change."""
        old = self.campaign
        self.campaign = campaign
        self._budget = None
        self.stock.ask_soon()
        if (old.mode, old.abandon_target, old.abandon_cap, old.connect_limit_s) != (
            campaign.mode,
            campaign.abandon_target,
            campaign.abandon_cap,
            campaign.connect_limit_s,
        ):
            self.pacer = self._make_pacer(campaign)

    # --- seats ------------------------------------------------------------------------------

    @property
    def is_staffed(self) -> bool:
        """Somebody is there who is not paused nor about to be."""
        return bool(self.idle or self.talking or self.wrapping or self.reserved)

    def place(self, seat: Seat) -> None:
        """Put the seat where its state belongs."""
        here = self._mapping(seat)
        was = self._where.pop(seat.session_id, None)
        if was is not None:
            del was[seat.session_id]
        if here is None:
            return
        since_s = seat.since.mono_s
        is_late = bool(here) and next(reversed(here.values())) > since_s
        here[seat.session_id] = since_s
        self._where[seat.session_id] = here
        if is_late:
            by_age = sorted(here.items(), key=lambda item: item[1])
            here.clear()
            here.update(by_age)

    def longest_idle(self) -> SessionId | None:
        """The seat that has waited longest, or None."""
        return SessionId(next(iter(self.idle))) if self.idle else None

    @property
    def unspoken(self) -> int:
        """Free seats that no ringing or waiting call may need; below 0 when over-dialled."""
        return len(self.idle) - (len(self.ringing) - len(self.held)) - len(self.waiting)

    def _mapping(self, seat: Seat) -> dict[int, float] | None:
        if seat.state is SeatState.LOGGED_OUT:
            return None
        if seat.state is SeatState.PAUSED or seat.pause_wanted is not None:
            return self.paused
        if seat.state is SeatState.AVAILABLE:
            return self.idle
        if seat.state in _TALKING:
            return self.talking
        return self.reserved if seat.state in _RESERVED else self.wrapping

    def ring(self, call: Call) -> None:
        """Show the call as ringing, for its held seat or for anybody."""
        if call.launched is not None:
            self.ringing[call.attempt_id] = call.launched.mono_s
        if call.is_held and call.launched is not None:
            self.held.add(call.attempt_id)
        else:
            self.held.discard(call.attempt_id)

    def ring_no_more(self, call: Call) -> None:
        """The call was answered or is over."""
        self.ringing.pop(call.attempt_id, None)
        self.held.discard(call.attempt_id)

    # --- budget -----------------------------------------------------------------------------

    def set_counts(self, counts: DayCounts) -> None:
        """Begin from the counts that the database has of the window."""
        self.counts = counts
        self._budget = None

    def count(self, old: FormulaClass | None, new: FormulaClass | None) -> None:
        """Move one answered call from one count of the abandoned rate to another."""
        if old is new:
            return
        for change, which in ((-1, old), (1, new)):
            counts = self.counts
            if which is FormulaClass.L:
                self.counts = replace(counts, live=max(0, counts.live + change))
            elif which is FormulaClass.M:
                self.counts = replace(counts, machines=max(0, counts.machines + change))
            elif which is FormulaClass.AOBS:
                self.counts = replace(counts, abandoned=max(0, counts.abandoned + change))
            elif which is FormulaClass.AMDET:
                detected = max(0, counts.detected_machines + change)
                self.counts = replace(counts, detected_machines=detected)
        self._budget = None

    def budget(self) -> Budget:
        """What the law's window still affords; made anew when a count has changed."""
        if self._budget is None:
            campaign, counts = self.campaign, self.counts
            formula = AbandonFormula(campaign.abandon_formula)
            left = drops_left(counts, formula, campaign.abandon_cap)
            self._budget = Budget(
                cap=campaign.abandon_cap,
                target=campaign.abandon_target,
                live=float(counts.live),
                abandoned=abandoned_rate(counts, formula).numerator,
                drops_left=float(left),
            )
        return self._budget

    # --- what the pacer sees and says -------------------------------------------------------

    def view(self, now: Instant, free_lines: int) -> FloorView:
        """The floor as it is now; holds the live mappings, not copies."""
        seen = len(self.ringing) + len(self.waiting) + len(self.talking)
        spare = min(free_lines, self.campaign.max_lines - self.open_calls)
        return FloorView(
            now=now.mono_s,
            day_end=now.mono_s + (self._day_end(now) - now.utc).total_seconds(),
            connect_limit=self.campaign.connect_limit_s,
            max_lines=seen + max(0, spare),
            idle=self.idle,
            talking=self.talking,
            wrapping=self.wrapping,
            paused=self.paused,
            ringing=self.ringing,
            waiting=tuple(self.waiting.values()) if self.waiting else (),
            ring_log=self.ring_log,
            handle_log=self.handle_log,
            answer_log=self.answer_log,
            reserved=self.reserved,
            held=self.held,
            budget=self.budget(),
        )

    def is_worth_noting(self, decision: Decision, now_s: float) -> bool:
        """Whether to record the decision: launches always, other changes once a second."""
        last = self._noted
        if last is not None and decision.launch == 0:
            is_same = last.launch == 0 and last.reason == decision.reason
            if is_same or now_s - self._noted_s < REWORD_S:
                return False
        self._noted, self._noted_s = decision, now_s
        return True

    def _day_end(self, now: Instant) -> datetime:
        end = self.campaign.calling_ends
        if end is not None and end > now.utc:
            return end
        return datetime.combine(now.utc.date() + timedelta(days=1), time(), tzinfo=UTC)
