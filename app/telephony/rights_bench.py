"""`callfloor bench rights`: what a seat's own rights cost, against the floor's owner side by side.

A server with a long list and weeks of calls; two agents, one whose window comes in as the owner
and one by a seat's role, do the same by turns: each of the store's calls, each statement.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from app.bench_figures import Machine, tell, this_machine
from app.errors import KnownError
from app.lists.house import OUTCOMES
from app.pacing.crew import progress_bar
from app.telephony.floor_bench_parts import TUESDAY
from app.telephony.floor_bench_people import PASSWORD
from app.telephony.floor_bench_server import MeasuredServer, measured_server
from dialer_core.clock import ManualClock
from dialer_core.engine.commands import CommitAttempt, LeaseRecords
from dialer_core.engine.events import RecordsLeased
from dialer_core.model.ids import AttemptId, CampaignId, LineId
from dialer_core.model.states import Mode
from dialer_core.store import past_calls
from dialer_core.store.address import FloorAddress
from dialer_core.store.database import Database
from dialer_core.store.floor import FloorStore
from dialer_core.store.measuring import Spread, WaitLog, spread
from dialer_core.store.opening import open_database
from dialer_core.store.promises import PromiseStore
from dialer_core.store.seat import SeatStore

READ_MS: Final = 5.0  # p99 of what a seat reads
WARM_UP: Final = 30
AGENTS: Final = 20
_MODEL: Final = AttemptId("A" + "0" * 25)
_READS: Final = ("pop", "today", "colleagues", "own call-backs", "why no calls come")


class Pair(msgspec.Struct, frozen=True):
    """The same as owner and as seat; `ratio`: of the medians, 0 where one of them never says it."""

    name: str
    owner: Spread
    seat: Spread
    ratio: float
    text: str = ""


class RightsFigures(msgspec.Struct, frozen=True):
    """All of it, the slowest first. `slow`: what a seat reads and gets too late."""

    machine: Machine
    people: int
    attempts: int
    rounds: int
    limit_ms: float
    works: list[Pair]
    statements: list[Pair]
    slow: list[str]
    meets_target: bool


@dataclass
class _Window:
    """An agent's window: its stores, and what each of their statements takes."""

    agent: str
    log: WaitLog
    database: Database
    seat: SeatStore
    promises: PromiseStore
    session: int = 0

    def do(self, number: int, clock: ManualClock) -> None:
        """A person comes to the screen, is written about, and gets an outcome."""
        now, work, seat = clock.now(), self.log.work, self.seat
        with work("pop"):
            row = seat.read()
            record = seat.record(number)
        assert row is not None, "the session is open"
        assert record is not None, "the person is on the screen"
        assert record.contact_id == row.contact_id
        with work("today"):
            seat.today(now)
        with work("colleagues"):
            assert seat.colleagues(), "the other one"
        with work("own call-backs"):
            assert self.promises.own(self.agent, now)
        with work("why no calls come"):
            seat.why_no_calls()
        attempt = past_calls.attempt_of(number)
        with work("stage"):
            seat.reach_stage(attempt, "notes", now)
        with work("note"):
            seat.save_note(attempt, "ring the bell twice", now)
        with work("outcome"):
            code = seat.choose_outcome(attempt, OUTCOMES[0].code, "", now)
        assert code == OUTCOMES[0].code

    def close(self) -> None:
        self.promises.close()
        self.seat.close()
        self.database.close()


def run_rights(people: int, attempts: int, rounds: int, json_file: Path | None) -> int:
    """Measure, tell, and return the exit status: 0 if a seat reads fast enough."""
    if people < 1000 or attempts < 1000 or rounds < 10:
        raise KnownError("Give at least a thousand people, a thousand calls and ten rounds.")
    console, machine = Console(stderr=True), this_machine()
    console.print(f"Making a floor with {people} people and {attempts} calls …")
    with measured_server(people, AGENTS) as server:
        _remember(server, min(attempts, people))
        works, statements = _measure(server, min(attempts, people), rounds, console)
    slow = [one.name for one in works if one.name in _READS and one.seat.p99 >= READ_MS]
    slow += [
        one.name
        for one in statements
        if one.name.startswith("SELECT") and "rights." not in one.text and one.seat.p99 >= READ_MS
    ]
    figures = RightsFigures(
        machine, people, min(attempts, people), rounds, READ_MS, works, statements, slow, not slow
    )
    tell(figures, json_file)
    return 0 if figures.meets_target else 1


