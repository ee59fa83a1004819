"""The phone's own ports in the conference bridge; their callbacks run on the media thread."""

from __future__ import annotations

import logging
from typing import Protocol

import pjsua2 as pj

from sip import frames
from sip.ears import Ear, pcm

__all__ = ["Ear", "HasSound", "Mouth", "notes", "play_notes"]

log = logging.getLogger("sip.phone")


class HasSound(Protocol):
    """Where a mouth gets its next sound."""

    def take(self, n_bytes: int) -> bytes: ...


class Mouth(pj.AudioMediaPort):
    """A source in the bridge: microphone, practice voice."""

    def __init__(self, name: str, clock_rate: int, source: HasSound) -> None:
        super().__init__()
        self._source = source
        self.createPort(name, pcm(clock_rate))

    def onFrameRequested(self, frame: pj.MediaFrame) -> None:
        try:
            frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
            frames.fill(frame.buf, self._source.take(frame.size))
        except Exception:
            log.exception("a source of sound failed")


def notes(clock_rate: int) -> pj.ToneGenerator:
    """Three soft rising notes that tell an agent: somebody is on the line."""
    tone = pj.ToneGenerator()
    tone.createToneGenerator(clock_rate)
    return tone


def play_notes(tone: pj.ToneGenerator) -> None:
    """Play the notes once from their beginning."""
    three = pj.ToneDescVector()
    for hertz in (523, 659, 784):
        note = pj.ToneDesc()
        note.freq1, note.freq2 = hertz, 0
        note.on_msec, note.off_msec = 70, 20
        note.volume = 2600
        three.append(note)
    tone.stop()
    tone.play(three, False)
