"""Lists taken in whole or not at all, and taken out again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Table, select, update

from dialer_core.engine.commands import LeaseRecords
from dialer_core.engine.events import RecordsLeased
from dialer_core.lists.people import ListedPerson, Rejected
from dialer_core.lists.sieve import ERASED, Counts, Duplicates
from dialer_core.model.errors import KnownError
from dialer_core.model.states import Outcome
from dialer_core.store import import_undo
from dialer_core.store.import_undo import ImportState, Undone
from dialer_core.store.importing import CHUNK, ImportDone, ImportOrder, ImportStore
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.schema import (
    AttemptRow,
    Base,
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    ListImportRow,
    RefusalRow,
)
from dialer_core.store.schema.base import ContactStatus, NumberStatus
from tests.store.floor_kit import FloorKit


def number(n: int) -> str:
    """Numbers of ranges for drama; those of the kit's people are below 6."""
    return f"+4420794{60_000 + n:05d}" if n >= 6 else f"+4416149600{n:02d}"


def listed(row: int, *numbers: int, name: str = "", **more: Any) -> ListedPerson:
    return ListedPerson(
        row,
        tuple((number(n), "Phone") for n in numbers),
        name or f"Row {row}",
        more.get("town", ""),
        more.get("details", ()),
        ("Europe/London",),
        "GB",
        cells=(name, *map(number, numbers)),
    )


