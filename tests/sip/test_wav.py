"""Sound files of every make become what a bridge plays; what is none is refused with its reason."""

from __future__ import annotations

import contextlib
import struct
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sip.errors import KnownError
from sip.wav.header import LONGEST_S, objection, read_header
from sip.wav.prepare import prepare

RATES = (8000, 11025, 16000, 22050, 32000, 44100, 48000)
CODINGS = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")
LEVEL = 0.3
Sound = npt.NDArray[np.float64]


def tone(hertz: float, rate_hz: int, seconds: float = 1.0, level: float = LEVEL) -> Sound:
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate_hz)) / rate_hz)


def read(path: Path) -> tuple[Sound, int]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        data = file.readframes(file.getnframes())
        return np.frombuffer(data, dtype="<i2") / 32767.0, file.getframerate()


def db(sound: Sound) -> float:
    """Level in dB of a full-scale sine, without the edges."""
    middle = sound[len(sound) // 5 : -len(sound) // 5]
    return float(20 * np.log10(max(1e-9, np.sqrt(2 * np.mean(np.square(middle))))))


def tone_db(sound: Sound, hertz: float, rate_hz: int) -> float:
    """Level of one tone alone."""
    middle = sound[len(sound) // 5 : -len(sound) // 5]
    wave_of = np.exp(-2j * np.pi * hertz * np.arange(len(middle)) / rate_hz)
    window = np.hanning(len(middle))
    return float(
        20 * np.log10(max(1e-9, 2 * abs(np.sum(middle * wave_of * window)) / window.sum()))
    )


def save(path: Path, sound: Sound, rate_hz: int, coding: str = "PCM_16") -> Path:
    soundfile.write(str(path), sound, rate_hz, subtype=coding, format="WAV")
    return path


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_make_keeps_its_level_length_and_pitch(
    tmp_path: Path, rate_hz: int, coding: str, channels: int
) -> None:
    sound = tone(1000, rate_hz)
    given_sound = sound if channels == 1 else np.column_stack([sound, sound])
    path = save(tmp_path / "given.wav", given_sound, rate_hz, coding)
    for bridge_hz in (8000, 16000):
        ready = prepare(path, tmp_path / "cache", bridge_hz)
        heard, heard_hz = read(ready.path)
        assert heard_hz == bridge_hz
        assert ready.seconds == pytest.approx(1.0, abs=0.005)
        assert db(heard) == pytest.approx(db(sound), abs=0.5)
        assert tone_db(heard, 1000, bridge_hz) == pytest.approx(db(sound), abs=0.5)
        assert ready.loudest_dbfs == pytest.approx(20 * np.log10(LEVEL), abs=0.5)


@pytest.mark.parametrize("rate_hz", [rate for rate in RATES if rate > 11025])
@pytest.mark.parametrize("hertz", [4700, 5000, 6100, 7300])
def test_nothing_above_half_the_rate_folds_back(tmp_path: Path, rate_hz: int, hertz: float) -> None:
    sound = tone(500, rate_hz, level=0.01) + tone(hertz, rate_hz, level=0.9)
    heard, _ = read(prepare(save(tmp_path / "g.wav", sound, rate_hz), tmp_path / "c", 8000).path)
    assert tone_db(heard, 8000 - hertz, 8000) < -75
    assert db(heard - heard.mean()) == pytest.approx(-40, abs=0.5)


@pytest.mark.parametrize("hertz", [200, 1000, 2500, 3400])
def test_the_telephone_band_is_flat(tmp_path: Path, hertz: float) -> None:
    for rate_hz in (44100, 48000):
        path = save(tmp_path / f"{rate_hz}.wav", tone(hertz, rate_hz), rate_hz, "PCM_24")
        heard, _ = read(prepare(path, tmp_path / "c", 8000).path)
        assert tone_db(heard, hertz, 8000) == pytest.approx(20 * np.log10(LEVEL), abs=0.5)


def test_a_voice_on_one_side_of_two_keeps_its_level(tmp_path: Path) -> None:
    one = tone(1000, 44100)
    path = save(tmp_path / "g.wav", np.column_stack([one, np.zeros_like(one)]), 44100)
    heard, _ = read(prepare(path, tmp_path / "c", 8000).path)
    assert db(heard) == pytest.approx(db(one), abs=0.5)


def test_sound_above_full_scale_is_brought_down_and_not_cut(tmp_path: Path) -> None:
    path = save(tmp_path / "g.wav", tone(1000, 48000, level=2.0), 48000, "FLOAT")
    ready = prepare(path, tmp_path / "c", 8000)
    heard, _ = read(ready.path)
    assert tone_db(heard, 1000, 8000) == pytest.approx(0.0, abs=0.5)
    assert tone_db(heard, 3000, 8000) < -60  # a cut wave has a third harmonic


def test_a_file_is_prepared_once_and_again_when_it_has_changed(tmp_path: Path) -> None:
    path = save(tmp_path / "g.wav", tone(1000, 44100), 44100)
    first = prepare(path, tmp_path / "c", 8000)
    written = first.path.stat().st_mtime_ns
    assert prepare(path, tmp_path / "c", 8000) == first
    assert first.path.stat().st_mtime_ns == written
    save(path, tone(1200, 44100), 44100)
    assert prepare(path, tmp_path / "c", 8000).path != first.path
    assert prepare(path, tmp_path / "c", 16000).path != first.path
    assert not list((tmp_path / "c").glob("*.new"))


def test_a_file_from_a_pipe_whose_header_knows_no_length_is_taken(tmp_path: Path) -> None:
    path = save(tmp_path / "g.wav", tone(1000, 22050), 22050)
    data = bytearray(path.read_bytes())
    for unknown in (0x7FFFF000, 0xFFFFFFFF, 0):
        at = data.index(b"data") + 4
        data[at : at + 4] = struct.pack("<I", unknown)
        path.write_bytes(data)
        assert read_header(path).seconds == pytest.approx(1.0, abs=0.001)
    data[at : at + 4] = struct.pack("<I", 0x7FFFF000)
    path.write_bytes(data)
    assert prepare(path, tmp_path / "c", 8000).seconds == pytest.approx(1.0, abs=0.01)


# --- what is none ---------------------------------------------------------------------------


def riff(form: bytes, data: bytes = bytes(1600), promised: int | None = None) -> bytes:
    length = len(data) if promised is None else promised
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", length) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def form(encoding: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16) -> bytes:
    block = channels * bits // 8
    return struct.pack(
        "<HHIIHH", encoding, channels, rate, rate * block % 2**32, block % 65536, bits
    )


BAD = {
    "empty": (b"", "is empty"),
    "one octet": (b"R", "is no WAV file"),
    "text": (b"Dear customer, this call is recorded.", "no WAV file but a text"),
    "mp3": (b"ID3\x04\x00" + bytes(4000), "but an MP3"),
    "flac": (b"fLaC" + bytes(4000), "but a FLAC file"),
    "ogg": (b"OggS" + bytes(4000), "but an Ogg file"),
    "only a head": (b"RIFF\x24\x00\x00\x00WAVE", "holds no sound"),
    "cut in its header": (riff(form())[:30], "breaks off"),
    "no sound": (riff(form(), b""), "holds no sound"),
    "truncated": (riff(form(), bytes(1600), 160_000), "breaks off: it says 10.0 s and holds 0.1"),
    "no channels": (riff(form(channels=0)), "0 channels"),
    "60000 channels": (riff(form(channels=60_000)), "60000 channels"),
    "rate of nought": (riff(form(rate=0)), "0 samples a second"),
    "rate of a radio": (riff(form(rate=2_000_000_000)), "2000000000 samples a second"),
    "no bits": (riff(form(bits=0)), "cannot be true"),
    "twelve octets a sample": (riff(form(bits=96)), "cannot be true"),
    "no such coding": (riff(form(encoding=0x2000)), "number 8192"),
    "mp3 in a wav": (riff(form(encoding=0x55, bits=8)), "number 85"),
    "silent": (riff(form(), bytes(16_000)), "is silent"),
    "hours": (riff(form(bits=8, rate=8000), bytes(int(8000 * (LONGEST_S + 60)))), "16 minutes"),
    "big endian": (b"RIFX" + riff(form())[4:], "old kind"),
    "not a number": (
        riff(form(encoding=3, bits=32), np.full(4000, np.nan, dtype="<f4").tobytes()),
        "is silent",
    ),
    "beyond all measure": (
        riff(form(encoding=3, bits=32), np.full(4000, 1e30, dtype="<f4").tobytes()),
        "are no sound",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_message_is_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    data, reason = BAD[name]
    path = tmp_path / "notice.wav"
    path.write_bytes(data)
    with pytest.raises(KnownError) as refused:
        prepare(path, tmp_path / "c", 8000)
    assert reason in refused.value.sentence
    assert refused.value.sentence.startswith("notice.wav ")
    assert not list((tmp_path / "c").glob("*"))


def test_a_file_that_is_not_there_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    assert "is not there" in objection(tmp_path / "none.wav")
    assert "is a folder" in objection(tmp_path)
    good = save(tmp_path / "good.wav", tone(1000, 8000), 8000)
    assert objection(good) == ""
    assert read_header(good).is_plain(8000)
    assert not read_header(good).is_plain(16000)


def test_a_chunk_that_points_at_itself_ends_the_search(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(b"RIFF\x00\x00\x00\x00WAVE" + b"LIST\xff\xff\xff\xff" + bytes(100))
    assert "holds no sound" in objection(path)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_file_however_broken_is_more_than_a_known_error(
    tmp_path: Path, data: st.DataObject
) -> None:
    whole = bytearray(riff(form(), (tone(700, 8000, 0.2) * 32767).astype("<i2").tobytes()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, 60))
        whole[at] = data.draw(st.integers(0, 255))
    path = tmp_path / "broken.wav"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    reason = objection(path)
    assert reason == "" or reason.endswith(".")
    with contextlib.suppress(KnownError):
        assert 0 < prepare(path, tmp_path / "c", 8000).seconds <= LONGEST_S
