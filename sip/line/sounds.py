"""What a line itself can make heard: ringing, music, notice, key tones, the recorded message."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pjsua2 as pj

from sip import frames
from sip.endpoint import Endpoint
from sip.errors import KnownError
from sip.messages import Originate

log = logging.getLogger("sip.line")
RINGING = ((400, 200), (400, 2000))
"""Milliseconds on and off of the British ringing tone (400 + 450 Hz)."""
TAIL_S = 0.2
"""From the end of a file until its last sound has left the line."""
KEY_ON_MS, KEY_OFF_MS = 120, 80
FRAME_US = 20_000
NOTE_MS = 500
NOTE_LEVEL = 3500.0
NOTES_HZ = (
    *(262, 330, 392, 494, 440, 392, 330, 294),
    *(220, 262, 330, 392, 349, 330, 262, 247),
    *(294, 349, 440, 523, 494, 440, 349, 330),
    *(196, 247, 294, 392, 349, 294, 247, 220),
)
"""C, A minor, D minor and G, broken up and down."""


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


def ringing_tone(endpoint: Endpoint) -> pj.ToneGenerator:
    """The ringing tone for whoever waits while the network sends none."""
    tone = pj.ToneGenerator()
    tone.createToneGenerator(endpoint.options.clock_rate)
    bursts = pj.ToneDescVector()
    for on_ms, off_ms in RINGING:
        burst = pj.ToneDesc()
        burst.freq1, burst.freq2 = 400, 450
        burst.on_msec, burst.off_msec = on_ms, off_ms
        burst.volume = 6000
        bursts.append(burst)
    tone.play(bursts, True)
    endpoint.keep(tone)
    return tone


def key_tones(endpoint: Endpoint, keys: str) -> pj.ToneGenerator:
    """The two-tone sounds of these keys, once: 120 ms each with 80 ms between."""
    tone = pj.ToneGenerator()
    tone.createToneGenerator(endpoint.options.clock_rate)
    pressed = pj.ToneDigitVector()
    for key in keys:
        one = pj.ToneDigit()
        one.digit, one.on_msec, one.off_msec, one.volume = key, KEY_ON_MS, KEY_OFF_MS, 9000
        pressed.append(one)
    tone.playDigits(pressed, False)
    endpoint.keep(tone)
    return tone


@lru_cache(maxsize=2)
def soft_notes(clock_rate: int) -> bytes:
    """Eight bars of soft notes for whoever is on hold, PCM16, 28 dB below full scale."""
    n_note = clock_rate * NOTE_MS // 1000
    at_s = np.arange(2 * n_note) / clock_rate
    sound = np.zeros(n_note * (len(NOTES_HZ) + 1))
    for index, hz in enumerate(NOTES_HZ):
        wave = np.sin(2 * np.pi * hz * at_s) + 0.3 * np.sin(4 * np.pi * hz * at_s)
        swell = np.minimum(at_s / 0.02, 1.0) * np.exp(-3.5 * at_s)
        swell *= np.minimum((at_s[-1] - at_s) / 0.05, 1.0)
        start = index * n_note
        sound[start : start + 2 * n_note] += NOTE_LEVEL * wave * swell
    # What rings on after the last note sounds together with the first one of the next round.
    sound[:n_note] += sound[-n_note:]
    return bytes(np.round(sound[:-n_note]).astype("<i2").tobytes())


class _SoftNotes(pj.AudioMediaPort):
    """Plays the soft notes round and round."""

    def __init__(self, clock_rate: int) -> None:
        super().__init__()
        self._notes = soft_notes(clock_rate)
        self._at = 0
        sound = pj.MediaFormatAudio()
        sound.init(pj.PJMEDIA_FORMAT_PCM, clock_rate, 1, FRAME_US, 16)
        self.createPort("hold", sound)

    def onFrameRequested(self, frame: pj.MediaFrame) -> None:
        try:
            frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
            wanted = frame.size
            piece = self._notes[self._at : self._at + wanted]
            piece += self._notes[: wanted - len(piece)]
            self._at = (self._at + wanted) % len(self._notes)
            frames.fill(frame.buf, piece)
        except Exception:
            log.exception("the soft notes failed")


def hold_music(endpoint: Endpoint, path: str) -> pj.AudioMedia:
    """Music for whoever is on hold: this file in a loop, or soft notes where `path` is "".

    Raises KnownError if the file cannot be played.
    """
    if not path:
        notes = _SoftNotes(endpoint.options.clock_rate)
        endpoint.keep(notes)
        return notes
    player = pj.AudioMediaPlayer()
    try:
        player.createPlayer(path, 0)
    except pj.Error as error:
        raise KnownError(
            f"The music {path} cannot be played ({error.reason.strip()}); whoever is on hold "
            "hears soft notes instead. Give a WAV file with one channel of 16 bits."
        ) from error
    endpoint.keep(player)
    return player


class CallSounds:
    """What one call can make heard; each part is made when it is first wanted.

    `on_trouble(sentence)` is told where music or notice cannot be played; the call goes on.
    """

    def __init__(
        self, endpoint: Endpoint, order: Originate, on_trouble: Callable[[str], None]
    ) -> None:
        self._endpoint = endpoint
        self._order = order
        self._on_trouble = on_trouble
        self._ringing: pj.ToneGenerator | None = None
        self._music: pj.AudioMedia | None = None
        self._queue: pj.AudioMedia | None = None
        self._notice: Message | None = None

    def ringing(self) -> pj.AudioMedia:
        self._ringing = self._ringing or ringing_tone(self._endpoint)
        return self._ringing

    def music(self) -> pj.AudioMedia:
        """For whoever is on hold."""
        self._music = self._music or self._loop(self._order.hold_wav)
        return self._music

    def queue(self) -> pj.AudioMedia:
        """For whoever waits for an agent."""
        if not self._order.queue_wav:
            return self.music()
        self._queue = self._queue or self._loop(self._order.queue_wav)
        return self._queue

    def _loop(self, wav: str) -> pj.AudioMedia:
        try:
            return hold_music(self._endpoint, wav)
        except KnownError as error:
            self._on_trouble(error.sentence)
            return hold_music(self._endpoint, "")

    def start_notice(self, wav: str, on_end: Callable[[], None]) -> bool:
        """Have the notice ready to be heard; False (and trouble told) where it cannot be."""
        try:
            self._notice = Message(self._endpoint, Path(wav), on_end)
        except KnownError as error:
            self._on_trouble(error.sentence)
            return False
        return True

    def notice(self) -> pj.AudioMedia | None:
        return self._notice

    def let_go(self) -> None:
        """Give files and ports back."""
        if self._notice is not None:
            self._notice.let_go()
        for port in (self._ringing, self._music, self._queue):
            if port is not None:
                self._endpoint.release(port)
        self._ringing = self._music = self._queue = self._notice = None
