"""A phone with headsets made of null sinks: sound for a whole call, and what unplugging does."""

from __future__ import annotations

import time

import pytest

from app.telephony.pulse import PulseServer, Recorder
from sip.messages import ChooseDevices, PhoneEnded, SoundChanged
from tests.sip.callee import VOICE
from tests.sip.pulse_kit import (
    SoundFloor,
    heard_in,
    is_heard_soon,
    pulse,
    signature_sound,
    sound_floor,
    steady_sound,
)

__all__ = ["pulse", "sound_floor"]
pytestmark = pytest.mark.alone
TALK_S = 20.0
SOUND_BACK_S = 0.5
AGENT, AGENT_ELSEWHERE = 3, 4


@pytest.fixture
def call(sound_floor: SoundFloor, pulse: PulseServer) -> SoundFloor:
    """A call that is up, with a voice of its own at each microphone."""
    sound_floor.start_phone()
    pulse.loop(sound_floor.headset.mouth, steady_sound(AGENT))
    pulse.loop(sound_floor.speakers.mouth, steady_sound(AGENT_ELSEWHERE))
    sound_floor.call()
    return sound_floor


def ear_of(pulse: PulseServer, sink: str) -> Recorder:
    return pulse.record(f"{sink}.monitor")


def test_a_tone_is_heard_at_either_end_for_a_whole_call(
    sound_floor: SoundFloor, pulse: PulseServer
) -> None:
    sound_floor.start_phone()
    pulse.loop(sound_floor.headset.mouth, signature_sound(AGENT))
    sound_floor.call()
    ear = ear_of(pulse, sound_floor.headset.ear)
    time.sleep(TALK_S)
    at_the_ear = heard_in(ear)
    heard = sound_floor.end_call()
    assert at_the_ear.sounds().heard_ms[VOICE] > 0.7 * TALK_S * 1000
    assert at_the_ear.longest_gap_ms <= 60
    assert heard.heard_ms[AGENT] > 0.7 * TALK_S * 1000
    assert heard.longest_gap_ms <= 60


def test_unplugged_in_a_call_it_goes_on_with_the_next_and_comes_back(
    call: SoundFloor, pulse: PulseServer
) -> None:
    other_ear = ear_of(pulse, call.speakers.ear)
    time.sleep(1.5)
    unplugged_s = time.monotonic()
    call.headset.unplug()
    heard_s = is_heard_soon(other_ear, unplugged_s)
    assert heard_s is not None
    assert heard_s - unplugged_s < SOUND_BACK_S
    told = call.phone.wait(SoundChanged, where=lambda m: "unplugged" in m.sentence)
    assert told.sentence == "Headset was unplugged. The call goes on with Speakers."
    assert (told.sound, told.has_sound) == ("Speakers, Speakers microphone", True)

    time.sleep(1.0)
    plugged_s = time.monotonic()
    call.headset.plug()
    heard_s = is_heard_soon(ear_of(pulse, call.headset.ear), plugged_s)
    assert heard_s is not None
    assert heard_s - plugged_s < SOUND_BACK_S
    told = call.phone.wait(SoundChanged, where=lambda m: "back" in m.sentence)
    assert told.sentence == "Headset is back. The call goes on with Headset."
    time.sleep(1.0)
    assert not call.phone.all(PhoneEnded)
    heard = call.end_call()
    assert heard.first_mono_s[AGENT_ELSEWHERE] - unplugged_s < SOUND_BACK_S
    assert heard.heard_ms[AGENT] > 2000, "and the headset's own microphone again"


def test_a_device_that_stands_still_without_a_word_is_left(
    call: SoundFloor, pulse: PulseServer
) -> None:
    other_ear = ear_of(pulse, call.speakers.ear)
    time.sleep(1.0)
    still_s = time.monotonic()
    pulse.pactl("suspend-source", call.headset.microphone, "1")
    pulse.pactl("suspend-sink", call.headset.ear, "1")
    heard_s = is_heard_soon(other_ear, still_s)
    assert heard_s is not None
    assert heard_s - still_s < SOUND_BACK_S
    told = call.phone.wait(SoundChanged, where=lambda m: "no sound" in m.sentence)
    assert told.sentence.startswith("Headset")
    time.sleep(1.0)
    heard = call.end_call()
    assert heard.first_mono_s[AGENT_ELSEWHERE] - still_s < SOUND_BACK_S + 0.1


def test_another_device_is_chosen_in_the_midst_of_a_call(
    call: SoundFloor, pulse: PulseServer
) -> None:
    ear, other_ear = ear_of(pulse, call.headset.ear), ear_of(pulse, call.speakers.ear)
    assert is_heard_soon(ear, 0.0)
    chosen_s = time.monotonic()
    call.phone.send(ChooseDevices(microphones=("Headset microphone",), speakers=("Speakers",)))
    heard_s = is_heard_soon(other_ear, chosen_s)
    assert heard_s is not None
    assert heard_s - chosen_s < SOUND_BACK_S
    told = call.phone.wait(SoundChanged, where=lambda m: m.sound.startswith("Speakers"))
    assert (told.sound, told.sentence) == ("Speakers, Headset microphone", "")
    time.sleep(1.0)
    heard = call.end_call()
    assert AGENT_ELSEWHERE not in heard.heard_ms, "the microphone stayed as it was"
    assert heard.longest_gap_ms <= 60


def test_with_no_device_left_the_call_stays_and_takes_what_comes(
    call: SoundFloor, pulse: PulseServer
) -> None:
    for module in ("module-remap-source", "module-null-sink"):
        pulse.pactl("unload-module", module)
    told = call.phone.wait(SoundChanged, where=lambda m: not m.has_sound)
    assert "There is no other device: plug in a headset." in told.sentence
    time.sleep(0.5)
    found = pulse.headset("three", "A new headset")
    pulse.loop(found.mouth, steady_sound(5))
    plugged_s = time.monotonic()
    assert is_heard_soon(ear_of(pulse, found.ear), plugged_s)
    told = call.phone.wait(SoundChanged, where=lambda m: "A new headset" in m.sound)
    assert told.has_sound
    time.sleep(1.0)
    assert call.end_call().heard_ms[5] > 300
