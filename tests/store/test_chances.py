"""The answer chance from a real database: what is read, when it is fitted, what a lease brings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event, insert, update

from dialer_core.clock import Instant, ManualClock
from dialer_core.engine.commands import LeaseRecords
from dialer_core.engine.events import RecordsLeased
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId, ContactId, NumberId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import Mode, Outcome
from dialer_core.pacing.chances import HistoryMaker, Last
from dialer_core.rules.profiles import profile
from dialer_core.simulation.histories import made_history
from dialer_core.store.campaigns import CampaignSettings, load_campaigns
from dialer_core.store.chances import (
    CALLS,
    EVERY_S,
    ChanceBook,
    campaign_history,
    next_calls,
    read_calls,
    read_prior,
)
from dialer_core.store.database import Database
from dialer_core.store.schema import ContactRow, DayCountRow
from tests.store.floor_kit import FloorKit
from tests.store.made_calls import make_due, put_in

MADE = made_history(41, days=5, calls_an_hour=30.0)
CALLS_MADE = [one.call for one in MADE]
LAST_OF = {call.contact: call for call in CALLS_MADE}
LATER = datetime(2026, 2, 9, 11, 0, tzinfo=UTC)  # a Monday


class Starts:
    """Work that would run beside the store, kept until the test lets it run."""

    def __init__(self) -> None:
        self.works: list[Callable[[], None]] = []

    def __call__(self, work: Callable[[], None]) -> None:
        self.works.append(work)

    def run(self) -> int:
        works, self.works = self.works, []
        for work in works:
            work()
        return len(works)


@pytest.fixture
def floor(database: Database) -> Iterator[FloorKit]:
    """A floor whose campaign has a made history of some 1,600 calls; it is the Monday after."""
    kit = FloorKit(database, ManualClock(LATER))
    kit.add_campaign(Mode.PREDICTIVE, profile("GB"))
    put_in(database, kit.campaign_id, CALLS_MADE)
    yield kit
    kit.close()


def settings_of(kit: FloorKit) -> CampaignSettings:
    with kit.database.reading() as connection:
        return load_campaigns(connection)[kit.campaign_id]


def records_of(*contacts: int) -> list[LeasedRecord]:
    return [
        LeasedRecord(ContactId(one), CampaignId(1), NumberId(one), "+441614960001")
        for one in contacts
    ]


class Book:
    """A ChanceBook whose fittings the test starts."""

    def __init__(self, kit: FloorKit) -> None:
        self.starts = Starts()
        self.book = ChanceBook(kit.database, self.starts)
        self.kit = kit

    def ask(self, *contacts: int, after_s: float = 0.0) -> list[float | None]:
        with self.kit.database.reading() as connection:
            found = self.book.with_chances(
                connection, settings_of(self.kit), records_of(*contacts), self.at(after_s)
            )
        assert [record.contact_id for record in found] == list(contacts)
        return [record.answer_chance for record in found]

    def at(self, after_s: float) -> Instant:
        return self.kit.now.after(after_s)


# --- what is read -----------------------------------------------------------------------------


def test_the_database_tells_what_the_calls_told(floor: FloorKit) -> None:
    maker = HistoryMaker()
    for call in CALLS_MADE:
        maker.add(call)
    told = maker.history()
    with floor.database.reading() as connection:
        read = read_calls(connection, settings_of(floor), LATER)
    assert len(read) == len(told) > 1200
    for name in ("attempts", "answered", "last", "gap_s", "is_weekend", "is_new_number"):
        assert np.allclose(
            getattr(read.calls, name), getattr(told.calls, name), equal_nan=True, atol=1e-3
        ), name
    assert np.allclose(read.calls.hour, told.calls.hour, atol=1 / 59)
    assert np.array_equal(read.answered, told.answered)
    assert np.array_equal(read.person, told.person, equal_nan=True)


def test_only_the_newest_calls_are_examples_and_none_of_the_future(floor: FloorKit) -> None:
    with floor.database.reading() as connection:
        newest = read_calls(connection, settings_of(floor), LATER, most=100)
        half = datetime.fromtimestamp(CALLS_MADE[700].at_s, UTC)
        until_then = read_calls(connection, settings_of(floor), half)
    assert newest.at_s.tolist() == pytest.approx([call.at_s for call in CALLS_MADE[-100:]])
    assert newest.calls.attempts.max() > 1, "earlier calls are remembered, although no examples"
    assert until_then.at_s.max() <= half.timestamp()


def test_the_hour_is_the_persons_own(floor: FloorKit) -> None:
    contact = 1000 + CALLS_MADE[-1].contact
    with floor.database.writing() as connection:
        for zones, hour in ((["Asia/Tokyo"], 20.0), ([], 11.0), (["No/Where"], 11.0)):
            connection.execute(
                update(ContactRow).where(ContactRow.id == contact).values(zones=zones)
            )
            calls = next_calls(connection, settings_of(floor), records_of(contact), LATER)
            assert calls.hour.tolist() == [hour], zones


def test_what_is_known_of_the_next_calls(floor: FloorKit) -> None:
    two = next(call for call in reversed(CALLS_MADE) if call.outcome is Outcome.NO_ANSWER)
    own = [call for call in CALLS_MADE if call.contact == two.contact]
    gone = 999_999
    with floor.database.writing() as connection:
        connection.execute(
            update(ContactRow)
            .where(ContactRow.id == 1000 + two.contact)
            .values(leased_number_id=1000 + own[-1].number)
        )
        asked = records_of(1000 + two.contact, 1, gone)
        calls = next_calls(connection, settings_of(floor), asked, LATER)
    assert calls.attempts.tolist() == [len(own), 0, 0]
    assert calls.answered.tolist() == [sum(call.is_answered for call in own), 0, 0]
    assert calls.last.tolist() == [Last.NO_ANSWER, Last.NEVER, Last.NEVER]
    assert calls.gap_s[0] == pytest.approx(LATER.timestamp() - own[-1].at_s, abs=1e-3)
    assert np.isnan(calls.gap_s[1:]).all()
    assert calls.is_new_number.tolist() == [0, 0, 0]
    assert calls.list_id[0] == 1000 + two.list_id


def test_the_agents_word_goes_before_the_lines(kit: FloorKit) -> None:
    """A connected call that the agent called a machine is one, and a call in progress is none."""
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    kit.talk(attempt, session)
    kit.seats[0].choose_outcome(attempt, "AM", "", kit.now)
    kit.clock.advance(60)
    busy = kit.dial(session)
    kit.close_call(busy, Outcome.BUSY, facts=kit.facts())
    kit.clock.advance(60)
    kit.dial(session)
    with kit.database.reading() as connection:
        history = read_calls(connection, settings_of(kit), kit.now.utc)
    assert history.answered.tolist() == [1, 0]
    assert history.person.tolist() == [0, 0]


def test_other_campaigns_tell_a_new_one_what_to_expect(floor: FloorKit) -> None:
    with floor.database.writing() as connection:
        assert read_prior(connection, floor.campaign_id).answered == pytest.approx(0.35)
        floor_counts = {"dialled": 980, "answered": 593, "live": 180, "machines": 400}
        names = [column.name for column in DayCountRow.__table__.columns]
        row = dict.fromkeys(names[2:], 0) | floor_counts
        connection.execute(
            insert(DayCountRow),
            row | {"campaign_id": floor.campaign_id, "day": LATER.date()},
        )
        prior = read_prior(connection, floor.campaign_id + 1)
    assert prior.answered == pytest.approx(0.6)
    assert prior.people == pytest.approx(193 / 600)


# --- when it is fitted ------------------------------------------------------------------------


def test_the_first_lease_starts_a_fitting_and_the_next_ones_have_chances(floor: FloorKit) -> None:
    book = Book(floor)
    assert book.ask(1, 2) == [None, None]
    assert book.ask(1) == [None], "one fitting is under way, none is begun twice"
    assert book.starts.run() == 1
    found = book.ask(1, 2)
    assert all(chance is not None and 0.05 < chance < 0.9 for chance in found)


def test_a_fitting_gives_way_piece_by_piece(floor: FloorKit) -> None:
    pauses: list[None] = []
    starts = Starts()
    book = ChanceBook(floor.database, starts, pause=lambda: pauses.append(None))
    with floor.database.reading() as connection:
        book.with_chances(connection, settings_of(floor), records_of(1001), floor.now)
    assert not pauses
    starts.run()
    assert len(pauses) > len(CALLS_MADE) / 50, "while it reads, and while it reckons"
    assert book.model(floor.campaign_id) is not None


def test_it_is_fitted_again_after_some_time_or_some_records(floor: FloorKit) -> None:
    book = Book(floor)
    book.ask(1)
    book.starts.run()
    first = book.book.model(floor.campaign_id)
    book.ask(1, after_s=EVERY_S - 1)
    assert book.starts.run() == 0
    book.ask(1, after_s=EVERY_S)
    assert book.starts.run() == 1
    assert book.book.model(floor.campaign_id) is not first
    for _ in range(CALLS // 5):
        book.ask(1, 2, 3, 4, 5, after_s=EVERY_S)
    assert book.starts.run() == 0
    book.ask(1, after_s=EVERY_S)
    assert book.starts.run() == 1


def test_without_a_call_no_record_has_a_chance(kit: FloorKit) -> None:
    book = Book(kit)
    for _ in range(2):
        assert book.ask(1, 2, 3) == [None, None, None]
        book.starts.run()


def test_with_one_call_everybody_is_about_the_prior(kit: FloorKit) -> None:
    kit.take_lease()
    attempt = kit.dial(kit.log_in())
    kit.close_call(attempt, Outcome.NO_ANSWER, facts=kit.facts(status=0))
    book = Book(kit)
    book.ask(1)
    book.starts.run()
    for chance in book.ask(1, 2, 3):
        assert chance == pytest.approx(0.35, abs=0.05)


def test_a_campaign_without_the_lever_neither_fits_nor_asks(floor: FloorKit) -> None:
    floor.setup.close()
    with floor.database.writing() as connection:
        connection.exec_driver_sql("""UPDATE campaigns SET levers = '{"answer_chance": false}'""")
    book = Book(floor)
    assert book.ask(1) == [None]
    assert book.starts.works == []


def test_where_the_database_cannot_be_read_the_old_model_stays(
    floor: FloorKit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    book = Book(floor)
    book.ask(1)
    book.starts.run()
    model = book.book.model(floor.campaign_id)
    broken = Database(tmp_path / "no" / "floor.db")
    book.book._database = broken
    book.ask(1, after_s=EVERY_S)
    with caplog.at_level(logging.WARNING):
        book.starts.run()
    assert "cannot be opened" in caplog.text
    assert book.book.model(floor.campaign_id) is model
    assert book.ask(1) != [None]
    broken.close()


def test_nothing_is_fitted_once_the_floor_closes(floor: FloorKit) -> None:
    book = Book(floor)
    book.ask(1)
    book.book.close()
    book.starts.run()
    assert book.book.model(floor.campaign_id) is None
    book.ask(1, after_s=EVERY_S)
    assert book.starts.works == []


# --- what a lease brings ----------------------------------------------------------------------


def leased(kit: FloorKit, count: int) -> tuple[LeasedRecord, ...]:
    (answer,) = kit.floor.apply([LeaseRecords(kit.campaign_id, count)], kit.now)
    assert isinstance(answer, RecordsLeased)
    return tuple(answer.records)


def test_leased_records_carry_their_chances(floor: FloorKit) -> None:
    """In the thread that the store starts by itself."""
    with_machine = [
        c for c, call in LAST_OF.items() if call.outcome is Outcome.ANSWER_MACHINE_AGENT
    ]
    silent = [c for c, call in LAST_OF.items() if call.outcome is Outcome.NO_ANSWER]
    due = [*with_machine[:10], *silent[:10]]
    make_due(floor.database, LATER, due)
    floor.take_lease()
    (first,) = leased(floor, 1)
    assert first.answer_chance is None
    floor.floor._chances._thread.join(20)  # type: ignore[union-attr]
    found = {record.contact_id - 1000: record.answer_chance for record in leased(floor, 19)}
    assert len(found) == 19

    def mean(contacts: list[int]) -> float:
        chances = [found[one] for one in contacts if one in found]
        assert all(chance is not None for chance in chances)
        return float(np.mean([chance for chance in chances if chance is not None]))

    assert mean(with_machine) > mean(silent) + 0.2
    assert 0.02 < mean(silent) < 0.5


def test_the_chances_of_a_lease_cost_one_question(floor: FloorKit) -> None:
    book = Book(floor)
    book.ask(1)
    book.starts.run()
    settings, records = settings_of(floor), records_of(*range(1001, 1041))
    asked: list[str] = []
    event.listen(
        floor.database.engine, "before_cursor_execute", lambda *of: asked.append(str(of[2]))
    )
    with floor.database.reading() as connection:
        book.book.with_chances(connection, settings, records, floor.now)
    assert len([one for one in asked if one.startswith("SELECT")]) == 1


# --- a campaign's own calls, to be judged -----------------------------------------------------


def test_a_campaigns_calls_come_with_their_days(floor: FloorKit) -> None:
    found = campaign_history(floor.database.place, "Campaign predictive", LATER)
    assert len(found.history) == len(CALLS_MADE)
    assert found.day[0] == datetime(2026, 2, 2, tzinfo=UTC).toordinal()
    assert len(np.unique(found.day)) == 5


def test_a_campaign_that_is_not_there_is_named_with_those_that_are(floor: FloorKit) -> None:
    with pytest.raises(KnownError, match="there are: Campaign predictive"):
        campaign_history(floor.database.place, "Spring", LATER)


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="no database"):
        campaign_history(tmp_path / "x", "Spring", LATER)
