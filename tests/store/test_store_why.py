"""Why is this person not being called? Every reason at once, and when each may be over."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import insert, update

from dialer_core.lists import segments as conditions
from dialer_core.lists.experiments import Kind, Variant
from dialer_core.lists.segments import Check, Field, Operator
from dialer_core.model.errors import KnownError
from dialer_core.model.states import Outcome
from dialer_core.store import segments
from dialer_core.store.experiments import ExperimentStore
from dialer_core.store.import_undo import IMPORTING
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.recycling import TRIED_ENOUGH
from dialer_core.store.schema import CampaignRow, ContactListRow, ContactRow, MixSourceRow
from dialer_core.store.schema.base import ContactStatus
from dialer_core.store.unlisted import BY_HAND
from dialer_core.store.variants import variants_for
from dialer_core.store.why import Reason, records_with, why_not
from tests.store.floor_kit import FloorKit, person


def reasons(kit: FloorKit, contact_id: int = 1) -> list[Reason]:
    with kit.database.reading() as connection:
        return why_not(connection, contact_id, kit.now)


def codes(kit: FloorKit, contact_id: int = 1) -> list[str]:
    return [one.code for one in reasons(kit, contact_id)]


def change(kit: FloorKit, table: type[object], **values: object) -> None:
    with kit.database.writing() as connection:
        connection.execute(update(table).values(**values))


def test_nothing_stands_against_a_fresh_record(kit: FloorKit) -> None:
    assert reasons(kit) == []
    with pytest.raises(KnownError, match="no record 99"):
        reasons(kit, 99)


def test_everything_is_told_at_once_in_order(kit: FloorKit) -> None:
    kit.setup.suppress("Rosewood Windows", ["+441614960001"], "letter", kit.now)
    change(kit, CampaignRow, is_running=False, caller_id="")
    change(kit, ContactListRow, is_active=False)
    kit.clock.advance(13 * 3600 + 40 * 86_400)  # a Sunday, late in the evening
    assert codes(kit) == [
        "CAMPAIGN_STOPPED", "LIST_OFF", "SUPPRESSED", "REGISTRY_STALE", "OUT_OF_HOURS", "CALLER_ID",
    ]  # fmt: skip
    hours = next(one for one in reasons(kit) if one.code == "OUT_OF_HOURS")
    assert hours.until == datetime(2026, 4, 13, 7, 0, tzinfo=UTC), "Monday at eight in London"
    assert all("496" not in one.sentence for one in reasons(kit))


def test_each_number_has_its_own_reasons_and_common_ones_are_told_once(kit: FloorKit) -> None:
    kit.setup.add_list(kit.campaign_id, "Two", [person(60, more=(61,))], kit.now)
    kit.setup.suppress(None, ["+441614960061"], "letter", kit.now)
    kit.clock.advance(12 * 3600)
    found = reasons(kit, 6)
    assert [one.code for one in found] == ["OUT_OF_HOURS", "SUPPRESSED"]
    assert found[0].number_id is None
    assert not found[0].sentence.startswith("Number")
    assert found[1].sentence.startswith("Number 2: ")


def test_rests_and_limits_say_when_they_are_over(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    assert codes(kit) == ["IN_CALL", "LOCKED_OUT"]
    assert "being called just now" in reasons(kit)[0].sentence
    kit.close_call(attempt, Outcome.NO_ANSWER, facts=kit.facts(status=480))
    waiting, rest = reasons(kit)
    assert (waiting.code, rest.code) == ("WAITING", "LOCKED_OUT")
    assert rest.until == kit.now.utc + timedelta(hours=2)
    assert "'no answer'" in waiting.sentence
    kit.clock.advance(2 * 3600 + 1)
    assert codes(kit) == []


def test_a_record_that_the_dialler_holds_or_that_is_promised(kit: FloorKit) -> None:
    kit.take_lease()
    kit.lease(1)
    (held,) = reasons(kit)
    assert held.code == "LEASED"
    assert held.until == kit.now.utc + timedelta(seconds=120)
    at = kit.now.utc + timedelta(hours=3)
    change(kit, ContactRow, status=ContactStatus.CALL_BACK, next_at=at, leased_by_epoch=None)
    (promised,) = reasons(kit)
    assert (promised.code, promised.until) == ("WAITING", at)
    assert "promised" in promised.sentence


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({"status": ContactStatus.UNCODED}, "UNCODED", "owes the outcome"),
        ({"status": ContactStatus.CLOSED}, "CLOSED", "closed"),
        (
            {"status": ContactStatus.CLOSED, "last_outcome": Outcome.REFUSED_NOT_INTERESTED},
            "CLOSED",
            "'refused not interested'",
        ),
        (
            {"status": ContactStatus.CLOSED, "status_reason": "UNDONE"},
            "CLOSED",
            "taken back",
        ),
        ({"status": ContactStatus.HELD, "status_reason": IMPORTING}, "IMPORTING", "being read"),
        ({"status": ContactStatus.HELD}, "HELD", "held back"),
        ({"status": ContactStatus.HELD, "status_reason": "NO_CONSENT"}, "HELD", "no consent"),
        (
            {
                "status": ContactStatus.CLOSED,
                "status_reason": TRIED_ENOUGH,
                "last_outcome": Outcome.NO_ANSWER,
            },
            "CLOSED",
            "as often as",
        ),
    ],
)
def test_the_record_itself(kit: FloorKit, values: dict[str, object], code: str, words: str) -> None:
    change(kit, ContactRow, **values)
    (found,) = reasons(kit)
    assert found.code == code
    assert words in found.sentence


def test_a_retired_number_is_told_as_such(kit: FloorKit) -> None:
    kit.setup.add_list(kit.campaign_id, "Two", [person(60, more=(61,))], kit.now)
    change(kit, ContactListRow, is_active=True)
    kit.take_lease()
    session = kit.log_in()
    with kit.database.writing() as connection:
        connection.execute(
            update(ContactRow).where(ContactRow.id < 6).values(status=ContactStatus.CLOSED)
        )
    attempt = kit.dial(session)
    kit.close_call(attempt, Outcome.INVALID_NUMBER, facts=kit.facts(status=410))
    kit.clock.advance(60)
    told = [one.sentence for one in reasons(kit, 6) if one.number_id is not None]
    assert told == ["Number 1: The number is retired: it was found to reach nobody."]


def test_an_erased_person_is_told_as_such(kit: FloorKit) -> None:
    store = PrivacyStore(kit.database)
    store.erase(kit.now, number="+441614960001")
    store.close()
    assert "erased" in reasons(kit)[0].sentence
    with kit.database.reading() as connection:
        assert records_with(connection, "+441614960001") == []
        assert records_with(connection, "+441614960002") == [(2, "Person 2", "March")]


def test_the_mix_and_its_segments(kit: FloorKit) -> None:
    kit.setup.add_list(kit.campaign_id, "Other", [person(60)], kit.now)
    town = Check(Field.TOWN, Operator.IS, "Manchester")
    with kit.database.writing() as connection:
        segment = segments.save(connection, kit.campaign_id, "There", town, kit.now, "Anna")
        connection.execute(
            insert(MixSourceRow),
            {
                "campaign_id": kit.campaign_id, "position": 0, "list_id": 2, "segment_id": None,
                "weight": 1.0, "priority": 0, "list_order": "priority", "seed": 1,
                "is_active": True,
            },
        )  # fmt: skip
    assert codes(kit, 6) == []
    assert codes(kit, 1) == ["NOT_IN_MIX"]
    with kit.database.writing() as connection:
        connection.execute(update(MixSourceRow).values(list_id=None, segment_id=segment))
    assert codes(kit, 1) == []
    change(kit, ContactRow, town="Leeds")
    assert codes(kit, 1) == ["NOT_IN_MIX"]
    assert conditions.read({"type": "group"}) is not None


def test_the_floor_has_gone_home_and_own_lists_are_not_dialled(kit: FloorKit) -> None:
    change(kit, CampaignRow, day_ends=time(9, 30).strftime("%H:%M"))
    (home,) = reasons(kit)
    assert home.code == "WENT_HOME"
    assert home.until == datetime(2026, 3, 4, 0, 0, tzinfo=UTC)
    change(kit, CampaignRow, day_ends=None)
    change(kit, ContactListRow, name=BY_HAND)
    assert codes(kit) == ["OWN_LIST"]


def test_an_experiments_hours(kit: FloorKit) -> None:
    store = ExperimentStore(kit.database)
    store.begin(
        kit.campaign_id,
        "Hours",
        Kind.HOUR,
        [Variant("early", "09:00-12:00"), Variant("late", "17:00-20:00")],
        kit.now,
    )
    store.close()
    people = range(1, 6)
    with kit.database.reading() as connection:  # by lot: it may be all of them, or none
        arms = {one: variants_for(connection, kit.campaign_id, one) for one in people}
    late = {one for one, found in arms.items() if found[Kind.HOUR].name == "late"}
    five = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
    for one in people:
        told = [(reason.code, reason.until) for reason in reasons(kit, one)]
        assert told == ([("EXPERIMENT", five)] if one in late else []), "it is ten now"
