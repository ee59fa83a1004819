"""The parts of the phone's sound that need no device: choice, rates, levels, tunes, words."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import numpy as np
import pytest

from sip.door import KEPT_S, PLACES, Door
from sip.leg_numbers import LegNumbers
from sip.losses import share_lost_in, share_lost_out
from sip.messages import SoundDevice
from sip.ring import WATCH_TAKES, Ring
from sip.sound.chimes import EchoLine, Tune, check_notes, mixed, ring_sound
from sip.sound.choice import FIRST_PAUSE_S, Failing, choose
from sip.sound.level import SILENCE_DBFS, PeakMeter, dbfs
from sip.sound.rates import FromDevice, ToDevice
from sip.sound.system_mute import DEAD_S, SystemMute, is_muted_answer
from sip.sound.words import DeviceChange, in_use, sentence

pytestmark = pytest.mark.qt
JABRA = SoundDevice(id="1", name="Jabra", is_default=False)
DESK = SoundDevice(id="2", name="Desk", is_default=True)
TV = SoundDevice(id="3", name="TV", is_default=False)
ALL = (TV, JABRA, DESK)


def tone(hz: float, rate: int, seconds: float = 0.5, amplitude: float = 10000.0) -> bytes:
    at_s = np.arange(round(rate * seconds)) / rate
    return (amplitude * np.sin(2 * np.pi * hz * at_s)).astype("<i2").tobytes()


def amplitude_of(pcm16: bytes, hz: float, rate: int) -> float:
    samples = np.frombuffer(pcm16, "<i2").astype(float)[rate // 10 : rate // 10 * 4]
    wave = np.exp(-2j * np.pi * hz * np.arange(len(samples)) / rate)
    return float(2 * abs(samples @ wave) / len(samples))


@pytest.mark.parametrize(
    ("wanted", "present", "failing", "expected"),
    [
        ((), ALL, (), "Desk"),
        (("Jabra",), ALL, (), "Jabra"),
        (("Gone", "TV"), ALL, (), "TV"),
        (("Gone",), ALL, (), "Desk"),
        (("Gone",), (TV, JABRA), (), "TV"),
        (("Jabra",), ALL, ("1",), "Desk"),
        (("Jabra",), (JABRA,), ("1",), "Jabra"),
        (("Jabra", "TV"), ALL, ("1", "2"), "TV"),
    ],
)
def test_a_device_is_chosen_by_name_then_default_then_any(
    wanted: tuple[str, ...],
    present: tuple[SoundDevice, ...],
    failing: tuple[str, ...],
    expected: str,
) -> None:
    found = choose(wanted, present, frozenset(failing))
    assert found is not None
    assert found.name == expected
    assert choose(wanted, ()) is None


def test_what_fails_is_passed_over_for_longer_each_time_and_forgiven_when_unplugged() -> None:
    failing = Failing()
    failing.note("1", 100.0)
    assert failing.at(100.0 + FIRST_PAUSE_S - 1) == {"1"}
    assert failing.at(100.0 + FIRST_PAUSE_S) == frozenset()
    assert failing.has("1")
    failing.note("1", 200.0)
    assert failing.next_retry_s(201.0) == 200.0 + 2 * FIRST_PAUSE_S
    failing.keep_only([DESK])
    assert not failing.has("1")
    assert failing.next_retry_s(201.0) is None


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("factor", [1, 3])
def test_resampling_keeps_speech_and_its_length_in_lumps_of_any_size(
    factor: int, channels: int
) -> None:
    rate = 16000
    up, down = ToDevice(factor, channels), FromDevice(factor, channels)
    sound, out = tone(1000, rate), b""
    for at in range(0, len(sound), 640):
        device = up.convert(sound[at : at + 640])
        cut = len(device) // 3 + 1  # an odd place: half a sample, half a pair
        out += down.convert(device[:cut]) + down.convert(device[cut:])
    assert len(out) == pytest.approx(len(sound), abs=200)
    assert amplitude_of(out, 1000, rate) == pytest.approx(10000, rel=0.02)
    assert up.bytes_per_byte == factor * channels


def test_what_the_bridge_cannot_carry_does_not_fold_back() -> None:
    device = tone(13000, 48000)
    heard = FromDevice(3, 1).convert(device)
    assert amplitude_of(heard, 3000, 16000) < 30  # 50 dB down


def test_levels_are_of_the_loudest_moment_and_none_without_sound() -> None:
    meter = PeakMeter()
    assert meter.take() is None
    meter.hear(tone(400, 16000, amplitude=3276.8))
    meter.hear(bytes(320))
    assert meter.take() == pytest.approx(-20.0, abs=0.1)
    meter.hear(bytes(320))
    assert meter.take() == SILENCE_DBFS
    assert dbfs(32768) == 0.0


def test_tunes_end_or_go_on_and_mix_without_wrapping() -> None:
    once = Tune(b"abcdef", is_endless=False)
    assert (once.take_most(4), once.take_most(4), once.is_over) == (b"abcd", b"ef", True)
    endless = Tune(b"abcd", is_endless=True)
    assert endless.take_most(10) == b"abcdabcdab"
    assert endless.take_most(4) == b"cdab"
    loud = np.array([30000, -30000], "<i2").tobytes()
    assert np.frombuffer(mixed(loud, loud), "<i2").tolist() == [32767, -32768]
    assert mixed(b"", loud) == loud
    assert len(ring_sound(16000)) == 3 * 32000
    assert 0 < np.abs(np.frombuffer(check_notes(16000), "<i2")).max() < 8000


def test_an_echo_comes_after_its_delay() -> None:
    line = EchoLine(1000, 0.1)  # 200 bytes
    line.put(b"x" * 50)
    assert line.take_due() == bytes(50)
    line.put(b"y" * 160)
    assert line.take_due() == bytes(150) + b"x" * 10


def test_a_ring_gives_up_what_delays_all_that_follows() -> None:
    ring = Ring(1000, spare=40)
    ring.put(bytes(200))
    for _take in range(WATCH_TAKES):
        ring.put(bytes(20))
        ring.take(20)
    assert len(ring) == 20
    keeps = Ring(1000)
    keeps.put(bytes(200))
    for _take in range(WATCH_TAKES):
        keeps.put(bytes(20))
        keeps.take(20)
    assert len(keeps) == 200
    keeps.skip()
    assert len(keeps) == 0


def test_the_words_name_what_went_and_what_is_used_now() -> None:
    gone = DeviceChange(
        unplugged=("Jabra", "Jabra Mono"), speaker="Desk", microphone="Desk microphone"
    )
    assert sentence(gone, is_in_call=True) == "Jabra was unplugged. The call goes on with Desk."
    assert sentence(gone, is_in_call=False) == "Jabra was unplugged. In use now: Desk."
    nothing = DeviceChange(unplugged=("Jabra",))
    assert sentence(nothing, is_in_call=True) == (
        "Jabra was unplugged. There is no other device: plug in a headset."
    )
    deaf = DeviceChange(unplugged=("Mic",), speaker="Desk")
    assert sentence(deaf, is_in_call=True).endswith("nobody can hear you until you plug one in.")
    alone = DeviceChange(silent=("Jabra",), speaker="Jabra", microphone="Jabra")
    assert sentence(alone, is_in_call=True) == (
        "Jabra gives no sound. Look at its cable and its switch; there is no other device."
    )
    assert sentence(DeviceChange(speaker="Desk"), is_in_call=True) == ""
    assert in_use("Jabra", "Jabra") == "Jabra"
    assert in_use("", "Mic") == "No loudspeaker was found: plug in a headset."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mute: yes\n", True),
        ("Mute: no\n", False),
        ("Volume: mono: 0 /   0% / -inf dB\n", True),
        ("Volume: front-left: 0 / 0% / -inf dB, front-right: 65536 / 100% / 0.00 dB\n", False),
        ("Failure: No such entity\n", None),
        ("", None),
    ],
)
def test_what_pulseaudio_says_of_a_microphone(text: str, expected: bool | None) -> None:
    assert is_muted_answer(text) is expected


def test_without_pulseaudio_only_dead_silence_from_the_start_is_a_mute() -> None:
    mute = SystemMute(None)

    def is_muted_at(now_s: float) -> bool:
        mute.tick(now_s)
        return mute.is_muted

    mute.opened("mic")
    mute.hear(0, 100.0)
    assert not is_muted_at(100.0 + DEAD_S - 0.1)
    assert is_muted_at(100.0 + DEAD_S)
    mute.hear(5, 110.0)
    assert not is_muted_at(110.0)
    mute.hear(0, 111.0)
    assert not is_muted_at(200.0), "a headset with a gate is silent between words"


def test_nothing_is_asked_while_there_is_sound(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    program = tmp_path / "pactl"
    program.write_text(f"#!/bin/sh\necho >> {asked}\n")
    program.chmod(0o755)
    mute = SystemMute(str(program))
    mute.opened("mic")
    mute.hear(100, 0.0)
    for tenth in range(100):
        mute.tick(tenth / 10)
    mute.close()
    assert not asked.exists()
    assert not mute.is_muted


def test_losses_are_shares_of_what_came_since() -> None:
    def numbers(
        packets_in: int, lost_in: int, packets_out: int, lost_out: int | None
    ) -> LegNumbers:
        return LegNumbers(
            codec="G722",
            address="",
            packets_in=packets_in,
            packets_out=packets_out,
            lost_in=lost_in,
            lost_out=lost_out,
            jitter_ms=None,
            round_trip_ms=None,
        )

    before, now = numbers(100, 0, 100, None), numbers(190, 10, 200, 5)
    assert share_lost_in(before, now) == pytest.approx(0.1)
    assert share_lost_out(before, now) == pytest.approx(0.05)
    assert share_lost_out(now, before) is None
    assert share_lost_in(now, now) is None


@pytest.mark.skipif(os.name != "posix", reason="only on POSIX sockets are descriptors")
def test_the_door_shuts_before_the_places_run_out_and_opens_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def is_shut() -> bool:
        return door.is_shut

    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        listener.settimeout(2.0)
        door = Door()
        door.guard()
        for _link in range(PLACES):
            door.read("Handshake failed on 127.0.0.1:1 in accepting 127.0.0.1:2: End of file", 10.0)
        door.look(10.0)
        assert is_shut()
        assert "too many connections" in caplog.text
        with socket.create_connection(address, 2.0):  # the system takes it in
            door.look(10.0 + KEPT_S / 2)
            assert is_shut()
            door.look(10.0 + 2 * KEPT_S)
            assert not is_shut()
            taken, _address = listener.accept()
            taken.close()
        door.close()
