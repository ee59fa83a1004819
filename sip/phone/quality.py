"""How the call sounds at this phone, told every two seconds while it is up."""

from __future__ import annotations

from sip.clock import Timer
from sip.engine import Engine
from sip.leg import Leg
from sip.leg_numbers import LegNumbers
from sip.losses import share_lost_in, share_lost_out
from sip.messages import PhoneQuality
from sip.phone.voice import Voice

TELL_S = 2.0


class QualityWatch:
    """Reads counters and levels of one call at a time. `heard_at_s`: when a packet last came."""

    def __init__(self, engine: Engine, voice: Voice) -> None:
        self._engine = engine
        self._voice = voice
        self._timer: Timer | None = None
        self._before: LegNumbers | None = None
        self.heard_at_s: float | None = None

    def start(self, leg: Leg, attempt_id: str) -> None:
        """The call is up."""
        self.stop()
        self._before = self.heard_at_s = None
        self._voice.take_levels("quality")
        self._voice.take_heard_dbfs()
        self._timer = self._engine.timers.after(TELL_S, lambda: self._tell(leg, attempt_id))

    def stop(self) -> None:
        """The call is over."""
        if self._timer is not None:
            self._timer.cancel()

    def _tell(self, leg: Leg, attempt_id: str) -> None:
        self._timer = self._engine.timers.after(TELL_S, lambda: self._tell(leg, attempt_id))
        numbers = leg.numbers()
        if numbers is None:
            return
        now = self._engine.clock.now()
        before, self._before = self._before, numbers
        age_s = None if self.heard_at_s is None else round(now.mono_s - self.heard_at_s, 2)
        self._engine.wire.tell(
            PhoneQuality(
                at=now,
                attempt_id=attempt_id,
                codec=numbers.codec,
                loss_in=share_lost_in(before, numbers),
                loss_out=share_lost_out(before, numbers),
                jitter_ms=numbers.jitter_ms,
                round_trip_ms=numbers.round_trip_ms,
                microphone_dbfs=_rounded(self._voice.take_levels("quality")[0]),
                heard_dbfs=_rounded(self._voice.take_heard_dbfs()),
                heard_age_s=age_s,
                packets_in=numbers.packets_in,
                packets_out=numbers.packets_out,
                is_muted_by_system=self._voice.sound.is_muted_by_system,
            )
        )


def _rounded(level_dbfs: float | None) -> float | None:
    return None if level_dbfs is None else round(level_dbfs, 1)
