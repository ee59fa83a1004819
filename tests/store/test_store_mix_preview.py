"""What a preview shows is what the dialler then leases; what is saved reaches a running dialler."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dialer_core.lists.experiments import Kind as Kinds
from dialer_core.lists.experiments import Variant
from dialer_core.lists.mix import Kind
from dialer_core.lists.order import ListOrder
from dialer_core.lists.recycling import NextNumber, Recycle, Recycling
from dialer_core.lists.segments import Check, Field, Group, Match, Operator
from dialer_core.model.errors import KnownError
from dialer_core.model.states import CallStage, Mode, Outcome
from dialer_core.rules.profiles import profile
from dialer_core.store import mixing, segments
from dialer_core.store.campaigns import load_campaign
from dialer_core.store.experiments import ExperimentStore
from dialer_core.store.leasing import lease_records
from dialer_core.store.mix_preview import Preview, next_people
from dialer_core.store.mixing import MixSettings, MixSource
from dialer_core.store.schema import AuditRow, ContactListRow, ContactRow
from dialer_core.store.schema.base import ContactStatus
from dialer_core.store.selection import Selection
from tests.store.floor_kit import FloorKit, person

EVEN = Check(Field.PRIORITY, Operator.IS, 1)


@pytest.fixture
def long_kit(kit: FloorKit) -> FloorKit:
    """Twenty people on March, nine on April; every other has a priority, some were tried."""
    kit.setup.add_list(kit.campaign_id, "Long", [person(n) for n in range(6, 26)], kit.now)
    kit.setup.add_list(kit.campaign_id, "April", [person(n) for n in range(30, 39)], kit.now)
    due = kit.now.utc - timedelta(hours=1)
    with kit.database.writing() as connection:
        connection.execute(update(ContactRow).where(ContactRow.id % 2 == 0).values(priority=1))
        connection.execute(
            update(ContactRow)
            .where(ContactRow.id % 3 == 0)
            .values(
                status=ContactStatus.WAITING,
                next_at=due,
                attempts_count=1,
                last_outcome=Outcome.BUSY,
                last_attempt_at=due - timedelta(days=1),
            )
        )
    return kit


def lists_of(kit: FloorKit) -> dict[str, int]:
    with kit.database.reading() as connection:
        rows = connection.execute(select(ContactListRow.name, ContactListRow.id)).all()
        return {row.name: row.id for row in rows}


def preview(kit: FloorKit, mix: MixSettings, count: int = 20) -> Preview:
    with kit.database.reading() as connection:
        return next_people(
            connection, load_campaign(connection, kit.campaign_id), mix, kit.now, count
        )


def save_segment(kit: FloorKit, condition: Check | Group, number: int | None = None) -> int:
    with kit.database.writing() as connection:
        return segments.save(
            connection, kit.campaign_id, "Chosen", condition, kit.now, "Anna", number
        )


def set_mix(kit: FloorKit, mix: MixSettings) -> None:
    with kit.database.writing() as connection:
        mixing.set_mix(connection, kit.campaign_id, mix, kit.now, "Anna")


def leased(kit: FloorKit, count: int) -> list[int]:
    return [int(record.contact_id) for record in kit.lease(count)]


def mixes(kit: FloorKit) -> list[MixSettings]:
    known, number = lists_of(kit), save_segment(kit, EVEN)
    long, april = known["Long"], known["April"]
    return [
        MixSettings(),
        MixSettings((MixSource(long, weight=2.0), MixSource(april)), 0.3),
        MixSettings((MixSource(april, priority=1, order=ListOrder.NEWEST), MixSource(long)), 0.5),
        MixSettings((MixSource(None, number), MixSource(april, order=ListOrder.LAST_CALLED)), 0.0),
        MixSettings((MixSource(long, order=ListOrder.RANDOM, seed=7), MixSource(april))),
        MixSettings((MixSource(long, is_active=False),), 1.0),
    ]


@pytest.mark.parametrize("which", range(6))
def test_the_preview_is_what_is_leased_then(long_kit: FloorKit, which: int) -> None:
    mix = mixes(long_kit)[which]
    found = [one.contact_id for one in preview(long_kit, mix, 12).people]
    set_mix(long_kit, mix)
    epoch = long_kit.take_lease()
    assert epoch is not None
    with long_kit.database.writing() as connection:  # without a thread that fills shelves beside
        settings = load_campaign(connection, long_kit.campaign_id)
        records = lease_records(connection, settings, 12, epoch, long_kit.now, Selection())
    assert [record.contact_id for record in records] == found
    assert len(set(found)) == 12


def test_whom_an_experiment_calls_later_is_not_next(long_kit: FloorKit) -> None:
    store = ExperimentStore(long_kit.database)
    hours = [Variant("early", "09:00-12:00"), Variant("late", "17:00-20:00")]
    store.begin(long_kit.campaign_id, "Hours", Kinds.HOUR, hours, long_kit.now)
    store.close()
    found = preview(long_kit, MixSettings(), 6)
    assert found.refused > 0
    assert found.because == "An experiment calls this person at another hour."
    epoch = long_kit.take_lease()
    assert epoch is not None
    with long_kit.database.writing() as connection:
        settings = load_campaign(connection, long_kit.campaign_id)
        records = lease_records(connection, settings, 6, epoch, long_kit.now, Selection())
    assert [record.contact_id for record in records] == [one.contact_id for one in found.people]


def test_the_preview_says_from_where_and_whether_again(long_kit: FloorKit) -> None:
    known = lists_of(long_kit)
    mix = MixSettings((MixSource(known["April"], weight=3.0), MixSource(known["Long"])), 0.25)
    people = preview(long_kit, mix, 8).people
    assert [one.source for one in people].count(0) == 6
    assert [one.kind for one in people].count(Kind.RETRY) == 2
    again = next(one for one in people if one.kind is Kind.RETRY)
    assert (again.last_outcome, again.attempts) == ("BUSY", 1)
    assert {one.list_name for one in people} == {"April", "Long"}


def test_promises_go_first_and_are_named(long_kit: FloorKit) -> None:
    promised_at = long_kit.now.utc - timedelta(minutes=5)
    with long_kit.database.writing() as connection:
        connection.execute(
            update(ContactRow)
            .where(ContactRow.id == 20)
            .values(status=ContactStatus.CALL_BACK, next_at=promised_at, call_back_agent_id=1)
        )
    first = preview(long_kit, MixSettings()).people[0]
    assert (first.contact_id, first.promised_at) == (20, promised_at)
    assert first.promised_by == "Anna of preview"


def test_whom_the_law_keeps_back_is_counted_and_nothing_is_written(kit: FloorKit) -> None:
    kit.clock.advance(13 * 3600)  # eleven at night
    found = preview(kit, MixSettings())
    assert found.people == ()
    assert found.refused == 5
    assert found.because
    with kit.database.reading() as connection:
        assert set(connection.scalars(select(ContactRow.status))) == {ContactStatus.FRESH}
        assert connection.scalars(select(ContactRow.next_at)).all() == [None] * 5


# --- a running dialler takes it up ----------------------------------------------------------------


def test_a_mix_is_taken_up_by_the_next_lease(long_kit: FloorKit) -> None:
    known = lists_of(long_kit)
    long_kit.take_lease()
    set_mix(long_kit, MixSettings((MixSource(known["Long"]),), 0.0))
    long_kit.floor.changed_campaigns(long_kit.now)
    first = leased(long_kit, 2)
    long_kit.clock.advance(1)
    set_mix(long_kit, MixSettings((MixSource(known["April"]),), 0.0))
    long_kit.floor.agent_events(0, long_kit.now)  # as the dialler asks all the time
    second = leased(long_kit, 2)
    with long_kit.database.reading() as connection:
        rows = connection.execute(select(ContactRow.id, ContactRow.list_id))
        lists = {row.id: row.list_id for row in rows}
    assert {lists[one] for one in first} == {known["Long"]}
    assert {lists[one] for one in second} == {known["April"]}


def test_a_changed_segment_is_taken_up_by_the_next_lease(long_kit: FloorKit) -> None:
    number = save_segment(long_kit, EVEN)
    long_kit.take_lease()
    set_mix(long_kit, MixSettings((MixSource(None, number),)))
    long_kit.floor.agent_events(0, long_kit.now)
    assert all(one % 2 == 0 for one in leased(long_kit, 3))
    long_kit.clock.advance(1)
    save_segment(long_kit, Group(Match.NONE, (EVEN,)), number)
    _, cursor = long_kit.floor.agent_events(0, long_kit.now)
    assert cursor > 0
    assert all(one % 2 == 1 for one in leased(long_kit, 3))


def test_a_segment_that_nobody_uses_disturbs_no_dialler(kit: FloorKit) -> None:
    number = save_segment(kit, EVEN)
    with kit.database.reading() as connection:
        before = load_campaign(connection, kit.campaign_id).changed_at
    kit.clock.advance(1)
    save_segment(kit, Group(Match.NONE, (EVEN,)), number)
    with kit.database.reading() as connection:
        assert load_campaign(connection, kit.campaign_id).changed_at == before


def test_recycling_is_taken_up_by_the_next_call_that_ends(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    own = Recycling({Outcome.BUSY: Recycle(5 * 3600.0, 3, NextNumber.SAME)})
    set_mix(kit, MixSettings(recycling=own))
    kit.floor.agent_events(0, kit.now)
    attempt = kit.dial(session, Mode.PREVIEW)
    kit.move(attempt, CallStage.RINGING, session)
    kit.close_call(attempt, Outcome.BUSY)
    with kit.database.reading() as connection:
        row = connection.execute(
            select(ContactRow.next_at).where(ContactRow.last_outcome == Outcome.BUSY)
        ).one()
    assert row.next_at == kit.now.utc + timedelta(hours=5)


def test_what_is_set_stands_in_the_log_with_who_did_it(long_kit: FloorKit) -> None:
    known, number = lists_of(long_kit), save_segment(long_kit, EVEN)
    set_mix(
        long_kit,
        MixSettings((MixSource(known["April"], weight=2.0), MixSource(None, number)), 0.4),
    )
    with long_kit.database.reading() as connection:
        rows = connection.execute(
            select(AuditRow.who, AuditRow.what, AuditRow.detail).order_by(AuditRow.id.desc())
        ).all()
    assert (rows[0].who, rows[0].what) == ("Anna", "mix set")
    assert rows[0].detail["retry_share"] == 0.4
    assert rows[0].detail["sources"][0]["list"] == known["April"]
    assert rows[0].detail["sources"][1]["segment"] == number
    assert rows[1].what == "segment saved"
    assert rows[1].detail["condition"] == "priority is 1"


# --- what a builder shows -------------------------------------------------------------------------


def test_some_of_those_who_are_found(long_kit: FloorKit, monkeypatch: pytest.MonkeyPatch) -> None:
    now, own = long_kit.now.utc, long_kit.campaign_id
    with long_kit.database.reading() as connection:
        count = segments.count(connection, own, EVEN, now)
        exact = segments.some_people(connection, own, EVEN, now, count, most=4)
        monkeypatch.setattr(segments, "EXACT_UP_TO", 10)
        monkeypatch.setattr(segments, "SAMPLE", 20)
        sampled = segments.count(connection, own, EVEN, now)
        some = segments.some_people(connection, own, EVEN, now, sampled, most=4)
    assert [one.contact_id for one in exact] == [2, 4, 6, 8]
    assert (exact[2].status, exact[2].attempts, exact[2].last_outcome) == ("waiting", 1, "BUSY")
    assert sampled.is_sampled
    assert len(some) == 4
    assert all(one.contact_id % 2 == 0 for one in some)


def test_a_builder_is_offered_what_there_is(long_kit: FloorKit) -> None:
    with long_kit.database.reading() as connection:
        found = segments.choices(connection, long_kit.campaign_id)
        sizes = segments.sizes(connection, long_kit.campaign_id)
    assert [name for _, name in found.lists] == ["March", "Long", "April"]
    assert found.zones == ("Europe/London",)
    assert found.headings == ("Contract", "Since")
    assert sorted(sizes.values()) == [5, 9, 20]
    with pytest.raises(KnownError, match="no such segment"), long_kit.database.reading() as inside:
        segments.condition_of(inside, 99)


def test_the_british_rules_are_those_of_the_kit() -> None:
    assert profile("GB").attempt_limits[0].count == 3