class Office:
    """Imports into the kit's campaign."""

    def __init__(self, kit: FloorKit) -> None:
        self.kit = kit
        self.store = ImportStore(kit.database)
        self.rejected: list[Rejected] = []

    def order(self, **how: Any) -> ImportOrder:
        return ImportOrder(
            self.kit.campaign_id, how.pop("name", "April"), "april.csv", "GB", "utf-8", **how
        )

    def take_in(
        self, people: Sequence[ListedPerson | Rejected], *, stop_at: int = 0, **how: Any
    ) -> ImportDone:
        def goes_on(counts: Counts) -> bool:
            return not stop_at or counts.rows < stop_at

        return self.store.take_in(
            self.order(**how),
            people,
            self.kit.clock.now,
            reject=self.rejected.append,
            goes_on=goes_on,
        )

    def people(self, import_id: int) -> dict[str, tuple[ContactStatus, str]]:
        with self.kit.database.reading() as connection:
            rows = connection.execute(
                select(ContactRow.name, ContactRow.status, ContactRow.status_reason).where(
                    ContactRow.import_id == import_id
                )
            )
            return {row.name: (row.status, row.status_reason) for row in rows}

    def numbers_of(self, name: str) -> list[tuple[str, NumberStatus]]:
        with self.kit.database.reading() as connection:
            rows = connection.execute(
                select(ContactNumberRow.e164, ContactNumberRow.status)
                .join(ContactRow, ContactRow.id == ContactNumberRow.contact_id)
                .where(ContactRow.name == name)
                .order_by(ContactNumberRow.rank)
            )
            return [(row.e164, row.status) for row in rows]

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables, and when a row was changed.

        But not the log, which only grows, nor the settings, which keep numbers from coming twice.
        """

        def columns(table: Table) -> list[Column[Any]]:
            return [column for column in table.c if column.name != "changed_at"]

        with self.kit.database.reading() as connection:
            return {
                table.name: sorted(map(tuple, connection.execute(select(*columns(table)))), key=str)
                for table in Base.metadata.sorted_tables
                if table.name not in ("audit_log", "settings")
            }


@pytest.fixture
def office(kit: FloorKit) -> Iterator[Office]:
    made = Office(kit)
    yield made
    made.store.close()


FRESH = (ContactStatus.FRESH, "")


def test_people_come_in_free_and_those_on_dnc_held(office: Office) -> None:
    office.kit.setup.suppress(None, [number(20)], "asked", office.kit.now)
    office.kit.setup.suppress("Somebody else", [number(21)], "asked", office.kit.now)
    people = [listed(2, 10), listed(3, 11, 20), listed(4, 21), listed(5, 10)]
    done = office.take_in([*people, Rejected(6, ("x",), "row 6: no", "no")])
    assert office.people(done.import_id) == {
        "Row 2": FRESH,
        "Row 3": (ContactStatus.HELD, "SUPPRESSED"),
        "Row 4": FRESH,
    }
    assert [one.row for one in office.rejected] == [5, 6]
    (told,) = [one for one in office.store.imports() if one.import_id == done.import_id]
    assert (told.state, told.rows, told.taken, told.invalid) == (ImportState.DONE, 5, 3, 1)
    assert (told.duplicates, told.on_dnc, told.source) == (1, 1, "april.csv")


@pytest.mark.parametrize("duplicates", Duplicates)
def test_who_is_known_already(office: Office, duplicates: Duplicates) -> None:
    row = listed(2, 1, 30, name="Anna New", details=(("Contract", "to June"),))
    done = office.take_in([row], duplicates=duplicates)
    counts = done.counts
    assert counts.known_elsewhere == 1
    first = office.numbers_of("Person 1") or office.numbers_of("Anna New")
    if duplicates is Duplicates.SKIP:
        assert (counts.taken, counts.updated, len(office.rejected)) == (0, 0, 1)
        assert len(first) == 1
    elif duplicates is Duplicates.KEEP:
        assert (counts.taken, counts.updated, office.rejected) == (1, 0, [])
        assert office.people(done.import_id) == {"Anna New": FRESH}
    else:
        assert (counts.taken, counts.updated, office.rejected) == (0, 1, [])
        assert [e164 for e164, _ in office.numbers_of("Anna New")] == [number(1), number(30)]
        with office.kit.database.reading() as connection:
            details = connection.scalar(
                select(ContactRow.details).where(ContactRow.name == "Anna New")
            )
        assert details == [["Contract", "to June"], ["Since", "2019"]]


def test_a_number_of_somebody_else_is_not_given_to_the_known_person(office: Office) -> None:
    office.take_in([listed(2, 1, 2, 31)], duplicates=Duplicates.UPDATE)
    assert [e164 for e164, _ in office.numbers_of("Row 2")] == [number(1), number(31)]
    assert [e164 for e164, _ in office.numbers_of("Person 2")] == [number(2)]


def test_later_rows_of_the_same_person_update_the_first(office: Office) -> None:
    people = [listed(2, 10, name="A"), listed(3, 10, 11, name="B"), listed(4, 11, 12, name="C")]
    done = office.take_in(people, duplicates=Duplicates.UPDATE)
    assert office.people(done.import_id) == {"C": FRESH}
    assert [e164 for e164, _ in office.numbers_of("C")] == [number(n) for n in (10, 11, 12)]


def test_undo_takes_out_what_came_in_and_gives_back_what_was(office: Office) -> None:
    before = office.everything()
    rows = [listed(2, 1, 30, name="Anna"), listed(3, 40), listed(4, 1, 31, town="Leeds")]
    done = office.take_in(rows, duplicates=Duplicates.UPDATE)
    assert office.store.undo(done.import_id, office.kit.now) == Undone(1, 0, 1)
    after = office.everything()
    for table in ("contact_lists", "list_imports"):  # that there was an import stays on record
        after.pop(table)
        before.pop(table)
    assert after == before
    with pytest.raises(KnownError, match="undone already"):
        office.store.undo(done.import_id, office.kit.now)
    with pytest.raises(KnownError, match="no import 99"):
        office.store.undo(99, office.kit.now)


def test_undo_keeps_what_was_changed_since(office: Office) -> None:
    done = office.take_in([listed(2, 1, name="Anna", town="Leeds")], duplicates=Duplicates.UPDATE)
    with office.kit.database.writing() as connection:
        connection.execute(update(ContactRow).where(ContactRow.name == "Anna").values(town="Bath"))
    office.store.undo(done.import_id, office.kit.now)
    with office.kit.database.reading() as connection:
        row = connection.execute(
            select(ContactRow.name, ContactRow.town).where(ContactRow.name == "Person 1")
        ).one()
    assert row.town == "Bath"


def _called(kit: FloorKit) -> str:
    """Call whoever is next, to no answer; the name."""
    kit.take_lease()
    attempt = kit.dial(kit.log_in())
    kit.close_call(attempt, Outcome.NO_ANSWER, facts=kit.facts())
    with kit.database.reading() as connection:
        name = connection.scalar(
            select(ContactRow.name)
            .join(AttemptRow, AttemptRow.contact_id == ContactRow.id)
            .where(AttemptRow.id == attempt)
        )
    assert name is not None
    return name


def test_undo_closes_whom_somebody_has_called(office: Office) -> None:
    with office.kit.database.writing() as connection:
        connection.execute(update(ContactRow).values(status=ContactStatus.CLOSED))
    done = office.take_in([listed(2, 10), listed(3, 11)])
    name = _called(office.kit)
    assert office.store.undo(done.import_id, office.kit.now) == Undone(1, 1, 0)
    assert office.people(done.import_id) == {name: (ContactStatus.CLOSED, "UNDONE")}
    assert [status for _, status in office.numbers_of(name)] == [NumberStatus.RETIRED]
    # an outcome that comes later would set the contact's status again: nobody is offered it
    with office.kit.database.writing() as connection:
        connection.execute(
            update(ContactRow)
            .where(ContactRow.name == name)
            .values(status=ContactStatus.WAITING, next_at=None, status_reason="")
        )
    office.kit.clock.advance(86_400)
    (leased,) = office.kit.floor.apply([LeaseRecords(office.kit.campaign_id, 3)], office.kit.now)
    assert isinstance(leased, RecordsLeased)
    assert leased.records == ()


def test_undo_takes_out_whom_the_gate_refused(office: Office) -> None:
    with office.kit.database.writing() as connection:
        connection.execute(update(ContactRow).values(status=ContactStatus.CLOSED))
    done = office.take_in([listed(2, 10), listed(3, 11)])
    office.kit.take_lease()
    office.kit.clock.advance(12 * 3600)  # the evening: nobody may be called
    office.kit.load_registers()
    office.kit.floor.apply([LeaseRecords(office.kit.campaign_id, 5)], office.kit.now)
    with office.kit.database.reading() as connection:
        assert connection.scalars(select(RefusalRow.id)).all()
    assert office.store.undo(done.import_id, office.kit.now).removed == 2


def test_a_list_that_was_undone_can_come_in_again(office: Office) -> None:
    with office.kit.database.writing() as connection:
        connection.execute(update(ContactRow).values(status=ContactStatus.CLOSED))
    first = office.take_in([listed(2, 10)])
    _called(office.kit)
    office.store.undo(first.import_id, office.kit.now)
    again = office.take_in([listed(2, 10)])
    assert again.counts.known_elsewhere == 0
    assert office.people(again.import_id) == {"Row 2": FRESH}


@pytest.mark.parametrize("duplicates", Duplicates)
def test_giving_up_leaves_nothing(office: Office, duplicates: Duplicates) -> None:
    before = office.everything()
    people = [listed(n, n, name="Changed") for n in range(1, 3 * CHUNK)]
    done = office.take_in(people, stop_at=2 * CHUNK, duplicates=duplicates)
    assert done.is_given_up
    assert office.everything() == before


def test_a_list_that_breaks_leaves_nothing(office: Office) -> None:
    before = office.everything()

    def broken() -> Iterator[ListedPerson]:
        yield from (listed(n, n) for n in range(1, CHUNK + 5))
        raise KnownError("Row 505, column 1: a byte that is no text.")

    with pytest.raises(KnownError, match="Row 505"):
        office.store.take_in(
            office.order(duplicates=Duplicates.UPDATE),
            broken(),
            office.kit.clock.now,
            reject=office.rejected.append,
            goes_on=lambda _counts: True,
        )
    assert office.everything() == before


class Died(BaseException):
    """A process that ends between two instructions."""


def _dies(office: Office, people: Sequence[ListedPerson], **how: Any) -> None:
    """Take people in until the process dies: not even its clearing up is done."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ImportStore, "_give_up", lambda *_words: None)

        def goes_on(counts: Counts) -> bool:
            if counts.rows >= CHUNK:
                raise Died
            return True

        with pytest.raises(Died):
            office.store.take_in(
                office.order(**how),
                people,
                office.kit.clock.now,
                reject=office.rejected.append,
                goes_on=goes_on,
            )


