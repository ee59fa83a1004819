"""Who works on a measured floor, each in a process of its own: dialler, seats, supervisor, office.

Time is real, the calendar is not: `Order.began_s` on the monotonic clock is a Tuesday at ten.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from multiprocessing.sharedctypes import Synchronized
from typing import Final, TypeAlias

from dialer_core.clock import Instant
from dialer_core.lists.people import ListedPerson, Rejected
from dialer_core.model.ids import AttemptId, SessionId
from dialer_core.model.states import SeatState
from dialer_core.store.address import FloorAddress
from dialer_core.store.importing import ImportOrder, ImportStore
from dialer_core.store.measuring import WaitLog, Waits
from dialer_core.store.opening import open_database
from dialer_core.store.retention import RetentionStore
from dialer_core.store.seat import SeatRow, SeatStore
from dialer_core.store.watch import WatchStore

TUESDAY: Final = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
LOOK_S: Final = 0.05  # as the windows ask whether something has changed
REFRESH_S: Final = 0.2  # the supervisor's window reads no more often
TODAY_S: Final = 5.0
COLLEAGUES_S: Final = 1.0
WRAP_S: Final = 6.0
PAUSE_S: Final = 20.0
PAUSE_SHARE: Final = 0.03
LEAVE_S: Final = 0.15  # nobody leaves, or comes, in the same moment as everybody else
_OUTCOMES: Final = ("success", "not_interested", "not_home", "machine", "callback")

Moment: TypeAlias = "tuple[int, str, float, float]"
"""(session, what it wanted, when it was pressed, when it was committed); monotonic seconds."""


@dataclass(frozen=True)
class Order:
    """What each process is told. `measure_s`, `end_s`: monotonic; infinite until they are known."""

    address: FloorAddress
    began_s: float
    campaign_id: int
    measure_s: Synchronized[float]
    end_s: Synchronized[float]

    def now(self) -> Instant:
        """The moment on the floor's own calendar."""
        mono_s = time.monotonic()
        return Instant(mono_s, TUESDAY + timedelta(seconds=mono_s - self.began_s))

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.end_s.value

    def log(self) -> WaitLog:
        """A log that counts while the floor is measured, neither while it comes nor as it goes."""
        return WaitLog(lambda: self.measure_s.value <= time.monotonic() < self.end_s.value)


