"""A simulated day whose records bring what the answer model says, not a given estimate.

The people are those of a made town (see `histories`): the floor has called them for some weeks, and
the model has seen those calls and nothing else. On the day it is fitted again as the calls end.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from dialer_core.model.states import Outcome
from dialer_core.pacing.chances import AnswerModel, HistoryMaker, PastCall, fit
from dialer_core.simulation.day import DayPlan
from dialer_core.simulation.draw import Draws
from dialer_core.simulation.histories import START, MadeTown, Person, Town, hour_of
from dialer_core.simulation.public import (
    FINAL_STATUS,
    Behaviour,
    Kind,
    hello_s_of,
    patience_s_of,
    ring_s_of,
    talk_s_of,
    wrap_s_of,
)

OPENS = timedelta(hours=9)
REFIT_CALLS = 500
EXAMPLES = 20_000
CALLS_A_SEAT = 50.0  # an hour, roughly
_OUTCOMES = {
    Kind.HUMAN: Outcome.REFUSED_NOT_INTERESTED,
    Kind.MACHINE: Outcome.ANSWER_MACHINE_AGENT,
    Kind.BUSY: Outcome.BUSY,
    Kind.INVALID: Outcome.INVALID_NUMBER,
}


class LearnedPeople:
    """People of a day, for `simulate_day(plan, people=...)`.

    Times (ringing, talk, wrap-up) are those of the plan's scenario, who answers is the town's
    affair: shares, drift and turns of the plan do not count. The plan's hints must have a
    `chance_noise`, or no record is asked for its chance. `days` of history at `calls_an_hour`;
    None: as many as a floor of so many seats makes.
    """

    def __init__(
        self,
        plan: DayPlan,
        town: Town | None = None,
        *,
        days: int = 23,
        calls_an_hour: float | None = None,
    ) -> None:
        self._scenario = plan.scenario
        self._town = MadeTown(plan.seed, town or Town())
        self._busy = (town or Town()).busy
        self._maker = HistoryMaker()
        rate = calls_an_hour if calls_an_hour is not None else CALLS_A_SEAT * len(plan.seats)
        for made in self._town.calls(days, rate):
            self._maker.add(made.call)
        self._model = fit(self._maker.history(EXAMPLES))
        self._opens = START + timedelta(days=days) + OPENS
        self._ends_s = (self._opens + timedelta(seconds=plan.length_s)).timestamp()
        self._draws = Draws(plan.seed, purpose=3)
        self._people: dict[int, Person] = {}
        self._ringing: deque[tuple[float, PastCall]] = (
            deque()
        )  # ended by then, in order of dialling
        self._since_fit = 0

    @property
    def model(self) -> AnswerModel:
        """The model of this moment."""
        return self._model

    def truth(self, contact: int, at_s: float) -> float:
        """The true chance that a call at `at_s` of the day is answered."""
        return sum(self._town.truth(self._person(contact), self._moment(at_s)))

    def behaviour(self, contact: int, number: str, attempt: int, at_s: float) -> Behaviour:
        """What the contact does when called at `at_s` of the day; once a contact."""
        del number
        person, moment = self._person(contact), self._moment(at_s)
        row = self._draws.row(contact, attempt)
        kind = self._kind(person, moment, row[0])
        scenario = self._scenario
        ring_s, talk_s = ring_s_of(scenario, kind, row[1]), talk_s_of(scenario, kind, row[4])
        wrap_s = wrap_s_of(scenario, kind, row[5])
        self._note(person, kind, moment, ring_s, talk_s + wrap_s)
        return Behaviour(
            kind=kind,
            final_status=FINAL_STATUS[kind],
            ring_s=ring_s,
            is_machine=kind is Kind.MACHINE,
            hello_s=hello_s_of(kind, row[2]),
            patience_s=patience_s_of(kind, row[3]),
            talk_s=talk_s,
            wrap_s=wrap_s,
        )

    def chance(self, contact: int, at_s: float) -> float | None:
        """What the model says of a call at `at_s`, having heard of the calls that are over."""
        self._learn(self._moment(at_s).timestamp())
        person, moment = self._person(contact), self._moment(at_s)
        known = self._maker.known(*_whose_and_when(person, moment))
        return float(self._model.chances(known)[0])

    def _moment(self, at_s: float) -> datetime:
        return self._opens + timedelta(seconds=at_s)

    def _person(self, contact: int) -> Person:
        """The list's order: who is due in the course of the day, then people of whom nobody knows.

        Contacts are numbered from 1 in the order in which they are leased.
        """
        while len(self._people) < contact:
            self._people[len(self._people) + 1] = self._town.next_person(self._ends_s)
        return self._people[contact]

    def _kind(self, person: Person, moment: datetime, who: float) -> Kind:
        if person.numbers[0][1]:
            return Kind.INVALID
        human, machine = self._town.truth(person, moment)
        if who < human:
            return Kind.HUMAN
        if who < human + machine:
            return Kind.MACHINE
        rest = (who - human - machine) / (1.0 - human - machine)
        return Kind.BUSY if rest < self._busy else Kind.NO_ANSWER

    def _note(
        self, person: Person, kind: Kind, moment: datetime, ring_s: float, handled_s: float
    ) -> None:
        is_late = ring_s > self._scenario.no_answer_s
        is_answered = kind in (Kind.HUMAN, Kind.MACHINE) and not is_late
        outcome = Outcome.NO_ANSWER if is_late else _OUTCOMES.get(kind, Outcome.NO_ANSWER)
        call = PastCall(*_whose_and_when(person, moment), outcome, is_answered)
        self._ringing.append((moment.timestamp() + ring_s + handled_s, call))

    def _learn(self, until_s: float) -> None:
        """Take the calls in that are over; a long one holds those after it back a little."""
        while self._ringing and self._ringing[0][0] <= until_s:
            self._maker.add(self._ringing.popleft()[1])
            self._since_fit += 1
        if self._since_fit >= REFIT_CALLS:
            self._since_fit = 0
            self._model = fit(self._maker.history(EXAMPLES))


def _whose_and_when(person: Person, moment: datetime) -> tuple[int, int, int, float, float, bool]:
    """Contact, number, list, second, hour of the day and whether it is a weekend, of one call."""
    return (
        person.contact,
        person.numbers[0][0],
        person.list_id,
        moment.timestamp(),
        hour_of(moment),
        moment.weekday() >= 5,
    )
