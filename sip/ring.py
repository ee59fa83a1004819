"""A short store of sound between two clocks: the oldest is dropped, what is missing is silence."""

from __future__ import annotations

import threading


class Ring:
    """Holds at most `limit` bytes of PCM16. Safe from two threads; never waits for more data."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._data = bytearray()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._data)

    def put(self, data: bytes) -> None:
        """Add sound; the oldest goes if it does not fit (the reader's clock is slower)."""
        with self._lock:
            self._data += data
            surplus = len(self._data) - self._limit
            if surplus > 0:
                del self._data[: surplus + surplus % 2]

    def take(self, n_bytes: int) -> bytes:
        """Exactly `n_bytes`, filled up with silence where there is less."""
        with self._lock:
            taken = bytes(self._data[:n_bytes])
            del self._data[:n_bytes]
        return taken + bytes(n_bytes - len(taken))

    def take_most(self, n_bytes: int) -> bytes:
        """At most `n_bytes`, and not more than there is."""
        with self._lock:
            taken = bytes(self._data[: n_bytes - n_bytes % 2])
            del self._data[: len(taken)]
        return taken

    def clear(self) -> None:
        with self._lock:
            self._data.clear()
