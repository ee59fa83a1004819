"""The real engine over the real store, with lines that answer by a die: the record adds up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from dialer_core.clock import Instant, ManualClock
from dialer_core.engine import commands, events
from dialer_core.engine.control_commands import RefuseCall
from dialer_core.engine.dialler import Dialler
from dialer_core.model.ids import AttemptId, LineId, SessionId
from dialer_core.model.states import FormulaClass, Mode, Outcome, SeatState
from dialer_core.pacing import make_pacer
from dialer_core.rules.profiles import profile
from dialer_core.store import counts
from dialer_core.store.database import Database
from dialer_core.store.floor import FloorStore
from dialer_core.store.report import read_report
from dialer_core.store.schema import AttemptRow, ContactRow
from dialer_core.store.setup import NewPerson
from dialer_core.store.watch import WatchStore
from tests.store.engine_over_store import EngineOverStore
from tests.store.floor_kit import FloorKit

LINES = 5


class Shell(EngineOverStore):
    """The dialler's process in the small: engine and store, and a network that rolls dice."""

    def __init__(self, kit: FloorKit, holder: str, rng: random.Random) -> None:
        self.kit = kit
        self.rng = rng
        self.store = FloorStore(kit.database)
        assert self.store.take_lease(holder, kit.now, 3.0, lambda _holder: True)
        self.names = 0
        self.holder = holder
        self.engine = Dialler(self._name, lambda c: make_pacer(c.mode.value, target=0.03))
        self.due: list[tuple[float, int, events.Event]] = []
        self.calls: dict[AttemptId, LineId] = {}
        self.held: dict[AttemptId, SessionId] = {}  # the agent's leg is there before the answer
        self.bridged: dict[AttemptId, Instant] = {}
        self.answered: dict[AttemptId, Instant] = {}
        self.cursor = 0

    def _name(self) -> str:
        self.names += 1
        return f"{self.holder[3:5]}{self.names:024d}"

    def start(self) -> None:
        restored = self.store.restore(self.kit.now)
        self.cursor = restored.cursor
        for event in restored.events:
            self.tell(event)
        for n in range(LINES):
            self.tell(events.LineUp(LineId(f"line{n}")))
        self.tell(events.Recovered())

    def step(self) -> None:
        self.hear_agents()
        now_s = self.kit.now.mono_s
        ready = sorted((one for one in self.due if one[0] <= now_s), key=lambda one: one[:2])
        self.due = [one for one in self.due if one[0] > now_s]
        for _, _, happening in ready:
            self._happen(happening)
        self.tell(events.Tick())

    def _later(self, seconds: float, event: events.Event) -> None:
        self.names += 1
        self.due.append((self.kit.now.mono_s + seconds, self.names, event))

    def speak(self, command: commands.LineCommand) -> None:
        assert not isinstance(command, RefuseCall), "nobody calls this floor"
        attempt, line = command.attempt_id, command.line_id
        match command:
            case commands.Originate():
                self.calls[attempt] = line
                if command.session_id is not None and command.agent_leg != "on_answer":
                    self.held[attempt] = command.session_id
                self._later(1, events.CallRinging(line, attempt))
                if self.rng.random() < 0.5:
                    self._later(self.rng.uniform(3, 15), events.CallAnswered(line, attempt))
                else:
                    self._later(20, self._ended(attempt, 486))
            case commands.ConnectAgent():
                self._later(0.1, events.CallBridged(line, attempt, command.session_id))
            case commands.PlayMessage():
                self._later(0, events.MessageBegan(line, attempt))
                self._later(4, self._ended(attempt, 200))
            case commands.EndCall():
                self._later(0.1, self._ended(attempt, 487))

    def _ended(self, attempt: AttemptId, status: int) -> events.CallEnded:
        facts = self.kit.facts(status=status)
        return events.CallEnded(self.calls[attempt], attempt, replace(facts, q850=None))

    def _happen(self, event: events.Event) -> None:
        attempt = getattr(event, "attempt_id", None)
        if attempt not in self.calls:
            return
        if isinstance(event, events.CallAnswered):
            self.answered[attempt] = self.kit.now
            if attempt in self.held:
                bridged = events.CallBridged(event.line_id, attempt, self.held[attempt])
                self._later(0.1, bridged)
            if self.rng.random() < 0.5:
                self._later(self.rng.uniform(8, 40), self._ended(attempt, 200))
            else:
                self._later(60, self._ended(attempt, 200))
        if isinstance(event, events.CallBridged):
            self.bridged[attempt] = self.kit.now
        if isinstance(event, events.CallEnded):
            del self.calls[attempt]
            facts = replace(
                event.facts,
                answered=self.answered.get(attempt),
                bridged=self.bridged.get(attempt),
                ended=self.kit.now,
            )
            event = replace(event, facts=facts)
        self.tell(event)


