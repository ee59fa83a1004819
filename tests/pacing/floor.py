"""A small floor in virtual time for tests of pacers: plain mappings and lists, drawn with a seed.

It is no engine: it does what a decision says in the simplest way that one can write, and shows
only what its setting tells it to show.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dialer_core.model.records import DayCounts
from dialer_core.pacing import AnswerEnd, Budget, Decision, FloorView, HandleEnd, Pacer, RingEnd
from dialer_core.rules.abandonment import abandoned_rate, drops_left
from dialer_core.rules.profiles import AbandonFormula

PATIENCE_S = 2.0
NO_ANSWER_S = 25.0
STOCK = 30
PARKED_AN_HOUR = 6


@dataclass(frozen=True)
class Break:
    """A seat's break: seconds of the day; known to the pacer `announced_s` before."""

    seat: int
    at: float
    length_s: float
    announced_s: float = 30.0


@dataclass(frozen=True)
class Setting:
    """What the floor can do and shows."""

    cap: float = 0.03
    max_lines: int = 60
    formula: AbandonFormula | None = AbandonFormula.OFCOM_NO_AMD  # None: shows no budget
    share: float = 0.45  # of the calls are answered, a third of them by machines
    tells_ends: bool = False
    tells_chances: bool = False
    parks: bool = False
    relief: int = 0
    breaks: tuple[Break, ...] = ()
    leave: tuple[tuple[int, float], ...] = ()  # seat, at: for good, when its call is over


