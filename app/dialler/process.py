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
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from app.backup.nightly import Nightly
from app.dialler.asides import Asides
from app.dialler.batches import Batches, Doors
from app.dialler.callers import CallerLines
from app.dialler.chores import Chores
from app.dialler.clock_watch import ClockWatch
from app.dialler.far_lines import FloorLines, floor_lines
from app.dialler.lease_keeper import LeaseKeeper
from app.dialler.line_bank import LineBank, LineFiles
from app.dialler.line_ear import Acknowledge, LineEar
from app.dialler.reaching import PhoneReach
from app.dialler.sounds import CampaignSounds
from app.dialler.speaking import Speaker
from app.dialler.standing_by import FloorTurn, NotNeeded
from app.dialler.steady import be_steady
from app.dialler.store_thread import StoreThread
from app.dialler.trunk_renewal import TrunkRenewal, callers_ports, lines_of
from app.dialler.trunk_secrets import trunk_passwords
from app.exchange import Exchange
from app.floor_place import floor_place, place_stamp
from app.phone_link import line_arguments
from app.profile import Profile
from app.trunk import Trunk, hosts_of, nameserver_arguments, read_trunk
from dialer_core.clock import Clock, Instant
from dialer_core.engine import events
from dialer_core.engine.dialler import Dialler
from dialer_core.model import errors as core_errors
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import LineId
from dialer_core.pacing import make_pacer
from dialer_core.pacing.view import Pacer
from dialer_core.rules.gateways import Gateways
from dialer_core.store.address import Place
from dialer_core.store.floor import FloorStore
from dialer_core.store.lease import LeaseLost
from sip.nameservers import nameservers

log = logging.getLogger("app.dialler")

