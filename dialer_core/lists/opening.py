"""Opening a calling list, whatever it was saved as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from dialer_core.lists import encodings, sheet_file, text_file
from dialer_core.lists.columns import is_known_name, looks_like_header
from dialer_core.lists.numbers import read_number
from dialer_core.lists.table import ListError, Row, Table, column_letters

BIGGEST = 2 << 30  # bytes; a million people are a tenth of that
LOOKED_AT = 60  # rows that are looked at for the header
MOST_ABOVE = 10  # rows of titles above a header


@dataclass(frozen=True, slots=True)
class _Reading:
    region: str
    encoding: str
    separator: str
    has_header: bool | None
    sheet: str


def open_list(
    path: Path,
    region: str,
    *,
    encoding: str = "",
    separator: str = "",
    has_header: bool | None = None,
    sheet: str = "",
) -> Table:
    """The list in `path` as a table; what is not given is found.

    `region`: ISO country of the list, for its code page and numbers. Raises ListError with one
    sentence where the file is missing, empty, no table, or has no row.
    """
    reading = _Reading(region, encoding, separator, has_header, sheet)
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ListError(f"{path.name} is no file; name the list itself.")
        if size == 0:
            raise ListError("The file is empty (no row, no column): export the list again.")
        if size > BIGGEST:
            raise ListError(f"{path.name} is far larger than a calling list; export fewer columns.")
        if sheet_file.is_workbook(path):
            return _workbook(path, reading, size)
        return _text(path, reading, size)
    except OSError as error:
        raise ListError(f"The list {path.name} cannot be read ({error.strerror}).") from error


def _workbook(path: Path, reading: _Reading, size: int) -> Table:
    book = sheet_file.Workbook(path)

    def is_list(rows: Sequence[Row]) -> bool:
        return any(read_number(cell, reading.region).e164 for row in rows for cell in row.cells)

    read = [0]
    sheet = reading.sheet or book.choose(is_list)
    rows = _closing(book, book.rows(sheet, read)) if sheet else iter(())
    table = _table(rows, "xlsx", "", size, read, reading)
    table.sheet, table.sheets = sheet, book.names
    return table


def _closing(book: sheet_file.Workbook, rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    finally:
        book.close()


def _text(path: Path, reading: _Reading, size: int) -> Table:
    encoding = reading.encoding or encodings.encoding_of(path, reading.region)
    try:
        separator = reading.separator or text_file.separator_of(path, encoding)
        with path.open(encoding=encoding):
            pass
    except (LookupError, UnicodeError):
        raise ListError(f"There is no encoding {encoding}; leave it out.") from None
    if len(separator) != 1 or separator in '"\r\n':
        raise ListError(f"A separator is one sign, not {separator!r}; leave it out.")
    read = [0]
    rows = text_file.rows_of(path, encoding, separator, read)
    return _table(rows, encoding, separator, size, read, reading)


def _table(
    rows: Iterator[Row],
    encoding: str,
    separator: str,
    size: int,
    read: list[int],
    reading: _Reading,
) -> Table:
    head = list(islice(rows, LOOKED_AT))
    if not head:
        raise ListError("The file holds no row: export the list again.")
    has_header = reading.has_header
    if has_header is not False:
        head = head[_titles(head, reading.region) :]
    first, below = head[0], head[1:]
    if has_header is None:
        has_header = looks_like_header(first.cells, [row.cells for row in below], reading.region)
    width = _width(head, has_header=has_header)
    if has_header:
        if not below:
            raise ListError(
                f"Row {first.number + 1}, column 1: the list has a header and no rows; there is "
                "nobody to call.",
                first.number + 1,
            )
        names = _names(first.cells[:width] + ("",) * (width - len(first.cells)))
    else:
        names, below = column_letters(width), head
    whole = _checked(chain(below, rows), len(names))
    return Table(encoding, separator, names, whole, size, read, has_header)


def _titles(head: Sequence[Row], region: str) -> int:
    """How many rows stand above the list: a title, a date, merged cells, and no number."""
    filled = [sum(1 for cell in row.cells if cell.strip()) for row in head]
    usual = max(Counter(filled).items(), key=lambda found: (found[1], found[0]))[0]
    above = 0
    for row, count in zip(head[:MOST_ABOVE], filled, strict=False):
        if count > usual / 2 or any(
            is_known_name(cell) or read_number(cell, region).e164 for cell in row.cells
        ):
            break
        above += 1
    return above if above < len(head) else 0


def _width(head: Sequence[Row], *, has_header: bool) -> int:
    """As many columns as the first row names; empty ones at the end do not count."""
    if not has_header:
        return max(_filled_width(row.cells) for row in head)
    named = _filled_width(head[0].cells)
    if len(head[0].cells) == named:
        return named
    least = [_filled_width(row.cells[: len(head[0].cells)]) for row in head]
    return max(named, *least)


def _filled_width(cells: Sequence[str]) -> int:
    return max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=1)


def _names(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Each column's name, once: doubles and empty ones get their letter."""
    letters, names = column_letters(len(cells)), list[str]()
    taken = Counter(" ".join(cell.split())[:80] for cell in cells)
    for letter, cell in zip(letters, cells, strict=True):
        name = " ".join(cell.split())[:80]
        if not name or name in names:
            name = f"{name} {letter}".strip()
            while name in names or name in taken:
                name += "'"
        names.append(name)
    return tuple(names)


def _checked(rows: Iterator[Row], width: int) -> Iterator[Row]:
    """Rows as wide as the header; short ones are filled up, too long ones are told."""
    for row in rows:
        cells = row.cells
        if len(cells) == width:
            yield row
        elif any(cell.strip() for cell in cells[width:]) and not row.problem:
            why = "more cells than the header has columns"
            yield Row(
                row.number,
                cells,
                f"row {row.number}, column {width + 1}: {why} ({width}); a separator inside a "
                "text?",
                why,
            )
        else:
            filled = (*cells[:width], *("",) * (width - len(cells)))
            yield Row(row.number, filled, row.problem, row.why)
