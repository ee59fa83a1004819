"""Lists open as they come, or one sentence says where they break."""

from __future__ import annotations

import codecs
import random
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer_core.lists.columns import Kind, asked, guess
from dialer_core.lists.opening import open_list
from dialer_core.lists.people import ListedPerson, Rejected, people_of
from dialer_core.lists.rejects import rejects_text
from dialer_core.lists.table import ListError
from tests.lists.made_lists import write_csv, write_xlsx

PEOPLE = [
    ["Name", "Phone", "Town"],
    ["Zoë Brontë", "0161 496 0001", "Leeds"],
    ["Siân O'Neill", "+44 161 496 0002", "Bath"],
    ["Łukasz", "01614960003", "Forlì"],
]


def opened(path: Path, region: str = "GB") -> tuple[list[ListedPerson | Rejected], str, str]:
    table = open_list(path, region)
    head = list(islice(table.rows, 200))
    mapping = guess(table.header, head, region)
    people = [*people_of([*head, *table.rows], mapping, region)]
    return people, table.encoding, table.separator


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_with_any_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    path = write_csv(tmp_path / "a.csv", PEOPLE, encoding=encoding, separator=separator)
    people, _, found = opened(path)
    assert found == separator
    assert [p.name for p in people if isinstance(p, ListedPerson)] == [r[0] for r in PEOPLE[1:]]


@pytest.mark.parametrize(
    ("region", "encoding", "name", "number"),
    [
        ("IT", "cp1252", "Niccolò Forlì", "347 5551234"),
        ("PL", "cp1250", "Żaneta Święcicka", "601 234 567"),
        ("RU", "cp1251", "Щербаков Пётр", "8 (495) 234-56-78"),
    ],
)
def test_code_pages_by_region(
    tmp_path: Path, region: str, encoding: str, name: str, number: str
) -> None:
    rows = [["Name", "Telefon"], *[[name, number]] * 30]
    people, found, _ = opened(write_csv(tmp_path / "a.csv", rows, encoding=encoding), region)
    assert found == encoding
    first = people[0]
    assert isinstance(first, ListedPerson)
    assert first.name == name


def test_a_workbook_keeps_figures_as_numbers(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Company", "Switchboard"],
        ["Acme", 1614960001],
        ["Brontë", "0161 496 0002"],
    ]
    people, encoding, _ = opened(write_xlsx(tmp_path / "named.csv", rows))
    assert encoding == "xlsx"
    numbers = [p.numbers[0][0] for p in people if isinstance(p, ListedPerson)]
    assert numbers == ["+441614960001", "+441614960002"]


def test_a_list_without_a_header_is_a_list(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["Anna", "01614960001"], ["Ben", "01614960002"]])
    table = open_list(path, "GB")
    assert table.header == ("A", "B")
    assert [row.number for row in table.rows] == [1, 2]


def test_several_numbers_of_a_person_keep_their_order(tmp_path: Path) -> None:
    rows = [
        ["Name", "Home Phone", "Mobile", "Fax"],
        ["Anna", "01614960001", "02079460002", "01614960009"],
        ["Ben", "n/a", "02079460003", ""],
    ]
    people, _, _ = opened(write_csv(tmp_path / "a.csv", rows))
    assert [p.numbers for p in people if isinstance(p, ListedPerson)] == [
        (("+441614960001", "Home Phone"), ("+442079460002", "Mobile")),
        (("+442079460003", "Mobile"),),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b" \r\n \r\n", "empty"),
        (b"Name,Phone\r\n", "Row 2, column 1"),
        (b"Name,Town\r\nAnna,Leeds\r\n", "Row 1, columns 1 to 2"),
        (b"Name,Phone\r\nAn\x00na,01614960001\r\n", "Row 2, column 1"),
        (b'Name,Phone\r\n"Anna,01614960001\r\nBen,01614960002\r\n', "Row 2, column 1"),
        (b'Name,Phone\r\nAnna,01614960001\r\nBen,"0161\r\n', "Row 3, column 2"),
        (random.Random(1).randbytes(4096), "Row 1, column 1"),
        (b"PK\x03\x04" + bytes(100), "Row 1, column 1"),
    ],
)
def test_broken_lists_say_where(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(ListError) as caught:
        opened(path)
    assert sentence in caught.value.sentence
    assert caught.value.sentence.endswith(".")


def test_a_ragged_row_is_told_and_the_good_one_lands(tmp_path: Path) -> None:
    path = tmp_path / "ragged.csv"
    path.write_bytes(b"Name,Phone,Town\r\nAnna,01614960001\r\nBen,01614960002,Leeds,extra\r\n")
    people, _, _ = opened(path)
    assert isinstance(people[0], ListedPerson)
    assert isinstance(people[1], Rejected)
    assert "row 3, column 4" in people[1].reason
    text = rejects_text(("Name", "Phone", "Town"), [people[1]])
    assert text.splitlines()[0].endswith("Why not taken")
    assert "extra" in text.splitlines()[1]


def test_formulas_do_not_come_back_as_formulas() -> None:
    row = Rejected(2, ("=cmd|' /C calc'!A0", "+441614960001", "-"), "no")
    line = rejects_text(("A", "B", "C"), [row]).splitlines()[1]
    assert line.startswith("'=cmd")
    assert ",+441614960001," in line


def test_what_a_person_says_of_the_columns_counts() -> None:
    header = ("A", "Home", "Work")
    mapping = asked(header, ["phone=Work", "phone=home", "name=A"], None)
    assert mapping.phones == (2, 1)
    assert mapping.kinds == (Kind.NAME, Kind.PHONE, Kind.PHONE)
    for wrong in (["phone=Nothing"], ["colour=A"], ["phone"]):
        with pytest.raises(ListError):
            asked(header, wrong, None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(content=st.binary(max_size=600))
def test_any_bytes_are_a_list_or_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    sentence = ""
    people: list[ListedPerson | Rejected] = []
    try:
        people, _, _ = opened(path)
    except ListError as error:
        sentence = error.sentence
    assert people or sentence.endswith(".")


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(cells=st.lists(TEXT, min_size=1, max_size=6), number=st.integers(0, 999))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
def test_a_good_number_lands_whatever_stands_beside_it(
    tmp_path: Path, cells: list[str], number: int
) -> None:
    rows = [
        [*(f"c{i}" for i in range(len(cells))), "Phone"],
        *[[*cells, f"01614960{number:03d}"]] * 3,
    ]
    people, _, _ = opened(write_csv(tmp_path / "one.csv", rows))
    assert all(isinstance(person, ListedPerson) for person in people)


def test_a_byte_order_mark_decides(tmp_path: Path) -> None:
    path = tmp_path / "bom.csv"
    path.write_bytes(codecs.BOM_UTF8 + "Name,Phone\nZoë,01614960001\n".encode())
    _, encoding, _ = opened(path)
    assert encoding == "utf-8-sig"
