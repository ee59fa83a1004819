"""Uniform numbers by address: the same for whoever asks, in whatever order, on every machine."""

from __future__ import annotations

import numpy as np

_ROW = 8  # numbers a contact and attempt
_BLOCK = 512  # contacts drawn at a time
_KEPT = 8  # blocks remembered
_MASK = (1 << 64) - 1


class Draws:
    """Eight uniform numbers in (0, 1) for each contact and attempt, given a seed.

    Drawn in blocks from the raw stream of Philox 4x64 (Salmon et al. 2011), which NumPy promises
    not to change.
    """

    def __init__(self, seed: int, purpose: int = 0) -> None:
        self._key = (seed & _MASK, purpose & _MASK)
        self._blocks: dict[tuple[int, int], list[list[float]]] = {}

    def row(self, contact: int, attempt: int = 0) -> list[float]:
        """The numbers of one contact's attempt."""
        block, place = divmod(contact, _BLOCK)
        rows = self._blocks.get((block, attempt))
        if rows is None:
            rows = self._draw(block, attempt)
        return rows[place]

    def _draw(self, block: int, attempt: int) -> list[list[float]]:
        source = np.random.Philox(
            key=np.array(self._key, dtype=np.uint64),
            counter=np.array([0, block & _MASK, attempt & _MASK, 0], dtype=np.uint64),
        )
        raw = source.random_raw(_BLOCK * _ROW)
        numbers = ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
        rows: list[list[float]] = numbers.reshape(_BLOCK, _ROW).tolist()
        if len(self._blocks) >= _KEPT:
            del self._blocks[next(iter(self._blocks))]
        self._blocks[block, attempt] = rows
        return rows
