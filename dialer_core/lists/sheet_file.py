"""XLSX workbooks: the sheet that holds numbers, cells as the text that a person sees."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from dialer_core.lists.table import MOST_CELLS, ListError, Row

# A workbook is a zip, and a zip can be a bomb. Texts are held in memory, sheets are streamed.
BIGGEST_UNPACKED = 1 << 30  # bytes
BIGGEST_TEXTS = 1 << 27  # bytes
MOST_ROWS = 1_048_576  # of a sheet; a row's number in the file can be anything
LOOKED_AT = 60  # rows of each sheet
_ROW_TAG = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_ROW_NUMBER = re.compile(rb'\br="(\d{1,8})"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_BROKEN = (
    InvalidFileException, KeyError, ValueError, OSError, ParseError, TypeError, AttributeError,
    IndexError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError,
)  # fmt: skip
_OTHER_ZIPS = {
    "content.xml": "This is an OpenDocument spreadsheet; save it as XLSX or CSV.",
    "xl/workbook.bin": "This is a binary workbook (XLSB); save it as XLSX or CSV.",
    "Index/Document.iwa": "This is a Numbers spreadsheet; export it as XLSX or CSV.",
}


def is_workbook(path: Path) -> bool:
    """Whether the file is a zip that holds a workbook, whatever it is called.

    Raises ListError for a zip that holds anything else.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) != b"PK\x03\x04":
                return False
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return False
    if "xl/workbook.xml" in names:
        return True
    for name, sentence in _OTHER_ZIPS.items():
        if name in names:
            raise ListError(sentence)
    raise ListError("This is a zip archive, not a list; unpack it and name the list in it.")


class Workbook:
    """An open workbook; `close` it. Raises ListError where it is damaged or too large."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(archive)
        self._file = path.open("rb")  # opened here, since a workbook may be called anything
        try:
            self._book: Any = load_workbook(self._file, read_only=True, data_only=True)
        except _BROKEN as error:
            self._file.close()
            raise _damaged(error) from error
        sheets = self._book.worksheets
        shown = [sheet for sheet in sheets if sheet.sheet_state == "visible"] or sheets
        self.names: tuple[str, ...] = tuple(sheet.title for sheet in shown)

    def choose(self, is_list: Callable[[Sequence[Row]], bool]) -> str:
        """The first sheet whose first rows are those of a list, else the first with any row."""
        filled = ""
        for name in self.names:
            head = list(islice(self.rows(name, [0]), LOOKED_AT))
            if head and is_list(head):
                return name
            filled = filled or (name if head else "")
        return filled or next(iter(self.names), "")

    def rows(self, name: str, read: list[int]) -> Iterator[Row]:
        """The rows of a sheet that hold anything; `read` grows up to the file's size."""
        if name not in self.names:
            raise ListError(f"The workbook has no sheet {name}; it has: {', '.join(self.names)}.")
        sheet = self._book[name]
        size = self._path.stat().st_size
        try:
            hidden = self._hidden(sheet)
            told = max(1, sheet.max_row or 1)
            sheet.reset_dimensions()  # some programs write wrong ones
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                if number > MOST_ROWS:
                    raise ListError(f"The sheet {name} has more rows than a workbook may have.")
                texts = tuple(_text(cell) for cell in cells[:MOST_CELLS])
                if not any(texts):
                    continue
                read[0] = min(size, size * number // told)
                if number in hidden:
                    why = "hidden in the workbook"
                    yield Row(number, texts, f"row {number} is {why}: show it to take it in", why)
                else:
                    yield Row(number, texts)
        except _BROKEN as error:
            raise _damaged(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._book.close()
        self._file.close()

    def _hidden(self, sheet: Any) -> set[int]:
        """Rows that a filter or a hand has hidden: whoever handed the list over sees them not."""
        hidden: set[int] = set()
        number, rest = 0, b""
        with (
            zipfile.ZipFile(self._path) as archive,
            archive.open(sheet._worksheet_path.lstrip("/")) as file,
        ):
            while block := file.read(1 << 20):
                text = rest + block
                end = 0
                for tag in _ROW_TAG.finditer(text):
                    end = tag.end()
                    told = _ROW_NUMBER.search(tag.group())
                    number = int(told.group(1)) if told else number + 1
                    if b"hidden" in tag.group() and _HIDDEN.search(tag.group()):
                        hidden.add(number)
                rest = text[max(end, len(text) - 4096) :]
        return hidden


def _refuse_bomb(archive: zipfile.ZipFile) -> None:
    sizes = {info.filename: info.file_size for info in archive.infolist()}
    if sum(sizes.values()) > BIGGEST_UNPACKED or sizes.get("xl/sharedStrings.xml", 0) > (
        BIGGEST_TEXTS
    ):
        raise ListError("The workbook is far too large when unpacked; save the list as CSV.")


def _damaged(error: BaseException) -> ListError:
    words = " ".join(str(error).split())[:120] or type(error).__name__
    return ListError(f"The workbook is damaged ({words}); save it again.")


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        # the sheet's figures are binary fractions: 1614960001.0 is a telephone number
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell).strip()
