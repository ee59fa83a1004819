"""Days to worker processes and back, with a bar of progress and a way to stop."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import NamedTuple

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from app.clock import mono_s
from app.errors import KnownError
from app.pacing.work import DayFigures, Job, run_day

Done = Callable[[float], None]  # told with the weight of what is done
PLAIN_EVERY_S = 5.0  # a line of progress where there is no terminal


class Finished(NamedTuple):
    """The days that were simulated, and whether that was all of them."""

    days: list[DayFigures]
    is_complete: bool


def run_jobs(
    jobs: Sequence[Job], workers: int, done: Done, say: Callable[[str], None] = lambda _: None
) -> Finished:
    """Simulate the days, the longest first; after Ctrl-C those in progress are
    finished, after a second one they are not.

    With no `workers` everything happens in this process. KnownError where a worker dies.
    """
    ordered = sorted(jobs, key=weight, reverse=True)
    days: list[DayFigures] = []
    if not workers:
        try:
            for job in ordered:
                days.append(run_day(job))
                done(weight(job))
        except KeyboardInterrupt:
            return Finished(days, is_complete=False)
        return Finished(days, is_complete=True)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_leave_ctrl_c) as pool:
        try:
            return _run(pool, ordered, workers, days, done, say)
        except BrokenProcessPool as error:
            raise KnownError(
                "A worker process of the simulation ended by itself; is the memory full? "
                "Try again with fewer --seeds."
            ) from error


def _run(
    pool: ProcessPoolExecutor,
    jobs: Sequence[Job],
    workers: int,
    days: list[DayFigures],
    done: Done,
    say: Callable[[str], None],
) -> Finished:
    """Never more in flight than there are workers: what was not begun can be left undone."""
    flying: dict[Future[DayFigures], Job] = {}
    waiting = list(reversed(jobs))
    is_stopped = False
    while flying or (waiting and not is_stopped):
        try:
            while waiting and len(flying) < workers and not is_stopped:
                job = waiting.pop()
                flying[pool.submit(run_day, job)] = job
            finished, _ = wait(flying, return_when=FIRST_COMPLETED)
        except KeyboardInterrupt:
            if is_stopped:  # asked twice: not even the days in progress
                for worker in multiprocessing.active_children():
                    worker.terminate()
                break
            is_stopped = True
            say("Stopping when the days in progress are over; Ctrl-C again ends them too.")
            continue
        for future in finished:
            days.append(future.result())
            done(weight(flying.pop(future)))
    return Finished(days, is_complete=not is_stopped)


def weight(job: Job) -> float:
    """About how long a day takes, in no particular unit."""
    kind = 1.0 if job.entrant in ("progressive", "fixed_ratio", "open_loop") else 3.0
    return kind * job.seats * job.hours * (4.0 if job.traces_memory else 1.0)


def _leave_ctrl_c() -> None:
    """Ctrl-C reaches the whole group; the parent decides what happens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def progress_bar(what: str, total: float, console: Console) -> Iterator[Done]:
    """A bar on a terminal, a line now and then elsewhere; nothing on standard output."""
    if not console.is_terminal:
        yield _plain(what, total, console)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda amount: bar.advance(task, amount)


def _plain(what: str, total: float, console: Console) -> Done:
    reached, told_s = 0.0, mono_s()

    def advance(amount: float) -> None:
        nonlocal reached, told_s
        reached += amount
        now_s = mono_s()
        if now_s - told_s >= PLAIN_EVERY_S:
            told_s = now_s
            console.print(f"{what}: {100 * reached / total:.0f} %", highlight=False)

    return advance
