"""Persons and machines: rules on drawn sound, and a small spoken corpus; people come first."""

from __future__ import annotations

import numpy as np
import pytest

from app.telephony.corpus import Clip, clips, plans
from app.telephony.detection_bench import judge, table
from sip.detection import drawn
from sip.detection.machine import Judgement, MachineDetector
from sip.messages.hearing import DetectionOrder
from tests import needs

RATE = 8000
FRAME_S = 0.02
ORDER = DetectionOrder(deadline_s=5.0)
SOON = DetectionOrder(deadline_s=1.7)


def words(seconds: float, n: int, gap_s: float, level_dbfs: float = -20.0) -> drawn.Wave:
    """`n` bursts of noise in the voice's band, as long as each other, with gaps between them."""
    rng = np.random.default_rng(4)
    parts = []
    for _ in range(n):
        noise = drawn.resampled(rng.standard_normal(round(seconds * RATE)), RATE, RATE, (300, 3000))
        parts += [drawn.scaled(noise, level_dbfs), drawn.silence(gap_s, RATE)]
    return np.concatenate(parts)


def answer(*parts: drawn.Wave, noise_dbfs: float = -65.0) -> bytes:
    """Eight seconds from the answer on, half a second of silence first."""
    wave = np.concatenate([drawn.silence(0.5, RATE), *parts, drawn.silence(8.0, RATE)])
    wave = wave[: 8 * RATE] + drawn.white(8 * RATE, noise_dbfs, np.random.default_rng(5))
    return drawn.pcm16(wave)


class TestRules:
    def test_a_short_greeting_and_silence_is_a_person(self) -> None:
        found = judge(answer(words(0.4, 1, 0.0)), ORDER)
        assert (found.verdict, found.cause) == ("human", "greeting_over")
        assert found.speech_start_s == pytest.approx(0.5, abs=0.04)
        assert found.greeting_end_s == pytest.approx(0.9, abs=0.06)
        assert found.after_s == pytest.approx(0.9 + ORDER.after_greeting_silence_s, abs=0.08)

    def test_many_words_without_a_rest_are_a_machine(self) -> None:
        found = judge(answer(words(0.3, 14, 0.12)), ORDER)
        assert (found.verdict, found.cause) == ("machine", "long_greeting")
        assert found.after_s == pytest.approx(0.5 + ORDER.greeting_s, abs=0.4)
        assert found.greeting_end_s is None, "it still speaks"

    def test_one_long_sound_is_no_announcement(self) -> None:
        """Music, a hoover, a crying child: not made of words."""
        found = judge(answer(words(6.0, 1, 0.0)), ORDER)
        assert found.verdict != "machine"

    def test_what_does_not_stand_clear_of_the_noise_is_no_announcement(self) -> None:
        found = judge(answer(words(0.3, 14, 0.12, level_dbfs=-30.0), noise_dbfs=-45.0), ORDER)
        assert found.verdict != "machine"

    def test_who_speaks_unevenly_is_no_announcement(self) -> None:
        """A receptionist's many words: names stressed, the rest mumbled."""
        loud, soft = words(0.3, 2, 0.12), words(0.3, 3, 0.12, level_dbfs=-29.0)
        assert judge(answer(loud, soft, loud, soft, loud, soft), ORDER).verdict != "machine"
        even = words(0.3, 15, 0.12, level_dbfs=-22.0)
        assert judge(answer(even), ORDER).verdict == "machine"

    def test_silence_is_not_sure_and_never_a_machine(self) -> None:
        found = judge(answer(), ORDER)
        assert (found.verdict, found.cause) == ("not_sure", "silence")
        assert found.after_s == pytest.approx(ORDER.initial_silence_s, abs=0.04)
        assert (found.speech_start_s, found.greeting_end_s) == (None, None)

    def test_clicks_are_no_words(self) -> None:
        clicks = [words(0.04, 1, 0.3) for _ in range(3)]
        assert judge(answer(*clicks), ORDER).cause == "silence"

    @pytest.mark.parametrize("level_dbfs", [-12.0, -36.0])
    def test_loud_and_soft_voices_alike(self, level_dbfs: float) -> None:
        found = judge(answer(words(0.4, 2, 0.1, level_dbfs)), ORDER)
        assert found.verdict == "human"

    def test_the_deadline_ends_it(self) -> None:
        found = judge(answer(words(0.3, 14, 0.12)), SOON)
        assert (found.verdict, found.cause) == ("not_sure", "deadline")
        assert found.after_s == pytest.approx(SOON.deadline_s, abs=0.03)

    def test_a_beep_is_a_machine(self) -> None:
        beep = drawn.tone([1000.0], 0.4, RATE, -20.0)
        found = judge(answer(words(0.3, 2, 0.12), drawn.silence(0.1, RATE), beep), ORDER)
        assert (found.verdict, found.cause) == ("machine", "beep")

    def test_information_tones_and_fax_are_machines(self) -> None:
        sit = drawn.information_tone(((950, 0.33), (1400, 0.33), (1800, 0.33)), RATE, -24.0)
        found = judge(answer(sit), ORDER)
        assert (found.verdict, found.cause) == ("machine", "sit")
        found = judge(answer(drawn.answer_tone(3.0, RATE, -20.0)), ORDER)
        assert (found.verdict, found.cause) == ("machine", "fax")

    def test_one_verdict_and_no_other(self) -> None:
        detector = MachineDetector(ORDER, RATE)
        assert detector.hear_tone("ringback", 0.5) is None
        first = detector.expire(1.0)
        assert first == Judgement("not_sure", "deadline", 1.0, None, None)
        assert detector.expire(2.0) is None
        assert detector.hear_tone("fax", 2.0) is None
        assert detector.hear(bytes(320), 9.0) is None

    def test_frames_of_another_length_are_cut_or_filled(self) -> None:
        detector = MachineDetector(ORDER, RATE)
        assert detector.hear(b"", FRAME_S) is None
        assert detector.hear(b"\x00" * 1001, 2 * FRAME_S) is None


@pytest.fixture(scope="module")
def spoken() -> list[Clip]:
    """Other sentences and voices than those that the thresholds were chosen on."""
    needs.program("espeak-ng", "espeak-ng")
    return list(clips(plans("unseen", 20, 1)))


class TestSpoken:
    def test_people_are_seldom_taken_for_machines(self, spoken: list[Clip]) -> None:
        found = table(spoken, ORDER)
        people = sum(found["confusion"]["human"].values())
        assert people == 40
        assert found["people_taken_for_machines"] <= 2
        assert found["by_kind"]["one word"]["machine"] == 0
        assert found["by_kind"]["short"]["machine"] == 0

    def test_nobody_is_taken_for_a_machine_within_two_seconds(self, spoken: list[Clip]) -> None:
        found = table(spoken, SOON)
        assert found["people_taken_for_machines"] == 0
        assert found["after_s"]["not_sure"]["longest"] <= SOON.deadline_s + FRAME_S

    def test_information_tones_are_always_found(self, spoken: list[Clip]) -> None:
        found = table(spoken, ORDER)
        assert found["by_kind"]["after sit"] == {"human": 0, "machine": 2, "not_sure": 0}
        assert found["causes"]["sit"] == 2

    def test_the_same_seed_is_the_same_corpus(self) -> None:
        needs.program("espeak-ng", "espeak-ng")
        few = plans("tuned", 3, 1)[:2]
        first, second = ([clip.sound for clip in clips(few)] for _ in range(2))
        assert first == second
        assert plans("tuned", 3, 1) != plans("tuned", 4, 1)
