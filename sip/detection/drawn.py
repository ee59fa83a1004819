"""Tones drawn as sound, with the noise and the line that they come through: for the benchmark.

Sounds are float arrays at full scale 1.0 until `pcm16`; randomness is handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Wave = npt.NDArray[np.float64]

_FADE_S: Final = 0.002


def silence(seconds: float, clock_rate: int) -> Wave:
    return np.zeros(round(seconds * clock_rate))


def tone(hertz: Sequence[float], seconds: float, clock_rate: int, level_dbfs: float) -> Wave:
    """Sines of equal strength, together at `level_dbfs` (mean square), with 2 ms of fade."""
    at_s = np.arange(round(seconds * clock_rate)) / clock_rate
    wave: Wave = np.zeros(len(at_s))
    for hz in hertz:
        wave += np.sin(2 * np.pi * hz * at_s)
    wave *= 10 ** (level_dbfs / 20) * np.sqrt(2.0 / len(hertz))
    n_fade = min(round(_FADE_S * clock_rate), len(wave) // 2)
    if n_fade:
        ramp = np.linspace(0.0, 1.0, n_fade)
        wave[:n_fade] *= ramp
        wave[-n_fade:] *= ramp[::-1]
    return wave


def cadence(
    hertz: Sequence[float],
    on_off_s: Sequence[float],
    seconds: float,
    clock_rate: int,
    level_dbfs: float,
) -> Wave:
    """A tone on and off in turn, as long as `on_off_s` say, over and over for `seconds`."""
    parts: list[Wave] = []
    n_left = round(seconds * clock_rate)
    while n_left > 0:
        for index, part_s in enumerate(on_off_s):
            is_on = index % 2 == 0
            part = (
                tone(hertz, part_s, clock_rate, level_dbfs)
                if is_on
                else silence(part_s, clock_rate)
            )
            parts.append(part)
            n_left -= len(part)
    return np.concatenate(parts)[: round(seconds * clock_rate)]


def information_tone(
    segments: Sequence[tuple[float, float]],
    clock_rate: int,
    level_dbfs: float,
    gap_s: float = 0.0,
) -> Wave:
    """Segments of (Hz, seconds) one after the other."""
    parts: list[Wave] = []
    for hz, seconds in segments:
        parts += [tone([hz], seconds, clock_rate, level_dbfs), silence(gap_s, clock_rate)]
    return np.concatenate(parts)


def answer_tone(
    seconds: float,
    clock_rate: int,
    level_dbfs: float,
    *,
    hz: float = 2100.0,
    is_swinging: bool = False,
    turn_s: float = 0.0,
) -> Wave:
    """A fax's 2100 Hz, or a modem's: swinging by 20 % at 15 Hz, its phase turned every `turn_s`."""
    wave = tone([hz], seconds, clock_rate, level_dbfs)
    at_s = np.arange(len(wave)) / clock_rate
    if is_swinging:
        wave *= 1.0 + 0.2 * np.sin(2 * np.pi * 15.0 * at_s)
    if turn_s:
        wave *= np.where(np.floor(at_s / turn_s) % 2 == 0, 1.0, -1.0)
    return wave


def white(n: int, level_dbfs: float, rng: np.random.Generator) -> Wave:
    """White noise at a level."""
    return rng.standard_normal(n) * 10 ** (level_dbfs / 20)


def hum(n: int, clock_rate: int, level_dbfs: float, rng: np.random.Generator) -> Wave:
    """Mains hum: 50 Hz and its odd and even fellows, the third the strongest."""
    at_s = np.arange(n) / clock_rate
    wave = np.zeros(n)
    for times, strength in ((1, 0.5), (2, 0.7), (3, 1.0), (5, 0.4), (7, 0.2)):
        wave += strength * np.sin(2 * np.pi * 50 * times * at_s + rng.uniform(0, 2 * np.pi))
    return scaled(wave, level_dbfs)


def scaled(wave: Wave, level_dbfs: float) -> Wave:
    """The same sound at another level (mean square over all of it)."""
    power = float(np.mean(wave * wave)) if len(wave) else 0.0
    return wave * (10 ** (level_dbfs / 20) / np.sqrt(power)) if power > 0 else wave


def resampled(wave: Wave, from_hz: int, to_hz: int, band_hz: tuple[float, float]) -> Wave:
    """At another clock rate, and of it only the band that a telephone line lets through."""
    n_to = round(len(wave) * to_hz / from_hz)
    spectrum = np.fft.rfft(wave)
    hertz = np.arange(len(spectrum)) * from_hz / max(1, len(wave))
    spectrum *= (hertz >= band_hz[0]) & (hertz <= band_hz[1])
    wanted = np.zeros(n_to // 2 + 1, dtype=complex)
    n_kept = min(len(wanted), len(spectrum))
    wanted[:n_kept] = spectrum[:n_kept]
    return np.fft.irfft(wanted, n_to) * (n_to / max(1, len(wave)))


def pcm16(wave: Wave) -> bytes:
    """As 16-bit samples, little endian; what is too loud is cut."""
    return np.clip(np.rint(wave * 32767.0), -32768, 32767).astype("<i2").tobytes()


def through_a_law(sound: bytes) -> bytes:
    """What is left of PCM16 after one way through G.711 (A-law): 13 segments, 4 bits each."""
    values = np.frombuffer(sound, dtype="<i2").astype(np.float64)
    size = np.abs(values)
    step = np.where(size < 512, 16.0, 2.0 ** np.floor(np.log2(np.maximum(size, 512.0)) - 4))
    coded = (np.floor(size / step) + 0.5) * step
    return np.clip(np.sign(values + 0.5) * coded, -32768, 32767).astype("<i2").tobytes()
