"""The ear of these tests: a cut in a sound is not somebody else."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from tests.sip.control_kit import TONES_HZ, Heard
from tests.sip.party import RATE

pytestmark = pytest.mark.sip


def spoken(*names: str, cut_at: int = 0, left_out: int = 0) -> npt.NDArray[np.float64]:
    """20 ms of these; `left_out` samples are missing at the sample `cut_at`."""
    samples = np.arange(160)
    moments = np.where(samples >= cut_at, samples + left_out, samples) / RATE
    tones = [tone for name in names for tone in TONES_HZ[name]]
    waves: npt.NDArray[np.float64] = np.sin(2 * np.pi * np.outer(tones, moments))
    return np.asarray(3000.0 * waves.sum(axis=0), dtype=np.float64)


def heard(*frames: npt.NDArray[np.float64]) -> Heard:
    return Heard(np.arange(len(frames), dtype=np.float64) * 0.02, np.array(frames))


@pytest.mark.parametrize("left_out", range(1, 40, 2))
def test_a_cut_in_a_sound_is_nobody_else(left_out: int) -> None:
    whole = [spoken("third")] * 20
    cut = [spoken("third", cut_at=at, left_out=left_out) for at in range(8, 160, 8)]
    ear = heard(*whole * 2, *cut, *whole * 2)
    assert ear.between(0.0, 2.0).keys() == {"third"}


def test_one_who_is_there_for_20_ms_is_found() -> None:
    whole = [spoken("third")] * 20
    ear = heard(*whole, spoken("third", "supervisor"), *whole)
    with pytest.raises(AssertionError, match="supervisor"):
        ear.who(0.0, 1.0)
