"""A sound file of any rate, width and number of channels as 16-bit mono at the bridge's rate.

libsndfile decodes and the SoX resampler changes the rate: both are what studios use, measured here
to keep the level and to let nothing above half the new rate fold back. A file is prepared once and
then found in the cache by its contents, so the same message costs nothing at the next call.
"""

from __future__ import annotations

import hashlib
import os
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from sip.errors import KnownError
from sip.wav.header import read_header

_VERSION: Final = b"1"  # another way of preparing makes other files
_BLOCK_FRAMES: Final = 65_536
_FULL_SCALE: Final = 32_767.0
_SILENT_PEAK: Final = 10 ** (-60 / 20)
_DEAD_SHARE: Final = 10 ** (-40 / 20)  # of the loudest channel's power, as an amplitude
Sound = npt.NDArray[np.float64]


class Prepared(msgspec.Struct, frozen=True):
    """A file that a bridge plays as it is. `loudest_dbfs`: its highest sample."""

    path: Path
    seconds: float
    loudest_dbfs: float


def prepare(source: Path, cache_dir: Path, rate_hz: int) -> Prepared:
    """Make `source` ready for a bridge of `rate_hz`; raises KnownError with the reason if it
    is no sound, none that a person could hear, or longer than a message may be.
    """
    read_header(source)
    target = cache_dir / f"{_name_of(source, rate_hz)}.wav"
    if target.exists():
        return _told(target)
    try:
        weights, peak = _look(source)
        if peak < _SILENT_PEAK:
            raise KnownError(f"{source.name} is silent: whoever is played it hears nothing.")
        sound = _resampled(source, weights / max(1.0, peak), rate_hz)
    except soundfile.LibsndfileError as error:
        reason = str(error.error_string).strip().rstrip(".")
        raise KnownError(f"{source.name} cannot be read ({reason}); export it again.") from error
    _write(target, sound, rate_hz)
    return _told(target)


def _name_of(source: Path, rate_hz: int) -> str:
    digest = hashlib.sha256(_VERSION)
    with source.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return f"{digest.hexdigest()[:32]}-{rate_hz}"


def _blocks(source: Path) -> Iterator[Sound]:
    with soundfile.SoundFile(str(source)) as file:
        yield from file.blocks(blocksize=_BLOCK_FRAMES, dtype="float64", always_2d=True)


def _look(source: Path) -> tuple[Sound, float]:
    """How much of each channel goes into the one, and the highest sample of that sum.

    A channel that is all but silent takes no part: half of a voice on one side of two would
    else be lost.
    """
    power = np.zeros(0)
    for block in _blocks(source):
        squares = np.square(np.nan_to_num(block)).sum(axis=0)
        power = squares if power.size == 0 else power + squares
    is_heard = power > power.max(initial=0.0) * _DEAD_SHARE**2
    weights = is_heard / max(1, int(is_heard.sum()))
    peak = 0.0
    for block in _blocks(source):
        peak = max(peak, float(np.abs(np.nan_to_num(block) @ weights).max(initial=0.0)))
    if not np.isfinite(peak) or peak > 1e6:
        raise KnownError(f"{source.name} holds figures that are no sound; export it again.")
    return weights, peak


def _resampled(source: Path, weights: Sound, rate_hz: int) -> npt.NDArray[np.int16]:
    with soundfile.SoundFile(str(source)) as file:
        given_hz = int(file.samplerate)
    stream = soxr.ResampleStream(given_hz, rate_hz, 1, dtype="float64", quality="VHQ")
    pieces = [stream.resample_chunk(np.nan_to_num(b) @ weights) for b in _blocks(source)]
    pieces.append(stream.resample_chunk(np.zeros(0), last=True))
    whole = np.concatenate(pieces)
    return np.clip(np.round(whole * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE).astype("<i2")


def _write(target: Path, sound: npt.NDArray[np.int16], rate_hz: int) -> None:
    """Whole or not at all: two programs may prepare the same file at the same time."""
    fresh = target.with_suffix(f".{os.getpid()}.new")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with wave.open(str(fresh), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate_hz)
            file.writeframes(sound.tobytes())
        fresh.replace(target)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise KnownError(
            f"The prepared message cannot be written to {target.parent} ({error.strerror})."
        ) from error


def _told(target: Path) -> Prepared:
    with wave.open(str(target)) as file:
        frames, rate_hz = file.getnframes(), file.getframerate()
        sound = np.frombuffer(file.readframes(frames), dtype="<i2")
    peak = float(np.abs(sound.astype(np.int32)).max(initial=0)) / _FULL_SCALE
    loudest = 20 * np.log10(peak) if peak > 0 else -100.0
    return Prepared(target, frames / rate_hz, float(loudest))
