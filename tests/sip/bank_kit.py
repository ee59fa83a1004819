"""A bank of real lines with an engine behind it, for tests of what both make of the world."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from app.clock import WallClock
from app.dialler.line_bank import LineBank, LineFiles
from app.dialler.line_ear import Acknowledge
from app.profile import Profile, open_profile
from dialer_core.clock import Instant
from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.model.ids import LineId
from dialer_core.model.states import Mode
from dialer_core.rules.gateways import GatewayLimits
from tests.engine.rig import Launches
from tests.engine.trunk_rig import TrunkRig
from tests.sip.line_kit import MESSAGE, order

LINES = [LineId(f"line{number}") for number in range(3)]


class BankRig:
    """A bank of real lines, and an engine that is told what they say."""

    def __init__(self, profile: Profile, limits: Sequence[GatewayLimits]) -> None:
        self.told: list[tuple[float, e.Event]] = []
        self.profile = profile
        words = {"seats": 3, "lines": 0, "pacer": lambda _: Launches()}
        self.rig = TrunkRig(limits, Mode.PREDICTIVE, **words)
        self.rig.clock = WallClock()  # type: ignore[assignment]  # the lines' own time
        self.bank: LineBank

    def tell(self, event: e.Event, at: Instant, _done: Acknowledge | None) -> None:
        self.told.append((time.monotonic(), event))
        self.rig.send(event, at)

    async def open(self) -> None:
        self.bank = LineBank(LineFiles(self.profile, ()), WallClock(), 1, self.tell)
        await self.bank.open(LINES)

    def dial(self, address: str | Mapping[str, str]) -> str:
        """The engine launches one call; the line that it chose dials there (by the gateway)."""
        self.rig.make_launch(1)
        left = self.rig.all_of(c.Originate)[-1]
        if not isinstance(address, str):
            address = address[left.gateway]
        sent = order(address, MESSAGE, attempt_id=left.attempt_id, connect_limit_s=30.0)
        assert self.bank.send(left.line_id, msgspec.structs.replace(sent, max_call_s=60.0))
        return left.attempt_id

    async def until(self, what: Callable[[], object], limit_s: float = 8.0) -> None:
        until_s = time.monotonic() + limit_s
        while not what():
            assert time.monotonic() < until_s, [
                (at_s, type(one).__name__) for at_s, one in self.told
            ]
            await asyncio.sleep(0.005)

    def after(self, began_s: float, kind: type[e.Event]) -> float | None:
        """How long after that moment an event of this kind was told first; None: not yet."""
        found = (at_s - began_s for at_s, one in self.told if at_s > began_s and type(one) is kind)
        return next(found, None)

    def line_of(self, attempt_id: str) -> LineId:
        return next(
            one.line_id for one in self.rig.all_of(c.Originate) if one.attempt_id == attempt_id
        )

    def pid(self, line_id: LineId) -> int:
        return self.bank._launched[line_id].pid


def run(
    work: Callable[[BankRig], Awaitable[None]],
    tmp_path: Path,
    limits: Sequence[GatewayLimits] = (),
) -> None:
    """Do `work` with a bank that is open, and close it."""
    made = BankRig(open_profile(tmp_path), limits)

    async def whole() -> None:
        await made.open()
        try:
            await work(made)
        finally:
            await made.bank.close(shut_lines=True)

    asyncio.run(whole())