MANY = [listed(n, n, name="Changed") for n in range(1, 2 * CHUNK)]


def test_nobody_is_dialled_from_half_a_list(office: Office) -> None:
    with office.kit.database.writing() as connection:
        connection.execute(update(ContactRow).values(status=ContactStatus.CLOSED))
    _dies(office, MANY, duplicates=Duplicates.KEEP)
    office.kit.take_lease()
    (leased,) = office.kit.floor.apply([LeaseRecords(office.kit.campaign_id, 5)], office.kit.now)
    assert isinstance(leased, RecordsLeased)
    assert leased.records == ()


@pytest.mark.parametrize("duplicates", Duplicates)
def test_what_a_dead_process_left_is_cleared(office: Office, duplicates: Duplicates) -> None:
    before = office.everything()
    _dies(office, MANY, duplicates=duplicates)
    assert office.everything() != before
    assert office.store.clear_dead(office.kit.now) == 0  # it may be alive still
    office.kit.clock.advance((import_undo.DEAD + timedelta(seconds=1)).total_seconds())
    assert office.store.clear_dead(office.kit.now) == 1
    assert office.everything() == before


def test_a_process_that_is_gone_for_certain_is_not_waited_for(office: Office) -> None:
    before = office.everything()
    _dies(office, MANY)
    knowing = ImportStore(office.kit.database, "pc:2:2", lambda holder: holder == "")
    assert knowing.clear_dead(office.kit.now) == 1
    knowing.close()
    assert office.everything() == before


