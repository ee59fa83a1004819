"""Between a device's rate and the bridge's: whole-number resampling with a windowed-sinc filter.

Devices are opened at 48 kHz, because there their periods are short: at 16 kHz the same 1,024
frames of a period take three times as long (64 ms seen instead of 21), in each direction.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

TAPS_PER_STEP = 16
PASS_BAND = 0.45
"""Share of the lower rate that passes; what lies above half of it would fold back."""
Samples = npt.NDArray[np.float32]


def _low_pass(factor: int) -> Samples:
    """`TAPS_PER_STEP * factor` taps with a gain of one (sinc under a Blackman window)."""
    n_taps = TAPS_PER_STEP * factor
    at = np.arange(n_taps) - (n_taps - 1) / 2
    taps = np.sinc(2 * PASS_BAND / factor * at) * np.blackman(n_taps)
    return np.asarray(taps / taps.sum(), dtype=np.float32)


def _pcm(samples: Samples) -> npt.NDArray[np.int16]:
    return np.clip(np.round(samples), -32768, 32767).astype("<i2")


class FromDevice:
    """PCM16 of a device in, PCM16 mono of the bridge out; `factor` times slower, channels mixed.

    Takes any number of bytes at a time and keeps what does not make up a whole sample.
    """

    def __init__(self, factor: int, channels: int) -> None:
        self._factor = factor
        self._channels = channels
        self._taps = _low_pass(factor)
        self._rest = b""
        self._samples: Samples = np.zeros(len(self._taps) - 1 if factor > 1 else 0, np.float32)

    def convert(self, pcm16: bytes) -> bytes:
        data = self._rest + pcm16
        n_whole = len(data) - len(data) % (2 * self._channels)
        data, self._rest = data[:n_whole], data[n_whole:]
        if self._factor == 1 and self._channels == 1:
            return data
        new = np.frombuffer(data, dtype="<i2").astype(np.float32)
        if self._channels > 1:
            new = new.reshape(-1, self._channels).mean(axis=1, dtype=np.float32)
        if self._factor == 1:
            return _pcm(new).tobytes()
        samples = np.concatenate([self._samples, new])
        n_out = (len(samples) - len(self._taps) + 1) // self._factor
        if n_out <= 0:
            self._samples = samples
            return b""
        windows = np.lib.stride_tricks.sliding_window_view(samples, len(self._taps))
        out = windows[: n_out * self._factor : self._factor] @ self._taps
        self._samples = samples[n_out * self._factor :]
        return _pcm(out).tobytes()


class ToDevice:
    """PCM16 mono of the bridge in, PCM16 of a device out; `factor` times faster, on all channels.

    Takes an even number of bytes at a time.
    """

    def __init__(self, factor: int, channels: int) -> None:
        self._factor = factor
        self._channels = channels
        # One column a phase; each window holds the oldest sample first, so taps run backwards.
        phases = (_low_pass(factor) * factor).reshape(TAPS_PER_STEP, factor)[::-1]
        self._phases: Samples = np.ascontiguousarray(phases)
        self._samples: Samples = np.zeros(TAPS_PER_STEP - 1, np.float32)

    @property
    def bytes_per_byte(self) -> int:
        """How many bytes of the device one byte of the bridge becomes."""
        return self._factor * self._channels

    def convert(self, pcm16: bytes) -> bytes:
        if not pcm16 or self.bytes_per_byte == 1:
            return pcm16
        new = np.frombuffer(pcm16, dtype="<i2")
        if self._factor > 1:
            samples = np.concatenate([self._samples, new.astype(np.float32)])
            windows = np.lib.stride_tricks.sliding_window_view(samples, TAPS_PER_STEP)
            self._samples = samples[-(TAPS_PER_STEP - 1) :]
            new = _pcm((windows @ self._phases).ravel())
        return np.repeat(new, self._channels).tobytes()
