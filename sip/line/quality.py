"""How each leg of a call sounds: counters of RTCP and levels, told every two seconds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sip.leg import Leg
from sip.leg_numbers import LegNumbers
from sip.messages import CallQuality, LegQuality, Side

if TYPE_CHECKING:
    from sip.line.call import LineCallInHand

TELL_S = 2.0
LOOK_S = 0.1
_FULL_SCALE_MEAN = 32768 * 2 / math.pi
"""Mean magnitude of a sine at full scale: the reference of a level in dBFS (AES17)."""


def level_dbfs(hundredths: int) -> float | None:
    """The bridge's level (0 to 50) in dBFS, None for silence.

    PJSIP gives the mean magnitude of a frame as G.711's mu-law code (0 to 127) in hundredths of
    255; this turns the middle of that step back, to about 1 dB.
    """
    code = min(127, round((hundredths + 0.5) * 2.55)) if hundredths else 0
    magnitude = (((code & 0x0F) << 3) + 0x84 << (code >> 4)) - 0x84
    if magnitude <= 0:
        return None
    return round(20 * math.log10(magnitude / _FULL_SCALE_MEAN), 1)


class _LegWatch:
    """What was seen of one leg since it was last told."""

    def __init__(self, leg: Leg) -> None:
        self.leg = leg
        self._heard_s: float | None = None
        self._packets = 0
        self._before: LegNumbers | None = None
        self._loud_in = self._loud_out = 0

    def look(self, now_s: float) -> None:
        """Every tenth of a second: how loud is it, has a packet come?"""
        loud_in, loud_out = self.leg.levels()
        self._loud_in, self._loud_out = max(self._loud_in, loud_in), max(self._loud_out, loud_out)
        packets = self.leg.packets_heard() or 0
        if packets != self._packets:
            self._packets, self._heard_s = packets, now_s

    def tell(self, side: Side, now_s: float) -> LegQuality | None:
        numbers = self.leg.numbers()
        if numbers is None:
            return None
        before, self._before = self._before, numbers
        loud_in, loud_out = self._loud_in, self._loud_out
        self._loud_in = self._loud_out = 0
        age_s = None if self._heard_s is None else round(now_s - self._heard_s, 2)
        return LegQuality(
            side=side,
            codec=numbers.codec,
            loss_in=_loss_in(before, numbers),
            loss_out=_loss_out(before, numbers),
            jitter_ms=numbers.jitter_ms,
            round_trip_ms=numbers.round_trip_ms,
            level_in_dbfs=level_dbfs(loud_in),
            level_out_dbfs=level_dbfs(loud_out),
            packets_in=numbers.packets_in,
            packets_out=numbers.packets_out,
            heard_age_s=age_s,
            address=numbers.address,
        )


def _loss_in(before: LegNumbers | None, now: LegNumbers) -> float | None:
    """Packets that were missing among those that should have come since the last look."""
    came = now.packets_in - (before.packets_in if before else 0)
    lost = max(0, now.lost_in - (before.lost_in if before else 0))
    return lost / (came + lost) if came + lost else None


def _loss_out(before: LegNumbers | None, now: LegNumbers) -> float | None:
    """What the far end's last report says it missed, as a share of what was sent to it."""
    if now.lost_out is None:
        return None
    lost = max(0, now.lost_out - ((before.lost_out or 0) if before else 0))
    sent = now.packets_out - (before.packets_out if before else 0)
    return min(1.0, lost / sent) if sent > 0 else None


class QualityWatch:
    """Watches the legs of a call from its answer to its end."""

    def __init__(self, call: LineCallInHand) -> None:
        self._call = call
        self._legs: dict[Side, _LegWatch] = {}
        self._looks = 0

    def start(self) -> None:
        self._call.timers.after("quality", LOOK_S, self._look)

    def _look(self) -> None:
        call = self._call
        call.timers.after("quality", LOOK_S, self._look)
        now_s = call.engine.clock.now().mono_s
        legs = call.legs()
        for side in list(self._legs):
            if self._legs[side].leg is not legs.get(side):
                del self._legs[side]
        for side, leg in legs.items():
            if side not in self._legs:
                self._legs[side] = _LegWatch(leg)
            self._legs[side].look(now_s)
        self._looks += 1
        if self._looks % round(TELL_S / LOOK_S) == 0:
            self._tell(now_s)

    def _tell(self, now_s: float) -> None:
        call = self._call
        told = [watch.tell(side, now_s) for side, watch in self._legs.items()]
        call.engine.wire.tell(
            CallQuality(
                at=call.engine.clock.now(),
                attempt_id=call.order.attempt_id,
                legs=tuple(quality for quality in told if quality is not None),
            )
        )
