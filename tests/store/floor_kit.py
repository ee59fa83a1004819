"""A small floor and the commands that a dialler would send, for the store's tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dialer_core.clock import Instant, ManualClock
from dialer_core.engine.commands import (
    CloseAttempt,
    CommitAttempt,
    LeaseRecords,
    MoveAttempt,
    SetSeat,
)
from dialer_core.engine.events import AttemptCommitted, CallFacts, Event, RecordsLeased
from dialer_core.model.campaign import Disposition
from dialer_core.model.ids import AttemptId, CampaignId, ContactId, LineId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState
from dialer_core.rules.profiles import RuleProfile
from dialer_core.store.database import Database
from dialer_core.store.floor import FloorStore
from dialer_core.store.seat import SeatStore
from dialer_core.store.setup import NewCampaign, NewPerson, SetupStore

DISPOSITIONS = (
    Disposition("SALE", "Sale", "1", Outcome.SUCCESS, is_final=True, is_success=True),
    Disposition("NO", "Not interested", "2", Outcome.REFUSED_NOT_INTERESTED, is_final=True),
    Disposition("BACK", "Call back", "3", Outcome.CALL_BACK, is_final=False),
    Disposition("AM", "Machine", "4", Outcome.ANSWER_MACHINE_AGENT, is_final=False),
    Disposition("NEVER", "Never again", "0", Outcome.DNC_REQUEST, is_final=True, is_danger=True),
    Disposition("WRONG", "Wrong number", "9", Outcome.WRONG_NUMBER, is_final=False),
)


def person(number: int, *, more: tuple[int, ...] = ()) -> NewPerson:
    """A fictitious person with numbers of Ofcom's range for drama."""
    return NewPerson(
        name=f"Person {number}",
        numbers=[(f"+4416149600{one:02d}", "landline") for one in (number, *more)],
        town="Manchester",
        details=[("Contract", "to May"), ("Since", "2019")],
        zones=["Europe/London"],
    )


class FloorKit:
    """The stores of one floor with the words of the trade."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.clock = clock
        self.setup = SetupStore(database)
        self.floor = FloorStore(database)
        self.seats: list[SeatStore] = []
        self.campaign_id = CampaignId(0)
        self._attempts = 0

    @property
    def now(self) -> Instant:
        return self.clock.now()

    def add_campaign(self, mode: Mode, rules: RuleProfile, people: int = 5) -> None:
        self.campaign_id = self.setup.add_campaign(
            NewCampaign(
                name=f"Campaign {mode}",
                client="Rosewood Windows",
                company_name="Rosewood",
                mode=mode,
                profile=rules,
                caller_id="+441614960999",
                dispositions=DISPOSITIONS,
                script="Good morning.",
            ),
            self.now,
        )
        for name in ("Anna", "Ben"):
            self.setup.add_agent(f"{name} of {mode}", self.now)
        self.load_registers()
        self.setup.add_list(
            self.campaign_id, "March", [person(n) for n in range(1, people + 1)], self.now
        )

    def load_registers(self) -> None:
        for registry in ("GB-TPS", "GB-CTPS"):
            self.setup.load_registry(registry, self.now.utc, [], self.now)

    def take_lease(self, floor: FloorStore | None = None, holder: str = "pc:1:1") -> int | None:
        return (floor or self.floor).take_lease(holder, self.now, 3.0, lambda _holder: True)

    def log_in(self, agent: str = "Anna of preview", seat: str = "seat01") -> SessionId:
        store = SeatStore(self.database)
        self.seats.append(store)
        return store.log_in(agent, None, seat, "sip:seat@127.0.0.1:5061", "token", self.now)

    # --- the dialler ----------------------------------------------------------------------

    def lease(self, count: int = 1) -> list[LeasedRecord]:
        found = self.floor.apply([LeaseRecords(self.campaign_id, count)], self.now)
        assert isinstance(found[0], RecordsLeased)
        return list(found[0].records)

    def commit(
        self,
        record: LeasedRecord,
        session: SessionId | None,
        mode: Mode = Mode.PREVIEW,
        *,
        is_overdial: bool = False,
    ) -> Event:
        self._attempts += 1
        command = CommitAttempt(
            AttemptId(f"A{self._attempts:025d}"),
            self.campaign_id,
            record,
            mode,
            session,
            LineId("line01"),
            is_overdial,
        )
        return self.floor.apply([command], self.now)[0]

    def dial(self, session: SessionId | None, mode: Mode = Mode.PREVIEW) -> AttemptId:
        """Lease and commit the next contact; the attempt."""
        answer = self.commit(self.lease()[0], session, mode)
        assert isinstance(answer, AttemptCommitted), answer
        return answer.attempt_id

    def move(self, attempt: AttemptId, stage: CallStage, session: SessionId | None) -> None:
        self.floor.apply([MoveAttempt(attempt, stage, self.now, session)], self.now)

    def close_call(
        self,
        attempt: AttemptId,
        outcome: Outcome,
        formula_class: FormulaClass = FormulaClass.UNANSWERED,
        facts: CallFacts | None = None,
    ) -> None:
        self.floor.apply([CloseAttempt(attempt, outcome, formula_class, self.now, facts)], self.now)

    def talk(self, attempt: AttemptId, session: SessionId) -> None:
        """A whole conversation: answered, bridged, ended."""
        self.move(attempt, CallStage.TALKING, session)
        facts = self.facts(session=session, status=200)
        facts = replace(facts, answered=self.now, bridged=self.now)
        self.clock.advance(30)
        self.close_call(attempt, Outcome.CONNECTED, FormulaClass.L, replace(facts, ended=self.now))

    def facts(self, *, status: int = 486, session: SessionId | None = None) -> CallFacts:
        return CallFacts(
            sip_status=status,
            reason="as the network says",
            q850=17,
            ended_by="person",
            crossed=False,
            message_played=False,
            invite=self.now,
            progress=self.now,
            ringing=self.now,
            early_media=None,
            answered=None,
            bridged=None,
            message=None,
            ended=self.now,
            session_id=session,
            sip_call_id="call@127.0.0.1",
        )

    def set_seat(
        self,
        session: SessionId,
        state: SeatState,
        attempt: AttemptId | None = None,
        contact: ContactId | None = None,
        reason: str = "",
    ) -> None:
        until = self.now.after(12)
        command = SetSeat(session, state, self.now, reason, attempt, contact, until)
        self.floor.apply([command], self.now)

    def close(self) -> None:
        for store in (*self.seats, self.floor, self.setup):
            store.close()


DAY = timedelta(days=1)