TICK_S = 0.1
LEAST_TICK_S = 0.01
FEED_S = 0.02
LOOK_S = 1.0
DRAIN_S = 900.0
DIALLING = "dialling under epoch"
ASIDE_S = 2.0  # as often as lines say how their calls sound


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
        self._clock = clock
        path = profile.root / "trunk.toml"
        self._trunk = read_trunk(path)
        self._exchange = Exchange(self._trunk, trunk_passwords(profile, self._trunk))
        self._trouble: str | None = None  # of the trunk, as it was last recorded
        gateways = Gateways(self._exchange.limits)
        self._dialler = Dialler(new_attempt_id, self._pacer, gateways)
        self._stop = asyncio.Event()
        self._thread = StoreThread(clock, self._stop.is_set)
        self._turn = FloorTurn(
            self._thread, clock, self._open_early, self._follow_floor, stands_by=stands_by
        )
        self._batches = Batches(self._dialler, clock, self._doors())
        self._clock_watch = ClockWatch(self._thread, clock, self._put)
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
        self._lines: FloorLines
        self._noted: set[LineId] = set()

    @staticmethod
    def _pacer(campaign: Campaign) -> Pacer:
        return make_pacer(
            campaign.mode.value, target=campaign.abandon_target, levers=campaign.levers
        )

    async def run(self) -> None:
        """From the lease to the orderly end. Raises KnownError where the world forbids it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.stop)
        store = await self._thread.open(self._place, is_patient=self._stands_by)
        if store is None:
            self._thread.close()
            return
        self._store = store
        try:
            await self._dial()
            await self._thread.do(store.refuse_outdated)
        except NotNeeded:
            log.info("stood by, and was not needed")
        except core_errors.KnownError:
            if not self.has_floor_moved:
                raise
        finally:
            await self._thread.do(self._store.close)
            self._thread.close()

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
        epoch, took_s = await self._turn.take(self._store, self._stop.is_set)
        lease = self._lease = LeaseKeeper(self._place, epoch, took_s, self._clock)
        log.info("%s %d with %d lines", DIALLING, epoch, self._trunk.lines)
        await self._restore()
        files = await asyncio.to_thread(self._files)
        near = LineBank(files, self._clock, epoch, self._tell, self._asides.hear)
        self._lines = floor_lines(
            self._profile,
            near,
            LineEar(self._clock, self._tell, self._asides.hear, self._acknowledge),
            lambda: self._thread.do(self._store.lines_offers),
            lambda: self._exchange.servers,
            self._batches.put,
        )
        line_ids = lines_of(self._trunk) + self._callers.line_ids
        await self._lines.open(line_ids)
        await self._note_kept_lines(line_ids)
        await self._clock_watch.look(self._store, is_ending=False)
        be_steady()
        self._put(events.Recovered())
        tasks = [
            asyncio.create_task(work())
            for work in (
                self._tick,
                self._follow,
                lease.run,
                self._look_after,
                self._listen,
                self._batches.run,
                self._chores.run,
                lambda: self._renewal.run(self._lines.near),
                self._lines.run,
            )
        ]
        stop = asyncio.create_task(self._stop.wait())
        ends_lines = False
        try:
            done, _ = await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
            if stop in done:
                ends_lines = await self._drain(tasks)
            else:
                for task in done:
                    task.result()
        finally:
            for task in [stop, *tasks]:
                task.cancel()
            await self._lines.close(shut_lines=ends_lines)
        await self._thread.do(self._store.release)

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
        restored = await self._thread.do(self._store.restore, self._clock.now())
        self._cursor = restored.cursor
        for event in restored.events:
            self._put(event)
        history = await self._thread.do(self._store.history, self._clock.now())
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

    async def _open_early(self) -> LineBank:
        """This PC's lines, for one that stands by: adopted by the dialler that it becomes."""
        files = await asyncio.to_thread(self._files)
        waiting = LineBank(files, self._clock, 0, lambda *_told: None)
        await waiting.open(lines_of(self._trunk) + self._callers.line_ids)
        log.info("standing by with %d lines", self._trunk.lines)
        return waiting

    def _put(self, event: events.Event) -> None:
        if isinstance(event, events.LinesKept):
            self._lines.keep(event.line_ids)
        else:
            self._batches.put(event)

    def _tell(self, event: events.Event, at: Instant, acknowledge: Acknowledge | None) -> None:
        if isinstance(event, events.LineUp):
            self._callers.line_up(event.line_id)
        self._batches.hear(event, at, acknowledge)

    def _acknowledge(self, done: Acknowledge) -> None:
        self._lines.acknowledge(done)

    def _doors(self) -> Doors:
        """Where the engine's word goes; store and lines are there once the floor is taken."""
        return Doors(
            apply=lambda *batch: self._thread.do(self._store.apply, *batch),
            complete=lambda late: self._thread.do(self._store.complete, late),
            speak=lambda command: self._speaker.speak(command),
            acknowledge=self._acknowledge,
            decided=self._learn_of_trunk,
        )

    # --- the five loops -------------------------------------------------------------------

    async def _tick(self) -> None:
        """Once in TICK_S, and sooner where the engine has something due."""
        while True:
            due_s = self._dialler.wake_at_s
            wait_s = TICK_S if due_s is None else due_s - self._clock.now().mono_s
            await asyncio.sleep(min(TICK_S, max(LEAST_TICK_S, wait_s)))
            if self._batches.is_empty:
                self._put(events.Tick())

    async def _follow(self) -> None:
        """What agents and the supervisor have written."""
        while True:
            if await self._thread.do(self._store.changed):
                at = self._clock.now()
                found, cursor = await self._thread.do(self._store.agent_events, self._cursor, at)
                for event in found:
                    self._batches.follow(event, at, cursor)
                self._cursor = cursor
            await asyncio.sleep(FEED_S)

    async def _dial_by(self) -> float | None:
        return None if self._lease is None else await self._lease.hold()

    async def _look_after(self) -> None:
        """The stock, new days, campaigns that were changed behind our back."""
        while True:
            await asyncio.sleep(LOOK_S)
            self._follow_floor()
            if await self._thread.do(self._store.outdated):
                self.stop()  # `run` says why, once the calls in progress are over
            await self._clock_watch.look(self._store, is_ending=self._stop.is_set())
            now = self._clock.now()
            await self._thread.do(self._store.extend_stock, now)
            if await self._thread.do(self._store.close_silent, now):
                log.info("a seat that showed no sign of life was logged out")
            for event in await self._thread.do(self._store.new_days, now):
                self._put(event)
            for campaign in await self._thread.do(self._store.changed_campaigns, now):
                self._put(events.CampaignSet(campaign))

    async def _listen(self) -> None:
        """Where calls may come from, and what lines say beside their calls."""
        await self._thread.do(self._store.set_line_troubles, (), self._clock.now())
        looked_s = float("-inf")
        while True:
            now = self._clock.now()
            await self._callers.keep(self._lines, now.mono_s)
            if self._lines.far_addresses.keys() != self._noted:
                await self._note_kept_lines(self._lines.near.line_ids)
            if now.mono_s - looked_s >= ASIDE_S:
                looked_s = now.mono_s
                await self._note_asides(now)
            await asyncio.sleep(LOOK_S)

    async def _note_asides(self, now: Instant) -> None:
        own = {"clock": self._clock_watch.trouble, "": self._renewal.trouble}
        await self._reach.keep(self._thread.do, self._store, now)
        self._asides.set_names(
            {name: told for name, told in own.items() if told}
            | self._callers.troubles
            | self._reach.troubles
            | self._lines.troubles
        )
        troubles, qualities = self._asides.take_troubles(), self._asides.take_qualities()
        if troubles is not None:
            await self._thread.do(self._store.set_line_troubles, troubles, now)
        if qualities:
            await self._thread.do(self._store.note_qualities, qualities)

    # --- to the lines ---------------------------------------------------------------------

    @cached_property
    def _speaker(self) -> Speaker:
        return Speaker(
            self._lines,
            self._exchange,
            self._phone,
            self._batches.campaigns,
            self._clock,
            self._tell,
            CampaignSounds(self._profile.root / "sounds"),
            self._profile.root / "recordings",
            self._dial_by,
        )

    async def _phone(self, session_id: int) -> tuple[str, str]:
        return await self._thread.do(self._store.phone_address, session_id)

    # --- the trunk ------------------------------------------------------------------------

    def _read_trunk(self) -> tuple[Trunk, dict[str, str]]:
        trunk = read_trunk(self._profile.root / "trunk.toml")
        return trunk, trunk_passwords(self._profile, trunk)

    async def _note_kept_lines(self, line_ids: Iterable[LineId]) -> None:
        files = LineFiles(self._profile, ())
        far = self._lines.far_addresses
        addresses = {one: files.address(one) for one in line_ids}
        await self._thread.do(self._note_lines, addresses | far)
        self._noted = set(far)

    async def _learn_of_trunk(self) -> None:
        """Tell the supervisor what the engine has learnt."""
        trouble = self._dialler.trunk_trouble
        if trouble == self._trouble:
            return
        if trouble:
            log.warning("%s", trouble)
        elif self._trouble:
            log.info("trunk: calls get through again")
        self._trouble = trouble
        await self._thread.do(self._store.set_trunk_trouble, trouble, self._clock.now())

    async def _drain(self, tasks: Sequence[asyncio.Task[None]]) -> bool:
        """No new calls; the ones in progress come to their end, and outcomes are waited for.

        False where another dialler has taken the floor over meanwhile: then the lines are its own.
        """
        log.info("stopping: calls in progress are finished first")
        self._put(events.DiallingStopped())
        until = self._clock.now().mono_s + DRAIN_S
        while self._clock.now().mono_s < until:
            await asyncio.sleep(TICK_S)
            if self._batches.is_empty and not self._dialler.calls_in_progress:
                break
            if any(task.done() for task in tasks):
                break
        failed = [task.exception() for task in tasks if task.done()]
        if failed:
            log.warning("the dialler ends early: %s", failed[0])
        return not any(isinstance(problem, LeaseLost) for problem in failed)
