"""What a simulated day came to, by the public's truth."""

from __future__ import annotations

from dataclasses import dataclass

from dialer_core.engine.events import CallFacts
from dialer_core.model.ids import SessionId
from dialer_core.model.states import Mode, SeatState
from dialer_core.simulation.public import Behaviour, Kind


@dataclass(frozen=True, slots=True)
class DayResult:
    """One day in figures; seconds and counts.

    `utilisation`: talk and wrap-up over logged-in time without breaks. `abandoned_rate`: people
    (not machines) who answered and were not connected, over all people who answered and did not
    hang up first. `seat_wait`: from ready to the next conversation.
    """

    scenario: str
    mode: Mode
    seats: int
    length_s: float
    dials: int
    answered: int
    people_connected: int
    machines_connected: int
    people_abandoned: int
    machines_abandoned: int
    overdialled: int
    talk_s: float
    wrap_s: float
    wait_s: float
    paused_s: float
    seat_wait_mean_s: float
    seat_wait_p95_s: float
    answer_to_agent_p95_s: float
    events: int

    @property
    def utilisation(self) -> float:
        """Share of the working time that was talk or wrap-up."""
        worked_s = self.talk_s + self.wrap_s + self.wait_s
        return (self.talk_s + self.wrap_s) / worked_s if worked_s else 0.0

    @property
    def abandoned_rate(self) -> float:
        """Share of the people who were to be connected and were not."""
        live = self.people_connected + self.people_abandoned
        return self.people_abandoned / live if live else 0.0

    @property
    def dials_per_connect(self) -> float:
        """Dials for one person at an agent; infinite where there was none."""
        return self.dials / self.people_connected if self.people_connected else float("inf")


class Tally:
    """Counts while the day runs."""

    def __init__(self, scenario: str, mode: Mode, length_s: float) -> None:
        self._scenario = scenario
        self._mode = mode
        self._length_s = length_s
        self.dials = 0
        self.events = 0
        self._answered = 0
        self._connected = {True: 0, False: 0}  # by "is a machine"
        self._lost = {True: 0, False: 0}
        self._spent_s: dict[SeatState, float] = dict.fromkeys(SeatState, 0.0)
        self._now: dict[SessionId, tuple[SeatState, float]] = {}
        self._ready_since: dict[SessionId, float] = {}
        self._seat_waits: list[float] = []
        self._answer_waits: list[float] = []

    def seat_is(self, session_id: SessionId, state: SeatState, now_s: float) -> None:
        """A seat's state from now on."""
        was = self._now.get(session_id)
        if was is not None:
            self._spent_s[was[0]] += now_s - was[1]
        self._now[session_id] = (state, now_s)
        if state is SeatState.AVAILABLE:
            self._ready_since.setdefault(session_id, now_s)
        elif state is SeatState.TALKING:
            since_s = self._ready_since.pop(session_id, None)
            if since_s is not None:
                self._seat_waits.append(now_s - since_s)
        elif state is SeatState.PAUSED:
            self._ready_since.pop(session_id, None)

    def ended(self, person: Behaviour, facts: CallFacts) -> None:
        """A call is over: what it was in truth."""
        if facts.answered is None:
            return
        self._answered += 1
        if person.kind is Kind.HANGS_UP:
            return
        if facts.bridged is not None:
            self._connected[person.is_machine] += 1
            self._answer_waits.append(facts.bridged.mono_s - facts.answered.mono_s)
        else:
            self._lost[person.is_machine] += 1

    def result(self, overdialled: int, now_s: float) -> DayResult:
        """The figures of the day up to now."""
        for session_id, (state, _) in list(self._now.items()):
            self.seat_is(session_id, state, now_s)
        waits = sorted(self._seat_waits)
        spent_s = self._spent_s
        idle = (SeatState.AVAILABLE, SeatState.PREVIEW, SeatState.RINGING, SeatState.CONNECTING)
        return DayResult(
            scenario=self._scenario,
            mode=self._mode,
            seats=len(self._now),
            length_s=self._length_s,
            dials=self.dials,
            answered=self._answered,
            people_connected=self._connected[False],
            machines_connected=self._connected[True],
            people_abandoned=self._lost[False],
            machines_abandoned=self._lost[True],
            overdialled=overdialled,
            talk_s=spent_s[SeatState.TALKING],
            wrap_s=spent_s[SeatState.WRAP_UP],
            wait_s=sum(spent_s[state] for state in idle),
            paused_s=spent_s[SeatState.PAUSED],
            seat_wait_mean_s=sum(waits) / len(waits) if waits else 0.0,
            seat_wait_p95_s=_quantile(waits, 0.95),
            answer_to_agent_p95_s=_quantile(sorted(self._answer_waits), 0.95),
            events=self.events,
        )


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
