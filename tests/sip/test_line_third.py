"""A third party: consultation, conference, handing over, and every way that it can fail."""

from __future__ import annotations

import subprocess
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sip.messages import (
    AgentBridged,
    Arrange,
    CallArranged,
    ConnectAgent,
    DropThird,
    MessageStarted,
    Refused,
    ThirdChanged,
)
from tests import needs
from tests.ports import free_port
from tests.sip.control_kit import OURS, Stage, frames_of, make_stage
from tests.sip.control_kit import Heard as HeardSound
from tests.sip.practice_kit import wait_for

pytestmark = pytest.mark.sip
TALK = {"person": {"agent"}, "agent": {"person"}}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from make_stage(tmp_path_factory.mktemp("t"))


def consult(stage: Stage) -> None:
    stage.talk()
    stage.dial_third()
    stage.wait(CallArranged, how="consult")


def drop(stage: Stage) -> None:
    stage.line.send(DropThird(epoch=1, attempt_id=stage.attempt_id))


def test_consult_conference_and_back_with_who_hears_whom(stage: Stage) -> None:
    consult(stage)
    assert [t.stage for t in stage.line.all(ThirdChanged) if t.attempt_id == stage.attempt_id] == [
        "dialling",
        "ringing",
        "up",
    ]
    assert stage.listen() == {"person": {"music"}, "agent": {"third"}, "third": {"agent"}}
    call = stage.snapshot()
    assert (call.how, call.third, call.third_ref, call.has_person) == ("consult", "up", "t-1", True)
    stage.arrange("conference")
    assert stage.listen() == {
        "person": {"agent", "third"},
        "agent": {"person", "third"},
        "third": {"person", "agent"},
    }
    stage.arrange("talk")
    assert stage.listen() == {**TALK, "third": {"music"}}, "the third party waits with music"
    stage.arrange("consult")
    drop(stage)
    stage.wait(CallArranged, how="talk")
    assert stage.listen() == TALK
    assert stage.third("gone").sentence == ""
    stage.end()


def test_handed_over_person_and_third_go_on_without_the_agent(stage: Stage) -> None:
    consult(stage)
    stage.arrange("handed_over")
    assert stage.listen() == {"person": {"third"}, "third": {"person"}}
    stage.line.send(Arrange(epoch=1, attempt_id=stage.attempt_id, how="talk"))
    assert "agent has left" in stage.wait(Refused).sentence
    stage.line.send(ConnectAgent(epoch=1, attempt_id=stage.attempt_id, agent=stage.agent()))
    stage.line.wait(Refused, where=lambda r: r.command == "connect_agent")
    stage.hang_up("third")
    ended = stage.ended()
    assert (ended.ended_by, ended.reason) == ("agent", "the third party hung up")


def test_a_colleagues_phone_is_called_with_its_token(stage: Stage) -> None:
    stage.talk()
    stage.dial_colleague()
    stage.wait(CallArranged, how="consult")
    assert stage.listen() == {"person": {"music"}, "agent": {"third"}, "third": {"agent"}}
    stage.hang_up("third")
    assert "colleague has hung up" in stage.third("gone").sentence
    stage.wait(CallArranged, how="talk")
    assert stage.listen() == TALK
    stage.end()


@pytest.mark.parametrize(
    ("behaviour", "status", "word"),
    [("01", 486, "busy"), ("03", 603, "refused"), ("02", 408, "did not answer")],
)
def test_who_cannot_be_had_is_said_in_a_sentence_and_the_talk_goes_on(
    stage: Stage, behaviour: str, status: int, word: str
) -> None:
    stage.talk()
    stage.dial_third(number=OURS + behaviour, limit_s=1.2)
    gone = stage.third("gone")
    assert (gone.status, gone.third_ref) == (status, "t-1")
    assert word in gone.sentence
    assert stage.listen() == TALK
    stage.end()


