"""A small floor in virtual time for tests of pacers; seconds, drawn with a seed."""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass, field

from dialer_core.model.records import DayCounts
from dialer_core.pacing import AnswerEnd, Budget, FloorView, HandleEnd, Pacer, RingEnd
from dialer_core.rules.abandonment import abandoned_rate, drops_left
from dialer_core.rules.profiles import AbandonFormula

PATIENCE_S = 2.0


@dataclass
class Result:
    """What came of a day."""

    counts: DayCounts = field(default_factory=DayCounts)
    worst_rate_after_hour: float = 0.0
    lost_before_live_33: int = 0
    most_lines: int = 0
    busy_s: float = 0.0
    launches: int = 0
    blind_launches: int = 0  # made with nobody logged in
    reasons: list[str] = field(default_factory=list)


class Floor:
    """People who are busy (10 %), machines (15 %), live (30 %) or never answer."""

    def __init__(
        self, pacer: Pacer, *, seats: int, hours: float, seed: int, cap: float = 0.03,
        max_lines: int = 60, gives_budget: bool = True,
    ) -> None:  # fmt: skip
        self.pacer, self.cap, self.max_lines = pacer, cap, max_lines
        self.end = hours * 3600.0
        self.gives_budget = gives_budget
        self.random = random.Random(seed)
        self.result = Result()
        self.now = 0.0
        self.queue: list[tuple[float, int, str, int]] = []
        self.order = 0
        self.idle: dict[int, float] = {}
        self.talking: dict[int, float] = {}
        self.wrapping: dict[int, float] = {}
        self.ringing: dict[str, float] = {}
        self.waiting: list[tuple[float, int]] = []
        self.call_of: dict[int, tuple[float, float, bool, float]] = {}
        self.kind: dict[int, str] = {}
        self.ring_log: list[RingEnd] = []
        self.handle_log: list[HandleEnd] = []
        self.answer_log: list[AnswerEnd] = []
        self.live = self.machines = self.lost = 0
        for seat in range(seats):
            self._at(60.0 + 10.0 * seat, "login", seat)
        self._at(0.0, "tick", 0)

    def run(self) -> Result:
        """The whole day; the calls of its last minutes end in it."""
        while self.queue and self.queue[0][0] < self.end + 300.0:
            self.now, _, what, which = heapq.heappop(self.queue)
            getattr(self, f"_{what}")(which)
            self._meet()
            if self.now < self.end:
                self._dial()
        self.result.counts = self.counts()
        return self.result

    def counts(self) -> DayCounts:
        """The counts of the day so far."""
        return DayCounts(self.live, self.machines, self.lost)

    def view(self) -> FloorView:
        """The floor as the engine would show it."""
        counts = self.counts()
        formula = AbandonFormula.OFCOM_NO_AMD
        rate = abandoned_rate(counts, formula)
        if self.now > 3600:
            self.result.worst_rate_after_hour = max(self.result.worst_rate_after_hour, rate.rate)
        left = drops_left(counts, formula, self.cap)
        budget = Budget(self.cap, self.cap, self.live, rate.numerator, left)
        return FloorView(
            self.now, self.end, PATIENCE_S, self.max_lines, self.idle, self.talking, self.wrapping,
            (), self.ringing, [at for at, _ in self.waiting], self.ring_log, self.handle_log,
            self.answer_log, budget=budget if self.gives_budget else None,
        )  # fmt: skip

    def _at(self, when: float, what: str, which: int) -> None:
        self.order += 1
        heapq.heappush(self.queue, (when, self.order, what, which))

    def _dial(self) -> None:
        decision = self.pacer.decide(self.view())
        if decision.launch and decision.reason not in self.result.reasons[-1:]:
            self.result.reasons.append(decision.reason)
        here = len(self.idle) + len(self.talking) + len(self.wrapping)
        self.result.blind_launches += decision.launch if not here else 0
        for _ in range(decision.launch):
            self._launch()
        in_use = len(self.ringing) + len(self.waiting) + len(self.talking)
        self.result.most_lines = max(self.result.most_lines, in_use)

    def _launch(self) -> None:
        self.result.launches += 1
        call = self.result.launches
        draw = self.random.random()
        ring_s, kind = 25.0, "nobody"
        if draw < 0.30:
            ring_s, kind = 2.0 + self.random.lognormvariate(2.0, 0.55), "person"
        elif draw < 0.45:
            ring_s, kind = max(5.0, self.random.gauss(18.0, 3.0)), "machine"
        elif draw < 0.55:
            ring_s, kind = 1.5, "busy"
        if ring_s > 25.0:
            ring_s, kind = 25.0, "nobody"
        self.kind[call] = kind
        self.ringing[str(call)] = self.now
        self._at(self.now + ring_s, "rung", call)

    def _meet(self) -> None:
        while self.waiting and self.idle:
            at, call = self.waiting.pop(0)
            seat = min(self.idle, key=lambda s: self.idle[s])
            del self.idle[seat]
            self.talking[seat] = self.now
            is_machine = self.kind[call] == "machine"
            talk_s = 6.0 if is_machine else self.random.lognormvariate(4.4, 0.7)
            wrap_s = 2.0 if is_machine else self.random.lognormvariate(2.8, 0.5)
            self.result.busy_s += min(talk_s + wrap_s, max(0.0, self.end - self.now))
            self.call_of[seat] = (talk_s, wrap_s, is_machine, at)
            self.answer_log.append(AnswerEnd(at, False, 0.0))
            self._at(self.now + talk_s, "talked", seat)

    def _tick(self, _: int) -> None:
        self._at(self.now + 1.0, "tick", 0)

    def _login(self, seat: int) -> None:
        self.idle[seat] = self.now

    def _rung(self, call: int) -> None:
        launched = self.ringing.pop(str(call))
        is_answered = self.kind[call] in ("person", "machine")
        self.ring_log.append(RingEnd(launched, self.now - launched, is_answered))
        if is_answered:
            self.waiting.append((self.now, call))
            self._at(self.now + PATIENCE_S, "patience", call)

    def _patience(self, call: int) -> None:
        for place, (at, which) in enumerate(self.waiting):
            if which == call:
                del self.waiting[place]
                self.lost += 1
                self.result.lost_before_live_33 += self.live < 33
                self.answer_log.append(AnswerEnd(at, True, 0.0))
                return

    def _talked(self, seat: int) -> None:
        del self.talking[seat]
        self.wrapping[seat] = self.now
        self._at(self.now + self.call_of[seat][1], "wrapped", seat)

    def _wrapped(self, seat: int) -> None:
        talk_s, wrap_s, is_machine, _ = self.call_of.pop(seat)
        del self.wrapping[seat]
        self.idle[seat] = self.now
        self.handle_log.append(HandleEnd(self.now, talk_s, wrap_s, is_machine, 0.0))
        self.machines += is_machine
        self.live += not is_machine


def utilisation(result: Result, seats: int, hours: float) -> float:
    """Share of the seats' time in talk and wrap-up."""
    return result.busy_s / (seats * math.ceil(hours * 3600.0))
