"""No sequence of imports, undoings, calls, erasures and waits makes a suppressed number diallable,
or dials anybody outside of their hours."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from dialer_core.clock import ManualClock
from dialer_core.engine.events import AttemptCommitted
from dialer_core.lists.people import ListedPerson
from dialer_core.lists.sieve import Duplicates
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import FormulaClass, Mode, Outcome
from dialer_core.rules.profiles import profile
from dialer_core.store.database import Database
from dialer_core.store.importing import ImportOrder, ImportStore
from dialer_core.store.opening import open_database
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.registers import RegisterStore
from dialer_core.store.setup import NewCampaign
from tests.store.floor_kit import DISPOSITIONS, FloorKit

POOL = tuple(range(10, 22))
ZONES = {number: "Europe/London" if number < 16 else "Europe/Paris" for number in POOL}
RING = timedelta(seconds=45)
BEGINS = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)  # no public holiday for three months
ENDINGS = (
    Outcome.NO_ANSWER, Outcome.BUSY, Outcome.DNC_REQUEST, Outcome.INVALID_NUMBER,
    Outcome.CALLEE_DECLINED_CALL, Outcome.NETWORK_CONGESTION, Outcome.ABANDONED,
)  # fmt: skip
numbers = st.sampled_from(POOL)
clients = st.sampled_from(["Rosewood Windows", None])


def e164(number: int) -> str:
    return f"+4416149600{number:02d}"


def may_ring(number: int, now: datetime) -> bool:
    """The British hours of the facts sheet by the person's clock, told once more, plainly."""
    local = now.astimezone(ZoneInfo(ZONES[number]))
    first, last = (time(9), time(21)) if local.weekday() == 5 else (time(8), time(21))
    end = datetime.combine(local.date(), last, local.tzinfo)
    return local.weekday() < 6 and local.time() >= first and local + RING <= end


