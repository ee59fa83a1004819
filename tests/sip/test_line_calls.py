"""A line's calls over real SIP and RTP: every way that a call can go, seen from all three ends."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import msgspec
import pytest

from sip.messages import (
    AgentAddress,
    AgentBridged,
    AgentLeg,
    AgentUnreachable,
    CallAnswered,
    CallEnded,
    CallProgress,
    ConnectAgent,
    EndCall,
    Gateway,
    HangUp,
    MessageStarted,
    Originate,
    PhoneConnected,
    PhoneEnded,
    PhoneRecord,
    PlayMessage,
    Refused,
    SoundHeard,
    Stamp,
)
from sip.signatures import PHONE_SIGNATURES
from tests.sip.callee import VOICE, Heard
from tests.sip.floor import MESSAGE_SIGNATURE, Floor, order

pytestmark = pytest.mark.sip
OURS = "+4416149601"
AGENT_VOICE = PHONE_SIGNATURES[0]
_attempts = itertools.count(1)


class Stage:
    """One line, one phone, one callee; each test dials a new attempt on them."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.gateway, _client = floor.callee()
        self.line, _launched, _address = floor.line()
        self.practice_log = floor.folder / "practice.jsonl"
        self.phone, self.agent, _launched, _address = floor.phone(
            *("phone", 7, "--practice-signature", str(AGENT_VOICE)),
            *("--practice-log", str(self.practice_log)),
        )
        self.message_wav = floor.message_wav()
        self.attempt_id = ""

    def dial(
        self,
        behaviour: str,
        *,
        agent_leg: AgentLeg = "on_answer",
        agent: AgentAddress | None = None,
        gateway: Gateway | None = None,
        min_ring_s: float = 0.5,
        max_ring_s: float = 1.5,
        message: bool = True,
        max_call_s: float = 60.0,
    ) -> Originate:
        self.attempt_id = f"calls-{next(_attempts)}"
        sent = order(
            gateway or self.gateway,
            OURS + behaviour,
            attempt_id=self.attempt_id,
            agent_leg=agent_leg,
            agent=agent,
            message_wav=self.message_wav if message else "",
            min_ring_s=min_ring_s,
            max_ring_s=max_ring_s,
            max_call_s=max_call_s,
        )
        self.line.send(sent)
        return sent

    def connect(self, agent: AgentAddress | None = None) -> None:
        self.line.send(ConnectAgent(epoch=1, attempt_id=self.attempt_id, agent=agent or self.agent))

    def ended(self, timeout_s: float = 8.0) -> CallEnded:
        return self.line.wait(CallEnded, timeout_s, where=lambda m: m.attempt_id == self.attempt_id)

    def answered(self) -> CallAnswered:
        return self.line.wait(CallAnswered, where=lambda m: m.attempt_id == self.attempt_id)

    def bridged(self) -> AgentBridged:
        return self.line.wait(AgentBridged, where=lambda m: m.attempt_id == self.attempt_id)

    def talk(self, behaviour: str = "00") -> tuple[CallAnswered, AgentBridged]:
        self.dial(behaviour)
        answered = self.answered()
        self.connect()
        return answered, self.bridged()

    def agent_hears(self) -> SoundHeard:
        return self.phone.wait(SoundHeard, where=lambda m: m.attempt_id == self.attempt_id)

    def phone_ended(self) -> PhoneEnded:
        return self.phone.wait(PhoneEnded, where=lambda m: m.attempt_id == self.attempt_id)

    def practice_record(self) -> PhoneRecord:
        """What the phone noted of this attempt."""
        lines = self.practice_log.read_bytes().splitlines()
        records = [msgspec.json.decode(line, type=PhoneRecord) for line in lines]
        return next(r for r in records if r.attempt_id == self.attempt_id)

    def person(self) -> Heard:
        """What the callee noted of this attempt."""
        lines = 1
        while True:
            found = self.floor.heard(lines)
            mine = [h for h in found if h.attempt_id == self.attempt_id]
            if mine:
                return mine[0]
            lines = len(found) + 1


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    floor = Floor(tmp_path_factory.mktemp("f"))
    try:
        yield Stage(floor)
    finally:
        floor.close()


