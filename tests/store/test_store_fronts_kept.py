"""What is kept of a list's front between leases stays right whatever others change meanwhile."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import select, update

from dialer_core.clock import ManualClock
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile
from dialer_core.store.database import Database
from dialer_core.store.schema import ContactRow
from dialer_core.store.schema.base import ContactStatus
from dialer_core.store.waiting import SHARED_S
from tests.store.floor_kit import FloorKit

PEOPLE = 60
ELSEWHERE = 999  # an epoch that is nobody's here

_FREE = select(ContactRow.id).where(
    ContactRow.status == ContactStatus.FRESH, ContactRow.leased_by_epoch.is_(None)
)


class Others:
    """Another program that changes the list; knows nothing of the dialler."""

    def __init__(self, database: Database, draw: Random) -> None:
        self._database, self._draw = database, draw
        self._held: list[int] = []
        self._leased: list[int] = []

    def free(self) -> set[int]:
        with self._database.reading() as connection:
            return set(connection.scalars(_FREE))

    def change(self) -> None:
        """Take people away, or give them back."""
        some = sorted(self.free())
        chosen = self._draw.sample(some, min(len(some), self._draw.randint(0, 5)))
        # Mostly from the front, where it hurts.
        chosen += some[: self._draw.randint(0, 3)]
        match self._draw.randint(0, 3):
            case 0:
                self._held += chosen
                self._set(chosen, status=ContactStatus.HELD)
            case 1:
                self._leased += chosen
                self._set(chosen, leased_by_epoch=ELSEWHERE)
            case _:
                self.give_back()

    def give_back(self) -> None:
        self._set(self._held, status=ContactStatus.FRESH)
        self._set(self._leased, leased_by_epoch=None)
        self._held, self._leased = [], []

    def _set(self, whom: list[int], **values: object) -> None:
        with self._database.writing() as connection:
            connection.execute(update(ContactRow).where(ContactRow.id.in_(whom)).values(**values))


@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_leased_who_is_gone_and_nobody_is_forgotten(
    database: Database, clock: ManualClock, seed: int
) -> None:
    draw = Random(seed)
    kit = FloorKit(database, clock)
    kit.add_campaign(Mode.PREDICTIVE, profile("GB"), people=PEOPLE)
    kit.take_lease()
    others = Others(database, draw)
    leased: list[int] = []
    pauses = [11.0] * 4 + [1.0] * 10 + [0.0] * 11  # in all less than a lease lasts
    draw.shuffle(pauses)
    for pause_s in pauses:
        for _ in range(draw.randint(0, 2)):
            others.change()
        free = others.free()
        found = [int(record.contact_id) for record in kit.lease(draw.randint(1, 4))]
        assert set(found) <= free, "somebody was gone"
        assert len(found) == len(set(found))
        assert not set(found) & set(leased), "somebody came twice"
        leased += found
        clock.advance(pause_s)
    others.give_back()
    clock.advance(SHARED_S + 1.0)
    while found := [int(record.contact_id) for record in kit.lease(16)]:
        leased += found
    assert not others.free(), "somebody was forgotten"
    assert len(leased) == len(set(leased)) == PEOPLE
    kit.close()
