"""Bursts are counted by what was spoken, not by what came: a lost one is missed."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from sip.bursts import BurstMeter
from sip.signatures import PHONE_SIGNATURES, Listener, SignatureSource

VOICE = PHONE_SIGNATURES[3]
FRAME_S = 0.02
PERIOD_FRAMES = 75


def heard(seconds: float, lost: Collection[int] = ()) -> tuple[int, int]:
    """Bursts heard and spoken in a call of so long, in which these frames were lost."""
    source, listener = SignatureSource(VOICE, 8000), Listener(8000)
    source.start()
    for index in range(round(seconds / FRAME_S)):
        frame = source.frame(160)
        listener.hear(bytes(320) if index in lost else frame, index * FRAME_S)
    return listener.sounds().bursts[VOICE]


def test_all_bursts_but_the_first_and_the_last_are_heard() -> None:
    assert heard(15.0) == (8, 8)
    assert heard(15.7) == (9, 9)


@pytest.mark.parametrize("burst", [1, 4, 7])
def test_a_burst_that_never_came_was_spoken(burst: int) -> None:
    lost = set(range(burst * PERIOD_FRAMES, (burst + 1) * PERIOD_FRAMES))
    assert heard(15.0, lost) == (7, 8)


def test_a_burst_of_which_a_fifth_is_lost_was_not_heard_and_a_frame_is_forgiven() -> None:
    assert heard(15.0, set(range(160, 172))) == (7, 8)
    assert heard(15.0, {170}) == (8, 8)


def test_a_slip_of_some_frames_does_not_move_the_later_ones_out() -> None:
    source, listener = SignatureSource(VOICE, 8000), Listener(8000)
    source.start()
    for index in range(750):
        if index == 90:
            source.frame(8 * 160)  # a jitter buffer throws sound away
        listener.hear(source.frame(160), index * FRAME_S)
    whole, spoken = listener.sounds().bursts[VOICE]
    assert (whole, spoken) == (8, 9)


def test_nobody_was_heard() -> None:
    meter = BurstMeter()
    for _ in range(500):
        meter.hear(0)
    assert meter.bursts() == {}
    meter.hear(VOICE)
    assert meter.bursts() == {VOICE: (0, 0)}
