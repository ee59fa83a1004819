"""What each process of a measured floor is told, and what it tells.

Time is real, the calendar is not: `Order.began_s` on the monotonic clock is a Tuesday at ten.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from multiprocessing.sharedctypes import Synchronized
from typing import Final, TypeAlias

from dialer_core.clock import Instant
from dialer_core.model.ids import SessionId
from dialer_core.store.address import FloorAddress
from dialer_core.store.measuring import WaitLog, Waits

TUESDAY: Final = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
LOOK_S: Final = 0.05  # as the windows ask whether something has changed
LEAVE_S: Final = 0.15  # nobody comes, but for the rush, in the same moment as everybody else
RUSH_OUT_S: Final = 2.0  # after what is measured all log out in one instant ...
RUSH_IN_S: Final = 12.0  # ... and in again
RUSH_S: Final = 24.0  # then nobody is kept any longer

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
        """Whether it is measured, or soon will be."""
        return time.monotonic() < self.end_s.value

    @property
    def is_open(self) -> bool:
        """Whether the floor is at work: the rush at the end included."""
        return time.monotonic() < self.end_s.value + RUSH_S

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
    rush: dict[str, float] = field(default_factory=dict)  # seconds, in the instant of everybody
    dialled: int = 0
    bridged: int = 0
    done: str = ""
    error: str = ""


class CpuClock:
    """Processor time of this process from the moment at which measuring begins."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._before_s: float | None = None
        self._after_s: float | None = None

    def look(self) -> None:
        """To be called now and then."""
        if self._before_s is None and time.monotonic() >= self._order.measure_s.value:
            self._before_s = time.process_time()
        if self._after_s is None and not self._order.goes_on:
            self._after_s = time.process_time()

    def used_s(self) -> float:
        """Until the end of what is measured; 0 before that has begun."""
        until_s = time.process_time() if self._after_s is None else self._after_s
        return 0.0 if self._before_s is None else until_s - self._before_s


def told_by(work: Callable[..., Told]) -> Callable[..., None]:
    """`work` in a process of its own: what it tells goes to the queue, an error as well."""

    def run(order: Order, answers: Queue[Told], *arguments: object) -> None:
        # Ctrl-C is for the bench itself, which then ends all others.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            answers.put(work(order, answers, *arguments))
        except Exception as problem:
            answers.put(Told(work.__name__, Waits(), error=f"{type(problem).__name__}: {problem}"))

    return run


def session_of(event: object) -> SessionId | None:
    """Whose wish an event is."""
    found = getattr(event, "session_id", None)
    return None if found is None else SessionId(found)
