"""The telephone's desk over a real store: sounds that are kept, words, and what is saved."""

from __future__ import annotations

import math
import shutil
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.desk.loudspeaker import Loudspeaker
from app.desk.telephone_desk import TelephoneDesk
from app.desk.telephone_form import SoundView, TelephoneView, detection_words, sound_view
from app.profile import Profile, open_profile
from dialer_core.clock import ManualClock
from dialer_core.model.call_control import RecordingPolicy
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import CampaignId
from dialer_core.model.records import DayCounts
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile as rules_of
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.setup import NewCampaign, SetupStore
from dialer_core.store.watch import WatchStore
from tests import needs
from tests.store.floor_kit import DISPOSITIONS


class HandSpeaker(Loudspeaker):
    """Notes what would be heard, and is silent."""

    def __init__(self) -> None:
        super().__init__()
        self.played: list[Path] = []

    def play(self, path: Path) -> bool:
        self.played.append(path)
        return True

    def stop(self) -> None:
        """Nothing sounds."""


@pytest.fixture
def floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """A profile with one predictive campaign under the British rules."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    made = open_profile(tmp_path / "floor")
    migrate(made.database_path)
    database = open_database(made.database_path)
    setup = SetupStore(database)
    setup.add_campaign(
        NewCampaign(
            name="Spring renewals",
            client="Northwind Energy",
            company_name="Northwind",
            mode=Mode.PREDICTIVE,
            profile=rules_of("GB"),
            caller_id="+441614960100",
            dispositions=DISPOSITIONS,
            zone="Europe/London",
        ),
        ManualClock().now(),
    )
    setup.close()
    database.close()
    return made


@pytest.fixture
def speaker(qtbot: QtBot) -> HandSpeaker:
    return HandSpeaker()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def desk(floor: Profile, speaker: HandSpeaker, clock: ManualClock) -> Iterator[TelephoneDesk]:
    made = TelephoneDesk(floor, lambda: WatchStore(floor.database_path), clock, None, speaker)
    yield made
    made.stop()


def loaded(desk: TelephoneDesk, qtbot: QtBot) -> TelephoneView:
    with qtbot.waitSignal(desk.loaded, timeout=10_000) as found:
        desk.load()
    assert found.args is not None
    view = found.args[0]
    assert isinstance(view, TelephoneView)
    return view


def tone(path: Path, rate_hz: int = 44_100, level: float = 0.3) -> Path:
    """Half a second of a tone in stereo."""
    moments = np.arange(rate_hz // 2) / rate_hz
    one = (np.sin(2 * math.pi * 440 * moments) * 32_767 * level).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.stack([one, one], axis=1).tobytes())
    return path


def chosen(desk: TelephoneDesk, qtbot: QtBot, setting: str, path: Path) -> SoundView:
    with qtbot.waitSignal(desk.prepared, timeout=10_000) as found:
        desk.choose_file(setting, str(path))
    assert found.args is not None
    assert found.args[0] == setting
    sound = found.args[1]
    assert isinstance(sound, SoundView)
    return sound


def test_a_new_campaign_is_shown(desk: TelephoneDesk, qtbot: QtBot) -> None:
    view = loaded(desk, qtbot)
    assert (view.campaign_name, view.client) == ("Spring renewals", "Northwind Energy")
    assert view.settings.recording is RecordingPolicy.OFF
    assert view.sounds["message_wav"].seconds > 1
    assert view.sounds["notice_wav"] == SoundView()
    assert view.detection_why_not == ""
    assert "0.15" in view.detection_warning
    assert "4 4 1 6 1 4 9 6 0 1 0 0" in view.suggestions["message_wav"]


def test_a_file_is_kept_as_lines_play_it(
    desk: TelephoneDesk, floor: Profile, qtbot: QtBot, tmp_path: Path
) -> None:
    source = tone(tmp_path / "Quiet piano (2).wav")
    sound = chosen(desk, qtbot, "hold_wav", source)
    kept = Path(sound.path)
    assert kept.parent == floor.root / "sounds"
    assert sound.name == "Quiet_piano_2_"
    with wave.open(str(kept)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, 8_000, 2)
        assert file.getnframes() == pytest.approx(4_000, abs=2)
    source.unlink()  # the campaign does not need it any more
    assert sound_view(sound.path) == sound


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"ID3\x04" + b"\0" * 200, "an MP3"), (b"hello", "text"), (None, "is not there")],
)
def test_what_is_no_sound_is_refused_with_its_reason(
    desk: TelephoneDesk, qtbot: QtBot, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "notice.wav"
    if content is not None:
        path.write_bytes(content)
    with qtbot.waitSignal(desk.refused, timeout=10_000) as found:
        desk.choose_file("notice_wav", str(path))
    assert found.args is not None
    assert sentence in found.args[0]


def test_silence_is_refused(desk: TelephoneDesk, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(desk.refused, timeout=10_000) as found:
        desk.choose_file("notice_wav", str(tone(tmp_path / "quiet.wav", level=0.0)))
    assert found.args is not None
    assert "silent" in found.args[0]


def test_words_are_spoken_kept_and_found_again(
    desk: TelephoneDesk, floor: Profile, clock: ManualClock, qtbot: QtBot
) -> None:
    needs.program("espeak-ng", "espeak-ng")
    with qtbot.waitSignal(desk.prepared, timeout=20_000) as found:
        desk.speak("notice_wav", " This call is recorded. ", "en-gb")
    assert found.args is not None
    sound = found.args[1]
    assert (sound.words, sound.language) == ("This call is recorded.", "en-gb")
    assert 0.8 < sound.seconds < 4
    view = loaded(desk, qtbot)
    settings = view.settings
    wanted = replace(settings, recording=RecordingPolicy.ANNOUNCE, notice_wav=sound.path)
    clock.advance(1)
    with qtbot.waitSignal(desk.saved, timeout=10_000) as saved:
        desk.save(wanted)
    assert saved.args is not None
    assert saved.args[0].settings == wanted
    assert saved.args[0].sounds["notice_wav"] == sound
    Path(sound.path).unlink()
    gone = loaded(desk, qtbot).sounds["notice_wav"]
    assert gone.trouble.endswith("is gone: choose another sound.")
    assert floor.root in Path(sound.path).parents


def test_a_sound_that_went_missing_is_not_saved(
    desk: TelephoneDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    settings = loaded(desk, qtbot).settings
    sound = chosen(desk, qtbot, "queue_wav", tone(tmp_path / "queue.wav"))
    Path(sound.path).unlink()
    wanted = replace(settings, queue_wav=sound.path)
    with qtbot.waitSignal(desk.refused, timeout=10_000) as found:
        desk.save(wanted)
    assert found.args is not None
    assert "is gone" in found.args[0]
    assert loaded(desk, qtbot).settings == settings


def test_what_others_have_changed_meanwhile_stays(
    desk: TelephoneDesk, floor: Profile, clock: ManualClock, qtbot: QtBot
) -> None:
    settings = loaded(desk, qtbot).settings
    clock.advance(1)
    other = WatchStore(floor.database_path)
    other.snapshot(clock.now())
    other.set_mode(CampaignId(1), Mode.PREVIEW, "Ben", clock.now())
    other.close()
    clock.advance(1)
    with qtbot.waitSignal(desk.saved, timeout=10_000) as saved:
        desk.save(replace(settings, longest_wait_s=60.0))
    assert saved.args is not None
    now = saved.args[0].settings
    assert (now.mode, now.longest_wait_s) == (Mode.PREVIEW, 60.0)


def test_a_sound_and_words_are_heard(
    desk: TelephoneDesk, speaker: HandSpeaker, qtbot: QtBot, tmp_path: Path
) -> None:
    source = tone(tmp_path / "stereo.wav")
    with qtbot.waitSignal(desk.playing, timeout=10_000) as found:
        desk.listen(str(source))
    assert found.args == [str(source)]
    with wave.open(str(speaker.played[0])) as file:
        assert file.getnchannels() == 1
    with qtbot.waitSignal(desk.playing, timeout=10_000) as found:
        desk.listen("abandoned.wav")
    assert found.args == ["abandoned.wav"]
    if shutil.which("espeak-ng"):
        with qtbot.waitSignal(desk.playing, timeout=20_000) as found:
            desk.try_words("Good morning", "en-gb")
        assert found.args == [""]
    with qtbot.waitSignal(desk.silent):
        desk.be_silent()


def test_a_campaign_that_is_gone_gets_a_sentence(floor: Profile, qtbot: QtBot) -> None:
    made = TelephoneDesk(
        floor,
        lambda: WatchStore(floor.database_path),
        ManualClock(),
        CampaignId(99),
        HandSpeaker(),
    )
    with qtbot.waitSignal(made.refused, timeout=10_000) as found:
        made.load()
    made.stop()
    assert found.args == ["There is no such campaign any more; choose another."]


GB = Campaign(
    id=CampaignId(1),
    name="Spring",
    mode=Mode.PREDICTIVE,
    profile_id="GB",
    profile_version="1",
    caller_id="+441614960100",
    client="Northwind",
)


def test_the_warning_reckons_as_the_law_does() -> None:
    # F = p x AMdet = 15; F / (F + L) = 15 / 215 = 7.0 %
    words = detection_words(rules_of("GB"), GB, DayCounts(live=3))
    assert "On a day with 200 people and 100 machines that alone is 7.0 % abandoned" in words
    assert "the cap is 3 %" in words
    assert words.endswith("for free seats only.")


def test_the_warning_takes_today_where_today_says_enough() -> None:
    words = detection_words(rules_of("GB"), GB, DayCounts(live=600, machines=40))
    # 6 / 606
    assert "With today’s 600 people and 40 machines that alone is 1.0 % abandoned" in words
    assert "free seats only" not in words
