"""What the phone tells of devices and sound, in views and sentences; what is chosen is kept."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.desk.phone_side import PhoneSide
from app.desk.phone_view import MOST_REMEMBERED, DeviceChoice, device_notice, preferring
from app.desk.views import CallView, DevicesView, LevelsView
from dialer_core.clock import ManualClock
from sip import messages

HEADSET, SPEAKERS = "Jabra Evolve2 65", "Speakers"


def devices(*names: str, used: str | None = None) -> messages.Devices:
    found = tuple(messages.SoundDevice(id=n, name=n, is_default=False) for n in names)
    name = (names[0] if names else "") if used is None else used
    return messages.Devices(
        microphones=found, speakers=found, microphone=name, speaker=name, ringer=name
    )


class Phone:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[messages.Message] = []
        self.kept: list[DeviceChoice] = []

    def send(self, message: messages.Message) -> bool:
        self.told.append(message)
        return True

    def side(self, choice: DeviceChoice | None = None) -> PhoneSide:
        return PhoneSide(self.send, choice, self.kept.append)


@pytest.fixture
def phone(qapp: object) -> Phone:
    return Phone()


def test_what_is_chosen_acts_at_once_and_is_kept(phone: Phone) -> None:
    side = phone.side(DeviceChoice(microphones=(SPEAKERS,)))
    side.choose("microphone", HEADSET)
    wanted = (HEADSET, SPEAKERS)
    assert phone.told == [messages.ChooseDevices(microphones=wanted)]
    assert phone.kept == [DeviceChoice(microphones=wanted)]
    side.choose("microphone", "")
    assert phone.kept[-1] == DeviceChoice()


def test_the_last_choices_are_remembered_in_their_order() -> None:
    names: tuple[str, ...] = ()
    for number in range(8):
        names = preferring(names, f"device {number}")
    assert names[0] == "device 7"
    assert len(names) == MOST_REMEMBERED
    assert preferring(names, "device 5")[:2] == ("device 5", "device 7")


def test_a_phone_that_comes_back_is_told_again(phone: Phone) -> None:
    side = phone.side(DeviceChoice(speakers=(HEADSET,)))
    side.watch_levels("bar", True)
    phone.told.clear()
    side.phone_came(is_in_call=False)
    assert phone.told == [
        messages.ChooseDevices(speakers=(HEADSET,)),
        messages.AskDevices(),
        messages.AskLevels(is_on=True),
    ]


def test_levels_stop_when_nobody_looks(phone: Phone) -> None:
    side = phone.side()
    side.watch_levels("bar", True)
    side.watch_levels("dialog", True)
    side.watch_levels("bar", False)
    assert phone.told == [messages.AskLevels(is_on=True)]
    side.watch_levels("dialog", False)
    assert phone.told[-1] == messages.AskLevels(is_on=False)


def test_levels_are_handed_on(phone: Phone, qtbot: QtBot) -> None:
    side = phone.side()
    with qtbot.waitSignal(side.levels_changed) as told:
        side.hear(
            messages.Levels(microphone_dbfs=-12.0, speaker_dbfs=-30.0, is_muted_by_system=True)
        )
    assert told.args == [LevelsView(-12.0, -30.0, True)]


def test_a_headset_that_is_unplugged_in_a_call(phone: Phone) -> None:
    side = phone.side(DeviceChoice(microphones=(HEADSET,), speakers=(HEADSET,)))
    said: list[str] = []
    side.noticed.connect(said.append)
    side.hear(devices(HEADSET, SPEAKERS))
    assert said == []
    side.hear(devices(SPEAKERS))
    assert said == [f"{HEADSET} was unplugged. Calls continue on {SPEAKERS}."]
    side.hear(devices(SPEAKERS, HEADSET, used=HEADSET))
    assert said[-1] == ""


@pytest.mark.parametrize(
    ("now", "choice", "words"),
    [
        (devices(), DeviceChoice(), "No headset was found"),
        (devices(SPEAKERS), DeviceChoice(speakers=(HEADSET,)), "is not plugged in. Calls come"),
        (devices(SPEAKERS), DeviceChoice(microphones=(HEADSET,)), "You are heard through"),
        (devices(HEADSET), DeviceChoice(speakers=(HEADSET,)), ""),
    ],
)
def test_what_is_missing_is_a_sentence(
    now: messages.Devices, choice: DeviceChoice, words: str
) -> None:
    notice = device_notice(now, choice)
    assert words in notice
    assert bool(notice) is bool(words)


def test_a_phone_without_sound_by_intention_misses_nothing(phone: Phone) -> None:
    side = phone.side()
    said: list[str] = []
    side.noticed.connect(said.append)
    side.hear(devices())
    side.hear(devices())
    assert said == []


def test_a_call_ends_the_echo(phone: Phone) -> None:
    side = phone.side()
    side.hear(devices(HEADSET))
    seen: list[DevicesView] = []
    side.devices_changed.connect(seen.append)
    side.set_echo(True)
    side.call_changed(is_in_call=True)
    side.set_echo(True)
    assert [view.is_echo_on for view in seen] == [True, False]
    assert phone.told.count(messages.EchoTest(is_on=True)) == 1


def test_the_doctor_looks_at_what_the_phone_reports(phone: Phone) -> None:
    clock = ManualClock()
    side = phone.side()
    side.is_for_person = True
    up = CallView(is_up=True, is_connected=True, since_utc_s=0.0, has_sound=True, sound=HEADSET)
    quality = messages.PhoneQuality(
        at=messages.Stamp(utc_s=0.0, mono_s=0.0),
        attempt_id="a",
        codec="PCMA",
        loss_in=0.3,
        loss_out=0.0,
        jitter_ms=5.0,
        round_trip_ms=20.0,
        microphone_dbfs=-20.0,
        heard_dbfs=-20.0,
        heard_age_s=0.1,
        packets_in=100,
        packets_out=100,
    )
    for _ in range(6):
        clock.advance(2.0)
        side.examine(up, clock.now(), quality)
    assert side.advice is not None
    assert side.advice.sentence
    assert side.advice.what_to_do