def test_an_import_that_stood_still_does_not_go_on(office: Office) -> None:
    before = office.everything()
    other = ImportStore(office.kit.database)

    def goes_on(counts: Counts) -> bool:
        if counts.rows <= CHUNK:
            office.kit.clock.advance(60.0)
            assert other.clear_dead(office.kit.now) == 1
        return True

    with pytest.raises(KnownError, match="stood still"):
        office.store.take_in(
            office.order(), MANY, office.kit.clock.now,
            reject=office.rejected.append, goes_on=goes_on,
        )  # fmt: skip
    other.close()
    assert office.everything() == before


def test_a_sleeper_does_not_wake_up_in_another_import(office: Office) -> None:
    """Its number is not given out again, or its rows would land in the list that came after."""
    other = ImportStore(office.kit.database)
    made: list[ImportDone] = []

    def goes_on(counts: Counts) -> bool:
        if counts.rows <= CHUNK:
            office.kit.clock.advance(60.0)
            made.append(
                other.take_in(
                    office.order(name="May"), [listed(2, 30)], office.kit.clock.now,
                    reject=office.rejected.append, goes_on=lambda _counts: True,
                )
            )  # fmt: skip
        return True

    with pytest.raises(KnownError, match="stood still"):
        office.store.take_in(
            office.order(), MANY, office.kit.clock.now,
            reject=office.rejected.append, goes_on=goes_on,
        )  # fmt: skip
    other.close()
    assert office.people(made[0].import_id) == {"Row 2": FRESH}
    assert [one.import_id for one in office.store.imports() if one.list_name != "March"] == [
        made[0].import_id
    ]


@pytest.mark.parametrize(
    ("state", "held", "left"),
    [(ImportState.FREEING, True, FRESH), (ImportState.UNDOING, False, None)],
)
def test_freeing_and_undoing_go_on_where_they_ended(
    office: Office, state: ImportState, held: bool, left: tuple[ContactStatus, str] | None
) -> None:
    done = office.take_in([listed(2, 10)])
    with office.kit.database.writing() as connection:
        connection.execute(
            update(ListImportRow).where(ListImportRow.id == done.import_id).values(state=state)
        )
        if held:
            connection.execute(
                update(ContactRow)
                .where(ContactRow.import_id == done.import_id)
                .values(status=ContactStatus.HELD, status_reason=import_undo.IMPORTING)
            )
    office.kit.clock.advance(60.0)
    assert office.store.clear_dead(office.kit.now) == 1
    assert office.people(done.import_id) == ({} if left is None else {"Row 2": left})


