"""The line doctor's words where the trouble is real: a muted source, a party that has gone mute."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.clock import WallClock
from app.desk.doctor import LineDoctor, facts_of_call
from app.desk.phone_side import PhoneSide
from app.desk.views import CallView
from app.telephony.pulse import PulseServer
from sip.messages import CallQuality, PhoneQuality
from tests.sip.control_kit import Stage, make_stage
from tests.sip.pulse_kit import SoundFloor, is_heard_soon, pulse, sound_floor, steady_sound

__all__ = ["pulse", "sound_floor"]
pytestmark = pytest.mark.sip


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from make_stage(tmp_path_factory.mktemp("d"))


def test_a_source_that_the_system_mutes_is_named_in_the_agents_window(
    sound_floor: SoundFloor, pulse: PulseServer, qtbot: QtBot
) -> None:
    del qtbot  # there is an application
    sound_floor.start_phone()
    pulse.loop(sound_floor.headset.mouth, steady_sound(3))
    sound_floor.call()
    side = PhoneSide(lambda _message: True)
    side.is_for_person = True
    phone, clock = sound_floor.phone, WallClock()
    up = CallView(
        is_up=True,
        is_connected=True,
        since_utc_s=clock.now().utc.timestamp(),
        has_sound=True,
        sound="Headset",
    )

    def hears_until(is_muted: bool) -> None:
        seen = len(phone.all(PhoneQuality))
        found = phone.wait(
            PhoneQuality,
            where=lambda m: (
                m.is_muted_by_system is is_muted and phone.all(PhoneQuality).index(m) >= seen
            ),
        )
        side.examine(up, clock.now(), found)

    def said() -> str:
        return "" if side.advice is None else side.advice.sentence

    hears_until(False)
    assert said() == ""
    pulse.pactl("set-source-mute", sound_floor.headset.microphone, "1")
    hears_until(True)
    assert said() == "Your microphone is muted by the system."
    pulse.pactl("set-source-mute", sound_floor.headset.microphone, "0")
    hears_until(False)
    assert said() == "", "and it is taken back at once"


def test_an_offer_rings_on_the_ringer_until_the_window_is_looked_at(
    sound_floor: SoundFloor, pulse: PulseServer, qtbot: QtBot
) -> None:
    del qtbot
    sound_floor.start_phone()
    phone = sound_floor.phone
    side = PhoneSide(phone.wire.send)
    side.ring.want(True)
    side.choose("ringer", "Speakers")
    ear = pulse.record(f"{sound_floor.speakers.ear}.monitor")
    time.sleep(0.5)
    began_s = time.monotonic()
    side.ring.offered(7)
    assert is_heard_soon(ear, began_s) is not None
    side.ring.looked_at(True)
    time.sleep(0.7)
    assert is_heard_soon(ear, time.monotonic(), 3.5) is None, "a ring comes every three seconds"


def test_a_party_whose_packets_stop_is_named_to_the_supervisor(stage: Stage) -> None:
    stage.talk()
    doctor, clock = LineDoctor(), WallClock()
    answered_utc_s = clock.now().utc.timestamp() - 5.0

    def words() -> str:
        seen = len(stage.line.all(CallQuality))
        quality = stage.line.wait(
            CallQuality, where=lambda m: stage.line.all(CallQuality).index(m) >= seen
        )
        facts = facts_of_call(quality, name="Anna", answered_utc_s=answered_utc_s)
        return " ".join(one.sentence for one in doctor.examine(facts, clock.now().mono_s))

    assert "Packets" not in words()
    stage.pause("person", is_paused=True)
    try:
        until_s = time.monotonic() + 9.0
        while "have stopped" not in (said := words()):
            assert time.monotonic() < until_s, said
    finally:
        stage.pause("person", is_paused=False)
    assert "Packets from 127.0.0.1" in said
    stage.end()