def seconds(before: Stamp | None, after: Stamp | None) -> float:
    assert before is not None
    assert after is not None
    return after.mono_s - before.mono_s


def test_person_and_agent_talk_until_the_person_hangs_up(stage: Stage) -> None:
    answered, bridged = stage.talk("06")
    assert bridged.session_id == 7
    assert seconds(answered.at, bridged.at) < 0.5
    assert stage.agent_hears().signature == VOICE
    ended = stage.ended()
    assert (ended.status, ended.ended_by, ended.crossed) == (200, "person", False)
    assert stage.phone_ended().by == "far_end"
    assert ended.session_id == 7
    assert ended.message_played is False
    moments = [ended.invite_at, ended.progress_at, ended.ringing_at, ended.answered_at]
    for before, after in itertools.pairwise([*moments, ended.bridged_at, ended.at]):
        assert seconds(before, after) >= 0
    person = stage.person()
    assert person.heard_ms.keys() == {AGENT_VOICE}
    assert person.asserted.startswith("<sip:+441614960999@")
    assert person.caller.startswith("<sip:+441614960999@")


def test_the_agents_hang_up_ends_the_persons_call(stage: Stage) -> None:
    stage.talk()
    stage.phone.send(HangUp())
    ended = stage.ended()
    assert (ended.ended_by, ended.reason) == ("agent", "the agent hung up")
    assert stage.phone_ended().by == "agent"
    assert stage.person().ended_by == "them"


def test_the_dialler_ends_a_talk(stage: Stage) -> None:
    stage.talk()
    stage.line.send(EndCall(epoch=1, attempt_id=stage.attempt_id))
    assert stage.ended().ended_by == "dialler"
    assert stage.phone_ended().by == "far_end"


@pytest.mark.parametrize(
    ("behaviour", "status", "ended_by"),
    [("01", 486, "person"), ("07", 503, "network"), ("08", 403, "network")],
)
def test_a_refusal_keeps_its_status(
    stage: Stage, behaviour: str, status: int, ended_by: str
) -> None:
    stage.dial(behaviour)
    ended = stage.ended()
    assert (ended.status, ended.ended_by) == (status, ended_by)
    assert ended.answered_at is None
    assert ended.sip_call_id


def test_ringing_ends_at_its_limit_counted_from_the_180(stage: Stage) -> None:
    stage.dial("02", max_ring_s=1.2)
    ended = stage.ended()
    assert (ended.status, ended.ended_by, ended.crossed) == (487, "line", False)
    assert 1.2 <= seconds(ended.ringing_at, ended.at) < 1.6


def test_the_dialler_cancels_only_after_the_minimum_ring(stage: Stage) -> None:
    stage.dial("02", min_ring_s=1.0, max_ring_s=9.0)
    stage.line.wait(CallProgress, where=lambda m: m.attempt_id == stage.attempt_id)
    stage.line.send(EndCall(epoch=1, attempt_id=stage.attempt_id))
    ended = stage.ended()
    assert ended.ended_by == "dialler"
    assert 1.0 <= seconds(ended.ringing_at, ended.at) < 1.4


def test_now_means_now(stage: Stage) -> None:
    stage.dial("02", min_ring_s=5.0, max_ring_s=9.0)
    stage.line.wait(CallProgress, where=lambda m: m.attempt_id == stage.attempt_id)
    stage.line.send(EndCall(epoch=1, attempt_id=stage.attempt_id, now=True))
    ended = stage.ended()
    assert ended.status == 487
    assert seconds(ended.ringing_at, ended.at) < 0.5