def test_two_imports_into_one_list(office: Office) -> None:
    other = ImportStore(office.kit.database)
    seen: list[int] = []

    def goes_on(counts: Counts) -> bool:
        if not seen:
            seen.append(counts.rows)
            theirs = [listed(n, n + 5000, name="Theirs") for n in range(1, 10)]
            other.take_in(
                office.order(), theirs, office.kit.clock.now,
                reject=office.rejected.append, goes_on=lambda _counts: True,
            )  # fmt: skip
            return False
        return True

    done = office.store.take_in(
        office.order(), MANY, office.kit.clock.now, reject=office.rejected.append, goes_on=goes_on
    )
    other.close()
    assert done.is_given_up
    with office.kit.database.reading() as connection:
        lists = connection.scalars(select(ContactListRow.name)).all()
        names = connection.scalars(select(ContactRow.name).where(ContactRow.name == "Theirs")).all()
    assert sorted(lists) == ["April", "March"]  # the other's list stays
    assert len(names) == 9


def test_counting_writes_nothing(office: Office) -> None:
    before = office.everything()
    people = [listed(2, 1), listed(3, 10), listed(4, 10)]
    done = office.store.count(
        "Campaign preview", "Rosewood Windows", people, Duplicates.SKIP,
        reject=office.rejected.append, goes_on=lambda _counts: True,
    )  # fmt: skip
    counts = done.counts
    assert (counts.rows, counts.taken, counts.known_elsewhere) == (3, 1, 1)
    assert office.everything() == before


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lists=st.lists(
        st.tuples(
            st.lists(st.lists(st.integers(1, 25), min_size=1, max_size=3), max_size=12),
            st.sampled_from(Duplicates),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_undone_in_the_reverse_order_all_is_as_before(
    office: Office, lists: list[tuple[list[list[int]], Duplicates]]
) -> None:
    before = office.everything()
    made = []
    for at, (rows, duplicates) in enumerate(lists):
        people = [listed(row, *numbers, name=f"{at}/{row}") for row, numbers in enumerate(rows, 2)]
        made.append(office.take_in(people, duplicates=duplicates, name="Property").import_id)
    for import_id in reversed(made):
        office.store.undo(import_id, office.kit.now)
    after = office.everything()
    for table in ("contact_lists", "list_imports"):
        after.pop(table)
        before.pop(table)
    assert after == before


@pytest.mark.parametrize("duplicates", Duplicates)
def test_who_was_erased_is_turned_away_at_the_door_without_a_trace(
    office: Office, duplicates: Duplicates
) -> None:
    """A row with one number of an erased person stores nothing, not even among the rejected."""
    office.take_in([listed(2, 20, 21, name="Bo Fenn"), listed(3, 22, name="Cy Marsh")])
    privacy = PrivacyStore(office.kit.database)
    privacy.erase(office.kit.now, number=number(20), reason="a letter of 3 March")
    privacy.close()
    again = [
        listed(2, 30, 21, name="Bo Fenn"),
        listed(3, 31, name="Dee Kay"),
        listed(4, 20, name="Bo Fenn"),
    ]
    done = office.take_in(again, name="May", duplicates=duplicates)
    assert office.people(done.import_id) == {"Dee Kay": FRESH}
    assert [(one.row, one.cells, one.why) for one in office.rejected] == [
        (2, (), ERASED),
        (4, (), ERASED),
    ]
    assert office.rejected[0].reason.startswith("row 2: this person was erased at their wish")
    assert done.counts.reasons == {ERASED: 2}
    assert office.numbers_of("Bo Fenn") == []


def test_who_is_erased_while_their_list_comes_in_is_turned_away(office: Office) -> None:
    office.take_in([listed(2, 20, name="Bo Fenn")])
    privacy = PrivacyStore(office.kit.database)

    def coming() -> Iterator[ListedPerson]:
        for at in range(CHUNK):
            yield listed(at + 2, 40 + at, name=f"Somebody {at}")
        privacy.erase(office.kit.now, number=number(20))
        yield listed(CHUNK + 2, 20, name="Bo Fenn")

    done = office.store.take_in(
        office.order(name="May"),
        coming(),
        office.kit.clock.now,
        reject=office.rejected.append,
        goes_on=lambda _counts: True,
    )
    privacy.close()
    assert [one.why for one in office.rejected] == [ERASED]
    assert done.counts.taken == CHUNK
    assert office.numbers_of("Bo Fenn") == []
