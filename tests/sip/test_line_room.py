"""Four legs fill a line: the next party waits until one has gone, or it is said why not."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from sip.messages import (
    AgentBridged,
    CallArranged,
    DropThird,
    Supervise,
    SuperviseChanged,
    ThirdChanged,
)
from tests.sip.control_kit import OURS, Stage, make_stage

pytestmark = pytest.mark.sip
TALK = {"person": {"agent"}, "agent": {"person"}, "supervisor": {"person", "agent"}}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from make_stage(tmp_path_factory.mktemp("r"))


def talk_with_a_listener(stage: Stage) -> None:
    stage.talk()
    seq = stage.last_seq()
    stage.line.send(
        Supervise(
            epoch=1,
            attempt_id=stage.attempt_id,
            supervisor=stage.seat("supervisor"),
            how="listen",
        )
    )
    assert stage.wait_next(SuperviseChanged, seq).how == "listen"


def consult(stage: Stage) -> None:
    seq = stage.last_seq()
    stage.dial_third()
    while stage.wait_next(CallArranged, seq).how != "consult":
        seq = stage.wait_next(CallArranged, seq).seq


def drop(stage: Stage) -> None:
    stage.line.send(DropThird(epoch=1, attempt_id=stage.attempt_id))


def test_a_third_party_that_is_dropped_makes_room_for_the_next(stage: Stage) -> None:
    talk_with_a_listener(stage)
    for _ in range(3):
        consult(stage)
        drop(stage)
    consult(stage)
    assert stage.listen() == {
        "person": {"music"},
        "agent": {"third"},
        "third": {"agent"},
        "supervisor": {"agent", "third"},
    }
    stage.end()


def test_one_that_does_not_go_is_waited_for_then_it_is_said(stage: Stage) -> None:
    talk_with_a_listener(stage)
    consult(stage)
    stage.pause("third", is_paused=True)
    try:
        drop(stage)
        stage.third("gone")
        asked_s = time.monotonic()
        stage.dial_third(third_ref="t-2", number=f"{OURS}02")
        gone = stage.wait(ThirdChanged, third_ref="t-2", stage="gone")
        assert "still being hung up on" in gone.sentence
        assert 1.5 < time.monotonic() - asked_s < 4.0
    finally:
        stage.pause("third", is_paused=False)
    assert stage.listen() == TALK
    consult(stage)
    assert stage.listen()["agent"] == {"third"}, "and once it has gone there is room"
    stage.end()


def test_after_a_failed_blind_transfer_the_agent_is_back_and_may_try_again(stage: Stage) -> None:
    talk_with_a_listener(stage)
    for _ in range(2):
        seq = stage.last_seq()
        stage.dial_third(number=f"{OURS}01", is_blind=True, back_to=stage.seat("agent"))
        stage.wait_next(AgentBridged, seq)
        assert stage.listen() == TALK
    stage.dial_third(is_blind=True, back_to=stage.seat("agent"))
    stage.wait(CallArranged, how="handed_over")
    assert stage.listen() == {
        "person": {"third"},
        "third": {"person"},
        "supervisor": {"person", "third"},
    }
    stage.end()
