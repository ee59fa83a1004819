"""What an agent may do with the devices of a phone: look, listen, try; and a muted microphone."""

from __future__ import annotations

import time

import numpy as np
import pytest

from app.telephony.pulse import RATE, PulseServer
from sip.messages import (
    AskDevices,
    AskLevels,
    ChooseDevices,
    CloseSession,
    Devices,
    EchoTest,
    Levels,
    PhoneQuality,
    Refused,
    RingAlert,
    SetMute,
    SoundCheck,
)
from tests.sip.floor import Floor
from tests.sip.pulse_kit import (
    SoundFloor,
    first_sound_s,
    is_heard_soon,
    pulse,
    sound_floor,
    steady_sound,
)

__all__ = ["pulse", "sound_floor"]
pytestmark = pytest.mark.sip
AGENT, UNSAID = 3, 4


def click() -> bytes:
    """A fifth of a second of sound."""
    at_s = np.arange(RATE // 5) / RATE
    return (12000 * np.sin(2 * np.pi * 800 * at_s)).astype("<i2").tobytes()


def test_devices_are_told_by_name_and_again_when_one_comes(
    sound_floor: SoundFloor, pulse: PulseServer
) -> None:
    sound_floor.start_phone()
    phone = sound_floor.phone
    phone.send(AskDevices())
    found = phone.wait(Devices)
    assert {device.name for device in found.microphones} == {
        "Headset microphone",
        "Speakers microphone",
    }
    assert {"Headset", "Speakers"} <= {device.name for device in found.speakers}
    assert (found.microphone, found.speaker) == ("Headset microphone", "Headset")
    pulse.headset("three", "A third one")
    phone.wait(Devices, where=lambda m: any(d.name == "A third one" for d in m.speakers))
    default = phone.wait(Devices, where=lambda m: m.ringer == "A third one")
    assert next(d.name for d in default.speakers if d.is_default) == "A third one"
    phone.send(ChooseDevices(ringers=("Speakers",)))
    chosen = phone.wait(Devices, where=lambda m: m.ringer == "Speakers")
    assert chosen.speaker == "A third one", "nothing wished for: the system's default"
    phone.send(CloseSession())
    told = list(phone.messages)
    phone.send(AskDevices())  # as the first run does: nothing is open, and nothing is missing
    closed = phone.wait(Devices, where=lambda m: all(m is not one for one in told))
    assert (closed.microphone, closed.speaker) == (chosen.microphone, "A third one")


def test_levels_say_how_loud_and_whether_the_system_has_muted(
    sound_floor: SoundFloor, pulse: PulseServer
) -> None:
    sound_floor.start_phone()
    phone, headset = sound_floor.phone, sound_floor.headset
    voice = pulse.loop(headset.mouth, steady_sound(AGENT))
    phone.send(AskLevels(is_on=True))
    loud = phone.wait(Levels, where=lambda m: m.microphone_dbfs > -30)
    assert loud.microphone_dbfs == pytest.approx(-10.3, abs=1.0)
    assert (loud.speaker_dbfs, loud.is_muted_by_system) == (-100.0, False)
    before = len(phone.all(Levels))
    time.sleep(1.0)
    assert 8 <= len(phone.all(Levels)) - before <= 12

    pulse.pactl("set-source-mute", headset.microphone, "1")
    muted = phone.wait(Levels, where=lambda m: m.is_muted_by_system)
    assert muted.microphone_dbfs == -100.0
    n_muted = len(phone.all(Levels))
    pulse.pactl("set-source-mute", headset.microphone, "0")
    phone.wait(Levels, where=lambda m: not m.is_muted_by_system and m is phone.all(Levels)[-1])
    assert all(not m.is_muted_by_system for m in phone.all(Levels)[n_muted + 5 :])
    voice.close()
    time.sleep(3.0)
    quiet = phone.all(Levels)[-1]
    assert quiet.microphone_dbfs == -100.0
    assert not quiet.is_muted_by_system, "nobody speaks; that is no mute"
    phone.send(AskLevels(is_on=False))
    time.sleep(0.3)
    count = len(phone.all(Levels))
    time.sleep(0.3)
    assert len(phone.all(Levels)) == count


def test_the_echo_comes_back_a_second_later_until_a_call_comes(
    sound_floor: SoundFloor, pulse: PulseServer
) -> None:
    sound_floor.start_phone()
    phone, headset = sound_floor.phone, sound_floor.headset
    phone.send(EchoTest(is_on=True))
    mouth, ear = pulse.player(headset.mouth), pulse.record(f"{headset.ear}.monitor")
    time.sleep(0.5)
    spoken_s = time.monotonic()
    mouth.play(click())
    heard_s = is_heard_soon(ear, spoken_s)
    assert heard_s is not None
    assert heard_s - spoken_s == pytest.approx(1.15, abs=0.2)
    pulse.loop(headset.mouth, steady_sound(AGENT))
    sound_floor.call()
    time.sleep(1.5)
    phone.send(EchoTest(is_on=True))
    refused = phone.wait(Refused)
    assert (refused.command, refused.sentence) == (
        "echo_test",
        "A call is up: try the echo after it.",
    )
    sound_floor.end_call()
    over_s = time.monotonic() + 0.3
    time.sleep(1.8)
    assert first_sound_s(ear, over_s) is None, "the echo has ended with the call"


def test_a_check_plays_where_it_should_and_the_ring_goes_on_until_it_is_stopped(
    sound_floor: SoundFloor, pulse: PulseServer
) -> None:
    sound_floor.start_phone()
    phone = sound_floor.phone
    phone.send(ChooseDevices(microphones=(), speakers=("Headset",), ringers=("Speakers",)))
    ear = pulse.record(f"{sound_floor.headset.ear}.monitor")
    ringer = pulse.record(f"{sound_floor.speakers.ear}.monitor")
    time.sleep(0.3)
    start_s = time.monotonic()
    phone.send(SoundCheck(where="headset"))
    assert is_heard_soon(ear, start_s) is not None
    assert first_sound_s(ringer, start_s) is None
    time.sleep(1.5)
    start_s = time.monotonic()
    phone.send(RingAlert(is_on=True))
    assert is_heard_soon(ringer, start_s) is not None
    assert is_heard_soon(ringer, start_s + 3.0) is not None, "it rings again"
    assert first_sound_s(ear, start_s) is None
    phone.send(RingAlert(is_on=False))
    time.sleep(0.4)
    stopped_s = time.monotonic()
    time.sleep(3.2)
    assert first_sound_s(ringer, stopped_s) is None
    start_s = time.monotonic()
    phone.send(SoundCheck(where="ringer"))
    assert is_heard_soon(ringer, start_s) is not None


def test_quality_is_told_while_the_call_is_up_and_what_was_said_muted_stays_unsaid(
    sound_floor: SoundFloor, pulse: PulseServer
) -> None:
    sound_floor.start_phone()
    phone, headset = sound_floor.phone, sound_floor.headset
    voice = pulse.loop(headset.mouth, steady_sound(AGENT))
    sound_floor.call()
    told = phone.wait(PhoneQuality)
    assert told.attempt_id == "a-1"
    assert told.codec
    assert told.packets_in == pytest.approx(100, abs=10)
    assert told.packets_out == pytest.approx(100, abs=10)
    assert (told.loss_in, told.is_muted_by_system) == (0.0, False)
    assert told.microphone_dbfs is not None
    assert told.heard_dbfs is not None
    assert told.heard_age_s is not None
    assert told.microphone_dbfs == pytest.approx(-10.3, abs=1.0)
    assert told.heard_dbfs == pytest.approx(-10.6, abs=1.0)
    assert told.heard_age_s < 0.5
    pulse.pactl("set-source-mute", headset.microphone, "1")
    phone.wait(PhoneQuality, where=lambda m: m.is_muted_by_system)
    pulse.pactl("set-source-mute", headset.microphone, "0")
    phone.send(SetMute(is_muted=True))
    time.sleep(0.5)
    voice.close()
    aside = pulse.loop(headset.mouth, steady_sound(UNSAID))
    time.sleep(0.6)
    aside.close()
    time.sleep(0.03)  # what the sound server itself still holds
    phone.send(SetMute(is_muted=False))
    time.sleep(0.5)
    heard = sound_floor.end_call()
    assert heard.heard_ms.keys() == {AGENT}, heard
    count = len(phone.all(PhoneQuality))
    time.sleep(2.2)
    assert len(phone.all(PhoneQuality)) == count, "nothing is told once it is over"


def test_without_a_headset_it_is_said_what_is_missing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    floor = Floor(tmp_path_factory.mktemp("n"))
    try:
        phone, _agent, _launched, _address = floor.phone()
        phone.send(EchoTest(is_on=True))
        phone.send(SoundCheck(where="ringer"))
        phone.send(RingAlert(is_on=True))
        for command in ("echo_test", "sound_check", "ring_alert"):
            refused = phone.wait(Refused, where=lambda m, c=command: m.command == c)  # type: ignore[misc]
            assert refused.sentence == "Sound was switched off for this phone."
        phone.send(AskDevices())
        assert phone.wait(Devices).speakers == ()
        phone.send(AskLevels(is_on=True))
        assert phone.wait(Levels).microphone_dbfs == -100.0
    finally:
        floor.close()
