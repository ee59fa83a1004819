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

from app.backup.nightly import Nightly
from app.clock import WallClock, clock_words
from app.dialler import holder
from app.dialler.asides import Asides
from app.dialler.callers import CallerLines
from app.dialler.chores import Chores
from app.dialler.lease_keeper import LeaseKeeper
from app.dialler.line_bank import Acknowledge, LineBank, LineFiles
from app.dialler.reaching import PhoneReach
from app.dialler.sounds import CampaignSounds
from app.dialler.speaking import Speaker
from app.dialler.trunk_renewal import TrunkRenewal, callers_ports, lines_of
from app.errors import KnownError
from app.exchange import Exchange
from app.floor_place import floor_place, place_stamp
from app.phone_link import line_arguments
from app.profile import Profile
from app.secrets import open_secrets
from app.trunk import Trunk, hosts_of, nameserver_arguments, read_trunk
from dialer_core.clock import Clock, Instant
from dialer_core.engine import commands, events
from dialer_core.engine.dialler import Dialler
from dialer_core.model.campaign import Campaign
from dialer_core.model.errors import FateUnknown, StoreTrouble
from dialer_core.model.ids import CampaignId, LineId
from dialer_core.pacing import make_pacer
from dialer_core.pacing.view import Pacer
from dialer_core.rules.gateways import Gateways
from dialer_core.store.address import Place
from dialer_core.store.floor import FloorStore, LeaseLost
from dialer_core.store.lease import LEASE_S
from sip.clock import awake_s
from sip.nameservers import nameservers

log = logging.getLogger("app.dialler")

TICK_S = 0.1
LEAST_TICK_S = 0.01
FEED_S = 0.02
STANDBY_S = 0.25  # how often one that stands by looks whether the floor is free
OTHERS_S = 2 * LEASE_S  # so long one that does not stand by waits for another PC's dialler
LOOK_S = 1.0
CLOCK_OFF_S = 30.0
AGAIN_S = 0.25  # between two tries of what the database could not do
GIVE_UP_S = 10.0  # so long these tries go on when the dialler is to end
DRAIN_S = 900.0
ASIDE_S = 2.0  # as often as lines say how their calls sound
LEFT_ALONE = "Another dialler runs this floor; it was left alone."
TAKEN_OVER = (
    "Another dialler has taken this floor over; this one has stopped and left it the calls."
)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Item:
    event: events.Event
    at: Instant
    acknowledge: Acknowledge | None = None
    cursor: int | None = None


class _NotNeeded(Exception):
    """One that stood by was told to end before the floor was free."""


