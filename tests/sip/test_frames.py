"""Frames cross the C++ border unchanged, the fast way and the slow way."""

from __future__ import annotations

import pjsua2 as pj
import pytest

from sip import frames

SAMPLES = [b"", b"\x00", bytes(range(256)), b"\xff\x00\x80\x7f" * 160, bytes(1280)]


@pytest.mark.parametrize("data", SAMPLES, ids=len)
def test_fast_and_slow_agree(data: bytes) -> None:
    fast, slow = frames.PointerCodec(), frames.ElementCodec()
    for writer in (fast, slow):
        vec = pj.ByteVector()
        writer.fill(vec, data)
        assert vec.size() == len(data)
        assert fast.to_bytes(vec) == slow.to_bytes(vec) == data


def test_a_vector_shrinks_and_grows_with_what_it_is_given() -> None:
    vec = pj.ByteVector()
    for length in (640, 320, 0, 641):
        frames.fill(vec, bytes([length % 251]) * length)
        assert frames.to_bytes(vec) == bytes([length % 251]) * length


def test_the_copy_is_a_copy() -> None:
    vec = pj.ByteVector()
    frames.fill(vec, b"before")
    copy = frames.to_bytes(vec)
    frames.fill(vec, b"after!")
    assert copy == b"before"


def test_this_build_allows_the_fast_way() -> None:
    assert frames.is_fast()


def test_a_strange_layout_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def strange(self: frames.PointerCodec, vec: pj.ByteVector) -> tuple[int, int, int]:
        return 16, 16, 16

    monkeypatch.setattr(frames.PointerCodec, "_pointers", strange)
    assert isinstance(frames.choose_codec(), frames.ElementCodec)


def test_a_vector_without_an_address_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_address(self: frames.PointerCodec, vec: pj.ByteVector) -> tuple[int, int, int]:
        raise TypeError("no integer")

    monkeypatch.setattr(frames.PointerCodec, "_pointers", no_address)
    assert isinstance(frames.choose_codec(), frames.ElementCodec)
