"""Records a day: the simulated floor works, and the real store writes down what it does."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from sqlalchemy import event, update

from dialer_core.clock import Instant
from dialer_core.engine import commands, events
from dialer_core.model.campaign import Disposition
from dialer_core.model.ids import SessionId
from dialer_core.model.levers import NO_LEVERS
from dialer_core.model.states import Mode, Outcome
from dialer_core.rules.profiles import profile
from dialer_core.simulation.agents import MACHINE, PERSON
from dialer_core.simulation.day import DayPlan, Rest, SeatPlan
from dialer_core.simulation.floor import SimulatedFloor
from dialer_core.simulation.public import B2C_COLD, Scenario
from dialer_core.simulation.result import DayResult
from dialer_core.store.database import Database
from dialer_core.store.floor import FloorStore
from dialer_core.store.schema import CampaignRow
from dialer_core.store.seat import SeatStore
from dialer_core.store.setup import NewCampaign, NewPerson, SetupStore

CAMPAIGN_NAME = "Spring renewals"
TTL_S = 1e6
_DISPOSITIONS = (
    Disposition(PERSON, "Spoken to", "1", Outcome.SUCCESS, is_final=True, is_success=True),
    Disposition(MACHINE, "Machine", "2", Outcome.ANSWER_MACHINE_AGENT, is_final=False),
)


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """What was recorded, until when, and what the simulator itself says of it."""

    result: DayResult
    ended: Instant


def plan_of_day(
    seats: int,
    minutes: float,
    mode: Mode = Mode.PREDICTIVE,
    *,
    seed: int = 1,
    scenario: Scenario = B2C_COLD,
    lines: int = 0,
    rests: tuple[Rest, ...] = (),
) -> DayPlan:
    """A plain day; the seats come within the first minute."""
    length_s = minutes * 60.0
    return DayPlan(
        replace(scenario, no_answer_s=25.0),
        mode,
        length_s,
        lines or 3 * seats,
        tuple(
            SeatPlan(number, 60.0 * number / (seats + 1), length_s, rests if number == 1 else ())
            for number in range(1, seats + 1)
        ),
        levers=NO_LEVERS,
        abandon_target=0.02,
        seed=seed,
    )


def record_day(
    database: Database, plan: DayPlan, *, people: int = 1500, max_ring_s: float = 25.0
) -> RecordedRun:
    """Let the day of the plan pass on `database`, an empty one; 3 March 2026, from 9:00 on."""
    event.listen(database.engine, "connect", _be_quick)
    floor = RecordingFloor(plan, database, people, max_ring_s)
    try:
        result = floor.run()
        return RecordedRun(result, floor.kernel.now())
    finally:
        floor.close()


def _be_quick(connection: object, _record: object) -> None:
    """A test's day need not survive a power cut."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


class RecordingFloor(SimulatedFloor):
    """The simulated floor whose commands to the database go to a database."""

    def __init__(self, plan: DayPlan, database: Database, people: int, max_ring_s: float) -> None:
        self.store: FloorStore | None = None
        self.seats: dict[SessionId, SeatStore] = {}
        self._database = database
        super().__init__(plan)
        now = self.kernel.now()
        _set_up(database, plan, now, people, max_ring_s)
        self.store = FloorStore(database)
        assert self.store.take_lease("pc:1:1", now, TTL_S, lambda _holder: True)
        ends = self.store.restore(now).campaigns[0].calling_ends
        self.campaign = replace(self.campaign, calling_ends=ends)
        super().send(events.CampaignSet(self.campaign))

    def close(self) -> None:
        """Give the connections back."""
        for store in (self.store, *self.seats.values()):
            if store is not None:
                store.close()

    def send(self, event: events.Event) -> None:
        """What an agent wants is written by the agent's window first."""
        now = self.kernel.now()
        match event:
            case events.SeatOpened():
                self._log_in(event.session_id, now)
            case events.AvailableWanted():
                self.seats[event.session_id].want_available(now)
            case events.PauseWanted():
                self.seats[event.session_id].want_pause(event.reason, now)
            case events.OutcomeChosen():
                seat = self.seats[event.session_id]
                seat.choose_outcome(event.attempt_id, event.code, "", now)
            case events.SeatClosed():
                self.seats[event.session_id].log_out(now)
        todo = [event]
        for one in todo:  # unlike a simulated floor's, none of the commands is passed over
            for command in self.dialler.handle(one, now):
                answer = self._carry_out(command)
                if answer is not None:
                    todo.append(answer)
        self._plan_wake()

    def _log_in(self, session_id: SessionId, now: Instant) -> None:
        store = self.seats[session_id] = SeatStore(self._database)
        agent = f"Agent {session_id}"
        assert session_id == store.log_in(
            agent, None, f"seat{session_id}", "sip:seat@127.0.0.1", "token", now
        )

    def _carry_out(self, command: commands.Command) -> events.Event | None:
        store = self.store
        if store is None or not isinstance(command, commands.StoreCommand):
            return super()._carry_out(command)
        if isinstance(command, commands.CommitAttempt | commands.LeaseRecords):
            answer = store.apply([command], self.kernel.now())[0]
            if isinstance(answer, events.RecordsLeased):
                self.roster._held |= {one.contact_id: one for one in answer.records}
            return answer
        store.apply([command], self.kernel.now())
        if isinstance(command, commands.ReturnRecord):
            del self.roster._held[command.contact_id]
            return None
        return super()._carry_out(command)


def _set_up(
    database: Database, plan: DayPlan, now: Instant, people: int, max_ring_s: float
) -> None:
    """A campaign with the agents of the plan and so many people."""
    rules = profile("GB")
    setup = SetupStore(database)
    try:
        campaign_id = setup.add_campaign(
            NewCampaign(
                name=CAMPAIGN_NAME,
                client="Northern Light",
                company_name="Northern Light",
                mode=plan.mode,
                profile=rules,
                caller_id="+441614960999",
                dispositions=_DISPOSITIONS,
                abandon_target=plan.abandon_target,
                max_lines=plan.lines,
                levers=plan.levers,
            ),
            now,
        )
        for seat in plan.seats:
            setup.add_agent(f"Agent {seat.number}", now)
        for registry in ("GB-TPS", "GB-CTPS"):
            setup.load_registry(registry, now.utc, [], now)
        crowd = [NewPerson(f"Person {n}", [(f"+44161496{n:04d}", "mobile")]) for n in range(people)]
        setup.add_list(campaign_id, "crowd", crowd, now)
    finally:
        setup.close()
    with database.writing() as connection:
        connection.execute(update(CampaignRow).values(max_ring_s=max_ring_s))
