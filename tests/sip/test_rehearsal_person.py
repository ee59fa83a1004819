"""The practice person's manners, by a hand-driven clock and hand-made sound."""

from __future__ import annotations

import wave
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
import pytest

import resources
from sip.messages import Behave
from sip.rehearsal.person import MESSAGE_PATIENCE, RECORDING_S, REPLY_PAUSE_S, Mood, Person
from sip.rehearsal.sound import Voice
from sip.signatures import Listener, SignatureSource

FRAME_BYTES = 320
SILENCE = bytes(FRAME_BYTES)
MESSAGE = Path(resources.__file__).parent / "messages" / "abandoned.wav"
PERSON = Behave(call_ref="g-1", final_status=200, ring_s=1.0, signature=120, hello_s=1.2)


def noise(n_frames: int, seed: int = 1) -> list[bytes]:
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 2000, 160).astype("<i2").tobytes() for _ in range(n_frames)]


def phone(n_frames: int, signature: int = 7) -> list[bytes]:
    source = SignatureSource(signature, 8000)
    source.start()
    return [source.frame(160) for _ in range(n_frames)]


def message() -> list[bytes]:
    with wave.open(str(MESSAGE)) as recorded:
        data = recorded.readframes(recorded.getnframes())
    return [data[at : at + FRAME_BYTES] for at in range(0, len(data) - FRAME_BYTES, FRAME_BYTES)]


class Scene:
    """A person on the phone; each `hear` is 20 ms a frame, and stops when the person hangs up."""

    def __init__(self, behave: Behave) -> None:
        self.voice = Voice(behave.signature)
        self.listener = Listener(8000)
        self.now_s = 100.0
        self.said: list[bytes] = []
        self.person = Person(behave, self.voice, self.listener, self.now_s)
        self.left_after_s: float | None = None

    def mood(self) -> Mood:
        return self.person.mood

    def hear(self, sound: Iterable[bytes]) -> Scene:
        for frame in sound:
            if self.left_after_s is not None:
                break
            self.said.append(self.voice.frame(160))
            self.now_s += 0.02
            self.listener.hear(frame, self.now_s)
            if self.person.step(self.now_s):
                self.left_after_s = self.now_s - 100.0
        return self

    def quiet(self, seconds: float) -> Scene:
        return self.hear([SILENCE] * round(seconds * 50))


def behave(**changes: object) -> Behave:
    return msgspec.structs.replace(PERSON, **changes)


class TestUnheard:
    def test_greets_at_once_listens_and_hangs_up_when_nobody_speaks(self) -> None:
        scene = Scene(behave(patience_s=4.0)).quiet(10)
        assert scene.left_after_s == pytest.approx(4.0, abs=0.03)
        assert scene.person.hung_up_unheard
        assert scene.mood() is Mood.GONE
        assert scene.said[0] != SILENCE
        assert {frame for frame in scene.said[64:]} == {SILENCE}

    def test_a_click_is_nobody(self) -> None:
        scene = Scene(behave(patience_s=4.0)).quiet(1).hear(noise(3)).quiet(10)
        assert scene.left_after_s == pytest.approx(4.0, abs=0.03)
        assert scene.person.hung_up_unheard

    def test_whoever_speaks_in_the_last_moment_is_heard_out(self) -> None:
        scene = Scene(behave(patience_s=4.0)).quiet(3.94).hear(phone(100))
        assert scene.left_after_s is None
        assert scene.mood() is Mood.CONVERSING

    def test_no_patience_at_all_hangs_up_at_once_and_says_nothing(self) -> None:
        scene = Scene(behave(patience_s=0.0)).quiet(1)
        assert scene.left_after_s == pytest.approx(0.02)
        assert not scene.person.hung_up_unheard
        assert scene.said == [SILENCE]

    def test_hangs_up_once(self) -> None:
        scene = Scene(behave(patience_s=0.0)).quiet(1)
        assert not scene.person.step(scene.now_s + 1)


class TestConversation:
    def test_answers_a_phone_and_talks_from_the_first_word(self) -> None:
        scene = Scene(behave(patience_s=6.0, talk_s=5.0)).quiet(3).hear(phone(1000))
        assert scene.left_after_s == pytest.approx(3.0 + 5.0, abs=0.05)
        assert not scene.person.hung_up_unheard
        heard = Listener(8000)
        for index, frame in enumerate(scene.said):
            heard.hear(frame, index * 0.02)
        assert set(heard.sounds().heard_ms) == {120}
        assert heard.sounds().heard_ms[120] > 4000
        assert heard.longest_gap_ms == 0, "listening is silence on purpose"

    def test_a_phone_that_speaks_during_the_greeting_leaves_no_hole(self) -> None:
        scene = Scene(behave(talk_s=5.0)).quiet(0.5).hear(phone(1000))
        heard = Listener(8000)
        for index, frame in enumerate(scene.said):
            heard.hear(frame, index * 0.02)
        assert heard.longest_gap_ms == 0
        assert scene.left_after_s == pytest.approx(5.5, abs=0.05)

    def test_no_talk_hangs_up_at_the_first_word(self) -> None:
        scene = Scene(behave(talk_s=0.0)).quiet(2).hear(phone(100))
        assert scene.left_after_s == pytest.approx(2.06, abs=0.05)

    def test_a_live_voice_gets_a_reply_when_it_pauses(self) -> None:
        scene = Scene(behave(patience_s=6.0, talk_s=9.0)).quiet(2).hear(noise(80))
        assert scene.mood() is Mood.ATTENDING
        scene.quiet(REPLY_PAUSE_S + 0.1)
        assert scene.mood() is Mood.CONVERSING
        assert scene.voice.is_speaking
        assert scene.quiet(20).left_after_s == pytest.approx(2.0 + 9.0, abs=0.05)


class TestMessage:
    def test_is_listened_to_in_silence(self) -> None:
        scene = Scene(behave(patience_s=4.0)).quiet(1.9).hear(message())
        assert scene.mood() is Mood.ATTENDING
        assert scene.left_after_s is None
        assert {frame for frame in scene.said[-300:]} == {SILENCE}
        assert scene.listener.foreign_ms > 4000

    def test_ends_the_greeting(self) -> None:
        scene = Scene(behave(hello_s=6.0)).quiet(0.2).hear(message()[:100])
        assert not scene.voice.is_speaking

    def test_is_borne_for_three_times_the_patience(self) -> None:
        scene = Scene(behave(patience_s=2.0)).quiet(1).hear(noise(1000))
        assert scene.left_after_s == pytest.approx(MESSAGE_PATIENCE * 2.0, abs=0.05)
        assert not scene.person.hung_up_unheard


class TestMachine:
    def test_greets_beeps_records_and_hangs_up(self) -> None:
        scene = Scene(behave(is_machine=True, hello_s=4.0)).hear(phone(2000))
        assert scene.left_after_s == pytest.approx(4.0 + RECORDING_S, abs=0.05)
        assert not scene.person.hung_up_unheard
        beep = np.frombuffer(b"".join(scene.said[200:215]), dtype="<i2").astype(float)
        spectrum = np.abs(np.fft.rfft(beep))
        assert np.argmax(spectrum) * 8000 / len(beep) == pytest.approx(1000, abs=5)
        assert {frame for frame in scene.said[220:]} == {SILENCE}

    def test_its_patience_is_endless(self) -> None:
        scene = Scene(behave(is_machine=True, hello_s=1.0, patience_s=0.0)).quiet(20)
        assert scene.left_after_s is None


def test_nobody_has_an_unknown_signature() -> None:
    with pytest.raises(ValueError, match="no such signature"):
        Voice(0)
