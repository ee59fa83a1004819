"""The figures of the phone's sound: from mouth to ear, and back after a headset was pulled."""

from __future__ import annotations

import pytest

from app.telephony.pulse import RATE
from app.telephony.sound_bench import SoundFigures, click, delays_ms, measure_sound, onsets_s
from tests import needs

MOUTH_TO_EAR_MS, SOUND_BACK_MS = 150, 500


class Tape:
    """A recording that came in lumps of 20 ms, each at the moment of its end."""

    def __init__(self, pcm16: bytes, start_s: float) -> None:
        step = RATE // 50 * 2
        self.lumps = [
            (start_s + (at + step) / (2 * RATE), pcm16[at : at + step])
            for at in range(0, len(pcm16), step)
        ]


@pytest.mark.alone
def test_mouth_to_ear_and_sound_back_are_measured() -> None:
    # What is promised is the bench's to say, on a quiet machine; here it must be of that order.
    needs.program("pulseaudio", "pulseaudio")
    needs.program("parec", "pulseaudio-utils")
    found = measure_sound(seconds=6.0, unplug_times=2)
    assert found.keys() == set(SoundFigures.__struct_fields__)
    figures = SoundFigures(**found)  # type: ignore[arg-type]  # what JSON holds
    assert figures.words_said > 10
    assert figures.words_heard > figures.words_said // 2
    assert figures.mouth_to_ear_median_ms is not None
    assert 0 < figures.mouth_to_ear_median_ms <= 3 * MOUTH_TO_EAR_MS
    assert figures.sound_back_worst_ms is not None
    assert 0 < figures.sound_back_worst_ms <= 3 * SOUND_BACK_MS
    assert figures.headset_back_worst_ms is not None
    assert 0 < figures.headset_back_worst_ms <= 3 * SOUND_BACK_MS
    assert figures.phone_idle_cpu < 0.1


def test_delays_are_counted_from_word_to_word() -> None:
    quiet = bytes(RATE - len(click()))
    said = Tape((bytes(3200) + click() + quiet) * 4, 100.0)
    heard = Tape(bytes(2 * RATE // 10) + (bytes(3200) + click() + quiet) * 3, 100.0)
    delays = delays_ms(onsets_s(said), onsets_s(heard))
    assert delays == pytest.approx([100.0] * 3, abs=0.2)
    assert onsets_s(Tape(b"", 0.0)) == []
