"""What a phone plays by itself: the ring, and the notes of a sound check."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sip.ring import Ring

RING_PERIOD_S = 3.0
_AMPLITUDE = 6000.0
_FADE_S = 0.008
Samples = npt.NDArray[np.float64]


def _note(hertz: tuple[float, ...], seconds: float, clock_rate: int) -> Samples:
    """Tones together, fading like a struck bar, with soft edges."""
    at_s = np.arange(round(seconds * clock_rate)) / clock_rate
    sound = sum((np.sin(2 * np.pi * f * at_s) for f in hertz), np.zeros_like(at_s)) / len(hertz)
    sound *= np.exp(-1.5 * at_s / seconds)
    edge = np.minimum(1.0, np.minimum(at_s, at_s[-1] - at_s) / _FADE_S)
    return np.asarray(sound * edge)


def _pcm(sound: Samples) -> bytes:
    return bytes(np.round(_AMPLITUDE * sound).astype("<i2").tobytes())


@lru_cache(maxsize=2)
def check_notes(clock_rate: int) -> bytes:
    """Four rising notes, 1.2 s: enough to set a volume by. PCM16."""
    notes = [_note((hz, 2 * hz), 0.3, clock_rate) for hz in (392.0, 493.9, 587.3, 784.0)]
    return _pcm(np.concatenate(notes))


@lru_cache(maxsize=2)
def ring_sound(clock_rate: int) -> bytes:
    """One ring of two falling notes, twice, and the pause after it: 3 s. PCM16."""
    pair = np.concatenate([_note((hz, 1.5 * hz), 0.35, clock_rate) for hz in (880.0, 698.5)])
    period = np.zeros(round(RING_PERIOD_S * clock_rate))
    period[: 2 * len(pair)] = np.concatenate([pair, pair])
    return _pcm(period)


def mixed(one: bytes, other: bytes) -> bytes:
    """Two PCM16 sounds at once, as long as the longer one."""
    if not one or not other:
        return one or other
    size = max(len(one), len(other))
    both = np.frombuffer(one.ljust(size, b"\0"), "<i2").astype(np.int32)
    both += np.frombuffer(other.ljust(size, b"\0"), "<i2")
    return bytes(np.clip(both, -32768, 32767).astype("<i2").tobytes())


class Tune:
    """PCM16 that is played once or over and over."""

    def __init__(self, pcm16: bytes, *, is_endless: bool) -> None:
        self._pcm16 = pcm16
        self._is_endless = is_endless
        self._at = 0

    @property
    def is_over(self) -> bool:
        return not self._is_endless and self._at >= len(self._pcm16)

    def take_most(self, n_bytes: int) -> bytes:
        """At most `n_bytes` (even) of what comes next."""
        out = self._pcm16[self._at : self._at + n_bytes]
        self._at += len(out)
        if self._is_endless and len(out) < n_bytes:
            self._at = 0
            return out + self.take_most(n_bytes - len(out))
        return out


class EchoLine:
    """What was said comes back after `delay_s`, until it is emptied."""

    def __init__(self, clock_rate: int, delay_s: float) -> None:
        self._delay_bytes = round(clock_rate * delay_s) * 2
        self._ring = Ring(2 * self._delay_bytes)
        self._ring.put(bytes(self._delay_bytes))

    def put(self, pcm16: bytes) -> None:
        self._ring.put(pcm16)

    def take_due(self) -> bytes:
        """What was said longer than the delay ago."""
        return self._ring.take_most(max(0, len(self._ring) - self._delay_bytes))
