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
from sqlalchemy import select

from dialer_core.clock import ManualClock
from dialer_core.engine.events import AttemptCommitted
from dialer_core.lists.people import ListedPerson, Rejected
from dialer_core.lists.sieve import ERASED, Duplicates
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import FormulaClass, Mode, Outcome
from dialer_core.rules.profiles import CallingHours, profile
from dialer_core.rules.tightening import Tightening
from dialer_core.store.daily import DailyStore
from dialer_core.store.database import Database
from dialer_core.store.importing import ImportOrder, ImportStore
from dialer_core.store.opening import open_database
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.registers import RegisterStore
from dialer_core.store.schema import ContactRow
from dialer_core.store.setup import NewCampaign
from dialer_core.store.tightening import RulesStore
from tests.store.floor_kit import DISPOSITIONS, FloorKit

POOL = tuple(range(10, 22))
ZONES = {number: "Europe/London" if number < 16 else "Europe/Paris" for number in POOL}
RING = timedelta(seconds=45)
BEGINS = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)  # no public holiday for three months
ENDINGS = (
    Outcome.NO_ANSWER, Outcome.BUSY, Outcome.DNC_REQUEST, Outcome.INVALID_NUMBER,
    Outcome.CALLEE_DECLINED_CALL, Outcome.NETWORK_CONGESTION, Outcome.ABANDONED,
)  # fmt: skip
OPEN = (("10:00", "16:00"),)
HOURS = CallingHours(OPEN, OPEN, OPEN, OPEN, OPEN, (), (), ())
numbers = st.sampled_from(POOL)
clients = st.sampled_from(["Rosewood Windows", None])


def e164(number: int) -> str:
    return f"+4416149600{number:02d}"


def may_ring(number: int, now: datetime, *, is_tight: bool = False) -> bool:
    """The British hours of the facts sheet by the person's clock, told once more, plainly.

    `is_tight`: the campaign has made them Monday to Friday, 10 to 16.
    """
    local = now.astimezone(ZoneInfo(ZONES[number]))
    first, last = (time(9), time(21)) if local.weekday() == 5 else (time(8), time(21))
    if is_tight:
        first, last = time(10), time(16)
    end = datetime.combine(local.date(), last, local.tzinfo)
    is_day = local.weekday() < (5 if is_tight else 6)
    return is_day and local.time() >= first and local + RING <= end


