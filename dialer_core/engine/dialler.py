"""The dialler without its shells: events and time in, commands out.

`handle` changes what it knows, then looks at the whole floor once: messages that are due, people
who wait for a seat, previews whose time has come, and for each campaign what to launch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import assert_never

from dialer_core.clock import Instant
from dialer_core.engine import (
    breaks,
    connecting,
    control,
    endings,
    incoming,
    launching,
    placing,
    previews,
    recovery,
    seating,
    wrapping,
)
from dialer_core.engine.calls import Call
from dialer_core.engine.campaign_state import CampaignState
from dialer_core.engine.commands import Command
from dialer_core.engine.control_events import ControlEvent
from dialer_core.engine.events import (
    AttemptCommitted,
    AttemptRefused,
    AttemptRestored,
    AvailableWanted,
    CallAnswered,
    CallBridged,
    CallEnded,
    CallRinging,
    CampaignSet,
    CountsRead,
    DiallingResumed,
    DiallingStopped,
    Event,
    HistoryRead,
    LineLost,
    LinesKept,
    LineUp,
    MessageBegan,
    OutcomeChosen,
    PauseWanted,
    PreviewAccepted,
    PreviewDrawn,
    PreviewSkipped,
    RecordsLeased,
    Recovered,
    SeatClosed,
    SeatOpened,
    SeatUnreachable,
    StageReached,
    Tick,
    TrunkSet,
)
from dialer_core.engine.floor import Floor
from dialer_core.engine.seats import Seat
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import AttemptId, CampaignId, LineId, SessionId
from dialer_core.model.states import SeatState
from dialer_core.pacing.view import Pacer
from dialer_core.rules.gateways import Gateways

_SeatEvent = (
    SeatOpened
    | SeatClosed
    | AvailableWanted
    | PauseWanted
    | StageReached
    | PreviewDrawn
    | PreviewAccepted
    | PreviewSkipped
    | OutcomeChosen
)
_RestEvent = (
    CampaignSet
    | CountsRead
    | HistoryRead
    | DiallingStopped
    | DiallingResumed
    | LineUp
    | LineLost
    | LinesKept
    | TrunkSet
    | AttemptRestored
    | Recovered
)


class Dialler:
    """Decides who is dialled when, who talks with whom, and says so in commands.

    Deterministic: the same events at the same moments give the same commands, given the same
    ids and pacers. An event about a session, line or attempt that is not known is ignored.
    Nothing is launched before `Recovered`.
    """

    def __init__(
        self,
        new_attempt_id: Callable[[], str],
        make_pacer: Callable[[Campaign], Pacer],
        gateways: Gateways | None = None,
    ) -> None:
        self._floor = Floor(new_attempt_id, make_pacer, gateways or Gateways())
        self._latest: Instant | None = None

    def handle(self, event: Event, now: Instant) -> list[Command]:
        """Take one event in, with the moment at which it happened; what is to be done now.

        The commands of the batch are carried out as `commands` says: all that go to the
        database in one transaction, then those that go to the lines.
        """
        self._take_in(event, now)
        # Lines stamp their events themselves: one may be told after a later one from elsewhere.
        if self._latest is None or now.mono_s > self._latest.mono_s:
            self._latest = now
        self._look_round(self._latest)
        return self._floor.take_commands()

    # --- what tests, shells and the simulator may read ----------------------------------------

    @property
    def seats(self) -> Mapping[SessionId, Seat]:
        """The sessions that are open."""
        return MappingProxyType(self._floor.seats)

    @property
    def calls(self) -> Mapping[AttemptId, Call]:
        """The attempts that are open."""
        return MappingProxyType(self._floor.calls)

    @property
    def lines(self) -> Mapping[LineId, AttemptId | None]:
        """The lines that are up, and what each has in hand."""
        return MappingProxyType(self._floor.lines)

    def has_call(self, attempt_id: AttemptId) -> bool:
        """Whether the attempt is one of those in progress."""
        return attempt_id in self._floor.calls

    @property
    def calls_in_progress(self) -> int:
        """Attempts that are open, and those whose outcome a seat in wrap-up still owes."""
        owed = sum(
            (seat.state is SeatState.WRAP_UP) + len(seat.parked)
            for seat in self._floor.seats.values()
        )
        return len(self._floor.calls) + owed

    @property
    def overdialled(self) -> int:
        """Launches so far beyond one per free seat."""
        return sum(state.overdialled for state in self._floor.campaigns.values())

    @property
    def trunk_trouble(self) -> str:
        """What is wrong with the trunk and what that means for the calls; else empty."""
        return self._floor.gateways.trouble

    def campaign(self, campaign_id: CampaignId) -> CampaignState:
        """A campaign's own state: stock, counts, what its pacer sees."""
        return self._floor.campaign(campaign_id)

    @property
    def wake_at_s(self) -> float | None:
        """The monotonic second at which a Tick is next needed, besides one every second.

        The shell must see to it: the message to a person who waits is due to the tenth of a
        second. None where nothing is due.
        """
        floor, now_s = self._floor, self._latest.mono_s if self._latest is not None else 0.0
        due: list[float | None] = [*floor.silent.values()] if floor.silent else []
        if floor.unbridged:
            due += [connecting.due_s(floor, call) for call in floor.unbridged.values()]
        for seat in floor.previews.values():
            if seat.is_dial_due:
                continue  # it waits for the trunk
            due.append(seat.until.mono_s if seat.until is not None else seat.draw_by_s)
        next_try_s = floor.gateways.next_s(now_s)
        for state in floor.campaigns.values():
            ask_at_s = state.stock.ask_at_s
            if (ask_at_s is not None or next_try_s is not None) and not floor.hindrance(state):
                due += (ask_at_s, next_try_s)
            if state.breaks_due and floor.is_recovered:
                due += [breaks.due_s(floor.seats[SessionId(one)]) for one in state.breaks_due]
        return min((moment for moment in due if moment is not None), default=None) if due else None

    # --- inside ------------------------------------------------------------------------------

    def _look_round(self, now: Instant) -> None:
        floor = self._floor
        if floor.silent:
            recovery.keep_time(floor, now)
        if floor.unbridged:
            connecting.keep_limits(floor, now)
        if floor.previews and floor.is_recovered:
            previews.keep_time(floor, now)
        if floor.unbridged:
            for state in floor.campaigns.values():
                if state.waiting:
                    connecting.match_waiting(floor, state, now)
                if state.queue:
                    incoming.match_queue(floor, state, now)
        if floor.is_recovered:
            breaks.keep_time(floor, now)
        launching.launch_all(floor, now)

    def _take_in(self, event: Event, now: Instant) -> None:
        floor = self._floor
        if isinstance(event, ControlEvent):
            control.take_in(floor, event, now)
            return
        match event:
            case Tick():
                pass
            case CallEnded():
                endings.ended(floor, event, now)
            case AttemptCommitted():
                placing.committed(floor, event, now)
            case AttemptRefused():
                placing.refused(floor, event, now)
            case CallRinging():
                connecting.ringing(floor, event, now)
            case CallAnswered():
                connecting.answered(floor, event, now)
            case CallBridged():
                connecting.bridged(floor, event, now)
            case SeatUnreachable():
                connecting.unreachable(floor, event, now)
            case MessageBegan():
                connecting.message_began(floor, event, now)
            case RecordsLeased():
                launching.leased(floor, event, now)
            case (
                SeatOpened()
                | SeatClosed()
                | AvailableWanted()
                | PauseWanted()
                | StageReached()
                | PreviewDrawn()
                | PreviewAccepted()
                | PreviewSkipped()
                | OutcomeChosen()
            ):
                self._take_in_seat(event, now)
            case _:
                self._take_in_rest(event, now)

    def _take_in_seat(self, event: _SeatEvent, now: Instant) -> None:
        floor = self._floor
        match event:
            case OutcomeChosen():
                wrapping.outcome_chosen(floor, event, now)
            case PreviewDrawn():
                previews.drawn(floor, event, now)
            case PreviewAccepted():
                previews.accepted(floor, event, now)
            case PreviewSkipped():
                previews.skipped(floor, event, now)
            case AvailableWanted():
                breaks.available_wanted(floor, event, now)
            case PauseWanted():
                breaks.wanted(floor, event, now)
            case StageReached():
                seating.stage_reached(floor, event, now)
            case SeatOpened():
                seating.opened(floor, event, now)
            case SeatClosed():
                seating.closed(floor, event, now)
            case _:
                assert_never(event)

    def _take_in_rest(self, event: _RestEvent, now: Instant) -> None:
        floor = self._floor
        match event:
            case CampaignSet():
                floor.set_campaign(event.campaign)
            case CountsRead():
                floor.campaign(event.campaign_id).set_counts(event.counts)
            case HistoryRead():
                state = floor.campaign(event.campaign_id)
                state.recall(event.rings, event.handles, event.answers)
            case DiallingStopped():
                floor.is_stopped = True
            case DiallingResumed():
                floor.is_stopped = False
            case LineUp():
                recovery.line_up(floor, event, now)
            case LineLost():
                endings.line_lost(floor, event, now)
            case LinesKept():
                floor.keep_lines(event.line_ids)
            case TrunkSet():
                floor.gateways.renew(event.limits)
            case AttemptRestored():
                recovery.restored(floor, event, now)
            case Recovered():
                recovery.recovered(floor, now)
            case _:
                assert_never(event)
