"""`callfloor bench floor`: a whole shared floor at its database, and how long anyone waits for it.

The server is the embedded one with its own settings, on the disk, over TLS and SCRAM; dialler,
seats and the supervisor's window are processes with their real stores. Only lines and people are
pretended.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from queue import Empty
from typing import TypeAlias

from rich.console import Console

from app.bench_figures import Machine, tell, this_machine
from app.errors import KnownError
from app.pacing.crew import Done, progress_bar
from app.telephony import floor_bench_office as office
from app.telephony import floor_bench_people as people
from app.telephony.floor_bench_dialler import dialler
from app.telephony.floor_bench_figures import FloorBenchFigures, FloorOptions, figures_of
from app.telephony.floor_bench_lines import ANSWER_SHARE
from app.telephony.floor_bench_parts import LEAVE_S, RUSH_S, Order, Told
from app.telephony.floor_bench_server import MeasuredServer, Sampler, measured_server, others_server
from dialer_core.store.address import parse_url

COME_S = 120.0
COME_S_A_SEAT = 5.0
LEAVE_LIMIT_S = 15.0
BUSY_SHARE = 0.6  # of the agents' time that the wanted calls take
LINES_A_SEAT = 3
_Context: TypeAlias = SpawnContext | ForkServerContext


def run_floor(options: FloorOptions) -> int:
    """Measure, tell, and return the exit status: 0 if the targets are met."""
    if options.seats < 1 or options.minutes <= 0 or options.people < 1000:
        raise KnownError("Give at least one seat, some minutes, and a thousand people.")
    console = Console(stderr=True)
    machine = this_machine()
    console.print(f"Making a floor with {options.people} people …")
    with _server(options) as server:
        console.print(f"Made in {server.made_s:.0f} s.")
        figures = _measure(server, options, machine, console)
    tell(figures, options.json_file)
    return 0 if figures.meets_targets else 1


def _server(options: FloorOptions) -> AbstractContextManager[MeasuredServer]:
    if not options.server:
        return measured_server(options.people, options.seats)
    return others_server(parse_url(options.server), options.people, options.seats)


def _measure(
    server: MeasuredServer, options: FloorOptions, machine: Machine, console: Console
) -> FloorBenchFigures:
    context = _processes()
    answers: Queue[Told] = context.Queue()
    forever = float("inf")
    order = Order(
        server.address,
        time.monotonic(),
        server.campaign_id,
        context.Value("d", forever, lock=False),
        context.Value("d", forever, lock=False),
    )
    crew, sampler = _Crew(context, order, answers), Sampler(server.asking)
    try:
        with progress_bar(f"{options.seats} seats come", options.seats, console) as done:
            crew.start(options, server, done)
        order.measure_s.value = time.monotonic() + options.settle_s
        order.end_s.value = order.measure_s.value + 60.0 * options.minutes
        _pass(order.measure_s.value)
        before_s = server.cpu_s()
        sampler.start()
        _watch(crew, options, console)
        server_s = server.cpu_s() - before_s
        sampler.stop()
        console.print("All log out, and in again, in the same instant …")
        crew.finish()
    finally:
        sampler.stop()
        over = order.end_s.value
        order.end_s.value = -RUSH_S  # whoever is still here goes
        crew.end()
    order.end_s.value = over
    return figures_of(server, options, machine, crew.told, order, sampler, server_s)


def _processes() -> _Context:
    """How they are started: where that can be, from one that has loaded the program already."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([people.__name__, dialler.__module__, office.__name__])
    return context


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
    return max(4.0, handle_s - people.WRAP_S)


class _Crew:
    """The processes of the floor."""

    def __init__(
        self,
        context: _Context,
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

    def start(self, options: FloorOptions, server: MeasuredServer, done: Done) -> None:
        """Everybody comes, the dialler first; returns when all sit."""
        lines = LINES_A_SEAT * options.seats
        self._add(dialler, lines, talk_s(options))
        self._wait_for(1)
        for number in range(1, options.seats + 1):
            self._add(people.seat, number, server.seats[number - 1])
            time.sleep(LEAVE_S)
        self._wait_for(1 + options.seats, done)
        self._add(people.supervisor)
        if options.beside == "import":
            self._add(office.office_import, options.rows)
        if options.beside == "purge":
            self._add(office.office_purge, 10)

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
        """Nobody stays. Who has something to say goes only once he is heard."""
        until_s = time.monotonic() + LEAVE_LIMIT_S
        while time.monotonic() < until_s and any(one.is_alive() for one in self._processes):
            self.hear(0.2)
        for one in self._processes:
            one.join(0.1)
            if one.is_alive():
                one.terminate()
                one.join()

    def _add(self, work: Callable[..., None], *arguments: object) -> None:
        process = self._context.Process(
            target=work, args=(self.order, self._answers, *arguments), daemon=True
        )
        process.start()
        self._processes.append(process)

    def _wait_for(self, count: int, done: Done = lambda _amount: None) -> None:
        until_s = time.monotonic() + COME_S + COME_S_A_SEAT * count
        while self._here < count and time.monotonic() < until_s and not self.errors:
            before = self._here
            self.hear(0.2)
            done(self._here - before)
        if self._here < count:
            why = self.errors[0] if self.errors else "it takes too long"
            raise KnownError(f"The measured floor did not come together: {why}.")
