"""A signature is known for what it is through codecs, seams and levels, and nothing else is."""

from __future__ import annotations

import itertools
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import resources
from sip.signatures import PERSON_SIGNATURES, PHONE_SIGNATURES, Listener, SignatureSource
from sip.tones import PERIOD_MS, TONES_HZ, ToneBank, bank_for

Sound = npt.NDArray[np.float64]
RATES = [8000, 16000]
ALL = [*PHONE_SIGNATURES, *PERSON_SIGNATURES]
SOME = [1, 17, 30, 101, 131, 163]
MESSAGE = Path(resources.__file__).parent / "messages" / "abandoned.wav"


def pcm(sound: Sound) -> bytes:
    return np.clip(np.round(sound), -32768, 32767).astype("<i2").tobytes()


def samples(data: bytes) -> Sound:
    return np.frombuffer(data, dtype="<i2").astype(np.float64)


def played(signature: int, ms: int, rate: int = 8000) -> Sound:
    source = SignatureSource(signature, rate)
    source.start()
    return samples(source.frame(ms * rate // 1000))


def listen(sound: Sound, rate: int = 8000, offset: int = 0) -> Listener:
    """A listener that has heard `sound` in 20 ms frames from sample `offset` on, from t = 10 s."""
    listener, size, data = Listener(rate), rate // 50, pcm(sound)
    for index in range((len(sound) - offset) // size):
        start = 2 * (offset + index * size)
        listener.hear(data[start : start + 2 * size], 10.0 + index * 0.02)
    return listener


def heard(sound: Sound, rate: int = 8000, offset: int = 0) -> dict[int, float]:
    return listen(sound, rate, offset).sounds().heard_ms


def tones(*parts: tuple[float, float], ms: int = 1000, rate: int = 8000) -> Sound:
    at = np.arange(ms * rate // 1000) / rate
    waves = [level * np.sin(2 * np.pi * hz * at) for hz, level in parts]
    return np.asarray(np.sum(waves, axis=0))


def mu_law(sound: Sound) -> Sound:
    """G.711 mu-law there and back (the 8 bit companding curve, finely enough for tones)."""
    x = np.clip(sound / 32768, -1, 1)
    coded = np.round(np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256) * 127)
    return np.asarray(np.sign(coded) * (256 ** (np.abs(coded) / 127) - 1) / 255 * 32768)


def a_law(sound: Sound) -> Sound:
    x, a = np.clip(sound / 32768, -1, 1), 87.6
    size = np.abs(x)
    log_a = 1 + np.log(a)
    curve = np.where(size < 1 / a, a * size, 1 + np.log(np.maximum(a * size, 1e-9))) / log_a
    coded = np.round(curve * 127) / 127
    back = np.where(coded < 1 / log_a, coded * log_a / a, np.exp(coded * log_a - 1) / a)
    return np.asarray(np.sign(x) * back * 32768)


def resampled(sound: Sound, up: int, down: int) -> Sound:
    """Another rate, by cutting or padding the spectrum."""
    spectrum = np.fft.rfft(sound)
    size = len(sound) * up // down
    return np.fft.irfft(spectrum[: size // 2 + 1], size) * up / down


class TestTable:
    def test_there_are_enough_and_phones_are_not_persons(self) -> None:
        assert len(PHONE_SIGNATURES) >= 28
        assert len(PERSON_SIGNATURES) >= 60
        assert not set(PHONE_SIGNATURES) & set(PERSON_SIGNATURES)
        phone_tones = {hz for signature in PHONE_SIGNATURES for hz in TONES_HZ[signature]}
        person_tones = {hz for signature in PERSON_SIGNATURES for hz in TONES_HZ[signature]}
        assert not phone_tones & person_tones

    def test_each_pair_is_unique_and_in_the_telephone_band(self) -> None:
        assert len(set(TONES_HZ.values())) == len(TONES_HZ) == len(ALL)
        for low, high in TONES_HZ.values():
            assert 400 <= low < high <= 3300
            assert low % 50 == high % 50 == 0

    def test_no_tone_is_low_here_and_high_there(self) -> None:
        """Else two signatures could cancel down to a third one."""
        assert max(low for low, _ in TONES_HZ.values()) < min(high for _, high in TONES_HZ.values())

    def test_neighbours_stand_apart(self) -> None:
        grid = sorted({hz for pair in TONES_HZ.values() for hz in pair})
        assert min(b - a for a, b in itertools.pairwise(grid)) >= 100


class TestSource:
    @pytest.mark.parametrize("rate", RATES)
    def test_sound_comes_with_the_first_frame(self, rate: int) -> None:
        source = SignatureSource(120, rate)
        assert source.frame(rate // 50) == bytes(rate // 25)
        source.start()
        first = samples(source.frame(rate // 50))
        assert np.abs(first[rate // 250 :]).max() > 3000

    def test_cuts_of_any_size_give_the_same_sound(self) -> None:
        whole = played(7, 4000)
        source = SignatureSource(7, 8000)
        source.start()
        sizes = itertools.cycle([160, 80, 161, 1, 5000, 13000])
        parts = b""
        while len(parts) < 64000:
            parts += source.frame(next(sizes))
        assert parts[:64000] == pcm(whole)

    def test_a_rhythm_of_bursts_and_pauses(self) -> None:
        sound = played(7, 2 * PERIOD_MS).reshape(2 * PERIOD_MS // 20, 160)
        is_loud = (np.abs(sound).max(axis=1) > 1000).tolist()
        assert is_loud == ([True] * 60 + [False] * 15) * 2

    def test_stop_closes_and_is_silent_then_start_sounds_again(self) -> None:
        source = SignatureSource(7, 8000)
        source.start()
        source.frame(333)
        source.stop()
        assert not source.is_playing
        closing = samples(source.frame(480))
        assert np.abs(closing).max() > 1000
        assert source.frame(1600) == bytes(3200)
        source.start()
        assert pcm(played(7, 20)) == source.frame(160)

    def test_start_twice_changes_nothing(self) -> None:
        source = SignatureSource(7, 8000)
        source.start()
        source.frame(160)
        source.start()
        assert source.frame(160) == pcm(played(7, 40)[160:])

    @pytest.mark.parametrize(("signature", "rate"), [(0, 8000), (99, 8000), (1, 4000), (1, 11025)])
    def test_nonsense_is_refused(self, signature: int, rate: int) -> None:
        with pytest.raises(ValueError, match=r"signature|clock rate"):
            SignatureSource(signature, rate)

    def test_a_listener_refuses_a_strange_rate(self) -> None:
        with pytest.raises(ValueError, match="clock rate"):
            Listener(11025)


class TestRecognition:
    @pytest.mark.parametrize("rate", RATES)
    @pytest.mark.parametrize("signature", ALL)
    def test_each_is_heard_as_itself(self, signature: int, rate: int) -> None:
        result = heard(played(signature, 1500, rate), rate, offset=37)
        assert set(result) == {signature}
        assert 1080 <= result[signature] <= 1140

    @pytest.mark.parametrize("signature", SOME)
    @pytest.mark.parametrize("codec", [mu_law, a_law], ids=["PCMU", "PCMA"])
    @pytest.mark.parametrize("gain", [0.05, 0.5, 0.97, 1.03, 2.0])
    def test_through_g711_at_many_levels(self, signature: int, codec: object, gain: float) -> None:
        assert callable(codec)
        result = heard(codec(gain * played(signature, 1500)), offset=101)
        assert set(result) == {signature}
        assert result[signature] >= 1080

    @pytest.mark.parametrize("signature", SOME)
    def test_through_another_rate_and_back(self, signature: int) -> None:
        wide = resampled(mu_law(played(signature, 1500)), 2, 1)
        assert set(heard(wide, 16000, offset=11)) == {signature}
        narrow = resampled(played(signature, 1500, 16000), 1, 2)
        assert set(heard(a_law(narrow), offset=11)) == {signature}

    @pytest.mark.parametrize("signature", SOME)
    def test_with_a_level_that_wavers(self, signature: int) -> None:
        sound = played(signature, 1140)
        wave_3_percent = 1 + 0.03 * np.sin(2 * np.pi * 7 * np.arange(len(sound)) / 8000)
        assert heard(sound * wave_3_percent) == {signature: 1140.0}

    @pytest.mark.parametrize("cut", [1, 37, 80, 160, 240])
    def test_over_a_seam(self, cut: int) -> None:
        """A jitter buffer threw `cut` samples away; one frame at most holds the seam."""
        sound = played(130, 1140)
        seamed = np.concatenate([sound[:4000], sound[4000 + cut :]])
        result = heard(seamed)
        assert set(result) == {130}
        assert result[130] >= 1140 - 20 - 20 - cut / 8

    def test_a_little_noise_does_not_harm(self) -> None:
        noise = np.random.default_rng(1).normal(0, 300, 9120)
        assert set(heard(played(140, 1140) + noise)) == {140}

    def test_clipping_never_makes_another_one(self) -> None:
        for signature in ALL:
            assert set(heard(8 * played(signature, 600))) <= {signature}

    def test_first_moment_is_the_first_frame_of_the_run(self) -> None:
        sound = np.concatenate([np.zeros(1600), played(101, 1000)])
        sounds = listen(sound).sounds(answered_mono_s=9.9)
        assert sounds.first_mono_s == {101: pytest.approx(10.2)}
        assert sounds.first_sound_mono_s == pytest.approx(10.2)
        assert sounds.first_sound_after_ms == pytest.approx(300.0)

    def test_two_frames_are_not_enough_and_three_are(self) -> None:
        sound = played(101, 100)
        assert heard(sound[:320]) == {}
        assert heard(sound[:480]) == {101: 60.0}

    def test_new_ones_are_told_once_each(self) -> None:
        sound = np.concatenate([played(101, 1500), played(5, 1500), played(101, 1500)])
        listener = listen(sound)
        assert [listener.first_new() for _ in range(3)] == [101, 5, None]

    def test_an_odd_or_missing_frame_is_silence_not_an_error(self) -> None:
        listener = Listener(8000)
        for data in (b"", b"\x01", b"\x00" * 10, bytes(5000)):
            listener.hear(data, 10.0)
        assert listener.sounds().heard_ms == {}
        assert listener.sounds().first_sound_mono_s is None
        assert listener.sounds(9.0).first_sound_after_ms is None


def vowels(seed: int) -> Sound:
    """Two seconds of a voice's like: a gliding buzz through gliding formants, with syllables."""
    rng = np.random.default_rng(seed)
    at = np.arange(16000) / 8000
    pitch_hz = rng.uniform(85, 260) * (1 + 0.15 * np.sin(2 * np.pi * rng.uniform(0.3, 2) * at))
    phase = 2 * np.pi * np.cumsum(pitch_hz) / 8000
    sound = np.zeros_like(at)
    formants = [rng.uniform(250, 900), rng.uniform(900, 2400), rng.uniform(2400, 3300)]
    for harmonic in range(1, 36):
        hz = harmonic * pitch_hz
        level = sum(np.exp(-(((hz - formant) / 110) ** 2)) for formant in formants) + 0.01
        sound += np.where(hz < 3700, level, 0) * np.sin(harmonic * phase)
    syllables = np.clip(np.sin(2 * np.pi * rng.uniform(2, 5) * at) + 0.4, 0, 1)
    return 6000 * sound * syllables


class TestNothingElse:
    @pytest.mark.parametrize("level", [100, 2000, 15000])
    def test_noise(self, level: int) -> None:
        assert heard(np.random.default_rng(level).normal(0, level, 80000)) == {}

    @pytest.mark.parametrize("seed", range(12))
    def test_voices(self, seed: int) -> None:
        assert heard(vowels(seed)) == {}

    def test_all_touch_tones(self) -> None:
        for low, high in itertools.product((697, 770, 852, 941), (1209, 1336, 1477, 1633)):
            assert heard(tones((low, 6000), (high, 6000))) == {}, (low, high)

    @pytest.mark.parametrize(
        "parts",
        [(400, 450), (425,), (440, 480), (480, 620), (350, 440), (1000,), (1004,), (2100,)],
        ids=str,
    )
    def test_tones_of_the_network_and_a_beep(self, parts: tuple[int, ...]) -> None:
        assert heard(tones(*((hz, 6000.0) for hz in parts))) == {}

    @pytest.mark.parametrize("hz", [400, 1300, 1600, 2500])
    def test_a_lone_tone_of_our_own(self, hz: int) -> None:
        assert heard(tones((hz, 9000))) == {}

    def test_pairs_that_are_nobodys(self) -> None:
        assert heard(tones((600, 5000), (1600, 5000))) == {}
        assert heard(tones((600, 5000), (800, 5000))) == {}

    @pytest.mark.parametrize("off_hz", [-25, -12, 12, 25])
    def test_tones_beside_ours(self, off_hz: int) -> None:
        assert heard(tones((700 + off_hz, 5000), (2200 + off_hz, 5000))) == {}

    def test_the_recorded_message(self) -> None:
        with wave.open(str(MESSAGE)) as recorded:
            rate = recorded.getframerate()
            sound = samples(recorded.readframes(recorded.getnframes()))
        for offset in (0, 53, 101):
            listener = listen(sound, rate, offset)
            assert listener.sounds().heard_ms == {}
            assert listener.foreign_ms > 4000

    def test_silence_and_full_scale(self) -> None:
        assert heard(np.zeros(16000)) == {}
        assert heard(np.full(16000, 32767.0)) == {}
        assert heard(np.where(np.arange(16000) % 2, 32767.0, -32768.0)) == {}

    def test_two_at_once_are_nobody(self) -> None:
        rng = np.random.default_rng(3)
        for _ in range(300):
            one, other = rng.choice(ALL, 2, replace=False)
            shift = int(rng.integers(0, 160))
            mixed = played(int(one), 400)[:1600] + played(int(other), 400)[shift : shift + 1600]
            listener = listen(mixed)
            assert listener.sounds().heard_ms == {}, (one, other, shift)
            assert listener.last_sound_mono_s is not None

    def test_two_that_cancel_a_shared_tone_are_nobody(self) -> None:
        """105 and 106 share their low tone; shifted by half its cycle it vanishes."""
        low, high = TONES_HZ[105]
        other = TONES_HZ[106][1]
        assert TONES_HZ[106][0] == low
        both = tones((high, 5000), (other, 5000), (low, 50))
        assert heard(both) == {}


def with_silence(sound: Sound, start_ms: int, ms: int) -> Sound:
    broken = sound.copy()
    broken[start_ms * 8 : (start_ms + ms) * 8] = 0
    return broken


class TestForeignSound:
    def test_edges_of_bursts_are_not_foreign(self) -> None:
        assert listen(mu_law(played(110, 9000)), offset=53).foreign_ms == 0

    def test_two_at_once_are_foreign(self) -> None:
        assert listen(played(101, 1000) + played(150, 1000)).foreign_ms >= 900

    def test_noise_is_foreign_all_the_time(self) -> None:
        assert listen(np.random.default_rng(5).normal(0, 2000, 8000)).foreign_ms == 1000


class TestLostSound:
    @pytest.mark.parametrize("offset", [0, 1, 53, 80, 159])
    @pytest.mark.parametrize("signature", SOME)
    def test_nothing_lost_in_a_whole_rhythm(self, signature: int, offset: int) -> None:
        assert listen(mu_law(played(signature, 9000)), offset=offset).longest_gap_ms == 0

    @pytest.mark.parametrize("joined_ms", range(0, 1500, 70))
    def test_nothing_lost_by_joining_late(self, joined_ms: int) -> None:
        sound = played(110, 9000)[joined_ms * 8 :]
        assert listen(sound).longest_gap_ms == 0

    @pytest.mark.parametrize("start_ms", range(1600, 4600, 130))
    @pytest.mark.parametrize("lost_ms", [60, 100, 200, 600, 900])
    def test_a_loss_anywhere_is_measured(self, start_ms: int, lost_ms: int) -> None:
        at_ms = np.arange(start_ms, start_ms + lost_ms)
        truth_ms = int(np.count_nonzero(at_ms % PERIOD_MS < 1200))
        gap_ms = listen(with_silence(played(110, 9000), start_ms, lost_ms), offset=37)
        assert gap_ms.longest_gap_ms == pytest.approx(truth_ms, abs=62)

    def test_one_missing_frame_is_seen(self) -> None:
        assert listen(with_silence(played(110, 4000), 2000, 20)).longest_gap_ms == 20

    def test_a_seam_is_no_loss(self) -> None:
        sound = played(110, 4000)
        assert listen(np.concatenate([sound[:16037], sound[16120:]])).longest_gap_ms == 0

    def test_silence_on_purpose_is_no_loss(self) -> None:
        source = SignatureSource(110, 8000)
        source.start()
        parts = source.frame(8 * 900)
        source.stop()
        parts += source.frame(8 * 5000)
        source.start()
        parts += source.frame(8 * 4000)
        assert listen(samples(parts), offset=37).longest_gap_ms == 0

    def test_sound_that_never_comes_back_is_a_loss_at_the_end(self) -> None:
        sound = played(110, 6000)
        assert listen(with_silence(sound, 3500, 2500)).longest_gap_ms > 1800
        assert listen(with_silence(sound, 5200, 800)).longest_gap_ms == 0

    def test_another_voice_is_another_matter(self) -> None:
        sound = np.concatenate([played(110, 800), np.zeros(4000), played(111, 3000)])
        assert listen(sound).longest_gap_ms == 0

    def test_frames_that_never_come_are_lost_but_a_stall_is_not(self) -> None:
        data = pcm(played(110, 6000))

        def gap_ms(late_s: list[float]) -> float:
            listener = Listener(8000)
            for index, late in enumerate(late_s):
                listener.hear(data[index * 320 : index * 320 + 320], index * 0.02 + late)
            return listener.longest_gap_ms

        assert gap_ms([0.0] * 250) == 0
        assert gap_ms([0.0] * 100 + [0.4, 0.38, 0.36, 0.1, 0.05] + [0.0] * 145) == 0
        assert gap_ms([0.0] * 110 + [0.12] * 140) == pytest.approx(120)


def test_a_bank_is_built_once_per_rate() -> None:
    assert bank_for(8000) is bank_for(8000)
    assert isinstance(bank_for(16000), ToneBank)


def test_the_message_is_short_level_and_sounds_at_once() -> None:
    with wave.open(str(MESSAGE)) as recorded:
        rate = recorded.getframerate()
        assert (recorded.getnchannels(), recorded.getsampwidth()) == (1, 2)
        assert rate in (8000, 16000)
        assert 6 <= recorded.getnframes() / rate <= 9
        sound = samples(recorded.readframes(recorded.getnframes()))
    assert MESSAGE.stat().st_size < 200_000
    assert np.abs(sound[: rate // 20]).max() > 1000
    assert 12_000 < np.abs(sound).max() < 32_000
