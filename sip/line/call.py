"""The life of one customer call on a line, from the INVITE to `CallEnded`.

Every way through this file ends with the person either talking to an agent, hearing the message,
or being hung up; no way waits for a word from the dialler.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sip.bridge import join
from sip.clock import Timer
from sip.engine import Engine
from sip.errors import KnownError
from sip.leg import Leg, LegEnd, LegResponse
from sip.line.agent_leg import AgentLeg
from sip.line.record import CallRecord, EndedBy, customer_dial
from sip.line.sounds import Message, Ringing
from sip.messages import (
    AgentAddress,
    AgentBridged,
    AgentUnreachable,
    CallAnswered,
    CallProgress,
    LineCall,
    MessageStarted,
    Originate,
    Stamp,
)

if TYPE_CHECKING:
    from pjsua2 import AudioMedia

NO_PROGRESS_S = 12.0
"""Without any 18x for so long the carrier has failed, not the person (COMPLIANCE, early media)."""
CROSSING_LIMIT_S = 4.0
"""How long the final response to a cancelled INVITE is waited for."""
EARLY_AGENT_LIMIT_S = 3.0
LATE_AGENT_LIMIT_S = 0.8
"""Set-up limits of an agent's leg before and after the person has answered."""
LEAST_CHANCE_S = 0.3
"""The dialler's time to name another agent once a talk has lost its own."""
TAIL_S = 0.2
"""From the end of the message's file until its last sound has left the line."""


