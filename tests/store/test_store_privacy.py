"""A person's rights: everything is exported, everything is erased, the statistics stay."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select

from app.lists.person_file import as_page, write_person
from dialer_core.model.errors import KnownError
from dialer_core.store import audit, counts
from dialer_core.store.files import Fate, FileKind, strike_out
from dialer_core.store.penetration import by_list
from dialer_core.store.privacy import PrivacyStore, Receipt
from dialer_core.store.schema import (
    AttemptRow,
    AuditRow,
    Base,
    ContactNumberRow,
    ContactRow,
    ErasureRow,
    SuppressionRow,
    WrittenFileRow,
)
from dialer_core.store.schema.base import ContactStatus
from tests.store.floor_kit import FloorKit, person
from tests.store.law_kit import CONTACT, NAME, NOTE, NUMBER, SECOND, TOWN, Traces, leave_traces

SECTIONS = {
    "records", "numbers", "imports", "changes by imports", "calls", "reviews of machines",
    "recordings", "results for other programs", "call-backs told to programs",
    "pauses of recordings", "third parties", "listenings", "refusals", "lock-outs", "do not call",
    "national registers", "experiments", "what windows asked for", "audit log", "files",
}  # fmt: skip
# Tables with a column that could lead to a person, and the section that tells it.
TOLD_IN = {
    "contacts": "records", "contact_numbers": "numbers", "attempts": "calls",
    "list_import_changes": "changes by imports", "list_imports": "imports",
    "recordings": "recordings", "recording_pauses": "pauses of recordings",
    "third_parties": "third parties", "supervisions": "listenings", "refusals": "refusals",
    "lockouts": "lock-outs", "suppressions": "do not call",
    "registry_entries": "national registers", "experiment_exposures": "experiments",
    "agent_events": "what windows asked for", "written_files": "files", "erasures": "audit log",
    "sessions": "calls",  # whose call an agent has in hand just now
    "machine_reviews": "reviews of machines", "results": "results for other programs",
    "told_call_backs": "call-backs told to programs",
    "call_qualities": "calls",  # of open calls alone, and of their sound
}  # fmt: skip
LEADS_TO_PEOPLE = {
    "contact_id", "contact_ids", "attempt_id", "number_hash", "number_hashes", "recording_id",
    "number_id",
}  # fmt: skip


@pytest.fixture
def traces(kit: FloorKit, tmp_path: Path) -> Traces:
    return leave_traces(kit, tmp_path)


def erase(kit: FloorKit, number: str = NUMBER) -> Receipt:
    store = PrivacyStore(kit.database)
    try:
        return store.erase(kit.now, number=number, who="Anna")
    finally:
        store.close()


def test_every_table_that_leads_to_a_person_is_part_of_the_export() -> None:
    leading = {
        table.name
        for table in Base.metadata.sorted_tables
        if LEADS_TO_PEOPLE & {column.name for column in table.columns}
    }
    assert leading <= set(TOLD_IN), "a new table with people's data: export and erase it, too"
    assert set(TOLD_IN.values()) <= SECTIONS


def test_the_export_holds_everything(kit: FloorKit, traces: Traces, tmp_path: Path) -> None:
    store = PrivacyStore(kit.database)
    store.export(kit.now, number=NUMBER)
    found = store.export(kit.now, number=SECOND)  # which tells of the first one as well
    store.close()
    assert set(found.sections) == SECTIONS
    empty = {section for section, rows in found.sections.items() if not rows}
    assert empty == {"lock-outs", "do not call"}
    assert found.sections["records"][0]["campaign"] == "Campaign preview"
    assert found.sections["experiments"][0]["value"] in ("Hello", "Hi")
    whole = json.dumps(found.sections)
    for word in (NAME, TOWN, NOTE, NUMBER, SECOND, "axolotl", "REF-4711", "Anna of preview"):
        assert word in whole
    assert "number_hash" not in whole
    page = as_page(found)
    assert NOTE in page
    assert "<script" not in page

    to = tmp_path / "out.zip"
    assert write_person(found, to) == []
    with zipfile.ZipFile(to) as packed:
        assert set(packed.namelist()) == {
            "person.json", "person.html", f"recordings/{traces.sound.name}",
        }  # fmt: skip
        assert NAME in packed.read("person.json").decode()
    assert to.stat().st_mode & 0o077 == 0


def test_a_page_escapes_what_people_are_called(kit: FloorKit) -> None:
    kit.setup.add_list(kit.campaign_id, "Odd", [person(40)], kit.now)
    store = PrivacyStore(kit.database)
    found = store.export(kit.now, number="+441614960040")
    store.close()
    found.sections["records"][0]["name"] = "<b>Bob</b>"
    assert "&lt;b&gt;Bob" in as_page(found)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_nothing_of_the_person_is_left_in_the_file_of_the_database(
    kit: FloorKit, traces: Traces, database_path: Path
) -> None:
    words = [word.encode() for word in (NAME, TOWN, NOTE, NUMBER, SECOND, "axolotl", "REF-4711")]
    whole = [path.read_bytes() for path in database_path.parent.glob("floor.db*")]
    assert all(any(word in part for part in whole) for word in words), "the test can fail"
    receipt = erase(kit)
    kit.close()  # whoever reads keeps old pages in the journal
    whole = [path.read_bytes() for path in database_path.parent.glob("floor.db*")]
    assert [word for word in words if any(word in part for part in whole)] == []
    assert receipt.is_finished


def test_the_receipt_says_what_went_where(kit: FloorKit, traces: Traces) -> None:
    receipt = erase(kit)
    assert receipt.records == 1
    assert set(receipt.tables) == {
        "recordings", "recording_pauses", "attempts", "third_parties", "agent_events", "contacts",
        "contact_numbers", "list_import_changes", "suppressions", "told_call_backs",
    }  # fmt: skip
    assert receipt.tables["contact_numbers"] == 2
    fates = {(kind, name): fate for kind, name, fate in receipt.files}
    assert fates == {
        ("recording", traces.sound.name): Fate.REMOVED,
        ("export", "person.zip"): Fate.REMOVED,
        ("rejects", "list-rejected.csv"): Fate.STRUCK,
    }
    assert not traces.sound.exists()
    assert not traces.export.exists()
    kept = traces.rejects.read_text(encoding="utf-8-sig")
    assert NAME not in kept
    assert "Anna" in kept
    assert NAME not in json.dumps(receipt.tables) + str(receipt)
    with kit.database.reading() as connection:
        last = connection.execute(
            select(AuditRow.__table__).where(AuditRow.what == "person erased")
        ).one()
        assert last.hash.hex() == receipt.audit_hash
        assert last.detail["tables"] == receipt.tables
        assert audit.first_broken(connection) is None
        removed = connection.scalars(
            select(WrittenFileRow.path).where(WrittenFileRow.removed_at.is_not(None))
        ).all()
    assert removed == [str(traces.export)]


def test_the_statistics_stay_as_they_were(kit: FloorKit, traces: Traces) -> None:
    def figures() -> list[object]:
        with kit.database.reading() as connection:
            day = counts.read(connection, kit.campaign_id, kit.now.utc.date())
            of_list = by_list(connection, kit.campaign_id)[0].counts
            calls = connection.execute(
                select(
                    AttemptRow.outcome, AttemptRow.formula_class, AttemptRow.disposition_code,
                    AttemptRow.agent_id, AttemptRow.bridged_at, AttemptRow.ended_at,
                )
            ).all()  # fmt: skip
        tried = (of_list.records, of_list.attempted, of_list.attempts)
        return [day, tried, of_list.numbers, of_list.numbers_attempted, calls]

    before = figures()
    erase(kit)
    assert figures() == before


def test_the_erased_are_closed_suppressed_and_nobody(kit: FloorKit, traces: Traces) -> None:
    kit.setup.add_list(kit.campaign_id, "Neighbour", [person(77)], kit.now)  # shares a telephone
    store = PrivacyStore(kit.database)
    with pytest.raises(KnownError, match="several names"):
        store.erase(kit.now, number=NUMBER)
    receipt = store.erase(kit.now, contact_id=CONTACT)
    assert receipt.shared_with == 1
    with pytest.raises(KnownError, match="no record 1"):
        store.erase(kit.now, contact_id=CONTACT)
    store.close()
    with kit.database.reading() as connection:
        row = connection.execute(select(ContactRow.__table__).where(ContactRow.id == CONTACT)).one()
        assert (row.name, row.details, row.status) == ("", [], ContactStatus.CLOSED)
        hashes = set(connection.scalars(select(SuppressionRow.number_hash)))
        assert len(hashes) == 2
        own = connection.scalars(
            select(ContactNumberRow.number_hash).where(ContactNumberRow.contact_id == CONTACT)
        ).all()
        calls = connection.scalars(
            select(AttemptRow.number_hash).where(AttemptRow.contact_id == CONTACT)
        ).all()
        neighbour = connection.scalars(
            select(ContactNumberRow.number_hash).where(ContactNumberRow.e164 == NUMBER)
        ).all()
    assert not hashes & {*own, *calls}, "no call leads back to the number"
    assert set(neighbour) <= hashes
    kit.clock.advance(3600)
    kit.floor.renew(kit.now)
    assert NUMBER not in {record.number for record in kit.lease(50)}


def test_who_is_on_the_phone_is_not_erased(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    kit.dial(session)
    store = PrivacyStore(kit.database)
    with pytest.raises(KnownError, match="on the phone"):
        store.erase(kit.now, number="+441614960001")
    store.close()
    with kit.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(SuppressionRow)) == 0
        assert connection.scalar(select(func.count()).select_from(ErasureRow)) == 0


def test_records_of_one_person_in_two_campaigns_go_together(kit: FloorKit) -> None:
    kit.setup.add_list(kit.campaign_id, "Second", [person(1, more=(61,)), person(61)], kit.now)
    store = PrivacyStore(kit.database)
    found = store.export(kit.now, number="+441614960001")
    store.close()
    assert found.person.contact_ids == (1, 6), "Person 61 has the second telephone, not the name"
    with pytest.raises(KnownError, match="No record"):
        erase(kit, "+441614960099")


def test_a_file_in_use_is_tried_again(kit: FloorKit, traces: Traces) -> None:
    traces.sound.unlink()
    traces.sound.mkdir()  # nothing that can be unlinked
    receipt = erase(kit)
    assert not receipt.is_finished
    assert ("recording", traces.sound.name, "could not be changed") in receipt.files
    traces.sound.rmdir()
    traces.sound.write_bytes(b"RIFF")
    store = PrivacyStore(kit.database)
    (again,) = store.finish_erasures(kit.now)
    assert again.is_finished
    assert store.finish_erasures(kit.now) == []
    store.close()
    assert not traces.sound.exists()


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_backups_beside_the_database_are_named(
    kit: FloorKit, traces: Traces, database_path: Path
) -> None:
    database_path.with_name("floor.db.backup-0005").write_bytes(b"old")
    assert any("floor.db.backup-0005" in sentence for sentence in erase(kit).stays)


def test_rows_are_struck_out_of_a_file_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('a,"b, c"\r\nx,y\r\n', encoding="utf-8-sig", newline="")
    assert strike_out(path, lambda cell: cell == "nobody") is Fate.CLEAN
    assert strike_out(path, lambda cell: cell == "y") is Fate.STRUCK
    assert path.read_text(encoding="utf-8-sig") == 'a,"b, c"\n'
    path.write_text("Nome;Tel;Perché\r\nRosa;06 1;una, due\r\nUgo;06 2;x\r\n", encoding="utf-8-sig")
    assert strike_out(path, lambda cell: cell == "06 2") is Fate.STRUCK
    assert path.read_text(encoding="utf-8-sig").splitlines()[-1] == "Rosa;06 1;una, due"
    assert strike_out(tmp_path / "none.csv", lambda _cell: True) is Fate.ABSENT
    path.write_bytes(b"\xff\xfe\x00")
    assert strike_out(path, lambda _cell: True) is Fate.STAYS


def test_reprs_hold_no_hashes(kit: FloorKit) -> None:
    store = PrivacyStore(kit.database)
    store.note_file(FileKind.LIST, Path("x.csv"), kit.now)
    found = store.export(kit.now, number="+441614960001")
    store.close()
    assert repr(found.person) == "Person(contact_ids=(1,))"
    assert isinstance(Base.metadata.tables["erasures"], Table)
