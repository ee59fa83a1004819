"""What the office of a measured floor does meanwhile: a list comes in, or what is old goes."""

from __future__ import annotations

import time
from datetime import timedelta
from multiprocessing.queues import Queue

from app.telephony.floor_bench_parts import LOOK_S, CpuClock, Order, Told, told_by
from dialer_core.clock import Instant
from dialer_core.lists.people import ListedPerson, Rejected
from dialer_core.store.importing import ImportOrder, ImportStore
from dialer_core.store.opening import open_database
from dialer_core.store.retention import RetentionStore


def _wait(order: Order) -> None:
    while order.goes_on and time.monotonic() < order.measure_s.value + 2.0:
        time.sleep(LOOK_S)


def _import(order: Order, _answers: Queue[Told], rows: int) -> Told:
    """A list comes in while everybody works."""
    log, cpu = order.log(), CpuClock(order)
    database = open_database(order.address)
    log.watch(database.engine)
    store = ImportStore(database, rest=lambda: time.sleep(0.005))
    _wait(order)
    cpu.look()
    begun_s = time.monotonic()
    rejected: list[Rejected] = []
    try:
        done = store.take_in(
            ImportOrder(order.campaign_id, "New list", "made.csv", "GB", "utf-8"),
            (_listed(number) for number in range(rows)),
            order.now,
            reject=rejected.append,
            goes_on=lambda _counts: order.goes_on,
        )
    finally:
        store.close()
        database.close()
    told = f"{done.counts} in {time.monotonic() - begun_s:.0f} s"
    told += ", given up at the end of the time" if done.is_given_up else ""
    return Told("office", log.waits, cpu.used_s(), texts=log.texts(), done=told)


def _listed(number: int) -> ListedPerson:
    """Of no country; and the bench's lines dial nobody."""
    return ListedPerson(
        row=number + 2,
        numbers=((f"+999{number:09d}", "mobile"),),
        name=f"Person {number}",
        town="Leeds",
        details=(("Contract", "to May"),),
        zones=("Europe/London",),
        region="GB",
    )


def _purge(order: Order, _answers: Queue[Told], years: int) -> Told:
    """The daily purge, with all that is due after so many years without one."""
    log, cpu = order.log(), CpuClock(order)
    database = open_database(order.address)
    log.watch(database.engine)
    store = RetentionStore(database)
    _wait(order)
    cpu.look()
    begun_s = time.monotonic()
    now = order.now()
    later = Instant(now.mono_s, now.utc + timedelta(days=365 * years))

    def goes_on(_kind: object, _count: int) -> bool:
        time.sleep(0.005)
        return order.goes_on

    try:
        purged = store.purge(later, goes_on=goes_on)
    finally:
        store.close()
        database.close()
    words = ", ".join(f"{one.kind} {one.count}" for one in purged if one.count)
    told = f"{words or 'nothing'} in {time.monotonic() - begun_s:.0f} s"
    return Told("office", log.waits, cpu.used_s(), texts=log.texts(), done=told)


def office_import(order: Order, answers: Queue[Told], rows: int) -> None:
    """A list of `rows` comes in."""
    told_by(_import)(order, answers, rows)


def office_purge(order: Order, answers: Queue[Told], years: int) -> None:
    """What is kept too long goes."""
    told_by(_purge)(order, answers, years)
