"""The supervisor's leg: listens, whispers, barges in, takes the agent's place; joins muted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sip.line.agent_leg import AgentLeg
from sip.messages import AgentAddress, Listening, Seat, SuperviseChanged

if TYPE_CHECKING:
    from sip.line.call import LineCallInHand

SET_UP_LIMIT_S = 3.0


class Supervising:
    """At most one supervisor in a call. `how` is None until the phone is up."""

    def __init__(self, call: LineCallInHand) -> None:
        self._call = call
        self.leg: AgentLeg | None = None
        self.how: Listening | None = None
        self._wanted: Listening = "listen"
        self._told: Listening | None = None

    def supervise(self, seat: Seat, how: Listening) -> str:
        """Bring the supervisor's phone in, or change how it takes part; returns why not, or ""."""
        call = self._call
        if call.is_ending or call.record.answered_at is None:
            return "Nobody is on the line to listen to."
        if call.record.message_at is not None:
            return "The message is playing."
        if self.leg is not None and self.leg.address.session_id != seat.session_id:
            return "Another supervisor is on this call."
        talking = call.agent_side.talking
        if talking is not None and talking.address.session_id == seat.session_id:
            return "This supervisor has the call already; hang up to end it."
        if how == "take_over" and not call.arranging.has_person:
            return "The person has hung up."
        self._wanted = how
        if self.leg is None:
            address = AgentAddress(session_id=seat.session_id, uri=seat.uri, token=seat.token)
            attempt_id = call.order.attempt_id
            self.leg = AgentLeg(
                call.engine, self, address, attempt_id, SET_UP_LIMIT_S, "supervisor's"
            )
            self.leg.start()
        elif self.leg.is_up:
            self._take_part()
        return ""

    def end_supervise(self) -> str:
        """The supervisor leaves; the call goes on. Returns why not, or ""."""
        if self.leg is None:
            return "No supervisor is on this call."
        self.end()
        self._call.remix()
        return ""

    def end(self) -> None:
        """Hang up on the supervisor."""
        leg, self.leg, self.how = self.leg, None, None
        if leg is not None:
            leg.end()
            self._tell(leg, None)

    def _take_part(self) -> None:
        leg = self.leg
        assert leg is not None
        if self._wanted != "take_over":
            self.how = self._wanted
            self._call.remix()
            return
        call, third = self._call, self._call.arranging.third
        self.leg = self.how = None
        call.agent_side.take_over(leg)
        call.arranging.reset_for(has_third=third is not None and third.stage == "up")
        call.remix()
        self._tell(leg, "take_over")

    def tell(self) -> None:
        """The bridge agrees with what is wanted: say so if it is news."""
        if self.leg is not None and self.how is not None and self.how != self._told:
            self._tell(self.leg, self.how)

    def _tell(self, leg: AgentLeg, how: Listening | None, sentence: str = "") -> None:
        self._told = None if how == "take_over" else how
        call = self._call
        call.engine.wire.emit(
            SuperviseChanged(
                seq=0,
                at=call.engine.clock.now(),
                attempt_id=call.order.attempt_id,
                session_id=leg.address.session_id,
                how=how,
                sentence=sentence,
            )
        )

    # --- AgentLegOwner ------------------------------------------------------------------------

    def agent_up(self, agent: AgentLeg) -> None:
        if agent is not self.leg:
            return
        if self.how is None:
            self._take_part()
        else:
            self._call.remix()

    def agent_failed(self, agent: AgentLeg, _status: int, sentence: str) -> None:
        self._gone(agent, sentence)

    def agent_hung_up(self, agent: AgentLeg) -> None:
        self._gone(agent, "")

    def _gone(self, agent: AgentLeg, sentence: str) -> None:
        if agent is self.leg:
            self.leg = self.how = None
            self._call.remix()
            self._tell(agent, None, sentence)

    def connection_broke(self) -> None:
        if self.leg is not None:
            self.leg.connection_broke()
