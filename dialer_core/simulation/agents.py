"""Simulated agents: they come, talk, wrap up, rest and go, and tell the engine so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from dialer_core.engine import commands, events
from dialer_core.model.ids import AttemptId, CampaignId, ContactId, SessionId
from dialer_core.model.states import SeatState
from dialer_core.simulation.day import Rest, SeatPlan
from dialer_core.simulation.kernel import Kernel
from dialer_core.simulation.public import Behaviour
from dialer_core.simulation.stages import Stages
from dialer_core.simulation.tally import Tally

DRAW_S = 0.1  # until a preview is on the screen
READ_S = 5.0  # until the agent dials it
MACHINE, PERSON = "machine", "person"  # codes of the outcomes that agents choose
_AT_WORK = frozenset({SeatState.CONNECTING, SeatState.TALKING, SeatState.WRAP_UP})
_GONE = frozenset({SeatState.LOGGED_OUT})


class Surroundings(Protocol):
    """What an agent needs of the simulated floor."""

    kernel: Kernel
    tally: Tally

    def send(self, event: events.Event) -> None: ...

    def person_of(self, attempt_id: AttemptId) -> Behaviour: ...

    def forget(self, attempt_id: AttemptId) -> None: ...


@dataclass(slots=True)
class _Work:
    """A wrap-up in hand, or one that an answered call has interrupted."""

    attempt_id: AttemptId
    due_s: float  # when it will be done if nothing comes between


@dataclass(slots=True)
class Agent:
    """One agent's day. `told` is called with every word of the engine about the seat."""

    plan: SeatPlan
    floor: Surroundings
    campaign_id: CampaignId
    stages: Stages | None = None
    state: SeatState = SeatState.LOGGED_OUT
    resting: Rest | None = None  # wanted, and not over yet
    is_surprise_due: bool = False  # pauses at the next moment without a call
    is_leaving: bool = False
    work: _Work | None = None
    parked: dict[AttemptId, float] = field(default_factory=dict)  # what remained, seconds
    free_since_s: float | None = None  # since when nothing but the engine delays a due break

    @property
    def session_id(self) -> SessionId:
        """The seat's session; one a day."""
        return SessionId(self.plan.number)

    def plan_day(self, length_s: float) -> None:
        """Enter the day's moments into the kernel."""
        plan = self.plan
        if plan.comes_s >= min(length_s, plan.goes_s):
            return
        self._at(plan.comes_s, self._come)
        for rest in plan.rests:
            said_s = rest.at_s - (rest.announced_s or 0.0)
            if plan.comes_s < said_s and rest.at_s < min(length_s, plan.goes_s):
                self._at(said_s, self._rest(rest))
        if plan.goes_s < length_s:
            self._at(plan.goes_s, self._go)

    def told(self, word: commands.SetSeat) -> None:
        """The engine says where the seat stands."""
        now_s = self.floor.kernel.now_s
        before, self.state = self.state, word.state
        self.floor.tally.seat_is(self.plan.number, word.state, now_s)
        if word.state is SeatState.WRAP_UP and word.attempt_id is not None:
            self._wrap_up(word.attempt_id, word.contact_id, now_s)
        elif word.state is SeatState.CONNECTING:
            self._interrupted(now_s)
        elif word.state is SeatState.TALKING and before is not word.state:
            self._talk(word.attempt_id, word.contact_id)
        elif word.state is SeatState.PAUSED and before is not word.state:
            self._paused(now_s)
        elif word.state is SeatState.AVAILABLE:
            self._free(now_s)
        elif word.state is SeatState.PREVIEW and word.until is None:
            self._preview(word.contact_id)

    # --- coming, resting, going --------------------------------------------------------------

    def _come(self) -> None:
        floor, number = self.floor, self.plan.number
        is_relief = self.plan.is_relief
        self.state = SeatState.PAUSED
        floor.tally.seat_comes(number, floor.kernel.now_s, is_relief=is_relief)
        floor.send(
            events.SeatOpened(
                self.session_id, self.campaign_id, f"Agent {number}", is_relief=is_relief
            )
        )
        floor.send(events.AvailableWanted(self.session_id))

    def _rest(self, rest: Rest) -> Callable[[], None]:
        def begin() -> None:
            if self.resting is not None or self.is_leaving or self.state in _GONE:
                return  # already away
            self.resting = rest
            if rest.announced_s:
                at = self.floor.kernel.now().after(rest.announced_s)
                self._at(rest.at_s, self._due)
                self.floor.send(events.PauseWanted(self.session_id, "break", at))
            elif rest.announced_s is None and self.state in _AT_WORK:
                self.is_surprise_due = True
            else:
                self._due()
                self.floor.send(events.PauseWanted(self.session_id, "break"))

        return begin

    def _due(self) -> None:
        is_free = self.state not in _AT_WORK and self.state is not SeatState.PAUSED
        if is_free and self.free_since_s is None:
            self.free_since_s = self.floor.kernel.now_s

    def _paused(self, now_s: float) -> None:
        if self.is_leaving:
            self._after(0.0, self._close)
        elif self.resting is not None:
            self.floor.tally.break_begins(
                now_s - self.free_since_s if self.free_since_s is not None else 0.0
            )
            self._after(self.resting.length_s, self._back)
        self.free_since_s = None

    def _back(self) -> None:
        self.resting = None
        if self.state is SeatState.PAUSED and not self.is_leaving:
            self.floor.send(events.AvailableWanted(self.session_id))

    def _free(self, now_s: float) -> None:
        if self.is_surprise_due:
            self.is_surprise_due = False
            self._after(0.0, self._want_rest)
        elif self.resting is not None and now_s >= self.resting.at_s:
            self.free_since_s = now_s if self.free_since_s is None else self.free_since_s

    def _want_rest(self) -> None:
        if self.resting is not None and self.state is not SeatState.PAUSED:
            self._due()
            self.floor.send(events.PauseWanted(self.session_id, "break"))

    def _go(self) -> None:
        if self.state in _GONE or self.is_leaving:
            return
        self.is_leaving = True
        if self.plan.is_abrupt or self.state is SeatState.PAUSED:
            self._close()
        else:
            self.floor.send(events.PauseWanted(self.session_id, "end of shift"))

    def _close(self) -> None:
        self.work = None
        if self.state not in _GONE:
            self.floor.send(events.SeatClosed(self.session_id))

    # --- a call ------------------------------------------------------------------------------

    def _preview(self, contact_id: ContactId | None) -> None:
        if contact_id is None:
            return
        drawn = events.PreviewDrawn(self.session_id, contact_id)
        accepted = events.PreviewAccepted(self.session_id, contact_id)
        self._after(DRAW_S, lambda: self.floor.send(drawn))
        self._after(DRAW_S + READ_S, lambda: self.floor.send(accepted))

    def _interrupted(self, now_s: float) -> None:
        """An answered call takes the seat out of a wrap-up: the rest of it comes later."""
        self.free_since_s = None
        if self.work is not None:
            self.parked[self.work.attempt_id] = max(0.0, self.work.due_s - now_s)
            self.work = None

    def _talk(self, attempt_id: AttemptId | None, contact_id: ContactId | None) -> None:
        self.free_since_s = None
        if self.stages is None or attempt_id is None or contact_id is None:
            return
        person = self.floor.person_of(attempt_id)
        for delay_s, stage in self.stages.of_talk(contact_id, person):
            self._after(delay_s, self._tell_stage(attempt_id, stage, None))

    def _wrap_up(self, attempt_id: AttemptId, contact_id: ContactId | None, now_s: float) -> None:
        if self.work is not None and self.work.attempt_id == attempt_id:
            return  # said again
        left_s = self.parked.pop(attempt_id, None)
        if left_s is None:
            left_s = self.floor.person_of(attempt_id).wrap_s
        work = self.work = _Work(attempt_id, now_s + left_s)
        self._after(left_s, lambda: self._done(work))
        if self.stages is not None and contact_id is not None:
            for delay_s, stage in self.stages.of_wrap_up(contact_id, left_s):
                self._after(delay_s, self._tell_stage(attempt_id, stage, work))

    def _tell_stage(
        self, attempt_id: AttemptId, stage: str, work: _Work | None
    ) -> Callable[[], None]:
        def tell() -> None:
            is_there = self.work is work if work is not None else self.state is SeatState.TALKING
            if is_there:
                self.floor.send(events.StageReached(self.session_id, attempt_id, stage))

        return tell

    def _done(self, work: _Work) -> None:
        if self.work is not work:
            return  # interrupted, or gone
        self.work = None
        if self.is_surprise_due and not self.parked:
            self.is_surprise_due = False
            self.floor.send(events.PauseWanted(self.session_id, "break"))
        person = self.floor.person_of(work.attempt_id)
        self.floor.forget(work.attempt_id)
        code = MACHINE if person.is_machine else PERSON
        self.floor.send(events.OutcomeChosen(self.session_id, work.attempt_id, code))

    # --- time --------------------------------------------------------------------------------

    def _at(self, at_s: float, action: Callable[[], None]) -> None:
        self.floor.kernel.after(at_s - self.floor.kernel.now_s, action)

    def _after(self, delay_s: float, action: Callable[[], None]) -> None:
        self.floor.kernel.after(delay_s, action)
