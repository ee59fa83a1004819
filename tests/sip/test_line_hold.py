"""Hold: the person hears music, the agent nothing of it, and both are back in a moment."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from sip.line.sounds import soft_notes
from sip.messages import AgentUnreachable, Arrange, EngineTrouble, MessageStarted, Refused
from tests.sip.control_kit import Stage, make_stage

pytestmark = pytest.mark.sip
LONGEST_CHANGE_S = 0.15


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from make_stage(tmp_path_factory.mktemp("h"))


def test_on_hold_the_person_hears_music_and_the_agent_nothing(stage: Stage) -> None:
    stage.talk()
    assert stage.listen() == {"person": {"agent"}, "agent": {"person"}}
    stage.arrange("hold")
    assert stage.listen() == {"person": {"music"}, "agent": set()}
    stage.arrange("talk")
    assert stage.listen() == {"person": {"agent"}, "agent": {"person"}}
    stage.end()


def test_from_command_to_change_takes_a_few_frames(stage: Stage) -> None:
    stage.talk()
    delays_s = []
    for _turn in range(4):
        asked_s = time.monotonic()
        stage.arrange("hold")
        time.sleep(0.4)
        delays_s.append(stage.heard("person").last_s("agent", asked_s, asked_s + 0.4) - asked_s)
        asked_s = time.monotonic()
        stage.arrange("talk")
        time.sleep(0.4)
        delays_s.append(stage.heard("person").first_s("agent", asked_s) - asked_s)
    stage.end()
    assert max(delays_s) < LONGEST_CHANGE_S


def test_what_was_said_during_a_hold_does_not_come_late(stage: Stage) -> None:
    """The bridge keeps draining the agent: after the hold the first sound is what is said then."""
    stage.talk()
    stage.arrange("hold")
    time.sleep(1.5)
    back = stage.arrange("talk")
    time.sleep(0.5)
    heard = stage.heard("agent")
    assert heard.first_s("person", back.at.mono_s - 0.1) - back.at.mono_s < LONGEST_CHANGE_S
    stage.end()


def test_soft_notes_are_soft_and_without_a_seam() -> None:
    notes = np.frombuffer(soft_notes(8000), dtype="<i2").astype(float)
    assert 20 * np.log10(np.sqrt((notes**2).mean()) / 32768) == pytest.approx(-28, abs=1)
    steps = np.abs(np.diff(np.concatenate([notes, notes[:1]])))
    assert steps[-1] <= steps[:-1].max()


def test_without_a_file_the_person_hears_notes_of_our_own(stage: Stage) -> None:
    stage.talk(hold_wav="")
    stage.arrange("hold")
    assert stage.listen() == {"person": set(), "agent": set()}
    now_s = time.monotonic()
    assert not stage.heard("person").is_silent(now_s - 0.6, now_s - 0.1)
    assert stage.heard("agent").is_silent(now_s - 0.6, now_s - 0.1)
    stage.end()


def test_music_that_cannot_be_played_is_told_and_replaced(stage: Stage) -> None:
    stage.talk(hold_wav=__file__)
    stage.arrange("hold")
    sentence = stage.line.wait(EngineTrouble).sentence
    assert "music" in sentence
    stage.listen()
    now_s = time.monotonic()
    assert not stage.heard("person").is_silent(now_s - 0.6, now_s - 0.1)
    stage.end()


@pytest.mark.parametrize("loser", ["agent", "person"])
def test_who_hangs_up_on_hold_ends_the_call(stage: Stage, loser: str) -> None:
    stage.talk()
    stage.arrange("hold")
    stage.hang_up("agent" if loser == "agent" else "person")
    assert stage.ended().ended_by == loser


def test_an_agent_lost_on_hold_leads_to_the_message(stage: Stage) -> None:
    stage.talk()
    stage.arrange("hold")
    stage.pause("agent", is_paused=True)
    try:
        stage.wait(AgentUnreachable)
        started = stage.wait(MessageStarted, 12.0)
        time.sleep(0.6)
    finally:
        stage.pause("agent", is_paused=False)
    assert stage.heard("person").who(started.at.mono_s - 0.5, started.at.mono_s) == {"music"}
    now_s = time.monotonic()
    assert stage.heard("person").who(now_s - 0.4, now_s - 0.1) == {"message"}
    ended = stage.ended()
    assert (ended.message_played, ended.ended_by) == (True, "line")


def test_only_a_talk_can_be_arranged(stage: Stage) -> None:
    stage.line.send(stage.order())
    stage.line.send(Arrange(epoch=1, attempt_id=stage.attempt_id, how="hold"))
    refused = stage.wait(Refused)
    assert "No agent" in refused.sentence
    stage.end()
