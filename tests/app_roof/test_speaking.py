"""What the engine wants, in the lines' words, and what lines say of calls in progress."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.dialler import translate
from app.dialler.line_ear import Acknowledge
from app.dialler.sounds import CampaignSounds
from app.dialler.speaking import Speaker
from app.exchange import Exchange
from app.trunk import GatewayPlace, Trunk
from dialer_core.clock import Instant, ManualClock
from dialer_core.engine import commands as c
from dialer_core.engine import control_commands as cc
from dialer_core.engine import control_events as ce
from dialer_core.engine import events as e
from dialer_core.model.call_control import (
    Arrangement,
    AskedByKey,
    Listening,
    RecordingPolicy,
    RecordingState,
    ThirdStage,
)
from dialer_core.model.campaign import Campaign
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import AttemptId, CampaignId, LineId, SessionId
from dialer_core.model.states import Mode
from resources import path as resource
from sip import messages

LINE, ATTEMPT, OUTSIDE = LineId("line01"), AttemptId("a1"), "+442079460111"
CAMPAIGN = Campaign(
    CampaignId(1), "Test", Mode.PREDICTIVE, "GB", "1", caller_id="+441614960000", client="Client"
)
AT = messages.Stamp(mono_s=5.0, utc_s=1_772_532_000.0)
REF = "t1"


def _phone(session_id: int) -> str:
    return f"sip:seat@127.0.0.1:{5060 + session_id};transport=tls"


class HeardLines:
    """Lines that hear everything and do nothing."""

    epoch = 3

    def __init__(self) -> None:
        self.heard: list[messages.Message] = []
        self.is_gone = False

    def send(self, line_id: LineId, message: messages.Message) -> bool:
        assert line_id == LINE
        self.heard.append(message)
        return not self.is_gone


class Spoken:
    """A speaker with its lines; sessions above 9 are logged out."""

    def __init__(self, tmp_path: Path, campaign: Campaign = CAMPAIGN) -> None:
        self.lines = HeardLines()
        self.told: list[e.Event] = []
        place = GatewayPlace(name="main", uri="sip:{number}@127.0.0.1:5080")
        self.recordings = tmp_path / "recordings"
        self.speaker = Speaker(
            self.lines,
            Exchange(Trunk(gateways=(place,)), {}),
            self.phone,
            {campaign.id: campaign},
            ManualClock(),
            self.tell,
            CampaignSounds(tmp_path / "sounds"),
            self.recordings,
        )

    async def phone(self, session_id: int) -> tuple[str, str]:
        if session_id > 9:
            raise KnownError("The agent has logged out; the call goes to the next free one.")
        return _phone(session_id), f"token{session_id}"

    def tell(self, event: e.Event, _at: Instant, _acknowledge: Acknowledge | None) -> None:
        self.told.append(event)

    def say(self, *wanted: c.LineCommand) -> Sequence[messages.Message]:
        async def speak() -> None:
            for command in wanted:
                await self.speaker.speak(command)

        asyncio.run(speak())
        return self.lines.heard


def originate(**more: Any) -> c.Originate:
    return c.Originate(LINE, ATTEMPT, CAMPAIGN.id, OUTSIDE, "on_answer", None, "main", **more)


def dialled(spoken: Spoken, command: c.Originate) -> messages.Originate:
    (message,) = spoken.say(command)
    assert isinstance(message, messages.Originate)
    return message


def wav(path: Path, rate_hz: int = 8000, bits: int = 16, channels: int = 1) -> Path:
    frames = b"\x10\x20" * 4000
    width = bits // 8 * channels
    fmt = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * width, width, bits)
    body = b"WAVEfmt " + struct.pack("<I", 16) + fmt + b"data" + struct.pack("<I", len(frames))
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body) + len(frames)) + body + frames)
    return path


# --- what is said -----------------------------------------------------------------------------


def test_the_plain_words_of_a_call_in_progress(tmp_path: Path) -> None:
    heard = Spoken(tmp_path).say(
        cc.ArrangeCall(LINE, ATTEMPT, Arrangement.CONSULT),
        cc.DropThird(LINE, ATTEMPT),
        cc.PressKeys(LINE, ATTEMPT, "12#", "third"),
        cc.SetRecording(LINE, ATTEMPT, "pause"),
        cc.RefuseCall(LINE, "ref", 404),
        c.PlayMessage(LINE, ATTEMPT),
        c.EndCall(LINE, ATTEMPT, now=True),
    )
    assert list(heard) == [
        messages.Arrange(epoch=3, attempt_id="a1", how="consult"),
        messages.DropThird(epoch=3, attempt_id="a1"),
        messages.SendDigits(epoch=3, attempt_id="a1", digits="12#", to="third"),
        messages.SetRecording(epoch=3, attempt_id="a1", how="pause"),
        messages.RefuseCall(epoch=3, call_ref="ref", status=404),
        messages.PlayMessage(epoch=3, attempt_id="a1"),
        messages.EndCall(epoch=3, attempt_id="a1", now=True),
    ]


def test_a_third_party_outside_goes_through_the_gateway_that_was_chosen(tmp_path: Path) -> None:
    dial = cc.DialThird(LINE, ATTEMPT, CAMPAIGN.id, REF, OUTSIDE, "main", None, True, SessionId(1))
    (message,) = Spoken(tmp_path).say(dial)
    assert isinstance(message, messages.DialThird)
    assert (message.number, message.caller_id) == (OUTSIDE, "+441614960000")
    assert message.gateway is not None
    assert message.gateway.name == "main"
    assert message.back_to == messages.Seat(session_id=1, uri=_phone(1), token="token1")
    assert message.seat is None


def test_a_colleague_who_has_logged_out_is_told_as_gone(tmp_path: Path) -> None:
    spoken = Spoken(tmp_path)
    dial = cc.DialThird(LINE, ATTEMPT, CAMPAIGN.id, REF, session_id=SessionId(12))
    assert spoken.say(dial) == []
    (event,) = spoken.told
    assert isinstance(event, ce.ThirdMoved)
    assert (event.third_ref, event.stage) == (REF, ThirdStage.GONE)
    assert "logged out" in event.sentence


def test_a_supervisor_comes_and_goes(tmp_path: Path) -> None:
    spoken = Spoken(tmp_path)
    heard = spoken.say(
        cc.Supervise(LINE, ATTEMPT, SessionId(2), Listening.WHISPER),
        cc.Supervise(LINE, ATTEMPT, SessionId(2), Listening.LEAVE),
        cc.Supervise(LINE, ATTEMPT, SessionId(12), Listening.LISTEN),
    )
    assert isinstance(heard[0], messages.Supervise)
    assert (heard[0].how, heard[0].supervisor.session_id) == ("whisper", 2)
    assert heard[1] == messages.EndSupervise(epoch=3, attempt_id="a1")
    (event,) = spoken.told
    assert isinstance(event, ce.WishRefused)
    assert event.command == "supervise"


@pytest.mark.parametrize(
    ("policy", "starts", "has_notice"),
    [
        (RecordingPolicy.OFF, None, False),
        (RecordingPolicy.ON_DEMAND, "asked", False),
        (RecordingPolicy.ALL, "bridged", False),
        (RecordingPolicy.ANNOUNCE, "bridged", True),
    ],
)
def test_what_is_recorded_is_the_campaigns_policy(
    tmp_path: Path, policy: RecordingPolicy, starts: str | None, has_notice: bool
) -> None:
    notice = str(wav(tmp_path / "notice.wav"))
    campaign = replace(CAMPAIGN, recording=policy, notice_wav=notice, recording_pause_limit_s=60.0)
    spoken = Spoken(tmp_path, campaign)
    message = dialled(spoken, originate())
    order = message.recording
    assert (order.starts if order is not None else None) == starts
    assert message.notice_wav == (notice if has_notice else "")
    if order is not None:
        assert order.path == str(spoken.recordings / "2026-03-03" / "a1.wav")
        assert order.longest_pause_s == 60.0
        assert (spoken.recordings / "2026-03-03").stat().st_mode & 0o077 == 0
        assert order.keeps_machines == (policy is RecordingPolicy.ALL)
    *_, taken = spoken.say(cc.TakeCall(LINE, "ref", ATTEMPT, CAMPAIGN.id))
    assert isinstance(taken, messages.TakeCall), "a call that comes in by the same policy"
    assert (taken.recording, taken.notice_wav) == (order, message.notice_wav)


def test_who_must_be_told_and_cannot_be_is_not_recorded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    campaign = replace(CAMPAIGN, recording=RecordingPolicy.ANNOUNCE)
    assert dialled(Spoken(tmp_path, campaign), originate()).recording is None
    assert "nothing is recorded" in caplog.text
    caplog.clear()


def test_detection_and_the_agentless_message_are_the_calls_own(tmp_path: Path) -> None:
    campaign = replace(
        CAMPAIGN,
        agentless_wav=str(wav(tmp_path / "m.wav")),
        key_agent="1",
        key_never="9",
        detection_deadline_s=1.5,
    )
    plain = dialled(Spoken(tmp_path, campaign), originate())
    assert (plain.detection, plain.agentless_wav, plain.menu) == (None, "", None)
    judged = dialled(Spoken(tmp_path, campaign), originate(is_judged=True))
    assert judged.detection == messages.DetectionOrder(deadline_s=1.5)
    told = dialled(Spoken(tmp_path, campaign), originate(is_agentless=True))
    assert told.agentless_wav == str(tmp_path / "m.wav")
    assert told.menu == messages.KeyMenu(agent="1", never="9")


def test_a_message_that_is_no_sound_is_not_dialled_with(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "m.wav"
    broken.write_bytes(b"ID3 this is an MP3")
    campaign = replace(CAMPAIGN, agentless_wav=str(broken), message_wav=str(broken))
    spoken = Spoken(tmp_path, campaign)
    assert spoken.say(originate(is_agentless=True)) == []
    (event,) = spoken.told
    assert isinstance(event, e.CallEnded)
    assert event.facts.answered is None
    ordinary = dialled(spoken, originate())
    assert ordinary.message_wav == str(resource("messages/abandoned.wav")), "never silence"
    assert "MP3" in caplog.text
    caplog.clear()


def test_a_file_of_another_kind_is_prepared_once(tmp_path: Path) -> None:
    sounds = CampaignSounds(tmp_path / "sounds")
    plain = wav(tmp_path / "plain.wav", 44_100)
    assert sounds.path(str(plain)) == str(plain), "the bridge changes rates by itself"
    stereo = wav(tmp_path / "stereo.wav", channels=2)
    prepared = sounds.path(str(stereo))
    assert Path(prepared).parent == tmp_path / "sounds"
    assert sounds.path(str(stereo)) == prepared


def test_taking_a_call_brings_the_queues_sound_and_keys(tmp_path: Path) -> None:
    campaign = replace(
        CAMPAIGN, queue_wav=str(wav(tmp_path / "q.wav")), longest_wait_s=90.0, key_later="2"
    )
    (message,) = Spoken(tmp_path, campaign).say(cc.TakeCall(LINE, "ref", ATTEMPT, CAMPAIGN.id))
    assert isinstance(message, messages.TakeCall)
    assert (message.call_ref, message.longest_wait_s) == ("ref", 90.0)
    assert message.queue_wav == str(tmp_path / "q.wav")
    assert message.menu == messages.KeyMenu(later="2")


def test_a_line_that_is_gone_takes_no_call(tmp_path: Path) -> None:
    spoken = Spoken(tmp_path)
    spoken.lines.is_gone = True
    spoken.say(cc.TakeCall(LINE, "ref", ATTEMPT, CAMPAIGN.id))
    assert [type(event) for event in spoken.told] == [e.CallEnded]


# --- what is heard ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (
            messages.CallArranged(seq=1, at=AT, attempt_id="a1", how="hold", has_person=False),
            ce.Arranged(LINE, ATTEMPT, Arrangement.HOLD, False),
        ),
        (
            messages.ThirdChanged(
                seq=1,
                at=AT,
                attempt_id="a1",
                third_ref=REF,
                stage="gone",
                status=486,
                sentence="Busy.",
            ),
            ce.ThirdMoved(LINE, ATTEMPT, REF, ThirdStage.GONE, 486, "Busy."),
        ),
        (
            messages.KeyPressed(
                seq=1, at=AT, attempt_id="a1", key="9", by="person", meaning="never"
            ),
            ce.KeyHeard(LINE, ATTEMPT, "9", "person", AskedByKey.NEVER),
        ),
        (
            messages.RecordingChanged(
                seq=1, at=AT, attempt_id="a1", state="paused", path="/r.wav", recorded_s=2.5
            ),
            ce.RecordingMoved(LINE, ATTEMPT, RecordingState.PAUSED, "/r.wav", 2.5),
        ),
        (
            messages.SuperviseChanged(seq=1, at=AT, attempt_id="a1", session_id=2, how=None),
            ce.SuperviseMoved(LINE, ATTEMPT, SessionId(2), None),
        ),
        (
            messages.ToneHeard(seq=1, at=AT, attempt_id="a1", tone="fax", is_early=False),
            ce.ToneHeardOnLine(LINE, ATTEMPT, "fax", False),
        ),
        (
            messages.CallOffered(
                seq=1, at=AT, call_ref="r", caller=OUTSIDE, called="+441614960000", gateway="main"
            ),
            ce.CallOffered(LINE, "r", OUTSIDE, "+441614960000", "main"),
        ),
        (
            messages.OfferEnded(seq=1, at=AT, call_ref="r", status=487, by="caller"),
            ce.OfferOver(LINE, "r"),
        ),
    ],
)
def test_the_lines_words_become_the_engines(message: messages.Message, event: e.Event) -> None:
    told = translate.line_event(LINE, message)
    assert told is not None
    assert told[0] == event
    assert told[1].mono_s == 5.0


def test_a_verdict_brings_its_moments() -> None:
    reached = messages.VerdictReached(
        seq=1,
        at=AT,
        attempt_id="a1",
        verdict="machine",
        cause="long_greeting",
        after_s=1.4,
        speech_start_at=AT,
    )
    told = translate.line_event(LINE, reached)
    assert told is not None
    assert isinstance(told[0], ce.VerdictHeard)
    assert told[0].speech_start is not None
    assert (told[0].verdict, told[0].speech_start.mono_s) == ("machine", 5.0)


def test_lines_for_callers_are_known_by_their_name() -> None:
    status = messages.LineStatus(epoch=1, last_seq=0)
    assert translate.line_up(LineId("callers01"), status).is_for_callers
    assert not translate.line_up(LINE, status).is_for_callers
