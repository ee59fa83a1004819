"""Sound frames in and out of PJSUA2's byte vectors, fast. Known to engine processes only.

`bytes(vector)` crosses the C++ border once an element: 0.6 ms for a frame of 20 ms at 16 kHz,
which drowns a floor of twenty calls. Reading the vector's own begin and end pointers takes
3 µs. Whether that layout holds is checked once, at the first use; where it does not, the slow
way is taken.
"""

from __future__ import annotations

import ctypes
from typing import Protocol

import pjsua2 as pj


class Codec(Protocol):
    """One way of moving bytes between Python and a vector."""

    def to_bytes(self, vec: pj.ByteVector) -> bytes: ...

    def fill(self, vec: pj.ByteVector, data: bytes) -> None: ...


class ElementCodec:
    """The slow way: through the vector's public methods, element by element."""

    def to_bytes(self, vec: pj.ByteVector) -> bytes:
        return bytes(vec)

    def fill(self, vec: pj.ByteVector, data: bytes) -> None:
        vec.clear()
        for octet in data:
            vec.push_back(octet)


class PointerCodec:
    """The fast way: `std::vector` starts with its begin, end and end-of-storage pointers."""

    def _pointers(self, vec: pj.ByteVector) -> tuple[int, int, int]:
        """Addresses of begin, end and end of storage; 0 where the vector has none yet."""
        begin, end, storage = (ctypes.c_void_p * 3).from_address(int(vec.this))
        return begin or 0, end or 0, storage or 0

    def to_bytes(self, vec: pj.ByteVector) -> bytes:
        begin, end, _ = self._pointers(vec)
        return ctypes.string_at(begin, end - begin) if begin else b""

    def fill(self, vec: pj.ByteVector, data: bytes) -> None:
        if vec.size() != len(data):
            vec.resize(len(data))
        if data:
            ctypes.memmove(self._pointers(vec)[0], data, len(data))

    def is_sound(self) -> bool:
        """Whether the pointers say what the vector says: nothing is read through them before
        begin, end and storage agree with its size and capacity."""
        vec = pj.ByteVector()
        begin, end, storage = self._pointers(vec)
        if begin or end or storage:
            return False
        sample = bytes(range(256)) + b"\x00\xff\x7f"
        ElementCodec().fill(vec, sample)
        begin, end, storage = self._pointers(vec)
        if not begin or end - begin != vec.size() or storage - begin != vec.capacity():
            return False
        if self.to_bytes(vec) != sample:
            return False
        mirrored = sample[::-1] * 2
        self.fill(vec, mirrored)
        return ElementCodec().to_bytes(vec) == mirrored


def choose_codec() -> Codec:
    """The fast way if this build's vectors allow it, else the slow one."""
    fast = PointerCodec()
    try:
        return fast if fast.is_sound() else ElementCodec()
    except (TypeError, ValueError, AttributeError):
        return ElementCodec()


_codec: Codec = choose_codec()


def is_fast() -> bool:
    """Whether the fast way is in use in this process."""
    return isinstance(_codec, PointerCodec)


def to_bytes(vec: pj.ByteVector) -> bytes:
    """A copy of the vector's octets."""
    return _codec.to_bytes(vec)


def fill(vec: pj.ByteVector, data: bytes) -> None:
    """Make the vector hold exactly `data`; in place, without a new vector."""
    _codec.fill(vec, data)
