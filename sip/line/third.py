"""The third party's leg: a number through a gateway, or a colleague's phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sip.clock import Timer
from sip.engine import Engine
from sip.errors import KnownError
from sip.leg import Leg, LegEnd, LegResponse, SilentListener
from sip.line.agent_leg import AgentLeg
from sip.line.room import once_there_is_room
from sip.line.trunk_dial import trunk_dial
from sip.messages import AgentAddress, DialThird, Originate, Stamp, ThirdStage

SEAT_LIMIT_S = 3.0
"""A colleague's phone answers by itself: longer than this it is not there."""
_WORDS = {
    403: "refused the call",
    404: "does not exist",
    408: "did not answer",
    410: "does not exist any more",
    480: "cannot be reached just now",
    484: "is not complete",
    486: "is busy",
    487: "did not answer",
    600: "is busy",
    603: "refused the call",
    604: "does not exist",
    607: "refused the call",
}


class ThirdOwner(Protocol):
    """Who is told, on the engine's thread; nothing comes after `third_gone`."""

    def third_changed(self, third: Third) -> None:
        """It rings, sends sound, or has answered: see its `stage` and `has_sound`."""

    def third_gone(self, third: Third, status: int, sentence: str, *, is_hang_up: bool) -> None:
        """It could not be had, or has ended. `is_hang_up`: by its own will, after the answer."""


class Third:
    """One call to a third party. `stage` is dialling, ringing, up or gone; `status` the last."""

    def __init__(
        self, engine: Engine, owner: ThirdOwner, order: DialThird, original: Originate
    ) -> None:
        self.order = order
        self.stage: ThirdStage = "dialling"
        self.status = 0
        self._engine = engine
        self._owner: ThirdOwner | None = owner
        self._original = original
        self._trunk_leg: Leg | None = None
        self._seat_leg: AgentLeg | None = None
        self._timer: Timer | None = None

    @property
    def leg(self) -> Leg | None:
        return self._seat_leg.leg if self._seat_leg is not None else self._trunk_leg

    @property
    def has_sound(self) -> bool:
        """Whether it sends sound of its own already (early media before the answer)."""
        leg = self.leg
        return leg is not None and leg.sound() is not None

    def start(self) -> None:
        """Send the INVITE; failure comes as `third_gone`, also from within this call."""
        order = self.order
        if order.seat is not None:
            seat = order.seat
            address = AgentAddress(session_id=seat.session_id, uri=seat.uri, token=seat.token)
            limit_s = min(order.limit_s, SEAT_LIMIT_S)
            self._seat_leg = AgentLeg(
                self._engine, self, address, order.attempt_id, limit_s, "colleague's"
            )
            self._seat_leg.start()
        else:
            once_there_is_room(self._dial, self._not_dialled, self._arm)

    def _dial(self) -> None:
        order = self.order
        gateway = order.gateway or self._original.gateway
        caller_id = order.caller_id or self._original.caller_id
        attempt_id = order.attempt_id if gateway.send_attempt_id else ""
        dial = trunk_dial(gateway, order.number, caller_id, attempt_id)
        self._trunk_leg = self._engine.endpoint.dial(dial, self)
        self._arm(order.limit_s, self._nobody_answered)

    def _not_dialled(self, error: KnownError) -> None:
        self._gone(0, error.sentence)

    def _arm(self, delay_s: float, action: Callable[[], None]) -> None:
        self._timer = self._engine.timers.after(delay_s, action)

    def end(self) -> None:
        """Hang up or cancel; nobody is told any more."""
        self._owner = None
        self.stage = "gone"
        self._stop_timer()
        if self._seat_leg is not None:
            self._seat_leg.end()
        elif self._trunk_leg is not None:
            self._trunk_leg.listener = SilentListener()
            self._trunk_leg.end()

    def connection_broke(self) -> None:
        """Some connection of this engine broke; it may have been the colleague's."""
        if self._seat_leg is not None:
            self._seat_leg.connection_broke()

    # --- a number: LegListener ----------------------------------------------------------------

    def leg_response(self, _leg: Leg, response: LegResponse) -> None:
        if 100 < response.status < 200 and self.stage in ("dialling", "ringing"):
            self._now("ringing", response.status)

    def leg_answered(self, _leg: Leg, _at: Stamp) -> None:
        self._stop_timer()
        self._now("up", 200)

    def leg_media(self, _leg: Leg) -> None:
        if self._owner is not None:
            self._owner.third_changed(self)

    def leg_ended(self, _leg: Leg, end: LegEnd) -> None:
        if self.stage == "up":
            is_hang_up = end.by == "them"
            words = "has hung up" if is_hang_up else "was lost"
            self._gone(end.status, f"The third party {words}.", is_hang_up=is_hang_up)
        else:
            self._gone(end.status, refusal(end.status, end.reason))

    def _nobody_answered(self) -> None:
        leg = self._trunk_leg
        self._gone(408, f"The third party did not answer within {self.order.limit_s:g} s.")
        if leg is not None:
            leg.listener = SilentListener()
            leg.end()

    # --- a colleague: AgentLegOwner -----------------------------------------------------------

    def agent_up(self, _agent: AgentLeg) -> None:
        self._now("up", 200)

    def agent_failed(self, _agent: AgentLeg, status: int, sentence: str) -> None:
        self._gone(status, sentence)

    def agent_hung_up(self, _agent: AgentLeg) -> None:
        self._gone(200, "The colleague has hung up.", is_hang_up=True)

    # --- inside -------------------------------------------------------------------------------

    def _now(self, stage: ThirdStage, status: int) -> None:
        if self._owner is not None:
            self.stage, self.status = stage, status
            self._owner.third_changed(self)

    def _gone(self, status: int, sentence: str, *, is_hang_up: bool = False) -> None:
        owner, self._owner = self._owner, None
        self.stage, self.status = "gone", status
        self._stop_timer()
        if owner is not None:
            owner.third_gone(self, status, sentence, is_hang_up=is_hang_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def refusal(status: int, reason: str) -> str:
    """Why a third party could not be had, as a sentence."""
    if status in _WORDS:
        return f"The third party {_WORDS[status]}."
    if status >= 500 or status == 0:
        return f"The trunk could not place the call ({status or 'no answer'}); try again."
    return f"The third party could not be reached: {status} {reason}."
