"""A call goes to a colleague and to the supervisor, by their desks and the dialler; ears judge."""

from __future__ import annotations

import pytest

from app.desk.views import FOR_COLLEAGUES, Arrangement, CallAction, Listening, SeatState, ThirdStage
from app.practice import AGENT_SIGNATURES, read_lines
from app.profile import open_profile
from dialer_core.store.database import Database
from sip.messages import PhoneRecord
from tests.floor.conftest import RunningDemo, Start
from tests.floor.people import (
    Agent,
    MakeAgent,
    MakeSupervisor,
    agent,
    floor_is_up,
    people_of,
    supervisor,
)

__all__ = ["agent", "supervisor"]
pytestmark = [pytest.mark.floor, pytest.mark.timeout(300)]
HEARD_MS = 300.0
TALK_MS = 2000


def a_floor(start_demo: Start, seed: int) -> RunningDemo:
    demo = start_demo(
        *("--agents", 1, "--robots", 0, "--sound", "none", "--lines", 2),
        *("--mode", "progressive", "--seconds", 200, "--seed", seed),
        is_patient=True,
    )
    floor_is_up(demo)
    return demo


def heard(found: list[PhoneRecord], attempt: str, signature: int) -> float:
    """How long this voice was heard at a phone in all its parts of a call (ms)."""
    return sum(
        one.sounds.heard_ms.get(signature, 0.0) for one in found if one.attempt_id == attempt
    )


def talks_in_a_fresh_call(one: Agent) -> str:
    one.wait(lambda: one.views and one.talks(), "a conversation", 90)
    return one.attempt_id


def test_asked_cancelled_and_handed_to_a_colleague(start_demo: Start, agent: MakeAgent) -> None:
    demo = a_floor(start_demo, 6)
    ben = agent(demo, 1, pause=FOR_COLLEAGUES)
    anna = agent(demo, 0)
    attempt = talks_in_a_fresh_call(anna)
    anna.qtbot.wait(TALK_MS)  # the two of them first
    database = Database(open_profile(demo.profile).database_path)
    whom = ben.session_id(database)
    database.close()
    anna.wish(CallAction.CONSULT, whom)
    anna.wait(lambda: anna.view.control.arrangement is Arrangement.CONSULT, "the consultation")
    ben.wait(lambda: ben.view.control.is_third and ben.talks(), "the colleague's part")
    assert ben.view.record is not None, "the colleague sees whom it is about"
    assert not ben.view.can_choose_outcome, "it is not the colleague's call yet"
    anna.qtbot.wait(TALK_MS)
    anna.wish(CallAction.CANCEL_THIRD)
    anna.wait(lambda: anna.view.control.arrangement is Arrangement.TALK, "the talk again")
    ben.wait(lambda: ben.view.state is SeatState.PAUSED, "the colleague's freedom")
    assert ben.view.reason == FOR_COLLEAGUES
    assert anna.talks()
    anna.wish(CallAction.CONSULT, whom)
    anna.wait(lambda: anna.view.control.third is ThirdStage.UP, "the colleague again")
    anna.wish(CallAction.HAND_OVER)
    anna.wait(lambda: anna.view.state is SeatState.WRAP_UP, "the first agent's wrap-up")
    ben.wait(lambda: ben.talks() and not ben.view.control.is_third, "the call")
    assert ben.attempt_id == attempt
    ben.qtbot.wait(TALK_MS)
    ben.desk.hang_up()
    ben.wait(lambda: not ben.view.call.is_up, "the end")
    anna.leave(attempt)
    ben.leave(attempt)
    demo.process.terminate()
    demo.end()
    (person,) = [one for one in people_of(demo) if one.attempt_id == attempt]
    assert heard(anna.records(), attempt, ben.signature) > HEARD_MS, "they consulted"
    assert heard(ben.records(), attempt, anna.signature) > HEARD_MS
    assert person.sounds.heard_ms.get(ben.signature, 0.0) > HEARD_MS, "and the person has both"
    assert person.sounds.heard_ms.get(anna.signature, 0.0) > 0
    assert heard(ben.records(), attempt, person.signature) > 0


def test_a_supervisor_takes_the_call_over(
    start_demo: Start, agent: MakeAgent, supervisor: MakeSupervisor
) -> None:
    demo = a_floor(start_demo, 6)
    boss = supervisor(demo)
    listening = boss.desk.listening
    listening.phone.open()
    boss.wait(lambda: listening.phone.session_id, "the supervisor's phone")
    anna = agent(demo, 0)
    attempt = talks_in_a_fresh_call(anna)
    listening.ask(attempt, Listening.TAKE_OVER.value)
    anna.wait(lambda: anna.view.state is SeatState.WRAP_UP, "the agent's wrap-up")
    boss.wait(lambda: listening.phone.attempt_id == attempt, "the call")
    boss.qtbot.wait(3 * TALK_MS)
    assert listening.phone.attempt_id == attempt, "it goes on without the agent"
    listening.phone.hang_up()
    boss.wait(lambda: not listening.phone.attempt_id, "the end")
    anna.leave(attempt)
    log = anna.log.parent / "supervisor.jsonl"
    boss.desk.stop()
    demo.process.terminate()
    demo.end()
    (person,) = [one for one in people_of(demo) if one.attempt_id == attempt]
    own = list(read_lines(log, PhoneRecord))
    assert person.sounds.heard_ms.get(AGENT_SIGNATURES[-1], 0.0) > HEARD_MS
    assert heard(own, attempt, person.signature) > HEARD_MS
