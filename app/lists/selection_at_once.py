"""Many processes that lease the next people of one list at once, and that nobody comes twice."""

from __future__ import annotations

import multiprocessing
import random
import time
from datetime import timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import BrokenBarrierError
from typing import Final

import msgspec

from app.lists.selection_floor import BEGIN, WARM_UP
from app.lists.spins import Spread, spread
from dialer_core.clock import ManualClock
from dialer_core.model.ids import CampaignId
from dialer_core.rules.hours import check_hours
from dialer_core.store import leasing
from dialer_core.store.address import Place
from dialer_core.store.campaigns import load_campaign
from dialer_core.store.log_mover import LogMover
from dialer_core.store.opening import open_database
from dialer_core.store.selection import Selection

AT_ONCE_MS: Final = 25.0  # p99 that must be reached in a file


class AtOnceFigures(msgspec.Struct, frozen=True):
    """Processes that lease one record each, at random moments or without a pause."""

    processes: int
    leases_a_second: float
    ms: Spread
    records: int
    twice: int
    meets_target: bool


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
    is_file = isinstance(path, Path)  # as many diallers as that work on a file alone
    return AtOnceFigures(
        processes=processes,
        leases_a_second=round(len(seen) / lasted_s, 1),
        ms=found_ms,
        records=len(seen),
        twice=twice,
        meets_target=not twice and (not is_file or found_ms.p99 <= AT_ONCE_MS),
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
