"""Making a floor: what is taken, what is refused, and what a campaign may not loosen."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dialer_core.model.errors import KnownError
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile
from dialer_core.store import audit
from dialer_core.store.campaigns import load_campaign
from dialer_core.store.passwords import hash_password, is_right
from dialer_core.store.records import number_parts
from dialer_core.store.schema import AgentRow, ContactNumberRow, ContactRow, ListImportRow
from dialer_core.store.setup import NewCampaign, NewPerson
from tests.store.floor_kit import DISPOSITIONS, FloorKit, person


def new_campaign(name: str = "Autumn") -> NewCampaign:
    return NewCampaign(
        name=name,
        client="Rosewood Windows",
        company_name="Rosewood",
        mode=Mode.PREDICTIVE,
        profile=profile("GB"),
        caller_id="+441614960999",
        dispositions=DISPOSITIONS,
    )


def test_a_campaign_takes_its_limits_from_the_law(kit: FloorKit) -> None:
    loose = replace(new_campaign(), abandon_cap=0.2, abandon_target=0.1)
    campaign_id = kit.setup.add_campaign(loose, kit.now)
    with kit.database.reading() as connection:
        found = load_campaign(connection, campaign_id)
    rules = profile("GB")
    assert found.profile == rules
    assert (found.campaign.abandon_cap, found.campaign.abandon_target) == (0.03, 0.02)
    assert (found.campaign.connect_limit_s, found.campaign.min_ring_s) == (2.0, rules.min_ring_s)
    assert found.campaign.dispositions == DISPOSITIONS
    assert found.campaign.abandon_formula == "OFCOM_AUTO"


def test_names_keys_and_codes_are_not_given_twice(kit: FloorKit) -> None:
    kit.setup.add_campaign(new_campaign(), kit.now)
    with pytest.raises(KnownError, match="a campaign 'Autumn' already"):
        kit.setup.add_campaign(new_campaign(), kit.now)
    with pytest.raises(KnownError, match="an agent"):
        kit.setup.add_agent("Anna of preview", kit.now)
    doubled = (DISPOSITIONS[0], replace(DISPOSITIONS[1], key="1"))
    with pytest.raises(KnownError, match="the key '1'"):
        kit.setup.add_campaign(replace(new_campaign("B"), dispositions=doubled), kit.now)
    with pytest.raises(KnownError, match="at least one outcome"):
        kit.setup.add_campaign(replace(new_campaign("C"), dispositions=()), kit.now)


def test_people_without_a_valid_number_or_name_are_refused_with_a_reason(kit: FloorKit) -> None:
    people = [
        person(40),
        NewPerson("No number", []),
        NewPerson("National", [("0161 496 0041", "landline")]),
        NewPerson("  ", [("+441614960042", "mobile")]),
        person(43, more=(44,)),
    ]
    found = kit.setup.add_list(kit.campaign_id, "mixed", people, kit.now, source="mixed.csv")
    assert (found.taken, found.refused_count) == (2, 3)
    assert [row for row, _ in found.refused] == [2, 3, 4]
    assert "write it as +44" in found.refused[1][1]
    with kit.database.reading() as connection:
        row = connection.execute(select(ListImportRow.__table__)).all()[-1]
        numbers = connection.scalar(select(func.count()).select_from(ContactNumberRow))
        assert audit.first_broken(connection) is None
    assert (row.source, row.rows_read, row.rows_taken) == ("mixed.csv", 5, 2)
    assert numbers == 5 + 3


def test_a_second_import_goes_into_the_same_list(kit: FloorKit) -> None:
    first = kit.setup.add_list(kit.campaign_id, "April", [person(50)], kit.now)
    second = kit.setup.add_list(kit.campaign_id, "April", [person(51)], kit.now)
    assert first.list_id == second.list_id
    with kit.database.reading() as connection:
        of_list = select(func.count()).where(ContactRow.list_id == first.list_id)
        assert connection.scalar(of_list) == 2


def test_more_people_than_one_statement_takes(kit: FloorKit) -> None:
    people = [person(n % 100) for n in range(4500)]
    assert kit.setup.add_list(kit.campaign_id, "long", people, kit.now).taken == 4500
    with kit.database.reading() as connection:
        rows = connection.execute(
            select(ContactRow.name, ContactNumberRow.e164)
            .join(ContactNumberRow, ContactNumberRow.contact_id == ContactRow.id)
            .order_by(ContactRow.id)
        ).all()[5:]
    assert all(row.e164.endswith(f"{int(row.name.split()[1]):02d}") for row in rows)
    assert len(rows) == 4500


def test_passwords_are_kept_as_hashes(kit: FloorKit) -> None:
    kit.setup.add_agent("Carl", kit.now, "correct horse")
    with kit.database.reading() as connection:
        stored = connection.scalar(select(AgentRow.password).where(AgentRow.name == "Carl"))
    assert stored is not None
    assert "horse" not in stored
    assert is_right("correct horse", stored)
    assert not is_right("correct  horse", stored)
    assert hash_password("a") != hash_password("a"), "each has a salt of its own"


def test_numbers_are_read_out_in_their_countrys_groups() -> None:
    assert number_parts("+442079460123") == ("+44", "20", "7946", "0123")
    assert number_parts("+447700900123") == ("+44", "7700", "900123")
    assert number_parts("nonsense") == ("nonsense",)


def test_the_store_needs_neither_qt_nor_sip() -> None:
    code = (
        "import sys, dialer_core.store.floor, dialer_core.store.seat, dialer_core.store.watch, "
        "dialer_core.store.setup, dialer_core.store.report, dialer_core.store.migration; "
        "print([m for m in sys.modules if m.startswith(('PySide6', 'pjsua2', 'sip', 'app'))])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert found.stdout.strip() == "[]"
