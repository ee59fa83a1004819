"""From a row of a list to a person who can be called, or why the row holds none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple
from zoneinfo import available_timezones

from dialer_core.lists.columns import Kind, Mapping
from dialer_core.lists.numbers import is_region, read_numbers
from dialer_core.lists.table import Row

MOST_NUMBERS = 8  # of one person
LONGEST_NAME = 200
LONGEST_DETAIL = 2000
MOST_ZONES = 32
_YES = {"yes", "y", "true", "1", "si", "sì", "ja", "oui", "tak", "да", "x", "✓"}
_SHOWN = {Kind.DETAIL, Kind.POSTCODE, Kind.COMPANY, Kind.REFERENCE, Kind.CONSENT}


class ListedPerson(NamedTuple):
    """A person of a list. `numbers`: (E.164, name of the column), to be tried in this order."""

    row: int
    numbers: tuple[tuple[str, str], ...]
    name: str
    town: str
    details: tuple[tuple[str, str], ...]
    zones: tuple[str, ...]
    region: str
    reference: str = ""
    has_consent: bool = False
    priority: int = 0
    cells: tuple[str, ...] = ()  # the row as it came, for who is turned away later

    def __repr__(self) -> str:
        return f"ListedPerson(row={self.row})"


class Rejected(NamedTuple):
    """A row that is not taken, with its cells as they came and the reason in a sentence.

    `why` is the reason without place and figures, to be counted by.
    """

    row: int
    cells: tuple[str, ...]
    reason: str
    why: str = ""

    def __repr__(self) -> str:
        return f"Rejected(row={self.row}, reason={self.reason!r})"


def people_of(
    rows: Iterable[Row], mapping: Mapping, region: str
) -> Iterator[ListedPerson | Rejected]:
    """Everyone in a list, in its order, with the rows that hold nobody.

    `region`: ISO country where a number has no country code.
    """
    columns = _Columns(mapping, region)
    for row in rows:
        if row.problem:
            yield Rejected(row.number, row.cells, row.problem, row.why or row.problem)
        else:
            yield columns.person(row)


class _Columns:
    """Where each part of a person stands in a row."""

    def __init__(self, mapping: Mapping, region: str) -> None:
        self._mapping, self._list_region = mapping, region
        self._phones = [(place, mapping.header[place][:32]) for place in mapping.phones]
        self._shown = [
            (place, mapping.header[place])
            for place, kind in enumerate(mapping.kinds)
            if kind in _SHOWN
        ]
        places = {kind: place for kind in Kind if (place := mapping.of(kind)) is not None}
        self._places = places
        name_parts = [places.get(kind) for kind in (Kind.FIRST_NAME, Kind.LAST_NAME)]
        self._name_parts = [place for place in name_parts if place is not None]

    def person(self, row: Row) -> ListedPerson | Rejected:
        cells = row.cells
        region = self._region(cells)
        numbers: dict[str, str] = {}
        zones: list[tuple[str, ...]] = []
        why = country = ""
        for place, column in self._phones:
            for number in read_numbers(cells[place], region):
                if not number.e164:
                    why = number.why_not if why in ("", "no number") else why
                elif len(numbers) < MOST_NUMBERS:
                    numbers.setdefault(number.e164, column)
                    zones.append(number.zones)
                    country = country or number.region
        if not numbers:
            column = self._mapping.header[self._mapping.phones[0]]
            return Rejected(row.number, cells, f"row {row.number}, column {column}: {why}", why)
        return ListedPerson(
            row.number,
            tuple(numbers.items()),
            self._name(cells),
            self._cell(cells, Kind.TOWN)[:100],
            self._details(cells),
            self._zones(cells, zones),
            country or region,
            self._cell(cells, Kind.REFERENCE)[:100],
            self._cell(cells, Kind.CONSENT).casefold() in _YES,
            _priority(self._cell(cells, Kind.PRIORITY)),
            cells,
        )

    def _cell(self, cells: tuple[str, ...], kind: Kind) -> str:
        place = self._places.get(kind)
        return "" if place is None else " ".join(cells[place].split())

    def _region(self, cells: tuple[str, ...]) -> str:
        told = self._cell(cells, Kind.REGION).upper()
        return told if told and is_region(told) else self._list_region

    def _name(self, cells: tuple[str, ...]) -> str:
        words = [word for place in self._name_parts for word in cells[place].split()]
        name = " ".join(words) or self._cell(cells, Kind.NAME) or self._cell(cells, Kind.COMPANY)
        return name[:LONGEST_NAME]

    def _details(self, cells: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        return tuple(
            [
                (label, text[:LONGEST_DETAIL])
                for place, label in self._shown
                if (text := cells[place].strip())
            ]
        )

    def _zones(self, cells: tuple[str, ...], found: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
        told = self._cell(cells, Kind.ZONE)
        if told and told in _zone_names():
            return (told,)
        if len(found) == 1:
            return found[0][:MOST_ZONES]
        return tuple(dict.fromkeys(zone for zones in found for zone in zones))[:MOST_ZONES]


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def _priority(text: str) -> int:
    try:
        return max(-1000, min(1000, int(text))) if text else 0
    except ValueError:
        return 0
