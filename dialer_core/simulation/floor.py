"""The real engine under virtual time, with simulated seats, lines, list and public."""

from __future__ import annotations

import itertools
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from dialer_core.engine import commands, events
from dialer_core.engine.dialler import Dialler
from dialer_core.model.campaign import Campaign, Disposition
from dialer_core.model.ids import AttemptId, CampaignId, ContactId, LineId, NumberId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import Mode, Outcome, SeatState
from dialer_core.pacing.make import make_pacer
from dialer_core.pacing.view import Pacer
from dialer_core.simulation.kernel import Kernel
from dialer_core.simulation.lines import SimulatedLines
from dialer_core.simulation.public import Behaviour, Public, Scenario, scenario_named
from dialer_core.simulation.tally import DayResult, Tally

CAMPAIGN = CampaignId(1)
LOG_IN_WITHIN_S = 120.0
DRAW_S = 0.1  # until a preview is on the screen
READ_S = 5.0  # until the agent dials it
_MACHINE, _PERSON = "machine", "person"
_DISPOSITIONS = (
    Disposition(_PERSON, "Spoken to", "1", Outcome.SUCCESS, is_final=True),
    Disposition(_MACHINE, "Machine", "2", Outcome.ANSWER_MACHINE_AGENT, is_final=False),
)
_NUMBERS = 10_000


@dataclass(frozen=True, slots=True)
class Break:
    """A pause that an agent takes: from when (seconds of the day) and how long."""

    at_s: float
    length_s: float


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
    """One day of a floor; the same arguments give the same day.

    `lines` are by default three a seat (one a seat unless predictive). With `breaks_a_seat` each
    agent takes so many breaks of ten to fifteen minutes. The figures are the public's truth, not
    what the engine believes. ValueError for a floor that cannot be.
    """
    if seats < 1 or not hours > 0:
        raise ValueError(f"a day needs seats and hours, not {seats} and {hours}")
    if isinstance(scenario, str):
        scenario = scenario_named(scenario)
    per_seat = 3 if mode is Mode.PREDICTIVE else 1
    floor = SimulatedFloor(
        Public(seed, scenario), mode, hours * 3600.0, lines or per_seat * seats, pacer
    )
    for number in range(1, seats + 1):
        floor.seat_in(SessionId(number), seed, breaks_a_seat)
    return floor.run()


