"""Who is called next, and who is not, with the reason once on the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from dialer_core.clock import Instant, ManualClock
from dialer_core.engine.commands import ReturnRecord
from dialer_core.model.ids import ContactId
from dialer_core.model.states import Mode, SeatState
from dialer_core.rules.facts import RefusalCode
from dialer_core.rules.profiles import profile
from dialer_core.store.database import Database
from dialer_core.store.floor import FloorStore
from dialer_core.store.leasing import MOST_ASKED, SKIP_REST
from dialer_core.store.leasing_gate import CONTACT_LEASE
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import CampaignRow, ContactListRow, ContactRow, RefusalRow
from dialer_core.store.schema.base import ContactStatus
from tests.store.floor_kit import FloorKit, person


def refusals(kit: FloorKit) -> list[AnyRow]:
    with kit.database.reading() as connection:
        return list(connection.execute(select(RefusalRow.__table__).order_by(RefusalRow.id)))


def contact(kit: FloorKit, contact_id: int) -> AnyRow:
    with kit.database.reading() as connection:
        return connection.execute(
            select(ContactRow.__table__).where(ContactRow.id == contact_id)
        ).one()


def test_fresh_people_come_in_their_order_and_once(kit: FloorKit) -> None:
    kit.take_lease()
    assert [record.contact_id for record in kit.lease(2)] == [1, 2]
    assert [record.contact_id for record in kit.lease(9)] == [3, 4, 5]
    assert kit.lease(1) == []


def test_a_record_carries_its_number_and_hides_it_from_logs(kit: FloorKit) -> None:
    kit.take_lease()
    (record,) = kit.lease()
    assert record.number == "+441614960001"
    assert not record.reserved_only
    assert "496" not in repr(record)


def test_promised_calls_go_first_then_those_whose_time_has_come(kit: FloorKit) -> None:
    with kit.database.writing() as connection:
        for contact_id, status, minutes in (
            (2, ContactStatus.WAITING, -5),
            (3, ContactStatus.WAITING, -9),
            (4, ContactStatus.CALL_BACK, -1),
            (5, ContactStatus.CALL_BACK, 30),
        ):
            connection.execute(
                update(ContactRow)
                .where(ContactRow.id == contact_id)
                .values(status=status, next_at=kit.now.utc + timedelta(minutes=minutes))
            )
    kit.take_lease()
    assert [record.contact_id for record in kit.lease(9)] == [4, 3, 2, 1]
    kit.clock.advance(31 * 60)
    kit.floor.renew(kit.now)
    assert [record.contact_id for record in kit.lease(9)] == [5]


def test_leases_end_unless_they_are_renewed(kit: FloorKit, clock: ManualClock) -> None:
    kit.take_lease()
    kit.lease(5)
    clock.advance(CONTACT_LEASE.total_seconds() - 1)
    assert kit.lease(5) == []
    kit.floor.renew(kit.now)
    clock.advance(CONTACT_LEASE.total_seconds() - 1)
    assert kit.lease(5) == [], "the living dialler keeps its stock"
    clock.advance(2)
    assert len(kit.lease(5)) == 5


def test_a_new_epoch_frees_the_old_stock_at_once(kit: FloorKit) -> None:
    kit.take_lease()
    kit.lease(5)
    other = FloorStore(kit.database)
    kit.take_lease(other, "pc:2:1")
    kit.floor, old = other, kit.floor
    assert len(kit.lease(5)) == 5
    old.close()


def test_returned_records_come_again_and_skipped_ones_rest(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    kit.lease(2)
    kit.floor.apply(
        [
            ReturnRecord(kit.campaign_id, ContactId(1)),
            ReturnRecord(kit.campaign_id, ContactId(2), skipped_by=session),
        ],
        kit.now,
    )
    assert [record.contact_id for record in kit.lease(9)] == [1, 3, 4, 5]
    kit.clock.advance(SKIP_REST.total_seconds())
    kit.floor.renew(kit.now)
    assert 2 in [record.contact_id for record in kit.lease(9)]


def test_a_list_that_is_put_aside_is_not_dialled(kit: FloorKit) -> None:
    with kit.database.writing() as connection:
        connection.execute(update(ContactListRow).values(is_active=False))
    kit.take_lease()
    assert kit.lease(5) == []
    assert refusals(kit) == []


SUNDAY_3_AM = datetime(2026, 3, 8, 3, 0, tzinfo=UTC)


@pytest.fixture
def sunday(database: Database) -> Iterator[FloorKit]:
    kit = FloorKit(database, ManualClock(SUNDAY_3_AM))
    kit.add_campaign(Mode.PREDICTIVE, profile("GB"))
    yield kit
    kit.close()


def test_sunday_at_three_nothing_is_leased_and_each_reason_stands_once(sunday: FloorKit) -> None:
    sunday.take_lease()
    for _ in range(4):
        assert sunday.lease(5) == []
        sunday.clock.advance(60)
    found = refusals(sunday)
    assert [row.contact_id for row in found] == [1, 2, 3, 4, 5]
    assert {row.code for row in found} == {RefusalCode.OUT_OF_HOURS}
    monday = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    assert {row.retry_at for row in found} == {monday}
    assert "Mon 9 Mar" in found[0].sentence
    assert contact(sunday, 1).next_at == monday

    sunday.clock = ManualClock(monday)
    sunday.take_lease(holder="pc:3:1")
    assert len(sunday.lease(5)) == 5, "on Monday at eight they are called"
    sunday.close()


def test_a_long_list_is_asked_about_in_pieces(sunday: FloorKit) -> None:
    people = [person(n % 100) for n in range(200)]
    sunday.setup.add_list(sunday.campaign_id, "long", people, sunday.now)
    sunday.take_lease()
    assert sunday.lease(30) == []
    assert len(refusals(sunday)) == MOST_ASKED
    for _ in range(4):
        sunday.lease(30)
    assert len(refusals(sunday)) == 205
    sunday.close()


def test_without_a_fresh_register_everybody_is_held_until_one_is_loaded(kit: FloorKit) -> None:
    kit.clock.advance(41 * 86_400)
    kit.take_lease()
    assert kit.lease(5) == []
    assert {row.code for row in refusals(kit)} == {RefusalCode.REGISTRY_STALE}
    assert contact(kit, 1).status is ContactStatus.HELD
    assert kit.lease(5) == []
    assert len(refusals(kit)) == 5

    kit.load_registers()
    assert len(kit.lease(5)) == 5


def test_a_number_on_a_register_or_on_the_own_list_is_not_called(kit: FloorKit) -> None:
    kit.setup.load_registry("GB-TPS", kit.now.utc, ["+441614960002"], kit.now)
    assert kit.setup.suppress("Rosewood Windows", ["+441614960003"], "asked", kit.now) == 1
    assert kit.setup.suppress("Rosewood Windows", ["+441614960003"], "asked", kit.now) == 0
    kit.take_lease()
    assert [record.contact_id for record in kit.lease(9)] == [1, 4, 5]
    assert [(row.contact_id, row.code) for row in refusals(kit)] == [
        (2, RefusalCode.REGISTRY_HIT),
        (3, RefusalCode.SUPPRESSED),
    ]


def test_the_second_number_is_taken_where_the_first_may_not_be_called(kit: FloorKit) -> None:
    kit.setup.add_list(kit.campaign_id, "two", [person(20, more=(21,))], kit.now)
    kit.setup.suppress("Rosewood Windows", ["+441614960020"], "asked", kit.now)
    kit.take_lease()
    assert kit.lease(9)[-1].number == "+441614960021"
    assert refusals(kit) == []


def test_a_wrong_callers_number_is_said_once_and_spoils_nobody(kit: FloorKit) -> None:
    with kit.database.writing() as connection:
        connection.execute(update(CampaignRow).values(caller_id="0900123456"))
    kit.take_lease()
    for _ in range(3):
        assert kit.lease(5) == []
    assert [row.code for row in refusals(kit)] == [RefusalCode.CALLER_ID]
    assert contact(kit, 1).status is ContactStatus.FRESH


def test_the_moments_of_the_lease_are_those_that_were_handed_in(kit: FloorKit) -> None:
    kit.take_lease()
    kit.lease(1)
    row = contact(kit, 1)
    now: Instant = kit.now
    assert row.leased_by_epoch == 1
    assert row.lease_expires_at == now.utc + CONTACT_LEASE
    assert row.leased_number_id == 1


def test_a_call_back_that_was_promised_says_so(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    kit.talk(attempt, session)
    kit.seats[0].choose_outcome(attempt, "BACK", "", kit.now, kit.now.after(600).utc)
    kit.clock.advance(601)
    promised, fresh = kit.lease(2)
    assert (promised.contact_id, promised.is_promised) == (1, True)
    assert not fresh.is_promised
    kit.set_seat(session, SeatState.PREVIEW, contact=promised.contact_id)
    (seat,) = kit.floor.restore(kit.now).sessions
    assert seat.record == promised


def test_a_record_that_rests_comes_back_at_its_time_and_counts_as_no_skip(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    first, second = kit.lease(2)
    kit.floor.apply([ReturnRecord(kit.campaign_id, first.contact_id, rest_s=7200.0)], kit.now)
    kit.floor.apply([ReturnRecord(kit.campaign_id, second.contact_id)], kit.now)
    row = contact(kit, first.contact_id)
    assert (row.status, row.attempts_count) == (ContactStatus.WAITING, 0)
    assert row.next_at == kit.now.utc + timedelta(hours=2)
    assert row.leased_by_epoch is None
    assert [record.contact_id for record in kit.lease(9)] == [2, 3, 4, 5]
    kit.clock.advance(7199.0)
    assert [record.contact_id for record in kit.lease(9)] == [2, 3, 4, 5]  # not kept in stock
    kit.clock.advance(1.0)
    assert [record.contact_id for record in kit.lease(9)] == [1]
    (seat,) = kit.floor.restore(kit.now).sessions
    assert (seat.session_id, seat.skips_today) == (session, 0)
