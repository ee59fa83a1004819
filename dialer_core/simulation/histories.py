"""Weeks of calls to people whose true chances are known: what an answer model is judged by.

The people differ in ways that no record shows: some are hardly ever at home, some by day, some in
the evening; some have a machine; some numbers are dead; some lists are poor; and everybody grows
tired of being called. A model sees the calls and their outcomes only. Names and numbers do not
occur; a call back is kept, a conversation ends the matter.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from dialer_core.model.states import Outcome
from dialer_core.pacing.chances import PastCall

T = TypeVar("T")
START = datetime(2026, 2, 2, tzinfo=UTC)  # a Monday; the people live by UTC
MOST_CALLS = 8  # to one contact
_WEEKDAY = (9.0, 20.0)  # calling hours; none on Sundays
_SATURDAY = (10.0, 16.0)
_HOUR = 3600.0
_DAY = 86_400.0

# Logits by which a way of life differs at an hour: nodes of the hour, weekday values, weekend's.
_HOURS = (8.0, 11.0, 14.0, 16.5, 18.5, 21.0)
_LIVES: tuple[tuple[float, tuple[float, ...], tuple[float, ...]], ...] = (
    (0.50, (-0.6, -1.0, -0.9, -0.4, 1.0, 0.7), (0.2, 0.5, 0.1, 0.0, 0.1, 0.2)),  # at work
    (0.30, (0.2, 0.7, 0.4, 0.4, 0.0, -0.6), (0.0, 0.3, 0.2, 0.2, 0.0, -0.4)),  # at home
    (0.20, (-0.8, -0.2, 0.3, 0.2, -0.1, 0.3), (-0.8, -0.2, 0.3, 0.2, -0.1, 0.3)),  # shifts
)
_LISTS = ((1, 0.5, 0.0), (2, 0.3, -0.5), (3, 0.2, 0.4))  # id, share of the people, logits


@dataclass(frozen=True, slots=True)
class Town:
    """What the people are like; logits and shares.

    `level`: of an average person to answer; `spread`: of the people around it; `tired`: less for
    every earlier call; `drift`: more (or less) a day, for everybody.
    """

    level: float = -1.1
    spread: float = 1.1
    tired: float = 0.12
    drift: float = -0.01
    machine: float = 0.35  # have one
    picks_up: float = 0.85  # a machine, where nobody answers
    busy: float = 0.07
    dead: float = 0.08  # numbers
    second: float = 0.2  # have another number
    lost: float = 0.02  # of the answered meet no agent
    call_back: float = 0.12  # of conversations


TOWNS: Mapping[str, Town] = {
    "plain": Town(),
    "no machines": Town(machine=0.0, dead=0.02),
    "few answer": Town(level=-2.5, machine=0.15),
    "warm": Town(level=0.6, spread=0.7, machine=0.2),
    "falling": Town(drift=-0.03),
    "all alike": Town(spread=0.0, tired=0.0, drift=0.0),
}


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A call of a made history, with the true chances that it was answered, and by a person."""

    call: PastCall
    truth: float
    truth_person: float


@dataclass(slots=True)
class Person:
    """Somebody on the list, with what no record shows; `level` in logits.

    `numbers`: number and whether it is dead, the next one first.
    """

    contact: int
    list_id: int
    level: float
    life: int
    has_machine: bool
    numbers: list[tuple[int, bool]]
    calls: int = 0
    is_promised: bool = False


@dataclass(order=True, slots=True)
class _Due:
    at_s: float
    contact: int
    person: Person = field(compare=False)


def made_history(
    seed: int, *, days: int = 24, calls_an_hour: float = 90.0, town: Town | None = None
) -> list[MadeCall]:
    """`days` calendar days of calling in the order of time; the same arguments, the same calls.

    Promised calls and those whose rest is over go first, as the floor does it, then new people.
    ValueError for days or a rate that are not above zero.
    """
    if days < 1 or not 0 < calls_an_hour < 1e5:
        raise ValueError(f"a history needs days and calls, not {days} and {calls_an_hour}")
    return list(MadeTown(seed, town or Town()).calls(days, calls_an_hour))


