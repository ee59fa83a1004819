"""What comes in is heard while the record still answers, and acknowledged once it is on it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.dialler.batches import Batches, Doors
from app.dialler.line_ear import Acknowledge
from app.rehearsal.people import CALLER_ID, DISPOSITIONS
from dialer_core.clock import Instant, ManualClock
from dialer_core.engine import commands, events
from dialer_core.engine.dialler import Dialler
from dialer_core.model.ids import AttemptId, CampaignId, LineId
from dialer_core.model.states import Mode
from dialer_core.pacing import make_pacer
from dialer_core.rules.profiles import profile as rules
from dialer_core.simulation.people import fictitious_people
from dialer_core.store.calls_now import CallsNow
from dialer_core.store.floor import FloorStore
from dialer_core.store.opening import migrate
from dialer_core.store.schema.base import Ground
from dialer_core.store.setup import NewCampaign, NewPerson, SetupStore
from dialer_core.store.watch import WatchStore

LINES = 4
MOST_ROUNDS = 30
MOST_TURNS = 2000

Hook = Callable[[Sequence[commands.StoreCommand]], Awaitable[None]]


def make_campaign(path: Path, clock: ManualClock) -> CampaignId:
    """A campaign that dials by itself and plays a message to whoever answers."""
    new = NewCampaign(
        "Notice", "Client", "Client", Mode.AGENTLESS, rules("REHEARSAL"), CALLER_ID, DISPOSITIONS,
        agentless_wav="message.wav", max_lines=LINES,
    )  # fmt: skip
    people = [
        NewPerson(one.name, [(one.number, "")], zones=[one.time_zone], grounds=(Ground.CONSENT,))
        for one in fictitious_people(40, 1)
    ]
    with closing(SetupStore(path)) as store:
        campaign_id = store.add_campaign(new, clock.now())
        store.add_list(campaign_id, "All", people, clock.now(), source="a test")
    return campaign_id


@dataclass
class Rig:
    """An engine with its real record, and lines that only write down what they hear."""

    path: Path
    clock: ManualClock
    campaign_id: CampaignId
    store: FloorStore
    spoken: list[commands.LineCommand] = field(default_factory=list)
    acknowledged: list[Acknowledge] = field(default_factory=list)
    rounds: int = 0
    before: Hook | None = None

    def __post_init__(self) -> None:
        names = (AttemptId(f"a{n:025d}") for n in itertools.count(1))
        self.dialler = Dialler(
            lambda: next(names),
            lambda one: make_pacer(one.mode.value, target=one.abandon_target, levers=one.levers),
        )
        doors = Doors(self.apply, self.complete, self.speak, self.acknowledged.append, self.look)
        self.batches = Batches(self.dialler, self.clock, doors)
        self.store.take_lease("pc:1:1", self.clock.now(), 3.0, lambda _holder: True)
        restored = self.store.restore(self.clock.now())
        self.cursor = restored.cursor
        lines = [events.LineUp(LineId(f"line{n:02d}")) for n in range(LINES)]
        for event in (*restored.events, *lines, events.Recovered()):
            self.batches.put(event)

    async def apply(
        self, wanted: Sequence[commands.StoreCommand], now: Instant, cursor: int | None
    ) -> Sequence[events.Event]:
        self.rounds += 1
        assert self.rounds < MOST_ROUNDS, "the record is asked again and again"
        if self.before is not None:
            await self.before(wanted)
        await asyncio.sleep(0)
        return self.store.apply(wanted, now, cursor)

    async def complete(self, late: Sequence[events.CallEnded]) -> None:
        self.store.complete(late)

    async def speak(self, command: commands.LineCommand) -> None:
        self.spoken.append(command)

    async def look(self) -> None: ...

    def run(self, until: Callable[[], bool]) -> None:
        """Until it is so, or nothing more happens."""

        async def whole() -> None:
            running = asyncio.create_task(self.batches.run())
            for _ in range(MOST_TURNS):
                if until() or running.done():
                    break
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            if not running.cancelled():
                running.result()

        asyncio.run(whole())

    def follow(self) -> None:
        """What the windows have wanted comes in."""
        found, self.cursor = self.store.agent_events(self.cursor, self.clock.now())
        for event in found:
            self.batches.follow(event, self.clock.now(), self.cursor)

    def dialled(self) -> list[commands.Originate]:
        return [one for one in self.spoken if isinstance(one, commands.Originate)]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    path, clock = tmp_path / "floor.sqlite3", ManualClock()
    migrate(path)
    campaign_id = make_campaign(path, clock)
    store = FloorStore(path)
    yield Rig(path, clock, campaign_id, store)
    store.close()


def test_a_campaign_that_was_stopped_is_heard_of_while_the_record_refuses_its_calls(
    rig: Rig,
) -> None:
    async def stop_in_between(wanted: Sequence[commands.StoreCommand]) -> None:
        # The store knows it before the engine does, whose calls are on their way to the record.
        if any(isinstance(one, commands.CommitAttempt) for one in wanted) and rig.cursor == before:
            with closing(WatchStore(rig.path)) as window:
                window.set_running(rig.campaign_id, False, "a test", rig.clock.now())
            rig.follow()

    before = rig.cursor
    rig.before = stop_in_between
    state = rig.dialler.campaign(rig.campaign_id)
    rig.run(lambda: rig.cursor > before and not state.campaign.is_running)
    assert rig.cursor > before
    assert not state.campaign.is_running
    assert not rig.dialled()
    assert not rig.dialler.calls, "what was refused holds no line"


def ended(command: commands.Originate, now: Instant) -> events.CallEnded:
    """A busy line's word."""
    facts = events.CallFacts(
        sip_status=486, reason="Busy Here", q850=None, ended_by="person", crossed=False,
        message_played=False, invite=now, progress=None, ringing=None, early_media=None,
        answered=None, bridged=None, message=None, ended=now, session_id=None, sip_call_id="x",
    )  # fmt: skip
    return events.CallEnded(command.line_id, command.attempt_id, facts)


def test_ends_that_come_while_the_record_is_waited_for_are_put_on_it_and_acknowledged(
    rig: Rig,
) -> None:
    others: list[commands.Originate] = []

    async def hear_the_others(_wanted: Sequence[commands.StoreCommand]) -> None:
        rig.before = None
        assert not rig.acknowledged, "the first end is not on the record yet"
        for number, one in enumerate(others):
            rig.batches.hear(
                ended(one, rig.clock.now()), rig.clock.now(), Acknowledge(one.line_id, number)
            )

    def all_dialled() -> bool:
        if len(rig.dialled()) == LINES and not others:
            first, *rest = rig.dialled()
            others.extend(rest)
            rig.batches.put(events.DiallingStopped())
            rig.before = hear_the_others
            told = Acknowledge(first.line_id, 9)
            rig.batches.hear(ended(first, rig.clock.now()), rig.clock.now(), told)
        return len(rig.acknowledged) == LINES

    rig.run(all_dialled)
    assert [one.seq for one in rig.acknowledged] == [9, 0, 1, 2]
    assert not rig.dialler.calls
    with closing(CallsNow(rig.path)) as now:
        assert (now.in_progress(), len(now.attempt_ids())) == (0, LINES)