@dataclass
class Result:
    """What came of a day; people and losses by the truth, not by what the pacer was told."""

    met: int = 0  # people
    people: int = 0  # of them those that are known, from their outcome
    machines: int = 0
    lost_people: int = 0
    lost_all: int = 0
    lost_early: int = 0  # before 33 people were met
    ahead_early: int = 0  # launches above one to one before that
    ahead: int = 0
    ahead_with_few: int = 0  # launches above one to one with a single seat at work
    most_lines: int = 0
    busy_s: float = 0.0
    launches: int = 0
    blind_launches: int = 0  # made with nobody logged in
    parked: int = 0
    relieved: int = 0
    longest_hold_s: float = 0.0
    chance_sum: float = 0.0
    reasons: list[str] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Share of the people who answered that were lost."""
        return self.lost_people / max(1, self.met + self.lost_people)


@dataclass
class Call:
    """One call and what will become of it."""

    launched: float
    ring_s: float
    kind: str
    answered: float = math.nan


class Floor:
    """People and machines who answer, and calls that nobody answers."""

    def __init__(
        self, pacer: Pacer, *, seats: int, hours: float, seed: int, setting: Setting | None = None
    ) -> None:
        self.pacer, self.setting = pacer, setting or Setting()
        self.end = hours * 3600.0
        self.random = random.Random(seed)
        self.result = Result()
        self.now = 0.0
        self.queue: list[tuple[float, int, Callable[[], None]]] = []
        self.order = 0
        self.idle: dict[int, float] = {}
        self.talking: dict[int, float] = {}
        self.wrapping: dict[int, float] = {}
        self.paused: list[int] = []
        self.relief: list[int] = [100 + n for n in range(self.setting.relief)]
        self.breaks_due: dict[int, float] = {}
        self.ringing: dict[str, float] = {}
        self.waiting: list[Call] = []
        self.calls: dict[str, Call] = {}
        self.ends: dict[int, float] = {}  # seat -> when it will be free, as it tells
        self.owed_s: dict[int, float] = {}  # seat -> wrap-up that was interrupted
        self.wrap_ends: dict[int, tuple[float, int]] = {}
        self.parked_at: dict[int, list[float]] = {}
        self.gone: set[int] = set()
        self.stock: list[float] = []
        self.last = Decision(0)
        self.ring_log: list[RingEnd] = []
        self.handle_log: list[HandleEnd] = []
        self.answer_log: list[AnswerEnd] = []
        for seat in range(seats):
            self._at(20.0 + 10.0 * seat, partial(self._login, seat))
        for one in self.setting.breaks:
            self._at(one.at - one.announced_s, partial(self._announce, one))
        for seat, at in self.setting.leave:
            self._at(at, partial(self.gone.add, seat))
        self._at(0.0, self._tick)

    def run(self) -> Result:
        """The whole day; the calls of its last minutes end in it."""
        while self.queue and self.queue[0][0] < self.end + 300.0:
            self.now, _, act = heapq.heappop(self.queue)
            act()
            self._meet()
            if self.now < self.end:
                self._dial()
        return self.result

    # --- what it shows ----------------------------------------------------------------------

    def view(self) -> FloorView:
        """The floor as it shows itself; what the setting leaves out is left out."""
        shown: dict[str, Any] = {}
        setting = self.setting
        if setting.formula is not None:
            shown["budget"] = self._budget(setting.formula)
        if setting.tells_ends:
            busy = (*self.talking, *self.wrapping)
            shown["seat_ends"] = {s: self.ends[s] - self.now for s in busy if s in self.ends}
        if setting.tells_chances:
            shown["answer_chance"] = lambda most: self.stock[:most]
        if setting.breaks:
            shown["breaks_due"] = self.breaks_due
        if setting.relief:
            shown["relief"] = self.relief
        return FloorView(
            now=self.now, day_end=self.end, connect_limit=PATIENCE_S, max_lines=setting.max_lines,
            idle=self.idle, talking=self.talking, wrapping=self.wrapping, paused=self.paused,
            ringing=self.ringing, waiting=[call.answered for call in self.waiting],
            ring_log=self.ring_log, handle_log=self.handle_log, answer_log=self.answer_log,
            **shown,
        )  # fmt: skip

    def _budget(self, formula: AbandonFormula) -> Budget:
        counts = DayCounts(self.result.people, self.result.machines, self.result.lost_all)
        cap = self.setting.cap
        rate = abandoned_rate(counts, formula)
        return Budget(cap, cap, counts.live, rate.numerator, drops_left(counts, formula, cap))

    # --- what the pacer has it do -----------------------------------------------------------

    def _dial(self) -> None:
        result = self.result
        while len(self.stock) < STOCK:
            spread = self.setting.tells_chances
            factor = self.random.choice((0.4, 0.8, 1.2, 1.6)) if spread else 1.0
            self.stock.append(min(0.95, self.setting.share * factor))
        self.last = self.pacer.decide(self.view())
        decision = self.last
        self._let_go(decision.hold_breaks)
        result.rules[decision.rule] += 1
        if decision.launch and decision.reason not in result.reasons[-1:]:
            result.reasons.append(decision.reason)
        at_work = len(self.idle) + len(self.talking) + len(self.wrapping)
        above = max(0, decision.launch - max(0, len(self.idle) - len(self.ringing)))
        result.blind_launches += 0 if at_work else decision.launch
        result.ahead += above
        result.ahead_early += above if result.met < 33 else 0
        result.ahead_with_few += above if at_work == 1 else 0
        self._launch(self._chosen(decision.launch, decision.prefer))
        in_use = len(self.ringing) + len(self.waiting) + len(self.talking)
        result.most_lines = max(result.most_lines, in_use)

    def _chosen(self, many: int, prefer: Sequence[int]) -> list[float]:
        order = [*prefer, *(n for n in range(len(self.stock)) if n not in prefer)][:many]
        chosen = [self.stock[n] for n in order]
        for n in sorted(order, reverse=True):
            del self.stock[n]
        return chosen

    def _launch(self, chances: Sequence[float]) -> None:
        for chance in chances:
            self.result.launches += 1
            self.result.chance_sum += chance
            draw = self.random.random()
            kind, ring_s = "nobody", NO_ANSWER_S
            if draw < chance * 2 / 3:
                kind, ring_s = "person", 2.0 + self.random.lognormvariate(2.0, 0.55)
            elif draw < chance:
                kind, ring_s = "machine", max(5.0, self.random.gauss(18.0, 3.0))
            elif draw < chance + 0.05:
                ring_s = 1.5
            if ring_s > NO_ANSWER_S:
                kind, ring_s = "nobody", NO_ANSWER_S
            name = f"call {self.result.launches}"
            self.calls[name] = Call(self.now, ring_s, kind)
            self.ringing[name] = self.now
            self._at(self.now + ring_s, partial(self._rung, name))

    def _let_go(self, held: object) -> None:
        names = held if isinstance(held, tuple | list | set | frozenset) else ()
        for one in self.setting.breaks:
            if self.breaks_due.get(one.seat) != one.at or one.at > self.now:
                continue
            if one.seat in self.idle and one.seat not in names:
                del self.idle[one.seat], self.breaks_due[one.seat]
                self.paused.append(one.seat)
                self._at(self.now + one.length_s, partial(self._back, one.seat))
            elif one.seat in self.idle:
                waits_since = max(one.at, self.idle[one.seat])
                hold_s = self.now - waits_since
                self.result.longest_hold_s = max(self.result.longest_hold_s, hold_s)

    # --- what happens -----------------------------------------------------------------------

    def _at(self, when: float, act: Callable[[], None]) -> None:
        self.order += 1
        heapq.heappush(self.queue, (when, self.order, act))

    def _tick(self) -> None:
        self._at(self.now + 1.0, self._tick)

    def _login(self, seat: int) -> None:
        self.idle[seat] = self.now

    def _announce(self, one: Break) -> None:
        self.breaks_due[one.seat] = one.at

    def _back(self, seat: int) -> None:
        self.paused.remove(seat)
        self._login(seat)

    def _rung(self, name: str) -> None:
        launched, call = self.ringing.pop(name), self.calls.pop(name)
        is_answered = call.kind != "nobody"
        self.ring_log.append(RingEnd(launched, self.now - launched, is_answered))
        if is_answered:
            call.answered = self.now
            self.waiting.append(call)
            self._at(self.now + PATIENCE_S, partial(self._patience, call))

    def _patience(self, call: Call) -> None:
        if call in self.waiting:
            self.waiting.remove(call)
            self.result.lost_all += 1
            self.result.lost_people += call.kind == "person"
            self.result.lost_early += self.result.met < 33
            self.answer_log.append(AnswerEnd(call.answered, True, call.ring_s))

    def _meet(self) -> None:
        while self.waiting:
            seat = self._seat()
            if seat is None:
                return
            call = self.waiting.pop(0)
            is_machine = call.kind == "machine"
            self.result.met += not is_machine
            talk_s = 6.0 if is_machine else self.random.lognormvariate(4.4, 0.7)
            wrap_s = 2.0 if is_machine else self.random.lognormvariate(2.8, 0.5)
            self.talking[seat] = self.now
            self.answer_log.append(AnswerEnd(call.answered, False, call.ring_s))
            length_s = talk_s + wrap_s + self.owed_s.get(seat, 0.0)
            self.ends[seat] = self.now + length_s * self.random.lognormvariate(0.0, 0.2)
            self._at(self.now + talk_s, partial(self._talked, seat, call, talk_s, wrap_s))

    def _seat(self) -> int | None:
        if self.idle:
            seat = min(self.idle, key=lambda s: self.idle[s])
            del self.idle[seat]
            return seat
        for seat in self.last.may_park if self.setting.parks else ():
            times = self.parked_at.setdefault(seat, [])
            recent = sum(at > self.now - 3600.0 for at in times)
            if seat in self.wrapping and seat not in self.owed_s and recent < PARKED_AN_HOUR:
                times.append(self.now)
                self.result.parked += 1
                del self.wrapping[seat]
                self.owed_s[seat] = self.wrap_ends.pop(seat)[0] - self.now
                return seat
        if self.relief:
            self.result.relieved += 1
            return self.relief.pop()
        return None

    def _talked(self, seat: int, call: Call, talk_s: float, wrap_s: float) -> None:
        del self.talking[seat]
        self.wrapping[seat] = self.now
        self.order += 1
        turn = self.order
        until = self.now + wrap_s + self.owed_s.pop(seat, 0.0)
        self.wrap_ends[seat] = until, turn
        is_machine = call.kind == "machine"
        handled = HandleEnd(until, talk_s, wrap_s, is_machine, call.ring_s)
        self.result.busy_s += talk_s + wrap_s
        self.result.machines += is_machine
        self.result.people += not is_machine
        self._at(until, partial(self._wrapped, seat, turn, handled))

    def _wrapped(self, seat: int, turn: int, handled: HandleEnd) -> None:
        if self.wrap_ends.get(seat, (0.0, 0))[1] != turn:
            return  # it was interrupted: another call ends in its stead
        del self.wrap_ends[seat], self.wrapping[seat]
        self.handle_log.append(handled)
        if seat >= 100:
            self.relief.append(seat)
        elif seat not in self.gone:
            self.idle[seat] = self.now


def utilisation(result: Result, seats: int, hours: float) -> float:
    """Share of the seats' time in talk and wrap-up."""
    return result.busy_s / (seats * hours * 3600.0)