def test_ringing_is_heard_by_the_agent_while_the_person_has_music(stage: Stage) -> None:
    stage.talk()
    stage.dial_third(number=f"{OURS}02", limit_s=20.0)
    stage.third("ringing")
    from_s = time.monotonic() + 0.2
    time.sleep(3.0)
    assert not stage.heard("agent").is_silent(from_s, from_s + 2.5), "our own ringing tone"
    assert stage.heard("agent").who(from_s, from_s + 2.5) == set()
    assert stage.heard("person").who(from_s, from_s + 2.5) == {"music"}
    drop(stage)
    stage.third("gone")
    assert stage.listen() == TALK
    stage.end()


def test_the_networks_own_sound_is_heard_before_the_third_answers(stage: Stage) -> None:
    stage.talk()
    stage.dial_third(number=f"{OURS}04")
    stage.third("ringing")
    assert stage.listen(0.4)["agent"] == {"third"}
    stage.wait(CallArranged, how="consult")
    stage.end()


def test_the_persons_hang_up_leaves_agent_and_third_talking(stage: Stage) -> None:
    consult(stage)
    stage.hang_up("person")
    assert stage.wait(CallArranged, how="consult", has_person=False)
    assert stage.listen() == {"agent": {"third"}, "third": {"agent"}}
    stage.line.send(Arrange(epoch=1, attempt_id=stage.attempt_id, how="talk"))
    assert "hung up" in stage.wait(Refused).sentence
    stage.hang_up("agent")
    assert stage.ended().ended_by == "person"


def test_the_agents_hang_up_in_a_consultation_hands_the_person_over(stage: Stage) -> None:
    consult(stage)
    at_s = stage.hang_up("agent")
    arranged = stage.wait(CallArranged, how="handed_over")
    assert arranged.at.mono_s - at_s < 0.2
    assert stage.listen() == {"person": {"third"}, "third": {"person"}}
    stage.hang_up("person")
    assert stage.ended().ended_by == "person"


def test_the_agents_hang_up_in_a_conference_leaves_the_other_two(stage: Stage) -> None:
    consult(stage)
    stage.arrange("conference")
    stage.hang_up("agent")
    stage.wait(CallArranged, how="handed_over")
    assert stage.listen() == {"person": {"third"}, "third": {"person"}}
    stage.end()


def test_blind_the_person_hears_it_ring_and_is_handed_over(stage: Stage) -> None:
    stage.talk()
    stage.dial_third(number=f"{OURS}04", is_blind=True, back_to=stage.seat("agent"))
    stage.third("ringing")
    heard = stage.listen(0.4)
    assert "agent" not in heard, "the agent has left"
    assert heard["person"] == {"third"}, "the network's own sound"
    stage.wait(CallArranged, how="handed_over")
    assert stage.listen() == {"person": {"third"}, "third": {"person"}}
    stage.end()


def test_blind_and_nobody_there_calls_the_agent_back(stage: Stage) -> None:
    bridged = stage.talk()
    stage.dial_third(number=f"{OURS}02", is_blind=True, limit_s=1.0, back_to=stage.seat("agent"))
    again = stage.wait_next(AgentBridged, bridged.seq)
    assert again.session_id == 7
    assert stage.listen() == TALK
    gone = stage.third("gone")
    assert again.at.mono_s - gone.at.mono_s < 0.5
    stage.end()


def test_a_blind_transfer_can_be_cancelled(stage: Stage) -> None:
    bridged = stage.talk()
    stage.dial_third(number=f"{OURS}02", is_blind=True, limit_s=30.0, back_to=stage.seat("agent"))
    stage.third("ringing")
    drop(stage)
    stage.wait_next(AgentBridged, bridged.seq)
    assert stage.listen() == TALK
    stage.end()


def test_blind_and_nobody_at_all_ends_with_the_message(stage: Stage) -> None:
    stage.talk()
    stage.dial_third(number=f"{OURS}01", is_blind=True)
    gone = stage.third("gone")
    started = stage.wait(MessageStarted)
    heard = stage.heard("person")
    silent_s = heard.gap_ms("music", gone.at.mono_s + 0.1, started.at.mono_s) / 1000
    assert silent_s < 0.2, "music until the message"
    assert stage.ended().message_played


