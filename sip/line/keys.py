"""Keys in a call: pressed towards the person or the third party, and heard from everybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sip.bridge import join, part
from sip.line.sounds import KEY_OFF_MS, KEY_ON_MS, key_tones
from sip.messages import KeyPressed, SendDigits, Side

if TYPE_CHECKING:
    from pjsua2 import ToneGenerator

    from sip.leg import Leg
    from sip.line.call import LineCallInHand

_KEYS = re.compile(r"[0-9*#A-D]{1,32}")


class Keys:
    """The keys of one call. In-band tones go to that leg alone: no one else, and no recording."""

    def __init__(self, call: LineCallInHand) -> None:
        self._call = call
        self._tone: ToneGenerator | None = None
        self._tone_leg: Leg | None = None

    def send(self, order: SendDigits) -> str:
        """Press keys as the leg's gateway wants them; returns why not, or ""."""
        call = self._call
        if not _KEYS.fullmatch(order.digits):
            return "Keys are 0 to 9, *, # and A to D; at most 32 at a time."
        if self._tone is not None:
            return "The keys before are still sounding."
        gateway = call.order.gateway
        if order.to == "person":
            leg = call.person if call.record.answered_at is not None else None
        else:
            third = call.arranging.third
            leg = third.leg if third is not None and third.stage == "up" else None
            if third is not None and third.order.gateway is not None:
                gateway = third.order.gateway
        if leg is None or leg.sound() is None or call.is_ending:
            return "Nobody is there to hear the keys."
        is_in_band = gateway.dtmf == "inband"
        if is_in_band or not leg.press(order.digits, is_info=gateway.dtmf == "info"):
            # Also where the far end has not agreed to RFC 4733: sound passes everywhere.
            self._sound(leg, order.digits)
        return ""

    def _sound(self, leg: Leg, keys: str) -> None:
        endpoint = self._call.engine.endpoint
        self._tone, self._tone_leg = key_tones(endpoint, keys), leg
        join(self._tone, leg.sound())
        length_s = len(keys) * (KEY_ON_MS + KEY_OFF_MS) / 1000
        self._call.timers.after("keys", length_s + 0.2, self.stop)

    def stop(self) -> None:
        """The tones have sounded, or the call ends."""
        tone, self._tone = self._tone, None
        leg, self._tone_leg = self._tone_leg, None
        if tone is not None:
            if leg is not None:
                part(tone, leg.sound())
            self._call.engine.endpoint.release(tone)

    def watch(self, leg: Leg | None, side: Side) -> None:
        """From now on the keys of this leg are told; may be repeated."""
        if leg is not None:
            leg.on_key = lambda key: self._heard(key, side)

    def _heard(self, key: str, by: Side) -> None:
        call = self._call
        if call.is_ending:
            return
        if call.on_key is not None and by == "person":
            call.on_key(key)  # whoever listens tells of it, with its meaning
            return
        call.engine.wire.emit(
            KeyPressed(
                seq=0,
                at=call.engine.clock.now(),
                attempt_id=call.order.attempt_id,
                key=key,
                by=by,
            )
        )
