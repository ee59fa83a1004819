"""A list is counted a piece at a time, and its figures are whole all the same."""

from __future__ import annotations

from sqlalchemy import update

from dialer_core.clock import ManualClock
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile
from dialer_core.store.database import Database
from dialer_core.store.list_figures import LIST_EVERY_S, ListCounter
from dialer_core.store.schema import ContactRow
from dialer_core.store.schema.base import ContactStatus
from tests.store.floor_kit import FloorKit


def a_floor(database: Database, people: int) -> FloorKit:
    kit = FloorKit(database, ManualClock())
    kit.add_campaign(Mode.PREVIEW, profile("GB"), people=3)  # of another campaign
    kit.add_campaign(Mode.PROGRESSIVE, profile("GB"), people=people)
    return kit


def close_some(kit: FloorKit, ids: tuple[int, ...]) -> None:
    with kit.database.writing() as connection:
        connection.execute(
            update(ContactRow)
            .where(ContactRow.id.in_(ids))
            .values(status=ContactStatus.CLOSED, attempts_count=2)
        )


def test_the_first_look_has_the_whole_list_however_small_the_piece(database: Database) -> None:
    kit = a_floor(database, people=10)
    close_some(kit, (4, 5, 13))
    for piece in (1, 3, 5, 10, 1000):
        with database.reading() as connection:
            found = ListCounter(piece).read(connection, kit.campaign_id, kit.now)
        assert found.contacts == 10
        assert found.tried == 3
        assert found.by_status == {ContactStatus.FRESH: 7, ContactStatus.CLOSED: 3}
        assert found.penetration == 0.3
    kit.close()


def test_later_rounds_take_a_piece_at_a_time_and_show_the_last_whole_one(
    database: Database,
) -> None:
    kit = a_floor(database, people=10)
    counter = ListCounter(piece=4)

    def tried() -> int:
        with database.reading() as connection:
            return counter.read(connection, kit.campaign_id, kit.now).tried

    assert tried() == 0
    close_some(kit, (4, 13))
    kit.clock.advance(LIST_EVERY_S - 0.1)
    assert tried() == 0, "not due"
    kit.clock.advance(0.1)
    assert [tried(), tried()] == [0, 0], "under way"
    assert tried() == 2
    close_some(kit, (5,))
    assert tried() == 2, "the next round rests first"
    kit.close()


def test_a_list_without_anybody(database: Database) -> None:
    kit = a_floor(database, people=0)
    with database.reading() as connection:
        found = ListCounter(1).read(connection, kit.campaign_id, kit.now)
    assert (found.contacts, found.tried, found.penetration) == (0, 0, 0.0)
    kit.close()
