"""A floor on the workbench: the engine, a clock moved by hand, and a store that always answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

from dialer_core.clock import Instant, ManualClock
from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.engine.calls import Call
from dialer_core.engine.dialler import Dialler
from dialer_core.engine.seats import Seat
from dialer_core.model.campaign import Campaign, Disposition, PreviewTimeout
from dialer_core.model.ids import (
    AttemptId,
    CampaignId,
    ContactId,
    LineId,
    NumberId,
    SessionId,
)
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import Mode, Outcome, SeatState
from dialer_core.pacing.make import make_pacer
from dialer_core.pacing.view import Decision, FloorView, Pacer

CAMPAIGN = CampaignId(1)
DISPOSITIONS = (
    Disposition("sale", "Sale", "1", Outcome.SUCCESS, is_final=True, is_success=True),
    Disposition("no", "Not interested", "2", Outcome.REFUSED_NOT_INTERESTED, is_final=True),
    Disposition("machine", "Machine", "3", Outcome.ANSWER_MACHINE_AGENT, is_final=False),
)
Cmd = TypeVar("Cmd", bound=c.Command)


@dataclass
class Ratio:
    """A pacer that keeps `ratio` lines up for each seat that is there."""

    ratio: int = 3

    def decide(self, view: FloorView) -> Decision:
        seats = len(view.idle) + len(view.talking) + len(view.wrapping)
        up = len(view.ringing) + len(view.waiting)
        free = view.max_lines - up - len(view.talking)
        wanted = len(view.idle) * self.ratio - up if seats else 0
        return Decision(max(0, min(wanted, free)), reason=f"{self.ratio} lines a free seat.")


@dataclass
class Launches:
    """A pacer that says what it is told to say, once each."""

    counts: deque[int] = field(default_factory=deque)

    def decide(self, view: FloorView) -> Decision:
        return Decision(self.counts.popleft() if self.counts else 0, reason="As told.")


def plain_pacer(campaign: Campaign) -> Pacer:
    """The real pacer one to one; for predictive three lines a free seat, come what may."""
    if campaign.mode is Mode.PREDICTIVE:
        return Ratio()
    return make_pacer(campaign.mode.value)


def record_of(contact: int, *, reserved_only: bool = False) -> LeasedRecord:
    return LeasedRecord(
        ContactId(contact),
        CAMPAIGN,
        NumberId(contact),
        f"+44161496{contact:04d}",
        reserved_only=reserved_only,
    )


class Rig:
    """Sends events, answers what the store would answer at once, keeps all commands."""

    def __init__(
        self,
        mode: Mode = Mode.PROGRESSIVE,
        *,
        seats: int = 0,
        lines: int = 8,
        people: int = 100,
        pacer: Callable[[Campaign], Pacer] | None = None,
        is_recovered: bool = True,
        settings: Mapping[str, float] | None = None,
        preview_timeout: PreviewTimeout = PreviewTimeout.DIAL,
    ) -> None:
        self.clock = ManualClock()
        self.ids = iter(f"a{number}" for number in range(100_000))
        self.make_pacer = pacer or plain_pacer
        self.dialler = Dialler(lambda: next(self.ids), self.make_pacer)
        self.list = deque(record_of(number) for number in range(people))
        self.log: list[c.Command] = []
        self.refuse: set[ContactId] = set()
        self.is_over_budget = False  # the gate lets nothing be dialled ahead
        self.is_answering = True  # commits are answered at once
        self.pending: deque[c.CommitAttempt] = deque()
        self.campaign = Campaign(
            CAMPAIGN, "Test", mode, "GB", "1", "+441614960000", "Client", dispositions=DISPOSITIONS
        )
        self.campaign = replace(self.campaign, preview_timeout=preview_timeout)
        self.campaign = replace(self.campaign, **(dict(settings or {})))  # type: ignore[arg-type]  # fields by name
        self.send(e.CampaignSet(self.campaign))
        for number in range(lines):
            self.send(e.LineUp(LineId(f"line{number}")))
        if is_recovered:
            self.send(e.Recovered())
        for number in range(1, seats + 1):
            self.seat_in(number)

    # --- in ---------------------------------------------------------------------------------

    def send(self, event: e.Event, at: Instant | None = None) -> list[c.Command]:
        """Hand the event in and answer for the store; all commands that came of it."""
        out: list[c.Command] = []
        queue: deque[e.Event] = deque([event])
        while queue:
            batch = self.dialler.handle(queue.popleft(), at or self.clock.now())
            out += batch
            for command in batch:
                answer = self._answer(command)
                if answer is not None:
                    queue.append(answer)
        self.log += out
        return out

    def _answer(self, command: c.Command) -> e.Event | None:
        if isinstance(command, c.LeaseRecords):
            count = min(command.count, len(self.list))
            return e.RecordsLeased(command.campaign_id, [self.list.popleft() for _ in range(count)])
        if isinstance(command, c.CommitAttempt):
            if self.is_answering:
                return self._verdict(command)
            self.pending.append(command)
        return None

    def _verdict(self, command: c.CommitAttempt) -> e.Event:
        if command.record.contact_id in self.refuse:
            return e.AttemptRefused(command.attempt_id, "OUT_OF_HOURS")
        if self.is_over_budget and command.is_overdial:
            return e.AttemptRefused(command.attempt_id, "OVER_BUDGET", is_of_the_moment=True)
        return e.AttemptCommitted(command.attempt_id)

    def answer_commits(self) -> list[c.Command]:
        """Let the store answer what it was slow to answer."""
        out: list[c.Command] = []
        while self.pending:
            out += self.send(self._verdict(self.pending.popleft()))
        return out

    def wait(self, seconds: float) -> list[c.Command]:
        """Time passes, and a tick comes."""
        self.clock.advance(seconds)
        return self.send(e.Tick())

    def seat_in(self, number: int, *, is_available: bool = True) -> list[c.Command]:
        out = self.send(e.SeatOpened(SessionId(number), CAMPAIGN, f"Agent {number}"))
        if is_available:
            out += self.send(e.AvailableWanted(SessionId(number)))
        return out

    def ring(self, call: Call) -> list[c.Command]:
        return self.send(e.CallRinging(self.line(call), call.attempt_id))

    def answer(self, call: Call) -> list[c.Command]:
        return self.send(e.CallAnswered(self.line(call), call.attempt_id))

    def bridge(self, call: Call, session: int) -> list[c.Command]:
        return self.send(e.CallBridged(self.line(call), call.attempt_id, SessionId(session)))

    def lose_seat(self, call: Call, session: int) -> list[c.Command]:
        return self.send(
            e.SeatUnreachable(self.line(call), call.attempt_id, SessionId(session), "No answer.")
        )

    def end(self, call: Call, status: int = 200, by: str = "person") -> list[c.Command]:
        """The line reports the end with the facts that the engine's own call supports."""
        line = self.line(call)
        facts = self.facts(call, status, by)
        return self.send(e.CallEnded(line, call.attempt_id, facts))

    def facts(self, call: Call, status: int, by: str) -> e.CallFacts:
        now = self.clock.now()
        rang = Instant(now.mono_s - 20.0, now.utc - timedelta(seconds=20.0))
        return e.CallFacts(
            sip_status=status,
            reason="",
            q850=None,
            ended_by=by,
            crossed=False,
            message_played=call.stage.value == "message",
            invite=rang,
            progress=rang,
            ringing=rang,
            early_media=None,
            answered=call.answered,
            bridged=call.bridged,
            message=None,
            ended=now,
            session_id=call.session_id,
            sip_call_id="x",
        )

    # --- out --------------------------------------------------------------------------------

    @property
    def calls(self) -> list[Call]:
        return list(self.dialler.calls.values())

    def call(self, index: int = 0) -> Call:
        return self.calls[index]

    def line(self, call: Call) -> LineId:
        assert call.line_id is not None
        return call.line_id

    def seat(self, number: int) -> Seat:
        return self.dialler.seats[SessionId(number)]

    def state(self, number: int) -> SeatState:
        return self.seat(number).state

    def all_of(self, kind: type[Cmd]) -> list[Cmd]:
        return [command for command in self.log if isinstance(command, kind)]

    def make_launch(self, count: int) -> list[c.Command]:
        """The pacer (one that says what it is told) launches so many now."""
        pacer = self.dialler.campaign(CAMPAIGN).pacer
        assert isinstance(pacer, Launches)
        pacer.counts.append(count)
        return self.send(e.Tick())

    def drain_ordinary(self) -> None:
        """Leave in the stock only what needs a held seat, and nothing on the list."""
        self.list.clear()
        stock = self.dialler.campaign(CAMPAIGN).stock
        kept = [record for record in stock.clear() if record.reserved_only]
        stock.add(kept, len(kept), self.clock.now().mono_s)

    @staticmethod
    def call_id(name: str) -> AttemptId:
        return AttemptId(name)

    @staticmethod
    def in_mode(campaign: Campaign, mode: Mode) -> Campaign:
        return replace(campaign, mode=mode)

    def talk(self, session: int = 1) -> Call:
        """The first call is answered and bridged with that seat; they have said something."""
        call = next(one for one in self.calls if one.answered is None)
        self.answer(call)
        self.clock.advance(0.1)
        self.bridge(call, session)
        self.clock.advance(2.0)
        return call


def of(kind: type[Cmd], commands: list[c.Command]) -> list[Cmd]:
    """The commands of one kind, in order."""
    return [command for command in commands if isinstance(command, kind)]
