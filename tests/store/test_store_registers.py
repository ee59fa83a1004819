"""Registers with an age, and "never again": at once, for every campaign, for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from dialer_core.clock import Instant
from dialer_core.engine.events import AttemptCommitted, AttemptRefused
from dialer_core.lists.people import ListedPerson
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId
from dialer_core.model.states import FormulaClass, Mode, Outcome
from dialer_core.rules.facts import RefusalCode
from dialer_core.rules.profiles import profile
from dialer_core.store.import_undo import UNDONE
from dialer_core.store.importing import ImportOrder, ImportStore
from dialer_core.store.numbers import number_hash, number_key
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.registers import RegisterStore
from dialer_core.store.schema import (
    AttemptRow,
    AuditRow,
    ContactRow,
    RegistryEntryRow,
    RegistryRow,
    SuppressionRow,
)
from dialer_core.store.schema.base import ContactStatus, Ground
from dialer_core.store.setup import NewCampaign, NewPerson
from dialer_core.store.why import why_not
from tests.store.floor_kit import DISPOSITIONS, FloorKit, person

NUMBERS = [f"+4416149600{n:02d}" for n in range(100)]


@pytest.fixture
def registers(kit: FloorKit) -> Iterator[RegisterStore]:
    store = RegisterStore(kit.database)
    yield store
    store.close()


def ticking(kit: FloorKit) -> Callable[[], Instant]:
    return lambda: kit.now


def entries(kit: FloorKit, register: str) -> int:
    with kit.database.reading() as connection:
        return (
            connection.scalar(select(func.count()).where(RegistryEntryRow.registry_id == register))
            or 0
        )


def codes(kit: FloorKit, contact_id: int) -> list[str]:
    with kit.database.reading() as connection:
        return [one.code for one in why_not(connection, contact_id, kit.now)]


def test_a_newer_copy_takes_the_place_of_the_old_one(
    kit: FloorKit, registers: RegisterStore
) -> None:
    first = registers.load("GB-TPS", kit.now.utc, NUMBERS[:60], ticking(kit))
    assert (first.entries, first.new, first.gone) == (60, 60, 0)
    kit.clock.advance(3600)
    second = registers.load("GB-TPS", kit.now.utc, [*NUMBERS[30:80], NUMBERS[31]], ticking(kit))
    assert (second.entries, second.new, second.gone) == (50, 20, 30)
    assert entries(kit, "GB-TPS") == 50
    assert entries(kit, "GB-CTPS") == 0, "the other register is untouched"


def test_a_copy_that_breaks_off_changes_nothing_but_waits_to_be_swept(
    kit: FloorKit, registers: RegisterStore
) -> None:
    registers.load("GB-TPS", kit.now.utc, NUMBERS[:10], ticking(kit))
    as_of = kit.now.utc
    kit.clock.advance(3600)

    def broken() -> Iterator[str]:
        yield from NUMBERS[5:20] * 200
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        registers.load("GB-TPS", kit.now.utc, broken(), ticking(kit))
    with kit.database.reading() as connection:
        row = connection.execute(select(RegistryRow).where(RegistryRow.id == "GB-TPS")).one()
    assert row.as_of == as_of
    again = registers.load("GB-TPS", kit.now.utc, NUMBERS[:8], ticking(kit))
    assert (again.entries, again.gone) == (8, 12), "two that have gone, ten of the broken copy"
    assert entries(kit, "GB-TPS") == 8, "what the broken copy had brought is swept"

    with pytest.raises(KeyboardInterrupt):
        registers.load("GB-TPS", kit.now.utc, NUMBERS, ticking(kit), goes_on=lambda _count: False)
    assert entries(kit, "GB-TPS") == 8


@pytest.mark.parametrize(("count", "is_taken"), [(0, False), (29, False), (30, True)])
def test_a_copy_of_less_than_half_is_rather_a_broken_download(
    kit: FloorKit, registers: RegisterStore, count: int, is_taken: bool
) -> None:
    registers.load("GB-TPS", kit.now.utc, NUMBERS[:60], ticking(kit))
    if is_taken:
        registers.load("GB-TPS", kit.now.utc, NUMBERS[:count], ticking(kit))
    else:
        with pytest.raises(KnownError, match="not taken"):
            registers.load("GB-TPS", kit.now.utc, NUMBERS[:count], ticking(kit))
        assert entries(kit, "GB-TPS") == 60
        registers.load("GB-TPS", kit.now.utc, NUMBERS[:count], ticking(kit), is_small_meant=True)
    assert entries(kit, "GB-TPS") == count


def test_a_copys_day_is_neither_tomorrow_nor_before_the_last(
    kit: FloorKit, registers: RegisterStore
) -> None:
    with pytest.raises(KnownError, match="future"):
        registers.load("GB-TPS", kit.now.utc + timedelta(days=2), NUMBERS, ticking(kit))
    registers.load("GB-TPS", kit.now.utc, NUMBERS, ticking(kit))
    with pytest.raises(KnownError, match="newer"):
        registers.load("GB-TPS", kit.now.utc - timedelta(days=1), NUMBERS, ticking(kit))


def test_a_stale_register_stops_dialling_until_a_newer_copy_comes(
    kit: FloorKit, registers: RegisterStore
) -> None:
    kit.take_lease()
    kit.clock.advance(28.5 * 86_400 + 3600 * 12)  # four weeks later, a Wednesday
    kit.floor.renew(kit.now)
    assert kit.lease(5) == []
    stale = {one.id: one for one in registers.ages(kit.now)}
    assert not stale["GB-TPS"].is_fresh
    assert stale["GB-TPS"].stops == ("Campaign preview",)
    assert set(codes(kit, 1)) >= {RefusalCode.REGISTRY_STALE.value}

    for register in ("GB-TPS", "GB-CTPS"):
        registers.load(register, kit.now.utc, ["+441614960003"], ticking(kit), is_small_meant=True)
    assert [one.stops for one in registers.ages(kit.now)] == [(), ()]
    assert [record.contact_id for record in kit.lease(5)] == [1, 2, 4, 5]
    assert RefusalCode.REGISTRY_HIT.value in codes(kit, 3)


def test_a_register_of_the_people_called_is_asked_for_too(
    kit: FloorKit, registers: RegisterStore
) -> None:
    assert {one.id for one in registers.ages(kit.now)} == {"GB-TPS", "GB-CTPS"}
    kit.setup.add_list(kit.campaign_id, "Roma", [_in("IT", "+390612345678")], kit.now)
    ages = {one.id: one for one in registers.ages(kit.now)}
    assert ages["IT-RPO"].as_of is None
    assert ages["IT-RPO"].stops == ("Campaign preview",)


def _in(region: str, number: str, *grounds: Ground, zone: str = "") -> NewPerson:
    zones = [zone] if zone else []
    return NewPerson("Rosa", [(number, "casa")], zones=zones, region=region, grounds=grounds)


# --- never again ----------------------------------------------------------------------------


def second_campaign(kit: FloorKit, client: str = "Rosewood Windows") -> CampaignId:
    return kit.setup.add_campaign(
        NewCampaign(
            name=f"Second of {client}",
            client=client,
            company_name=client,
            mode=Mode.PREVIEW,
            profile=profile("GB"),
            caller_id="+441614960999",
            dispositions=DISPOSITIONS,
        ),
        kit.now,
    )


def test_by_key_it_holds_for_every_number_and_every_campaign_of_the_client(kit: FloorKit) -> None:
    other = second_campaign(kit)
    stranger = second_campaign(kit, "Another client")
    for campaign in (other, stranger):
        kit.setup.add_list(campaign, "All", [person(1), person(50)], kit.now)
    kit.setup.add_list(kit.campaign_id, "Two phones", [person(60, more=(50,))], kit.now)
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)  # of person 1
    kit.talk(attempt, session)
    kit.seats[0].choose_outcome(attempt, "NEVER", "", kit.now)

    with kit.database.reading() as connection:
        of_one = connection.scalars(
            select(ContactRow.id).where(ContactRow.name == "Person 1").order_by(ContactRow.id)
        ).all()
    kit.clock.advance(86_400)
    assert RefusalCode.SUPPRESSED.value in codes(kit, of_one[1]), "at once, in the other campaign"
    assert RefusalCode.SUPPRESSED.value not in codes(kit, of_one[2]), "another client's own matter"


def test_a_person_with_two_telephones_objects_with_both(kit: FloorKit) -> None:
    kit.setup.add_list(kit.campaign_id, "Two phones", [person(60, more=(50,))], kit.now)
    kit.take_lease()
    with kit.database.writing() as connection:
        connection.execute(
            update(ContactRow)
            .where(ContactRow.name != "Person 60")
            .values(status=ContactStatus.CLOSED)
        )
    session = kit.log_in()
    attempt = kit.dial(session)
    kit.close_call(attempt, Outcome.DNC_REQUEST, FormulaClass.L)  # with a key of the message
    with kit.database.reading() as connection:
        key = number_key(connection)
        hashes = set(connection.scalars(select(SuppressionRow.number_hash)))
    assert hashes == {number_hash(key, "+441614960060"), number_hash(key, "+441614960050")}


def test_by_e_mail_it_stops_a_call_that_is_about_to_be_dialled(
    kit: FloorKit, registers: RegisterStore
) -> None:
    kit.take_lease()
    session = kit.log_in()
    (record,) = kit.lease()
    assert registers.never_again("Rosewood Windows", "by e-mail", kit.now, contact_id=1) == 1
    answer = kit.commit(record, session)
    assert isinstance(answer, AttemptRefused)
    assert "do-not-call" in answer.reason
    assert registers.never_again("Rosewood Windows", "again", kit.now, contact_id=1) == 0
    with kit.database.reading() as connection:
        entries = connection.scalars(select(AuditRow.what)).all()
    assert entries.count("never again") == 2
    with pytest.raises(KnownError, match="no client"):
        registers.never_again("Nobody", "x", kit.now, contact_id=1)
    with pytest.raises(KnownError, match="no such record"):
        registers.never_again(None, "x", kit.now, contact_id=999)


def listed(*numbers: int) -> list[ListedPerson]:
    return [
        ListedPerson(
            row,
            ((f"+4416149600{n:02d}", "phone"),),
            f"Person {n}",
            "",
            (),
            ("Europe/London",),
            "GB",
        )
        for row, n in enumerate(numbers, start=2)
    ]


def take_in(kit: FloorKit, people: list[ListedPerson]) -> int:
    store = ImportStore(kit.database)
    order = ImportOrder(kit.campaign_id, "Again", "again.csv", "GB", "utf-8")
    done = store.take_in(
        order, people, lambda: kit.now, reject=lambda _one: None, goes_on=lambda _counts: True
    )
    store.close()
    return done.import_id


def undo(kit: FloorKit, import_id: int) -> None:
    store = ImportStore(kit.database)
    store.undo(import_id, kit.now)
    store.close()


def test_it_survives_import_undo_erasure_and_import(
    kit: FloorKit, registers: RegisterStore
) -> None:
    kit.take_lease()
    first = take_in(kit, listed(70, 71))
    registers.never_again("Rosewood Windows", "letter", kit.now, numbers=["+441614960070"])
    undo(kit, first)
    take_in(kit, listed(70, 71))
    privacy = PrivacyStore(kit.database)
    privacy.erase(kit.now, number="+441614960071")
    privacy.close()
    take_in(kit, listed(70, 71))
    leased = kit.lease(50)
    assert {record.number for record in leased} == {f"+44161496000{n}" for n in range(1, 6)}


def test_an_import_that_was_refused_at_the_gate_can_be_undone(kit: FloorKit) -> None:
    import_id = take_in(kit, listed(72))
    kit.take_lease()
    kit.clock.advance(12 * 3600)  # ten in the evening
    kit.floor.renew(kit.now)
    assert kit.lease(50) == []
    undo(kit, import_id)
    with kit.database.reading() as connection:
        left = connection.execute(
            select(ContactRow.status_reason).where(ContactRow.import_id == import_id)
        ).all()
    assert all(row.status_reason == UNDONE for row in left)


# --- whose rules an attempt was dialled under -------------------------------------------------


def test_each_attempt_names_its_rules_and_those_of_the_numbers_country(kit: FloorKit) -> None:
    with kit.database.writing() as connection:
        connection.execute(update(ContactRow).values(status=ContactStatus.CLOSED))
    kit.setup.add_list(
        kit.campaign_id,
        "Berlin",
        [_in("DE", "+493023125001", Ground.CONSENT, zone="Europe/Berlin")],
        kit.now,
    )
    kit.take_lease()
    session = kit.log_in()
    (record,) = kit.lease()
    answer = kit.commit(record, session)
    assert isinstance(answer, AttemptCommitted), answer
    with kit.database.reading() as connection:
        row = connection.execute(select(AttemptRow.__table__)).one()
    assert (row.profile_id, row.profile_version) == ("GB", profile("GB").version)
    assert row.country_rules == profile("DE").stamp
    kit.close_call(answer.attempt_id, Outcome.NO_ANSWER)
    kit.clock.advance(86_400 * 3)
    assert RefusalCode.NO_CONSENT.value not in codes(kit, record.contact_id)


def test_a_number_of_a_country_without_consent_is_held_and_the_campaign_goes_on(
    kit: FloorKit,
) -> None:
    kit.setup.add_list(kit.campaign_id, "Berlin", [_in("DE", "+493023125001"), person(30)], kit.now)
    kit.take_lease()
    leased = kit.lease(50)
    assert "+493023125001" not in {record.number for record in leased}
    assert "+441614960030" in {record.number for record in leased}


def test_french_lines_are_not_called_from_a_british_number_and_the_campaign_goes_on(
    kit: FloorKit,
) -> None:
    one = _in("FR", "+33199000001", Ground.CONSENT, zone="Europe/Paris")
    kit.setup.add_list(kit.campaign_id, "Paris", [one, person(30)], kit.now)
    kit.take_lease()
    assert "+441614960030" in {record.number for record in kit.lease(50)}
    assert RefusalCode.NUMBERS_COUNTRY.value in codes(kit, 6)
