"""Promised calls: seen, moved, handed over, taken back; to their owner first, then to anyone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from dialer_core.engine import commands, events
from dialer_core.engine.dialler import Dialler
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import LineId, SessionId
from dialer_core.model.states import SeatState
from dialer_core.pacing import make_pacer
from dialer_core.store.floor import FloorStore
from dialer_core.store.promises import PromiseStore
from dialer_core.store.schema import AgentRow, AuditRow, CampaignRow, ContactRow
from tests.store.engine_over_store import EngineOverStore
from tests.store.floor_kit import FloorKit

PROMISED = 3  # the record


@pytest.fixture
def store(kit: FloorKit) -> Iterator[PromiseStore]:
    made = PromiseStore(kit.database)
    yield made
    made.close()


def promise(kit: FloorKit, owner: str | None, after: timedelta) -> None:
    with kit.database.writing() as connection:
        agent = connection.scalar(select(AgentRow.id).where(AgentRow.name == owner))
        connection.execute(
            update(ContactRow)
            .where(ContactRow.id == PROMISED)
            .values(status="call_back", next_at=kit.now.utc + after, call_back_agent_id=agent)
        )


def test_all_promises_stand_with_owner_even_of_a_campaign_that_is_stopped(
    kit: FloorKit, store: PromiseStore
) -> None:
    promise(kit, "Ben of preview", timedelta(hours=30))
    with kit.database.writing() as connection:
        connection.execute(update(CampaignRow).values(is_running=False))
    (one,), agents = store.all_promised(kit.now)
    assert (one.contact_id, one.owner, one.is_running) == (PROMISED, "Ben of preview", False)
    assert [name for _, name in agents] == ["Anna of preview", "Ben of preview"]
    assert [each.contact_id for each in store.own("Ben of preview", kit.now)] == [PROMISED]
    assert store.own("Anna of preview", kit.now) == []


def test_one_is_moved_by_the_persons_clock_and_the_log_knows(
    kit: FloorKit, store: PromiseStore
) -> None:
    promise(kit, None, timedelta(hours=1))
    found = store.move(PROMISED, date(2026, 7, 6), time(14, 30), kit.now, "Anna")
    assert found.at == datetime(2026, 7, 6, 13, 30, tzinfo=UTC)  # summer in London
    (one,), _ = store.all_promised(kit.now)
    assert one.at == found.at
    with pytest.raises(KnownError, match="has passed"):
        store.move(PROMISED, date(2026, 3, 2), time(9), kit.now, "Anna")
    with kit.database.reading() as connection:
        assert connection.scalars(select(AuditRow.what)).all().count("call-back moved") == 1


def test_one_is_given_to_another_and_taken_back(kit: FloorKit, store: PromiseStore) -> None:
    promise(kit, "Anna of preview", timedelta(hours=1))
    ben = next(key for key, name in store.all_promised(kit.now)[1] if name.startswith("Ben"))
    store.hand_over(PROMISED, ben, kit.now, "boss")
    assert store.all_promised(kit.now)[0][0].owner == "Ben of preview"
    store.cancel(PROMISED, kit.now, "boss")
    assert store.all_promised(kit.now)[0] == []
    kit.take_lease()
    assert PROMISED in {one.contact_id for one in kit.lease(5)}, "the person stays on the list"
    with pytest.raises(KnownError, match="No call is promised"):
        store.cancel(PROMISED, kit.now, "boss")


def test_what_is_being_called_cannot_be_changed(kit: FloorKit, store: PromiseStore) -> None:
    promise(kit, None, timedelta(0))
    kit.take_lease()
    assert kit.lease(1)[0].contact_id == PROMISED
    assert store.all_promised(kit.now)[0][0].is_held
    with pytest.raises(KnownError, match="being made just now"):
        store.move(PROMISED, date(2026, 3, 9), time(10), kit.now, "Anna")


class TwoSeats(EngineOverStore):
    """Anna and Ben before the real engine; whose screen a record comes to."""

    def __init__(self, kit: FloorKit) -> None:
        self.kit = kit
        self.store = FloorStore(kit.database)
        assert self.store.take_lease("pc:1:1", kit.now, 1e6, lambda _holder: True)
        self.cursor = 0
        self.engine = Dialler(lambda: "T" * 26, lambda c: make_pacer(c.mode.value, target=0.03))
        self.anna = kit.log_in("Anna of preview", "seat01")
        self.ben = kit.log_in("Ben of preview", "seat02")

    def start(self) -> None:
        restored = self.store.restore(self.kit.now)
        self.cursor = restored.cursor
        for event in restored.events:
            self.tell(event)
        for n in range(4):
            self.tell(events.LineUp(LineId(f"line{n}")))
        self.tell(events.Recovered())

    def speak(self, command: commands.LineCommand) -> None:
        pass

    def available(self, seat: int) -> None:
        self.kit.seats[seat].want_available(self.kit.now)
        self.hear_agents()
        self.tick()

    def tick(self) -> None:
        for _ in range(3):
            self.tell(events.Tick())

    def holder(self) -> SessionId | None:
        """On whose screen the promised person is."""
        for seat, session in zip(self.kit.seats, (self.anna, self.ben), strict=True):
            row = seat.read()
            if row is not None and row.state is SeatState.PREVIEW and row.contact_id == PROMISED:
                return session
        return None


def nobody_else(kit: FloorKit) -> None:
    """Only the promised person is left on the list."""
    with kit.database.writing() as connection:
        others = update(ContactRow).where(ContactRow.id != PROMISED)
        connection.execute(others.values(status="closed"))


def test_a_due_call_comes_to_its_owner_though_another_waits_longer(kit: FloorKit) -> None:
    promise(kit, "Ben of preview", timedelta(0))
    floor = TwoSeats(kit)
    floor.start()
    nobody_else(kit)
    floor.available(0)
    assert floor.holder() is None, "Ben is there, only paused: it is his"
    floor.available(1)
    kit.clock.advance(6)  # the list is asked again
    floor.tick()
    assert floor.holder() == floor.ben
    floor.store.close()


def test_after_the_agreed_wait_an_absent_owners_call_is_anyones(kit: FloorKit) -> None:
    promise(kit, "Ben of preview", timedelta(0))
    floor = TwoSeats(kit)
    floor.start()
    nobody_else(kit)
    floor.available(0)  # Ben stays paused
    kit.clock.advance(590)
    floor.tick()
    assert floor.holder() is None, "ten minutes are Ben's to come back"
    kit.clock.advance(20)
    floor.tick()
    assert floor.holder() == floor.anna
    floor.store.close()
