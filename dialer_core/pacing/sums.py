"""Distribution of (answered calls - freed seats) by characteristic functions.

Calls and seats are independent coin flips with chances of their own. The transform of the sum is
the product of theirs; a tail or a mean of it is one product with the transform of that function.
The distribution is real, so half of the points on the circle are enough.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]


class Buffers(NamedTuple):
    """What stands behind the free seats, and what its use costs in lost calls."""

    parkable: int = 0
    relief: int = 0
    park_price: float = 0.0
    relief_price: float = 0.0


NO_BUFFERS = Buffers()


class Sums:
    """Sums of one size; the integers from -size/2 to size/2 are told apart."""

    def __init__(self, size: int) -> None:
        self._size = size
        half = size // 2
        circle = np.exp(2j * np.pi * np.arange(half + 1) / size)
        self.forward: Complex = circle - 1.0
        self.back: Complex = circle.conj() - 1.0
        self._values = (np.arange(size) + half) % size - half
        weights = np.full(half + 1, 2.0)
        weights[0] = weights[-1] = 1.0
        self._weights = weights / size
        self._kernels: dict[tuple[int, Buffers], Complex] = {}
        self._excess: dict[int, Complex] = {}

    def transform(self, calls: Floats, seats: Floats) -> Complex:
        """Rows by horizon; columns of `calls` and `seats` are chances."""
        up: Complex = np.multiply.reduce(1.0 + calls[:, :, None] * self.forward, axis=1)
        down: Complex = np.multiply.reduce(1.0 + seats[:, :, None] * self.back, axis=1)
        return up * down

    def cost(self, free: int, buffers: Buffers = NO_BUFFERS) -> Complex:
        """Weights that turn a transform into the cost of one more answer.

        1 where it is lost, the buffers' prices where it would use one of them, 0 where a seat is
        free. Used as `(transform @ cost).real`.
        """
        key = (free, buffers)
        if key not in self._kernels:
            if len(self._kernels) > 400:
                self._kernels.clear()
            steps = self._values >= free
            cost = steps.astype(float)
            if buffers.parkable or buffers.relief:
                behind = free + buffers.parkable
                cost = np.where(self._values < behind, buffers.park_price, cost) * steps
                is_relief = (self._values >= behind) & (self._values < behind + buffers.relief)
                cost = np.where(is_relief, buffers.relief_price, cost)
            self._kernels[key] = self._kernel(cost)
        return self._kernels[key]

    def excess(self, free: int) -> Complex:
        """Weights that turn a transform into the expected number beyond `free`."""
        if free not in self._excess:
            self._excess[free] = self._kernel(np.maximum(self._values - free, 0).astype(float))
        return self._excess[free]

    def _kernel(self, of_value: Floats) -> Complex:
        transformed: Complex = np.fft.fft(of_value)[: self._size // 2 + 1]
        return transformed * self._weights
