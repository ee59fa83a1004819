"""Recordings: who is on which side, what a pause leaves, and what a full or slow disk does."""

from __future__ import annotations

import os
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from sip.errors import KnownError
from sip.messages import (
    CallArranged,
    EngineTrouble,
    RecordingChanged,
    Refused,
    SetRecording,
    Supervise,
)
from sip.recording.recorder import Channels
from sip.recording.wav import TwoChannelWav
from tests.sip.control_kit import Stage, make_stage, recorded

pytestmark = pytest.mark.sip


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from make_stage(tmp_path_factory.mktemp("r"))


def tell(stage: Stage, how: str) -> RecordingChanged:
    seq = stage.last_seq()
    stage.line.send(SetRecording(epoch=1, attempt_id=stage.attempt_id, how=how))  # type: ignore[arg-type]
    return stage.wait_next(RecordingChanged, seq)


def test_person_left_agent_right_and_a_pause_is_silence(stage: Stage) -> None:
    order = stage.recording()
    stage.talk(recording=order)
    started = stage.wait(RecordingChanged, state="recording")
    assert started.path == order.path
    assert started.recorded_s < 0.1
    time.sleep(1.0)
    paused = tell(stage, "pause")
    assert paused.state == "paused"
    time.sleep(1.0)
    resumed = tell(stage, "resume")
    assert resumed.state == "recording"
    time.sleep(1.0)
    ended = stage.end()
    stopped = stage.wait(RecordingChanged, state="stopped")
    assert stopped.seq < ended.seq
    left, right = recorded(Path(order.path))
    for side, who in ((left, "person"), (right, "agent")):
        assert side.who(0.1, paused.recorded_s - 0.06) == {who}
        assert side.is_silent(paused.recorded_s + 0.06, resumed.recorded_s - 0.06)
        assert side.who(resumed.recorded_s + 0.06, stopped.recorded_s - 0.1) == {who}
    length_s = len(left.at_s) * 0.02
    assert length_s == pytest.approx(stopped.recorded_s, abs=0.05)
    assert length_s == pytest.approx(ended.at.mono_s - started.at.mono_s, abs=0.1)
    assert resumed.recorded_s - paused.recorded_s == pytest.approx(1.0, abs=0.15)
    assert os.stat(order.path).st_mode & 0o777 == 0o600


def test_hold_whisper_and_music_are_not_recorded_third_and_barge_are_right(stage: Stage) -> None:
    order = stage.recording()
    stage.talk(recording=order)
    start_s = stage.wait(RecordingChanged, state="recording").at.mono_s
    spans: dict[str, tuple[float, float]] = {}

    def span(name: str) -> None:
        time.sleep(0.1)
        from_s = time.monotonic() - start_s
        time.sleep(0.6)
        spans[name] = (from_s, time.monotonic() - start_s - 0.1)

    supervisor = stage.seat("supervisor")
    for how in ("listen", "whisper", "barge"):
        stage.line.send(
            Supervise(epoch=1, attempt_id=stage.attempt_id, supervisor=supervisor, how=how)
        )
        time.sleep(0.3)
        span(how)
    stage.line.send(
        Supervise(epoch=1, attempt_id=stage.attempt_id, supervisor=supervisor, how="listen")
    )
    stage.arrange("hold")
    span("hold")
    stage.dial_colleague()
    stage.wait(CallArranged, how="consult")
    span("consult")
    stage.arrange("conference")
    span("conference")
    stage.end()
    left, right = recorded(Path(order.path))
    wanted: dict[str, tuple[set[str], set[str]]] = {
        "listen": ({"person"}, {"agent"}),
        "whisper": ({"person"}, {"agent"}),
        "barge": ({"person"}, {"agent", "supervisor"}),
        "hold": (set(), set()),
        "consult": (set(), {"agent", "third"}),
        "conference": ({"person"}, {"agent", "third"}),
    }
    found = {name: (left.who(*at), right.who(*at)) for name, at in spans.items()}
    assert found == wanted


def test_both_sides_stay_aligned_to_the_frame(stage: Stage) -> None:
    order = stage.recording()
    stage.talk(recording=order)
    for _turn in range(3):
        stage.arrange("hold")
        time.sleep(0.3)
        stage.arrange("talk")
        time.sleep(0.5)
    stage.end()
    left, right = recorded(Path(order.path))
    assert abs(len(left.at_s) - len(right.at_s)) == 0
    ends_s = [side.last_s(who, 0, 99) for side, who in ((left, "person"), (right, "agent"))]
    assert abs(ends_s[0] - ends_s[1]) < 0.05
    starts_s = [side.first_s(who, 0) for side, who in ((left, "person"), (right, "agent"))]
    assert abs(starts_s[0] - starts_s[1]) < 0.03


def test_both_hear_the_notice_before_their_talk_is_recorded(stage: Stage) -> None:
    order = stage.recording()
    bridged = stage.talk(recording=order, notice_wav=stage.wav("notice", 1.0))
    started = stage.wait(RecordingChanged, state="recording")
    assert 1.0 <= started.at.mono_s - bridged.at.mono_s < 1.7
    from_s = bridged.at.mono_s + 0.2
    assert stage.heard("person").who(from_s, from_s + 0.6) == {"agent", "notice"}
    assert stage.heard("agent").who(from_s, from_s + 0.6) == {"person", "notice"}
    time.sleep(0.5)
    stage.end()
    left, right = recorded(Path(order.path))
    assert left.who(0.1, 0.4) == {"person"}
    assert right.who(0.1, 0.4) == {"agent"}


