"""`callfloor bench floor`: a whole shared floor at its database, and how long anyone waits for it.

The server is the embedded one with its own settings, on the disk, over TLS and SCRAM; dialler,
seats and the supervisor's window are processes with their real stores. Only lines and people are
pretended.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.context import SpawnContext
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from typing import Literal

import msgspec
from rich.console import Console

from app.bench_figures import Machine, tell, this_machine
from app.errors import KnownError
from app.pacing.crew import progress_bar
from app.telephony import floor_bench_parts as parts
from app.telephony.floor_bench_dialler import dialler
from app.telephony.floor_bench_lines import ANSWER_SHARE
from app.telephony.floor_bench_parts import Moment, Order, Told
from app.telephony.floor_bench_server import MeasuredServer, Sampler, measured_server
from dialer_core.store.measuring import BEGIN_TO_WRITE, Spread, Waits, dialled, spread
from dialer_core.store.opening import open_database

STATEMENT_MS = 20.0
LOCK_MS = 100.0
SEEN_MS = 50.0
SETTLE_S = 15.0  # everybody sits; plans and caches are warm
COME_S = 120.0
LEAVE_LIMIT_S = 15.0
ENOUGH = 200  # of a kind of statement, for a p99 of its own
BUSY_SHARE = 0.6  # of the agents' time that the wanted calls take
LINES_A_SEAT = 3
Beside = Literal["nothing", "import", "purge"]


@dataclass(frozen=True, slots=True)
class FloorOptions:
    """The words of the command line."""

    seats: int = 20
    people: int = 1_000_000
    calls_a_minute: float = 60.0
    minutes: float = 30.0
    beside: Beside = "nothing"
    rows: int = 100_000
    settle_s: float = SETTLE_S
    json_file: Path | None = None


class Kind(msgspec.Struct, frozen=True):
    """One kind of statement, or one call of a store."""

    name: str
    ms: Spread
    text: str = ""


class Cores(msgspec.Struct, frozen=True):
    """Processor seconds a second."""

    server: float
    dialler: float
    seats: float
    supervisor: float
    office: float


class FloorBenchFigures(msgspec.Struct, frozen=True):
    """All of it. `lock_ms`: what a BEGIN waited that wanted to write, the way there included.

    `seen_ms`: from a seat's commit to the engine; `pressed_ms`: from the press of the key.
    `waits`: in how many of `samples` a backend was seen waiting, by what for.
    """

    machine: Machine
    seats: int
    people: int
    minutes: float
    beside: str
    made_s: float
    calls_a_minute: float
    bridged: int
    statement_ms: Spread
    lock_ms: Spread
    seen_ms: Spread
    pressed_ms: Spread
    twice: int
    cores: Cores
    backends: int
    backends_mb: float
    samples: int
    waits: dict[str, int]
    slow: list[str]
    statements: list[Kind]
    works: list[Kind]
    meets_targets: bool
    errors: list[str]


def run_floor(options: FloorOptions) -> int:
    """Measure, tell, and return the exit status: 0 if the targets are met."""
    if options.seats < 1 or options.minutes <= 0 or options.people < 1000:
        raise KnownError("Give at least one seat, some minutes, and a thousand people.")
    console = Console(stderr=True)
    machine = this_machine()
    console.print(f"Making a floor with {options.people} people …")
    with measured_server(options.people, options.seats) as server:
        figures = _measure(server, options, machine, console)
    tell(figures, options.json_file)
    return 0 if figures.meets_targets else 1


def _measure(
    server: MeasuredServer, options: FloorOptions, machine: Machine, console: Console
) -> FloorBenchFigures:
    context = multiprocessing.get_context("spawn")
    answers: Queue[Told] = context.Queue()
    forever = float("inf")
    order = Order(
        server.address,
        time.monotonic(),
        server.campaign_id,
        context.Value("d", forever, lock=False),
        context.Value("d", forever, lock=False),
    )
    crew, sampler = _Crew(context, order, answers), Sampler(server.admin)
    console.print(f"{options.seats} seats come …")
    try:
        crew.start(options)
        order.measure_s.value = time.monotonic() + options.settle_s
        order.end_s.value = order.measure_s.value + 60.0 * options.minutes
        _pass(order.measure_s.value)
        before_s = server.cpu_s()
        sampler.start()
        _watch(crew, options, console)
        server_s = server.cpu_s() - before_s
        sampler.stop()
        crew.finish()
    finally:
        order.end_s.value = 0.0
        crew.end()
    return _figures(server, options, machine, crew, sampler, server_s)


def _watch(crew: _Crew, options: FloorOptions, console: Console) -> None:
    """Until the time is over, or somebody has failed."""
    with progress_bar(f"{options.minutes:g} minutes", 60.0 * options.minutes, console) as done:
        while (left_s := crew.order.end_s.value - time.monotonic()) > 0 and not crew.errors:
            time.sleep(min(1.0, left_s))
            done(min(1.0, left_s))
            crew.hear(0.0)


def _pass(until_s: float) -> None:
    while (left_s := until_s - time.monotonic()) > 0:
        time.sleep(min(1.0, left_s))


def talk_s(options: FloorOptions) -> float:
    """How long people must talk on average, so that the seats call so often and are rarely idle."""
    handle_s = BUSY_SHARE * 60.0 * options.seats / (options.calls_a_minute * ANSWER_SHARE)
    return max(4.0, handle_s - parts.WRAP_S)


class _Crew:
    """The processes of the floor."""

    def __init__(
        self,
        context: SpawnContext,
        order: Order,
        answers: Queue[Told],
    ) -> None:
        self._context, self.order, self._answers = context, order, answers
        self._processes: list[BaseProcess] = []
        self.told: list[Told] = []
        self._here = 0

    @property
    def errors(self) -> list[str]:
        return [one.error for one in self.told if one.error]

    def start(self, options: FloorOptions) -> None:
        """Everybody comes, the dialler first; returns when all sit."""
        lines = LINES_A_SEAT * options.seats
        self._add(dialler, lines, talk_s(options))
        self._wait_for(1)
        for number in range(1, options.seats + 1):
            self._add(parts.seat, number)
            time.sleep(parts.LEAVE_S)
        self._wait_for(1 + options.seats)
        self._add(parts.supervisor)
        if options.beside == "import":
            self._add(parts.office_import, options.rows)
        if options.beside == "purge":
            self._add(parts.office_purge, 10)

    def hear(self, seconds: float) -> None:
        """Take what the processes have said."""
        while True:
            try:
                one = self._answers.get(timeout=seconds) if seconds else self._answers.get_nowait()
            except Empty:
                return
            seconds = 0.0
            if one.who == "here":
                self._here += 1
            else:
                self.told.append(one)

    def finish(self) -> None:
        """Wait until everybody has told."""
        until_s = time.monotonic() + COME_S
        while len(self.told) < len(self._processes) and time.monotonic() < until_s:
            self.hear(0.5)

    def end(self) -> None:
        """Nobody stays."""
        for one in self._processes:
            one.join(LEAVE_LIMIT_S)
            if one.is_alive():
                one.terminate()
                one.join()

    def _add(self, work: Callable[..., None], *arguments: object) -> None:
        process = self._context.Process(
            target=work, args=(self.order, self._answers, *arguments), daemon=True
        )
        process.start()
        self._processes.append(process)

    def _wait_for(self, count: int) -> None:
        until_s = time.monotonic() + COME_S
        while self._here < count and time.monotonic() < until_s and not self.errors:
            self.hear(0.2)
        if self._here < count:
            why = self.errors[0] if self.errors else "it takes longer than two minutes"
            raise KnownError(f"The measured floor did not come together: {why}.")


# --- figures ------------------------------------------------------------------------------------


def _figures(
    server: MeasuredServer,
    options: FloorOptions,
    machine: Machine,
    crew: _Crew,
    sampler: Sampler,
    server_s: float,
) -> FloorBenchFigures:
    waits, texts = _together(crew.told)
    kinds = _kinds(waits.statements, texts)
    whole = spread([one for found in waits.statements.values() for one in found])
    lock = spread(waits.statements.get(BEGIN_TO_WRITE, ()))
    seen, pressed = _until_seen(
        (moment for one in crew.told for moment in one.moments),
        (moment for one in crew.told for moment in one.seen),
        crew.order.measure_s.value,
    )
    slow = [one.name for one in kinds if one.ms.n >= ENOUGH and one.ms.p99 > STATEMENT_MS]
    calls, twice = _dialled(server, crew.order)
    is_quick = whole.p99 <= STATEMENT_MS and not slow and lock.most <= LOCK_MS
    is_quick = is_quick and seen.p99 <= SEEN_MS and not twice and not crew.errors
    return FloorBenchFigures(
        machine=machine,
        seats=options.seats,
        people=options.people,
        minutes=options.minutes,
        beside=next((one.done for one in crew.told if one.done), options.beside),
        made_s=round(server.made_s, 1),
        calls_a_minute=round(calls / options.minutes, 1),
        bridged=sum(one.bridged for one in crew.told),
        statement_ms=whole,
        lock_ms=lock,
        seen_ms=seen,
        pressed_ms=pressed,
        twice=twice,
        cores=_cores(crew.told, server_s, 60.0 * options.minutes),
        backends=sampler.backends,
        backends_mb=round(sampler.memory_mb, 1),
        samples=sampler.samples,
        waits=dict(sampler.waits.most_common()),
        slow=slow,
        statements=kinds[:25],
        works=_kinds(waits.works, {}),
        meets_targets=is_quick and calls / options.minutes >= options.calls_a_minute * 0.95,
        errors=crew.errors,
    )


def _together(told: Sequence[Told]) -> tuple[Waits, dict[str, str]]:
    """Everybody's waits, and the statements by their kind."""
    waits, texts = Waits(), dict[str, str]()
    for one in told:
        waits.add(one.waits)
        texts |= one.texts
    return waits, texts