def test_who_finds_nobody_hears_the_message_in_time(stage: Stage) -> None:
    stage.dial("00")
    answered = stage.answered()
    started = stage.line.wait(MessageStarted, where=lambda m: m.attempt_id == stage.attempt_id)
    assert seconds(answered.at, started.at) < 2.0
    ended = stage.ended()
    assert (ended.message_played, ended.ended_by) == (True, "line")
    assert ended.bridged_at is None
    person = stage.person()
    assert person.heard_ms.keys() == {MESSAGE_SIGNATURE}
    assert person.heard_ms[MESSAGE_SIGNATURE] >= 1000
    assert person.first_mono_s[MESSAGE_SIGNATURE] - answered.at.mono_s < 2.0


def test_the_message_plays_at_once_when_the_dialler_says_so(stage: Stage) -> None:
    stage.dial("00")
    answered = stage.answered()
    stage.line.send(PlayMessage(epoch=1, attempt_id=stage.attempt_id))
    started = stage.line.wait(MessageStarted, where=lambda m: m.attempt_id == stage.attempt_id)
    assert seconds(answered.at, started.at) < 0.3
    stage.connect()
    refused = stage.line.wait(Refused, where=lambda m: m.attempt_id == stage.attempt_id)
    assert "message" in refused.sentence
    assert stage.ended().message_played


def test_without_a_message_nobody_is_left_in_silence(stage: Stage) -> None:
    stage.dial("00", message=False)
    answered = stage.answered()
    ended = stage.ended()
    assert seconds(answered.at, ended.at) < 2.0
    assert (ended.ended_by, ended.message_played) == ("line", False)


def test_the_longest_time_for_a_call_is_kept(stage: Stage) -> None:
    stage.dial("00", max_call_s=1.0)
    stage.answered()
    stage.connect()
    ended = stage.ended()
    assert ended.ended_by == "line"
    assert 1.0 <= seconds(ended.answered_at, ended.at) < 1.4


def test_early_media_is_progress_and_no_answer(stage: Stage) -> None:
    stage.dial("04")
    progress = stage.line.wait(CallProgress, where=lambda m: m.attempt_id == stage.attempt_id)
    assert (progress.status, progress.early_media) == (183, True)
    answered = stage.answered()
    assert seconds(progress.at, answered.at) > 0.8
    stage.line.send(EndCall(epoch=1, attempt_id=stage.attempt_id))
    ended = stage.ended()
    assert ended.early_media_at is not None
    assert ended.ringing_at is None


def test_a_preview_agent_hears_the_networks_sound_before_the_answer(stage: Stage) -> None:
    stage.dial("04", agent_leg="ringing", agent=stage.agent)
    heard = stage.agent_hears()
    answered = stage.answered()
    assert heard.at.mono_s < answered.at.mono_s
    assert seconds(answered.at, stage.bridged().at) < 0.1
    stage.line.send(EndCall(epoch=1, attempt_id=stage.attempt_id))
    stage.ended()


def test_a_progressive_agent_waits_in_silence_and_is_bridged_at_once(stage: Stage) -> None:
    stage.dial("00", agent_leg="silent", agent=stage.agent)
    up = stage.phone.wait(PhoneConnected, where=lambda m: m.attempt_id == stage.attempt_id)
    answered = stage.answered()
    assert up.at.mono_s < answered.at.mono_s
    assert seconds(answered.at, stage.bridged().at) < 0.05
    stage.agent_hears()
    stage.phone.send(HangUp())
    assert stage.ended().ended_by == "agent"
    stage.phone_ended()
    first_sound_s = stage.practice_record().sounds.first_sound_mono_s
    assert first_sound_s is not None
    assert first_sound_s > answered.at.mono_s


def test_a_preview_agent_hears_ringing_where_the_network_sends_no_sound(stage: Stage) -> None:
    stage.dial("02", agent_leg="ringing", agent=stage.agent, max_ring_s=1.5)
    stage.ended()
    stage.phone_ended()
    record = stage.practice_record()
    assert record.sounds.first_sound_mono_s is not None
    assert record.sounds.heard_ms == {}


