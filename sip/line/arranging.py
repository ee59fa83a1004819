"""Who talks with whom in a call that is up: hold, consultation, conference, handing over.

What happens when somebody leaves:
- the agent, while the third party rings or is up: the call is handed over, as a desk phone's
  transfer does; without a third party the call ends;
- the third party: person and agent talk again; handed over before, the call ends;
- the person, while agent and third party are up: those two talk on until one of them hangs up;
- a third party who was handed the person fails: the agent's phone is called (`back_to`), else the
  dialler may bring another agent, else the person hears the message. Never silence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sip.line.third import Third
from sip.messages import (
    AgentAddress,
    Arrangement,
    CallArranged,
    DialThird,
    Seat,
    ThirdChanged,
    ThirdStage,
)

if TYPE_CHECKING:
    from sip.line.call import LineCallInHand

_NUMBER = re.compile(r"[+0-9A-Za-z*#._-]{1,64}")


class Arranging:
    """The arrangement of one call and its third party. Objections come back as sentences."""

    def __init__(self, call: LineCallInHand) -> None:
        self._call = call
        self.how: Arrangement = "talk"
        self.third: Third | None = None
        self.has_person = True
        self._is_blind = False
        self._back_to: Seat | None = None
        self._told: tuple[Arrangement, bool] | None = ("talk", True)
        self._told_stage: ThirdStage = "gone"

    # --- commands -----------------------------------------------------------------------------

    def arrange(self, how: Arrangement) -> str:
        """Change who talks with whom; returns why not, "" if it is done."""
        sentence = self._objection() or self._objection_to(how)
        if sentence:
            return sentence
        self._is_blind = False
        self._told = None  # whoever asks is told, also where nothing changes
        self._set(how)
        if how == "handed_over":
            self._call.agent_side.drop()
            self._call.remix()
        return ""

    def _objection(self) -> str:
        if self._call.is_ending:
            return "The call is ending."
        if not self.has_person:
            return "The person has hung up."
        if self.how == "handed_over":
            return "The person was handed over; the agent has left."
        if self._call.agent_side.talking is None:
            return "No agent is talking to this person."
        return ""

    def _objection_to(self, how: Arrangement) -> str:
        third = self.third
        if third is not None and third.stage != "up":
            return "The third party has not answered yet; wait, or give it up first."
        if third is None and how not in ("talk", "hold"):
            return "That needs a third party who has answered."
        return ""

    def dial_third(self, order: DialThird) -> str:
        """Call a third party; the person hears music meanwhile."""
        sentence = self._objection() or self._objection_to_third(order)
        if sentence:
            return sentence
        self._is_blind, self._back_to = order.is_blind, order.back_to
        third = Third(self._call.engine, self, order, self._call.order)
        self.third = third
        self._tell_third(third, "dialling")
        if order.is_blind:
            self._call.agent_side.drop()
        self._set("hold")
        third.start()
        return ""

    def _objection_to_third(self, order: DialThird) -> str:
        if self.third is not None:
            return "A third party is on this call already."
        if order.seat is not None:
            return ""
        if not _NUMBER.fullmatch(order.number) or order.gateway is None:
            return "A third party needs a number and a gateway, or a colleague's phone."
        if order.caller_id and not _NUMBER.fullmatch(order.caller_id):
            return "The caller's number has signs that no number has."
        if "{number}" not in order.gateway.uri_template:
            return "The gateway's address has no {number} in it."
        return ""

    def drop_third(self) -> str:
        """Give the third party up at any stage; person and agent talk again."""
        third = self.third
        if third is None:
            return "There is no third party on this call."
        if self.how == "handed_over":
            return "The person was handed over; end the call instead."
        third.end()
        self._after_third("", is_hang_up=False, was_up=False)
        return ""

    # --- ThirdOwner ---------------------------------------------------------------------------

    def third_changed(self, third: Third) -> None:
        if third is not self.third:
            return
        if third.stage != self._told_stage:
            self._tell_third(third, third.stage)
            if third.stage == "up":
                has_agent = self._call.agent_side.talking is not None and not self._is_blind
                self._set("consult" if has_agent else "handed_over")
                return
        self._call.remix()

    def third_gone(self, third: Third, status: int, sentence: str, *, is_hang_up: bool) -> None:
        if third is self.third:
            was_up = self._told_stage == "up"
            self._after_third(sentence, is_hang_up=is_hang_up, was_up=was_up, status=status)

    def _after_third(
        self, sentence: str, *, is_hang_up: bool, was_up: bool, status: int = 0
    ) -> None:
        third, self.third = self.third, None
        assert third is not None
        self._tell_third(third, "gone", status, sentence)
        was_handed_over = self.how == "handed_over"
        if not self.has_person or (was_handed_over and was_up and is_hang_up):
            self._call.let_go("agent", "the third party hung up")
        elif self._call.agent_side.talking is not None:
            self._set("talk")
        else:
            self._bring_agent_back()

    def _bring_agent_back(self) -> None:
        """Nobody is with the person: music, and the agent's phone is called again."""
        back_to, self._back_to = self._back_to, None
        self._is_blind = False
        self._set("hold")
        if back_to is None:
            self._call.agent_side.wait_for_another()
            return
        self._call.agent_side.dial_again(
            AgentAddress(session_id=back_to.session_id, uri=back_to.uri, token=back_to.token)
        )

    # --- somebody else leaves or comes --------------------------------------------------------

    def agent_came(self) -> None:
        """An agent's phone is up again after the person was alone: they talk."""
        if self.how == "hold" and self.third is None:
            self.how = "talk"

    def agent_left(self) -> bool:
        """The agent has gone; True if the call goes on with the third party."""
        third = self.third
        if third is None:
            return False
        if not self.has_person:
            return False
        if third.stage == "up":
            self._set("handed_over")
        else:
            self._is_blind = True
            self._set("hold")
        return True

    def person_left(self) -> bool:
        """The person has hung up; True if agent and third party talk on."""
        third = self.third
        if third is None or third.stage != "up" or self._call.agent_side.talking is None:
            return False
        self.has_person = False
        self._set("consult")
        return True

    def reset_for(self, *, has_third: bool) -> None:
        """A supervisor has taken the agent's place: with the person, and a third if there is."""
        if self.how == "handed_over" or has_third:
            self._set("conference")
        elif self.third is None:
            self._set("talk")

    def end(self) -> None:
        """The call ends: hang up on the third party."""
        third, self.third = self.third, None
        if third is not None:
            third.end()
            self._tell_third(third, "gone")

    # --- inside -------------------------------------------------------------------------------

    @property
    def rings_to_person(self) -> bool:
        """Whether it is the person, not the agent, who hears the third party's phone ring."""
        return self._is_blind or self._call.agent_side.talking is None

    def _set(self, how: Arrangement) -> None:
        self.how = how
        self._call.remix()

    def tell(self) -> None:
        """The bridge agrees with what is wanted: say so if it is news."""
        now = (self.how, self.has_person)
        if now != self._told:
            self._told = now
            call = self._call
            call.engine.wire.emit(
                CallArranged(
                    seq=0,
                    at=call.engine.clock.now(),
                    attempt_id=call.order.attempt_id,
                    how=self.how,
                    has_person=self.has_person,
                )
            )

    def _tell_third(
        self, third: Third, stage: ThirdStage, status: int = 0, sentence: str = ""
    ) -> None:
        self._told_stage = stage
        call = self._call
        call.engine.wire.emit(
            ThirdChanged(
                seq=0,
                at=call.engine.clock.now(),
                attempt_id=call.order.attempt_id,
                third_ref=third.order.third_ref,
                stage=stage,
                status=status or third.status,
                sentence=sentence,
            )
        )
