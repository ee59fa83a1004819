"""What a line itself can make heard: ringing for the agent, the recorded message for the person."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pjsua2 as pj

from sip.bridge import join, part
from sip.endpoint import Endpoint
from sip.errors import KnownError

log = logging.getLogger("sip.line")
RINGING = ((400, 200), (400, 2000))
"""Milliseconds on and off of the British ringing tone (400 + 450 Hz)."""


class Message(pj.AudioMediaPlayer):
    """A recorded message, opened before the call is placed so that it can start in a moment.

    Raises KnownError if the file cannot be played (16-bit mono WAV is wanted).
    """

    def __init__(self, endpoint: Endpoint, path: Path, on_end: Callable[[], None]) -> None:
        super().__init__()
        self._endpoint = endpoint
        self._on_end = on_end
        try:
            self.createPlayer(str(path), pj.PJMEDIA_FILE_NO_LOOP)
        except pj.Error as error:
            raise KnownError(
                f"The message {path} cannot be played ({error.reason.strip()}); "
                "give a WAV file with one channel of 16 bits."
            ) from error
        endpoint.keep(self)

    def onEof2(self) -> None:
        try:
            self._endpoint.post(self._on_end)
        except Exception:
            log.exception("a callback failed")

    def let_go(self) -> None:
        """Give the file and the bridge's port back."""
        self._on_end = lambda: None
        self._endpoint.release(self)


class Ringing:
    """The ringing tone that an agent hears while the network sends none."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._tone: pj.ToneGenerator | None = None

    def start(self, sink: pj.AudioMedia | None) -> None:
        if self._tone is None:
            self._tone = self._make()
        join(self._tone, sink)

    def _make(self) -> pj.ToneGenerator:
        tone = pj.ToneGenerator()
        tone.createToneGenerator(self._endpoint.options.clock_rate)
        bursts = pj.ToneDescVector()
        for on_ms, off_ms in RINGING:
            burst = pj.ToneDesc()
            burst.freq1, burst.freq2 = 400, 450
            burst.on_msec, burst.off_msec = on_ms, off_ms
            burst.volume = 6000
            bursts.append(burst)
        tone.play(bursts, True)
        self._endpoint.keep(tone)
        return tone

    def stop(self, sink: pj.AudioMedia | None) -> None:
        part(self._tone, sink)
