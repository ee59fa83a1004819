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

import numpy as np
from numpy.typing import NDArray

ROUNDS: Final = 4
MOST_HALF_BITS: Final = 31
_WORD: Final = (1 << 64) - 1

Words = NDArray[np.uint64]


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
            ids = np.array([one.contact_id for one in turns], np.uint64)
            return [turns[int(at)] for at in np.argsort(_hash(seed, 0, ids), kind="stable")]
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
        half = max(1, ((self._size - 1).bit_length() + 1) // 2)
        if half > MOST_HALF_BITS:
            raise ValueError("a lot over so many numbers cannot be drawn")
        self._half_bits, self._mask = np.uint64(half), np.uint64((1 << half) - 1)

    def __len__(self) -> int:
        return self._size

    def some(self, place: int, count: int) -> list[int]:
        """The numbers at the places from `place` (from 0) on; fewer than `count` at the end."""
        places = np.arange(place, min(place + count, self._size), dtype=np.uint64)
        found = self._once(places)
        # Outside of the range it is drawn again: fewer than four times on average, since the
        # cipher's domain is at most that much larger.
        outside = np.flatnonzero(found >= self._size)
        while len(outside):
            found[outside] = self._once(found[outside])
            outside = outside[found[outside] >= self._size]
        return [self._first + int(one) for one in found]

    def _once(self, values: Words) -> Words:
        left, right = values >> self._half_bits, values & self._mask
        for step in range(ROUNDS):
            left, right = right, left ^ (_hash(self._seed, step, right) & self._mask)
        return (left << self._half_bits) | right


def _hash(seed: int, step: int, values: Words) -> Words:
    """SplitMix64's finaliser (Steele, Lea and Flood, OOPSLA 2014) over the three numbers."""
    mixed = values + np.uint64((seed * 8 + step + 1) * 0x9E3779B97F4A7C15 & _WORD)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
