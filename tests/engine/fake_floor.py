"""A floor that is told what to do: its record of the truth, its lines, its list; slow on purpose.

Nothing answers by itself. The record is written as the store would write it, line commands lie
undelivered until the next step (so that a crash can lose them), and every rule of the trade that
can be broken by one command is checked when the command comes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from dialer_core.clock import Instant, ManualClock
from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.engine.control_commands import RefuseCall
from dialer_core.engine.dialler import Dialler
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import AttemptId, ContactId, LineId, SessionId
from dialer_core.model.levers import Levers
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import CallStage, Mode, SeatState, move_call, move_seat
from dialer_core.pacing.view import Decision, FloorView, Pacer
from tests.engine.rig import CAMPAIGN, DISPOSITIONS, Ratio, plain_pacer, record_of

S, T = SeatState, CallStage


class Daring(Ratio):
    """Pulls every lever, in its own way: now this, now that, none of it learnt."""

    def decide(self, view: FloorView) -> Decision:
        plain = super().decide(view)
        due = {seat for seat, at_s in view.breaks_due.items() if at_s <= view.now}
        return replace(
            plain,
            hold_breaks=due if int(view.now) % 4 else (),
            may_park=set(view.wrapping),
            prefer=tuple(range(10, -3, -2)),
        )


def daring_pacer(campaign: Campaign) -> Pacer:
    return Daring() if campaign.mode is Mode.PREDICTIVE else plain_pacer(campaign)


@dataclass
class Session:
    """What the record has of a seat."""

    state: SeatState = S.PAUSED
    since: Instant | None = None
    attempt_id: AttemptId | None = None
    contact_id: ContactId | None = None
    pause_wanted: str | None = None
    pause_due: Instant | None = None
    is_relief: bool = False
    parked: tuple[AttemptId, ...] = ()
    before: AttemptId | None = None  # in hand until now


@dataclass
class Attempt:
    """What the record has of an attempt."""

    commit: c.CommitAttempt
    stage: CallStage = T.COMMITTED
    session_id: SessionId | None = None
    answered: Instant | None = None
    bridged: Instant | None = None


@dataclass
class Line:
    """A line's own truth."""

    attempt_id: AttemptId | None = None
    stage: CallStage = T.DIALLING
    session_id: SessionId | None = None
    is_held: bool = False
    invited_s: float = 0.0
    answered: Instant | None = None
    bridged: Instant | None = None
    message: Instant | None = None

    def clear(self) -> None:
        self.attempt_id = self.session_id = self.answered = self.bridged = self.message = None
        self.stage, self.is_held = T.DIALLING, False