def _remember(server: MeasuredServer, attempts: int) -> None:
    """Weeks of calls, all like one that the dialler has really made."""
    now = ManualClock(TUESDAY).now()
    database = open_database(server.address)
    with closing(FloorStore(database)) as floor:
        floor.take_lease("bench:1:1", now, 60.0, lambda _holder: True)
        campaign = CampaignId(server.campaign_id)
        (leased,) = floor.apply([LeaseRecords(campaign, 1)], now)
        assert isinstance(leased, RecordsLeased)
        record, line = leased.records[0], LineId("line01")
        floor.apply(
            [CommitAttempt(_MODEL, campaign, record, Mode.PREDICTIVE, None, line, False)], now
        )
    with database.writing() as connection:
        past_calls.add(connection, attempts, AGENTS, OUTCOMES[0].code, TUESDAY, _MODEL)
    database.close()
    with server.asking() as connection:
        connection.exec_driver_sql("VACUUM (ANALYZE)")
        connection.exec_driver_sql("CHECKPOINT")


def _measure(
    server: MeasuredServer, attempts: int, rounds: int, console: Console
) -> tuple[list[Pair], list[Pair]]:
    clock, chance, counts = ManualClock(TUESDAY), random.Random(1), [False]
    owner = _sit_down(server.address, 1, clock, counts)
    seat = _sit_down(server.seats[1], 2, clock, counts)
    database = open_database(server.address)
    try:
        with progress_bar(f"{rounds} people each", rounds, console) as done:
            for number in range(WARM_UP + rounds):
                counts[0] = number >= WARM_UP
                windows = [owner, seat] if number % 2 else [seat, owner]
                for window in windows:
                    person = chance.randrange(AGENTS * 100, attempts)
                    with database.writing() as connection:
                        past_calls.put_on_screen(connection, window.session, person)
                    window.do(person, clock)
                clock.advance(11.0)  # a sign of life is due again
                done(int(counts[0]))
    finally:
        database.close()
        owner.close()
        seat.close()
    texts = owner.log.texts() | seat.log.texts()
    works = _pairs(owner.log.waits.works, seat.log.waits.works, {})
    return works, _pairs(owner.log.waits.statements, seat.log.waits.statements, texts)


def _sit_down(
    address: FloorAddress, number: int, clock: ManualClock, counts: Sequence[bool]
) -> _Window:
    log, database = WaitLog(lambda: counts[0]), open_database(address)
    log.watch(database.engine)
    agent = f"Agent {number}"
    window = _Window(agent, log, database, SeatStore(database), PromiseStore(database))
    window.session = window.seat.log_in(
        agent,
        PASSWORD,
        f"Seat {number}",
        "sip:seat@127.0.0.1:5061;transport=tls",
        "token",
        clock.now(),
    )
    return window


def _pairs(
    owner: Mapping[str, Sequence[float]],
    seat: Mapping[str, Sequence[float]],
    texts: Mapping[str, str],
) -> list[Pair]:
    """By name, what is slowest at a seat first."""
    found = []
    for name in sorted(owner.keys() | seat.keys()):
        ours, its = spread(owner.get(name, ())), spread(seat.get(name, ()))
        ratio = round(its.p50 / ours.p50, 2) if ours.p50 and its.n else 0.0
        found.append(Pair(name, ours, its, ratio, texts.get(name, "")[:400]))
    return sorted(found, key=lambda one: (-one.seat.p99, one.name))
