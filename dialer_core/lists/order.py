"""In which order the people of a list are called: the orders, their keys, a drawn lot.

A lot for a million people needs neither a column nor a shuffled copy: a small cipher over the
range of ids gives each place of the order its id (a permutation by a Feistel network with cycle
walking; Black and Rogaway, Ciphers with Arbitrary Finite Domains, CT-RSA 2002).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

ROUNDS: Final = 4
MOST_HALF_BITS: Final = 31
_WORD: Final = (1 << 64) - 1


class ListOrder(StrEnum):
    """Who of a list goes next; saved by value. Promised calls go before every order."""

    PRIORITY = "priority"  # the higher first, then who is due longest, then as listed
    LAST_CALLED = "last_called"  # whom nobody has called for the longest time
    RANDOM = "random"  # by lot, the same lot for the same seed
    NEWEST = "newest"  # who was listed last
    BEST_HOUR = "best_hour"  # whose chance to answer is now nearest to the best of the day


@dataclass(frozen=True, slots=True)
class Turn:
    """What the orders ask of one contact; `hour_score`: chance now as a share of the day's best."""

    contact_id: int
    priority: int = 0
    due_at: datetime | None = None  # None: from the beginning
    last_attempt_at: datetime | None = None
    hour_score: float = 0.0


def in_order(turns: Sequence[Turn], order: ListOrder, seed: int = 0) -> list[Turn]:
    """The turns in their order, first one first; ties go as listed."""
    match order:
        case ListOrder.PRIORITY:
            return sorted(turns, key=_by_priority)
        case ListOrder.LAST_CALLED:
            return sorted(turns, key=lambda one: (_at(one.last_attempt_at), one.contact_id))
        case ListOrder.RANDOM:
            return sorted(turns, key=lambda one: _hash(seed, 0, one.contact_id))
        case ListOrder.NEWEST:
            return sorted(turns, key=lambda one: -one.contact_id)
        case ListOrder.BEST_HOUR:
            return sorted(turns, key=lambda one: (-one.hour_score, *_by_priority(one)))


def _by_priority(turn: Turn) -> tuple[int, float, int]:
    return (-turn.priority, _at(turn.due_at), turn.contact_id)


def _at(moment: datetime | None) -> float:
    return float("-inf") if moment is None else moment.astimezone(UTC).timestamp()


class Lot:
    """A permutation of the whole numbers from `first` to `last`, drawn by `seed`."""

    def __init__(self, first: int, last: int, seed: int) -> None:
        if last < first:
            raise ValueError("a lot needs at least one number")
        self._first, self._size, self._seed = first, last - first + 1, seed
        self._half_bits = max(1, (self._size - 1).bit_length() + 1 >> 1)
        if self._half_bits > MOST_HALF_BITS:
            raise ValueError("a lot over so many numbers cannot be drawn")
        self._mask = (1 << self._half_bits) - 1

    def __len__(self) -> int:
        return self._size

    def at(self, place: int) -> int:
        """The number at that place of the lot, from 0; IndexError beyond its end."""
        if not 0 <= place < self._size:
            raise IndexError("the lot has no such place")
        found = self._once(place)
        while found >= self._size:  # fewer than four times on average: the domain is that tight
            found = self._once(found)
        return self._first + found

    def some(self, place: int, count: int) -> list[int]:
        """The numbers from that place on, at most `count`."""
        return [self.at(one) for one in range(place, min(place + count, self._size))]

    def _once(self, value: int) -> int:
        left, right = value >> self._half_bits, value & self._mask
        for step in range(ROUNDS):
            left, right = right, left ^ (_hash(self._seed, step, right) & self._mask)
        return left << self._half_bits | right


def _hash(seed: int, step: int, value: int) -> int:
    """SplitMix64's finaliser (Steele, Lea and Flood, OOPSLA 2014) over the three numbers."""
    mixed = (value + (seed * 8 + step + 1) * 0x9E3779B97F4A7C15) & _WORD
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _WORD
    return mixed ^ (mixed >> 31)
