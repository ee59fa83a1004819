"""From which list comes the next person, and whether somebody new: weights, priorities, a ratio.

Each pick gives the sources that have anybody their share as credit and takes one from the source
that is picked (smooth weighted round robin, as in nginx), so the weights hold within a few people
at any moment, not on average only. What a source could not give while it was empty is not made up
for afterwards beyond `MOST_OWED` people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dialer_core.lists.order import ListOrder

MOST_OWED: Final = 5.0
MOST_GROUNDS: Final = 64


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


@dataclass(frozen=True, slots=True)
class _Ground:
    """What follows from who has anybody: the places of the highest priority, and their shares."""

    places: frozenset[Place]
    keys: Mapping[Kind, Sequence[int]]  # of the sources that have anybody of the kind
    shares_of: Mapping[Kind, Mapping[int, float]]  # among those
    shares: Mapping[int, float]  # among all


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
        self._grounds: dict[frozenset[Place], _Ground] = {}

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
        ground = self._ground(left)
        while left and len(planned) < count:
            place = self._pick(ground)
            self._charge(place, ground)
            planned.append(place)
            left[place] -= 1
            if not left[place]:
                del left[place]
                ground = self._ground(left)
        self._owed, self._retry_owed = owed, retry_owed
        return planned

    def took(self, place: Place, available: Iterable[Place]) -> None:
        """A person of that place was leased while those places had anybody."""
        self._charge(place, self._ground((place, *available)))

    def next_tier(self, available: Iterable[Place]) -> int | None:
        """The priority that is served now; None where nobody is left."""
        return max((self._sources[key].priority for key, _ in available), default=None)

    def _pick(self, ground: _Ground) -> Place:
        kind = self._kind(ground.keys.keys())
        shares = ground.shares_of[kind]
        best = max(
            ground.keys[kind],
            key=lambda key: (shares[key] > 0.0, self._owed[key] + shares[key], -key),
        )
        return best, kind

    def _kind(self, kinds: Collection[Kind]) -> Kind:
        if len(kinds) == 1:
            return next(iter(kinds))
        if self._share is None:
            return Kind.RETRY
        return Kind.RETRY if self._retry_owed + self._share >= 1.0 - 1e-9 else Kind.FRESH

    def _charge(self, taken: Place, ground: _Ground) -> None:
        if taken not in ground.places:
            return
        if self._share is not None and len(ground.keys) == 2:
            self._retry_owed += self._share - (1.0 if taken[1] is Kind.RETRY else 0.0)
        # All sources of the tier share in it, so that one whose turn it is in neither kind
        # catches up with the next person.
        for key, share in ground.shares.items():
            self._owed[key] = min(MOST_OWED, self._owed[key] + share)
        self._owed[taken[0]] = max(-MOST_OWED, self._owed[taken[0]] - 1.0)

    def _ground(self, available: Iterable[Place]) -> _Ground:
        """Kept, since one lease asks for it with every person."""
        places = frozenset(available)
        if places not in self._grounds:
            if len(self._grounds) >= MOST_GROUNDS:
                self._grounds.clear()
            self._grounds[places] = self._new_ground(places)
        return self._grounds[places]

    def _new_ground(self, places: frozenset[Place]) -> _Ground:
        highest = self.next_tier(places)
        tier = frozenset(one for one in places if self._sources[one[0]].priority == highest)
        keys = {kind: sorted(key for key, of in tier if of is kind) for kind in Kind}
        keys = {kind: of for kind, of in keys.items() if of}
        shares_of = {kind: self._shares(of) for kind, of in keys.items()}
        return _Ground(tier, keys, shares_of, self._shares({key for key, _ in tier}))

    def _shares(self, keys: Iterable[int]) -> dict[int, float]:
        weights = {key: self._sources[key].weight for key in keys}
        whole = sum(weights.values())
        if not whole > 0.0:
            return dict.fromkeys(weights, 1.0 / max(1, len(weights)))
        return {key: weight / whole for key, weight in weights.items()}