@dataclass
class Told:
    """What a process has seen. `cpu_s`: its own processor time while it was measured."""

    who: str
    waits: Waits
    cpu_s: float = 0.0
    moments: list[Moment] = field(default_factory=list)
    seen: list[tuple[int, str, float]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    dialled: int = 0
    bridged: int = 0
    done: str = ""
    error: str = ""


class CpuClock:
    """Processor time of this process from the moment at which measuring begins."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._before_s: float | None = None

    def look(self) -> None:
        """To be called now and then."""
        if self._before_s is None and time.monotonic() >= self._order.measure_s.value:
            self._before_s = time.process_time()

    def used_s(self) -> float:
        """So far; 0 before measuring has begun."""
        return 0.0 if self._before_s is None else time.process_time() - self._before_s


def told_by(work: Callable[..., Told]) -> Callable[..., None]:
    """`work` in a process of its own: what it tells goes to the queue, an error as well."""

    def run(order: Order, answers: Queue[Told], *arguments: object) -> None:
        try:
            answers.put(work(order, answers, *arguments))
        except Exception as problem:
            answers.put(Told(work.__name__, Waits(), error=f"{type(problem).__name__}: {problem}"))

    return run


# --- an agent's PC ----------------------------------------------------------------------------


class _Seat:
    """An agent who takes calls, writes a note and chooses outcomes; the window's own reading."""

    def __init__(self, order: Order, number: int, store: SeatStore, log: WaitLog) -> None:
        self._order, self._store, self._log = order, store, log
        self._chance = random.Random(number)
        self._row: SeatRow | None = None
        self._at_s = 0.0  # when the agent does the next thing
        self._noted: AttemptId | None = None
        self._coded: AttemptId | None = None
        self._wanted = False
        self._today_s = self._colleagues_s = 0.0
        self.moments: list[Moment] = []
        with log.work("seat: log in"):
            self._session = store.log_in(
                f"Agent {number}", None, f"Seat {number}",
                f"sip:seat{number}@127.0.0.1:5061", "token", order.now(),
            )  # fmt: skip

    def look(self) -> None:
        """One turn of the window."""
        store, now = self._store, self._order.now()
        if store.changed() or now.mono_s - self._today_s >= TODAY_S:
            self._read(now)
        if self._row is None:
            return
        if self._row.state is SeatState.TALKING and now.mono_s - self._colleagues_s >= COLLEAGUES_S:
            self._colleagues_s = now.mono_s
            with self._log.work("seat: colleagues"):
                store.colleagues()
        if now.mono_s >= self._at_s:
            self._act(self._row, now)

    def log_out(self) -> None:
        with self._log.work("seat: log out"):
            self._store.log_out(self._order.now())

    def _read(self, now: Instant) -> None:
        before = self._row
        with self._log.work("seat: read"):
            row = self._row = self._store.read()
        if row is None:
            return
        is_new = before is None or row.state is not before.state
        if row.contact_id is not None and (
            before is None or row.contact_id != before.contact_id or row.attempt_id is None
        ):
            with self._log.work("seat: record"):
                self._store.record(row.contact_id)
        if is_new or now.mono_s - self._today_s >= TODAY_S:
            self._today_s = now.mono_s
            with self._log.work("seat: today"):
                self._store.today(now)
        if is_new:
            self._wanted = False
            self._at_s = now.mono_s + self._think_s(row.state)

    def _think_s(self, state: SeatState) -> float:
        if state is SeatState.WRAP_UP:
            return max(1.0, self._chance.expovariate(1 / WRAP_S))
        return self._chance.uniform(0.5, PAUSE_S if state is SeatState.PAUSED else 4.0)

    def _act(self, row: SeatRow, now: Instant) -> None:
        store, attempt_id = self._store, row.attempt_id
        if row.state is SeatState.PAUSED and not self._wanted:
            self._wanted = True
            self._want("AvailableWanted", lambda: store.want_available(now))
        elif row.state is SeatState.TALKING and attempt_id and self._noted != attempt_id:
            self._noted = attempt_id
            with self._log.work("seat: note"):
                store.save_note(attempt_id, "Asks for a letter first.", now)
        elif row.state is SeatState.WRAP_UP and attempt_id and self._coded != attempt_id:
            self._coded = attempt_id
            if self._chance.random() < PAUSE_SHARE:
                self._want("PauseWanted", lambda: store.want_pause("Break", now))
            code = self._chance.choice(_OUTCOMES)
            self._want(
                "OutcomeChosen", lambda: store.choose_outcome(attempt_id, code, "Kind.", now)
            )

    def _want(self, what: str, work: Callable[[], object]) -> None:
        pressed_s = time.monotonic()
        with self._log.work(f"seat: {what}"):
            work()
        self.moments.append((int(self._session), what, pressed_s, time.monotonic()))


def _seat(order: Order, _answers: Queue[Told], number: int) -> Told:
    log = order.log()
    database = open_database(order.address)
    log.watch(database.engine)
    store = SeatStore(database)
    try:
        seat, cpu = _Seat(order, number, store, log), CpuClock(order)
        _answers.put(Told("here", Waits()))
        while order.goes_on:
            cpu.look()
            seat.look()
            time.sleep(LOOK_S)
        used_s = cpu.used_s()
        time.sleep(number * LEAVE_S)
        seat.log_out()
    finally:
        store.close()
        database.close()
    return Told("seats", log.waits, used_s, seat.moments, texts=log.texts())


# --- the supervisor's window --------------------------------------------------------------------


def _supervisor(order: Order, _answers: Queue[Told]) -> Told:
    log, cpu = order.log(), CpuClock(order)
    database = open_database(order.address)
    log.watch(database.engine)
    store = WatchStore(database)
    is_changed, read_s = True, 0.0
    try:
        while order.goes_on:
            cpu.look()
            now = order.now()
            is_changed = store.changed() or is_changed
            if now.mono_s - read_s >= (REFRESH_S if is_changed else 1.0):
                is_changed, read_s = False, now.mono_s
                with log.work("supervisor: snapshot"):
                    store.snapshot(now)
                with log.work("supervisor: times"):
                    store.times(now)
            time.sleep(LOOK_S)
    finally:
        store.close()
        database.close()
    return Told("supervisor", log.waits, cpu.used_s(), texts=log.texts())


# --- the office ---------------------------------------------------------------------------------


def _wait(order: Order) -> None:
    while order.goes_on and time.monotonic() < order.measure_s.value + 2.0:
        time.sleep(LOOK_S)


def _import(order: Order, _answers: Queue[Told], rows: int) -> Told:
    """A list comes in while everybody works."""
    log, cpu = order.log(), CpuClock(order)
    database = open_database(order.address)
    log.watch(database.engine)
    store = ImportStore(database, rest=lambda: time.sleep(0.005))
    _wait(order)
    cpu.look()
    begun_s = time.monotonic()
    rejected: list[Rejected] = []
    try:
        done = store.take_in(
            ImportOrder(order.campaign_id, "New list", "made.csv", "GB", "utf-8"),
            (_listed(number) for number in range(rows)),
            order.now,
            reject=rejected.append,
            goes_on=lambda _counts: order.goes_on,
        )
    finally:
        store.close()
        database.close()
    told = f"{done.counts} in {time.monotonic() - begun_s:.0f} s"
    told += ", given up at the end of the time" if done.is_given_up else ""
    return Told("office", log.waits, cpu.used_s(), texts=log.texts(), done=told)


def _listed(number: int) -> ListedPerson:
    """Of no country; and the bench's lines dial nobody."""
    return ListedPerson(
        row=number + 2,
        numbers=((f"+999{number:09d}", "mobile"),),
        name=f"Person {number}",
        town="Leeds",
        details=(("Contract", "to May"),),
        zones=("Europe/London",),
        region="GB",
    )


def _purge(order: Order, _answers: Queue[Told], years: int) -> Told:
    """The daily purge, with all that is due after so many years without one."""
    log, cpu = order.log(), CpuClock(order)
    database = open_database(order.address)
    log.watch(database.engine)
    store = RetentionStore(database)
    _wait(order)
    cpu.look()
    begun_s = time.monotonic()
    now = order.now()
    later = Instant(now.mono_s, now.utc + timedelta(days=365 * years))

    def goes_on(_kind: object, _count: int) -> bool:
        time.sleep(0.005)
        return order.goes_on

    try:
        purged = store.purge(later, goes_on=goes_on)
    finally:
        store.close()
        database.close()
    words = ", ".join(f"{one.kind} {one.count}" for one in purged if one.count)
    told = f"{words or 'nothing'} in {time.monotonic() - begun_s:.0f} s"
    return Told("office", log.waits, cpu.used_s(), texts=log.texts(), done=told)


def seat(order: Order, answers: Queue[Told], number: int) -> None:
    """An agent's PC; says that it is there, works, and tells what it waited."""
    told_by(_seat)(order, answers, number)


def supervisor(order: Order, answers: Queue[Told]) -> None:
    """The supervisor's window."""
    told_by(_supervisor)(order, answers)


def office_import(order: Order, answers: Queue[Told], rows: int) -> None:
    """A list of `rows` comes in."""
    told_by(_import)(order, answers, rows)


def office_purge(order: Order, answers: Queue[Told], years: int) -> None:
    """What is kept too long goes."""
    told_by(_purge)(order, answers, years)


def session_of(event: object) -> SessionId | None:
    """Whose wish an event is."""
    found = getattr(event, "session_id", None)
    return None if found is None else SessionId(found)
