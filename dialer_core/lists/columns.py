"""What the columns of a list hold, found from their names and their cells."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from dialer_core.lists.numbers import read_number, read_numbers
from dialer_core.lists.table import ListError, Row, column_letters
from resources import path as resource

LEAST_SHARE = 0.4  # of a column's filled cells must be numbers for it to be one of numbers
NAMED_SHARE = 0.1  # the same where its name says so
NUMBERS_BELOW = 0.6  # of a column's filled cells: then words above them are its name


class Kind(StrEnum):
    """What a column is taken for; saved by value."""

    PHONE = "phone"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    COMPANY = "company"
    TOWN = "town"
    POSTCODE = "postcode"
    REGION = "region"  # ISO country of the person
    ZONE = "zone"
    REFERENCE = "reference"  # the office's own number of the person
    CONSENT = "consent"
    PRIORITY = "priority"
    DETAIL = "detail"  # shown to the agent under its own name
    IGNORE = "ignore"


_NOT_PHONES = re.compile(r"fax|notes?|date|purchase|last call|note")


@dataclass(frozen=True, slots=True)
class Mapping:
    """What each column is; `kinds` has one entry a column, phones in the order of trying."""

    header: tuple[str, ...]
    kinds: tuple[Kind, ...]
    phones: tuple[int, ...] = field(default=())

    def of(self, kind: Kind) -> int | None:
        """The place of the first column of that kind."""
        return self.kinds.index(kind) if kind in self.kinds else None


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold().replace("ł", "l")
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[_\-./:#*()]+", " ", plain).split())


@cache
def _kinds_by_word() -> dict[str, Kind]:
    words = tomllib.loads(resource("column_words.toml").read_text(encoding="utf-8"))
    return {_folded(word): Kind(kind) for kind, known in words.items() for word in known}


def kind_by_name(name: str) -> Kind | None:
    """What a column's name says, in several languages; None where it says nothing known."""
    folded = _folded(name)
    by_word = _kinds_by_word()
    if folded in by_word:
        return by_word[folded]
    if _NOT_PHONES.search(folded):
        return None
    words = set(folded.split())
    for word, kind in by_word.items():
        if kind is Kind.PHONE and word in words:
            return kind
    return None


def is_known_name(name: str) -> bool:
    """Whether this is a column's name as it stands, not merely a text with such a word."""
    return _folded(name) in _kinds_by_word()


def looks_like_header(cells: Sequence[str], below: Sequence[Sequence[str]], region: str) -> bool:
    """Whether a first row names columns rather than a person.

    It holds no number; and it holds known names, or no figure at all, or words over a column of
    numbers ("Nr 1").
    """
    filled = [cell for cell in cells if cell.strip()]
    if not filled or any(read_number(cell, region).e164 for cell in filled):
        return False
    if any(kind_by_name(cell) is not None for cell in filled):
        return True
    if not any(sign.isdigit() for cell in filled for sign in cell):
        return True
    for place, cell in enumerate(cells):
        column = [row[place] for row in below if place < len(row)]
        is_named = any(sign.isalpha() for sign in cell) and sum(map(str.isdigit, cell)) < 3
        if is_named and _share(column, region) >= NUMBERS_BELOW:
            return True
    return False


def _share(cells: Sequence[str], region: str) -> float:
    """Of the filled cells, how many hold a number."""
    filled = [cell for cell in cells if cell.strip()]
    if not filled:
        return 0.0
    return sum(any(one.e164 for one in read_numbers(cell, region)) for cell in filled) / len(filled)


def guess(
    header: Sequence[str], rows: Sequence[Row], region: str, *, has_header: bool = True
) -> Mapping:
    """What the columns hold, from names and the first rows; raises ListError without a number.

    Phones come in their order in the file. Without a header the first column of words is the name.
    """
    kinds: list[Kind] = []
    phones: list[tuple[float, int]] = []
    for place, name in enumerate(header):
        named = kind_by_name(name) if has_header else None
        cells = [row.cells[place] for row in rows if len(row.cells) > place]
        share = _share(cells, region)
        if share >= (NAMED_SHARE if named is Kind.PHONE else LEAST_SHARE) and (
            named in (None, Kind.PHONE, Kind.NAME) and not _NOT_PHONES.search(_folded(name))
        ):
            kinds.append(Kind.PHONE)
            phones.append((share, place))
        elif named is None or named is Kind.PHONE or named in kinds:
            is_name = not has_header and Kind.NAME not in kinds and _are_words(cells)
            kinds.append(Kind.NAME if is_name else Kind.DETAIL)
        else:
            kinds.append(named)
    if not phones:
        named_columns = ", ".join(header[:8]) or "none"
        raise ListError(
            f"Row 1, columns 1 to {len(header)}: no column holds telephone numbers (seen: "
            f"{named_columns}); name it with --map phone=COLUMN, or add one.",
            1,
        )
    best = max(share for share, _ in phones)
    kept = [place for share, place in phones if share >= best / 4.0]
    kinds = [
        Kind.DETAIL if kind is Kind.PHONE and place not in kept else kind
        for place, kind in enumerate(kinds)
    ]
    return Mapping(tuple(header), tuple(kinds), tuple(kept))


def _are_words(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    words = [cell for cell in filled if not any(sign.isdigit() for sign in cell)]
    return bool(filled) and len(words) >= len(filled) * LEAST_SHARE


def asked(header: Sequence[str], wishes: Sequence[str], guessed: Mapping | None) -> Mapping:
    """The mapping with what a person said: "phone=Home Phone", "ignore=Notes"; several phones.

    Raises ListError for a kind or a column that is not there.
    """
    kinds = list(guessed.kinds) if guessed is not None else [Kind.DETAIL] * len(header)
    phones = list(guessed.phones) if guessed is not None else []
    is_first_phone = True
    for wish in wishes:
        word, sign, column = wish.partition("=")
        if not sign or word.strip() not in set(Kind):
            known = ", ".join(kind.value for kind in Kind)
            raise ListError(f"{wish} is no mapping; write KIND=COLUMN with a kind of: {known}.")
        place = _place(header, column.strip())
        kind = Kind(word.strip())
        if kind is Kind.PHONE:
            if is_first_phone:
                kinds = [Kind.DETAIL if one is Kind.PHONE else one for one in kinds]
                phones, is_first_phone = [], False
            phones.append(place)
        elif place in phones:
            phones.remove(place)
        kinds[place] = kind
    if not phones:
        raise ListError("No column is left that holds telephone numbers; map one as phone.")
    return Mapping(tuple(header), tuple(kinds), tuple(phones))


def _place(header: Sequence[str], column: str) -> int:
    folded = [_folded(name) for name in header]
    if column in header:
        return header.index(column)
    if _folded(column) in folded:
        return folded.index(_folded(column))
    letters = column_letters(len(header))
    if column.upper() in letters:
        return letters.index(column.upper())
    raise ListError(
        f"The list has no column {column}; it has: {', '.join(header[:12])}.", 1, column
    )
