"""The rig with gateways of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.engine.calls import Call
from dialer_core.engine.dialler import Dialler
from dialer_core.model.states import Mode
from dialer_core.rules.gateways import GatewayLimits, Gateways
from tests.engine.rig import Rig


class TrunkRig(Rig):
    """The rig with gateways."""

    def __init__(self, limits: Sequence[GatewayLimits], mode: Mode, **words: object) -> None:
        self.limits = limits
        super().__init__(mode, **words)  # type: ignore[arg-type]  # passed on as they come

    def send(self, event: e.Event, at: object = None) -> list[c.Command]:
        if isinstance(event, e.CampaignSet) and not self.dialler.lines:
            gateways = Gateways(self.limits)
            self.dialler = Dialler(lambda: next(self.ids), self.make_pacer, gateways)
        return super().send(event)

    def fail(self, call: Call, status: int = 503, *, q850: int | None = None) -> list[c.Command]:
        """The gateway says no before anything has rung."""
        now = self.clock.now()
        facts = replace(
            self.facts(call, status, "network"), invite=now, progress=None, ringing=None, q850=q850
        )
        return self.send(e.CallEnded(self.line(call), call.attempt_id, facts))

    @property
    def ways(self) -> list[str]:
        """The gateways of all calls that have left, in their order."""
        return [order.gateway for order in self.all_of(c.Originate)]

    @property
    def closed(self) -> list[c.CloseAttempt]:
        return self.all_of(c.CloseAttempt)
