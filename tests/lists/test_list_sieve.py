"""Duplicates within a list and against what is known; and what is written back."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.lists.people import ListedPerson, Rejected
from dialer_core.lists.rejects import rejects_text
from dialer_core.lists.sieve import KNOWN, TWICE, Duplicates, Sieve


def listed(row: int, *numbers: str) -> ListedPerson:
    return ListedPerson(row, tuple((one, "Phone") for one in numbers), "A", "", (), (), "GB")


def sieve(duplicates: Duplicates, known: dict[str, int], dnc: set[str]) -> Sieve:
    return Sieve(
        duplicates,
        str.encode,
        lambda one: known.get(one.decode()),
        lambda one: one.decode() in dnc,
    )


PEOPLE: list[ListedPerson | Rejected] = [
    listed(2, "+1", "+2"),
    listed(3, "+3"),
    listed(4, "+2", "+4"),  # the second number of row 2
    listed(5, "+4"),  # the number that row 4 brought: the same person again
    listed(6, "+9"),  # known
    listed(7, "+8"),  # on do-not-call
    Rejected(8, ("x",), "row 8, column Phone: too short", "too short"),
]


@pytest.mark.parametrize("duplicates", Duplicates)
def test_what_becomes_of_each(duplicates: Duplicates) -> None:
    sifting = sieve(duplicates, {"+9": 77}, {"+8"})
    found = sifting.sort_out(PEOPLE)
    counts = sifting.counts
    assert (counts.rows, counts.distinct_valid, counts.duplicate_rows) == (7, 4, 2)
    assert (counts.invalid_rows, counts.known_elsewhere, counts.contacts_on_dnc) == (1, 1, 1)
    assert [one.row for one in found.held] == [7]
    new = [one.row for one in found.new]
    if duplicates is Duplicates.KEEP:
        assert new == [2, 3, 4, 5, 6]
        assert counts.reasons == {"too short": 1}
    else:
        assert new == [2, 3]
    if duplicates is Duplicates.SKIP:
        assert counts.reasons == {TWICE: 2, KNOWN: 1, "too short": 1}
        assert found.turned_away[0].reason == "the number stands in row 2 already"
    if duplicates is Duplicates.UPDATE:
        assert [(row, one.row) for row, one in found.again] == [(2, 4), (2, 5)]
        assert [(who, one.row) for who, one in found.updates] == [(77, 6)]


@given(
    rows=st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=3), max_size=60),
    duplicates=st.sampled_from(Duplicates),
    cut=st.integers(1, 60),
)
def test_every_row_is_counted_once_however_it_is_cut(
    rows: list[list[int]], duplicates: Duplicates, cut: int
) -> None:
    people = [listed(at, *map(str, numbers)) for at, numbers in enumerate(rows, 2)]
    whole = sieve(duplicates, {"3": 1, "4": 2}, {"5"})
    whole.sort_out(people)
    parts = sieve(duplicates, {"3": 1, "4": 2}, {"5"})
    for start in range(0, len(people), cut):
        parts.sort_out(people[start : start + cut])
    counts = whole.counts
    assert parts.counts == counts
    assert counts.distinct_valid + counts.duplicate_rows == counts.rows == len(rows)
    if duplicates is Duplicates.UPDATE:
        assert counts.taken + counts.updated + counts.duplicate_rows == counts.rows
    elif duplicates is Duplicates.SKIP:
        assert counts.taken + counts.reasons.total() == counts.rows


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(
    header=st.lists(TEXT, min_size=1, max_size=4),
    cells=st.lists(TEXT, min_size=1, max_size=6),
    separator=st.sampled_from([",", ";", "\t", "|"]),
)
def test_the_file_of_rejected_rows_says_the_same_again(
    header: list[str], cells: list[str], separator: str
) -> None:
    text = rejects_text(header, [Rejected(2, tuple(cells), "row 2: no")], separator)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    assert [len(row) for row in rows] == [len(header) + 1] * 2
    assert rows[1][-1].startswith("row 2: no")
    for back, cell in zip(rows[1], cells[: len(header)], strict=False):
        assert back in (cell, f"'{cell}")


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1", "|calc"]
)
def test_nothing_runs_in_a_spreadsheet(cell: str) -> None:
    for text in (
        rejects_text(("A",), [Rejected(2, (cell,), "no")]),
        rejects_text((cell,), [Rejected(2, ("x",), "no")]),
    ):
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert not any(
            one.startswith(("=", "+", "-", "@", "\t", "\r", "|")) for row in rows for one in row
        )


def test_a_number_stays_a_number() -> None:
    text = rejects_text(("A", "B"), [Rejected(2, ("+44 161 496 0001", "-"), "no")])
    assert text.splitlines()[1] == "+44 161 496 0001,-,no"