class FakeFloor:
    """The world around a dialler."""

    def __init__(
        self, mode: Mode, lines: int = 4, people: int = 14, *, is_slow: bool = False
    ) -> None:
        self.is_slow = is_slow  # the store answers only when it is told to
        self.clock = ManualClock()
        self.campaign = Campaign(
            CAMPAIGN,
            "Test",
            mode,
            "GB",
            "1",
            "+441614960000",
            "Client",
            skips_a_day=2,
            dispositions=DISPOSITIONS,
            levers=Levers(),
            parked_an_hour=4,
        )
        self._numbers = iter(f"a{number}" for number in range(1_000_000))
        self.make_pacer: Callable[[Campaign], Pacer] = daring_pacer
        self.records: dict[AttemptId, LeasedRecord] = {}  # of all attempts so far
        self.list: deque[LeasedRecord] = deque(
            record_of(number, reserved_only=number % 5 == 0) for number in range(people)
        )
        self.leased: dict[ContactId, LeasedRecord] = {}
        self.sessions: dict[SessionId, Session] = {}
        self.attempts: dict[AttemptId, Attempt] = {}
        self.lines: dict[LineId, Line] = {LineId(f"line{n}"): Line() for n in range(lines)}
        self.down: set[LineId] = set()
        self.committing: deque[c.CommitAttempt] = deque()
        self.leasing: deque[c.LeaseRecords] = deque()
        self.undelivered: list[c.LineCommand] = []
        self.committed: set[AttemptId] = set()
        self.coded: set[AttemptId] = set()  # their outcome was chosen
        self.messages: set[AttemptId] = set()
        self.commits = self.closed = 0
        self.is_stopped = False
        self.dialler: Dialler
        self.begin()

    # --- a dialler's life ---------------------------------------------------------------------

    def begin(self) -> None:
        """A new dialler, from what the record and the lines have."""
        held = {one.contact_id for one in self.sessions.values() if one.state is S.PREVIEW}
        held |= {one.commit.record.contact_id for one in self.attempts.values()}
        for contact_id in [key for key in self.leased if key not in held]:
            self.list.append(self.leased.pop(contact_id))  # the lease of the one before expires
        self.committing.clear()
        self.leasing.clear()
        self.undelivered.clear()
        self.dialler = Dialler(lambda: next(self._numbers), self.make_pacer)
        self.send(e.CampaignSet(self.campaign))
        if self.is_stopped:
            self.send(e.DiallingStopped())
        for session_id, session in self.sessions.items():
            record = self.leased.get(session.contact_id) if session.contact_id is not None else None
            self.send(
                e.SeatOpened(
                    session_id,
                    CAMPAIGN,
                    "A",
                    session.state,
                    session.since,
                    session.attempt_id,
                    record if session.state is S.PREVIEW else None,
                    session.pause_wanted,
                    is_relief=session.is_relief,
                    parked=tuple((one, self.records[one]) for one in session.parked),
                    pause_due=session.pause_due,
                )
            )
        for attempt_id, attempt in self.attempts.items():
            commit = attempt.commit
            self.send(
                e.AttemptRestored(
                    attempt_id,
                    CAMPAIGN,
                    commit.record,
                    commit.mode,
                    attempt.stage,
                    attempt.session_id,
                    attempt.answered,
                    attempt.bridged,
                )
            )
        for line_id in self.lines:
            if line_id not in self.down:
                self.line_up(line_id)
        self.send(e.Recovered())

    def line_up(self, line_id: LineId) -> None:
        line = self.lines[line_id]
        stage = line.stage if line.attempt_id is not None else None
        self.send(e.LineUp(line_id, line.attempt_id, stage, line.session_id))

    def send(self, event: e.Event) -> None:
        """Tell the dialler, write what goes on the record, keep back what goes to the lines."""
        for command in self.dialler.handle(event, self.clock.now()):
            if isinstance(command, c.LineCommand):
                self.check_line_command(command)
                self.undelivered.append(command)
            else:
                self.write(command)

    # --- the record ---------------------------------------------------------------------------

    def write(self, command: c.StoreCommand) -> None:
        match command:
            case c.LeaseRecords():
                self.leasing.append(command)
            case c.ReturnRecord():
                self.list.append(self.leased.pop(command.contact_id))
            case c.CommitAttempt():
                self.check_commit(command)
                self.committing.append(command)
            case c.MoveAttempt():
                self.write_move(command)
            case c.CloseAttempt():
                attempt = self.attempts.pop(command.attempt_id)
                self.closed += 1
                self.list.append(self.leased.pop(attempt.commit.record.contact_id))
            case c.SetSeat():
                self.write_seat(command)
            case c.NoteDecision():
                assert command.reason

    def write_move(self, command: c.MoveAttempt) -> None:
        attempt = self.attempts[command.attempt_id]
        attempt.stage = move_call(attempt.stage, command.stage)
        attempt.session_id = command.session_id
        if command.stage in (T.WAITING, T.CONNECTING, T.TALKING, T.MESSAGE):
            attempt.answered = attempt.answered or command.at
        if command.stage is T.TALKING:
            attempt.bridged = attempt.bridged or command.at

    def write_seat(self, command: c.SetSeat) -> None:
        session = self.sessions[command.session_id]
        if command.state is not session.state:
            state = session.state
            if state is S.TALKING and command.state in (S.AVAILABLE, S.PAUSED):
                state = move_seat(state, S.WRAP_UP)  # passed through where nothing was said
            session.state = move_seat(state, command.state)
            session.since = command.at
        session.before = session.attempt_id
        session.attempt_id, session.contact_id = command.attempt_id, command.contact_id
        self.check_parked(session, command)
        session.parked = command.parked
        session.pause_due = command.pause_due
        if command.state in (S.PAUSED, S.AVAILABLE) and command.pause_due is None:
            session.pause_wanted = None
        if command.state is S.LOGGED_OUT:
            del self.sessions[command.session_id]

    def answer_commit(self, *, is_refused: bool) -> None:
        """The store answers the oldest commit."""
        command = self.committing.popleft()
        if is_refused:
            self.list.append(self.leased.pop(command.record.contact_id))
            self.send(e.AttemptRefused(command.attempt_id, "OUT_OF_HOURS"))
            return
        self.put_on_record(command)
        self.send(e.AttemptCommitted(command.attempt_id))

    def put_on_record(self, command: c.CommitAttempt) -> None:
        open_contacts = {one.commit.record.contact_id for one in self.attempts.values()}
        assert command.record.contact_id not in open_contacts, "one contact in two attempts"
        self.records[command.attempt_id] = command.record
        self.attempts[command.attempt_id] = Attempt(command, session_id=command.session_id)
        self.committed.add(command.attempt_id)
        self.commits += 1

    def answer_lease(self) -> None:
        """The store answers the oldest question for records."""
        command = self.leasing.popleft()
        records = [self.list.popleft() for _ in range(min(command.count, len(self.list)))]
        self.leased |= {record.contact_id: record for record in records}
        self.send(e.RecordsLeased(CAMPAIGN, records))

    # --- lines ----------------------------------------------------------------------------------

    def deliver(self) -> None:
        """The lines hear what was said to them."""
        commands, self.undelivered = self.undelivered, []
        for command in commands:
            line = self.lines[command.line_id]
            if command.line_id in self.down:
                continue
            if isinstance(command, c.Originate):
                assert line.attempt_id is None, "two calls on one line"
                line.attempt_id, line.session_id = command.attempt_id, command.session_id
                line.invited_s = self.clock.now().mono_s
                line.is_held = command.agent_leg != "on_answer"
            elif isinstance(command, RefuseCall) or line.attempt_id != command.attempt_id:
                continue  # that call is over
            elif isinstance(command, c.ConnectAgent):
                if line.stage in (T.WAITING, T.CONNECTING):
                    line.stage, line.session_id = T.CONNECTING, command.session_id
            elif isinstance(command, c.PlayMessage):
                self.play(command.line_id, line)
            else:
                self.hang_up(command.line_id, 200, "dialler")
        if not self.is_slow:
            self.answer_all()

    def answer_all(self) -> None:
        """A quick store answers at once; only then do the lines hear what came of it."""
        for _ in range(100):
            if not self.committing and not self.leasing:
                return
            if self.leasing:
                self.answer_lease()
            if self.committing:
                self.answer_commit(is_refused=False)
        raise AssertionError("the engine commits without end")

    def give_up_without_progress(self) -> None:
        """No 18x in 12 s: a line gives up by itself."""
        now_s = self.clock.now().mono_s
        for line_id, line in self.lines.items():
            is_dialling = line.attempt_id is not None and line.stage is T.DIALLING
            if is_dialling and now_s - line.invited_s >= 12.0:
                self.hang_up(line_id, 487, "line")

    def play(self, line_id: LineId, line: Line) -> None:
        may = line.stage in (T.WAITING, T.CONNECTING) or (
            line.stage is T.TALKING and line.session_id is None
        )
        if may and line.attempt_id is not None:
            line.stage, line.message = T.MESSAGE, self.clock.now()
            self.send(e.MessageBegan(line_id, line.attempt_id))

    def hang_up(self, line_id: LineId, status: int, by: str) -> None:
        """The call on this line ends; the line says so."""
        line = self.lines[line_id]
        attempt_id = line.attempt_id
        assert attempt_id is not None
        now = self.clock.now()
        facts = e.CallFacts(
            sip_status=status,
            reason="",
            q850=None,
            ended_by=by,
            crossed=False,
            message_played=line.message is not None,
            invite=now,
            progress=None,
            ringing=None,
            early_media=None,
            answered=line.answered,
            bridged=line.bridged,
            message=line.message,
            ended=now,
            session_id=line.session_id,
            sip_call_id="x",
        )
        line.clear()
        self.send(e.CallEnded(line_id, attempt_id, facts))

    # --- what a single command may not do -------------------------------------------------------

    def check_commit(self, command: c.CommitAttempt) -> None:
        seats = self.dialler.seats
        assert any(seat.state is not S.PAUSED for seat in seats.values()), "nobody is there"
        assert not self.is_stopped, "launched while stopped"
        if command.record.reserved_only or command.mode is not Mode.PREDICTIVE:
            assert command.session_id in seats, "no seat is held"
        if command.session_id is not None:
            assert not command.is_overdial
            assert seats[command.session_id].attempt_id == command.attempt_id

    def check_parked(self, session: Session, command: c.SetSeat) -> None:
        assert len(command.parked) <= 1
        assert command.attempt_id not in command.parked
        gone = set(session.parked) - {*command.parked, command.attempt_id} - self.coded
        assert command.state is S.LOGGED_OUT or not gone, "a parked wrap-up was forgotten"
        for attempt_id in set(command.parked) - set(session.parked):
            assert (session.state, command.state) == (S.CONNECTING, S.CONNECTING)
            assert session.before == attempt_id, "parked what was not in hand"
        assert command.state not in (S.AVAILABLE, S.PAUSED) or not command.parked

    def check_line_command(self, command: c.LineCommand) -> None:
        assert not isinstance(command, RefuseCall), "nobody calls this floor"
        assert command.attempt_id in self.committed, "spoken of before it was on the record"
        if isinstance(command, c.PlayMessage):
            self.messages.add(command.attempt_id)
        if isinstance(command, c.ConnectAgent):
            session = self.sessions[command.session_id]
            assert session.attempt_id == command.attempt_id, "the record is not readable yet"
            assert session.contact_id is not None

    def settings(self, *, is_running: bool) -> None:
        """The supervisor starts or halts the campaign."""
        self.campaign = replace(self.campaign, is_running=is_running)
        self.send(e.CampaignSet(self.campaign))