def work(kit: FloorKit, sessions: Sequence[SessionId], rng: random.Random) -> None:
    """What agents do at this moment."""
    for store, _session in zip(kit.seats, sessions, strict=True):
        row = store.read()
        assert row is not None
        if row.state is SeatState.PAUSED and rng.random() < 0.2:
            store.want_available(kit.now)
        elif row.state is SeatState.PREVIEW and row.contact_id is not None and rng.random() < 0.3:
            store.preview_drawn(row.contact_id, kit.now)
            store.preview_accept(row.contact_id, kit.now)
        elif row.state is SeatState.WRAP_UP and row.attempt_id and rng.random() < 0.3:
            store.choose_outcome(row.attempt_id, rng.choice(("SALE", "AM", "BACK")), "", kit.now)
        elif row.state is SeatState.AVAILABLE and rng.random() < 0.01:
            store.want_pause("Break", kit.now)


@pytest.mark.parametrize("mode", [Mode.PREVIEW, Mode.PROGRESSIVE, Mode.PREDICTIVE])
def test_a_floor_with_a_dialler_that_dies_adds_up(database: Database, mode: Mode) -> None:
    kit = FloorKit(database, ManualClock())
    kit.add_campaign(mode, profile("GB"), people=0)
    crowd = [NewPerson(f"Person {n}", [(f"+44161496{n:04d}", "mobile")]) for n in range(300)]
    kit.setup.add_list(kit.campaign_id, "crowd", crowd, kit.now)
    sessions = [kit.log_in(f"{name} of {mode}", f"seat {name}") for name in ("Anna", "Ben")]
    rng = random.Random(7)
    shell = Shell(kit, "pc:11:1", rng)
    shell.start()
    for n in range(400):
        kit.clock.advance(1)
        work(kit, sessions, rng)
        shell.step()
        if n % 20 == 0:
            assert shell.store.renew(kit.now)
        if n == 200:  # kill -9, and its lines with it
            shell.store.close()
            shell = Shell(kit, "pc:22:1", rng)
            shell.start()
    watch = WatchStore(database)
    watch.set_running(kit.campaign_id, False, "Ines", kit.now)
    for _ in range(300):
        kit.clock.advance(1)
        work(kit, sessions, rng)
        shell.step()
        if watch.is_quiet():
            break
    assert watch.is_quiet()
    watch.close()
    check(kit)
    shell.store.close()
    kit.close()


def check(kit: FloorKit) -> None:
    found = read_report(kit.database.place)
    assert found.connected_attempts, "somebody was spoken to"
    assert (found.open_attempts, found.uncoded_attempts) == (0, 0)
    with kit.database.reading() as connection:
        totals = counts.read(connection, kit.campaign_id, kit.now.utc.date())
        by_class = dict(
            connection.execute(
                select(AttemptRow.formula_class, func.count()).group_by(AttemptRow.formula_class)
            ).all()
        )
        attempts = connection.execute(
            select(AttemptRow.contact_id, AttemptRow.committed_at, AttemptRow.outcome)
        ).all()
        held = connection.scalar(
            select(func.count()).where(
                ContactRow.leased_by_epoch.is_not(None), ContactRow.lease_expires_at.is_(None)
            )
        )
    for formula_class, name in counts.OF_CLASS.items():
        assert totals[name] == by_class.get(formula_class, 0), name
    assert totals["dialled"] == len(attempts) == found.dialled
    assert totals["answered"] == found.answered
    assert held == 0, "no contact is left in a call"
    busy = [row.contact_id for row in attempts if row.outcome is Outcome.BUSY]
    assert len(set(busy)) == len(busy), "a busy number rests for a quarter of an hour"
    assert by_class.get(FormulaClass.M, 0) > 0, "some were coded as machines"