class MadeTown:
    """The people under a seed, and who of them is called when."""

    def __init__(self, seed: int, town: Town) -> None:
        self._draw = random.Random(f"{seed}|history")
        self._town = town
        self._due: list[_Due] = []
        self._people = 0
        self._numbers = 0

    def calls(self, days: int, calls_an_hour: float) -> Iterator[MadeCall]:
        """Calls of the first `days` calendar days; once."""
        for moment in self._moments(days, calls_an_hour):
            at_s = moment.timestamp()
            yield self._call(self.next_person(at_s), moment, at_s)

    def next_person(self, at_s: float) -> Person:
        """Who is called next: whoever is due by `at_s` (POSIX seconds), else somebody new."""
        if self._due and self._due[0].at_s <= at_s:
            return heapq.heappop(self._due).person
        return self._new()

    def _moments(self, days: int, calls_an_hour: float) -> Iterator[datetime]:
        for day in range(days):
            date = START + timedelta(days=day)
            if date.weekday() == 6:
                continue
            opens, closes = _SATURDAY if date.weekday() == 5 else _WEEKDAY
            hour = opens
            while (hour := hour + self._draw.expovariate(calls_an_hour)) < closes:
                yield date + timedelta(hours=hour)

    def _new(self) -> Person:
        draw, town = self._draw, self._town
        self._people += 1
        list_id, of_list = _pick(draw.random(), [(share, (one, by)) for one, share, by in _LISTS])
        life = _pick(draw.random(), [(share, n) for n, (share, _, _) in enumerate(_LIVES)])
        numbers = []
        for _ in range(2 if draw.random() < town.second else 1):
            self._numbers += 1
            numbers.append((self._numbers, draw.random() < town.dead))
        level = town.level + of_list + draw.gauss(0.0, town.spread)
        return Person(self._people, list_id, level, life, draw.random() < town.machine, numbers)

    def truth(self, person: Person, moment: datetime) -> tuple[float, float]:
        """The chances at `moment` that the person answers, and that their machine does."""
        town = self._town
        if person.numbers[0][1]:
            return 0.0, 0.0
        _, weekday, weekend = _LIVES[person.life]
        logit = (
            person.level
            + _at(hour_of(moment), weekend if moment.weekday() >= 5 else weekday)
            - town.tired * person.calls
            + town.drift * ((moment - START) / timedelta(days=1))
            + (1.5 if person.is_promised else 0.0)
        )
        human = 1.0 / (1.0 + math.exp(-logit))
        if not person.has_machine:
            return human, 0.0
        return human, (1.0 - human) * (1.0 - town.busy) * town.picks_up

    def _call(self, person: Person, moment: datetime, at_s: float) -> MadeCall:
        number, is_dead = person.numbers[0]
        human, machine = self.truth(person, moment)
        outcome, is_answered = self._outcome(human, machine, is_dead)
        call = PastCall(
            person.contact,
            number,
            person.list_id,
            at_s,
            hour_of(moment),
            moment.weekday() >= 5,
            outcome,
            is_answered,
        )
        person.calls += 1
        self._plan(person, outcome, at_s)
        return MadeCall(call, human + machine, human)

    def _outcome(self, human: float, machine: float, is_dead: bool) -> tuple[Outcome, bool]:
        draw, town = self._draw, self._town
        who, then = draw.random(), draw.random()
        if is_dead:
            return Outcome.INVALID_NUMBER, False
        if who < human + machine and then < town.lost:
            return Outcome.ABANDONED, True
        if who < human:
            is_promise = draw.random() < town.call_back
            return (Outcome.CALL_BACK if is_promise else Outcome.REFUSED_NOT_INTERESTED), True
        if who < human + machine:
            return Outcome.ANSWER_MACHINE_AGENT, True
        if then < town.busy:
            return Outcome.BUSY, False
        return Outcome.NO_ANSWER, False

    def _plan(self, person: Person, outcome: Outcome, at_s: float) -> None:
        """When the contact comes again; not at all after a conversation or too many calls."""
        draw = self._draw
        person.is_promised = outcome is Outcome.CALL_BACK
        if outcome is Outcome.INVALID_NUMBER:
            person.numbers.pop(0)
            rest_s = 0.0
        elif outcome is Outcome.BUSY:
            rest_s = 0.25 * _HOUR
        elif outcome is Outcome.NO_ANSWER:
            rest_s = draw.choice((2.0, 4.0, 24.0, 48.0)) * _HOUR
        elif outcome is Outcome.ANSWER_MACHINE_AGENT:
            rest_s = draw.choice((4.0, 24.0, 72.0)) * _HOUR
        elif outcome is Outcome.ABANDONED:
            rest_s = 3 * _DAY
        elif outcome is Outcome.CALL_BACK:
            rest_s = draw.uniform(2.0, 48.0) * _HOUR
        else:
            return
        if person.numbers and person.calls < MOST_CALLS:
            heapq.heappush(self._due, _Due(at_s + rest_s, person.contact, person))


def hour_of(moment: datetime) -> float:
    """Hours since midnight."""
    return moment.hour + moment.minute / 60.0 + moment.second / _HOUR


def _pick(uniform: float, of: list[tuple[float, T]]) -> T:
    for share, one in of:
        uniform -= share
        if uniform < 0:
            return one
    return of[-1][1]


def _at(hour: float, values: tuple[float, ...]) -> float:
    """The value at an hour, linear between the nodes."""
    if hour <= _HOURS[0]:
        return values[0]
    spans = zip(itertools.pairwise(_HOURS), itertools.pairwise(values), strict=True)
    for (left, right), (low, high) in spans:
        if hour <= right:
            return low + (high - low) * (hour - left) / (right - left)
    return values[-1]
