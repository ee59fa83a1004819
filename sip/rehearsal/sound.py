"""What a practice person sounds like: their signature, and a machine's beep."""

from __future__ import annotations

from typing import Final

import numpy as np

from sip.signatures import SignatureSource

CLOCK_RATE: Final = 8000
BEEP_HZ: Final = 1000
BEEP_S: Final = 0.3
_BEEP_LEVEL: Final = 8000.0


def _beep() -> bytes:
    at_s = np.arange(int(BEEP_S * CLOCK_RATE)) / CLOCK_RATE
    return np.round(_BEEP_LEVEL * np.sin(2 * np.pi * BEEP_HZ * at_s)).astype("<i2").tobytes()


class Voice:
    """The sound of one person at 8 kHz. `frame` may run on another thread than the rest.

    Raises ValueError for an unknown signature.
    """

    def __init__(self, signature: int) -> None:
        self._source = SignatureSource(signature, CLOCK_RATE)
        self._beep = b""

    @property
    def is_speaking(self) -> bool:
        """Whether the signature is being played."""
        return self._source.is_playing

    def speak(self) -> None:
        self._source.start()

    def hush(self) -> None:
        self._source.stop()

    def beep(self) -> None:
        """A machine's tone instead of its greeting."""
        self._source.stop()
        self._beep = _beep()

    def frame(self, n_samples: int) -> bytes:
        """The next `n_samples` as PCM16."""
        n_bytes = 2 * n_samples
        if self._beep:
            now, self._beep = self._beep[:n_bytes], self._beep[n_bytes:]
            return now.ljust(n_bytes, b"\x00")
        return self._source.frame(n_samples)
