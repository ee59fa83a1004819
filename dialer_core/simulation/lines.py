"""Simulated lines: what a line's process and the public would do, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dialer_core.clock import Instant
from dialer_core.engine import events
from dialer_core.engine.commands import ConnectAgent, EndCall, Originate, PlayMessage
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import SessionId
from dialer_core.simulation.kernel import Kernel
from dialer_core.simulation.public import Behaviour, Kind
from dialer_core.simulation.tally import Tally

HELD_LEG_S = 0.03  # from the answer to sound, with the agent's leg up already
LEG_S = 0.12  # with the leg to be set up
MESSAGE_S = 5.0
_RINGS = frozenset({Kind.HUMAN, Kind.MACHINE, Kind.NO_ANSWER, Kind.DECLINED, Kind.HANGS_UP})


@dataclass(slots=True)
class LineCall:
    """One call on a simulated line, and what is to come of it."""

    order: Originate
    person: Behaviour
    invite: Instant
    ringing: Instant | None = None
    answered: Instant | None = None
    bridged: Instant | None = None
    message: Instant | None = None
    session_id: SessionId | None = None
    is_over: bool = False
    is_decided: bool = False  # met or lost, by the truth
    phase: int = 0  # what was planned in an earlier one does not come any more


class SimulatedLines:
    """Carries the engine's line commands out, tells what comes of them, and tallies the truth."""

    def __init__(
        self,
        kernel: Kernel,
        campaign: Campaign,
        tally: Tally,
        tell: Callable[[events.Event], None],
    ) -> None:
        self._kernel = kernel
        self._campaign = campaign
        self._tally = tally
        self._tell = tell
        self.calls: dict[str, LineCall] = {}

    def originate(self, order: Originate, person: Behaviour) -> None:
        """Dial: this is how the person will behave."""
        call = LineCall(order, person, self._kernel.now(), session_id=order.session_id)
        self.calls[order.attempt_id] = call
        self._tally.dialled(call.invite.mono_s)
        limit_s = self._campaign.max_ring_s
        if person.kind in _RINGS:
            rings_s = person.delay_s + min(0.5, (person.ring_s - person.delay_s) / 2)
            if rings_s < limit_s:
                self._after(call, rings_s, lambda: self._ring(call))
        if person.final_status == 0 or person.ring_s >= limit_s:
            ring_s = min(limit_s, person.ring_s)
            self._after(call, ring_s, lambda: self._end(call, 487, "line"))
        elif person.final_status == 200:
            self._after(call, person.ring_s, lambda: self._answer(call))
        else:
            status = person.final_status
            self._after(call, person.ring_s, lambda: self._end(call, status, "network"))

    def connect(self, order: ConnectAgent) -> None:
        """Set the agent's leg up."""
        call = self.calls.get(order.attempt_id)
        if call is not None and call.message is None:
            call.session_id = order.session_id
            self._after(call, LEG_S, lambda: self._bridge(call))

    def play(self, order: PlayMessage) -> None:
        """The message, unless the agent was quicker."""
        call = self.calls.get(order.attempt_id)
        if call is None or call.bridged is not None or call.message is not None:
            return
        call.phase += 1
        call.message = self._kernel.now()
        call.is_decided = True
        self._tally.lost(call.person, call.message.mono_s)
        self._after(call, 0.0, lambda: self._message(call))
        self._after(call, MESSAGE_S, lambda: self._end(call, 200, "line"))

    def end(self, order: EndCall) -> None:
        """Hang up."""
        call = self.calls.get(order.attempt_id)
        if call is not None:
            self._end(call, 200 if call.answered else 487, "dialler")

    def _ring(self, call: LineCall) -> None:
        call.ringing = self._kernel.now()
        self._tell(events.CallRinging(call.order.line_id, call.order.attempt_id))

    def _answer(self, call: LineCall) -> None:
        person = call.person
        call.answered = self._kernel.now()
        self._tally.rang(call.invite.mono_s, call.answered.mono_s)
        self._tally.answered(call.answered.mono_s)
        self._after(call, person.patience_s, lambda: self._end(call, 200, "person"))
        if call.order.agent_leg != "on_answer":
            self._after(call, HELD_LEG_S, lambda: self._bridge(call))
        self._tell(events.CallAnswered(call.order.line_id, call.order.attempt_id))

    def _bridge(self, call: LineCall) -> None:
        if call.session_id is None or call.bridged is not None:
            return
        call.bridged = self._kernel.now()
        person = call.person
        self._met(call, call.bridged)
        if person.kind is not Kind.HANGS_UP:
            call.phase += 1
            by = "agent" if person.is_machine else "person"
            self._after(call, person.talk_s, lambda: self._end(call, 200, by))
        order = call.order
        self._tell(events.CallBridged(order.line_id, order.attempt_id, call.session_id))

    def _met(self, call: LineCall, now: Instant) -> None:
        call.is_decided = True
        waited_s = now.mono_s - call.answered.mono_s if call.answered else 0.0
        self._tally.met(call.person, waited_s, self._campaign.connect_limit_s, now.mono_s)

    def _message(self, call: LineCall) -> None:
        self._tell(events.MessageBegan(call.order.line_id, call.order.attempt_id))

    def _end(self, call: LineCall, status: int, by: str) -> None:
        if call.is_over:
            return
        call.is_over = True
        call.phase += 1
        del self.calls[call.order.attempt_id]
        now = self._kernel.now()
        if call.answered is None:
            self._tally.rang(call.invite.mono_s, now.mono_s)
        elif not call.is_decided:
            waited_s = now.mono_s - call.answered.mono_s
            if by == "person" and waited_s <= self._campaign.connect_limit_s:
                self._tally.hung_up()
            else:
                self._tally.lost(call.person, now.mono_s)
        facts = events.CallFacts(
            sip_status=status,
            reason="",
            q850=None,
            ended_by=by,
            crossed=False,
            message_played=call.message is not None,
            invite=call.invite,
            progress=call.ringing,
            ringing=call.ringing,
            early_media=None,
            answered=call.answered,
            bridged=call.bridged,
            message=call.message,
            ended=now,
            session_id=call.session_id,
            sip_call_id=call.order.attempt_id,
        )
        self._tell(events.CallEnded(call.order.line_id, call.order.attempt_id, facts))

    def _after(self, call: LineCall, delay_s: float, action: Callable[[], None]) -> None:
        phase = call.phase

        def unless_overtaken() -> None:
            if call.phase == phase:
                action()

        self._kernel.after(delay_s, unless_overtaken)
