"""How fast the next people come from a list of a million, and that nobody comes twice.

A throwaway database, four lists with weeks of calls behind them, a mix of two lists and two
segments, a ratio of retries, and the whole gate. First one dialler leases for a floor of 20 seats,
as many people at a time as its engine asks for, and dials them; then 20 people with one command, as
an engine never does; then as many processes lease at once.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from app.bench_figures import Machine, this_machine
from app.dialler.steady import be_steady
from app.lists.selection_at_once import AtOnceFigures, measure_at_once
from app.lists.selection_floor import BEGIN, WARM_UP, make
from app.lists.spins import Spin, Spread, spread
from dialer_core.clock import Instant, ManualClock
from dialer_core.engine.commands import CloseAttempt, CommitAttempt, LeaseRecords
from dialer_core.engine.events import AttemptCommitted, RecordsLeased
from dialer_core.engine.stock import BITE
from dialer_core.lists.segments import Check, Field, Group, Operator
from dialer_core.model.ids import AttemptId, CampaignId, LineId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import FormulaClass, Mode, Outcome
from dialer_core.store import segments
from dialer_core.store.address import FloorAddress, Place
from dialer_core.store.database import Database
from dialer_core.store.floor import FloorStore
from dialer_core.store.opening import open_database

PEOPLE: Final = 1_000_000
SEATS: Final = 20
DIALLER_MS: Final = 5.0  # p99 that must be reached
SERVER_MS: Final = 10.0  # the same on a server
PAUSE_S: Final = 0.5  # between leases: 16 people a second, where twenty seats call one or two

Say = Callable[[str], None]


class DiallerFigures(msgspec.Struct, frozen=True):
    """One dialler. `cpu_ms`: without the time in which other processes had the cores.

    `spin_ms`, `spin_cpu_ms`: the same of an idle count beside each lease, `app.lists.spins`.
    """

    leases: int
    records_a_lease: int
    ms: Spread
    cpu_ms: Spread
    spin_ms: Spread
    spin_cpu_ms: Spread
    records: int
    twice: int
    unlawful: int  # on the register or the do-not-call list
    retry_share: float
    meets_target: bool


class SelectionFigures(msgspec.Struct, frozen=True):
    """All of it. `without_pause`: every process leases again at once, as no floor does."""

    machine: Machine
    people: int
    made_s: float
    dialler: DiallerFigures
    dialler_20: DiallerFigures  # 20 people with one command
    at_once: AtOnceFigures
    without_pause: AtOnceFigures
    segment_count_ms: Spread
    meets_target: bool


def bench_selection(
    people: int = PEOPLE,
    leases: int = 400,
    processes: int = SEATS,
    leases_each: int = 60,
    say: Say = lambda _sentence: None,
    server: FloorAddress | None = None,
) -> SelectionFigures:
    """Make the list in a throwaway folder or an empty `server`, lease from it, tell the figures."""
    machine = this_machine()
    with tempfile.TemporaryDirectory(prefix="callfloor-selection-") as folder:
        path = server or Path(folder) / "floor.db"
        began = time.perf_counter()
        campaign_id = make(path, people)
        made_s = time.perf_counter() - began
        say(f"{people} people made in {made_s:.0f} s; one dialler leases {BITE} at a time …")
        dialler = measure_dialler(path, campaign_id, leases, BITE)
        say(f"… and {SEATS} at a time …")
        dialler_20 = measure_dialler(path, campaign_id, leases // 4, SEATS, minutes_later=30)
        say(f"{processes} processes lease at once …")
        at_once = measure_at_once(path, campaign_id, processes, leases_each, pause_s=0.5)
        say("… and without a pause …")
        without = measure_at_once(path, campaign_id, processes, leases_each, pause_s=0.0)
        counted = measure_counts(path, campaign_id)
    meets = dialler.meets_target and at_once.meets_target and not without.twice
    return SelectionFigures(
        machine, people, round(made_s, 1), dialler, dialler_20, at_once, without, counted, meets
    )


# --- one dialler ------------------------------------------------------------------------------


def measure_dialler(
    path: Place, campaign_id: CampaignId, leases: int, count: int, minutes_later: int = 0
) -> DiallerFigures:
    """Lease `count` records a command and dial each in vain."""
    clock = ManualClock(BEGIN + timedelta(minutes=minutes_later))
    floor = FloorStore(path)
    wall: list[float] = []
    cpu: list[float] = []
    spin = Spin()
    seen: list[int] = []
    retries = 0
    try:
        floor.take_lease(f"bench:1:{count}", clock.now(), 3600.0, lambda _holder: True)
        floor.restore(clock.now())
        be_steady()
        for turn in range(leases + WARM_UP):
            began, began_cpu = time.perf_counter(), time.thread_time()
            (answer,) = floor.apply([LeaseRecords(campaign_id, count)], clock.now())
            took, took_cpu = time.perf_counter() - began, time.thread_time() - began_cpu
            assert isinstance(answer, RecordsLeased)
            if turn >= WARM_UP:
                wall.append(took)
                cpu.append(took_cpu)
                spin.once()
            retries += sum(_was_tried(record.contact_id) for record in answer.records)
            seen += [record.contact_id for record in answer.records]
            _dial(floor, campaign_id, answer.records, count * 1_000_000 + turn, clock.now())
            time.sleep(PAUSE_S)
            clock.advance(1.0)
    finally:
        floor.close()
    found_ms = spread(wall)
    limit_ms = DIALLER_MS if isinstance(path, Path) else SERVER_MS
    twice = len(seen) - len(set(seen))
    unlawful = sum(_is_unlawful(one) for one in seen)
    return DiallerFigures(
        leases=leases,
        records_a_lease=count,
        ms=found_ms,
        cpu_ms=spread(cpu),
        spin_ms=spread(spin.wall_s),
        spin_cpu_ms=spread(spin.cpu_s),
        records=len(seen),
        twice=twice,
        unlawful=unlawful,
        retry_share=round(retries / max(1, len(seen)), 4),
        meets_target=found_ms.p99 <= limit_ms and not twice and not unlawful,
    )


def _dial(
    floor: FloorStore,
    campaign_id: CampaignId,
    records: Sequence[LeasedRecord],
    turn: int,
    now: Instant,
) -> None:
    """Nobody answers."""
    calls = [
        CommitAttempt(
            AttemptId(f"B{turn:012d}{at:013d}"),
            campaign_id,
            record,
            Mode.PREDICTIVE,
            None,
            LineId(f"line{at}"),
            is_overdial=False,
        )
        for at, record in enumerate(records)
        if not record.reserved_only
    ]
    answers = floor.apply(calls, now)
    gone = [answer for answer in answers if isinstance(answer, AttemptCommitted)]
    ends = [
        CloseAttempt(answer.attempt_id, Outcome.NO_ANSWER, FormulaClass.UNANSWERED, now, None)
        for answer in gone
    ]
    floor.apply(ends, now)


def _was_tried(contact_id: int) -> bool:
    return 70 <= contact_id * 37 % 100 < 95


def _is_unlawful(contact_id: int) -> bool:
    return contact_id % 20 == 0 or contact_id % 50 == 7


# --- the live count ---------------------------------------------------------------------------


def measure_counts(path: Place, campaign_id: CampaignId, times: int = 20) -> Spread:
    """How long the builder waits for the number of people who meet a condition."""
    database: Database = open_database(path)
    took: list[float] = []
    condition = Group(
        of=(
            Check(Field.DETAIL, Operator.STARTS, "to", column="Contract"),
            Check(Field.LAST_ATTEMPT_H, Operator.MORE, 24),
        )
    )
    try:
        for seed in range(times):
            began = time.perf_counter()
            with database.reading() as connection:
                segments.count(connection, campaign_id, condition, BEGIN, seed)
            took.append(time.perf_counter() - began)
    finally:
        database.close()
    return spread(took)
