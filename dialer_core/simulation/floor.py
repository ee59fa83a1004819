"""The real engine under virtual time, with simulated seats, lines, list and public."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import replace

from dialer_core.engine import commands, events
from dialer_core.engine.dialler import Dialler
from dialer_core.model.campaign import Campaign, Disposition
from dialer_core.model.ids import AttemptId, CampaignId, LineId
from dialer_core.model.states import Mode, Outcome
from dialer_core.pacing.make import make_pacer
from dialer_core.pacing.view import Pacer
from dialer_core.simulation.agents import MACHINE, PERSON, Agent
from dialer_core.simulation.clairvoyant import Clairvoyant
from dialer_core.simulation.climate import Climate
from dialer_core.simulation.crowd import Crowd
from dialer_core.simulation.day import LINES_A_SEAT, RING_LIMIT_S, DayPlan, People, Rest, SeatPlan
from dialer_core.simulation.kernel import Kernel
from dialer_core.simulation.lines import SimulatedLines
from dialer_core.simulation.public import FINAL_STATUS, Behaviour, Kind, Scenario, scenario_named
from dialer_core.simulation.result import DayResult
from dialer_core.simulation.roster import Roster
from dialer_core.simulation.stages import Stages
from dialer_core.simulation.tally import Tally

CAMPAIGN = CampaignId(1)
LOG_IN_WITHIN_S = 120.0
REFUSED_S = 1.0  # until a carrier without a free channel says so
_FOR_THE_RECORD = frozenset({commands.MoveAttempt, commands.NoteDecision})  # nobody else hears
_DISPOSITIONS = (
    Disposition(PERSON, "Spoken to", "1", Outcome.SUCCESS, is_final=True),
    Disposition(MACHINE, "Machine", "2", Outcome.ANSWER_MACHINE_AGENT, is_final=False),
)


def simulate(
    scenario: Scenario | str,
    seats: int,
    mode: Mode,
    hours: float = 8.0,
    seed: int = 0,
    *,
    lines: int | None = None,
    breaks_a_seat: int = 0,
    pacer: Callable[[Campaign], Pacer] | None = None,
) -> DayResult:
    """One plain day of a floor: nothing drifts or turns; the same arguments give the same day.

    `lines` are by default three a seat (one a seat unless predictive). With `breaks_a_seat` each
    agent takes so many breaks of ten to fifteen minutes. The figures are the public's truth, not
    what the engine believes. ValueError for a floor that cannot be.
    """
    if seats < 1 or not hours > 0:
        raise ValueError(f"a day needs seats and hours, not {seats} and {hours}")
    if isinstance(scenario, str):
        scenario = scenario_named(scenario)
    length_s = hours * 3600.0
    per_seat = LINES_A_SEAT if mode is Mode.PREDICTIVE else 1
    plan = DayPlan(
        scenario,
        mode,
        length_s,
        lines or per_seat * seats,
        tuple(_plain_seat(seed, number, breaks_a_seat, length_s) for number in range(1, seats + 1)),
        abandon_target=0.02,  # a new campaign's
        seed=seed,
        ring_limit_s=max(RING_LIMIT_S, scenario.no_answer_s),
    )
    return simulate_day(plan, pacer=pacer)


def simulate_day(
    plan: DayPlan,
    *,
    people: People | None = None,
    pacer: Callable[[Campaign], Pacer] | None = None,
    clairvoyant: bool = False,
) -> DayResult:
    """Let the planned day pass through the real engine and reckon it up by the public's truth.

    `people`: who is called (the plan's own crowd where it is None). `pacer`: makes the pacer of the
    campaign (`make_pacer` with the plan's mode, target, seed and levers where it is None).
    `clairvoyant`: the limit instead of a pacer, see `clairvoyant.Clairvoyant`.
    """
    return SimulatedFloor(plan, people, pacer, clairvoyant=clairvoyant).run()


class SimulatedFloor:
    """The shell of the simulator: carries every command out in virtual time."""

    def __init__(
        self,
        plan: DayPlan,
        people: People | None = None,
        pacer: Callable[[Campaign], Pacer] | None = None,
        *,
        clairvoyant: bool = False,
    ) -> None:
        if clairvoyant:  # launches ahead of a free seat, which no other mode lets it do
            plan = replace(plan, mode=Mode.PREDICTIVE)
        self.plan = plan
        self.kernel = Kernel()
        self.tally = Tally(plan)
        self.people: People = people if people is not None else Crowd(plan)
        self.campaign = _campaign(plan, self.kernel)
        self._climate = Climate(plan.turns, phase=0.0)
        self._lines = SimulatedLines(self.kernel, self.campaign, self.tally, self.send)
        self._met: dict[AttemptId, Behaviour] = {}
        self._wake_s: float | None = None
        self._is_trunk_short = False
        self.roster = Roster(plan, self.people, CAMPAIGN)
        self._seer = Clairvoyant(self) if clairvoyant else None
        if self._seer is not None:
            self.roster.is_closed = True
            pacer = self._seer.pacer
        ids = itertools.count(1)
        self.dialler = Dialler(lambda: f"{next(ids):026d}", pacer or _own_pacer(plan))
        self.agents = {seat.number: self._agent(seat) for seat in plan.seats}
        self._open()
        if self._seer is not None:
            self._seer.begin()

    def _open(self) -> None:
        self.send(events.CampaignSet(self.campaign))
        for number in range(1, self.plan.lines + 1):
            self.send(events.LineUp(_line(number)))
        self.send(events.Recovered())
        for agent in self.agents.values():
            agent.plan_day(self.plan.length_s)
        for turn in self.plan.turns:
            self.kernel.after(turn.at_s, self._fit_lines)
        self.kernel.after(1.0, self._tick)

    def _agent(self, seat: SeatPlan) -> Agent:
        error = self.plan.hints.forecast_error
        stages = Stages(self.plan.seed, error) if error is not None else None
        return Agent(seat, self, CAMPAIGN, stages)

    def run(self) -> DayResult:
        """Let the day pass; what is not decided at its end counts for nothing."""
        self.kernel.run_until(self.plan.length_s)
        self.tally.passed_over = self.roster.passed_over
        return self.tally.result(self.dialler.overdialled, self.kernel.now_s)

    def send(self, event: events.Event) -> None:
        """Hand the engine an event and carry out what it says, answers of the list included."""
        now = self.kernel.now()
        self.tally.events += 1
        if self._seer is not None and isinstance(event, events.CallBridged):
            contact_id = self.dialler.calls[event.attempt_id].record.contact_id
            self._seer.bridged(contact_id, event.session_id)
        todo = [event]
        for one in todo:  # it grows by the answers of the list
            for command in self.dialler.handle(one, now):
                if type(command) in _FOR_THE_RECORD:
                    continue
                answer = self._carry_out(command)
                if answer is not None:
                    todo.append(answer)
        self._plan_wake()
        if self._is_trunk_short and type(event) is events.CallEnded:
            self._fit_lines()

    def person_of(self, attempt_id: AttemptId) -> Behaviour:
        """Who was called in that attempt."""
        return self._met[attempt_id]

    def forget(self, attempt_id: AttemptId) -> None:
        """Nobody needs that person any more."""
        self._met.pop(attempt_id, None)

    # --- commands ----------------------------------------------------------------------------

    def _carry_out(self, command: commands.Command) -> events.Event | None:
        match command:
            case commands.SetSeat():
                self.agents[command.session_id].told(command)
            case commands.CommitAttempt():
                return events.AttemptCommitted(command.attempt_id)
            case commands.LeaseRecords():
                records = self.roster.lease(command.count, self.kernel.now_s)
                return events.RecordsLeased(command.campaign_id, records)
            case commands.ReturnRecord():
                self.roster.take_back(command.contact_id, command.rest_s, self.kernel.now_s)
            case commands.Originate():
                self._originate(command)
            case commands.ConnectAgent():
                self._lines.connect(command)
            case commands.PlayMessage():
                self._lines.play(command)
            case commands.EndCall():
                self._lines.end(command)
            case commands.CloseAttempt():
                if command.outcome is not Outcome.CONNECTED:  # else the agent still needs them
                    self.forget(command.attempt_id)
            case _:
                pass
        return None

    def _originate(self, order: commands.Originate) -> None:
        record = self.roster.dialled(self.dialler.calls[order.attempt_id].record.contact_id)
        now_s = self.kernel.now_s
        person = self.people.behaviour(record.contact_id, order.number, 1, now_s)
        channels = self._climate.turn(now_s).channels
        if channels is not None and len(self._lines.calls) >= channels:
            person = _refused(person)
        self._met[order.attempt_id] = person
        self._lines.originate(order, person)

    # --- lines -------------------------------------------------------------------------------

    def _fit_lines(self) -> None:
        """Give as many lines as the trunk has now; those in use are given up when they are free."""
        wanted = self._climate.turn(self.kernel.now_s).lines
        wanted = self.plan.lines if wanted is None else min(wanted, self.plan.lines)
        up = self.dialler.lines
        surplus = len(up) - wanted
        self._is_trunk_short = surplus > 0
        if surplus > 0:
            free = [line_id for line_id, attempt_id in up.items() if attempt_id is None]
            for line_id in free[:surplus]:
                self.send(events.LineLost(line_id))
        elif surplus < 0:
            down = (_line(number) for number in range(1, self.plan.lines + 1))
            for line_id in itertools.islice((one for one in down if one not in up), -surplus):
                self.send(events.LineUp(line_id))

    # --- time --------------------------------------------------------------------------------

    def _tick(self) -> None:
        self.send(events.Tick())
        self.kernel.after(1.0, self._tick)

    def _plan_wake(self) -> None:
        """A tick at the very moment at which the engine has something due."""
        due_s = self.dialler.wake_at_s
        if due_s is None or (self._wake_s is not None and self._wake_s <= due_s):
            return
        self._wake_s = due_s
        self.kernel.after(due_s - self.kernel.now_s, lambda: self._wake(due_s))

    def _wake(self, planned_s: float) -> None:
        if planned_s == self._wake_s:  # else an earlier one has taken its place
            self._wake_s = None
            self.send(events.Tick())


def _campaign(plan: DayPlan, kernel: Kernel) -> Campaign:
    return Campaign(
        CAMPAIGN,
        plan.scenario.name,
        plan.mode,
        "GB",
        "1",
        caller_id="+441614960000",
        client="Simulation",
        abandon_target=plan.abandon_target,
        connect_limit_s=plan.connect_limit_s,
        max_ring_s=plan.longest_ring_s,
        max_lines=plan.lines,
        calling_ends=kernel.now().after(plan.length_s).utc,
        levers=plan.levers,
        parked_an_hour=plan.parked_an_hour,
        dispositions=_DISPOSITIONS,
    )


def _plain_seat(seed: int, number: int, breaks: int, length_s: float) -> SeatPlan:
    """An agent who logs in soon after the start and takes breaks that are spread over the day."""
    draw = random.Random(f"{seed}|seat|{number}")
    comes_s = draw.random() * min(LOG_IN_WITHIN_S, length_s / 10)
    rests: list[Rest] = []
    for index in range(breaks):
        share = (index + 0.25 + 0.5 * draw.random()) / breaks
        rests.append(Rest(share * length_s, 600.0 + 300.0 * draw.random(), announced_s=0.0))
    return SeatPlan(number, comes_s, length_s, tuple(rests))


def _refused(person: Behaviour) -> Behaviour:
    return Behaviour(
        kind=Kind.OVERLOADED,
        final_status=FINAL_STATUS[Kind.OVERLOADED],
        ring_s=REFUSED_S,
        is_machine=False,
        hello_s=person.hello_s,
        patience_s=person.patience_s,
        talk_s=0.0,
        wrap_s=0.0,
    )


def _line(number: int) -> LineId:
    return LineId(f"line{number}")


def _own_pacer(plan: DayPlan) -> Callable[[Campaign], Pacer]:
    def make(campaign: Campaign) -> Pacer:
        return make_pacer(
            campaign.mode.value,
            target=campaign.abandon_target,
            seed=plan.seed,
            levers=campaign.levers,
        )

    return make
