"""Tones are named by their whole figure, in noise too; and nothing else is taken for one."""

from __future__ import annotations

import numpy as np
import pytest

from app.telephony.corpus import speak
from sip.detection import drawn
from sip.detection.beep import BeepFinder
from sip.detection.levels import samples
from sip.detection.tones import ToneFound, ToneListener
from sip.messages.hearing import Tone
from tests import needs

RATE = 8000
LEVEL_DBFS = -24.0
FRAME = RATE // 50
LOW_1, HIGH_1, LOW_2, HIGH_2, LAST = 913.8, 985.2, 1370.6, 1428.5, 1776.7
SHORT_S, LONG_S = 0.274, 0.380
SIT: dict[Tone, tuple[tuple[float, float], ...]] = {
    "sit_no_circuit": ((HIGH_1, LONG_S), (HIGH_2, LONG_S), (LAST, LONG_S)),
    "sit_intercept": ((LOW_1, SHORT_S), (LOW_2, SHORT_S), (LAST, LONG_S)),
    "sit_vacant": ((HIGH_1, LONG_S), (LOW_2, SHORT_S), (LAST, LONG_S)),
    "sit_reorder": ((LOW_1, SHORT_S), (HIGH_2, LONG_S), (LAST, LONG_S)),
    "sit": ((950.0, 0.33), (1400.0, 0.33), (1800.0, 0.33)),
}
GENERIC = SIT["sit"]


def line(*parts: drawn.Wave, noise_db: float = 0.0, seed: int = 1, rate: int = RATE) -> bytes:
    """What arrives: a pause, the sounds, a pause, with white noise so far below `LEVEL_DBFS`."""
    pause = drawn.silence(0.3, rate)
    wave = np.concatenate([pause, *parts, pause])
    if noise_db:
        wave = wave + drawn.white(len(wave), LEVEL_DBFS - noise_db, np.random.default_rng(seed))
    return drawn.through_a_law(drawn.pcm16(wave))


def heard(sound: bytes, rate: int = RATE) -> list[ToneFound]:
    listener, n_bytes = ToneListener(rate), rate // 50 * 2
    found = [listener.hear(sound[at : at + n_bytes]) for at in range(0, len(sound), n_bytes)]
    return [one for one in found if one is not None]


def names(sound: bytes, rate: int = RATE) -> list[str]:
    return [found.tone for found in heard(sound, rate)]


def sit(*segments: tuple[float, float], gap_s: float = 0.0, rate: int = RATE) -> drawn.Wave:
    return drawn.information_tone(segments, rate, LEVEL_DBFS, gap_s)


class TestInformationTones:
    @pytest.mark.parametrize("noise_db", [0.0, 25.0, 15.0])
    @pytest.mark.parametrize("tone", SIT)
    def test_each_code_is_named(self, tone: Tone, noise_db: float) -> None:
        for seed in range(5):
            assert names(line(sit(*SIT[tone]), noise_db=noise_db, seed=seed)) == [tone]

    def test_at_16_khz_too(self) -> None:
        assert names(line(sit(*GENERIC, rate=16000), rate=16000), 16000) == ["sit"]

    def test_the_standards_edges(self) -> None:
        """ITU-T E.180: 50 Hz and 70 ms to each side, gaps of 30 ms."""
        for by_hz, by_s in ((45.0, 0.07), (-45.0, -0.07)):
            edge = [(hz + by_hz, seconds + by_s) for hz, seconds in GENERIC]
            assert names(line(sit(*edge, gap_s=0.03))) == ["sit"]

    @pytest.mark.parametrize(
        "segments",
        [
            pytest.param(GENERIC[::-1], id="backwards"),
            pytest.param((GENERIC[1], GENERIC[0], GENERIC[2]), id="first two swapped"),
            pytest.param(GENERIC[:2], id="cut"),
            pytest.param((GENERIC[0], GENERIC[2]), id="none in the middle"),
            pytest.param([(hz + 110.0, seconds) for hz, seconds in GENERIC], id="off frequency"),
            pytest.param([(hz, 0.12) for hz, _ in GENERIC], id="too short"),
            pytest.param([(hz, 0.8) for hz, _ in GENERIC], id="too long"),
        ],
    )
    def test_nothing_like_it_counts(self, segments: list[tuple[float, float]]) -> None:
        assert names(line(sit(*segments))) == []

    def test_gaps_and_uneven_strength_are_not_the_networks(self) -> None:
        assert names(line(sit(*GENERIC, gap_s=0.2))) == []
        parts = [
            drawn.tone([hz], seconds, RATE, level_dbfs)
            for (hz, seconds), level_dbfs in zip(GENERIC, (-20.0, -32.0, -20.0), strict=True)
        ]
        assert names(line(*parts)) == []

    def test_where_it_began(self) -> None:
        (found,) = heard(line(sit(*GENERIC)))
        assert found.start_s == pytest.approx(0.3, abs=0.05)
        assert found.known_s == pytest.approx(1.3, abs=0.1)


