"""How fast the next people come from a list of a million, and that nobody comes twice.

A throwaway database, four lists with weeks of calls behind them, a mix of two lists and two
segments, a ratio of retries, and the whole gate. First one dialler leases for a floor of 20 seats,
as many people at a time as its engine asks for, and dials them; then 20 people with one command, as
an engine never does; then as many processes lease at once.
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import BrokenBarrierError
from typing import Final

import msgspec

from app.bench_figures import Machine, this_machine
from app.dialler.steady import be_steady
from app.lists.house import OUTCOMES
from app.lists.spins import Spin, Spread, spread
from dialer_core.clock import Instant, ManualClock
from dialer_core.engine.commands import CloseAttempt, CommitAttempt, LeaseRecords
from dialer_core.engine.events import AttemptCommitted, RecordsLeased
from dialer_core.engine.stock import BITE
from dialer_core.lists.order import ListOrder
from dialer_core.lists.segments import Check, Field, Group, Operator
from dialer_core.model.ids import AttemptId, CampaignId, LineId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import FormulaClass, Mode, Outcome
from dialer_core.rules.hours import check_hours
from dialer_core.rules.profiles import profile
from dialer_core.store import leasing, long_list, segments
from dialer_core.store.address import FloorAddress, Place
from dialer_core.store.campaigns import load_campaign
from dialer_core.store.database import Database
from dialer_core.store.floor import FloorStore
from dialer_core.store.log_mover import LogMover
from dialer_core.store.mixing import MixSettings, MixSource, set_mix
from dialer_core.store.opening import open_database
from dialer_core.store.selection import Selection
from dialer_core.store.setup import NewCampaign, SetupStore

PEOPLE: Final = 1_000_000
SEATS: Final = 20
RETRY_SHARE: Final = 0.3
DIALLER_MS: Final = 5.0  # p99 that must be reached
SERVER_MS: Final = 10.0  # the same on a server
AT_ONCE_MS: Final = 25.0
REGISTERS: Final = ("GB-TPS", "GB-CTPS")
WARM_UP: Final = 5  # leases that are not measured
PAUSE_S: Final = 0.5  # between leases: 16 people a second, where twenty seats call one or two
WEIGHTS: Final = (3.0, 2.0, 2.0, 1.0)
BEGIN: Final = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)  # a Tuesday, within the calling hours

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


class AtOnceFigures(msgspec.Struct, frozen=True):
    """Processes that lease one record each, at random moments or without a pause."""

    processes: int
    leases_a_second: float
    ms: Spread
    records: int
    twice: int
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


def make(path: Place, people: int) -> CampaignId:
    """A floor with a campaign, its lists, its segments and its mix."""
    now = ManualClock(BEGIN).now()
    database = open_database(path, create=True)
    setup = SetupStore(database)
    try:
        campaign_id = setup.add_campaign(
            NewCampaign(
                name="Measured",
                client="Rosewood Windows",
                company_name="Rosewood",
                mode=Mode.PREDICTIVE,
                profile=profile("GB"),
                caller_id="+441614960999",
                dispositions=OUTCOMES,
            ),
            now,
        )
        for registry in REGISTERS:
            setup.load_registry(registry, now.utc, [], now)
        with database.writing() as connection:
            settings = load_campaign(connection, campaign_id)
            lists = long_list.fill(connection, settings, people, REGISTERS[0], now)
        with database.writing() as connection:
            leeds = Group(
                of=(
                    Check(Field.TOWN, Operator.IN, ["Leeds", "York"]),
                    Check(Field.ATTEMPTS, Operator.LESS, 4),
                )
            )
            may = Check(Field.DETAIL, Operator.CONTAINS, "may", column="Contract")
            made = [
                segments.save(connection, campaign_id, name, condition, now, "bench")
                for name, condition in (("Near Leeds", leeds), ("Contract to May", may))
            ]
            set_mix(connection, campaign_id, _mix(lists, made), now, "bench")
        database.look_through()
    finally:
        setup.close()
        database.close()
    return campaign_id


def _mix(lists: Sequence[int], made: Sequence[int]) -> MixSettings:
    return MixSettings(
        (
            MixSource(list_id=lists[0], weight=WEIGHTS[0]),
            MixSource(list_id=lists[1], weight=WEIGHTS[1], order=ListOrder.LAST_CALLED),
            MixSource(segment_id=made[0], weight=WEIGHTS[2]),
            MixSource(segment_id=made[1], weight=WEIGHTS[3], order=ListOrder.RANDOM, seed=7),
        ),
        retry_share=RETRY_SHARE,
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


# --- many processes ---------------------------------------------------------------------------


def measure_at_once(
    path: Place, campaign_id: CampaignId, processes: int, leases_each: int, pause_s: float
) -> AtOnceFigures:
    """Processes that lease one record each time, after random pauses of `pause_s` on average."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes + 1)
    answers: Queue[tuple[list[int], list[float]]] = context.Queue()
    workers = [
        context.Process(
            target=_lease_alone,
            args=(path, campaign_id, number, leases_each, pause_s, barrier, answers),
            daemon=True,
        )
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    try:
        barrier.wait(600)
    except BrokenBarrierError:
        for worker in workers:
            worker.join(10)  # it says why
        raise
    began = time.perf_counter()
    found = [answers.get(timeout=600) for _ in workers]
    lasted_s = time.perf_counter() - began
    for worker in workers:
        worker.join()
    seen = [one for contacts, _ in found for one in contacts]
    found_ms = spread([one for _, times in found for one in times])
    twice = len(seen) - len(set(seen))
    return AtOnceFigures(
        processes=processes,
        leases_a_second=round(len(seen) / lasted_s, 1),
        ms=found_ms,
        records=len(seen),
        twice=twice,
        meets_target=found_ms.p99 <= AT_ONCE_MS and not twice,
    )


def _lease_alone(
    path: Place,
    campaign_id: CampaignId,
    number: int,
    leases: int,
    pause_s: float,
    barrier: Barrier,
    answers: Queue[tuple[list[int], list[float]]],
) -> None:
    """One of the processes: leases for itself, with a stock of its own of each segment."""
    database = open_database(path)
    selection, mover = Selection(database), LogMover(database)
    connection = database.connect()
    mover.take_over(connection)
    now = ManualClock(BEGIN + timedelta(hours=1)).now()
    chance = random.Random(number)
    contacts: list[int] = []
    times: list[float] = []
    with database.reading(connection):
        settings = load_campaign(connection, campaign_id)

    def lease() -> float:
        began = time.perf_counter()
        with database.writing(connection, is_durable=False):
            found = leasing.lease_records(connection, settings, 1, 1, now, selection)
        contacts.extend(record.contact_id for record in found)
        return time.perf_counter() - began

    # Holidays and statements are made ready before, as a dialler does: nobody waits for that.
    check_hours(settings.profile, ("Europe/London",), "GB", now.utc)
    with database.reading(connection):
        selection.prepare(connection, settings, now)
    try:
        for _ in range(WARM_UP):
            lease()
    except BaseException:
        barrier.abort()  # the others need not wait for one that has failed
        raise
    barrier.wait(600)
    for _ in range(leases):
        time.sleep(chance.expovariate(1 / pause_s) if pause_s else 0.0)
        times.append(lease())
        selection.look_for_more()
        mover.written()
    selection.close()
    mover.close()
    connection.close()
    database.close()
    answers.put((contacts, times))


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
