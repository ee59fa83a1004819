"""`callfloor dnc`: the office's own do-not-call list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import msgspec

from app.clock import WallClock
from app.errors import KnownError, UsageError
from app.lists.importing import LOOKED_AT, open_setup
from app.profile import Profile
from dialer_core.lists.columns import guess
from dialer_core.lists.numbers import is_region, read_number, read_numbers
from dialer_core.lists.opening import open_list


class Added(msgspec.Struct, frozen=True):
    """How many numbers came, how many of them were new, how many rows held none."""

    numbers: int
    new: int
    invalid_rows: int


class Found(msgspec.Struct, frozen=True):
    """Whether a number is on the list."""

    is_on_dnc: bool
    since: str | None
    reason: str


def numbers_of(words: Iterable[str], region: str) -> list[str]:
    """Each word in E.164; UsageError for one that is no number."""
    found = []
    for word in words:
        number = read_number(word, region)
        if not number.e164:
            raise UsageError(f"{word!r} is not a number ({number.why_not}).")
        found.append(number.e164)
    return found


def add(
    profile: Profile, numbers: list[str], reason: str, client: str, who: str = "command"
) -> Added:
    """Put numbers on the list, at once and for good."""
    store = open_setup(profile)
    try:
        new = store.suppress(client or None, numbers, reason, WallClock().now(), who=who)
    finally:
        store.close()
    return Added(len(set(numbers)), new, 0)


def add_file(
    profile: Profile, file: Path, region: str, reason: str, client: str, who: str = "command"
) -> Added:
    """Put all numbers of a file on the list."""
    if not is_region(region):
        raise UsageError(f"--region is an ISO country such as GB, not {region!r}.")
    numbers: set[str] = set()
    invalid = 0
    for found in _numbers(file, region):
        invalid += not found
        numbers.update(found)
    if not numbers:
        raise KnownError(f"{file.name} holds no telephone number; nothing was changed.")
    added = add(profile, sorted(numbers), reason, client, who)
    return Added(added.numbers, added.new, invalid)


def _numbers(file: Path, region: str) -> Iterator[list[str]]:
    table = open_list(file, region)
    head = list(islice(table.rows, LOOKED_AT))
    mapping = guess(table.header, head, region, has_header=table.has_header)
    for row in chain(head, table.rows):
        cells = [row.cells[place] for place in mapping.phones if place < len(row.cells)]
        found = [number.e164 for cell in cells for number in read_numbers(cell, region)]
        yield [number for number in found if number]


def check(profile: Profile, number: str, client: str) -> Found:
    """Whether this number is on the list of the office, or of this client."""
    store = open_setup(profile)
    try:
        found = store.suppressed(client or None, number)
    finally:
        store.close()
    if found is None:
        return Found(is_on_dnc=False, since=None, reason="")
    return Found(is_on_dnc=True, since=found[0].isoformat(), reason=found[1])
