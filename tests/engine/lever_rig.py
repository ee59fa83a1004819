"""A predictive floor whose pacer pulls the levers that the test tells it to pull."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.engine.calls import Call
from dialer_core.model.ids import SessionId
from dialer_core.model.levers import Levers
from dialer_core.model.states import CallStage, Mode
from dialer_core.pacing.view import Decision, FloorView
from tests.engine.rig import CAMPAIGN, Rig


@dataclass
class Told:
    """Launches `launch` once; holds, parks and prefers as it is told until told otherwise."""

    launch: int = 0
    hold: Collection[int] = ()
    park: Collection[int] = ()
    prefer: Sequence[int] = ()
    rule: str = "told"
    seen: FloorView | None = None

    def decide(self, view: FloorView) -> Decision:
        self.seen = view
        launch, self.launch = self.launch, 0
        return Decision(
            launch, self.hold, self.park, self.prefer, f"{launch} as told.", self.rule, {}
        )


class LeverRig(Rig):
    """Seats that are in, and a pacer that does as it is told."""

    def __init__(
        self,
        *,
        seats: int = 1,
        lines: int = 8,
        levers: Levers | None = None,
        parked_an_hour: int = 2,
        people: int = 100,
    ) -> None:
        self.told = Told()
        super().__init__(Mode.PREDICTIVE, lines=lines, people=people, pacer=lambda _: self.told)
        self.campaign = replace(
            self.campaign, levers=levers or Levers(), parked_an_hour=parked_an_hour
        )
        self.send(e.CampaignSet(self.campaign))
        for number in range(1, seats + 1):
            self.seat_in(number)

    def launch(self, count: int) -> list[Call]:
        """So many calls leave now; those that are new."""
        before = {call.attempt_id for call in self.calls}
        self.told.launch = count
        self.send(e.Tick())
        return [call for call in self.calls if call.attempt_id not in before]

    def settings(self, levers: Levers) -> None:
        self.campaign = replace(self.campaign, levers=levers)
        self.send(e.CampaignSet(self.campaign))

    def pause(self, number: int, reason: str = "tea", in_s: float | None = None) -> list[c.Command]:
        at = None if in_s is None else self.clock.now().after(in_s)
        return self.send(e.PauseWanted(SessionId(number), reason, at))

    def ready(self, number: int) -> list[c.Command]:
        return self.send(e.AvailableWanted(SessionId(number)))

    def code(self, number: int, call: Call, code: str = "no") -> list[c.Command]:
        return self.send(e.OutcomeChosen(SessionId(number), call.attempt_id, code))

    def stage(self, number: int, call: Call, stage: str) -> list[c.Command]:
        return self.send(e.StageReached(SessionId(number), call.attempt_id, stage))

    def talk_on(self, call: Call, seconds: float = 20.0) -> None:
        """The call is answered, bridged with the seat that the engine chose, and goes on."""
        self.answer(call)
        assert call.session_id is not None
        self.bridge(call, call.session_id)
        self.clock.advance(seconds)

    def wrap_up(self, number: int = 1) -> Call:
        """A call of the seat's is over, its outcome is outstanding."""
        (call,) = self.launch(1)
        self.talk_on(call)
        assert call.session_id == SessionId(number)
        self.end(call)
        assert call.stage is CallStage.ENDED
        return call

    @property
    def view(self) -> FloorView:
        """The floor as the pacer sees it now."""
        return self.dialler.campaign(CAMPAIGN).view(self.clock.now(), len(self.dialler.lines))
