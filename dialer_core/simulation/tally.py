"""What a simulated day came to, by the public's truth."""

from __future__ import annotations

from dialer_core.model.states import SeatState
from dialer_core.simulation.day import DayPlan
from dialer_core.simulation.public import Behaviour, Kind
from dialer_core.simulation.result import DayResult
from dialer_core.simulation.series import Series

_IDLE = frozenset({SeatState.AVAILABLE, SeatState.PREVIEW, SeatState.RINGING, SeatState.CONNECTING})
_SHOWN = {
    SeatState.TALKING: "talking",
    SeatState.WRAP_UP: "wrapping",
    SeatState.PAUSED: "paused",
    **dict.fromkeys(_IDLE, "idle"),
}
LATE_S = 0.05  # a break that begins within this time was not held


class Tally:
    """Counts while the day runs; relief seats stand apart from the floor's own."""

    def __init__(self, plan: DayPlan) -> None:
        self._plan = plan
        self.series = Series(plan.length_s)
        self.dials = 0
        self.events = 0
        self.passed_over = 0
        self.parked = 0
        self._counts = dict.fromkeys(
            ("answered", "people", "machines", "people_lost", "machines_lost", "hung_up"), 0
        )
        self._spent_s: dict[SeatState, float] = dict.fromkeys(SeatState, 0.0)
        self._relief_s: dict[SeatState, float] = dict.fromkeys(SeatState, 0.0)
        self._relief_calls = 0
        self._now: dict[int, tuple[SeatState, float]] = {}
        self._relief: set[int] = set()
        self._ready_since: dict[int, float] = {}
        self._seat_waits: list[float] = []
        self._answer_waits: list[float] = []
        self._break_delays: list[float] = []

    # --- seats -------------------------------------------------------------------------------

    def seat_comes(self, number: int, now_s: float, *, is_relief: bool) -> None:
        """A seat is logged in, paused."""
        if is_relief:
            self._relief.add(number)
        self.seat_is(number, SeatState.PAUSED, now_s)

    def seat_is(self, number: int, state: SeatState, now_s: float) -> None:
        """A seat's state from now on."""
        was = self._now.get(number)
        if was is not None:
            self._spend(number, was[0], was[1], now_s)
            is_parked = was[0] is SeatState.WRAP_UP and state is SeatState.CONNECTING
            self.parked += is_parked and number not in self._relief
        self._now[number] = (state, now_s)
        if number in self._relief:
            self._relief_calls += state is SeatState.TALKING
        elif state is SeatState.AVAILABLE:
            self._ready_since.setdefault(number, now_s)
        elif state is SeatState.TALKING:
            since_s = self._ready_since.pop(number, None)
            # A wrap-up that was interrupted is no wait.
            if since_s is not None:
                self._seat_waits.append(now_s - since_s)
        elif state is SeatState.PAUSED or state is SeatState.LOGGED_OUT:
            self._ready_since.pop(number, None)

    def _spend(self, number: int, state: SeatState, since_s: float, now_s: float) -> None:
        if number in self._relief:
            self._relief_s[state] += now_s - since_s
            if state is SeatState.TALKING or state is SeatState.WRAP_UP:
                self.series.spread("relief", since_s, now_s)
            return
        self._spent_s[state] += now_s - since_s
        shown = _SHOWN.get(state)
        if shown is not None:
            self.series.spread(shown, since_s, now_s)

    def break_begins(self, delay_s: float) -> None:
        """A break begins so long after it was due and nothing of the agent's stood in its way."""
        if delay_s > LATE_S:
            self._break_delays.append(delay_s)

    # --- calls -------------------------------------------------------------------------------

    def dialled(self, now_s: float) -> None:
        """A call has left."""
        self.dials += 1
        self.series.count("dials", now_s)

    def rang(self, launched_s: float, now_s: float) -> None:
        """A call has rung until now and does so no more."""
        self.series.spread("ringing", launched_s, now_s)

    def answered(self, now_s: float) -> None:
        """Somebody or something has answered."""
        self._counts["answered"] += 1
        self.series.count("answered", now_s)

    def met(self, person: Behaviour, waited_s: float, limit_s: float, now_s: float) -> None:
        """Who had answered and an agent hear each other."""
        if person.kind is Kind.HANGS_UP:
            self._counts["hung_up"] += 1
        elif waited_s > limit_s:
            self.lost(person, now_s)
        else:
            self._answer_waits.append(waited_s)
            self._counts["machines" if person.is_machine else "people"] += 1
            if not person.is_machine:
                self.series.count("connected", now_s)

    def lost(self, person: Behaviour, now_s: float) -> None:
        """Nobody came in time for who had answered."""
        self._counts["machines_lost" if person.is_machine else "people_lost"] += 1
        if not person.is_machine:
            self.series.count("abandoned", now_s)

    def hung_up(self) -> None:
        """Who had answered was gone before the limit: neither lost nor met."""
        self._counts["hung_up"] += 1

    # --- the day's end -----------------------------------------------------------------------

    def result(self, overdialled: int, now_s: float) -> DayResult:
        """The figures of the day up to now; call once."""
        for number, (state, _) in list(self._now.items()):
            self.seat_is(number, state, now_s)
        plan, counts = self._plan, self._counts
        waits = sorted(self._seat_waits)
        spent_s, relief_s = self._spent_s, self._relief_s
        delays = self._break_delays
        return DayResult(
            scenario=plan.scenario.name,
            mode=plan.mode,
            seats=len(self._now) - len(self._relief),
            length_s=plan.length_s,
            dials=self.dials,
            answered=counts["answered"],
            people_connected=counts["people"],
            machines_connected=counts["machines"],
            people_abandoned=counts["people_lost"],
            machines_abandoned=counts["machines_lost"],
            hung_up=counts["hung_up"],
            overdialled=overdialled,
            talk_s=spent_s[SeatState.TALKING],
            wrap_s=spent_s[SeatState.WRAP_UP],
            wait_s=sum(spent_s[state] for state in SeatState if state in _IDLE),
            paused_s=spent_s[SeatState.PAUSED],
            seat_wait_mean_s=mean(waits),
            seat_wait_p95_s=quantile(waits, 0.95),
            answer_to_agent_mean_s=mean(self._answer_waits),
            answer_to_agent_p95_s=quantile(sorted(self._answer_waits), 0.95),
            parked=self.parked,
            held_breaks=len(delays),
            held_break_mean_s=mean(delays),
            relief_talk_s=relief_s[SeatState.TALKING],
            relief_wrap_s=relief_s[SeatState.WRAP_UP],
            relief_calls=self._relief_calls,
            passed_over=self.passed_over,
            events=self.events,
            series=self.series.result(),
        )


def mean(values: list[float]) -> float:
    """The mean; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def quantile(ordered: list[float], share: float) -> float:
    """The value below which a share of an ordered list lies; 0 of an empty one."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
