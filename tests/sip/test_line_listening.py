"""A line hears tones and judges who answers, over real SIP and RTP: sipp signals, we sound."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import pytest

from app.telephony.corpus import speak
from sip.detection import drawn
from sip.messages import (
    CallAnswered,
    CallEnded,
    DetectionOrder,
    EndCall,
    Message,
    RecordingChanged,
    RecordingOrder,
    ToneHeard,
    VerdictReached,
)
from tests import needs
from tests.sip.line_kit import LineProcess, callee, first_words, order
from tests.sip.practice_kit import PCMA, RtpPeer, Sipp, wait_for

M = TypeVar("M", bound=Message)
pytestmark = pytest.mark.sip
RATE = 8000
DETECTION = DetectionOrder(deadline_s=5.0)
ANNOUNCEMENT = "an announcement"


class Played:
    """Silence until `begin`, then the sound once, then silence."""

    def __init__(self, sound: bytes) -> None:
        self._left = sound
        self.has_begun = False

    def begin(self) -> None:
        self.has_begun = True

    def frame(self, n_samples: int) -> bytes:
        if not self.has_begun:
            return bytes(2 * n_samples)
        now, self._left = self._left[: 2 * n_samples], self._left[2 * n_samples :]
        return now.ljust(2 * n_samples, b"\x00")


def announcement() -> bytes:
    """Fourteen words of noise in the voice's band without a rest: six seconds of talk."""
    rng = np.random.default_rng(4)
    parts = []
    for _ in range(14):
        noise = drawn.resampled(rng.standard_normal(2400), RATE, RATE, (300.0, 3000.0))
        parts += [drawn.scaled(noise, -20.0), drawn.silence(0.12, RATE)]
    return drawn.pcm16(np.concatenate(parts))


@pytest.fixture
def line(tmp_path: Path) -> Iterator[LineProcess]:
    process = LineProcess(tmp_path)
    yield process
    process.close()


@pytest.fixture
def said(tmp_path: Path) -> Callable[[str], Played]:
    program = needs.program("espeak-ng", "espeak-ng")

    def speech(text: str) -> Played:
        if text == ANNOUNCEMENT:
            return Played(announcement())
        wave = speak(program, text, "en-gb+m3", words_a_minute=160, pitch=45)
        return Played(drawn.pcm16(drawn.scaled(wave, -20.0)))

    return speech


def of_kind(line: LineProcess, kind: type[M]) -> list[M]:
    return [message for message in line.said if isinstance(message, kind)]


def verdict(line: LineProcess, sipp: Sipp, message_wav: Path, source: Played) -> VerdictReached:
    """Dial, let the peer speak once it has answered, and wait for what the line makes of it."""
    line.send(order(sipp.address, message_wav, connect_limit_s=8.0, detection=DETECTION))
    assert wait_for(lambda: line.first(CallAnswered) is not None), line.said
    source.begin()
    assert wait_for(lambda: line.first(VerdictReached) is not None), line.said
    line.send(EndCall(epoch=1, attempt_id="a-1", now=True))
    line.ended()
    verdicts = of_kind(line, VerdictReached)
    assert len(verdicts) == 1
    return verdicts[0]


class TestEarly:
    def announced(
        self, line: LineProcess, folder: Path, sound: drawn.Wave, ring_ms: int
    ) -> tuple[list[ToneHeard], CallEnded]:
        source = Played(drawn.pcm16(sound))
        source.begin()
        with RtpPeer(PCMA, source) as peer:
            words = {"RTP_PORT": peer.port, "PAYLOADS": PCMA, "RING_MS": ring_ms, "STATUS": 480}
            with callee(folder, "callee_announces", **words) as sipp:
                line.send(order(sipp.address, first_words(folder), max_ring_s=9.0))
                assert sipp.status() == 0, sipp.errors
        ended = line.ended()
        return of_kind(line, ToneHeard), ended

    def test_information_tones_are_told(self, line: LineProcess, tmp_path: Path) -> None:
        three = ((950.0, 0.33), (1400.0, 0.33), (1800.0, 0.33))
        sound = drawn.information_tone(three, RATE, -24.0)
        tones, ended = self.announced(line, tmp_path, sound, 2000)
        assert [(tone.tone, tone.is_early) for tone in tones] == [("sit", True)]
        assert ended.status == 480
        assert ended.ringing_at is None
        assert of_kind(line, VerdictReached) == []

    def test_a_busy_tone_in_place_of_a_refusal_is_told(
        self, line: LineProcess, tmp_path: Path
    ) -> None:
        sound = drawn.cadence((425.0,), (0.5, 0.5), 4.0, RATE, -20.0)
        tones, ended = self.announced(line, tmp_path, sound, 4500)
        assert [(tone.tone, tone.is_early) for tone in tones] == [("busy", True)]
        assert ended.ringing_at is None
        assert tones[0].at.mono_s < ended.at.mono_s - 0.5, "while it still sounds"

    def test_ringing_counts_from_where_it_is_heard(self, line: LineProcess, tmp_path: Path) -> None:
        ringing = drawn.cadence((425.0,), (1.0, 4.0), 1.0, RATE, -20.0)
        sound = np.concatenate([drawn.silence(0.8, RATE), ringing])
        tones, ended = self.announced(line, tmp_path, sound, 2800)
        assert [(tone.tone, tone.is_early) for tone in tones] == [("ringback", True)]
        assert ended.ringing_at is not None
        assert ended.progress_at is not None
        rang_after_s = ended.ringing_at.mono_s - ended.progress_at.mono_s
        assert rang_after_s == pytest.approx(0.9, abs=0.3), "not from the 183, nor from its end"


