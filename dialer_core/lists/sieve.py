"""Who of a list is new: duplicates within the file, and numbers that are known already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dialer_core.lists.people import ListedPerson, Rejected

TWICE = "twice in the file"
KNOWN = "on a list already"
ERASED = "erased at the person's wish"


class Duplicates(StrEnum):
    """What becomes of a person who is known already; saved by value."""

    SKIP = "skip"  # not taken
    UPDATE = "update"  # the known record gets what this row says
    KEEP = "keep"  # taken once more


@dataclass(slots=True)
class Counts:
    """What an import found. `distinct_valid`: people of its rows, each once."""

    rows: int = 0
    distinct_valid: int = 0
    duplicate_rows: int = 0  # whose number an earlier row of this file has
    invalid_rows: int = 0
    contacts_on_dnc: int = 0
    known_elsewhere: int = 0  # whose number another list has
    taken: int = 0
    updated: int = 0  # known records that got what a row says
    reasons: Counter[str] = field(default_factory=Counter)  # of the rows that were turned away


@dataclass(slots=True)
class Sorted:
    """What becomes of some rows."""

    new: list[ListedPerson] = field(default_factory=list)
    held: list[ListedPerson] = field(default_factory=list)  # new, and not to be called
    updates: list[tuple[int, ListedPerson]] = field(default_factory=list)  # of a known contact
    again: list[tuple[int, ListedPerson]] = field(default_factory=list)  # of an earlier row
    turned_away: list[Rejected] = field(default_factory=list)


class Sieve:
    """Sorts people and counts as it goes.

    `hash_of`: of a number in E.164; `known`: the contact that has a number, by hash;
    `is_on_dnc`: whether a number, by hash, must not be called; `is_erased`: whether its person was
    erased, so that nothing about them may be stored again, not even in a file of rejected rows.
    """

    def __init__(
        self,
        duplicates: Duplicates,
        hash_of: Callable[[str], bytes],
        known: Callable[[bytes], int | None],
        is_on_dnc: Callable[[bytes], bool],
        is_erased: Callable[[bytes], bool] = lambda _number: False,
    ) -> None:
        self.counts = Counts()
        self._duplicates = duplicates
        self._hash_of, self._known, self._is_on_dnc = hash_of, known, is_on_dnc
        self._is_erased = is_erased
        self._row_of: dict[bytes, int] = {}

    def sort_out(self, people: Sequence[ListedPerson | Rejected]) -> Sorted:
        """What becomes of each; those of an earlier call count as earlier rows."""
        found, counts = Sorted(), self.counts
        for one in people:
            counts.rows += 1
            if isinstance(one, Rejected):
                counts.invalid_rows += 1
                self._turn_away(found, one)
            else:
                self._sort(found, one)
        counts.taken += len(found.new) + len(found.held)
        counts.updated += len(found.updates)
        return found

    def _sort(self, found: Sorted, person: ListedPerson) -> None:
        counts = self.counts
        hashes = [self._hash_of(number) for number, _ in person.numbers]
        twin = next((self._row_of[one] for one in hashes if one in self._row_of), None)
        for one in hashes:
            self._row_of.setdefault(one, person.row if twin is None else twin)
        is_on_dnc = any(self._is_on_dnc(one) for one in hashes)
        known = None
        if twin is not None:
            counts.duplicate_rows += 1
        else:
            counts.distinct_valid += 1
            counts.contacts_on_dnc += is_on_dnc
            known = next((who for one in hashes if (who := self._known(one)) is not None), None)
            counts.known_elsewhere += known is not None
        if any(self._is_erased(one) for one in hashes):
            self._turn_away(found, _without_trace(person))
        elif self._duplicates is Duplicates.KEEP or (twin is None and known is None):
            (found.held if is_on_dnc else found.new).append(person)
        elif self._duplicates is Duplicates.SKIP:
            said = "the number is on a list already"
            if twin is not None:
                said = f"the number stands in row {twin} already"
            why = KNOWN if twin is None else TWICE
            self._turn_away(found, Rejected(person.row, person.cells, said, why))
        elif twin is not None:
            found.again.append((twin, person))
        elif known is not None:
            found.updates.append((known, person))

    def _turn_away(self, found: Sorted, rejected: Rejected) -> None:
        self.counts.reasons[rejected.why] += 1
        found.turned_away.append(rejected)


def _without_trace(person: ListedPerson) -> Rejected:
    """The row of an erased person as it may be written down: its number, and nothing of theirs."""
    said = f"row {person.row}: this person was erased at their wish; take them off the list"
    return Rejected(person.row, (), said, ERASED)