def test_a_colleague_whose_phone_dies_after_the_transfer_gives_the_person_back(
    stage: Stage,
) -> None:
    bridged = stage.talk()
    stage.dial_colleague(is_blind=True, back_to=stage.seat("agent"))
    stage.wait(CallArranged, how="handed_over")
    stage.pause("third", is_paused=True)
    try:
        stage.wait_next(AgentBridged, bridged.seq)
    finally:
        stage.pause("third", is_paused=False)
    assert "silent on the wire" in stage.third("gone").sentence
    assert stage.listen() == TALK
    stage.end()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"number": "1>;x"}, "number"),
        ({"gateway": None}, "gateway"),
        ({"caller_id": "<bad>"}, "caller"),
    ],
)
def test_a_third_that_cannot_be_dialled_is_refused(
    stage: Stage, changes: dict[str, object], word: str
) -> None:
    stage.talk()
    stage.dial_third(**changes)
    assert word in stage.wait(Refused).sentence
    stage.line.send(Arrange(epoch=1, attempt_id=stage.attempt_id, how="conference"))
    stage.line.wait(Refused, where=lambda r: "third party" in r.sentence)
    assert stage.listen(0.3) == TALK
    stage.end()


# --- a third party that nobody here wrote -----------------------------------------------------


class Baresip:
    """baresip as the third party: answers by itself, plays a file, writes down what it hears."""

    def __init__(self, folder: Path, number: str, sound: Path) -> None:
        program = needs.program("baresip", "baresip-core")
        self.folder = folder
        folder.mkdir()
        self.port = free_port()
        modules = Path("/usr/lib/baresip/modules")
        (folder / "config").write_text(
            f"module_path {modules}\n"
            + "".join(f"module {name}.so\n" for name in ("g711", "aufile", "aubridge", "sndfile"))
            + "module_app account.so\nmodule_app menu.so\n"
            f"sip_listen 127.0.0.1:{self.port}\n"
            f"audio_source aufile,{sound}\naudio_player aubridge,nowhere\n"
            "ausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1\n"
            f"snd_path {folder}\n"
        )
        (folder / "accounts").write_text(
            f"<sip:{number}@127.0.0.1>;regint=0;answermode=auto;audio_codecs=PCMA\n"
        )
        (folder / "contacts").write_text("")
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [program, "-f", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        wanted = f":{self.port:04X} "
        assert wait_for(lambda: wanted in Path("/proc/net/udp").read_text()), self.words()

    def words(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def heard(self) -> HeardSound:
        """What it has written down of the call; it must have left, for the file to be whole."""
        self.close()
        with wave.open(str(next(self.folder.glob("*-dec.wav")))) as file:
            frames = frames_of(file.readframes(file.getnframes()))
        return HeardSound(np.arange(len(frames), dtype=np.float64) * 0.02, frames)

    def close(self) -> None:
        if self._log.closed:
            return
        self._process.terminate()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def test_baresip_is_consulted_conferenced_and_handed_the_person(
    stage: Stage, tmp_path: Path
) -> None:
    sound = tmp_path / "voice.wav"
    sound.write_bytes(Path(stage.wav("third", 30.0)).read_bytes())
    peer = Baresip(tmp_path / "baresip", f"{OURS}00", sound)
    try:
        template = f"sip:{{number}}@127.0.0.1:{peer.port};transport=udp"
        stage.talk()
        stage.dial_third(gateway=stage.gateway("third", uri_template=template))
        stage.wait(CallArranged, how="consult")
        assert stage.listen() == {"person": {"music"}, "agent": {"third"}}
        stage.arrange("conference")
        assert stage.listen() == {"person": {"agent", "third"}, "agent": {"person", "third"}}
        stage.arrange("handed_over")
        assert stage.listen() == {"person": {"third"}}
        stage.end()
        heard = peer.heard()
        end_s = float(heard.at_s[-1])
        assert heard.who(0.3, 0.7) == {"agent"}, "in the consultation"
        assert heard.who(end_s - 0.5, end_s - 0.1) == {"person"}, "after the handing over"
    finally:
        peer.close()