class TestAnswered:
    @pytest.mark.parametrize(
        ("text", "expected", "cause"),
        [("Hello?", "human", "greeting_over"), (ANNOUNCEMENT, "machine", "long_greeting")],
        ids=["person", "machine"],
    )
    def test_who_speaks(
        self,
        line: LineProcess,
        tmp_path: Path,
        said: Callable[[str], Played],
        text: str,
        expected: str,
        cause: str,
    ) -> None:
        source = said(text)
        with RtpPeer(PCMA, source) as peer:
            words = {"RTP_PORT": peer.port, "PAYLOADS": PCMA}
            with callee(tmp_path, "callee_hears_out", **words) as sipp:
                found = verdict(line, sipp, first_words(tmp_path), source)
        assert (found.verdict, found.cause) == (expected, cause)
        answered = line.first(CallAnswered)
        assert answered is not None
        assert found.speech_start_at is not None
        spoke_after_s = found.speech_start_at.mono_s - answered.at.mono_s
        assert 0.0 < spoke_after_s < 0.8
        if expected == "human":
            assert found.greeting_end_at is not None
            assert found.greeting_end_at.mono_s > found.speech_start_at.mono_s
            assert found.at.mono_s - found.greeting_end_at.mono_s == pytest.approx(0.45, abs=0.3)

    def test_silence_is_not_sure_before_the_deadline(
        self, line: LineProcess, tmp_path: Path
    ) -> None:
        source = Played(b"")
        with RtpPeer(PCMA, source) as peer:
            words = {"RTP_PORT": peer.port, "PAYLOADS": PCMA}
            with callee(tmp_path, "callee_hears_out", **words) as sipp:
                found = verdict(line, sipp, first_words(tmp_path), source)
        assert (found.verdict, found.cause) == ("not_sure", "silence")
        assert found.after_s == pytest.approx(DETECTION.initial_silence_s, abs=0.2)

    def test_the_deadline_comes_by_the_clock(self, line: LineProcess, tmp_path: Path) -> None:
        """The peer answers without a word of where to send sound from: no port, no packets."""
        with callee(tmp_path, "callee_hears_out") as sipp:
            line.send(
                order(
                    sipp.address,
                    first_words(tmp_path),
                    connect_limit_s=4.0,
                    detection=DetectionOrder(deadline_s=0.7, initial_silence_s=9.0),
                )
            )
            assert wait_for(lambda: line.first(VerdictReached) is not None), line.said
            line.send(EndCall(epoch=1, attempt_id="a-1", now=True))
            assert sipp.status() == 0, sipp.errors
        line.ended()
        found = of_kind(line, VerdictReached)
        assert [(one.verdict, one.cause) for one in found] == [("not_sure", "deadline")]
        assert found[0].after_s == pytest.approx(0.7, abs=0.2)

    def test_what_was_taken_for_a_machine_is_kept_to_be_listened_to(
        self, line: LineProcess, tmp_path: Path, said: Callable[[str], Played]
    ) -> None:
        path = tmp_path / "kept.wav"
        recording = RecordingOrder(path=str(path), starts="bridged", keeps_machines=True)
        source = said(ANNOUNCEMENT)
        with RtpPeer(PCMA, source) as peer:
            words = {"RTP_PORT": peer.port, "PAYLOADS": PCMA}
            with callee(tmp_path, "callee_hears_out", **words) as sipp:
                wav = first_words(tmp_path)
                order_ = order(sipp.address, wav, connect_limit_s=8.0, detection=DETECTION)
                line.send(msgspec.structs.replace(order_, recording=recording))
                assert wait_for(lambda: line.first(CallAnswered) is not None), line.said
                source.begin()
                assert wait_for(lambda: line.first(VerdictReached) is not None), line.said
                line.send(EndCall(epoch=1, attempt_id="a-1", now=True))
                ended = line.ended()
        (verdict,) = of_kind(line, VerdictReached)
        assert verdict.verdict == "machine"
        (kept,) = of_kind(line, RecordingChanged)
        assert (kept.state, kept.path) == ("stopped", str(path))
        assert kept.seq < ended.seq
        assert kept.recorded_s == pytest.approx(verdict.after_s, abs=0.5)
        with wave.open(str(path)) as file:
            both = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
        assert np.abs(both[:, 0]).max() > 1000, "what was said"
        assert not both[:, 1].any(), "nobody was there to answer"

    def test_a_fax_is_told_and_nobody_judged_without_an_order(
        self, line: LineProcess, tmp_path: Path
    ) -> None:
        source = Played(drawn.pcm16(drawn.answer_tone(2.5, RATE, -18.0)))
        with RtpPeer(PCMA, source) as peer:
            words = {"RTP_PORT": peer.port, "PAYLOADS": PCMA}
            with callee(tmp_path, "callee_hears_out", **words) as sipp:
                line.send(order(sipp.address, first_words(tmp_path), connect_limit_s=6.0))
                assert wait_for(lambda: line.first(CallAnswered) is not None), line.said
                source.begin()
                assert wait_for(lambda: line.first(ToneHeard) is not None), line.said
                line.send(EndCall(epoch=1, attempt_id="a-1", now=True))
                line.ended()
        tones = of_kind(line, ToneHeard)
        assert [(tone.tone, tone.is_early) for tone in tones] == [("fax", False)]
        assert of_kind(line, VerdictReached) == []
