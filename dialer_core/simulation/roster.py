"""The simulated list: long enough that nobody is called twice in a day."""

from __future__ import annotations

import heapq
import itertools
from collections import deque

from dialer_core.model.ids import CampaignId, ContactId, NumberId
from dialer_core.model.records import LeasedRecord
from dialer_core.simulation.day import DayPlan, People

_NUMBERS = 10_000


class Roster:
    """Hands records out in the order of the list and takes those back that were not dialled."""

    def __init__(self, plan: DayPlan, people: People, campaign_id: CampaignId) -> None:
        self._people = people
        self._campaign_id = campaign_id
        self._contacts = itertools.count(1)
        self._returned: deque[ContactId] = deque()
        self._resting: list[tuple[float, ContactId]] = []  # a heap, by the end of the rest
        self._held: dict[ContactId, LeasedRecord] = {}
        self._has_chances = plan.hints.chance_noise is not None
        self._dialled = self._furthest = 0
        self.is_closed = False  # gives nothing by itself

    def lease(self, count: int, now_s: float) -> list[LeasedRecord]:
        """The next records."""
        if self.is_closed:
            return []
        return [self._next(now_s) for _ in range(count)]

    def fresh(self, contact_id: ContactId, now_s: float) -> LeasedRecord:
        """A record of that contact, held from now on."""
        chance = self._people.chance(contact_id, now_s) if self._has_chances else None
        record = LeasedRecord(
            contact_id,
            self._campaign_id,
            NumberId(contact_id),
            f"+44161496{contact_id % _NUMBERS:04d}",
            answer_chance=chance,
        )
        self._held[contact_id] = record
        return record

    def next_contact(self) -> ContactId:
        """A contact that nobody has had yet."""
        return ContactId(next(self._contacts))

    def dialled(self, contact_id: ContactId) -> LeasedRecord:
        """The record has been used up."""
        self._dialled += 1
        self._furthest = max(self._furthest, contact_id)
        return self._held.pop(contact_id)

    @property
    def passed_over(self) -> int:
        """Records that stood before one that was dialled, and were not dialled themselves."""
        return self._furthest - self._dialled

    def take_back(self, contact_id: ContactId, rest_s: float, now_s: float) -> None:
        """The record was not dialled: it is the next one again, or after its rest."""
        del self._held[contact_id]
        if rest_s > 0.0:
            heapq.heappush(self._resting, (now_s + rest_s, contact_id))
        else:
            self._returned.append(contact_id)

    def _next(self, now_s: float) -> LeasedRecord:
        if self._returned:
            return self.fresh(self._returned.popleft(), now_s)
        if self._resting and self._resting[0][0] <= now_s:
            return self.fresh(heapq.heappop(self._resting)[1], now_s)
        return self.fresh(self.next_contact(), now_s)
