"""Who is heard: the sound of each practice phone and person, and the ear that tells them apart.

What a signature is stands in `sip.tones`; how lost sound is measured in `sip.gaps`. Works on numpy
alone; knows neither PJSIP nor a clock.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

from sip.bursts import BurstMeter
from sip.gaps import GapMeter, LateMeter
from sip.messages import Sounds
from sip.tones import (
    CLOSING_MS,
    FRAME_MS,
    PAUSE_MS,
    PERSON_SIGNATURES,
    PHONE_SIGNATURES,
    SILENCE,
    SOUND_MS,
    TONES_HZ,
    bank_for,
    check_rate,
    samples_in,
)

__all__ = ["PERSON_SIGNATURES", "PHONE_SIGNATURES", "Listener", "SignatureSource"]

_TONE_LEVEL: Final = 5000.0  # each tone's amplitude: the pair peaks 10 dB below full scale
_FADE_MS: Final = 2
_MIN_RUN_FRAMES: Final = 3


def _tone(hz: int, ms: int, clock_rate: int) -> npt.NDArray[np.float64]:
    return np.sin(2 * np.pi * hz * np.arange(samples_in(ms, clock_rate)) / clock_rate)


def _faded(sound: npt.NDArray[np.float64], clock_rate: int) -> npt.NDArray[np.float64]:
    """The sound with soft edges, so that bursts do not click."""
    ramp = np.linspace(0.0, 1.0, samples_in(_FADE_MS, clock_rate))
    sound[: len(ramp)] *= ramp
    sound[-len(ramp) :] *= ramp[::-1]
    return sound


class SignatureSource:
    """Plays one signature in bursts: 1.2 s of sound, 0.3 s of pause, sound at once on `start`.

    `start` and `stop` may be called from another thread than `frame`. Raises ValueError for an
    unknown signature or a clock rate (Hz) that cannot carry it.
    """

    def __init__(self, signature: int, clock_rate: int) -> None:
        check_rate(clock_rate)
        if signature not in TONES_HZ:
            raise ValueError(f"no such signature: {signature}")
        self.signature = signature
        low_hz, high_hz = TONES_HZ[signature]
        pair = _tone(low_hz, SOUND_MS, clock_rate) + _tone(high_hz, SOUND_MS, clock_rate)
        closing = _tone(low_hz, CLOSING_MS, clock_rate)
        burst = _faded(np.concatenate([pair, closing]), clock_rate)
        pause = np.zeros(samples_in(PAUSE_MS, clock_rate))
        self._period = self._pcm(np.concatenate([burst, pause]))
        self._farewell = self._pcm(_faded(_tone(high_hz, CLOSING_MS, clock_rate), clock_rate))
        self._is_wanted = False
        self._playing = b""
        self._at = 0

    @staticmethod
    def _pcm(sound: npt.NDArray[np.float64]) -> bytes:
        return np.round(_TONE_LEVEL * sound).astype("<i2").tobytes()

    @property
    def is_playing(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._is_wanted

    def start(self) -> None:
        """Sound from the next frame on; nothing changes if it plays already."""
        self._is_wanted = True

    def stop(self) -> None:
        """Close with the high tone alone, then be silent."""
        self._is_wanted = False

    def frame(self, n_samples: int) -> bytes:
        """The next `n_samples` as PCM16, phase-continuous over bursts; zeros when stopped."""
        n_bytes = 2 * n_samples
        self._follow()
        sound = self._playing
        out = sound[self._at : self._at + n_bytes]
        self._at += len(out)
        rest = n_bytes - len(out)
        if not rest:
            return out
        if sound is self._period:
            self._at = rest % len(sound)
            return out + (sound * (1 + rest // len(sound)))[:rest]
        self._playing, self._at = b"", 0
        return out + bytes(rest)

    def _follow(self) -> None:
        """Take up what `start` and `stop` asked for since the last frame."""
        if self._is_wanted:
            if self._playing is not self._period:
                self._playing, self._at = self._period, 0
        elif self._playing is self._period:
            self._playing, self._at = self._farewell, 0


class Listener:
    """Recognises who is heard in one call; fed with each 20 ms frame of PCM16.

    A signature counts when three frames in a row hold it and nothing else; all three count
    then, and `first_mono_s` is the first one's moment. Silence, speech, tones of the network and
    mixtures of signatures count for nobody. `hear` may run on another thread than the rest.
    """

    def __init__(self, clock_rate: int) -> None:
        self._bank = bank_for(clock_rate)
        self._gaps = GapMeter()
        self._late = LateMeter()
        self._bursts = BurstMeter()
        self._heard_ms: dict[int, float] = {}
        self._first_mono_s: dict[int, float] = {}
        self._first_sound_mono_s: float | None = None
        self._last_sound_mono_s: float | None = None
        self._foreign_ms = 0.0
        self._foreign_run = 0
        self._lost_frames_ms = 0.0
        self._new: deque[int] = deque()
        self._run_signature = 0
        self._run: list[float] = []

    def hear(self, pcm16: bytes, at_mono_s: float) -> None:
        """Take in the next 20 ms, received at `at_mono_s`; empty means that nothing came."""
        heard = self._bank.name(pcm16) if pcm16 else SILENCE
        late_ms = self._late.hear(at_mono_s)
        if late_ms and self._heard_ms:
            self._lost_frames_ms = max(self._lost_frames_ms, late_ms)
        self._gaps.hear(heard)
        self._bursts.hear(heard.signature if heard.kind == "signature" else 0)
        if heard.kind == "silence":
            self._run_signature = self._foreign_run = 0
            return
        self._last_sound_mono_s = at_mono_s
        if self._first_sound_mono_s is None:
            self._first_sound_mono_s = at_mono_s
        if heard.kind == "signature":
            self._foreign_run = 0
            self._count(heard.signature, at_mono_s)
            return
        self._run_signature = 0
        if heard.kind == "other":
            self._count_foreign()
        else:
            self._foreign_run = 0

    def _count_foreign(self) -> None:
        """Count a run of three frames or more; single ones are the edges of our own bursts."""
        self._foreign_run += 1
        if self._foreign_run == _MIN_RUN_FRAMES:
            self._foreign_ms += FRAME_MS * _MIN_RUN_FRAMES
        elif self._foreign_run > _MIN_RUN_FRAMES:
            self._foreign_ms += FRAME_MS

    def _count(self, signature: int, at_mono_s: float) -> None:
        if signature != self._run_signature:
            self._run_signature, self._run = signature, []
        if len(self._run) >= _MIN_RUN_FRAMES:
            self._heard_ms[signature] += FRAME_MS
            return
        self._run.append(at_mono_s)
        if len(self._run) < _MIN_RUN_FRAMES:
            return
        if signature not in self._heard_ms:
            self._first_mono_s[signature] = self._run[0]
            self._new.append(signature)
        self._heard_ms[signature] = self._heard_ms.get(signature, 0.0) + FRAME_MS * len(self._run)
        self._gaps.follow(signature)

    def first_new(self) -> int | None:
        """A signature that was recognised for the first time since the last call, or None."""
        return self._new.popleft() if self._new else None

    @property
    def has_signature(self) -> bool:
        """Whether any signature has been recognised up to now."""
        return bool(self._heard_ms)

    @property
    def first_sound_mono_s(self) -> float | None:
        """When the first sound above silence came, whatever it was."""
        return self._first_sound_mono_s

    @property
    def last_sound_mono_s(self) -> float | None:
        """When the latest sound above silence came, whatever it was."""
        return self._last_sound_mono_s

    @property
    def foreign_ms(self) -> float:
        """Sound above silence that was nobody's signature: speech, a message, a mixture."""
        return self._foreign_ms

    @property
    def longest_gap_ms(self) -> float:
        """The longest stretch of lost sound: silence inside bursts and frames that never came."""
        return max(self._gaps.now_ms(), self._lost_frames_ms)

    def sounds(self, answered_mono_s: float | None = None) -> Sounds:
        """All that was heard; the first sound's delay (ms) counts from `answered_mono_s`."""
        first = self._first_sound_mono_s
        after_ms: float | None = None
        if first is not None and answered_mono_s is not None:
            after_ms = (first - answered_mono_s) * 1000
        return Sounds(
            heard_ms=dict(self._heard_ms),
            first_mono_s=dict(self._first_mono_s),
            first_sound_mono_s=first,
            first_sound_after_ms=after_ms,
            bursts=self._bursts.bursts(),
        )
