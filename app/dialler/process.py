"""The dialler's process: the sans-IO engine between the database, the lines and the clock.

Start-up, told as a story: it opens the database, takes the lease (and with it an epoch that no
older dialler's command can pass), reads what was in progress, adopts the lines that still live
and starts the missing ones, hears what they did meanwhile, and only then dials. From there one
loop takes what came in, asks the engine, writes all of it in one transaction, and only then
speaks to the lines. If the lease is lost it stops at once and leaves the lines to the next.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from app.clock import WallClock
from app.dialler import holder
from app.dialler.asides import Asides
from app.dialler.callers import CallerLines
from app.dialler.chores import Chores
from app.dialler.line_bank import Acknowledge, LineBank, LineFiles
from app.dialler.sounds import CampaignSounds
from app.dialler.speaking import Speaker
from app.dialler.trunk_renewal import TrunkRenewal, callers_ports, lines_of
from app.errors import KnownError
from app.exchange import Exchange
from app.floor_place import floor_place
from app.phone_link import line_tls_arguments
from app.profile import Profile
from app.secrets import open_secrets
from app.trunk import Trunk, nameserver_arguments, read_trunk
from dialer_core.clock import Clock, Instant
from dialer_core.engine import commands, events
from dialer_core.engine.dialler import Dialler
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import CampaignId, LineId
from dialer_core.pacing import make_pacer
from dialer_core.pacing.view import Pacer
from dialer_core.rules.gateways import Gateways
from dialer_core.store.floor import FloorStore, LeaseLost
from sip.nameservers import nameservers

log = logging.getLogger("app.dialler")

TICK_S = 0.1
LEAST_TICK_S = 0.01
FEED_S = 0.05
RENEW_S = 1.0
LEASE_S = 3.0
DRAIN_S = 900.0
ASIDE_S = 2.0  # as often as lines say how their calls sound
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Item:
    event: events.Event
    at: Instant
    acknowledge: Acknowledge | None = None
    cursor: int | None = None


class DiallerProcess:
    """Runs one dialler until it is told to stop, or loses its lease."""

    def __init__(self, profile: Profile, new_attempt_id: Callable[[], str], clock: Clock) -> None:
        self._profile = profile
        self._clock = clock
        path = profile.root / "trunk.toml"
        self._trunk = read_trunk(path)
        self._exchange = Exchange(self._trunk, trunk_passwords(profile, self._trunk))
        self._trouble: str | None = None  # of the trunk, as it was last recorded
        gateways = Gateways(self._exchange.limits)
        self._dialler = Dialler(new_attempt_id, self._pacer, gateways)
        self._queue: asyncio.Queue[_Item] = asyncio.Queue()
        self._db = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._campaigns: dict[CampaignId, Campaign] = {}
        self._stop = asyncio.Event()
        self._cursor = 0
        self._callers = CallerLines(self._exchange)
        self._asides = Asides(clock)
        self._renewal = TrunkRenewal(
            path,
            self._read_trunk,
            self._exchange,
            self._callers,
            self._put,
            lambda line_id: line_id in self._dialler.lines,
            self._note_kept_lines,
        )
        self._chores = Chores(floor_place(profile), clock)
        self._store: FloorStore
        self._lines: LineBank

    @staticmethod
    def _pacer(campaign: Campaign) -> Pacer:
        return make_pacer(
            campaign.mode.value, target=campaign.abandon_target, levers=campaign.levers
        )

    async def _in_db(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._db, work, *arguments)

    async def run(self) -> None:
        """From the lease to the orderly end. Raises KnownError where the world forbids it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        self._store = await self._in_db(FloorStore, floor_place(self._profile))
        try:
            await self._dial()
        finally:
            await self._in_db(self._store.close)
            self._db.shutdown()

    def stop(self) -> None:
        """Ask for the orderly end: no new calls, the ones in progress are finished."""
        self._stop.set()

    async def _dial(self) -> None:
        epoch = await self._take_lease()
        log.info("dialling under epoch %d with %d lines", epoch, self._trunk.lines)
        await self._restore()
        files = self._files()
        self._lines = LineBank(files, self._clock, epoch, self._tell, self._asides.hear)
        line_ids = lines_of(self._trunk) + self._callers.line_ids
        await self._lines.open(line_ids)
        await self._in_db(self._note_lines, {one: files.address(one) for one in line_ids})
        self._put(events.Recovered())
        tasks = [
            asyncio.create_task(work())
            for work in (
                self._tick,
                self._follow,
                self._renew,
                self._listen,
                self._work,
                self._chores.run,
                self._follow_trunk,
            )
        ]
        stop = asyncio.create_task(self._stop.wait())
        try:
            done, _ = await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
            if stop in done:
                await self._drain(tasks)
            for task in done - {stop}:
                task.result()
        finally:
            for task in [stop, *tasks]:
                task.cancel()
            await self._lines.close(shut_lines=stop.done() and not stop.cancelled())
        await self._in_db(self._store.release)

    def _files(self) -> LineFiles:
        ports = callers_ports(self._trunk, self._callers.line_ids)
        words = (
            *line_tls_arguments(self._profile),
            *nameserver_arguments(self._trunk, nameservers()),
        )
        return LineFiles(self._profile, words, ports)

    async def _restore(self) -> None:
        """Tell the engine the floor as it stands on the record, and what the day has taught."""
        restored = await self._in_db(self._store.restore, self._clock.now())
        self._cursor = restored.cursor
        for event in restored.events:
            self._put(event)
        history = await self._in_db(self._store.history, self._clock.now())
        for campaign_id, day in history.items():
            self._put(events.HistoryRead(campaign_id, day.rings, day.handles, day.answers))

    def _note_lines(self, addresses: Mapping[LineId, str]) -> None:
        """The floor's lines are these, and no longer what an earlier dialler ran."""
        now = self._clock.now()
        for line_id, _, _ in self._store.lines():
            if line_id not in addresses:
                self._store.forget_line(line_id)
        for line_id, address in addresses.items():
            self._store.note_line(line_id, address, now)

    async def _take_lease(self) -> int:
        name = holder.describe_self()
        while not self._stop.is_set():
            epoch = await self._in_db(
                self._store.take_lease, name, self._clock.now(), LEASE_S, holder.is_dead
            )
            if epoch is not None:
                return int(epoch)
            await asyncio.sleep(FEED_S)
        raise KnownError("Another dialler runs this floor; it was left alone.")

    def _put(self, event: events.Event, at: Instant | None = None) -> None:
        self._queue.put_nowait(_Item(event, at or self._clock.now()))

    def _tell(self, event: events.Event, at: Instant, acknowledge: Acknowledge | None) -> None:
        if isinstance(event, events.LineUp):
            self._callers.line_up(event.line_id)
        self._queue.put_nowait(_Item(event, at, acknowledge))

    # --- the five loops -------------------------------------------------------------------

    async def _tick(self) -> None:
        """Once in TICK_S, and sooner where the engine has something due."""
        while True:
            due_s = self._dialler.wake_at_s
            wait_s = TICK_S if due_s is None else due_s - self._clock.now().mono_s
            await asyncio.sleep(min(TICK_S, max(LEAST_TICK_S, wait_s)))
            if self._queue.empty():
                self._put(events.Tick())

    async def _follow(self) -> None:
        """What agents and the supervisor have written."""
        while True:
            if await self._in_db(self._store.changed):
                at = self._clock.now()
                found, cursor = await self._in_db(self._store.agent_events, self._cursor, at)
                for event in found:
                    self._queue.put_nowait(_Item(event, at, cursor=cursor))
                self._cursor = cursor
            await asyncio.sleep(FEED_S)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            now = self._clock.now()
            if not await self._in_db(self._store.renew, now, LEASE_S):
                raise LeaseLost
            for event in await self._in_db(self._store.new_days, now):
                self._put(event)
            for campaign in await self._in_db(self._store.changed_campaigns, now):
                self._put(events.CampaignSet(campaign))

    async def _listen(self) -> None:
        """Where calls may come from, and what lines say beside their calls."""
        await self._in_db(self._store.set_line_troubles, (), self._clock.now())
        looked_s = float("-inf")
        while True:
            now = self._clock.now()
            await self._callers.keep(self._lines, now.mono_s)
            if now.mono_s - looked_s >= ASIDE_S:
                looked_s = now.mono_s
                await self._note_asides(now)
            await asyncio.sleep(RENEW_S)

    async def _note_asides(self, now: Instant) -> None:
        changed = {"": self._renewal.trouble} if self._renewal.trouble else {}
        self._asides.set_names(changed | self._callers.troubles)
        troubles, qualities = self._asides.take_troubles(), self._asides.take_qualities()
        if troubles is not None:
            await self._in_db(self._store.set_line_troubles, troubles, now)
        if qualities:
            await self._in_db(self._store.note_qualities, qualities)

    async def _work(self) -> None:
        while True:
            items = [await self._queue.get()]
            while not self._queue.empty() and len(items) < 64:
                items.append(self._queue.get_nowait())
            await self._carry_out(items)

    async def _carry_out(self, items: Sequence[_Item]) -> None:
        cursor = max((item.cursor for item in items if item.cursor is not None), default=None)
        wanted: list[commands.Command] = []
        for item in items:
            if isinstance(item.event, events.CampaignSet):
                self._campaigns[item.event.campaign.id] = item.event.campaign
            wanted += self._dialler.handle(item.event, item.at)
        self._learn_of_trunk()
        while wanted or cursor is not None:
            to_store = [c for c in wanted if isinstance(c, commands.StoreCommand)]
            to_lines = [c for c in wanted if not isinstance(c, commands.StoreCommand)]
            answers: Sequence[events.Event] = ()
            if to_store or cursor is not None:
                now = self._clock.now()
                answers = await self._in_db(self._store.apply, to_store, now, cursor)
            for command in to_lines:
                await self._speak(command)
            cursor = None
            wanted = []
            for answer in answers:
                wanted += self._dialler.handle(answer, self._clock.now())
        for item in items:
            if item.acknowledge is not None:
                self._lines.acknowledge(item.acknowledge)

    # --- to the lines ---------------------------------------------------------------------

    @cached_property
    def _speaker(self) -> Speaker:
        return Speaker(
            self._lines,
            self._exchange,
            self._phone,
            self._campaigns,
            self._clock,
            self._tell,
            CampaignSounds(self._profile.root / "sounds"),
            self._profile.root / "recordings",
        )

    async def _speak(self, command: commands.LineCommand) -> None:
        await self._speaker.speak(command)

    async def _phone(self, session_id: int) -> tuple[str, str]:
        return await self._in_db(self._store.phone_address, session_id)

    # --- the trunk ------------------------------------------------------------------------

    def _read_trunk(self) -> tuple[Trunk, dict[str, str]]:
        trunk = read_trunk(self._profile.root / "trunk.toml")
        return trunk, trunk_passwords(self._profile, trunk)

    async def _follow_trunk(self) -> None:
        await self._renewal.run(self._lines)

    async def _note_kept_lines(self, line_ids: Iterable[LineId]) -> None:
        files = self._files()
        await self._in_db(self._note_lines, {one: files.address(one) for one in line_ids})

    def _learn_of_trunk(self) -> None:
        """Tell the supervisor what the engine has learnt."""
        trouble = self._dialler.trunk_trouble
        if trouble == self._trouble:
            return
        if trouble:
            log.warning("%s", trouble)
        elif self._trouble:
            log.info("trunk: calls get through again")
        self._trouble = trouble
        self._db.submit(self._store.set_trunk_trouble, trouble, self._clock.now())

    async def _drain(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """No new calls; the ones in progress come to their end, and outcomes are waited for."""
        log.info("stopping: calls in progress are finished first")
        self._put(events.DiallingStopped())
        until = self._clock.now().mono_s + DRAIN_S
        while self._clock.now().mono_s < until:
            await asyncio.sleep(TICK_S)
            if self._queue.empty() and not self._dialler.calls_in_progress:
                break
            if any(task.done() for task in tasks):
                break


def trunk_passwords(profile: Profile, trunk: Trunk) -> dict[str, str]:
    """The passwords of the gateways that want one, from the keyring; KnownError without one."""
    wanted = [place.name for place in trunk.gateways if place.username]
    if not wanted:
        return {}
    secrets = open_secrets(profile.key)
    found = {name: secrets.get(f"trunk/{name}") for name in wanted}
    missing = [name for name, password in found.items() if password is None]
    if missing:
        raise KnownError(
            f"The password of the gateway {missing[0]} is not in the keyring: set it as "
            f"trunk/{missing[0]}."
        )
    return {name: password for name, password in found.items() if password is not None}


def new_attempt_ids(clock: Callable[[], Instant]) -> Callable[[], str]:
    """Names for attempts: sortable by time, unique on the floor, 26 characters."""

    def make() -> str:
        milliseconds = int(clock().utc.timestamp() * 1000)
        return f"{milliseconds:012x}{os.urandom(7).hex()}"

    return make


def run_dialler(profile: Profile) -> None:
    """The dialler's process, from its start to its end."""
    clock = WallClock()
    try:
        asyncio.run(DiallerProcess(profile, new_attempt_ids(clock.now), clock).run())
    except LeaseLost:
        raise KnownError(
            "Another dialler has taken this floor over; this one has stopped and left it the calls."
        ) from None
