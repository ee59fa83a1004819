"""`callfloor bench answer`: from the customer's 200 OK to the first voices, packet by packet."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.console import Console

from app.bench_figures import Machine, tell, this_machine
from app.errors import KnownError
from app.pacing.crew import progress_bar
from app.rehearsal.report import Spread, spread
from app.telephony.customers import Answered, Customers
from app.telephony.floor import BenchFloor, Talk, wait_until
from sip import messages

TARGET_P99_MS = 100.0
END_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """The words of the command line. `talk_s`: mean length of a conversation."""

    seats: int = 20
    calls: int = 200
    talk_s: float = 8.0
    seed: int = 1
    json_file: Path | None = None


class AnswerFigures(msgspec.Struct, frozen=True):
    """Milliseconds from the 200 OK that the customer sent, each measured where it arrives.

    `agent_to_customer_ms`: until the first packet with the agent's voice was at the customer's
    socket; the target is for this. `customer_to_agent_ms`: until the customer's voice came out of
    the jitter buffer of the agent's phone. `to_agents_phone_ms`: until that phone was connected.
    `first_of_each_seat_ms`: the first measure for the first calls, in which the TLS connection
    between line and phone has to be made.
    """

    seats: int
    calls: int
    agent_to_customer_ms: Spread
    customer_to_agent_ms: Spread
    to_agents_phone_ms: Spread
    first_of_each_seat_ms: Spread
    unheard: int
    meets_target: bool
    machine: Machine
    errors: list[str]


class _Seats:
    """Gives each seat one call after the other, on a line of its own."""

    def __init__(self, floor: BenchFloor, options: AnswerOptions) -> None:
        self._floor = floor
        self._options = options
        self._lock = threading.Lock()
        self._dialled = 0
        self.ended = 0
        self.errors: list[str] = []
        self._seat_of: dict[str, int] = {}
        floor.on_message = self._said

    def start(self) -> None:
        for seat in range(self._options.seats):
            self._dial(seat)

    def _dial(self, seat: int) -> None:
        with self._lock:
            if self._dialled >= self._options.calls:
                return
            self._dialled += 1
            attempt_id = f"bench-{self._dialled}"
            self._seat_of[attempt_id] = seat
        self._floor.dial(self._floor.lines[seat], attempt_id)

    def _said(self, line: str, message: messages.Message) -> None:
        match message:
            case messages.CallAnswered(attempt_id=attempt_id):
                agent = self._floor.agent(self._seat_of[attempt_id])
                self._floor.send(
                    line, messages.ConnectAgent(epoch=1, attempt_id=attempt_id, agent=agent)
                )
            case messages.CallEnded(attempt_id=attempt_id, gateway=gateway):
                self._floor.has_ended(gateway)
                with self._lock:
                    self.ended += 1
                self._dial(self._seat_of[attempt_id])
            case messages.Refused() | messages.EngineTrouble() | messages.AgentUnreachable():
                with self._lock:
                    self.errors.append(f"{line}: {message.sentence}")


def run_answer(options: AnswerOptions) -> int:
    """Measure, tell, and return the exit status: 0 if the target is met."""
    if options.seats < 1 or options.calls < options.seats or options.talk_s < 1:
        raise KnownError("Give at least one call a seat, and conversations of a second or more.")
    machine, chance = this_machine(), random.Random(options.seed)
    console = Console(stderr=True)
    console.print(f"Starting {options.seats} lines and phones …")

    def talk_of(_n: int) -> tuple[float, float]:
        return chance.uniform(0.1, 2.0), options.talk_s * chance.uniform(0.5, 1.5)

    customers = Customers(options.seats, talk_of)
    floor = BenchFloor(options.seats, options.seats, lambda _n: Talk(1.0, 1.0), customers)
    try:
        with floor:
            seats = _run(floor, options, console)
            errors = [*seats.errors, *floor.dead()]
        figures = _figures(floor.phone_records(), customers.answered, options, errors, machine)
    finally:
        floor.forget()
    tell(figures, options.json_file)
    return 0 if figures.meets_target else 1


def _run(floor: BenchFloor, options: AnswerOptions, console: Console) -> _Seats:
    seats = _Seats(floor, options)
    limit_s = END_LIMIT_S + options.calls / options.seats * (options.talk_s + 4) * 2
    until_s = time.monotonic() + limit_s
    with progress_bar("calls", options.calls, console) as done:
        seats.start()
        told = 0
        while told < options.calls and time.monotonic() < until_s and not floor.dead():
            wait_until(lambda n=told: seats.ended > n, 1.0)  # type: ignore[misc]
            done(seats.ended - told)
            told = seats.ended
    return seats


def _figures(
    phones: Sequence[messages.PhoneRecord],
    customers: Sequence[Answered],
    options: AnswerOptions,
    errors: list[str],
    machine: Machine,
) -> AnswerFigures:
    phone_of = {one.attempt_id: one for one in phones}
    out: list[float] = []
    back: list[float] = []
    up: list[float] = []
    first: list[float] = []
    known: set[int] = set()
    unheard = 0
    for one in sorted(customers, key=lambda person: person.answered_mono_s):
        phone = phone_of.get(one.attempt_id)
        heard_s = phone.sounds.first_mono_s.get(one.signature) if phone is not None else None
        up_s = phone.connected_mono_s if phone is not None else None
        if phone is None or one.voice_mono_s is None or heard_s is None or up_s is None:
            unheard += 1
            continue
        out.append(1000 * (one.voice_mono_s - one.answered_mono_s))
        back.append(1000 * (heard_s - one.answered_mono_s))
        up.append(1000 * (up_s - one.answered_mono_s))
        if phone.own_signature not in known:
            first.append(out[-1])
            known.add(phone.own_signature)
    found = spread(out)
    is_good = found.n > 0 and found.p99 <= TARGET_P99_MS and not unheard and not errors
    return AnswerFigures(
        seats=options.seats,
        calls=options.calls,
        agent_to_customer_ms=found,
        customer_to_agent_ms=spread(back),
        to_agents_phone_ms=spread(up),
        first_of_each_seat_ms=spread(first),
        unheard=unheard,
        meets_target=is_good,
        machine=machine,
        errors=errors,
    )
