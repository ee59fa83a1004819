"""Which gateway the next call takes, and how many calls may leave now. Pure.

The gateways of a floor stand in the order of preference. Each has a limit of calls at a time, one
of calls a second, and its health (`rules.trunk`); all campaigns share them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dialer_core.model.states import Outcome
from dialer_core.rules.trunk import TrunkWatch, is_trunk_trouble

_HAIR_S = 1e-9  # sums of fractions of a second do not come out even


@dataclass(frozen=True, slots=True)
class GatewayLimits:
    """What a gateway takes. None: no limit is known.

    `burst`: so many calls may leave at once after a rest; with 1 they leave evenly, and no second
    ever sees more than `calls_a_second` and one.
    """

    name: str
    channels: int | None = None
    calls_a_second: float | None = None
    burst: int = 1


class TokenBucket:
    """Calls a second, counted in virtual time (the generic cell rate algorithm, ITU-T I.371).

    `_full_s` is when the bucket will be full again if nothing more is taken.
    """

    def __init__(self, a_second: float, burst: int = 1) -> None:
        if not (a_second > 0.0 and math.isfinite(a_second)) or burst < 1:
            raise ValueError("a rate above 0 and a burst of 1 at least are needed")
        self._step_s = 1.0 / a_second
        self._burst = burst
        self._full_s = -math.inf

    def left(self, now_s: float) -> int:
        """How many may be taken now."""
        owed_s = max(0.0, self._full_s - now_s)
        return max(0, math.floor(self._burst - (owed_s - _HAIR_S) / self._step_s))

    def take(self, now_s: float) -> None:
        """One is taken."""
        self._full_s = max(self._full_s, now_s) + self._step_s

    def give_back(self) -> None:
        """One that was taken was not used."""
        self._full_s -= self._step_s

    def next_s(self) -> float:
        """When one may be taken, at the earliest."""
        return self._full_s - (self._burst - 1) * self._step_s


def _bucket(limits: GatewayLimits) -> TokenBucket | None:
    return TokenBucket(limits.calls_a_second, limits.burst) if limits.calls_a_second else None


class _Gateway:
    def __init__(self, limits: GatewayLimits) -> None:
        self.limits = limits
        self.watch = TrunkWatch(limits.name)
        self.in_use: set[str] = set()
        self.bucket = _bucket(limits)

    def set_limits(self, limits: GatewayLimits) -> None:
        before, self.limits = self.limits, limits
        if (before.calls_a_second, before.burst) != (limits.calls_a_second, limits.burst):
            self.bucket = _bucket(limits)

    @property
    def free_channels(self) -> int | None:
        channels = self.limits.channels
        return None if channels is None else max(0, channels - len(self.in_use))

    def room(self, now_s: float) -> int | None:
        tokens = self.bucket.left(now_s) if self.bucket is not None else None
        limits = (self.free_channels, tokens, self.watch.room(now_s))
        return min((one for one in limits if one is not None), default=None)

    def next_s(self, now_s: float) -> float | None:
        """When time alone gives room; None where a call must end first, or there is room."""
        if self.free_channels == 0:
            return None
        pause_s = self.watch.next_try_s(now_s)
        if pause_s is None and self.watch.room(now_s) == 0:
            return None
        token_s = self.bucket.next_s() if self.bucket is not None else -math.inf
        due_s = max(token_s, pause_s if pause_s is not None else -math.inf)
        return due_s if due_s > now_s else None


class Gateways:
    """All gateways of a floor. Times in seconds on one monotonic scale.

    Without any, one stands in that sets no limit (the simulator's, a test's).
    """

    def __init__(self, limits: Sequence[GatewayLimits] = ()) -> None:
        self._all = {one.name: _Gateway(one) for one in limits or (GatewayLimits(""),)}
        if len(self._all) < len(limits):
            raise ValueError("two gateways have the same name")
        self._of: dict[str, _Gateway] = {}

    def renew(self, limits: Sequence[GatewayLimits]) -> None:
        """The gateways are these now; what is known of one that stays is kept, and its calls.

        Calls on one that is gone go on and count for nobody.
        """
        if not limits or len({one.name for one in limits}) < len(limits):
            raise ValueError("gateways are needed, each with a name of its own")
        before = self._all
        self._all = {one.name: before.get(one.name) or _Gateway(one) for one in limits}
        for one in limits:
            self._all[one.name].set_limits(one)

    # --- what happens -----------------------------------------------------------------------

    def choose(self, now_s: float) -> str | None:
        """The first gateway that has room and has not just refused; else the first with room."""
        with_room = [one for one in self._all.values() if one.room(now_s) != 0]
        well = (one for one in with_room if not one.watch.is_shunned(now_s))
        found = next(well, with_room[0] if with_room else None)
        return None if found is None else found.limits.name

    def launched(self, attempt: str, name: str, now_s: float) -> None:
        """A channel of the gateway and one of its calls a second are this attempt's."""
        gateway = self._all[name]
        self._take_channel(attempt, gateway)
        gateway.watch.launched(attempt, now_s)
        if gateway.bucket is not None:
            gateway.bucket.take(now_s)

    def adopted(self, attempt: str, name: str) -> None:
        """A call was already in progress there; an unknown name is passed over."""
        gateway = self._all.get(name)
        if gateway is not None and attempt not in self._of:
            self._take_channel(attempt, gateway)

    def _take_channel(self, attempt: str, gateway: _Gateway) -> None:
        self._of[attempt] = gateway
        gateway.in_use.add(attempt)

    def withdrawn(self, attempt: str) -> None:
        """It never left: its channel and its place in the second are free again."""
        gateway = self._of.get(attempt)
        if gateway is not None and gateway.bucket is not None:
            gateway.bucket.give_back()
        self.gone(attempt)

    def got_through(self, attempt: str) -> None:
        """It rings, or somebody has answered."""
        gateway = self._of.get(attempt)
        if gateway is not None:
            gateway.watch.got_through(attempt)

    def ended(
        self, attempt: str, outcome: Outcome, status: int, *, rang: bool, now_s: float
    ) -> bool:
        """A call is over; True where it failed for the trunk's sake and tells nothing of a person.

        `rang`: something came back from beyond the gateway. The channel stays the attempt's until
        `gone`.
        """
        gateway = self._of.get(attempt)
        if gateway is not None:
            gateway.watch.ended(attempt, outcome, status, rang=rang, now_s=now_s)
        return is_trunk_trouble(outcome, rang=rang)

    def gone(self, attempt: str) -> None:
        """The attempt is closed: its channel is free."""
        gateway = self._of.pop(attempt, None)
        if gateway is not None:
            gateway.in_use.discard(attempt)
            gateway.watch.gone(attempt)

    # --- what follows -----------------------------------------------------------------------

    def of(self, attempt: str) -> str:
        """The name of the gateway that an open attempt has taken; "" where none is known."""
        gateway = self._of.get(attempt)
        return "" if gateway is None else gateway.limits.name

    def room(self, now_s: float) -> int | None:
        """How many calls may be launched now; None: there is no limit."""
        total = 0
        for gateway in self._all.values():
            room = gateway.room(now_s)
            if room is None:
                return None
            total += room
        return total

    def next_s(self, now_s: float) -> float | None:
        """When there is room again if no call ends; None where there is room or time gives none."""
        if self.room(now_s) != 0:
            return None
        due = [gateway.next_s(now_s) for gateway in self._all.values()]
        return min((one for one in due if one is not None), default=None)

    def reason(self, now_s: float) -> str:
        """Why nothing may be launched now, in a sentence."""
        short = [one for one in self._all.values() if one.watch.room(now_s) == 0]
        if len(short) == len(self._all):
            soonest = min(short, key=lambda one: one.watch.next_try_s(now_s) or now_s)
            return soonest.watch.reason(now_s)
        well = [one for one in self._all.values() if one not in short]
        full = [one for one in well if one.free_channels == 0]
        if len(full) == len(well):
            return "Every channel of the trunk is in use."
        return "The trunk takes no more calls in this second."

    @property
    def trouble(self) -> str:
        """What is wrong, for a notice of one sentence; empty while all gateways take calls."""
        ill = [one for one in self._all.values() if one.watch.trouble]
        if not ill:
            return ""
        well = next((name for name, one in self._all.items() if one not in ill), None)
        lead = "No new calls for now" if well is None else f"Calls go through {well} instead"
        return f"{lead}: {ill[0].watch.trouble}"