def test_on_demand_starts_when_told_and_can_go_on_after_a_stop(stage: Stage) -> None:
    order = stage.recording(starts="asked")
    stage.talk(recording=order)
    time.sleep(0.3)
    assert not Path(order.path).exists()
    stage.line.send(SetRecording(epoch=1, attempt_id=stage.attempt_id, how="pause"))
    assert "not being recorded" in stage.wait(Refused).sentence
    assert tell(stage, "start").state == "recording"
    time.sleep(0.6)
    stopped = tell(stage, "stop")
    assert stopped.state == "stopped"
    time.sleep(0.6)
    again = tell(stage, "start")
    assert again.recorded_s == pytest.approx(stopped.recorded_s, abs=0.03)
    time.sleep(0.6)
    stage.end()
    left, _right = recorded(Path(order.path))
    assert len(left.at_s) * 0.02 == pytest.approx(1.2, abs=0.25)
    assert left.who(0.06, stopped.recorded_s - 0.06) == {"person"}


def test_a_pause_that_lasts_too_long_is_an_alarm_and_stays_a_pause(stage: Stage) -> None:
    order = stage.recording(longest_pause_s=0.5)
    stage.talk(recording=order)
    tell(stage, "pause")
    alarm = stage.line.wait(
        RecordingChanged, where=lambda m: m.attempt_id == stage.attempt_id and m.sentence != ""
    )
    assert alarm.state == "paused"
    assert "paused" in alarm.sentence
    assert stage.line.wait(EngineTrouble, where=lambda m: m.sentence == alarm.sentence)
    time.sleep(0.3)
    stage.end()
    left, _right = recorded(Path(order.path))
    assert left.is_silent(0.6, len(left.at_s) * 0.02)


def test_a_folder_that_cannot_be_written_fails_and_the_call_goes_on(stage: Stage) -> None:
    order = stage.recording(path="/proc/nowhere/call.wav")
    stage.talk(recording=order)
    failed = stage.wait(RecordingChanged, state="failed")
    assert "call.wav" in failed.sentence
    assert "goes on" in failed.sentence
    assert stage.listen() == {"person": {"agent"}, "agent": {"person"}}
    stage.line.send(SetRecording(epoch=1, attempt_id=stage.attempt_id, how="start"))
    assert "failed" in stage.wait(Refused).sentence
    stage.end()


def test_a_disk_that_is_full_fails_and_the_call_goes_on(stage: Stage) -> None:
    order = stage.recording()
    stage.talk(recording=order)
    stage.wait(RecordingChanged, state="recording")
    stage.limit_file_size(60_000)
    try:
        failed = stage.wait(RecordingChanged, state="failed")
        assert "written" in failed.sentence
        assert stage.listen() == {"person": {"agent"}, "agent": {"person"}}
    finally:
        stage.limit_file_size(None)
    stage.end()
    with wave.open(order.path) as file:
        assert file.getnframes() > 0, "what was written before is there"


def test_a_killed_line_leaves_a_recording_that_can_be_played(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    for stage in make_stage(tmp_path_factory.mktemp("k")):
        order = stage.recording()
        stage.talk(recording=order)
        time.sleep(1.5)
        stage.line_launched.kill()
        assert stage.line_launched.wait(3.0)
        left, right = recorded(Path(order.path))
        assert len(left.at_s) * 0.02 > 1.2
        assert left.who(0.1, 1.2) == {"person"}
        assert right.who(0.1, 1.2) == {"agent"}


# --- parts that need no call -----------------------------------------------------------------


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_text("another call")
    with pytest.raises(KnownError, match=r"call\.wav"):
        TwoChannelWav(path, 8000)
    assert path.read_text() == "another call"


def test_the_file_is_whole_after_every_write(tmp_path: Path) -> None:
    path = tmp_path / "new" / "call.wav"
    file = TwoChannelWav(path, 16000)
    for count in (1, 2):
        file.write(b"\x01\x00" * 320, b"\x02\x00" * 320)
        with wave.open(str(path)) as whole:
            assert (whole.getnframes(), whole.getframerate()) == (320 * count, 16000)
            assert whole.readframes(1) == b"\x01\x00\x02\x00"
    file.close()
    again = TwoChannelWav(path, 16000, is_continued=True)
    again.write(b"\x03\x00", b"\x04\x00")
    again.close()
    with wave.open(str(path)) as whole:
        assert whole.readframes(641)[-4:] == b"\x03\x00\x04\x00"


@pytest.mark.parametrize("is_left_last", [False, True])
def test_a_frame_that_does_not_come_is_silence_and_nothing_slips(is_left_last: bool) -> None:
    pairs: list[tuple[bytes, bytes]] = []
    channels = Channels(2, lambda left, right: pairs.append((left, right)))
    channels.is_left_last = is_left_last
    first, last = (
        (channels.hear_right, channels.hear_left)
        if is_left_last
        else (channels.hear_left, channels.hear_right)
    )
    last(b"b0")  # the recording began in the middle of a tick
    first(b"a1")
    last(b"b1")
    first(b"")
    last(b"b2")
    channels.is_paused = True
    first(b"a3")
    last(b"b3")
    quiet = b"\x00\x00"
    wanted = [(quiet, b"b0"), (b"a1", b"b1"), (quiet, b"b2"), (quiet, quiet)]
    assert pairs == ([(b, a) for a, b in wanted] if is_left_last else wanted)
