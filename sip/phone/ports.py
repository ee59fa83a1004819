"""The phone's own ports in the conference bridge; their callbacks run on the media thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

import pjsua2 as pj

from sip import frames

log = logging.getLogger("sip.phone")
FRAME_US = 20_000
SAMPLE_BITS = 16


def _pcm(clock_rate: int) -> pj.MediaFormatAudio:
    sound = pj.MediaFormatAudio()
    sound.init(pj.PJMEDIA_FORMAT_PCM, clock_rate, 1, FRAME_US, SAMPLE_BITS)
    return sound


class HasSound(Protocol):
    """Where a mouth gets its next sound."""

    def take(self, n_bytes: int) -> bytes: ...


class Mouth(pj.AudioMediaPort):
    """A source in the bridge: microphone, practice voice."""

    def __init__(self, name: str, clock_rate: int, source: HasSound) -> None:
        super().__init__()
        self._source = source
        self.createPort(name, _pcm(clock_rate))

    def onFrameRequested(self, frame: pj.MediaFrame) -> None:
        try:
            frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
            frames.fill(frame.buf, self._source.take(frame.size))
        except Exception:
            log.exception("a source of sound failed")


class Ear(pj.AudioMediaPort):
    """A sink in the bridge: hands each frame (PCM16) to `hear`, on the media thread."""

    def __init__(self, name: str, clock_rate: int, hear: Callable[[bytes], None]) -> None:
        super().__init__()
        self._hear = hear
        self.createPort(name, _pcm(clock_rate))

    def onFrameReceived(self, frame: pj.MediaFrame) -> None:
        try:
            self._hear(frames.to_bytes(frame.buf))
        except Exception:
            log.exception("a sink of sound failed")


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