class DiallerProcess:
    """Runs one dialler until it is told to stop, or loses its lease."""

    def __init__(
        self,
        profile: Profile,
        new_attempt_id: Callable[[], str],
        clock: Clock,
        *,
        stands_by: bool = False,
    ) -> None:
        """`stands_by`: wait, as long as it takes, until whoever dials this floor is gone."""
        self._profile = profile
        self._stands_by = stands_by
        self._place: Place = floor_place(profile)
        self._lease: LeaseKeeper | None = None
        self._waiting_lines: LineBank | None = None  # of one that stands by
        self._away_s: float | None = None  # since when the database cannot be used
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
        self._reach = PhoneReach()
        self._renewal = TrunkRenewal(
            path,
            self._read_trunk,
            self._exchange,
            self._callers,
            self._put,
            lambda line_id: line_id in self._dialler.lines,
            self._note_kept_lines,
            self._line_words,
        )
        self._chores = Chores(self._place, clock, nightly=Nightly(profile))
        self._place_stamp = place_stamp(profile)
        self.has_floor_moved = False
        self._store: FloorStore
        self._lines: LineBank

    @staticmethod
    def _pacer(campaign: Campaign) -> Pacer:
        return make_pacer(
            campaign.mode.value, target=campaign.abandon_target, levers=campaign.levers
        )

    async def _in_db(self, work: Callable[..., T], *arguments: object) -> T:
        """Have it done on the store's thread; tried again while the database cannot be used.

        Meanwhile nothing is dialled, as nothing can be put on the record; calls are the lines'.
        """
        loop = asyncio.get_running_loop()
        while True:
            try:
                done = await loop.run_in_executor(self._db, work, *arguments)
            except StoreTrouble as trouble:
                self._note_trouble(trouble)
                await asyncio.sleep(AGAIN_S)
                continue
            if self._away_s is not None:
                log.info("the floor's database is there again")
                self._away_s = None
            return done

    def _note_trouble(self, trouble: StoreTrouble) -> None:
        now_s = self._clock.now().mono_s
        if self._away_s is None:
            self._away_s = now_s
            log.warning("nothing is dialled until this is mended: %s", trouble.sentence)
        if self._stop.is_set() and now_s - self._away_s > GIVE_UP_S:
            raise trouble

    async def run(self) -> None:
        """From the lease to the orderly end. Raises KnownError where the world forbids it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        if not await self._open_store():
            return
        try:
            await self._check_clock()
            await self._dial()
        except _NotNeeded:
            log.info("stood by, and was not needed")
        except KnownError:
            if not self.has_floor_moved:
                raise
        finally:
            await self._in_db(self._store.close)
            self._db.shutdown()

    async def _open_store(self) -> bool:
        """One that stands by waits until the database is there; False: told to stop meanwhile."""
        loop = asyncio.get_running_loop()
        while not self._stop.is_set():
            try:
                self._store = await loop.run_in_executor(self._db, FloorStore, self._place)
            except StoreTrouble as trouble:
                if not self._stands_by:
                    raise
                log.info("standing by: %s", trouble.sentence)
                await asyncio.sleep(LOOK_S)
            else:
                return True
        self._db.shutdown()
        return False

    async def _check_clock(self) -> None:
        """The law's hours are this PC's: none is dialled by a clock that is wrong."""
        off_s = await self._in_db(self._store.clock_off_s, self._clock)
        if abs(off_s) > CLOCK_OFF_S:
            raise KnownError(
                f"The clock of this PC is {clock_words(off_s)} the floor's, so nothing is dialled "
                "from here: set the clocks of both right, and start again."
            )

    def stop(self) -> None:
        """Ask for the orderly end: no new calls, the ones in progress are finished."""
        self.has_floor_moved = False
        self._stop.set()

    def _follow_floor(self) -> None:
        """Leave in order where the floor is at another place now; the next run finds it there."""
        if place_stamp(self._profile) != self._place_stamp and not self.has_floor_moved:
            log.info("the floor is at another place now; the dialler goes there")
            self.stop()
            self.has_floor_moved = True

    async def _dial(self) -> None:
        epoch = await self._take_lease()
        log.info("dialling under epoch %d with %d lines", epoch, self._trunk.lines)
        await self._restore()
        files = await asyncio.to_thread(self._files)
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
                self._keep_lease,
                self._look_after,
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
        return LineFiles(self._profile, self._line_words(self._trunk), ports)

    def _line_words(self, trunk: Trunk) -> tuple[str, ...]:
        """Where lines stand now, and whom they ask for names; takes a moment."""
        hosts = tuple(host for place in trunk.gateways for host in hosts_of(place))
        words = line_arguments(self._profile, hosts)
        return (*words, *nameserver_arguments(trunk, nameservers()))

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
        name, began_s = holder.describe_self(), awake_s()
        while not self._stop.is_set():
            took_s = awake_s()
            epoch = await self._in_db(
                self._store.take_lease, name, self._clock.now(), LEASE_S, holder.is_dead
            )
            if epoch is not None:
                self._lease = LeaseKeeper(self._place, int(epoch), took_s, self._clock)
                await self._end_waiting_lines(shut_lines=False)
                return int(epoch)
            if self._stands_by and self._waiting_lines is None:
                await self._begin_waiting_lines()
            self._follow_floor()
            if not self._stands_by and took_s - began_s > OTHERS_S:
                await self._leave_to_others()
            await asyncio.sleep(STANDBY_S if self._stands_by else FEED_S)
        await self._end_waiting_lines(shut_lines=True)
        raise _NotNeeded if self._stands_by else KnownError(LEFT_ALONE)

    async def _begin_waiting_lines(self) -> None:
        """Beside another PC's dialler the lines are started now: that takes longer than its lease.

        On the same PC its own are adopted.
        """
        other = await self._in_db(self._store.lease_holder, self._clock.now())
        if not other or holder.is_here(other):
            return
        files = await asyncio.to_thread(self._files)
        self._waiting_lines = LineBank(files, self._clock, 0, lambda *_told: None)
        await self._waiting_lines.open(lines_of(self._trunk) + self._callers.line_ids)
        log.info("standing by with %d lines", self._trunk.lines)

    async def _end_waiting_lines(self, *, shut_lines: bool) -> None:
        """Leave them to the dialler that this one becomes, or end them."""
        waiting, self._waiting_lines = self._waiting_lines, None
        if waiting is not None:
            await waiting.close(shut_lines=shut_lines)

    async def _leave_to_others(self) -> None:
        """An older dialler on this PC is waited for, as it is ending; one on another PC is not."""
        other = await self._in_db(self._store.lease_holder, self._clock.now())
        if other and not holder.is_here(other):
            raise KnownError(f"{LEFT_ALONE} To stand by for it: callfloor dialler --standby.")

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

    async def _keep_lease(self) -> None:
        assert self._lease is not None
        await self._lease.run()

    async def _dial_by(self) -> float | None:
        return None if self._lease is None else await self._lease.hold()

    async def _look_after(self) -> None:
        """The stock, new days, campaigns that were changed behind our back."""
        while True:
            await asyncio.sleep(LOOK_S)
            self._follow_floor()
            now = self._clock.now()
            await self._in_db(self._store.extend_stock, now)
            if await self._in_db(self._store.close_silent, now):
                log.info("a seat that showed no sign of life was logged out")
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
            await asyncio.sleep(LOOK_S)

    async def _note_asides(self, now: Instant) -> None:
        changed = {"": self._renewal.trouble} if self._renewal.trouble else {}
        await self._reach.look(await self._in_db(self._store.phones), now.mono_s)
        self._asides.set_names(changed | self._callers.troubles | self._reach.troubles)
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
        late: list[events.CallEnded] = []
        for item in items:
            event = item.event
            if isinstance(event, events.CallEnded) and not self._dialler.has_call(event.attempt_id):
                late.append(event)
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
        if late:
            await self._in_db(self._store.complete, late)
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
            self._dial_by,
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
        files = LineFiles(self._profile, ())
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


def run_dialler(profile: Profile, *, stands_by: bool = False) -> None:
    """The dialler's process, from its start to its end.

    `stands_by`: it waits until the floor has no dialler, and again after it has lost the floor.
    """
    clock = WallClock()
    while True:
        process = DiallerProcess(profile, new_attempt_ids(clock.now), clock, stands_by=stands_by)
        try:
            asyncio.run(process.run())
        except LeaseLost:
            log.warning("another dialler has taken the floor over")
            if not stands_by:
                raise KnownError(TAKEN_OVER) from None
        except FateUnknown as unknown:
            log.warning("what is in progress is read anew: %s", unknown.sentence)
        else:
            if not process.has_floor_moved:
                return
