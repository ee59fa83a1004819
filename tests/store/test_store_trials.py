"""Experiments on a floor at work: who gets what, on which call, and that none finds a ghost."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.dialler.trials import look_at_experiments
from dialer_core.clock import ManualClock
from dialer_core.engine import commands, events
from dialer_core.engine.dialler import Dialler
from dialer_core.lists.experiments import (
    Arm,
    Decision,
    Kind,
    Metric,
    Variant,
    compare,
    still_needed,
    variant_of,
)
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import ContactId, LineId
from dialer_core.model.states import CallStage, Mode, Outcome, SeatState
from dialer_core.pacing import make_pacer
from dialer_core.rules.profiles import profile
from dialer_core.store.database import Database
from dialer_core.store.experiments import ExperimentStore
from dialer_core.store.floor import FloorStore
from dialer_core.store.schema import AttemptRow, ContactRow, ExperimentExposureRow
from dialer_core.store.setup import NewPerson
from dialer_core.store.variants import State, variants_for
from dialer_core.store.why import why_not
from tests.store.engine_over_store import EngineOverStore
from tests.store.floor_kit import FloorKit

SAME = [Variant("a", "Good morning."), Variant("b", "Good day.")]
HOURS = [Variant("early", "09:00-12:00"), Variant("late", "17:00-20:00")]
CALLERS = [Variant("a", "+441614960901"), Variant("b", "+441614960902")]


def crowd(kit: FloorKit, people: int) -> None:
    kit.setup.add_list(
        kit.campaign_id,
        "crowd",
        [
            NewPerson(f"Person {n}", [(f"+44161496{n:04d}", "mobile")], zones=["Europe/London"])
            for n in range(people)
        ],
        kit.now,
    )


def begin(
    kit: FloorKit, kind: Kind, variants: list[Variant], metric: Metric = Metric.CONNECTED
) -> int:
    store = ExperimentStore(kit.database)
    made = store.begin(kit.campaign_id, f"Try {kind}", kind, variants, kit.now, metric=metric)
    store.close()
    return made


def variant(kit: FloorKit, kind: Kind, contact_id: int) -> str:
    with kit.database.reading() as connection:
        return variants_for(connection, kit.campaign_id, contact_id)[kind].value


def test_a_lease_carries_the_variants_and_a_second_one_the_same(kit: FloorKit) -> None:
    crowd(kit, 200)
    begin(kit, Kind.CALLER_ID, CALLERS)
    begin(kit, Kind.PREVIEW_S, [Variant("a", "5"), Variant("b", "20")])
    begin(kit, Kind.MODE, [Variant("a", "preview"), Variant("b", "progressive")])
    kit.take_lease()
    # Of only 40 people one of the eight sorts is missing on one floor in 26.
    first = {one.contact_id: one for _ in range(2) for one in kit.lease(60)}
    for one in first.values():
        assert one.caller_id == variant(kit, Kind.CALLER_ID, one.contact_id)
        assert one.preview_s == float(variant(kit, Kind.PREVIEW_S, one.contact_id))
        assert one.mode == variant(kit, Kind.MODE, one.contact_id)
        assert one.needs_seat
        kit.floor.apply([commands.ReturnRecord(kit.campaign_id, one.contact_id)], kit.now)
    assert len({(one.caller_id, one.preview_s, one.mode) for one in first.values()}) == 8
    again = {one.contact_id: one for _ in range(2) for one in kit.lease(60)}
    assert again == first


def test_hours_wait_for_the_persons_variant_and_a_promise_does_not(kit: FloorKit) -> None:
    crowd(kit, 40)
    made = begin(kit, Kind.HOUR, HOURS)  # at ten in London
    with kit.database.writing() as connection:
        late = next(
            one for one in range(1, 46)
            if variants_for(connection, kit.campaign_id, one)[Kind.HOUR].name == "late"
        )  # fmt: skip
        promised = update(ContactRow).where(ContactRow.id == late)
        connection.execute(promised.values(status="call_back", next_at=kit.now.utc))
    kit.take_lease()
    leased = {one.contact_id for one in kit.lease(60)}
    names = {one: variant(kit, Kind.HOUR, one) for one in range(1, 46)}
    assert leased == {one for one, hours in names.items() if hours == "09:00-12:00" or one == late}
    waits = next(one for one, hours in names.items() if hours == "17:00-20:00" and one != late)
    with kit.database.reading() as connection:
        (reason,) = why_not(connection, waits, kit.now)
    assert (reason.code, reason.until) == ("EXPERIMENT", datetime(2026, 3, 3, 17, tzinfo=UTC))
    kit.clock.advance(7 * 3600)
    assert waits in {one.contact_id for one in kit.lease(60)}
    with kit.database.writing() as connection:
        rest = update(ContactRow).where(ContactRow.id == waits)
        connection.execute(
            rest.values(
                leased_by_epoch=None, lease_expires_at=None, status_reason="EXPERIMENT",
                next_at=kit.now.utc + timedelta(hours=9),
            )
        )  # fmt: skip
    store = ExperimentStore(kit.database)
    store.end(made, "Enough.", kit.now)
    store.close()
    with kit.database.reading() as connection:
        assert why_not(connection, waits, kit.now) == [], "its end frees those who wait for it"


def test_what_the_campaign_or_its_law_has_no_room_for_is_refused(kit: FloorKit) -> None:
    with pytest.raises(KnownError, match="cannot call some people in the mode predictive"):
        begin(kit, Kind.MODE, [Variant("a", "preview"), Variant("b", "predictive")])
    with pytest.raises(KnownError, match="caller's number of the variant 'b'"):
        begin(kit, Kind.CALLER_ID, [CALLERS[0], Variant("b", "+4470012345678")])


def test_the_agent_reads_the_persons_own_script(kit: FloorKit) -> None:
    begin(kit, Kind.SCRIPT, SAME)
    kit.take_lease()
    session = kit.log_in()
    for record in kit.lease(5):
        kit.set_seat(session, SeatState.PREVIEW, contact=ContactId(record.contact_id))
        row = kit.seats[0].read()
        assert row is not None
        assert row.script == variant(kit, Kind.SCRIPT, record.contact_id)


class Day(EngineOverStore):
    """A floor of one seat: calls are over at once, every third person speaks with the agent."""

    def __init__(self, kit: FloorKit, rng: random.Random) -> None:
        self.kit, self.rng = kit, rng
        self.store = FloorStore(kit.database)
        assert self.store.take_lease("pc:1:1", kit.now, 1e6, lambda _holder: True)
        self.names = 0
        self.cursor = 0
        self.engine = Dialler(self._name, lambda c: make_pacer(c.mode.value, target=0.03))
        self.dialled: list[commands.Originate] = []

    def _name(self) -> str:
        self.names += 1
        return f"T{self.names:025d}"

    def start(self) -> None:
        restored = self.store.restore(self.kit.now)
        self.cursor = restored.cursor
        for event in restored.events:
            self.tell(event)
        self.tell(events.LineUp(LineId("line1")))
        self.tell(events.LineUp(LineId("line2")))
        self.tell(events.Recovered())

    def speak(self, command: commands.LineCommand) -> None:
        if isinstance(command, commands.Originate):
            self.dialled.append(command)

    def step(self) -> None:
        """A few seconds: previews are drawn and accepted, calls end, outcomes are chosen."""
        self.kit.clock.advance(2)
        seat = self.kit.seats[0]
        row = seat.read()
        assert row is not None
        if row.state is SeatState.PAUSED:
            seat.want_available(self.kit.now)
        if row.state is SeatState.PREVIEW and row.contact_id is not None:
            seat.preview_drawn(row.contact_id, self.kit.now)
            seat.preview_accept(row.contact_id, self.kit.now)
        self.hear_agents()
        calls, self.dialled = self.dialled, []
        for call in calls:
            if self.rng.random() < 1 / 3 and call.session_id is not None:
                self.tell(events.CallAnswered(call.line_id, call.attempt_id))
                self.tell(events.CallBridged(call.line_id, call.attempt_id, call.session_id))
            self.kit.clock.advance(3)
            facts = self.kit.facts(status=200, session=call.session_id)
            self.tell(events.CallEnded(call.line_id, call.attempt_id, facts))
        row = seat.read()
        if row is not None and row.state is SeatState.WRAP_UP and row.attempt_id is not None:
            seat.choose_outcome(row.attempt_id, "SALE", "", self.kit.now)
        self.hear_agents()
        self.tell(events.Tick())


def test_a_day_on_the_engine_is_balanced_and_each_is_called_in_their_own_mode(
    database_path: Path,
) -> None:
    from dialer_core.store.opening import open_database  # noqa: PLC0415  SQLite is enough here

    database = open_database(database_path)
    kit = FloorKit(database, ManualClock())
    kit.add_campaign(Mode.PREVIEW, profile("GB"), people=0)
    crowd(kit, 400)
    modes = begin(kit, Kind.MODE, [Variant("a", "preview"), Variant("b", "progressive")])
    same = begin(kit, Kind.SCRIPT, SAME)
    kit.log_in()
    day = Day(kit, random.Random(7))
    day.start()
    for _ in range(900):
        day.step()
    with database.reading() as connection:
        called = connection.execute(
            select(AttemptRow.contact_id, AttemptRow.mode).where(
                AttemptRow.stage == CallStage.ENDED
            )
        ).all()
        exposed = connection.execute(select(ExperimentExposureRow.__table__)).all()
    assert len(called) > 250
    for contact_id, mode in called:
        assert mode == variant(kit, Kind.MODE, contact_id)
    arms = Counter((one.experiment_id, one.position) for one in exposed)
    for experiment in (modes, same):
        first, second = arms[experiment, 0], arms[experiment, 1]
        assert abs(first - second) < 4 * (first + second) ** 0.5, "as chance would have it"
    assert look_at_experiments(database_path, kit.now) == 0, "there is nothing to be found"
    store = ExperimentStore(database)
    assert all(one.experiment.state is State.RUNNING for one in store.all_results())
    assert sum(arm.people for arm in store.results(same).arms) == len({c for c, _ in called})
    store.close()
    day.store.close()
    kit.close()
    database.close()


def test_an_a_a_experiment_is_seldom_stopped_however_often_it_is_looked_at() -> None:
    """Looked at every fifty people, up to 4,000: at most 5 in 100 may err, over 600 seeds."""
    wrong = 0
    for seed in range(600):
        rng = random.Random(seed)
        key = rng.randbytes(32)
        people, hits = [0, 0], [0, 0]
        for person in range(4_000):
            arm = variant_of(key, seed, person, (1.0, 1.0))
            people[arm] += 1
            hits[arm] += rng.random() < 0.25
            if person % 50 == 49:
                arms = [Arm(people[at], hits[at]) for at in (0, 1)]
                decision = compare(arms).decision
                if decision in (Decision.WINNER, Decision.BROKEN):
                    wrong += 1
                    break
    print(f"{wrong} of 600 stopped")  # noqa: T201  the measured rate, told with -s
    assert wrong / 600 <= 0.05


def test_the_people_still_needed_would_settle_it() -> None:
    arms = [Arm(600, 60), Arm(600, 84)]
    assert compare(arms).decision is Decision.GO_ON
    more = still_needed(arms)
    assert more is not None
    grown = 1 + more / 1200
    later = [Arm(round(600 * grown), round(60 * grown)), Arm(round(600 * grown), round(84 * grown))]
    assert compare(later).decision is Decision.WINNER
    assert still_needed([Arm(600, 60), Arm(600, 60)]) is None
    assert still_needed([Arm(600, 60), Arm(600, 60)], planned=2_000) == 800
    assert still_needed([Arm(0, 0), Arm(0, 0)], planned=2_000) == 2_000


def test_unequal_arms_of_different_hours_break_nothing() -> None:
    arms = [Arm(400, 40), Arm(0, 0)]
    assert compare(arms).decision is Decision.BROKEN
    assert compare(arms, is_sized_by_chance=False).decision is Decision.TOO_EARLY


def test_an_answer_ends_it_from_the_dialler(kit: FloorKit, database: Database) -> None:
    crowd(kit, 500)
    made = begin(kit, Kind.SCRIPT, SAME)
    kit.take_lease()
    template = kit.dial(kit.log_in())
    kit.close_call(template, Outcome.BUSY, facts=kit.facts())
    with database.writing() as connection:
        row = dict(
            connection.execute(select(AttemptRow.__table__).where(AttemptRow.id == template))
            .mappings().one()
        )  # fmt: skip
        connection.execute(ExperimentExposureRow.__table__.delete())  # type: ignore[attr-defined]
        for at in range(400):
            hit = at % 2 == 1 and at % 10 < 6
            moment = kit.now.utc if hit else None
            contact = at + 6
            attempt = f"Z{at:025d}"
            connection.execute(
                AttemptRow.__table__.insert(),  # type: ignore[attr-defined]
                row | {"id": attempt, "contact_id": contact, "bridged_at": moment},
            )
            connection.execute(
                ExperimentExposureRow.__table__.insert(),  # type: ignore[attr-defined]
                {
                    "experiment_id": made, "contact_id": contact, "position": at % 2,
                    "attempt_id": attempt, "at": kit.now.utc,
                },
            )  # fmt: skip
    store = ExperimentStore(database)
    assert store.running() == [made]
    assert store.look(made, kit.now).experiment.state is State.ENDED
    assert store.running() == []
    assert "better" in store.results(made).experiment.why
    store.close()