class Floor(RuleBasedStateMachine):
    """A floor under British law with two campaigns of one client, and what must never happen."""

    imports: Bundle[int] = Bundle("imports")
    held: Bundle[LeasedRecord] = Bundle("held")
    template: Path
    folder: Path
    made = 0
    dialled = 0  # over all runs
    refused_again = 0  # erased people at the import's door

    def __init__(self) -> None:
        super().__init__()
        type(self).made += 1
        path = self.folder / f"floor{self.made}.db"
        shutil.copy(self.template, path)
        self.database: Database = open_database(path)
        self.clock = ManualClock(BEGINS)
        self.kit = FloorKit(self.database, self.clock)
        self.never: set[int] = set()
        self.erased: set[int] = set()
        self.on_register: set[int] = set()
        self.half: set[int] = set()  # imports that were killed
        self.loaded_at = BEGINS
        self.tight: set[int] = set()  # campaigns
        self.calls: dict[int, list[datetime]] = {}  # of each number
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
        self._erase(POOL[0])
        self._take_in(POOL[:2], is_second=False, duplicates=Duplicates.UPDATE)

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
        rejected: list[Rejected] = []
        done = store.take_in(
            order,
            rows,
            lambda: self.kit.now,
            reject=rejected.append,
            goes_on=lambda _counts: True,
        )
        store.close()
        erased = {row.row for row in rejected if row.why == ERASED}
        assert erased == {
            row for row, number in enumerate(people, start=2) if number in self.erased
        }, "who was erased is turned away, and nobody else for that reason"
        type(self).refused_again += len(erased)
        return done.import_id

    @rule(people=st.lists(numbers, min_size=1, max_size=4, unique=True), is_second=st.booleans())
    def dies_half_way(self, people: list[int], is_second: bool) -> None:
        """An import's process is killed after its rows are in and before they are set free."""
        store = ImportStore(self.database, "pc:9:9", lambda _holder: True)
        campaign = self.other if is_second else self.kit.campaign_id
        order = ImportOrder(campaign, "Half", "half.csv", "GB", "utf-8", Duplicates.KEEP)
        run, done, sieve = store._begin(order, self.kit.now)
        rows = [
            ListedPerson(
                row, ((e164(number), "phone"),), f"Person {number}", "", (), (ZONES[number],), "GB"
            )
            for row, number in enumerate(people, start=2)
        ]
        nobody = lambda _row: None  # noqa: E731
        store._take_chunk(order, run, done, sieve, rows, self.kit.now, nobody, nobody)
        self.half.add(done.import_id)
        store.close()

    @rule()
    def next_start(self) -> None:
        """The dialler is started again: what was left half in is cleared."""
        store = ImportStore(self.database, "pc:8:8", lambda _holder: True)
        store.clear_dead(self.kit.now)
        store.close()
        with self.database.reading() as connection:
            left = connection.scalars(
                select(ContactRow.id).where(ContactRow.import_id.in_(self.half))
            ).all()
        assert not left, "nothing of a half import is left"

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
        self._erase(number)

    def _erase(self, number: int) -> None:
        store = PrivacyStore(self.database)
        try:
            store.erase(self.kit.now, number=e164(number))
        except KnownError:
            pass  # nobody has it, or a call is open
        else:
            self.never.add(number)
            self.erased.add(number)
        finally:
            store.close()

    @rule(listed=st.lists(numbers, max_size=4, unique=True))
    def newer_register(self, listed: list[int]) -> None:
        """A newer copy of the Telephone Preference Service's register: these and nobody else."""
        self._load(listed)

    def _load(self, listed: Sequence[int]) -> None:
        store = RegisterStore(self.database)
        store.load(
            "GB-TPS",
            self.kit.now.utc,
            [e164(number) for number in listed],
            lambda: self.kit.now,
            is_small_meant=True,
        )
        store.load(
            "GB-CTPS", self.kit.now.utc, ["+441614969999"], lambda: self.kit.now,
            is_small_meant=True,
        )  # fmt: skip
        store.close()
        self.on_register, self.loaded_at = set(listed), self.kit.now.utc

    @rule()
    def purge(self) -> None:
        """The day's purge, however often."""
        store = DailyStore(self.database)
        assert store.purge(self.kit.now) is not None
        store.close()

    @rule(is_second=st.booleans(), is_tight=st.booleans())
    def tighten(self, is_second: bool, is_tight: bool) -> None:
        """A campaign makes its hours tighter, or gives them back to the law."""
        campaign = self.other if is_second else self.kit.campaign_id
        wish = Tightening(calling_hours=HOURS) if is_tight else Tightening()
        store = RulesStore(self.database)
        store.tighten_campaign(campaign, wish, self.kit.now, "supervisor")
        store.close()
        (self.tight.add if is_tight else self.tight.discard)(campaign)
        self.clock.advance(1)
        self.kit.floor.renew(self.kit.now)
        self.kit.floor.changed_campaigns(self.kit.now)  # as the dialler does each second

    # --- calls ------------------------------------------------------------------------------

    @rule()
    def next_morning(self) -> None:
        """An ordinary day: ten by the clock in Greenwich, with registers of today."""
        now = self.kit.now.utc
        morning = datetime.combine(now.date() + timedelta(days=1), time(10), UTC)
        self.clock.advance((morning - now).total_seconds())
        self.kit.floor.renew(self.kit.now)
        self._load(sorted(self.on_register))

    @rule(hours=st.sampled_from([0.25, 1, 2, 3, 3, 11, 12, 24, 24, 30, 29 * 24]))
    def wait(self, hours: float) -> None:
        """To some time of the day: opening, closing and the minute before it among them."""
        self.clock.advance(hours * 3600 - 44)
        self.kit.floor.renew(self.kit.now)

    @rule(target=held, is_second=st.booleans(), count=st.integers(1, 3))
    def lease(self, is_second: bool, count: int) -> MultipleResults[LeasedRecord]:
        return multiple(*self._lease(is_second, count))

    def _lease(self, is_second: bool, count: int) -> list[LeasedRecord]:
        own = self.kit.campaign_id
        self.kit.campaign_id = self.other if is_second else own
        records = self.kit.lease(count)
        self.kit.campaign_id = own
        for record in records:
            self._judge(record)
        return records

    def _judge(self, record: LeasedRecord) -> None:
        """What the law says of a call at this moment, by our own account of what has happened."""
        number, now = int(record.number[-2:]), self.kit.now.utc
        assert number not in self.never, "a suppressed number is called"
        assert number not in self.on_register, "a number on a register is called"
        assert now - self.loaded_at <= timedelta(days=28), "a call by a register that is too old"
        is_tight = record.campaign_id in self.tight
        assert may_ring(number, now, is_tight=is_tight), "somebody is called outside their hours"
        zone = ZoneInfo(ZONES[number])
        today = now.astimezone(zone).date()
        made = [at for at in self.calls.get(number, ()) if at.astimezone(zone).date() == today]
        assert len(made) < 3, "somebody is called more than three times a day"
        with self.database.reading() as connection:
            of = select(ContactRow.import_id).where(ContactRow.id == record.contact_id)
            assert connection.scalar(of) not in self.half, "somebody of half a list is called"

    @rule(is_second=st.booleans(), outcome=st.sampled_from(ENDINGS))
    def next_call(self, is_second: bool, outcome: Outcome) -> None:
        for record in self._lease(is_second, 1):
            self._call(record, outcome)

    @rule(is_second=st.booleans())
    def nobody_answers(self, is_second: bool) -> None:
        """A few calls one after the other."""
        for record in self._lease(is_second, 3):
            self._call(record, Outcome.NO_ANSWER)

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
        self._judge(record)
        self.calls.setdefault(number, []).append(self.kit.now.utc)
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
            max_examples=30,
            stateful_step_count=40,
            deadline=None,
            phases=[Phase.generate],  # a floor on disk is too slow to shrink what was found
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Floor.dialled > 30, "the machine must have dialled, or it has shown nothing"
    assert Floor.refused_again > 0, "and erased people must have come again"
