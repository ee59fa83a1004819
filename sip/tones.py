"""What a signature is: each practice phone and person sounds like nobody else.

A signature is a pair of steady tones, one of a low group (400 to 1500 Hz) and one of a high
group (1600 to 3000 Hz). All tones are multiples of 50 Hz: each 20 ms frame holds whole cycles,
so that tones do not leak into each other, a lost or doubled frame leaves no seam, and a tone
that is 10 Hz off is not taken for one of ours. Two signatures at once cannot add up to, nor
cancel down to, a third one, because no pair is formed within a group. Phones and persons share
no tone. The 100 Hz between neighbours is what that takes for ninety pairs below 3 kHz.

A signature is played in bursts that explain themselves: the last 60 ms of each burst are its low
tone alone ("a pause follows"), and a source that stops on purpose closes with its high tone
alone. So a listener can tell lost sound from silence that is meant.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

import numpy as np

FRAME_MS: Final = 20
SOUND_MS: Final = 1140
CLOSING_MS: Final = 60
PAUSE_MS: Final = 300
BURST_MS: Final = SOUND_MS + CLOSING_MS
PERIOD_MS: Final = BURST_MS + PAUSE_MS

_PHONE_TONES_HZ: Final = ((600, 800, 1000, 1200, 1400), (1700, 1900, 2100, 2300, 2500, 2700))
_PERSON_TONES_HZ: Final = (
    (400, 500, 700, 900, 1100, 1300, 1500),
    (1600, 1800, 2000, 2200, 2400, 2600, 2800, 2900, 3000),
)
PHONE_SIGNATURES: Final = range(1, 1 + len(_PHONE_TONES_HZ[0]) * len(_PHONE_TONES_HZ[1]))
PERSON_SIGNATURES: Final = range(101, 101 + len(_PERSON_TONES_HZ[0]) * len(_PERSON_TONES_HZ[1]))

SILENCE_RMS: Final = 80.0  # about -52 dB below full scale
_MIN_PURITY: Final = 0.9  # of a frame's energy in the two tones
_MAX_TWIST: Final = 4.0  # one tone's power over the other's: 6 dB


def _pairs() -> dict[int, tuple[int, int]]:
    pairs: dict[int, tuple[int, int]] = {}
    for ids, (lows, highs) in (
        (PHONE_SIGNATURES, _PHONE_TONES_HZ),
        (PERSON_SIGNATURES, _PERSON_TONES_HZ),
    ):
        pairs.update(zip(ids, ((low, high) for low in lows for high in highs), strict=True))
    return pairs


TONES_HZ: Final = _pairs()
"""The low and the high tone of each signature."""

_BY_TONES: Final = {tones: signature for signature, tones in TONES_HZ.items()}


def samples_in(ms: int, clock_rate: int) -> int:
    return ms * clock_rate // 1000


def check_rate(clock_rate: int) -> None:
    if clock_rate < 8000 or clock_rate % 1000:
        raise ValueError(f"clock rate {clock_rate} Hz; whole kHz from 8000 on are possible")


Kind = Literal["silence", "other", "signature", "lone_low", "lone_high"]


class Heard:
    """What one frame holds. `signature` is set for a pair, `hz` for a lone tone."""

    __slots__ = ("hz", "kind", "signature")

    def __init__(self, kind: Kind, signature: int = 0, hz: int = 0) -> None:
        self.kind: Kind = kind
        self.signature = signature
        self.hz = hz


SILENCE: Final = Heard("silence")
_OTHER: Final = Heard("other")


class ToneBank:
    """Measures all tones of a 20 ms frame by one matrix product (a DFT at our tones only)."""

    def __init__(self, clock_rate: int) -> None:
        check_rate(clock_rate)
        self.n_samples = samples_in(FRAME_MS, clock_rate)
        lows = sorted({low for low, _ in TONES_HZ.values()})
        highs = sorted({high for _, high in TONES_HZ.values()})
        self._hz = lows + highs
        self._n_low = len(lows)
        angles = 2 * np.pi * np.outer(self._hz, np.arange(self.n_samples)) / clock_rate
        self._waves = np.concatenate([np.cos(angles), np.sin(angles)]).astype(np.float32)
        self._silence_energy = SILENCE_RMS**2 * self.n_samples
        self._pairs = {tones: Heard("signature", sig) for tones, sig in _BY_TONES.items()}
        self._lone = [
            Heard("lone_low" if index < self._n_low else "lone_high", hz=hz)
            for index, hz in enumerate(self._hz)
        ]

    def name(self, pcm16: bytes) -> Heard:
        """What this frame holds. A frame of another length is cut or filled up with silence."""
        n_bytes = 2 * self.n_samples
        if len(pcm16) != n_bytes:
            pcm16 = pcm16[:n_bytes].ljust(n_bytes, b"\x00")
        sound = np.frombuffer(pcm16, dtype="<i2").astype(np.float32)
        energy = float(sound @ sound)
        if energy < self._silence_energy:
            return SILENCE
        waves = self._waves @ sound
        waves *= waves
        n_tones = len(self._hz)
        power = waves[:n_tones] + waves[n_tones:]
        low = int(power[: self._n_low].argmax())
        high = self._n_low + int(power[self._n_low :].argmax())
        low_power, high_power = float(power[low]), float(power[high])
        if 2 * (low_power + high_power) < _MIN_PURITY * energy * self.n_samples:
            return _OTHER
        if max(low_power, high_power) > 20 * min(low_power, high_power):
            return self._lone[low if low_power > high_power else high]
        if max(low_power, high_power) > _MAX_TWIST * min(low_power, high_power):
            return _OTHER
        return self._pairs.get((self._hz[low], self._hz[high]), _OTHER)


@lru_cache(maxsize=4)
def bank_for(clock_rate: int) -> ToneBank:
    return ToneBank(clock_rate)
