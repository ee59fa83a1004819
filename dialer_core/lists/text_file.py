"""CSV and TSV files: separator found by itself, rows with their places."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dialer_core.lists.table import LONGEST_CELL, MOST_CELLS, ListError, Row

SAMPLE = 65_536  # characters that are looked at to find the separator
SEPARATORS = (",", ";", "\t", "|")
_PIECE = LONGEST_CELL * 16  # characters of a line that are read at once: a line may be endless
_TOLD = re.compile(r'^\ufeff?"?sep=(.)"?\s*$', re.IGNORECASE)  # spreadsheets write and read it


def separator_of(path: Path, encoding: str) -> str:
    """What the first line says (`sep=;`), else what gives most rows as many cells, and most."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        sample = file.read(SAMPLE)
    lines = sample.splitlines()
    told = _TOLD.match(lines[0]) if lines else None
    if told:
        return told.group(1)
    sample = "\n".join(lines[:-1] if len(lines) > 2 else lines)
    best, best_score = ",", 0.0
    for separator in SEPARATORS:
        try:
            widths = [
                len(row) for row in csv.reader(io.StringIO(sample), delimiter=separator) if row
            ]
        except csv.Error:
            continue
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        score = (count / len(widths)) * min(width, 50) if width > 1 else 0.0
        if score > best_score:
            best, best_score = separator, score
    return best


class _Lines:
    """Lines of a text file, in pieces where they are endless; counts what was read."""

    def __init__(self, file: io.TextIOWrapper, read: list[int]) -> None:
        self._file, self._read = file, read
        self.row = ""  # as it stands in the file, quoted line ends and all

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(_PIECE)
        if not line:
            raise StopIteration
        self._read[0] += len(line)
        if len(self.row) < _PIECE:
            self.row += line
        return line


def rows_of(path: Path, encoding: str, separator: str, read: list[int]) -> Iterator[Row]:
    """All rows, the header too; empty ones are passed over but counted.

    Raises ListError with row and column at a NUL, an open quotation mark, undecodable bytes.
    """
    with path.open(encoding=encoding, newline="") as file:
        lines = _Lines(file, read)
        reader = csv.reader(lines, delimiter=separator, strict=True)
        number = 0
        while True:
            number += 1
            lines.row = ""
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _csv_error(error, number, lines.row, separator) from None
            except UnicodeError:
                raise _undecodable(path, encoding, separator) from None
            if "\0" in lines.row:
                raise _zero_byte(number, cells)
            if len(cells) > MOST_CELLS:
                cells = _cut(number, cells)
            if any(cell.strip() for cell in cells) and not (number == 1 and _TOLD.match(lines.row)):
                yield Row(number, tuple(cells))


def _cut(number: int, cells: list[str]) -> list[str]:
    """A row that is too wide, without the empty cells at its end."""
    while cells and not cells[-1].strip():
        cells.pop()
    if len(cells) <= MOST_CELLS:
        return cells
    raise ListError(
        f"Row {number}, column {MOST_CELLS + 1}: more than {MOST_CELLS} columns; this is not a "
        "calling list.",
        number,
    )


def _zero_byte(number: int, cells: list[str]) -> ListError:
    place = next((at for at, cell in enumerate(cells, 1) if "\0" in cell), 1)
    return ListError(
        f"Row {number}, column {place}: a zero byte stands in the text; the file is damaged, "
        "export the list again.",
        number,
        str(place),
    )


def _undecodable(path: Path, encoding: str, separator: str) -> ListError:
    """Where the first bytes stand that the encoding does not explain."""
    number, place = 0, 1
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        try:
            for cells in csv.reader(file, delimiter=separator):
                number += 1
                places = [at for at, cell in enumerate(cells, 1) if "\ufffd" in cell]
                if places:
                    place = places[0]
                    break
        except (csv.Error, UnicodeError):
            pass
    return ListError(
        f"Row {number}, column {place}: a byte that is no {encoding} text; mend the row, save the "
        "list as UTF-8, or name its encoding.",
        number,
        str(place),
    )


def _csv_error(error: csv.Error, number: int, row: str, separator: str) -> ListError:
    text = str(error)
    opened = _open_quote(row, separator)
    if opened and ("unexpected end" in text or "field larger" in text):
        sentence = "a quotation mark is opened and never closed; mend the row, or export the list"
        return ListError(f"Row {number}, column {opened}: {sentence} again.", number, str(opened))
    if "field larger" in text:
        return ListError(
            f"Row {number}, column 1: a cell is longer than {csv.field_size_limit():,} "
            "characters; this is not a calling list.",
            number,
        )
    place = row[:_PIECE].count(separator, 0, row.find('"', 1)) + 1
    return ListError(
        f"Row {number}, about column {place}: a quotation mark stands inside a quoted text; "
        "double it, or take it out.",
        number,
        str(place),
    )


def _open_quote(row: str, separator: str) -> int:
    """The column whose quotation mark does not close; 0 where all do."""
    column, opened, is_open = 1, 1, False
    for sign in row:
        if sign == '"':
            is_open = not is_open
            opened = column
        elif sign == separator and not is_open:
            column += 1
    return opened if is_open else 0
