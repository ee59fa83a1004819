"""From which list comes the next person, and whether somebody new: weights, priorities, a ratio.

Each pick gives the sources that have anybody their share as credit and takes one from the source
that is picked (smooth weighted round robin, as in nginx), so the weights hold within a few people
at any moment, not on average only. What a source could not give while it was empty is not made up
for afterwards beyond `MOST_OWED` people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dialer_core.lists.order import ListOrder

MOST_OWED: Final = 5.0


class Kind(StrEnum):
    """Whether somebody has tried the person before."""

    FRESH = "fresh"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Source:
    """A list or a segment in the mix. A weight of 0: only where no other source has anybody."""

    key: int
    weight: float = 1.0
    priority: int = 0  # the lower ones wait until the higher ones have nobody left
    order: ListOrder = ListOrder.PRIORITY
    seed: int = 0


Place = tuple[int, Kind]  # a source's key and a kind


class Mix:
    """Says from which place in the mix the next person comes.

    `retry_share`: of people who were tried before, 0 to 1, while there are both kinds; None: they
    go before the fresh ones.
    """

    def __init__(self, sources: Sequence[Source], retry_share: float | None = None) -> None:
        if retry_share is not None and not 0.0 <= retry_share <= 1.0:
            raise ValueError("a share lies between 0 and 1")
        if any(not source.weight >= 0.0 for source in sources):
            raise ValueError("a weight is not negative")
        self._sources = {source.key: source for source in sources}
        self._share = retry_share
        self._owed = dict.fromkeys(self._sources, 0.0)
        self._retry_owed = 0.0

    @property
    def retries_first(self) -> bool:
        """Whether the fresh wait until nobody else is due."""
        return self._share is None

    def plan(self, stock: Mapping[Place, int], count: int) -> list[Place]:
        """From which places the next `count` people would come, in order; changes nothing.

        `stock`: how many each place has at least. The plan is shorter where there are fewer.
        """
        left = {place: number for place, number in stock.items() if number > 0}
        owed, retry_owed = dict(self._owed), self._retry_owed
        planned: list[Place] = []
        while left and len(planned) < count:
            place = self._pick(left.keys())
            self._charge(place, left.keys())
            planned.append(place)
            left[place] -= 1
            if not left[place]:
                del left[place]
        self._owed, self._retry_owed = owed, retry_owed
        return planned

    def took(self, place: Place, available: Iterable[Place]) -> None:
        """A person of that place was leased while those places had anybody."""
        self._charge(place, {place, *available})

    def next_tier(self, available: Iterable[Place]) -> int | None:
        """The priority that is served now; None where nobody is left."""
        return max((self._sources[key].priority for key, _ in available), default=None)

    def _pick(self, available: Iterable[Place]) -> Place:
        tier = self._tier(available)
        kind = self._kind({kind for _, kind in tier})
        keys = sorted(key for key, of in tier if of is kind)
        shares = self._shares(keys)
        best = max(keys, key=lambda key: (shares[key] > 0.0, self._owed[key] + shares[key], -key))
        return best, kind

    def _kind(self, kinds: set[Kind]) -> Kind:
        if len(kinds) == 1:
            return next(iter(kinds))
        if self._share is None:
            return Kind.RETRY
        return Kind.RETRY if self._retry_owed + self._share >= 1.0 - 1e-9 else Kind.FRESH

    def _charge(self, taken: Place, available: Iterable[Place]) -> None:
        tier = self._tier(available)
        if taken not in tier:
            return
        if self._share is not None and len({kind for _, kind in tier}) == 2:
            self._retry_owed += self._share - (1.0 if taken[1] is Kind.RETRY else 0.0)
        # All sources of the tier share in it, so that one whose turn it is in neither kind
        # catches up with the next person.
        for key, share in self._shares({key for key, _ in tier}).items():
            self._owed[key] = min(MOST_OWED, self._owed[key] + share)
        self._owed[taken[0]] = max(-MOST_OWED, self._owed[taken[0]] - 1.0)

    def _tier(self, available: Iterable[Place]) -> set[Place]:
        places = set(available)
        highest = self.next_tier(places)
        return {place for place in places if self._sources[place[0]].priority == highest}

    def _shares(self, keys: Iterable[int]) -> dict[int, float]:
        weights = {key: self._sources[key].weight for key in keys}
        whole = sum(weights.values())
        if not whole > 0.0:
            return dict.fromkeys(weights, 1.0 / len(weights))
        return {key: weight / whole for key, weight in weights.items()}
