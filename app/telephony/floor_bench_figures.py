"""What a measured floor tells: how long anyone waited, for what, and for whom."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import msgspec

from app.bench_figures import Machine
from app.telephony import floor_bench_parts as parts
from app.telephony.floor_bench_parts import Moment, Order, Told
from app.telephony.floor_bench_server import MeasuredServer, Sampler
from dialer_core.lists.recycling import USUAL
from dialer_core.store.measuring import BEGIN_TO_WRITE, Spread, Waits, dialled, spread
from dialer_core.store.opening import open_database

STATEMENT_MS = 20.0
LOCK_MS = 100.0
SEEN_MS = 50.0
RUSH_MS = 1000.0
# Nobody is due again sooner by the usual recycling; who was busy comes again after a quarter hour.
SOONEST = timedelta(seconds=min(recycle.wait_s for recycle in USUAL.values()))
ENOUGH = 200  # of a kind of statement, for a p99 of its own
SETTLE_S = 15.0  # everybody sits; plans and caches are warm
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
    server: str = ""  # URL of an empty database at a server that somebody else runs


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
    `rush_ms`: all log out, and in, in the same instant; `held`: for how long somebody had the pen.
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
    statements_a_second: dict[str, float]  # of one process of each kind
    lock_ms: Spread
    seen_ms: Spread
    pressed_ms: Spread
    rush_ms: dict[str, Spread]
    twice: int  # people dialled again before anybody is due again
    cores: Cores
    backends: int
    backends_mb: float
    samples: int
    waits: dict[str, int]
    slow: list[str]
    statements: list[Kind]
    works: list[Kind]
    held: list[Kind]
    meets_targets: bool
    errors: list[str]


def figures_of(
    server: MeasuredServer,
    options: FloorOptions,
    machine: Machine,
    told: Sequence[Told],
    order: Order,
    sampler: Sampler,
    server_s: float,
) -> FloorBenchFigures:
    """All that the processes have `told`, put together."""
    waits, texts = _together(told)
    errors = [one.error for one in told if one.error]
    kinds = _kinds(waits.statements, texts)
    whole = spread([one for found in waits.statements.values() for one in found])
    lock = spread(waits.statements.get(BEGIN_TO_WRITE, ()))
    seen, pressed = _until_seen(
        (moment for one in told for moment in one.moments),
        (moment for one in told for moment in one.seen),
        order.measure_s.value,
    )
    slow = [one.name for one in kinds if one.ms.n >= ENOUGH and one.ms.p99 > STATEMENT_MS]
    calls, twice = _dialled(server, order)
    is_quick = whole.p99 <= STATEMENT_MS and not slow and lock.most <= LOCK_MS
    rush = _rush(told)
    is_quick = is_quick and seen.p99 <= SEEN_MS and not twice and not errors
    # Of a login the hash is done by each PC for itself, which here are one.
    is_quick = is_quick and all(rush[what].most <= RUSH_MS for what in rush if what != "log in")
    return FloorBenchFigures(
        machine=machine,
        seats=options.seats,
        people=options.people,
        minutes=options.minutes,
        beside=next((one.done for one in told if one.done), options.beside),
        made_s=round(server.made_s, 1),
        calls_a_minute=round(calls / options.minutes, 1),
        bridged=sum(one.bridged for one in told),
        statement_ms=whole,
        statements_a_second=_a_second(told, 60.0 * options.minutes),
        lock_ms=lock,
        seen_ms=seen,
        pressed_ms=pressed,
        rush_ms=rush,
        twice=twice,
        cores=_cores(told, server_s, 60.0 * options.minutes),
        backends=sampler.backends,
        backends_mb=round(sampler.memory_mb, 1),
        samples=sampler.samples,
        waits=dict(sampler.waits.most_common()),
        slow=slow,
        statements=kinds[:25],
        works=_kinds(waits.works, {}),
        held=_kinds(waits.held, {}),
        meets_targets=is_quick and calls / options.minutes >= options.calls_a_minute * 0.95,
        errors=errors,
    )


def _rush(told: Sequence[Told]) -> dict[str, Spread]:
    """What it took all to log out, and in, in the same instant."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for one in told:
        for what, seconds in one.rush.items():
            found[what].append(seconds)
    return {what: spread(seconds) for what, seconds in found.items()}


def _a_second(told: Sequence[Told], measured_s: float) -> dict[str, float]:
    """Statements a second, BEGIN and COMMIT included, of one process of each kind."""
    of: Counter[str] = Counter()
    for one in told:
        of[one.who] += sum(len(found) for found in one.waits.statements.values())
    many = Counter(one.who for one in told)
    return {who: round(of[who] / many[who] / measured_s, 2) for who in sorted(of)}


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
    """Attempts while it was measured, and those that came too soon after another."""
    measured = parts.TUESDAY + timedelta(seconds=order.measure_s.value - order.began_s)
    until = parts.TUESDAY + timedelta(seconds=order.end_s.value - order.began_s)
    database = open_database(server.address)
    try:
        return dialled(database, parts.TUESDAY, measured, until, SOONEST)
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
