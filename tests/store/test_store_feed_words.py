"""Whom a commit concerns: a seat looks at its own, at everybody's, and after it was cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from dialer_core.clock import ManualClock
from dialer_core.engine.commands import (
    CloseAttempt,
    LeaseRecords,
    NoteDecision,
    SetSeat,
    StoreCommand,
)
from dialer_core.engine.control_commands import NoteControl
from dialer_core.model.call_control import Arrangement
from dialer_core.model.ids import SessionId
from dialer_core.model.states import FormulaClass, Mode, Outcome, SeatState
from dialer_core.rules.profiles import profile
from dialer_core.store import feed_words
from dialer_core.store.address import FloorAddress
from dialer_core.store.database import Database
from dialer_core.store.feed_words import EVERYBODY, MOST_LETTERS, NO_SEAT, is_for, words_for
from dialer_core.store.opening import open_database
from dialer_core.store.seat import SeatStore
from tests.postgres_kit import soon
from tests.store.floor_kit import FloorKit
from tests.store.relay import Relay

SEAT = "Anna of preview", "Ben of preview"


@pytest.mark.parametrize(
    ("words", "session", "is_told"),
    [
        (EVERYBODY, 3, True),
        (NO_SEAT, 3, False),
        (NO_SEAT, None, True),
        ("3", 3, True),
        ("13 30", 3, False),
        ("13 3 30", 3, True),
        ("13 30", None, True),
        ("whatever a newer one says", 3, True),
    ],
)
def test_who_looks(words: str, session: int | None, is_told: bool) -> None:
    assert is_for(words, session) is is_told


def test_too_many_for_one_message_are_everybody() -> None:
    assert words_for([7, 3, 7]) == "3 7"
    assert words_for([]) == NO_SEAT
    many = words_for(range(1, 10_000))
    assert many == EVERYBODY
    assert len(words_for(range(1000, 2000))) <= MOST_LETTERS


@pytest.fixture
def floor(address: FloorAddress) -> Iterator[Database]:
    opened = open_database(address)
    yield opened
    opened.close()


@pytest.fixture
def two(floor: Database) -> Iterator[FloorKit]:
    """A floor on a server where Anna and Ben sit."""
    made = FloorKit(floor, ManualClock())
    made.add_campaign(Mode.PREVIEW, profile("GB"))
    made.take_lease()
    for number, agent in enumerate(SEAT, 1):
        made.log_in(agent, f"seat{number:02d}")
    yield made
    made.close()


def told(kit: FloorKit, work: Callable[[], object]) -> list[bool]:
    """Which of the two windows have to look after `work`."""
    anna, ben = kit.seats
    for one in (anna, ben):
        one.changed()
        while one.changed():
            pass
    work()
    return [_soon_or_not(one) for one in (anna, ben)]


def _soon_or_not(store: SeatStore) -> bool:
    """The server says what there was to tell before it answers on that connection."""
    seen = store.changed()
    store.colleagues()
    return store.changed() or seen


def ids(kit: FloorKit) -> list[SessionId]:
    rows = [one.read() for one in kit.seats]
    return [row.session_id for row in rows if row is not None]


@pytest.mark.postgres
def test_a_seats_own_change_is_no_matter_of_the_others(two: FloorKit) -> None:
    anna = two.seats[0]
    assert told(two, lambda: anna.want_pause("Break", two.now)) == [True, False]
    first, second = ids(two)
    assert told(two, lambda: two.set_seat(second, SeatState.AVAILABLE)) == [False, True]
    assert told(two, lambda: two.set_seat(first, SeatState.AVAILABLE)) == [True, False]


@pytest.mark.postgres
def test_what_no_window_shows_wakes_none(two: FloorKit) -> None:
    lease = LeaseRecords(two.campaign_id, 2)
    assert told(two, lambda: two.floor.apply([lease], two.now)) == [False, False]
    assert told(two, lambda: two.floor.renew(two.now)) == [False, False]
    note = NoteDecision(two.campaign_id, two.now, 0, "Nobody is free.", ())
    assert told(two, lambda: two.floor.apply([note], two.now)) == [False, False]


@pytest.mark.postgres
def test_the_end_of_a_call_is_told_to_whose_it_is(two: FloorKit) -> None:
    _, second = ids(two)
    attempt = two.dial(second)
    end = CloseAttempt(attempt, Outcome.NO_ANSWER, FormulaClass.UNANSWERED, two.now, None)
    assert told(two, lambda: two.floor.apply([end], two.now)) == [False, True]


@pytest.mark.postgres
def test_a_command_that_may_concern_others_is_told_to_all(two: FloorKit) -> None:
    first, second = ids(two)
    attempt = two.dial(second)
    commands: list[StoreCommand] = [
        SetSeat(first, SeatState.AVAILABLE, two.now),
        NoteControl(attempt, Arrangement.HOLD, two.now),
        SetSeat(first, SeatState.PAUSED, two.now),
    ]
    assert told(two, lambda: two.floor.apply(commands, two.now)) == [True, True]


@pytest.mark.postgres
def test_a_setting_of_the_supervisor_is_told_to_all(two: FloorKit) -> None:
    def work() -> None:
        two.setup.add_agent("Clara", two.now)

    assert told(two, work) == [True, True]


@pytest.mark.postgres
def test_one_transaction_leaves_the_next_no_words(floor: Database) -> None:
    with floor.writing() as connection:
        feed_words.concerns(connection, 3, None)
        feed_words.concerns(connection, 5)
        assert feed_words.words_of(connection) == "3 5"
    with floor.connect() as one:
        with floor.writing(one) as connection:
            feed_words.concerns(connection, 3)
        with floor.writing(one) as connection:
            assert feed_words.words_of(connection) == EVERYBODY
            feed_words.concerns_everybody(connection)
            feed_words.concerns(connection, 3)
            assert feed_words.words_of(connection) == EVERYBODY


@pytest.mark.postgres
def test_a_seat_that_was_cut_off_looks_whatever_was_said(
    two: FloorKit, address: FloorAddress
) -> None:
    first, _ = ids(two)
    with Relay(address.host, address.port) as relay:
        far = SeatStore(replace(address, port=relay.port))
        assert far.resume(first)
        assert [far.changed(), far.changed()] == [True, False]
        relay.cut()
        two.set_seat(first, SeatState.AVAILABLE)
        assert far.changed(), "what was told meanwhile has not arrived"
        row = far.read()
        assert row is not None
        assert row.state is SeatState.AVAILABLE
        while far.changed():
            pass
        two.set_seat(first, SeatState.PAUSED)
        assert soon(far.changed)
        far.close()


def test_on_a_file_everybody_looks(file_database: Database) -> None:
    made = FloorKit(file_database, ManualClock())
    made.add_campaign(Mode.PREVIEW, profile("GB"))
    made.take_lease()
    for number, agent in enumerate(SEAT, 1):
        made.log_in(agent, f"seat{number:02d}")
    anna, ben = made.seats
    anna.changed()
    ben.changed()
    anna.want_available(made.now)
    assert [anna.changed(), ben.changed()] == [True, True]
    made.close()
