"""Lines that only pretend: they ring, answer and hang up in real time, and cost next to nothing."""

from __future__ import annotations

import heapq
import itertools
import random
from dataclasses import dataclass, replace

from dialer_core.clock import Instant
from dialer_core.engine import commands, events
from dialer_core.engine.control_commands import RefuseCall
from dialer_core.model.ids import AttemptId, LineId, SessionId

ANSWER_SHARE = 0.35
BUSY, CANCELLED, ANSWERED = 486, 487, 200


@dataclass
class _Call:
    line_id: LineId
    invite: Instant
    held_for: SessionId | None  # the agent's leg is there before the answer
    ringing: Instant | None = None
    answered: Instant | None = None
    bridged: Instant | None = None


class PretendedLines:
    """Takes the engine's commands and says, when it is time, what lines would say."""

    def __init__(self, talk_s: float, seed: int) -> None:
        self._talk_s = talk_s
        self._chance = random.Random(seed)
        self._calls: dict[AttemptId, _Call] = {}
        self._due: list[tuple[float, int, events.Event]] = []
        self._order = itertools.count()
        self.dialled = self.bridged = 0

    def speak(self, command: commands.LineCommand, now: Instant) -> None:
        """Carry a command out, from `now` on."""
        if isinstance(command, RefuseCall):
            return
        attempt_id, line_id = command.attempt_id, command.line_id
        match command:
            case commands.Originate():
                self._dial(command, now)
            case commands.ConnectAgent():
                bridged = events.CallBridged(line_id, attempt_id, command.session_id)
                self._later(now, 0.1, bridged)
            case commands.PlayMessage():
                self._later(now, 0.0, events.MessageBegan(line_id, attempt_id))
                self._end(now, 4.0, line_id, attempt_id, ANSWERED)
            case commands.EndCall():
                self._end(now, 0.1, line_id, attempt_id, CANCELLED)

    def said(self, now: Instant) -> list[events.Event]:
        """What the lines have to say by now."""
        found: list[events.Event] = []
        while self._due and self._due[0][0] <= now.mono_s:
            event = self._happen(heapq.heappop(self._due)[2], now)
            if event is not None:
                found.append(event)
        return found

    @property
    def next_s(self) -> float:
        """When there is something to say again, on the monotonic clock."""
        return self._due[0][0] if self._due else float("inf")

    def _dial(self, command: commands.Originate, now: Instant) -> None:
        self.dialled += 1
        attempt_id, line_id = command.attempt_id, command.line_id
        held = command.session_id if command.agent_leg != "on_answer" else None
        self._calls[attempt_id] = _Call(line_id, now, held)
        self._later(now, 1.0, events.CallRinging(line_id, attempt_id))
        if self._chance.random() < ANSWER_SHARE:
            answer_s = self._chance.uniform(4.0, 15.0)
            self._later(now, answer_s, events.CallAnswered(line_id, attempt_id))
        else:
            self._end(now, self._chance.uniform(5.0, 20.0), line_id, attempt_id, BUSY)

    def _end(
        self, now: Instant, seconds: float, line_id: LineId, attempt_id: AttemptId, status: int
    ) -> None:
        call = self._calls.get(attempt_id)
        if call is None:
            return
        facts = events.CallFacts(
            sip_status=status, reason="as the network says", q850=None, ended_by="person",
            crossed=False, message_played=False, invite=call.invite, progress=None, ringing=None,
            early_media=None, answered=None, bridged=None, message=None, ended=now,
            session_id=None, sip_call_id="bench@127.0.0.1",
        )  # fmt: skip
        self._later(now, seconds, events.CallEnded(line_id, attempt_id, facts))

    def _later(self, now: Instant, seconds: float, event: events.Event) -> None:
        heapq.heappush(self._due, (now.mono_s + seconds, next(self._order), event))

    def _happen(self, event: events.Event, now: Instant) -> events.Event | None:
        """The event as it is told; None where its call is over already."""
        attempt_id = getattr(event, "attempt_id", None)
        call = None if attempt_id is None else self._calls.get(attempt_id)
        if call is None or attempt_id is None:
            return None
        match event:
            case events.CallRinging():
                call.ringing = now
            case events.CallAnswered():
                call.answered = now
                if call.held_for is not None:
                    bridged = events.CallBridged(call.line_id, attempt_id, call.held_for)
                    self._later(now, 0.1, bridged)
                talk_s = max(3.0, self._chance.expovariate(1 / self._talk_s))
                self._end(now, talk_s, call.line_id, attempt_id, ANSWERED)
            case events.CallBridged():
                call.bridged = now
                self.bridged += 1
            case events.CallEnded():
                del self._calls[attempt_id]
                facts = replace(
                    event.facts,
                    ringing=call.ringing,
                    answered=call.answered,
                    bridged=call.bridged,
                    ended=now,
                )
                return replace(event, facts=facts)
        return event
