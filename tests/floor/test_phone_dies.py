"""A phone is killed in a conversation: another one is there in a moment, and the talk goes on."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.floor.conftest import Start
from tests.floor.people import MakeAgent, agent, floor_is_up, people_of

__all__ = ["agent"]
pytestmark = [pytest.mark.floor, pytest.mark.timeout(240)]
BACK_S = 8.0


def test_a_phone_that_is_killed_in_a_call_is_back_in_it(
    start_demo: Start, agent: MakeAgent, caplog: pytest.LogCaptureFixture
) -> None:
    demo = start_demo(
        *("--agents", 1, "--robots", 0, "--sound", "none", "--lines", 2),
        *("--mode", "progressive", "--seconds", 150, "--seed", 6),
        is_patient=True,
    )
    floor_is_up(demo)
    anna = agent(demo)
    anna.wait(lambda: anna.views and anna.talks(), "a conversation", 60)
    attempt, (pid,) = anna.attempt_id, anna.phone_pids()
    anna.qtbot.wait(1500)
    os.kill(pid, signal.SIGKILL)
    killed_s = time.monotonic()
    anna.wait(lambda: not anna.view.call.is_up, "the loss", 3)
    assert "the person hears music" in anna.view.notices[0]
    anna.wait(anna.talks, "the talk again", BACK_S)
    back_s = time.monotonic() - killed_s
    assert anna.attempt_id == attempt
    assert not anna.view.notices
    assert anna.phone_pids() != [pid]
    assert "started again" in caplog.text
    anna.qtbot.wait(2500)
    assert anna.talks()
    anna.desk.hang_up()
    anna.wait(lambda: not anna.view.call.is_up, "the end", 5)
    anna.leave(attempt)
    demo.process.terminate()
    demo.end()
    (record,) = [one for one in anna.records() if one.attempt_id == attempt]
    (person,) = [one for one in people_of(demo) if one.attempt_id == attempt]
    assert back_s < BACK_S
    assert record.sounds.heard_ms.get(person.signature, 0.0) > 300, "the person is heard again"
    assert person.sounds.heard_ms.get(anna.signature, 0.0) > 300
