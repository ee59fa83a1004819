"""A WAV file of two channels that is whole at any moment, also after its writer was killed."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np

from sip.errors import KnownError

HEADER_BYTES = 44
FRAME_BYTES = 4  # two channels of 16 bits


class TwoChannelWav:
    """16-bit PCM, left and right; the header's sizes are brought up to date by each `write`.

    A file that is there already is not touched unless `is_continued`. Every method raises
    KnownError where the disk refuses.
    """

    def __init__(self, path: Path, clock_rate: int, *, is_continued: bool = False) -> None:
        self._path = path
        self._clock_rate = clock_rate
        self._n_bytes = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | (0 if is_continued else os.O_CREAT | os.O_EXCL)
            # Windows would otherwise write line ends into the sound.
            self._fd = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as error:
            raise self._failed(error) from error
        try:
            if is_continued:
                self._n_bytes = max(0, os.fstat(self._fd).st_size - HEADER_BYTES)
                self._n_bytes -= self._n_bytes % FRAME_BYTES
            self._put(0, self._header())
        except KnownError:
            os.close(self._fd)
            raise

    def _failed(self, error: OSError) -> KnownError:
        return KnownError(
            f"The recording {self._path.name} cannot be written ({error.strerror}): "
            "see to the folder's space and rights. The call goes on unrecorded."
        )

    def _header(self) -> bytes:
        rate, size = self._clock_rate, self._n_bytes
        return struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            *(b"RIFF", size + HEADER_BYTES - 8, b"WAVE", b"fmt ", 16, 1, 2),
            *(rate, rate * FRAME_BYTES, FRAME_BYTES, 16, b"data", size),
        )

    def _put(self, at: int, data: bytes) -> None:
        try:
            os.lseek(self._fd, at, os.SEEK_SET)
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            raise self._failed(error) from error

    def write(self, left: bytes, right: bytes) -> None:
        """Add as much of both channels (PCM16, equally long); the sound first, then the sizes."""
        both = np.empty((len(left) // 2, 2), dtype="<i2")
        both[:, 0] = np.frombuffer(left, dtype="<i2")
        both[:, 1] = np.frombuffer(right, dtype="<i2")
        data = both.tobytes()
        self._put(HEADER_BYTES + self._n_bytes, data)
        self._n_bytes += len(data)
        self._put(0, self._header())

    def close(self) -> None:
        """All is written already: only the descriptor is given back."""
        try:
            os.close(self._fd)
        except OSError as error:  # a network drive may tell of a full disk this late
            raise self._failed(error) from error
