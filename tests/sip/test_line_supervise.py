"""A supervisor on a call: listens, whispers, barges in, takes over; nobody else notices."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from sip.messages import (
    CallArranged,
    EndSupervise,
    Listening,
    Refused,
    Seat,
    Supervise,
    SuperviseChanged,
)
from tests.sip.control_kit import Stage, make_stage

pytestmark = pytest.mark.sip
TALK = {"person": {"agent"}, "agent": {"person"}}
BOTH = {"person", "agent"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from make_stage(tmp_path_factory.mktemp("s"))


def supervise(stage: Stage, how: Listening, seat: Seat | None = None) -> SuperviseChanged:
    seq = stage.last_seq()
    stage.line.send(
        Supervise(
            epoch=1,
            attempt_id=stage.attempt_id,
            supervisor=seat or stage.seat("supervisor"),
            how=how,
        )
    )
    return stage.wait_next(SuperviseChanged, seq)


def test_each_way_of_taking_part_and_who_hears_whom(stage: Stage) -> None:
    stage.talk()
    changed = supervise(stage, "listen")
    assert (changed.how, changed.session_id) == ("listen", 9)
    assert stage.listen() == {**TALK, "supervisor": BOTH}
    supervise(stage, "whisper")
    assert stage.listen() == {
        "person": {"agent"},
        "agent": {"person", "supervisor"},
        "supervisor": BOTH,
    }
    supervise(stage, "barge")
    assert stage.listen() == {
        "person": {"agent", "supervisor"},
        "agent": {"person", "supervisor"},
        "supervisor": BOTH,
    }
    supervise(stage, "listen")
    assert stage.listen() == {**TALK, "supervisor": BOTH}
    stage.line.send(EndSupervise(epoch=1, attempt_id=stage.attempt_id))
    assert stage.wait(SuperviseChanged, how=None).session_id == 9
    assert stage.listen() == TALK
    stage.end()


def test_nobody_else_hears_a_gap_or_a_click(stage: Stage) -> None:
    stage.talk()
    from_s = time.monotonic()
    supervise(stage, "listen")
    time.sleep(0.3)
    supervise(stage, "whisper")
    time.sleep(0.3)
    supervise(stage, "listen")
    stage.line.send(EndSupervise(epoch=1, attempt_id=stage.attempt_id))
    stage.wait(SuperviseChanged, how=None)
    time.sleep(0.3)
    to_s = time.monotonic() - 0.1
    for ear, voice in (("person", "agent"), ("agent", "person")):
        heard = stage.heard("person" if ear == "person" else "agent")
        assert heard.gap_ms(voice, from_s, to_s) <= 20
    assert stage.heard("person").who(from_s, to_s) == {"agent"}
    stage.end()


def test_taking_over_the_agent_leaves_and_the_supervisor_has_the_call(stage: Stage) -> None:
    stage.talk()
    supervise(stage, "listen")
    assert supervise(stage, "take_over").how == "take_over"
    assert stage.listen() == {"person": {"supervisor"}, "supervisor": {"person"}}
    stage.arrange("hold")
    assert stage.listen() == {"person": {"music"}, "supervisor": set()}
    stage.arrange("talk")
    stage.hang_up("supervisor")
    ended = stage.ended()
    assert (ended.ended_by, ended.session_id) == ("agent", 9)


def test_a_supervisor_hears_a_consultation_and_no_person_on_hold(stage: Stage) -> None:
    stage.talk()
    stage.dial_colleague()
    stage.wait(CallArranged, how="consult")
    supervise(stage, "listen")
    assert stage.listen() == {
        "person": {"music"},
        "agent": {"third"},
        "third": {"agent"},
        "supervisor": {"agent", "third"},
    }
    supervise(stage, "barge")
    assert stage.listen()["person"] == {"music"}, "four legs, and the person still on hold"
    stage.arrange("conference")
    heard = stage.listen()
    assert heard["person"] == {"agent", "third", "supervisor"}
    assert heard["supervisor"] == {"person", "agent", "third"}
    stage.end()


def test_a_supervisor_who_hangs_up_just_leaves(stage: Stage) -> None:
    stage.talk()
    supervise(stage, "barge")
    stage.hang_up("supervisor")
    assert stage.wait(SuperviseChanged, how=None).sentence == ""
    assert stage.listen() == TALK
    stage.end()


def test_a_phone_that_is_not_there_is_a_sentence(stage: Stage) -> None:
    stage.talk()
    nowhere = Seat(session_id=9, uri="sip:seat@127.0.0.1:9;transport=tcp", token="x")
    gone = supervise(stage, "listen", nowhere)
    assert gone.how is None
    assert "supervisor's phone" in gone.sentence
    assert stage.listen(0.3) == TALK
    stage.end()


def test_a_second_supervisor_is_refused(stage: Stage) -> None:
    stage.talk()
    supervise(stage, "listen")
    other = Seat(session_id=10, uri=stage.seat("third").uri, token="x")
    stage.line.send(Supervise(epoch=1, attempt_id=stage.attempt_id, supervisor=other, how="listen"))
    assert "Another supervisor" in stage.wait(Refused).sentence
    stage.end()