class SimulatedFloor:
    """The shell of the simulator: carries every command out in virtual time."""

    def __init__(
        self,
        public: Public,
        mode: Mode,
        length_s: float,
        lines: int,
        pacer: Callable[[Campaign], Pacer] | None = None,
    ) -> None:
        self.kernel = Kernel()
        self.tally = Tally(public.scenario.name, mode, length_s)
        self._public = public
        self._length_s = length_s
        self.campaign = Campaign(
            CAMPAIGN,
            public.scenario.name,
            mode,
            "GB",
            "1",
            caller_id="+441614960000",
            client="Simulation",
            max_ring_s=public.scenario.no_answer_s,
            max_lines=lines,
            calling_ends=self.kernel.now().after(length_s).utc,
            dispositions=_DISPOSITIONS,
        )
        ids = itertools.count(1)
        self.dialler = Dialler(lambda: f"{next(ids):026d}", pacer or _plain)
        self._lines = SimulatedLines(self.kernel, self.campaign, self.send)
        self._contacts = itertools.count(1)
        self._returned: deque[LeasedRecord] = deque()
        self._held: dict[ContactId, LeasedRecord] = {}
        self._people: dict[AttemptId, Behaviour] = {}
        self._wake_s: float | None = None
        self.send(events.CampaignSet(self.campaign))
        for number in range(1, lines + 1):
            self.send(events.LineUp(LineId(f"line{number}")))
        self.send(events.Recovered())
        self.kernel.after(1.0, self._tick)

    def seat_in(self, session_id: SessionId, seed: int, breaks: int) -> None:
        """Plan an agent's day: they log in soon after the start and take their breaks."""
        draw = random.Random(f"{seed}|seat|{session_id}")
        arrives_s = draw.random() * min(LOG_IN_WITHIN_S, self._length_s / 10)

        def arrive() -> None:
            self.send(events.SeatOpened(session_id, CAMPAIGN, f"Agent {session_id}"))
            self.tally.seat_is(session_id, SeatState.PAUSED, self.kernel.now_s)
            self.send(events.AvailableWanted(session_id))

        self.kernel.after(arrives_s, arrive)
        for number in range(breaks):
            share = (number + 0.25 + 0.5 * draw.random()) / breaks
            rest = Break(share * self._length_s, 600.0 + 300.0 * draw.random())
            self.kernel.after(rest.at_s, self._break_of(session_id, rest))

    def run(self) -> DayResult:
        """Let the day pass and reckon it up; calls beyond its end are let go on but not counted."""
        self.kernel.run_until(self._length_s)
        return self.tally.result(self.dialler.overdialled, self.kernel.now_s)

    def send(self, event: events.Event) -> None:
        """Hand the engine an event and carry out what it says, answers of the list included."""
        queue: deque[events.Event] = deque([event])
        now = self.kernel.now()
        self.tally.events += 1
        while queue:
            for command in self.dialler.handle(queue.popleft(), now):
                answer = self._carry_out(command)
                if answer is not None:
                    queue.append(answer)
        self._plan_wake()

    # --- commands ----------------------------------------------------------------------------

    def _carry_out(self, command: commands.Command) -> events.Event | None:
        match command:
            case commands.SetSeat():
                self._seat_told(command)
            case commands.CommitAttempt():
                return events.AttemptCommitted(command.attempt_id)
            case commands.LeaseRecords():
                records = [self._lease() for _ in range(command.count)]
                return events.RecordsLeased(command.campaign_id, records)
            case commands.ReturnRecord():
                self._returned.append(self._held.pop(command.contact_id))
            case commands.Originate():
                self._originate(command)
            case commands.ConnectAgent():
                self._lines.connect(command)
            case commands.PlayMessage():
                self._lines.play(command)
            case commands.EndCall():
                self._lines.end(command)
            case commands.CloseAttempt():
                self._closed(command)
            case commands.MoveAttempt() | commands.NoteDecision():
                pass
        return None

    def _lease(self) -> LeasedRecord:
        if self._returned:
            record = self._returned.popleft()
        else:
            contact = next(self._contacts)
            record = LeasedRecord(
                ContactId(contact),
                CAMPAIGN,
                NumberId(contact),
                f"+44161496{contact % _NUMBERS:04d}",
            )
        self._held[record.contact_id] = record
        return record

    def _originate(self, order: commands.Originate) -> None:
        call = self.dialler.calls[order.attempt_id]
        contact_id = call.record.contact_id
        self._held.pop(contact_id, None)
        person = self._public.person(order.number, contact_id // _NUMBERS)
        self._people[order.attempt_id] = person
        self.tally.dials += 1
        self._lines.originate(order, person)

    def _closed(self, command: commands.CloseAttempt) -> None:
        person = self._people.get(command.attempt_id)
        if person is not None and command.facts is not None:
            self.tally.ended(person, command.facts)
            is_owed = command.outcome is Outcome.CONNECTED  # the agent still needs the person
            if not is_owed:
                del self._people[command.attempt_id]

    # --- agents ------------------------------------------------------------------------------

    def _seat_told(self, told: commands.SetSeat) -> None:
        session_id, attempt_id, contact_id = told.session_id, told.attempt_id, told.contact_id
        self.tally.seat_is(session_id, told.state, self.kernel.now_s)
        if told.state is SeatState.WRAP_UP and attempt_id is not None:
            person = self._people.pop(attempt_id)
            code = _MACHINE if person.is_machine else _PERSON
            done = events.OutcomeChosen(session_id, attempt_id, code)
            self.kernel.after(person.wrap_s, lambda: self.send(done))
        elif told.state is SeatState.PREVIEW and told.until is None and contact_id is not None:
            drawn = events.PreviewDrawn(session_id, contact_id)
            accepted = events.PreviewAccepted(session_id, contact_id)
            self.kernel.after(DRAW_S, lambda: self.send(drawn))
            self.kernel.after(DRAW_S + READ_S, lambda: self.send(accepted))

    def _break_of(self, session_id: SessionId, rest: Break) -> Callable[[], None]:
        def begin() -> None:
            self.send(events.PauseWanted(session_id, "break"))
            self.kernel.after(rest.length_s, lambda: self.send(events.AvailableWanted(session_id)))

        return begin

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
        self.kernel.after(due_s - self.kernel.now_s, self._wake)

    def _wake(self) -> None:
        self._wake_s = None
        self.send(events.Tick())


def _plain(campaign: Campaign) -> Pacer:
    return make_pacer(campaign.mode.value, target=campaign.abandon_target)
