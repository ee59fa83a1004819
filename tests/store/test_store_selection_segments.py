"""Segments on a real database: each finds whom it says, is counted at once, saved by name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects import postgresql

from dialer_core.clock import ManualClock
from dialer_core.lists.segments import Check, Condition, Field, Group, Operator
from dialer_core.model.errors import KnownError
from dialer_core.store import segments
from dialer_core.store.conditions import expression
from dialer_core.store.mixing import MixSettings, MixSource, set_mix
from dialer_core.store.people import begin_import
from dialer_core.store.schema import ContactNumberRow, ContactRow
from dialer_core.store.schema.base import ContactStatus, Ground
from tests.lists.conditions import Known, conditions, holds, people
from tests.store.floor_kit import FloorKit

NOW = ManualClock().now().utc
MOMENTS = tuple(NOW - timedelta(hours=hours) for hours in (0, 1, 2.5, 30, 49))


def put(connection: Connection, campaign_id: int, known: list[Known]) -> None:
    """Put exactly these people on the campaign's lists."""
    connection.execute(delete(ContactNumberRow))
    connection.execute(delete(ContactRow))
    if not known:
        return
    connection.execute(
        insert(ContactRow),
        [
            {
                "id": number,
                "campaign_id": campaign_id,
                "list_id": one.list_id,
                "import_id": one.import_id,
                "name": f"Person {number}",
                "town": one.town,
                "details": [list(pair) for pair in one.details.items()],
                "zones": list(one.zones),
                "region": one.region,
                "grounds": [Ground.HOURS, Ground.CONSENT] if one.has_consent else [Ground.HOURS],
                "status": ContactStatus(one.status),
                "status_reason": "",
                "last_outcome": one.last_outcome,
                "last_attempt_at": one.last_attempt_at,
                "attempts_count": one.attempts,
                "priority": one.priority,
                "reference": one.reference,
                "created_at": one.created_at or NOW,
                "changed_at": NOW,
            }
            for number, one in enumerate(known, 1)
        ],
    )


@given(condition=conditions(), known=st.lists(people(MOMENTS), max_size=8))
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_condition_finds_exactly_whom_it_says(
    kit: FloorKit, condition: Condition, known: list[Known]
) -> None:
    with kit.database.writing() as connection:
        begin_import(connection, kit.campaign_id, "April", "", kit.now)
        put(connection, kit.campaign_id, known)
        fits = expression(condition, NOW, connection.dialect.name)
        found = connection.scalars(select(ContactRow.id).where(fits)).all()
        others = connection.scalars(select(ContactRow.id).where(~fits)).all()
    wanted = [number for number, one in enumerate(known, 1) if holds(condition, one, NOW)]
    assert sorted(found) == wanted
    assert sorted([*found, *others]) == list(range(1, len(known) + 1)), "never neither"


@given(conditions())
def test_a_condition_can_be_said_in_postgresql(condition: Condition) -> None:
    said = expression(condition, NOW, "postgresql").compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    assert "json_each" not in str(said)


def test_a_short_list_is_counted_and_a_long_one_sampled(
    kit: FloorKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [Known(town="Leeds" if number % 4 == 0 else "York") for number in range(4000)]
    leeds = Check(Field.TOWN, Operator.IS, "LEEDS")
    with kit.database.writing() as connection:
        put(connection, kit.campaign_id, known)
        exact = segments.count(connection, kit.campaign_id, leeds, NOW)
        monkeypatch.setattr(segments, "EXACT_UP_TO", 100)
        sampled = segments.count(connection, kit.campaign_id, leeds, NOW, seed=3)
        nobody = segments.count(connection, kit.campaign_id + 1, leeds, NOW)
    assert (exact.count, exact.of, exact.is_sampled) == (1000, 4000, False)
    assert sampled.is_sampled
    assert sampled.low < 1000 < sampled.high
    assert sampled.low <= sampled.count <= sampled.high
    assert abs(sampled.count - 1000) < 150
    assert (nobody.count, nobody.of) == (0, 0)


def test_a_segment_is_saved_changed_and_removed(kit: FloorKit) -> None:
    leeds = Check(Field.TOWN, Operator.IS, "Leeds")
    own = kit.campaign_id
    with kit.database.writing() as connection:
        made = segments.save(connection, own, "North", leeds, kit.now, "Anna")
        with pytest.raises(KnownError, match="already"):
            segments.save(connection, own, "North", leeds, kit.now, "Anna")
        both = Group(of=(leeds, Check(Field.LIST, Operator.IS, 1)))
        assert segments.save(connection, own, "North", both, kit.now, "Anna", made) == made
        assert [one.condition for one in segments.saved(connection, own)] == [both]
        with pytest.raises(KnownError, match="a list that this campaign does not have"):
            segments.save(
                connection, own, "Other", Check(Field.LIST, Operator.IS, 9), kit.now, "Anna"
            )
        set_mix(connection, own, MixSettings((MixSource(segment_id=made),)), kit.now, "Anna")
        with pytest.raises(KnownError, match="take it out of the mix first"):
            segments.remove(connection, made, kit.now, "Anna")
        set_mix(connection, own, MixSettings(), kit.now, "Anna")
        segments.remove(connection, made, kit.now, "Anna")
        assert segments.saved(connection, own) == []


def test_the_builder_offers_the_lists_own_headings(kit: FloorKit) -> None:
    with kit.database.reading() as connection:
        assert segments.headings(connection, kit.campaign_id) == ["Contract", "Since"]
