"""The dialler of a measured floor: its engine, its store and its loops, on lines that pretend."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Sequence
from multiprocessing.queues import Queue

from app.dialler.process import FEED_S, LEAST_TICK_S, TICK_S
from app.telephony.floor_bench_lines import PretendedLines
from app.telephony.floor_bench_parts import CpuClock, Order, Told, session_of, told_by
from dialer_core.clock import Instant
from dialer_core.engine import commands, events
from dialer_core.engine.dialler import Dialler
from dialer_core.model.ids import LineId
from dialer_core.pacing import make_pacer
from dialer_core.store.floor import FloorStore, LeaseLost
from dialer_core.store.lease import LeaseStore
from dialer_core.store.measuring import WaitLog, Waits
from dialer_core.store.opening import open_database

BATCH = 64
RENEW_S = 1.0
LEASE_S = 3.0
_WISHES = (events.AvailableWanted, events.PauseWanted, events.OutcomeChosen)


class _Dialler:
    """What `app.dialler.process` does, in one thread."""

    def __init__(
        self,
        order: Order,
        store: FloorStore,
        lease: LeaseStore,
        lines: PretendedLines,
        log: WaitLog,
    ) -> None:
        self._order, self._store, self._lines, self._log = order, store, lines, log
        self._lease = lease
        self._epoch = 0
        names = itertools.count(1)
        self._engine = Dialler(
            lambda: f"F{next(names):025d}",
            lambda one: make_pacer(one.mode.value, target=one.abandon_target, levers=one.levers),
        )
        self._waiting: deque[tuple[events.Event, Instant, int | None]] = deque()
        self._cursor = 0
        self.seen: list[tuple[int, str, float]] = []

    def begin(self, lines: int) -> None:
        """Lease, what was, lines."""
        now = self._order.now()
        epoch = self._store.take_lease("bench:1:1", now, LEASE_S, lambda _holder: True)
        if epoch is None:
            raise LeaseLost
        self._epoch = epoch
        restored = self._store.restore(now)
        self._cursor = restored.cursor
        for event in restored.events:
            self._put(event)
        for number in range(lines):
            self._put(events.LineUp(LineId(f"line{number:02d}")))
        self._put(events.Recovered())

    def run(self, cpu: CpuClock) -> None:
        """Until the end of the time."""
        feed_s = renew_s = tick_s = 0.0
        while self._order.is_open:
            cpu.look()
            now = self._order.now()
            if now.mono_s >= feed_s:
                feed_s = now.mono_s + FEED_S
                self._follow(now)
            if now.mono_s >= renew_s:
                renew_s = now.mono_s + RENEW_S
                self._renew(now)
            for event in self._lines.said(now):
                self._put(event)
            due_s = self._engine.wake_at_s
            if now.mono_s >= min(tick_s, due_s if due_s is not None else tick_s):
                tick_s = now.mono_s + TICK_S
                self._put(events.Tick())
            while self._waiting:
                self._carry_out()
            next_s = min(feed_s, renew_s, self._lines.next_s, tick_s)
            time.sleep(max(LEAST_TICK_S / 5, min(TICK_S, next_s - time.monotonic())))

    def _put(self, event: events.Event, cursor: int | None = None) -> None:
        self._waiting.append((event, self._order.now(), cursor))

    def _follow(self, now: Instant) -> None:
        if not self._store.changed():
            return
        with self._log.work("dialler: agent events"):
            found, self._cursor = self._store.agent_events(self._cursor, now)
        seen_s = time.monotonic()
        for event in found:
            whose = session_of(event)
            if whose is not None and isinstance(event, _WISHES):
                self.seen.append((int(whose), type(event).__name__, seen_s))
            self._put(event, self._cursor)

    def _renew(self, now: Instant) -> None:
        with self._log.work("dialler: renew"):
            if not self._lease.renew(self._epoch, now, LEASE_S):
                raise LeaseLost
        with self._log.work("dialler: extend stock"):
            self._store.extend_stock(now)
        with self._log.work("dialler: new days"):
            for event in self._store.new_days(now):
                self._put(event)
        with self._log.work("dialler: changed campaigns"):
            for campaign in self._store.changed_campaigns(now):
                self._put(events.CampaignSet(campaign))

    def _carry_out(self) -> None:
        wanted: list[commands.Command] = []
        cursor: int | None = None
        for _ in range(min(BATCH, len(self._waiting))):
            event, at, its = self._waiting.popleft()
            cursor = its if its is not None else cursor
            wanted += self._engine.handle(event, at)
        while wanted or cursor is not None:
            to_store = [one for one in wanted if isinstance(one, commands.StoreCommand)]
            answers: Sequence[events.Event] = ()
            if to_store or cursor is not None:
                kinds = sorted({type(one).__name__ for one in to_store}) or ["nothing"]
                name = kinds[0] if len(kinds) == 1 else "several"
                with self._log.work(f"dialler: apply {name}"):
                    answers = self._store.apply(to_store, self._order.now(), cursor)
            for command in wanted:
                if not isinstance(command, commands.StoreCommand):
                    self._lines.speak(command, self._order.now())
            cursor, wanted = None, []
            for answer in answers:
                wanted += self._engine.handle(answer, self._order.now())


def _dialler(order: Order, answers: Queue[Told], lines: int, talk_s: float) -> Told:
    log, cpu = order.log(), CpuClock(order)
    database = open_database(order.address)
    log.watch(database.engine)
    store, pretended = FloorStore(database), PretendedLines(talk_s, seed=1)
    lease = LeaseStore(database)  # on a connection of its own, as `app.dialler.lease_keeper` does
    try:
        one = _Dialler(order, store, lease, pretended, log)
        one.begin(lines)
        answers.put(Told("here", Waits()))
        one.run(cpu)
    finally:
        lease.close()
        store.close()
        database.close()
    return Told(
        "dialler", log.waits, cpu.used_s(), seen=one.seen, texts=log.texts(),
        dialled=pretended.dialled, bridged=pretended.bridged,
    )  # fmt: skip


def dialler(order: Order, answers: Queue[Told], lines: int, talk_s: float) -> None:
    """The dialler; says when it has begun, works, and tells what it waited."""
    told_by(_dialler)(order, answers, lines, talk_s)
