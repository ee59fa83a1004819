"""Sinks in the conference bridge, lent to one listener after another and never destroyed.

Seen on the library: a port that is destroyed leaves the bridge only at the media clock's next
turn, and until then the media thread calls what was freed. That has ended processes in the middle
of a call. An ear that is given back stays in the bridge, deaf, and costs one empty call a frame.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

import pjsua2 as pj

from sip import frames
from sip.bridge import hears, part

log = logging.getLogger("sip.ears")
FRAME_US = 20_000
SAMPLE_BITS = 16


def pcm(clock_rate: int) -> pj.MediaFormatAudio:
    """PCM16, one channel, in frames of 20 ms."""
    sound = pj.MediaFormatAudio()
    sound.init(pj.PJMEDIA_FORMAT_PCM, clock_rate, 1, FRAME_US, SAMPLE_BITS)
    return sound


def _deaf(_pcm16: bytes) -> None:
    """Hears nothing."""


class Ear(pj.AudioMediaPort):
    """A sink in the bridge: hands each frame (PCM16) to `hear`, on the media thread."""

    def __init__(self, name: str, clock_rate: int, hear: Callable[[bytes], None]) -> None:
        super().__init__()
        self.clock_rate = clock_rate
        self.hear = hear
        self.createPort(name, pcm(clock_rate))

    def onFrameReceived(self, frame: pj.MediaFrame) -> None:
        try:
            self.hear(frames.to_bytes(frame.buf))
        except Exception:
            log.exception("a sink of sound failed")


class Ears:
    """The ears of one engine; belongs to its thread.

    `keep` holds a new one to the end; `sources` are all that an ear may be joined to.
    """

    def __init__(
        self,
        keep: Callable[[pj.AudioMedia], None],
        sources: Callable[[], Iterable[pj.AudioMedia | None]],
    ) -> None:
        self._keep = keep
        self._sources = sources
        self._spare: list[Ear] = []

    def lend(self, clock_rate: int, hear: Callable[[bytes], None]) -> Ear:
        """An ear that nobody is joined to; `hear` gets its frames from now on."""
        for ear in self._spare:
            if ear.clock_rate == clock_rate:
                self._spare.remove(ear)
                ear.hear = hear
                return ear
        ear = Ear(f"ear at {clock_rate} Hz", clock_rate, hear)
        self._keep(ear)
        return ear

    def take_back(self, ear: Ear) -> None:
        """Nobody is to be heard by it any more: whoever is joined to it is parted from it."""
        ear.hear = _deaf
        for source in self._sources():
            if hears(source, ear):
                part(source, ear)
        self._spare.append(ear)
