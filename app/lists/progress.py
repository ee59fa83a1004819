"""How far a long command is, on standard error, and whether somebody wants it to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

STEP = 0.1  # of the whole between two lines of a log


@contextmanager
def shown(what: str) -> Iterator[Callable[[float], bool]]:
    """Gives the function that is told the share done; it says whether to go on.

    It says no once the command was interrupted (Ctrl-C), so that what is under way can be taken
    back in peace; a second interruption ends the command at once.
    """
    console = Console(stderr=True)
    with _interruption() as is_wanted:
        if not console.is_terminal:
            yield _lines(what, console, is_wanted)
            return
        with Progress(
            TextColumn(what),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        ) as bar:
            task = bar.add_task("", total=1.0)

            def tell(share: float) -> bool:
                bar.update(task, completed=share)
                return is_wanted()

            yield tell


@contextmanager
def _interruption() -> Iterator[Callable[[], bool]]:
    """Whether nobody has interrupted yet. Signals reach the main thread alone."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: True
        return
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    kept = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: not asked
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _lines(what: str, console: Console, is_wanted: Callable[[], bool]) -> Callable[[float], bool]:
    told = [0.0]

    def tell(share: float) -> bool:
        if share >= told[0] + STEP:
            told[0] = share
            console.print(f"{what}: {share:.0%}", highlight=False)
        return is_wanted()

    return tell
