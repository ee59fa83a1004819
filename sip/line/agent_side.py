"""The agent's side of a call: which phone is called, who talks, what follows when one is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sip.line.agent_leg import AgentLeg
from sip.messages import AgentAddress, AgentBridged, AgentUnreachable

if TYPE_CHECKING:
    from sip.line.call import LineCallInHand

EARLY_AGENT_LIMIT_S = 3.0
LATE_AGENT_LIMIT_S = 0.8
"""Set-up limits of an agent's leg before and after the person has answered."""
LEAST_CHANCE_S = 0.3
"""The dialler's time to name another agent where nobody is with the person any more."""
REJOIN_S = 8.0
"""How long a person whose agent's phone was lost hears music: a phone that died is started again
within one or two seconds, and the talk goes on."""


class AgentSide:
    """`leg`: the phone that is called or up. `talking`: the one who is, or was last, with them."""

    def __init__(self, call: LineCallInHand) -> None:
        self._call = call
        self.leg: AgentLeg | None = None
        self.talking: AgentLeg | None = None

    def connect(self, address: AgentAddress) -> str:
        """Bring this agent's phone in; returns why not, "" if it is under way."""
        call = self._call
        if call.is_ending:
            return "The call is ending."
        if call.record.message_at is not None:
            return "The message is playing already."
        if call.in_charge is not None:
            return "The person is hearing a message with keys."
        if call.arranging.how == "handed_over":
            return "The person was handed over."
        if self.leg is not None:
            is_same = self.leg.address.session_id == address.session_id
            return "" if is_same else "Another agent's phone is on this call."
        # Whoever was in a talk already hears music, and may wait for a phone that has just started.
        is_early = call.record.answered_at is None or call.record.bridged_at is not None
        call.is_judging = False
        self.dial(address, EARLY_AGENT_LIMIT_S if is_early else LATE_AGENT_LIMIT_S)
        return ""

    def dial(self, address: AgentAddress, limit_s: float) -> None:
        call = self._call
        agent = AgentLeg(call.engine, self, address, call.order.attempt_id, limit_s)
        self.leg = agent
        agent.start()

    def dial_again(self, address: AgentAddress) -> None:
        """Call the phone of an agent who had left; if it fails, the person hears the message."""
        self.wait_for_another(EARLY_AGENT_LIMIT_S)
        self.dial(address, EARLY_AGENT_LIMIT_S)

    def wait_for_another(self, limit_s: float = 0.0) -> None:
        """Nobody is with the person: the dialler may name another agent, then the message plays."""
        order = self._call.order
        limit_s = max(LEAST_CHANCE_S, limit_s, order.connect_limit_s - order.message_lead_s)
        self._call.timers.after("connect", limit_s, self._call.start_message)

    def bridged(self) -> None:
        """The bridge joins person and agent: say so once for each agent."""
        agent, call = self.leg, self._call
        if agent is None or self.talking is agent:
            return
        self.talking = agent
        call.timers.cancel("connect")
        now = call.engine.clock.now()
        record, session_id = call.record, agent.address.session_id
        record.bridged_at = record.bridged_at or now
        record.session_id = session_id
        call.engine.wire.emit(
            AgentBridged(seq=0, at=now, attempt_id=call.order.attempt_id, session_id=session_id)
        )
        call.recording.bridged()

    def take_over(self, agent: AgentLeg) -> None:
        """A supervisor's leg takes the agent's place; the agent's phone is hung up."""
        old, self.leg = self.leg, agent
        # Where nobody had talked yet, the bridge's word makes it the first talk.
        self.talking = agent if self._call.record.bridged_at is not None else None
        agent.hand_to(self)
        self._call.timers.cancel("connect")
        self._call.record.session_id = agent.address.session_id
        if old is not None:
            old.end()

    def drop(self) -> None:
        """Hang up on the agent, or give the call to the phone up."""
        agent, self.leg, self.talking = self.leg, None, None
        if agent is not None:
            agent.end()

    # --- AgentLegOwner ------------------------------------------------------------------------

    def agent_up(self, agent: AgentLeg) -> None:
        if agent is self.leg:
            if self.talking is not agent:
                self._call.arranging.agent_came()
            self._call.remix()

    def agent_failed(self, agent: AgentLeg, status: int, sentence: str) -> None:
        if agent is not self.leg:
            return
        call, self.leg = self._call, None
        was_talking, self.talking = self.talking is agent, None
        now = call.engine.clock.now()
        call.engine.wire.emit(
            AgentUnreachable(
                seq=0,
                at=now,
                attempt_id=call.order.attempt_id,
                session_id=agent.address.session_id,
                status=status,
                sentence=sentence,
            )
        )
        if not was_talking or call.is_ending:
            return
        if not call.arranging.has_person:
            call.let_go("agent", "the agent's phone was lost")
        elif not call.arranging.agent_left():
            call.is_queued = True
            left_s = agent.last_heard_mono_s + REJOIN_S - now.mono_s
            call.timers.after("connect", max(LEAST_CHANCE_S, left_s), call.start_message)
            call.remix()

    def agent_hung_up(self, agent: AgentLeg) -> None:
        if agent is not self.leg:
            return
        self.leg = self.talking = None
        if not self._call.arranging.agent_left():
            self._call.let_go("agent", "the agent hung up")

    def connection_broke(self) -> None:
        """A connection of this engine broke; it may have been the agent's."""
        if self.leg is not None:
            self.leg.connection_broke()
