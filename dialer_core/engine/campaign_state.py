"""One campaign on the floor: its seats and calls as the pacer sees them, its stock, its budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType

from dialer_core.clock import Instant
from dialer_core.engine.calls import Call
from dialer_core.engine.day_budget import DayBudget
from dialer_core.engine.deciding import DecisionLog
from dialer_core.engine.forecasts import Forecasts
from dialer_core.engine.seats import Seat
from dialer_core.engine.stock import Stock
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import AttemptId, SessionId
from dialer_core.model.records import DayCounts
from dialer_core.model.states import FormulaClass, Mode, SeatState
from dialer_core.pacing.view import (
    AnswerEnd,
    Budget,
    FloorView,
    HandleEnd,
    Pacer,
    RingEnd,
)

LEG_S = 0.12  # of the limit an agent's leg needs: who is free later is too late
RECALLED = 1000  # ringings of before a restart; earlier ones have faded
_NOTHING: Mapping[int, float] = MappingProxyType({})
_TALKING = frozenset({SeatState.CONNECTING, SeatState.TALKING})
_RESERVED = frozenset({SeatState.PREVIEW, SeatState.RINGING})


class CampaignState:
    """What the engine keeps for one campaign.

    The mappings are handed to the pacer as they are; `place` keeps them in step with the seats.
    A seat whose pause waits for the end of its call stands among the paused: it will not be
    there for the next call. So does a seat that only helps out, while it is at it.
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
        self.relief: dict[int, float] = {}  # seats that help out when no other is free
        self.leaving: set[SessionId] = set()  # free seats whose pause is held
        self.breaks_due: dict[int, float] = {}  # seat -> when its pause is due
        self.may_park: tuple[int, ...] = ()  # wrap-ups that an answered call may interrupt
        self.ringing: dict[str, float] = {}  # call -> launched, until it is answered or over
        self.held: set[str] = set()  # those of them that a held seat waits for
        self.waiting: dict[AttemptId, float] = {}
        self.queue: dict[AttemptId, float] = {}  # people who have called us, since when
        self.judging: set[AttemptId] = set()  # answered, and no agent is looked for (yet)
        self.open_calls = 0
        self.overdialled = 0
        self.one_to_one_until_s = float("-inf")  # the gate has just refused to dial ahead
        self.ring_log: list[RingEnd] = []
        self.handle_log: list[HandleEnd] = []
        self.answer_log: list[AnswerEnd] = []
        self._where: dict[SessionId, dict[int, float]] = {}
        self._day = DayBudget(self.ring_log, self.handle_log)
        self._day_end: tuple[datetime, float] | None = None  # as a moment of either clock
        self.noted = DecisionLog()
        self.is_at_rest = False  # the pacer is not asked again before a seat is free
        self.forecasts = Forecasts()

    # --- settings ---------------------------------------------------------------------------

    def set_campaign(self, campaign: Campaign) -> None:
        """Take changed settings over; the pacer keeps what it has learnt unless it must change."""
        old = self.campaign
        self.campaign = campaign
        self._day.forget()
        self._day_end = None
        self.is_at_rest = False
        self.stock.ask_soon()
        if (old.mode, old.abandon_target, old.abandon_cap, old.connect_limit_s, old.levers) != (
            campaign.mode,
            campaign.abandon_target,
            campaign.abandon_cap,
            campaign.connect_limit_s,
            campaign.levers,
        ):
            self.pacer = self._make_pacer(campaign)

    @property
    def _patience_s(self) -> float:
        """Seconds after the answer in which a seat must come free to be in time."""
        campaign = self.campaign
        return max(0.0, campaign.connect_limit_s - campaign.message_lead_s - LEG_S)

    # --- seats ------------------------------------------------------------------------------

    @property
    def is_staffed(self) -> bool:
        """Somebody is there who is not paused nor about to be."""
        return bool(self.idle or self.talking or self.wrapping or self.reserved)

    def place(self, seat: Seat) -> None:
        """Put the seat where its state belongs; a supervisor's belongs nowhere."""
        if seat.is_supervisor:
            return
        self._place_break(seat)
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
        """The seat that has waited longest and is not about to pause, or None."""
        if not self.leaving:
            return SessionId(next(iter(self.idle))) if self.idle else None
        return next((SessionId(one) for one in self.idle if one not in self.leaving), None)

    @property
    def free(self) -> list[SessionId]:
        """The seats that wait and are not about to pause, longest first."""
        return [SessionId(one) for one in self.idle if one not in self.leaving]

    @property
    def unspoken(self) -> int:
        """Free seats that no ringing or waiting call may need; below 0 when over-dialled."""
        free = len(self.idle) - len(self.leaving)
        in_need = len(self.waiting) + len(self.queue)
        return free - (len(self.ringing) - len(self.held)) - in_need

    def _mapping(self, seat: Seat) -> dict[int, float] | None:
        if seat.state is SeatState.LOGGED_OUT:
            return None
        if seat.is_helping:
            return self.paused
        if seat.is_relief:
            is_free = seat.state is SeatState.AVAILABLE and seat.pause_wanted is None
            return self.relief if is_free else self.paused
        is_leaving = seat.pause_wanted is not None and seat.hold is None
        if seat.state is SeatState.PAUSED or is_leaving:
            return self.paused
        if seat.state is SeatState.AVAILABLE:
            return self.idle
        if seat.state in _TALKING:
            return self.talking
        return self.reserved if seat.state in _RESERVED else self.wrapping

    def _place_break(self, seat: Seat) -> None:
        due = seat.pause_due if seat.state is not SeatState.LOGGED_OUT else None
        if due is None:
            self.breaks_due.pop(seat.session_id, None)
        else:
            self.breaks_due[seat.session_id] = due.mono_s
        if seat.hold is None:
            self.leaving.discard(seat.session_id)
        else:
            self.leaving.add(seat.session_id)

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

    @property
    def counts(self) -> DayCounts:
        """The counts of the law's window so far."""
        return self._day.counts

    def set_counts(self, counts: DayCounts) -> None:
        """Begin from the counts that the database has of the window."""
        self._day.begin(counts)

    def count(self, old: FormulaClass | None, new: FormulaClass | None) -> None:
        """Move one answered call from one count of the abandoned rate to another."""
        self._day.count(old, new)

    def budget(self, now: Instant) -> Budget:
        """What the law's window still affords."""
        return self._day.budget(self.campaign, now)

    def recall(
        self, rings: Iterable[RingEnd], handles: Iterable[HandleEnd], answers: Iterable[AnswerEnd]
    ) -> None:
        """Take in what the day has taught before a restart, unless this day has begun to teach."""
        if self.ring_log or self.handle_log or self.answer_log:
            return
        self.ring_log += rings
        self.handle_log += handles
        self.answer_log += answers
        for ring in self.ring_log[-RECALLED:]:
            self.stock.learn(is_answered=ring.answered)
        self._day.forget()

    # --- what the pacer sees and says -------------------------------------------------------

    def view(self, now: Instant, free_lines: int) -> FloorView:
        """The floor as it is now; holds the live mappings, not copies.

        `free_lines`: those for which the trunk has room, too.
        """
        levers = self.campaign.levers
        # Who has called us takes the next seat, however long they wait: to the pacer, since now.
        queue = (now.mono_s,) * len(self.queue)
        seen = len(self.ringing) + len(self.waiting) + len(queue) + len(self.talking)
        spare = min(free_lines, self.campaign.max_lines - self.open_calls)
        return FloorView(
            now=now.mono_s,
            day_end=self._day_end_s(now),
            connect_limit=self._patience_s,
            max_lines=seen + max(0, spare),
            idle=self.idle,
            talking=self.talking,
            wrapping=self.wrapping,
            paused=self.paused,
            ringing=self.ringing,
            waiting=(*self.waiting.values(), *queue) if self.waiting or queue else (),
            ring_log=self.ring_log,
            handle_log=self.handle_log,
            answer_log=self.answer_log,
            reserved=self.reserved,
            held=self.held,
            breaks_due=self.breaks_due,
            # Only who dials ahead asks what may be lost.
            budget=self.budget(now) if self.campaign.mode is Mode.PREDICTIVE else None,
            seat_ends=self.forecasts.look(now.mono_s) if levers.seat_forecast else _NOTHING,
            answer_chance=self.stock.chances if levers.answer_chance else None,
            relief=self.relief,
            parkable=self._parkable(now) if levers.parked_wrap_up else None,
        )

    def _parkable(self, now: Instant) -> tuple[int, ...]:
        """The wrap-ups that an answered call could really interrupt now, oldest first."""
        seats, an_hour = self.seats, self.campaign.parked_an_hour
        return tuple(one for one in self.wrapping if seats[SessionId(one)].may_park(an_hour, now))

    def _day_end_s(self, now: Instant) -> float:
        """The end of calling on the monotonic clock, reckoned anew when it has passed."""
        if self._day_end is None or now.utc >= self._day_end[0]:
            end = self.campaign.calling_ends
            if end is None or end <= now.utc:
                end = datetime.combine(now.utc.date() + timedelta(days=1), time(), tzinfo=UTC)
            self._day_end = end, now.mono_s + (end - now.utc).total_seconds()
        return self._day_end[1]
