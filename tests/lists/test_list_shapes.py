"""Titles above the header, separators that are told, ragged ends: lists as programs write them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from dialer_core.lists.columns import Kind, Mapping, asked, guess
from dialer_core.lists.opening import open_list
from dialer_core.lists.table import ListError, Table


def said(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def understood(table: Table) -> tuple[Mapping, list[tuple[str, ...]]]:
    head = list(islice(table.rows, 200))
    mapping = guess(table.header, head, "GB", has_header=table.has_header)
    return mapping, [row.cells for row in [*head, *table.rows]]


def test_a_header_two_rows_down(tmp_path: Path) -> None:
    text = (
        "Export of 3 March 2026,,\r\n,,\r\nAll our customers,,\r\n"
        "Name,Phone,Town\r\nAnna,01614960001,Leeds\r\n"
    )
    table = open_list(said(tmp_path / "a.csv", text), "GB")
    assert table.header == ("Name", "Phone", "Town")
    assert [row.number for row in table.rows] == [5]


def test_sep_in_the_first_line(tmp_path: Path) -> None:
    text = "sep=;\r\nName;Phone\r\nSmith, Anna;01614960001\r\nBrown, Ben;01614960002\r\n"
    table = open_list(said(tmp_path / "a.csv", text), "GB")
    assert (table.separator, table.header) == (";", ("Name", "Phone"))
    assert [row.cells[0] for row in table.rows] == ["Smith, Anna", "Brown, Ben"]


def test_one_column_without_a_header(tmp_path: Path) -> None:
    table = open_list(said(tmp_path / "a.txt", "01614960001\n01614960002\n"), "GB")
    mapping, rows = understood(table)
    assert not table.has_header
    assert mapping.kinds == (Kind.PHONE,)
    assert rows == [("01614960001",), ("01614960002",)]


def test_one_column_whose_name_has_a_figure(tmp_path: Path) -> None:
    table = open_list(said(tmp_path / "a.txt", "Nr 1\n01614960001\n01614960002\n"), "GB")
    assert table.has_header
    assert table.header == ("Nr 1",)


def test_a_list_without_a_header_has_names_and_notes(tmp_path: Path) -> None:
    text = "Anna,01614960001\nBen,01614960002,likes mornings\nCleo,01614960003\n"
    table = open_list(said(tmp_path / "a.csv", text), "GB")
    mapping, rows = understood(table)
    assert mapping.kinds == (Kind.NAME, Kind.PHONE, Kind.DETAIL)
    assert rows[1] == ("Ben", "01614960002", "likes mornings")


def test_a_person_can_say_that_there_is_no_header(tmp_path: Path) -> None:
    path = said(tmp_path / "a.csv", "Anna,n/a\nBen,01614960002\n")
    assert open_list(path, "GB").has_header
    table = open_list(path, "GB", has_header=False)
    assert [row.cells[0] for row in table.rows] == ["Anna", "Ben"]


def test_the_same_name_twice_and_empty_columns_at_the_end(tmp_path: Path) -> None:
    text = "Phone,Phone,,Phone B,,\nx,01614960001,note,02079460001,,\ny,01614960002,,,,\n"
    table = open_list(said(tmp_path / "a.csv", text), "GB")
    assert table.header == ("Phone", "Phone B'", "C", "Phone B")
    assert len(set(table.header)) == 4


def test_line_ends_of_three_systems_in_one_file(tmp_path: Path) -> None:
    text = "Name,Phone\r\nAnna,01614960001\nBen,01614960002\rCleo,01614960003\r\n\r\n"
    table = open_list(said(tmp_path / "a.csv", text), "GB")
    assert [row.cells[0] for row in table.rows] == ["Anna", "Ben", "Cleo"]


def test_numbers_in_a_column_that_is_called_name(tmp_path: Path) -> None:
    text = "Name,Town\n01614960001,Leeds\n01614960002,Bath\n"
    mapping, _ = understood(open_list(said(tmp_path / "a.csv", text), "GB"))
    assert mapping.kinds == (Kind.PHONE, Kind.TOWN)


def test_columns_go_by_their_letter_too() -> None:
    mapping = asked(("Phone", "Phone B"), ["phone=b"], None)
    assert mapping.phones == (1,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('Name,Phone\n"Anna "Annie" Smith",01614960001\n', "Row 2, about column 1"),
        ("Name,Phone\n" + "x" * 200_000 + ",01614960001\n", "Row 2, column 1: a cell is longer"),
        ('Name,Phone\nAnna,"' + "1" * 200_000, "Row 2, column 2: a quotation mark is opened"),
        ("Name,Phone\n" + "," * 600 + "x\n", "more than 512 columns"),
    ],
)
def test_rows_that_cannot_be_read(tmp_path: Path, text: str, words: str) -> None:
    table_or_error = ""
    try:
        list(open_list(said(tmp_path / "a.csv", text), "GB").rows)
    except ListError as error:
        table_or_error = error.sentence
    assert words in table_or_error


def test_a_line_without_an_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"Name,Phone\n")
        file.truncate(1 << 30)  # a gigabyte of nothing, which the disk does not hold either
        file.seek(11)
        file.write(b"x" * 3_000_000)
    with pytest.raises(ListError):
        list(open_list(path, "GB", encoding="utf-8", separator=",").rows)


def test_many_empty_columns_are_no_trouble(tmp_path: Path) -> None:
    text = "Name,Phone" + "," * 700 + "\nAnna,01614960001" + "," * 700 + "\n"
    table = open_list(said(tmp_path / "a.csv", text), "GB")
    assert table.header == ("Name", "Phone")
