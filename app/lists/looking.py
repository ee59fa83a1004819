"""A first look at a list: what was found of it, and its first rows, to be corrected by a person."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from app.lists.importing import LOOKED_AT, Wanted, opened
from dialer_core.lists.columns import Kind, Mapping, asked, guess
from dialer_core.lists.numbers import read_numbers
from dialer_core.lists.table import ListError, Row, Table

SHOWN = 9  # rows


@dataclass(frozen=True, slots=True)
class Look:
    """What was found. `wrong`: (row, column) of shown cells that should be numbers and are not."""

    size: int  # bytes
    encoding: str
    separator: str
    has_header: bool
    sheet: str
    sheets: tuple[str, ...]
    header: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wrong: frozenset[tuple[int, int]]
    trouble: str  # why it cannot be taken in as it stands; empty where it can


def look(wanted: Wanted) -> Look:
    """Read the first rows. Raises KnownError where the file cannot be read at all."""
    table = opened(wanted)
    head = list(islice(table.rows, LOOKED_AT))
    mapping, trouble = _mapping(table, head, wanted)
    rows = tuple(row.cells[: len(table.header)] for row in head[:SHOWN])
    wrong = _wrong(rows, mapping, wanted.region)
    return Look(
        table.size,
        table.encoding,
        table.separator,
        table.has_header,
        table.sheet,
        table.sheets,
        table.header,
        tuple(kind.value for kind in mapping.kinds),
        rows,
        wrong,
        trouble,
    )


def _wrong(
    rows: tuple[tuple[str, ...], ...], mapping: Mapping, region: str
) -> frozenset[tuple[int, int]]:
    """Cells that hold something else than a number, and the first one where no column has any."""
    found = set()
    for at, cells in enumerate(rows):
        is_good = {
            place: any(one.e164 for one in read_numbers(cells[place], region))
            for place in mapping.phones
        }
        found |= {(at, place) for place in is_good if cells[place].strip() and not is_good[place]}
        if is_good and not any(is_good.values()):
            found.add((at, mapping.phones[0]))
    return frozenset(found)


def _mapping(table: Table, head: list[Row], wanted: Wanted) -> tuple[Mapping, str]:
    """What the columns hold, and what is wrong with that."""
    nothing = Mapping(table.header, (Kind.DETAIL,) * len(table.header))
    try:
        guessed = guess(table.header, head, wanted.region, has_header=table.has_header)
    except ListError:
        guessed = nothing
    if not wanted.mapping and guessed.phones:
        return guessed, ""
    try:
        return asked(table.header, wanted.mapping, guessed), ""
    except ListError:
        trouble = "No column holds telephone numbers; say above a column that it does."
        kinds = list(guessed.kinds)
        for wish in wanted.mapping:
            kind, _, column = wish.partition("=")
            if column in table.header and kind in set(Kind):
                kinds[table.header.index(column)] = Kind(kind)
        return Mapping(table.header, tuple(kinds)), trouble