class LineCallInHand:
    """One attempt. `on_done(self)` comes once, after `CallEnded` was emitted.

    Raises KnownError if the order's message cannot be played.
    """

    def __init__(
        self, engine: Engine, order: Originate, on_done: Callable[[LineCallInHand], None]
    ) -> None:
        self.order = order
        self._engine = engine
        self._on_done = on_done
        self._message: Message | None = None
        if order.message_wav:
            self._message = Message(engine.endpoint, Path(order.message_wav), self._message_over)
        self._ringing = Ringing(engine.endpoint)
        self._record = CallRecord(order, engine.clock.now())
        self._customer: Leg | None = None
        self._agent: AgentLeg | None = None
        self._bridged_agent: AgentLeg | None = None
        self._timers: dict[str, Timer] = {}
        self._is_end_asked = False
        self._is_done = False
        self._held_end: LegEnd | None = None

    # --- dialling ----------------------------------------------------------------------------

    def start(self) -> None:
        """Send the INVITE, and the agent's where the order asks for it at once."""
        order = self.order
        self._record.invite_at = self._engine.clock.now()
        try:
            self._customer = self._engine.endpoint.dial(customer_dial(order), self)
        except KnownError as error:
            self._finish(LegEnd(0, error.sentence, None, "network", self._engine.clock.now()))
            return
        self._record.sip_call_id = self._customer.sip_call_id
        self._after("progress", NO_PROGRESS_S, self._no_progress)
        if order.agent_leg != "on_answer" and order.agent is not None:
            self._dial_agent(order.agent, EARLY_AGENT_LIMIT_S)

    def leg_response(self, _leg: Leg, response: LegResponse) -> None:
        record = self._record
        record.has_response = True
        is_provisional = 100 < response.status < 200
        if not is_provisional or record.answered_at is not None or record.is_cancelled:
            return
        self._cancel("progress")
        if record.note_progress(response):
            self._arm_ring_limit()
            self._engine.wire.emit(
                CallProgress(
                    seq=0,
                    at=response.at,
                    attempt_id=self.order.attempt_id,
                    status=response.status,
                    early_media=response.has_sdp,
                )
            )

    def _arm_ring_limit(self) -> None:
        since = self._record.ring_since
        if since is None:
            return
        order = self.order
        if self._is_end_asked:
            limit_s, action = order.min_ring_s, self._end_for_dialler
        else:
            limit_s, action = max(order.max_ring_s, order.min_ring_s), self._ring_limit
        self._after("ring", since.mono_s + limit_s - self._engine.clock.now().mono_s, action)

    def _no_progress(self) -> None:
        self._let_go("line" if self._record.has_response else "network", "no progress")

    def _ring_limit(self) -> None:
        self._let_go("line", "nobody answered")

    def _end_for_dialler(self) -> None:
        self._let_go("dialler", "ended by the dialler")

    # --- answered ----------------------------------------------------------------------------

    def leg_answered(self, _leg: Leg, at: Stamp) -> None:
        record, order = self._record, self.order
        record.answered_at = at
        if record.is_cancelled:
            record.is_crossed = True
            return
        self._cancel("progress")
        self._cancel("ring")
        self._engine.wire.emit(CallAnswered(seq=0, at=at, attempt_id=order.attempt_id))
        waited_s = self._engine.clock.now().mono_s - at.mono_s
        limit_s = order.connect_limit_s - order.message_lead_s - waited_s
        self._after("connect", max(0.0, limit_s), self._start_message)
        self._after("longest", order.max_call_s, self._too_long)
        self._join_all()

    def leg_media(self, _leg: Leg) -> None:
        self._join_all()

    def _join_all(self) -> None:
        """Bring the bridge into line with what is known now; may be repeated at any time."""
        customer = self._customer.sound() if self._customer is not None else None
        agent = self._agent
        phone = agent.leg.sound() if agent is not None and agent.is_up and agent.leg else None
        silence = self._engine.endpoint.silence()
        # Without this an unbridged leg would send no packets, and its far end count us as lost.
        join(silence, phone)
        if self._record.answered_at is None:
            self._join_early(customer, phone)
            return
        join(silence, customer)
        if self._record.message_at is not None or self._is_ending or agent is None:
            return
        if join(customer, phone) and join(phone, customer):
            self._ringing.stop(phone)
            self._bridged(agent)

    def _join_early(self, customer: AudioMedia | None, phone: AudioMedia | None) -> None:
        """The agent of a preview call hears it ring: the network's own sound, else ours."""
        if self.order.agent_leg != "ringing" or phone is None:
            return
        if join(customer, phone):
            self._ringing.stop(phone)
        else:
            self._ringing.start(phone)

    def _bridged(self, agent: AgentLeg) -> None:
        if self._bridged_agent is agent:
            return
        self._bridged_agent = agent
        self._cancel("connect")
        now = self._engine.clock.now()
        record, session_id = self._record, agent.address.session_id
        record.bridged_at = record.bridged_at or now
        record.session_id = session_id
        self._engine.wire.emit(
            AgentBridged(seq=0, at=now, attempt_id=self.order.attempt_id, session_id=session_id)
        )

    def _too_long(self) -> None:
        self._let_go("line", "the longest time for a call was over")

    # --- the agent's leg ---------------------------------------------------------------------

    def connect(self, address: AgentAddress) -> str:
        """Bring this agent's phone in; returns why not, "" if it is under way."""
        if self._is_ending:
            return "The call is ending."
        if self._record.message_at is not None:
            return "The message is playing already."
        if self._agent is not None:
            is_same = self._agent.address.session_id == address.session_id
            return "" if is_same else "Another agent's phone is on this call."
        is_early = self._record.answered_at is None
        self._dial_agent(address, EARLY_AGENT_LIMIT_S if is_early else LATE_AGENT_LIMIT_S)
        return ""

    def _dial_agent(self, address: AgentAddress, limit_s: float) -> None:
        agent = AgentLeg(self._engine, self, address, self.order.attempt_id, limit_s)
        self._agent = agent
        agent.start()

    def agent_up(self, agent: AgentLeg) -> None:
        if agent is self._agent:
            self._join_all()

    def agent_failed(self, agent: AgentLeg, status: int, sentence: str) -> None:
        if agent is not self._agent:
            return
        self._agent = None
        now = self._engine.clock.now()
        self._engine.wire.emit(
            AgentUnreachable(
                seq=0,
                at=now,
                attempt_id=self.order.attempt_id,
                session_id=agent.address.session_id,
                status=status,
                sentence=sentence,
            )
        )
        if self._bridged_agent is agent and not self._is_ending:
            self._bridged_agent = None
            limit_s = self.order.connect_limit_s - self.order.message_lead_s
            left_s = agent.last_heard_mono_s + limit_s - now.mono_s
            self._after("connect", max(LEAST_CHANCE_S, left_s), self._start_message)

    def agent_hung_up(self, agent: AgentLeg) -> None:
        if agent is self._agent:
            self._agent = None
            self._let_go("agent", "the agent hung up")

    def connection_broke(self) -> None:
        """A connection of this engine broke; it may have been the agent's."""
        if self._agent is not None:
            self._agent.connection_broke()

    def _drop_agent(self) -> None:
        agent, self._agent = self._agent, None
        if agent is not None:
            agent.end()

    # --- the message -------------------------------------------------------------------------

    def play_message(self) -> str:
        """Play the message now; returns why not, "" if it plays."""
        if self._record.answered_at is None or self._is_ending:
            return "Nobody is on the line to hear the message."
        if self._bridged_agent is not None:
            return "An agent is talking to this person."
        self._start_message()
        return ""

    def _start_message(self) -> None:
        if self._record.message_at is not None or self._is_ending:
            return
        self._cancel("connect")
        self._drop_agent()
        customer = self._customer.sound() if self._customer is not None else None
        if not join(self._message, customer):
            self._let_go("line", "nobody was free, and no message could be played")
            return
        now = self._engine.clock.now()
        self._record.message_at = now
        self._engine.wire.emit(MessageStarted(seq=0, at=now, attempt_id=self.order.attempt_id))

    def _message_over(self) -> None:
        self._after("message", TAIL_S, lambda: self._let_go("line", "the message was played"))

    # --- the end -----------------------------------------------------------------------------

    @property
    def _is_ending(self) -> bool:
        return self._record.ended_by is not None or self._is_done

    def end(self, *, is_now: bool) -> None:
        """Hang up for the dialler; ringing is cancelled after its minimum unless `is_now`."""
        if self._is_ending:
            return
        self._is_end_asked = True
        record = self._record
        if record.answered_at is not None or is_now or record.progress_at is None:
            self._end_for_dialler()
        else:
            self._arm_ring_limit()

    def stop(self) -> None:
        """Hang up because this process leaves."""
        self._let_go("line", "the line was stopped")

    def give_up(self) -> None:
        """The process ends now: book what is known."""
        now = self._engine.clock.now()
        self._finish(self._held_end or LegEnd(0, "the line was stopped", None, "us", now))

    def _let_go(self, by: EndedBy, reason: str) -> None:
        if self._is_ending:
            return
        record, leg = self._record, self._customer
        record.ended_by, record.reason = by, reason
        self._cancel_all()
        self._drop_agent()
        if leg is None:
            return
        if not leg.is_answered:
            record.is_cancelled = True
            self._engine.endpoint.watch(leg.sip_call_id)
        leg.end()

    def leg_ended(self, _leg: Leg, end: LegEnd) -> None:
        record = self._record
        is_open = record.is_cancelled and not record.is_crossed and record.has_response
        if end.by == "us" and is_open:
            # PJSIP is done with the call, the network is not: a 200 may still cross our CANCEL.
            self._held_end = end
            self._after("crossing", CROSSING_LIMIT_S, lambda: self._finish(end))
        else:
            self._finish(end)

    def late_response(self, sip_call_id: str, status: int) -> None:
        """The final response to an INVITE that was cancelled."""
        if self._record.sip_call_id != sip_call_id or self._is_done:
            return
        if status // 100 == 2:
            self._record.is_crossed = True
            self._record.answered_at = self._engine.clock.now()
        if self._held_end is not None:
            self._finish(self._held_end)

    def _finish(self, end: LegEnd) -> None:
        if self._is_done:
            return
        self._is_done = True
        self._cancel_all()
        self._drop_agent()
        if self._message is not None:
            self._message.let_go()
            self._message = None
        self._engine.endpoint.unwatch(self._record.sip_call_id)
        self._engine.wire.emit(self._record.ended(end, self._engine.clock.now()))
        self._on_done(self)

    # --- for whoever asks --------------------------------------------------------------------

    def snapshot(self) -> LineCall:
        stage = self._record.stage(
            has_agent=self._agent is not None, is_talking=self._bridged_agent is not None
        )
        return self._record.snapshot(stage)

    def _after(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        self._cancel(name)
        self._timers[name] = self._engine.timers.after(seconds, action)

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _cancel_all(self) -> None:
        for name in list(self._timers):
            self._cancel(name)
