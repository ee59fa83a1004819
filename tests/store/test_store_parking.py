"""Interrupted wrap-ups and held breaks with the real engine over the real store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dialer_core.clock import ManualClock
from dialer_core.engine import commands, events
from dialer_core.engine.dialler import Dialler
from dialer_core.model.ids import AttemptId, LineId, SessionId
from dialer_core.model.states import CallStage, Mode, SeatState
from dialer_core.pacing.view import Decision, FloorView
from dialer_core.rules.profiles import profile
from dialer_core.store import counts
from dialer_core.store.database import Database
from dialer_core.store.floor import FloorStore
from dialer_core.store.report import read_report
from dialer_core.store.seat import SeatRow
from dialer_core.store.switches import change_lever
from tests.store.engine_over_store import EngineOverStore
from tests.store.floor_kit import FloorKit


class ByHand:
    """A pacer that launches what the test wants and lets every wrap-up and break be held."""

    def __init__(self) -> None:
        self.wanted = 0

    def decide(self, view: FloorView) -> Decision:
        launch, self.wanted = self.wanted, 0
        return Decision(
            launch=launch,
            may_park=tuple(view.wrapping),
            hold_breaks=tuple(view.breaks_due),
            reason="By hand.",
            rule="hand",
        )


class Floor(EngineOverStore):
    """One seat, three lines, and a network that does as it is told."""

    def __init__(self, kit: FloorKit, session: SessionId) -> None:
        self.kit = kit
        self.session = session
        self.pacer = ByHand()
        self.on_line: dict[AttemptId, LineId] = {}
        self.made = 0
        self.start("pc:1:1")

    def start(self, holder: str) -> None:
        """A dialler that knows nothing reads the floor and asks the lines."""
        self.store = FloorStore(self.kit.database)
        assert self.store.take_lease(holder, self.kit.now, 3.0, lambda _holder: True)
        self.engine = Dialler(self._name, lambda _campaign: self.pacer)
        restored = self.store.restore(self.kit.now)
        self.cursor = restored.cursor
        for event in restored.events:
            self.tell(event)
        for number in range(3):
            line = LineId(f"line{number}")
            attempt = next((one for one, at in self.on_line.items() if at == line), None)
            if attempt is None:
                self.tell(events.LineUp(line))
            else:
                self.tell(events.LineUp(line, attempt, CallStage.TALKING, self.session))
        self.tell(events.Recovered())

    def _name(self) -> str:
        self.made += 1
        return f"{self.made:026d}"

    def speak(self, command: commands.LineCommand) -> None:
        if isinstance(command, commands.Originate):
            self.on_line[command.attempt_id] = command.line_id

    def dial(self) -> AttemptId:
        """One more call; it rings."""
        before = set(self.on_line)
        self.pacer.wanted = 1
        for _ in range(3):
            self.kit.clock.advance(1)
            self.tell(events.Tick())
        (attempt,) = set(self.on_line) - before
        self.tell(events.CallRinging(self.on_line[attempt], attempt))
        return attempt

    def answer(self, attempt: AttemptId) -> None:
        line = self.on_line[attempt]
        self.tell(events.CallAnswered(line, attempt))
        self.kit.clock.advance(0.1)
        self.tell(events.CallBridged(line, attempt, self.session))

    def end(self, attempt: AttemptId, *, was_answered: bool = True) -> None:
        self.kit.clock.advance(30)
        facts = self.kit.facts(status=200 if was_answered else 480, session=self.session)
        if was_answered:
            began = self.kit.now.after(-30)
            facts = replace(facts, q850=None, invite=began, answered=began, bridged=began)
        self.tell(events.CallEnded(self.on_line.pop(attempt), attempt, facts))

    @property
    def seat(self) -> SeatRow:
        row = self.kit.seats[0].read()
        assert row is not None
        return row


@pytest.fixture
def floor(database: Database) -> Iterator[Floor]:
    kit = FloorKit(database, ManualClock())
    kit.add_campaign(Mode.PREDICTIVE, profile("GB"))
    with database.writing() as connection:
        counts.add(connection, kit.campaign_id, kit.now.utc.date(), live=400, answered=400)
        change_lever(connection, kit.campaign_id, "parked_wrap_up", True, "Ines", kit.now)
    session = kit.log_in(f"Anna of {Mode.PREDICTIVE}")
    made = Floor(kit, session)
    kit.seats[0].want_available(kit.now)
    made.hear_agents()
    yield made
    made.store.close()
    kit.close()


@pytest.mark.parametrize("dies", [False, True], ids=["in one life", "with a restart between"])
def test_a_wrap_up_is_interrupted_and_finished_afterwards(floor: Floor, dies: bool) -> None:
    kit = floor.kit
    first = floor.dial()
    floor.answer(first)
    second = floor.dial()
    floor.end(first)
    assert (floor.seat.state, floor.seat.attempt_id) == (SeatState.WRAP_UP, first)
    kit.seats[0].save_note(first, "Half a sen", kit.now)
    floor.answer(second)
    row = floor.seat
    assert (row.state, row.attempt_id, row.note) == (SeatState.TALKING, second, "")
    assert [(one.attempt_id, one.note) for one in row.parked] == [(first, "Half a sen")]
    if dies:
        floor.store.close()
        floor.start("pc:2:1")
        assert [one.attempt_id for one in floor.seat.parked] == [first]
    floor.end(second)
    assert (floor.seat.state, floor.seat.attempt_id) == (SeatState.WRAP_UP, second)
    kit.seats[0].choose_outcome(second, "SALE", "", kit.now)
    floor.hear_agents()
    row = floor.seat
    assert (row.state, row.attempt_id, row.parked) == (SeatState.WRAP_UP, first, ())
    assert (row.note, row.since, row.contact_id) == ("Half a sen", kit.now.utc, 1)
    kit.seats[0].choose_outcome(first, "NO", "", kit.now)
    floor.hear_agents()
    assert floor.seat.state is SeatState.AVAILABLE
    found = read_report(kit.database.place)
    assert (found.uncoded_attempts, found.dispositions) == (0, 2)


def test_an_outcome_that_crossed_the_interruption_is_not_asked_for_again(floor: Floor) -> None:
    kit = floor.kit
    first = floor.dial()
    floor.answer(first)
    second = floor.dial()
    floor.end(first)
    kit.seats[0].choose_outcome(first, "SALE", "", kit.now)  # the dialler has not heard it yet
    floor.answer(second)
    floor.hear_agents()
    assert floor.seat.parked == ()
    floor.end(second)
    kit.seats[0].choose_outcome(second, "NO", "", kit.now)
    floor.hear_agents()
    assert floor.seat.state is SeatState.AVAILABLE


def test_a_break_is_held_until_the_line_that_rings_is_resolved(floor: Floor) -> None:
    kit = floor.kit
    attempt = floor.dial()
    kit.seats[0].want_pause("Lunch", kit.now)
    floor.hear_agents()
    row = floor.seat
    assert (row.state, row.pause_wanted) == (SeatState.AVAILABLE, "Lunch")
    assert row.pause_due is not None
    assert row.pause_due <= kit.now.utc
    floor.end(attempt, was_answered=False)
    floor.tell(events.Tick())
    row = floor.seat
    assert (row.state, row.reason, row.pause_wanted) == (SeatState.PAUSED, "Lunch", None)


def test_an_announced_pause_survives_a_restart_and_begins_on_time(floor: Floor) -> None:
    kit = floor.kit
    at = kit.now.after(300).utc
    kit.seats[0].want_pause("Break", kit.now, at)
    floor.hear_agents()
    assert (floor.seat.state, floor.seat.pause_due) == (SeatState.AVAILABLE, at)
    floor.store.close()
    floor.start("pc:2:1")
    kit.clock.advance(299)
    floor.tell(events.Tick())
    assert floor.seat.state is SeatState.AVAILABLE
    kit.clock.advance(1.5)
    floor.tell(events.Tick())
    assert (floor.seat.state, floor.seat.reason) == (SeatState.PAUSED, "Break")
