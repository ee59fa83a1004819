"""A national register as a file of numbers, read row by row: a million need no more memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import phonenumbers

from app.errors import KnownError
from app.lists.importing import LOOKED_AT
from dialer_core.lists.columns import guess
from dialer_core.lists.numbers import read_numbers
from dialer_core.lists.opening import open_list
from dialer_core.lists.table import ListError, Row

_DIGITS = re.compile(r"[+\d][\d \-()]{6,20}")
_KEPT = re.compile(r"[^\d+]")
_METADATA = phonenumbers.PhoneMetadata


class RegisterFile:
    """The numbers of one file; `invalid_rows` grows while they are read."""

    def __init__(self, path: Path, region: str) -> None:
        self.path, self.region = path, region
        self.invalid_rows = 0
        self._table = open_list(path, region)
        self._code = str(phonenumbers.country_code_for_region(region))
        metadata = _METADATA.metadata_for_region(region)
        self._national_prefix = (metadata.national_prefix or "") if metadata else ""
        head = list(islice(self._table.rows, LOOKED_AT))
        self._places = self._phone_columns(head)
        self._rows = chain(head, self._table.rows)

    def share_read(self) -> float:
        """How much of the file is read, 0 to 1."""
        return min(1.0, self._table.read[0] / max(1, self._table.size))

    def numbers(self) -> Iterator[str]:
        """Each number in E.164. Read once.

        Registers hold whole national numbers in one form; whether a range exists is not asked, for
        a number that nobody has stands in nobody's way.
        """
        for row in self._rows:
            found = self._of(row)
            if not found:
                self.invalid_rows += 1
            yield from found

    def _phone_columns(self, head: list[Row]) -> tuple[int, ...]:
        try:
            return tuple(guess(self._table.header, head, self.region).phones)
        except ListError:
            # A register of fictitious or new ranges: one column of digits is all there is.
            width = max((len(row.cells) for row in head), default=0)
            places = [
                place
                for place in range(width)
                if all(_DIGITS.fullmatch(row.cells[place].strip()) for row in head)
            ]
            if not places:
                raise KnownError(
                    f"{self.path.name} has no column of telephone numbers; is it the register?"
                ) from None
            return (places[0],)

    def _of(self, row: Row) -> list[str]:
        cells = [row.cells[place] for place in self._places if place < len(row.cells)]
        return [number for cell in cells for number in self._read(cell.strip())]

    def _read(self, cell: str) -> list[str]:
        if _DIGITS.fullmatch(cell):
            digits = _KEPT.sub("", cell)
            if digits.startswith("+"):
                return [digits] if 8 <= len(digits) <= 16 else []
            prefix = self._national_prefix
            if digits.startswith("00"):
                return [f"+{digits[2:]}"]
            if prefix and digits.startswith(prefix):
                return [f"+{self._code}{digits[len(prefix) :]}"]
        return [number.e164 for number in read_numbers(cell, self.region) if number.e164]
