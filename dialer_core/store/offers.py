"""Drawing the next people from what is kept of each place of a mix."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dialer_core.lists.mix import Kind, Mix, Place
from dialer_core.lists.order import Turn
from dialer_core.store.waiting import Waiting

Asked = Mapping[Place, Sequence[Turn]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A person who is next, and the place in the mix from which they come."""

    place: Place
    turn: Turn


@dataclass(frozen=True, slots=True)
class Offers:
    """The next people in their order, and the places that had anybody."""

    people: tuple[Offer, ...]
    available: tuple[Place, ...]


def draw(
    mix: Mix,
    places: Mapping[Place, Waiting],
    count: int,
    seen: set[int],
    still: Callable[[Asked], set[int]],
) -> Offers:
    """Plan with what is kept, ask `still` who of the planned is there, and plan again without them.

    `seen`: who is not offered any more; those who are asked about come to it. `still` answers with
    the ids of those who are there, and may fill the places again. Only the asked leave their place.
    """
    sure: dict[Place, deque[Turn]] = {place: deque() for place in places}
    most = 0  # asked about of a place at least, from the second time on
    while True:
        numbers = {place: len(sure[place]) + len(waiting) for place, waiting in places.items()}
        retries = {place: number for place, number in numbers.items() if place[1] is Kind.RETRY}
        if mix.retries_first and sum(retries.values()) >= count:
            numbers = retries  # the fresh are not there for the mix
        plan = mix.plan(numbers, count)
        wanted = Counter(plan)
        asked: dict[Place, list[Turn]] = {}
        for place, number in wanted.items():
            if number > len(sure[place]):
                # One who is in two sources is called once.
                missing = max(number - len(sure[place]), most)
                asked[place] = places[place].take(missing, seen)
                seen.update(turn.contact_id for turn in asked[place])
        there = still(asked)
        for place, found in asked.items():
            sure[place].extend(turn for turn in found if turn.contact_id in there)
        if all(len(sure[place]) >= number for place, number in wanted.items()):
            break
        most = count
    people = tuple(Offer(place, sure[place].popleft()) for place in plan)
    for place, rest in sure.items():
        places[place].put_back(rest)
    return Offers(people, tuple(place for place, number in numbers.items() if number))
