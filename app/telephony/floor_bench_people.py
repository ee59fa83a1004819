"""The people of a measured floor: agents at their PCs, and the supervisor's window."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from multiprocessing.queues import Queue
from typing import Final

from app.telephony.floor_bench_parts import (
    LEAVE_S,
    LOOK_S,
    RUSH_IN_S,
    RUSH_OUT_S,
    CpuClock,
    Moment,
    Order,
    Told,
    told_by,
)
from dialer_core.clock import Instant
from dialer_core.model.ids import AttemptId
from dialer_core.model.states import SeatState
from dialer_core.store.address import FloorAddress
from dialer_core.store.measuring import BEGIN_TO_WRITE, WaitLog, Waits
from dialer_core.store.opening import open_database
from dialer_core.store.seat import SeatRow, SeatStore
from dialer_core.store.watch import WatchStore

REFRESH_S: Final = 0.2  # the supervisor's window reads no more often
TODAY_S: Final = 5.0
COLLEAGUES_S: Final = 1.0
WRAP_S: Final = 6.0
PAUSE_S: Final = 20.0
PAUSE_SHARE: Final = 0.03
PASSWORD: Final = "blue chair seven"
_OUTCOMES: Final = ("success", "not_interested", "not_home", "machine", "callback")


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
            self._session = log_in(store, number, order)

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


def log_in(store: SeatStore, number: int, order: Order) -> int:
    """The agent of that number, with a password as agents have one; the session's id."""
    return store.log_in(
        f"Agent {number}", PASSWORD, f"Seat {number}",
        f"sip:seat{number}@127.0.0.1:5061;transport=tls", "token", order.now(),
    )  # fmt: skip


def _seat(order: Order, answers: Queue[Told], number: int, address: FloorAddress) -> Told:
    log = order.log()
    database = open_database(address)
    log.watch(database.engine)
    store = SeatStore(database)
    try:
        seat, cpu = _Seat(order, number, store, log), CpuClock(order)
        answers.put(Told("here", Waits()))
        while order.goes_on:
            cpu.look()
            seat.look()
            time.sleep(LOOK_S)
        used_s = cpu.used_s()
        rush = _leave_with_all(order, store)
    finally:
        store.close()
        database.close()
    rush |= _come_with_all(order, number, address)
    return Told("seats", log.waits, used_s, seat.moments, texts=log.texts(), rush=rush)


def _leave_with_all(order: Order, store: SeatStore) -> dict[str, float]:
    """Log out in the same instant as everybody else; how long that took."""
    _pass_until(order, order.end_s.value + RUSH_OUT_S)
    began_s = time.monotonic()
    store.log_out(order.now())
    return {"log out": time.monotonic() - began_s}


def _come_with_all(order: Order, number: int, address: FloorAddress) -> dict[str, float]:
    """Log in, by a window that was only just opened, in the same instant as everybody else.

    Of the whole time a password's hash is the greater part where all seats share the cores of one
    machine, as here; what they make each other wait for is told apart.
    """
    if not order.is_open:
        return {}
    database = open_database(address)
    log = WaitLog(lambda: True)
    log.watch(database.engine)
    store = SeatStore(database)
    try:
        store.agents()
        _pass_until(order, order.end_s.value + RUSH_IN_S)
        began_s = time.monotonic()
        log_in(store, number, order)
        rush = {
            "log in": time.monotonic() - began_s,
            "log in: wait for the pen": sum(log.waits.statements[BEGIN_TO_WRITE]),
            "log in: hold the pen": sum(map(sum, log.waits.held.values())),
        }
        _pass_until(order, time.monotonic() + 3.0 + number * LEAVE_S)
        store.log_out(order.now())
    finally:
        store.close()
        database.close()
    return rush


def _pass_until(order: Order, until_s: float) -> None:
    while order.is_open and (left_s := until_s - time.monotonic()) > 0:
        time.sleep(min(left_s, 0.2))


# --- the supervisor's window --------------------------------------------------------------------


def _supervisor(order: Order, _answers: Queue[Told]) -> Told:
    log, cpu = order.log(), CpuClock(order)
    database = open_database(order.address)
    log.watch(database.engine)
    store = WatchStore(database)
    is_changed, read_s = True, 0.0
    try:
        while order.is_open:
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


def seat(order: Order, answers: Queue[Told], number: int, address: FloorAddress) -> None:
    """An agent's PC, which comes in by `address`; says that it is there, works, and tells."""
    told_by(_seat)(order, answers, number, address)


def supervisor(order: Order, answers: Queue[Told]) -> None:
    """The supervisor's window."""
    told_by(_supervisor)(order, answers)
