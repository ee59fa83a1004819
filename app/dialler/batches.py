"""What has come in, in batches: the engine's word on it, then the record, and only then the lines.

A batch is on the record as a whole before a line hears of it; what a line has told is acknowledged
to it once its effects are on the record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.dialler.line_ear import Acknowledge
from dialer_core.clock import Clock, Instant
from dialer_core.engine import commands, events
from dialer_core.engine.dialler import Dialler
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import CampaignId

MOST: Final = 64  # events that are put on the record together

Apply = Callable[
    [Sequence[commands.StoreCommand], Instant, int | None], Awaitable[Sequence[events.Event]]
]


@dataclass(frozen=True, slots=True)
class _Item:
    event: events.Event
    at: Instant
    acknowledge: Acknowledge | None = None
    cursor: int | None = None


@dataclass(frozen=True, slots=True)
class Doors:
    """Where a batch goes: the record (`apply`, `complete`), the lines, and who looks on."""

    apply: Apply
    complete: Callable[[Sequence[events.CallEnded]], Awaitable[object]]
    speak: Callable[[commands.LineCommand], Awaitable[None]]
    acknowledge: Callable[[Acknowledge], None]
    decided: Callable[[], Awaitable[None]]


class Batches:
    """The queue of what comes in, and the one loop that takes it in. Belongs to the event loop."""

    def __init__(self, dialler: Dialler, clock: Clock, doors: Doors) -> None:
        self._dialler, self._clock, self._doors = dialler, clock, doors
        self._queue: asyncio.Queue[_Item] = asyncio.Queue()
        self.campaigns: dict[CampaignId, Campaign] = {}  # as the engine knows them

    @property
    def is_empty(self) -> bool:
        """Whether all that has come in was taken up."""
        return self._queue.empty()

    def put(self, event: events.Event, at: Instant | None = None) -> None:
        """What the process itself, or its clock, has to say."""
        self._queue.put_nowait(_Item(event, at or self._clock.now()))

    def hear(self, event: events.Event, at: Instant, acknowledge: Acknowledge | None) -> None:
        """What a line says, and what it is told once that is on the record."""
        self._queue.put_nowait(_Item(event, at, acknowledge))

    def follow(self, event: events.Event, at: Instant, cursor: int) -> None:
        """What a window has wanted, and how far its wishes are read with it."""
        self._queue.put_nowait(_Item(event, at, cursor=cursor))

    def take_all(self) -> list[events.Event]:
        """What waits, in its order, taken out."""
        taken = []
        while not self._queue.empty():
            taken.append(self._queue.get_nowait().event)
        return taken

    async def run(self) -> None:
        """From now on, until it is cancelled."""
        answers: Sequence[events.Event] = ()
        while True:
            items = [] if answers else [await self._queue.get()]
            while not self._queue.empty() and len(items) < MOST:
                items.append(self._queue.get_nowait())
            answers = await self._carry_out(answers, items)

    async def _carry_out(
        self, answers: Sequence[events.Event], items: Sequence[_Item]
    ) -> Sequence[events.Event]:
        """One round; the record's answers to it, which belong to the next.

        What has come in meanwhile is taken in with them: a campaign that was stopped is refused by
        the record, round after round, until the engine has heard of it.
        """
        wanted: list[commands.Command] = []
        for answer in answers:
            wanted += self._dialler.handle(answer, self._clock.now())
        late: list[events.CallEnded] = []
        for item in items:
            event = item.event
            if isinstance(event, events.CallEnded) and not self._dialler.has_call(event.attempt_id):
                late.append(event)
            if isinstance(event, events.CampaignSet):
                self.campaigns[event.campaign.id] = event.campaign
            wanted += self._dialler.handle(event, item.at)
        await self._doors.decided()
        told = await self._put_on_record(wanted, items)
        for command in wanted:
            if not isinstance(command, commands.StoreCommand):
                await self._doors.speak(command)
        if late:
            await self._doors.complete(late)
        for item in items:
            if item.acknowledge is not None:
                self._doors.acknowledge(item.acknowledge)
        return told

    async def _put_on_record(
        self, wanted: Sequence[commands.Command], items: Sequence[_Item]
    ) -> Sequence[events.Event]:
        cursor = max((item.cursor for item in items if item.cursor is not None), default=None)
        to_store = [one for one in wanted if isinstance(one, commands.StoreCommand)]
        if not to_store and cursor is None:
            return ()
        return await self._doors.apply(to_store, self._clock.now(), cursor)
