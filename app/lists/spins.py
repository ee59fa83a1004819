"""Times as a bench tells them, and what the machine adds to them.

A count of a known length is done beside what is measured. It reads and writes nothing: where its
wall time is far from its processor time others had the cores, and a wall time that was measured
beside it tells more of them than of what was measured.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import msgspec

LENGTH_S: Final = 0.004  # of processor time, about that of a lease
_TRIAL: Final = 20_000


class Spread(msgspec.Struct, frozen=True):
    """Milliseconds."""

    p50: float
    p95: float
    p99: float
    most: float


def spread(seconds: Sequence[float]) -> Spread:
    """How times are spread; at least one of them."""
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 3)

    return Spread(at(0.5), at(0.95), at(0.99), at(1.0))


class Spin:
    """Counts for `LENGTH_S` of this machine."""

    def __init__(self) -> None:
        shortest_s = min(_count(_TRIAL)[1] for _ in range(5))
        self._rounds = max(1, round(_TRIAL * LENGTH_S / max(shortest_s, 1e-6)))
        self.wall_s: list[float] = []
        self.cpu_s: list[float] = []

    def once(self) -> None:
        """Do it, and note how long it took."""
        wall_s, cpu_s = _count(self._rounds)
        self.wall_s.append(wall_s)
        self.cpu_s.append(cpu_s)


def _count(rounds: int) -> tuple[float, float]:
    began, began_cpu = time.perf_counter(), time.thread_time()
    total = 0
    for number in range(rounds):
        total += number
    return time.perf_counter() - began, time.thread_time() - began_cpu
