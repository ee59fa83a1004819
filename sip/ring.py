"""A short store of sound between two clocks: the oldest is dropped, what is missing is silence."""

from __future__ import annotations

import threading

WATCH_TAKES = 100
"""So many takes in a row (two seconds) must have left too much before the excess is dropped."""


class Ring:
    """Holds at most `limit` bytes of PCM16. Safe from two threads; never waits for more data.

    Devices give sound in lumps of their own size. With `is_steady` a reader that has run dry gets
    silence until a lump and a frame are there, so that the next lump may come as late as the last.

    What once was put too much would delay all that follows, for a whole call. So where more than
    `spare` bytes have been left over by every take for two seconds, the ring goes down to half of
    that: one small click instead of a lasting delay. 0 keeps everything.
    """

    def __init__(self, limit: int, *, is_steady: bool = False, spare: int = 0) -> None:
        self._limit = limit
        self._spare = spare
        self._is_steady = is_steady
        self._is_dry = True
        self._lump = 0
        self._least_left: int | None = None
        self._takes = 0
        self._data = bytearray()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._data)

    def put(self, data: bytes) -> None:
        """Add sound; what does not fit goes at the old end (the reader's clock is slower)."""
        with self._lock:
            self._lump = max(self._lump, min(len(data), self._limit // 2))
            self._data += data
            if len(self._data) > self._limit:
                # Down to the half at once: one click now and then, not a ring that stays full.
                del self._data[: len(self._data) - self._limit // 4 * 2]

    def take(self, n_bytes: int) -> bytes:
        """Exactly `n_bytes`, filled up with silence where there is less."""
        with self._lock:
            if self._is_steady and self._is_dry and len(self._data) < self._lump + n_bytes:
                return bytes(n_bytes)
            taken = bytes(self._data[:n_bytes])
            del self._data[:n_bytes]
            self._is_dry = len(taken) < n_bytes
            self._watch_excess()
        return taken + bytes(n_bytes - len(taken))

    def take_most(self, n_bytes: int) -> bytes:
        """At most `n_bytes`, and not more than there is."""
        with self._lock:
            taken = bytes(self._data[: n_bytes - n_bytes % 2])
            del self._data[: len(taken)]
            if taken:
                self._watch_excess()
        return taken

    def _watch_excess(self) -> None:
        left = len(self._data)
        self._least_left = left if self._least_left is None else min(left, self._least_left)
        self._takes += 1
        if self._takes < WATCH_TAKES:
            return
        if self._spare and self._least_left > self._spare:
            excess = self._least_left - self._spare // 2
            del self._data[: excess - excess % 2]
        self._takes, self._least_left = 0, None

    def clear(self) -> None:
        """Forget all that is here, and how it came."""
        with self._lock:
            self._data.clear()
            self._is_dry, self._lump = True, 0
            self._takes, self._least_left = 0, None

    def skip(self) -> None:
        """Forget what is here: from now on only what is said from now on."""
        with self._lock:
            self._data.clear()
            self._is_dry = True
            self._takes, self._least_left = 0, None
