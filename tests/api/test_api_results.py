"""The cursor of results: each call once, none missed, whenever its outcome was chosen."""

from __future__ import annotations

import random
from contextlib import closing
from datetime import timedelta

import pytest

from dialer_core.clock import ManualClock
from dialer_core.model.ids import AttemptId
from dialer_core.model.states import Mode, Outcome
from dialer_core.rules.profiles import profile
from dialer_core.store import results
from dialer_core.store.clients_api_contacts import ProgramsStore
from dialer_core.store.database import Database
from dialer_core.store.setup import NewPerson
from tests.store.floor_kit import FloorKit


@pytest.fixture
def busy(database: Database, clock: ManualClock) -> FloorKit:
    """A campaign with forty people."""
    made = FloorKit(database, clock)
    made.add_campaign(Mode.PREVIEW, profile("REHEARSAL"), 5)
    people = [
        NewPerson(f"Person {n}", [(f"+4420794600{n:02d}", "")], zones=["Europe/London"])
        for n in range(40)
    ]
    made.setup.add_list(made.campaign_id, "More", people, clock.now())
    made.take_lease()
    return made


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_program_that_asks_since_hears_each_call_once(
    busy: FloorKit, clock: ManualClock, seed: int
) -> None:
    chance = random.Random(seed)
    session = busy.log_in()
    seat = busy.seats[0]
    open_calls: list[AttemptId] = []
    made: list[AttemptId] = []
    heard: list[str] = []
    with closing(ProgramsStore(busy.database)) as programs:

        def ask(most: int) -> int:
            while programs.collect(clock.now()):
                pass
            cursor = len(heard) and programs.results(0, 500)[len(heard) - 1].cursor
            found = programs.results(cursor, most)
            heard.extend(one.attempt for one in found)
            return len(found)

        for _ in range(30):
            attempt = busy.dial(session)
            made.append(attempt)
            if chance.random() < 0.4:
                busy.close_call(attempt, Outcome.NO_ANSWER)
            else:
                busy.talk(attempt, session)
                open_calls.append(attempt)
            clock.advance(chance.randrange(1, 60))
            if open_calls and chance.random() < 0.5:
                late = open_calls.pop(chance.randrange(len(open_calls)))
                seat.choose_outcome(late, "SALE", "", clock.now())
            if chance.random() < 0.4:
                ask(chance.randrange(1, 4))
        for late in open_calls:
            seat.choose_outcome(late, "NO", "", clock.now())
        while ask(3):
            pass
    busy.close()
    assert sorted(heard) == sorted(made)
    assert len(set(heard)) == len(heard)


def test_a_call_without_an_outcome_is_told_after_a_day(busy: FloorKit, clock: ManualClock) -> None:
    session = busy.log_in()
    attempt = busy.dial(session)
    busy.talk(attempt, session)
    with closing(ProgramsStore(busy.database)) as programs:
        programs.collect(clock.now())
        assert programs.results(0, 10) == []
        clock.advance(results.OUTCOME_WAIT.total_seconds() + 1)
        programs.collect(clock.now())
        (told,) = programs.results(0, 10)
        assert (told.attempt, told.disposition) == (attempt, "")
        busy.seats[0].choose_outcome(attempt, "SALE", "late", clock.now())
        programs.collect(clock.now())
        assert [one.disposition for one in programs.results(0, 10)] == ["SALE"]
        assert programs.results(told.cursor, 10) == []
    busy.close()


def test_a_backlog_is_taken_in_some_at_a_time(
    busy: FloorKit, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "SOME", 4)
    monkeypatch.setattr(results, "_NEW", results._NEW.limit(4))
    monkeypatch.setattr(results, "_SETTLED", results._SETTLED.limit(4))
    made = []
    session = busy.log_in()
    for _ in range(11):
        made.append(busy.dial(session))
        busy.close_call(made[-1], Outcome.NO_ANSWER)
        clock.advance(timedelta(hours=2).total_seconds())
    rounds = 1
    with closing(ProgramsStore(busy.database)) as programs:
        while programs.collect(clock.now()):
            rounds += 1
        found = programs.results(0, 100)
    busy.close()
    assert rounds >= 3
    assert [one.attempt for one in found] == made
    assert [one.cursor for one in found] == list(range(1, 12))