def _kinds(waits: Mapping[str, Sequence[float]], texts: Mapping[str, str]) -> list[Kind]:
    """The slowest first."""
    found = [Kind(name, spread(one), texts.get(name, "")[:300]) for name, one in waits.items()]
    return sorted(found, key=lambda one: (-one.ms.p99, one.name))


def _until_seen(
    moments: Iterable[Moment], seen: Iterable[tuple[int, str, float]], since_s: float
) -> tuple[Spread, Spread]:
    """From commit and from press to the engine: what a seat wants comes in its order."""
    at: defaultdict[tuple[int, str], deque[float]] = defaultdict(deque)
    for session, what, seen_s in seen:
        at[session, what].append(seen_s)
    from_commit: list[float] = []
    from_press: list[float] = []
    for session, what, pressed_s, committed_s in moments:
        if not at[session, what]:
            continue  # at the very end, when the dialler listened no more
        seen_s = at[session, what].popleft()
        if pressed_s >= since_s:
            from_commit.append(max(0.0, seen_s - committed_s))
            from_press.append(seen_s - pressed_s)
    return spread(from_commit), spread(from_press)


def _dialled(server: MeasuredServer, order: Order) -> tuple[int, int]:
    """Attempts while it was measured, and contacts who were dialled more than once."""
    measured = parts.TUESDAY + timedelta(seconds=order.measure_s.value - order.began_s)
    database = open_database(server.address)
    try:
        return dialled(database, parts.TUESDAY, measured)
    finally:
        database.close()


def _cores(told: Sequence[Told], server_s: float, measured_s: float) -> Cores:
    def share(who: str) -> float:
        return round(sum(one.cpu_s for one in told if one.who == who) / measured_s, 3)

    return Cores(
        server=round(server_s / measured_s, 3),
        dialler=share("dialler"),
        seats=share("seats"),
        supervisor=share("supervisor"),
        office=share("office"),
    )
