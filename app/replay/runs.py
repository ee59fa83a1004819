"""Many replays of one day: seed by seed, in two processes where it is worth their start."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from app.clock import mono_s
from dialer_core.simulation.replay import Figures, PreparedDay, ReplaySettings
from dialer_core.simulation.replay_run import replay_once

PROCESSES = 2
WORTH_IT_S = 4.0  # the start of two processes costs about a second
SHOWN_FROM_S = 1.0  # what takes less needs no bar

_ready: PreparedDay | None = None  # of a process that replays for another one


def replay_all(
    ready: PreparedDay, variants: Sequence[ReplaySettings], seeds: int
) -> list[list[Figures]]:
    """The figures of each variant, in the order of the seeds 1 to `seeds`.

    The same seed draws the same people for all variants. KeyboardInterrupt ends the processes too.
    """
    tasks = [(number, seed) for seed in range(1, seeds + 1) for number in range(len(variants))]
    found: dict[tuple[int, int], Figures] = {}
    began_s = mono_s()
    for task in tasks[: len(variants)]:
        found[task] = replay_once(ready, variants[task[0]], task[1])
    rest = tasks[len(variants) :]
    expected_s = (mono_s() - began_s) * (seeds - 1)
    with _bar(expected_s) as progress:
        bar = progress.add_task("Replaying", total=len(tasks), completed=len(found))

        def done(task: tuple[int, int], figures: Figures) -> None:
            found[task] = figures
            progress.advance(bar)

        if expected_s < WORTH_IT_S:
            for task in rest:
                done(task, replay_once(ready, variants[task[0]], task[1]))
        else:
            _in_processes(ready, variants, rest, done)
    return [
        [found[number, seed] for seed in range(1, seeds + 1)] for number in range(len(variants))
    ]


def _in_processes(
    ready: PreparedDay,
    variants: Sequence[ReplaySettings],
    tasks: Sequence[tuple[int, int]],
    done: Callable[[tuple[int, int], Figures], None],
) -> None:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=_begin, initargs=(ready,))
    try:
        futures: dict[Future[Figures], tuple[int, int]] = {
            pool.submit(_replay, variants[number], seed): (number, seed) for number, seed in tasks
        }
        for future in as_completed(futures):
            done(futures[future], future.result())
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    pool.shutdown()


def _begin(ready: PreparedDay) -> None:
    """In a process of its own: the day once, and the terminal's Ctrl-C is for who started it."""
    global _ready
    _ready = ready
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _replay(settings: ReplaySettings, seed: int) -> Figures:
    assert _ready is not None  # _begin
    return replay_once(_ready, settings, seed)


def _bar(expected_s: float) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} of {task.total} days"),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        disable=expected_s < SHOWN_FROM_S,
    )
