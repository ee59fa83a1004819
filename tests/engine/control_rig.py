"""A floor on the workbench with a call in progress: the gate's answers, the line's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from dialer_core.engine import commands as c
from dialer_core.engine import control_commands as cc
from dialer_core.engine import control_events as ce
from dialer_core.engine import events as e
from dialer_core.engine.calls import Call
from dialer_core.engine.dialler import Dialler
from dialer_core.model.call_control import (
    Arrangement,
    CallAction,
    CallWish,
    Listening,
    RecordingState,
    ThirdStage,
)
from dialer_core.model.ids import AttemptId, LineId, SessionId
from dialer_core.model.states import Mode
from tests.engine.rig import Rig, record_of

OUTSIDE = "+442079460111"


class ControlRig(Rig):
    """Answers the gate's questions at once, as it is told to."""

    def __init__(
        self,
        mode: Mode = Mode.PROGRESSIVE,
        *,
        seats: int = 2,
        lines: int = 8,
        people: int = 1,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        self.refusal = ""  # the gate's sentence about third parties and numbers by hand
        self.is_gate_slow = False
        named = cast("Mapping[str, float]", settings)  # fields of the campaign by name
        super().__init__(mode, seats=seats, lines=lines, people=people, settings=named)

    def _answer(self, command: c.Command) -> e.Event | None:
        if isinstance(command, cc.ClearThird) and not self.is_gate_slow:
            return self.gate_says(command)
        if isinstance(command, cc.ClearNumber) and not self.is_gate_slow:
            if self.refusal:
                return ce.NumberRefused(command.session_id, self.refusal)
            return ce.NumberCleared(command.session_id, record_of(500))
        return super()._answer(command)

    def gate_says(self, command: cc.ClearThird) -> e.Event:
        if self.refusal:
            return ce.ThirdRefused(command.attempt_id, command.third_ref, self.refusal)
        return ce.ThirdCleared(
            command.attempt_id, command.third_ref, command.number, "+44 20 7946 0111"
        )

    def up(self, session: int = 1) -> Call:
        """The one call of the floor, answered and bridged with that seat."""
        return self.talk(session)

    def wish(
        self,
        call: Call,
        action: CallAction,
        *,
        session: int = 1,
        number: str = "",
        colleague: int | None = None,
        digits: str = "",
    ) -> list[c.Command]:
        other = None if colleague is None else SessionId(colleague)
        wish = CallWish(action, call.attempt_id, number, other, digits)
        return self.send(ce.CallWanted(SessionId(session), wish))

    def arranged(self, call: Call, how: Arrangement, *, has_person: bool = True) -> list[c.Command]:
        return self.send(ce.Arranged(self.line(call), call.attempt_id, how, has_person))

    def third(
        self, call: Call, stage: ThirdStage, status: int = 0, sentence: str = ""
    ) -> list[c.Command]:
        assert call.third is not None
        return self.send(
            ce.ThirdMoved(self.line(call), call.attempt_id, call.third.ref, stage, status, sentence)
        )

    def recording(self, call: Call, state: RecordingState, sentence: str = "") -> list[c.Command]:
        moved = ce.RecordingMoved(self.line(call), call.attempt_id, state, "a.wav", 3.0, sentence)
        return self.send(moved)

    def supervise(self, call: Call, how: Listening, session: int) -> list[c.Command]:
        return self.send(ce.SuperviseWanted(SessionId(session), call.attempt_id, how))

    def supervised(
        self, call: Call, how: Listening | None, session: int, sentence: str = ""
    ) -> list[c.Command]:
        moved = ce.SuperviseMoved(
            self.line(call), call.attempt_id, SessionId(session), how, sentence
        )
        return self.send(moved)

    def consult(self, colleague: int = 2) -> Call:
        """Agent 1 talks with a person, and has that colleague on the line."""
        call = self.up()
        self.wish(call, CallAction.CONSULT, colleague=colleague)
        self.third(call, ThirdStage.RINGING)
        self.third(call, ThirdStage.UP)
        self.arranged(call, Arrangement.CONSULT)
        return call

    def begin_anew(self) -> None:
        """A dialler that knows nothing yet, as after a restart."""
        self.dialler = Dialler(lambda: next(self.ids), self.make_pacer)
        self.send(e.CampaignSet(self.campaign))

    def trouble(self, session: int = 1) -> str:
        return self.seat(session).trouble

    @staticmethod
    def attempt(name: str) -> AttemptId:
        return AttemptId(name)

    @staticmethod
    def line_id(name: str) -> LineId:
        return LineId(name)
