"""Workbooks: the right sheet, what a person sees in it, and what is no workbook."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from dialer_core.lists import sheet_file
from dialer_core.lists.opening import open_list
from dialer_core.lists.table import ListError, Table
from tests.lists.made_lists import write_xlsx

HEADER = ["Name", "Phone", "Since"]


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def test_the_sheet_with_numbers_is_the_list(tmp_path: Path) -> None:
    book = Workbook()
    cover = book.active
    assert cover is not None
    cover.append(["How to use this list"])
    hidden = book.create_sheet("old")
    hidden.append(HEADER)
    hidden.append(["Gone", "01614960009", ""])
    hidden.sheet_state = "hidden"
    people = book.create_sheet("people")
    people.append(HEADER)
    people.append(["Anna", "01614960001", dt.date(2026, 3, 1)])
    book.save(tmp_path / "a.xlsx")
    table = open_list(tmp_path / "a.xlsx", "GB")
    assert (table.sheet, table.sheets) == ("people", ("Sheet", "people"))
    assert cells(table) == [("Anna", "01614960001", "2026-03-01")]
    with pytest.raises(ListError, match="no sheet nobody"):
        open_list(tmp_path / "a.xlsx", "GB", sheet="nobody")


def test_merged_titles_stand_above_the_header(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Our customers", None, None])
    sheet.merge_cells("A1:C1")
    sheet.append([None, None, None])
    sheet.append(HEADER)
    sheet.append(["Anna", 1614960001, None])
    book.save(tmp_path / "a.xlsx")
    table = open_list(tmp_path / "a.xlsx", "GB")
    assert table.header == ("Name", "Phone", "Since")
    assert cells(table) == [("Anna", "1614960001", "")]


def test_rows_that_are_hidden_are_not_taken(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEADER, ["Anna", "01614960001", ""], ["Ben", "01614960002", ""]]:
        sheet.append(row)
    sheet.row_dimensions[2].hidden = True
    book.save(tmp_path / "a.xlsx")
    rows = list(open_list(tmp_path / "a.xlsx", "GB").rows)
    assert [(row.number, row.why) for row in rows] == [(2, "hidden in the workbook"), (3, "")]


def test_a_formula_counts_by_its_value(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADER, ["Anna", "=A1&1", ""], ["Ben", "0161", ""]])
    assert cells(open_list(path, "GB"))[0] == ("Anna", "", "")  # no program has reckoned it yet


def _changed(path: Path, name: str, change: tuple[bytes, bytes]) -> Path:
    """The same workbook with one part of it changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    assert change[0] in parts[name]
    parts[name] = parts[name].replace(*change)
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return path


def test_a_row_that_says_it_is_the_billionth_ends_it(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADER, *[["Anna", "01614960001", ""]] * 3])
    _changed(path, "xl/worksheets/sheet1.xml", (b'<row r="4"', b'<row r="999999999999"'))
    with pytest.raises(ListError, match="more rows than a workbook may have"):
        open_list(path, "GB", sheet="Sheet")


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_a_damaged_workbook_is_told(tmp_path: Path, part: str) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADER, ["Anna", "01614960001", ""]])
    _changed(path, part, (b"</", b"<<"))
    with pytest.raises(ListError, match="damaged"):
        list(open_list(path, "GB").rows)


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADER, ["Anna" * 1000, "01614960001", ""]])
    monkeypatch.setattr(sheet_file, "BIGGEST_UNPACKED", 1000)
    with pytest.raises(ListError, match="far too large"):
        open_list(path, "GB")