def test_when_the_person_cannot_be_had_the_waiting_agent_is_let_go(stage: Stage) -> None:
    stage.dial("02", agent_leg="ringing", agent=stage.agent, max_ring_s=0.8)
    assert stage.ended().status == 487
    assert stage.phone_ended().by == "far_end"


def test_an_agent_who_hangs_up_while_it_rings_cancels_the_call(stage: Stage) -> None:
    stage.dial("02", agent_leg="ringing", agent=stage.agent, max_ring_s=9.0)
    stage.phone.wait(PhoneConnected, where=lambda m: m.attempt_id == stage.attempt_id)
    stage.phone.send(HangUp())
    ended = stage.ended()
    assert (ended.status, ended.ended_by) == (487, "agent")


def test_a_phone_refuses_a_wrong_token_and_another_try_works(stage: Stage) -> None:
    wrong = AgentAddress(session_id=8, uri=stage.agent.uri, token="wrong")
    stage.dial("00")
    stage.answered()
    stage.connect(wrong)
    failed = stage.line.wait(AgentUnreachable, where=lambda m: m.attempt_id == stage.attempt_id)
    assert (failed.status, failed.session_id) == (403, 8)
    stage.connect()
    assert stage.bridged().session_id == 7
    stage.line.send(EndCall(epoch=1, attempt_id=stage.attempt_id))
    assert stage.ended().session_id == 7


def test_a_phone_that_is_not_there_leads_to_the_message_in_time(stage: Stage) -> None:
    nowhere = AgentAddress(session_id=9, uri="sip:seat@127.0.0.1:9;transport=tls", token="x")
    stage.dial("00")
    answered = stage.answered()
    stage.connect(nowhere)
    failed = stage.line.wait(AgentUnreachable, where=lambda m: m.attempt_id == stage.attempt_id)
    assert failed.session_id == 9
    assert failed.sentence
    started = stage.line.wait(MessageStarted, where=lambda m: m.attempt_id == stage.attempt_id)
    assert seconds(answered.at, started.at) < 2.0
    stage.ended()


def test_a_line_takes_one_order_and_words_about_it_only(stage: Stage) -> None:
    stage.dial("02", max_ring_s=9.0)
    mine = stage.attempt_id
    stage.line.wait(CallProgress, where=lambda m: m.attempt_id == mine)
    second = stage.dial("00")
    refused = stage.line.wait(Refused, where=lambda m: m.attempt_id == second.attempt_id)
    assert refused.command == "originate"
    stage.line.send(EndCall(epoch=1, attempt_id="never-heard-of"))
    refused = stage.line.wait(Refused, where=lambda m: m.attempt_id == "never-heard-of")
    assert refused.command == "end_call"
    stage.attempt_id = mine
    stage.line.send(EndCall(epoch=1, attempt_id=mine, now=True))
    assert stage.ended().status == 487


def _order(stage: Stage, change: Callable[[dict[str, object]], None]) -> Originate:
    values: dict[str, object] = {"number": OURS + "00", "agent_leg": "on_answer"}
    change(values)
    return order(
        stage.gateway,
        str(values["number"]),
        attempt_id=f"bad-{next(_attempts)}",
        message_wav=str(values.get("message_wav", "")),
        agent_leg="silent" if values["agent_leg"] == "silent" else "on_answer",
    )


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("number", "1>;x=<sip:y", "number"),
        ("number", "", "number"),
        ("message_wav", "/nowhere/message.wav", "message"),
        ("message_wav", __file__, "message"),
        ("agent_leg", "silent", "agent"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(
    stage: Stage, key: str, value: str, word: str
) -> None:
    bad = _order(stage, lambda values: values.update({key: value}))
    stage.line.send(bad)
    refused = stage.line.wait(Refused, where=lambda m: m.attempt_id == bad.attempt_id)
    assert word in refused.sentence.lower()
    assert not [e for e in stage.line.all(CallEnded) if e.attempt_id == bad.attempt_id]