class Floor(RuleBasedStateMachine):
    """A floor under British law with two campaigns of one client, and what must never happen."""

    imports: Bundle[int] = Bundle("imports")
    held: Bundle[LeasedRecord] = Bundle("held")
    template: Path
    folder: Path
    made = 0
    dialled = 0  # over all runs

    def __init__(self) -> None:
        super().__init__()
        type(self).made += 1
        path = self.folder / f"floor{self.made}.db"
        shutil.copy(self.template, path)
        self.database: Database = open_database(path)
        self.clock = ManualClock(BEGINS)
        self.kit = FloorKit(self.database, self.clock)
        self.never: set[int] = set()
        self.session: SessionId | None = None

    @initialize()
    def begin(self) -> None:
        self.kit.add_campaign(Mode.PREVIEW, profile("GB"), people=0)
        self.other = self.kit.setup.add_campaign(
            NewCampaign(
                name="Second", client="Rosewood Windows", company_name="Rosewood",
                mode=Mode.PREVIEW, profile=profile("GB"), caller_id="+441614960999",
                dispositions=DISPOSITIONS,
            ),
            self.kit.now,
        )  # fmt: skip
        self.kit.take_lease()
        self.session = self.kit.log_in()
        for is_second in (False, True):
            self._take_in(POOL[:8], is_second=is_second, duplicates=Duplicates.KEEP)

    # --- lists ------------------------------------------------------------------------------

    @rule(
        target=imports,
        people=st.lists(numbers, min_size=1, max_size=4, unique=True),
        is_second=st.booleans(),
        duplicates=st.sampled_from(Duplicates),
    )
    def take_in(self, people: list[int], is_second: bool, duplicates: Duplicates) -> int:
        return self._take_in(people, is_second=is_second, duplicates=duplicates)

    def _take_in(self, people: Sequence[int], *, is_second: bool, duplicates: Duplicates) -> int:
        rows = [
            ListedPerson(
                row, ((e164(number), "phone"),), f"Person {number}", "", (), (ZONES[number],), "GB"
            )
            for row, number in enumerate(people, start=2)
        ]
        campaign = self.other if is_second else self.kit.campaign_id
        order = ImportOrder(campaign, "List", "list.csv", "GB", "utf-8", duplicates)
        store = ImportStore(self.database)
        done = store.take_in(
            order,
            rows,
            lambda: self.kit.now,
            reject=lambda _row: None,
            goes_on=lambda _counts: True,
        )
        store.close()
        return done.import_id

    @rule(import_id=imports)
    def undo(self, import_id: int) -> None:
        store = ImportStore(self.database)
        try:
            store.undo(import_id, self.kit.now)
        except KnownError:
            pass  # it was undone before
        finally:
            store.close()

    # --- never again ------------------------------------------------------------------------

    @rule(number=numbers, client=clients)
    def objects(self, number: int, client: str | None) -> None:
        store = RegisterStore(self.database)
        store.never_again(client, "by e-mail", self.kit.now, numbers=[e164(number)])
        store.close()
        self.never.add(number)

    @rule(number=numbers)
    def erase(self, number: int) -> None:
        store = PrivacyStore(self.database)
        try:
            store.erase(self.kit.now, number=e164(number))
        except KnownError:
            pass  # nobody has it, or a call is open
        else:
            self.never.add(number)
        finally:
            store.close()

    # --- calls ------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([0.25, 1, 2, 3, 11, 12, 24, 30]))
    def wait(self, hours: float) -> None:
        """To some time of the day: opening, closing and the minute before it among them."""
        self.clock.advance(hours * 3600 - 44)
        self.kit.floor.renew(self.kit.now)
        self.kit.load_registers()

    @rule(target=held, is_second=st.booleans(), count=st.integers(1, 3))
    def lease(self, is_second: bool, count: int) -> MultipleResults[LeasedRecord]:
        return multiple(*self._lease(is_second, count))

    def _lease(self, is_second: bool, count: int) -> list[LeasedRecord]:
        own = self.kit.campaign_id
        self.kit.campaign_id = self.other if is_second else own
        records = self.kit.lease(count)
        self.kit.campaign_id = own
        for record in records:
            number = int(record.number[-2:])
            assert number not in self.never
            assert may_ring(number, self.kit.now.utc)
        return records

    @rule(is_second=st.booleans(), outcome=st.sampled_from(ENDINGS))
    def next_call(self, is_second: bool, outcome: Outcome) -> None:
        for record in self._lease(is_second, 1):
            self._call(record, outcome)

    @rule(record=held, outcome=st.sampled_from(ENDINGS))
    def call(self, record: LeasedRecord, outcome: Outcome) -> None:
        """Dial what was leased, however long ago; whatever has happened since."""
        self._call(record, outcome)

    def _call(self, record: LeasedRecord, outcome: Outcome) -> None:
        own, self.kit.campaign_id = self.kit.campaign_id, record.campaign_id
        answer = self.kit.commit(record, self.session)
        self.kit.campaign_id = own
        if not isinstance(answer, AttemptCommitted):
            return
        type(self).dialled += 1
        number = int(record.number[-2:])
        assert number not in self.never, "a suppressed number was dialled"
        assert may_ring(number, self.kit.now.utc), "somebody was dialled outside of their hours"
        lost = outcome is Outcome.ABANDONED
        self.clock.advance(20)
        self.kit.close_call(
            answer.attempt_id,
            outcome,
            FormulaClass.AOBS if lost else FormulaClass.UNANSWERED,
            self.kit.facts(status=200 if lost else 480),
        )
        if outcome is Outcome.DNC_REQUEST:
            self.never.add(number)

    def teardown(self) -> None:
        self.kit.close()
        self.database.close()


def test_no_sequence_dials_the_suppressed_or_out_of_hours(migrated: Path, tmp_path: Path) -> None:
    Floor.template, Floor.folder = migrated, tmp_path
    run_state_machine_as_test(
        Floor,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.generate],  # a floor on disk is too slow to shrink what was found
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Floor.dialled > 20, "the machine must have dialled, or it has shown nothing"
