"""A calling list as a table: what its reader found out, and its rows with their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from dialer_core.model.errors import KnownError

MOST_CELLS = 512  # in a row; more is no calling list
LONGEST_CELL = 32_768  # characters


class ListError(KnownError):
    """A list that cannot be read; its sentence says where and what to do.

    `row`: counted as a spreadsheet does, the header is row 1; 0 where it is the file as a whole.
    """

    def __init__(self, sentence: str, row: int = 0, column: str = "") -> None:
        super().__init__(sentence)
        self.row, self.column = row, column


class Row(NamedTuple):
    """One row: its number in the file (the header is 1), and its cells as text."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""  # why the row cannot be taken as it stands; empty where it can
    why: str = ""  # the same without place and figures, to be counted by


@dataclass(slots=True)
class Table:
    """An opened list. `rows` can be read once; it raises ListError where the file breaks.

    `separator` is "" for a spreadsheet, whose `encoding` is "xlsx" and whose `sheet` was read out
    of `sheets`. Where the first row is a person already the columns are called A, B, C.
    """

    encoding: str
    separator: str
    header: tuple[str, ...]
    rows: Iterator[Row]
    size: int  # bytes of the file
    read: list[int]  # one number: bytes read so far, for a progress bar
    has_header: bool = True
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def column_letters(count: int) -> tuple[str, ...]:
    """A, B, …, Z, AA: names for columns that have none."""
    names = []
    for index in range(count):
        name, rest = "", index + 1
        while rest:
            rest, letter = divmod(rest - 1, 26)
            name = chr(65 + letter) + name
        names.append(name)
    return tuple(names)
