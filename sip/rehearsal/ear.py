"""A channel's place in the conference bridge: what the person says goes in, what they hear out."""

from __future__ import annotations

import logging

import pjsua2 as pj

from sip import frames
from sip.clock import Clock
from sip.leg import Leg
from sip.rehearsal.sound import CLOCK_RATE, Voice
from sip.signatures import Listener

log = logging.getLogger("sip.rehearsal")


class Ear(pj.AudioMediaPort):
    """A media port that lives as long as the gateway and serves one call after another.

    The callbacks run on PJSIP's media thread; `give` and `take_back` on the owner's.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._in_use: tuple[Voice, Listener] | None = None
        sound = pj.MediaFormatAudio()
        sound.init(pj.PJMEDIA_FORMAT_PCM, CLOCK_RATE, 1, 20_000, 16)
        self.createPort(name, sound)

    @property
    def is_free(self) -> bool:
        """Whether no call uses it."""
        return self._in_use is None

    def give(self, voice: Voice, listener: Listener) -> None:
        """Speak with this voice and hear for this listener from the next frame on."""
        self._in_use = (voice, listener)

    def take_back(self) -> None:
        self._in_use = None

    def onFrameRequested(self, frame: pj.MediaFrame) -> None:
        try:
            user = self._in_use
            n_bytes = int(frame.size)
            sound = user[0].frame(n_bytes // 2) if user is not None else bytes(n_bytes)
            frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
            frames.fill(frame.buf, sound)
        except Exception:
            log.exception("a frame could not be given")

    def onFrameReceived(self, frame: pj.MediaFrame) -> None:
        try:
            user = self._in_use
            if user is not None:
                user[1].hear(frames.to_bytes(frame.buf), self._clock.now().mono_s)
        except Exception:
            log.exception("a frame could not be heard")


def challenge_leg(leg: Leg, challenge: str) -> None:
    """Refuse with 401 and ask for credentials."""
    if leg.is_over:
        return
    leg.reply(401, headers=(("WWW-Authenticate", challenge),))
