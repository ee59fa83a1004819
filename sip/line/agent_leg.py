"""The leg to a phone of the floor (an agent's, a colleague's, a supervisor's).

It is set up within a limit and watched for silence on the wire.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sip.clock import Timer
from sip.endpoint import Dial
from sip.engine import Engine
from sip.errors import KnownError
from sip.leg import Leg, LegEnd, LegResponse, SilentListener
from sip.line.room import ROOM_LIMIT_S, once_there_is_room
from sip.messages import AgentAddress, Stamp

CHECK_S = 0.1
STALL_S = 1.5
"""Without a packet from the phone for so long the leg counts as lost."""
BROKEN_STALL_S = 0.3
"""The same where the connection to the phone has just broken as well."""


class AgentLegOwner(Protocol):
    """Who is told, on the engine's thread; each at most once a leg, except `agent_media`."""

    def agent_up(self, agent: AgentLeg) -> None:
        """The phone has answered and its sound is active; comes again after a re-INVITE."""

    def agent_failed(self, agent: AgentLeg, status: int, sentence: str) -> None:
        """It could not be set up, or was lost without a hang-up."""

    def agent_hung_up(self, agent: AgentLeg) -> None:
        """The phone has ended the call in order."""


class AgentLeg:
    """One INVITE to one phone of the floor; `whose` phone it is stands in what is said of it.

    `limit_s`: how long the set-up may take. `last_heard_mono_s`: when the phone's last packet
    was seen (to a tenth of a second), for whoever must know how long a person has heard nothing.
    """

    def __init__(
        self,
        engine: Engine,
        owner: AgentLegOwner,
        address: AgentAddress,
        attempt_id: str,
        limit_s: float,
        whose: str = "agent's",
    ) -> None:
        self.address = address
        self.is_up = False
        self.last_heard_mono_s = engine.clock.now().mono_s
        self._engine = engine
        self._owner: AgentLegOwner | None = owner
        self._limit_s = limit_s
        self._whose = whose
        self._attempt_id = attempt_id
        self._packets = -1
        self._broken_at_s: float | None = None
        self.leg: Leg | None = None
        self._timer: Timer | None = None

    def start(self) -> None:
        """Send the INVITE; failure comes as `agent_failed`, also from within this call."""
        limit_s = min(ROOM_LIMIT_S, self._limit_s)
        once_there_is_room(self._dial, self._not_dialled, self._arm, limit_s)

    def _dial(self) -> None:
        dial = Dial(
            uri=self.address.uri,
            is_seat=True,
            headers=(
                ("X-Callfloor-Attempt", self._attempt_id),
                ("X-Callfloor-Token", self.address.token),
            ),
        )
        self.leg = self._engine.endpoint.dial(dial, self)
        self._arm(self._limit_s, self._too_slow)

    def _not_dialled(self, error: KnownError) -> None:
        self._fail(0, error.sentence)

    def _arm(self, delay_s: float, action: Callable[[], None]) -> None:
        self._timer = self._engine.timers.after(delay_s, action)

    def hand_to(self, owner: AgentLegOwner) -> None:
        """From now on `owner` is told: a supervisor's leg becomes the agent's."""
        if self._owner is not None:
            self._owner = owner

    def end(self) -> None:
        """Hang up or cancel; nobody is told any more."""
        self._owner = None
        self._stop_timer()
        if self.leg is not None:
            self.leg.listener = SilentListener()
            self.leg.end()

    def connection_broke(self) -> None:
        """Some connection of this engine broke: look sharper at the packets for a second."""
        self._broken_at_s = self._engine.clock.now().mono_s

    # --- LegListener --------------------------------------------------------------------------

    def leg_response(self, _leg: Leg, _response: LegResponse) -> None: ...

    def leg_answered(self, _leg: Leg, _at: Stamp) -> None:
        self._look()

    def leg_media(self, _leg: Leg) -> None:
        self._look()

    def leg_ended(self, _leg: Leg, end: LegEnd) -> None:
        if end.by == "them" and end.status == 200:
            owner, self._owner = self._owner, None
            self._stop_timer()
            if owner is not None:
                owner.agent_hung_up(self)
        elif self.is_up:
            self._fail(end.status, f"The connection to the {self._whose} phone broke.")
        else:
            why = f"{end.status} {end.reason}"
            self._fail(end.status, f"The {self._whose} phone did not answer: {why}.")

    # --- inside -------------------------------------------------------------------------------

    def _look(self) -> None:
        leg = self.leg
        if self._owner is None or leg is None or not leg.is_answered or leg.sound() is None:
            return
        if not self.is_up:
            self.is_up = True
            self._stop_timer()
            self.last_heard_mono_s = self._engine.clock.now().mono_s
            self._arm(CHECK_S, self._check)
        self._owner.agent_up(self)

    def _check(self) -> None:
        leg = self.leg
        if self._owner is None or leg is None:
            return
        now_s = self._engine.clock.now().mono_s
        packets = leg.packets_heard()
        if packets is not None and packets != self._packets:
            self._packets = packets
            self.last_heard_mono_s = now_s
        is_broken = self._broken_at_s is not None and now_s - self._broken_at_s < 1.0
        quiet_s = now_s - self.last_heard_mono_s
        if quiet_s >= (BROKEN_STALL_S if is_broken else STALL_S):
            self._fail(0, f"The {self._whose} phone has fallen silent on the wire.")
            leg.listener = SilentListener()
            leg.end()
        else:
            self._arm(CHECK_S, self._check)

    def _too_slow(self) -> None:
        self._fail(408, f"The {self._whose} phone did not answer within {self._limit_s:g} s.")
        if self.leg is not None:
            self.leg.listener = SilentListener()
            self.leg.end()

    def _fail(self, status: int, sentence: str) -> None:
        owner, self._owner = self._owner, None
        self._stop_timer()
        if owner is not None:
            owner.agent_failed(self, status, sentence)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