class TestMachines:
    @pytest.mark.parametrize("noise_db", [0.0, 20.0])
    def test_answer_tones(self, noise_db: float) -> None:
        steady = drawn.answer_tone(2.5, RATE, LEVEL_DBFS)
        swinging = drawn.answer_tone(2.5, RATE, LEVEL_DBFS, is_swinging=True)
        turning = drawn.answer_tone(2.5, RATE, LEVEL_DBFS, turn_s=0.45)
        assert names(line(steady, noise_db=noise_db)) == ["fax"]
        assert names(line(swinging, noise_db=noise_db)) == ["modem"]
        assert names(line(turning, noise_db=noise_db)) == ["modem"]

    def test_a_tone_that_goes_on_is_not_named_twice(self) -> None:
        """What a busy machine or network does to its later part changes nothing."""
        steady = drawn.answer_tone(1.4, RATE, LEVEL_DBFS)
        disturbed = drawn.answer_tone(1.4, RATE, LEVEL_DBFS, is_swinging=True, turn_s=0.3)
        assert names(line(steady, disturbed)) == ["fax"]
        assert names(line(steady, drawn.silence(0.2, RATE), disturbed)) == ["fax"]

    def test_an_answer_tone_off_its_frequency(self) -> None:
        """V.25 allows 15 Hz to each side; a steady tone there is no turning one."""
        for hz in (2085.0, 2115.0):
            assert names(line(drawn.answer_tone(2.5, RATE, LEVEL_DBFS, hz=hz))) == ["fax"]
        assert names(line(drawn.answer_tone(2.5, RATE, LEVEL_DBFS, hz=2000.0))) == []

    def test_a_calling_fax_is_known_by_its_second_call(self) -> None:
        once = drawn.cadence([1100.0], [0.5, 3.0], 3.4, RATE, LEVEL_DBFS)
        twice = drawn.cadence([1100.0], [0.5, 3.0], 5.0, RATE, LEVEL_DBFS)
        assert names(line(once)) == []
        assert names(line(twice)) == ["fax"]


class TestProgress:
    @pytest.mark.parametrize(
        ("hertz", "on_off_s", "expected"),
        [
            ((425.0,), (1.0, 4.0), "ringback"),
            ((440.0, 480.0), (2.0, 4.0), "ringback"),
            ((400.0, 450.0), (0.4, 0.2, 0.4, 2.0), "ringback"),
            ((425.0,), (0.5, 0.5), "busy"),
            ((400.0,), (0.375, 0.375), "busy"),
            ((480.0, 620.0), (0.5, 0.5), "busy"),
            ((425.0,), (0.25, 0.25), "congestion"),
            ((480.0, 620.0), (0.25, 0.25), "congestion"),
        ],
    )
    @pytest.mark.parametrize("noise_db", [0.0, 20.0])
    def test_cadences(
        self, hertz: tuple[float, ...], on_off_s: tuple[float, ...], expected: str, noise_db: float
    ) -> None:
        wave = drawn.cadence(hertz, on_off_s, 7.0, RATE, LEVEL_DBFS)
        assert names(line(wave, noise_db=noise_db)) == [expected]

    def test_a_dial_tone_and_a_steady_beep_are_neither(self) -> None:
        assert names(line(drawn.tone([425.0], 6.0, RATE, LEVEL_DBFS))) == []
        assert names(line(drawn.tone([1000.0], 0.4, RATE, LEVEL_DBFS))) == []


class TestNoTone:
    def test_noise_and_hum(self) -> None:
        rng = np.random.default_rng(3)
        assert names(line(drawn.white(60 * RATE, -20.0, rng))) == []
        assert names(line(drawn.hum(20 * RATE, RATE, -20.0, rng))) == []

    @pytest.mark.parametrize("language", ["en-gb", "de", "it"])
    def test_speech_is_no_tone_and_holds_no_beep(self, language: str) -> None:
        program = needs.program("espeak-ng", "espeak-ng")
        text = "nineteen eighty four, oh no, who is there, seven, eleven, ooh, aah, mmm. " * 4
        for variant, pitch in (("m3", 40), ("f2", 60), ("Andy", 75)):
            wave = speak(program, text, f"{language}+{variant}", words_a_minute=150, pitch=pitch)
            sound = drawn.pcm16(drawn.scaled(wave, -20.0))
            assert names(sound) == []
            assert not any(beeps(sound))

    def test_frames_of_another_length(self) -> None:
        listener = ToneListener(RATE)
        assert listener.hear(b"") is None
        assert listener.hear(b"\x01" * 999) is None
        assert listener.heard_s == pytest.approx(0.04)


def beeps(sound: bytes) -> list[bool]:
    finder, n = BeepFinder(RATE), 2 * FRAME
    return [finder.hear(samples(sound[at : at + n])) for at in range(0, len(sound) - n + 1, n)]


class TestBeep:
    @pytest.mark.parametrize("hz", [440.0, 850.0, 1000.0, 1400.0])
    def test_a_beep_is_known_when_it_is_over(self, hz: float) -> None:
        found = beeps(line(drawn.tone([hz], 0.4, RATE, LEVEL_DBFS), noise_db=25.0))
        assert sum(found) == 1
        assert 0.02 * found.index(True) == pytest.approx(0.3 + 0.4 + 0.1, abs=0.08)

    def test_a_click_a_long_tone_and_information_tones_are_none(self) -> None:
        for wave in (
            drawn.tone([1000.0], 0.06, RATE, LEVEL_DBFS),
            drawn.tone([1000.0], 3.0, RATE, LEVEL_DBFS),
        ):
            assert not any(beeps(line(wave)))
