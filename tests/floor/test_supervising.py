"""A supervisor listens to a call, whispers and leaves, with every process real; the logs judge."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.clock import WallClock
from app.desk.supervisor import SupervisorDesk
from app.desk.views import Listening, SeatRowView, SupervisedView, SupervisorView
from app.phone_link import PhoneLink, Practice
from app.practice import AGENT_SIGNATURES, read_lines
from app.profile import open_profile
from dialer_core.model.states import SeatState
from dialer_core.store.watch import WatchStore
from sip.messages import CarrierRecord, PhoneRecord
from tests.floor.conftest import RunningDemo, Start

pytestmark = [pytest.mark.floor, pytest.mark.timeout(180)]
OWN = AGENT_SIGNATURES[-1]  # far from those of the two seats
LISTENS_S, WHISPERS_S = 3.0, 2.5
AGAIN_S = (0.3, 0.5, 0.0)
"""The practice voices keep time: who comes in over the person's words stays over them. So the
supervisor comes again, a little later each time."""
HEARD_MS = 150.0
FRESH_S = 1.5


@dataclass
class Supervisor:
    """The supervisor's desk as the window has it, and the latest floor that it drew."""

    desk: SupervisorDesk
    qtbot: QtBot
    floors: list[SupervisorView] = field(default_factory=list)
    troubles: list[object] = field(default_factory=list)

    def wait(self, condition: Callable[[], object], what: str, timeout_s: float = 20.0) -> None:
        until = time.monotonic() + timeout_s
        while not condition():
            assert not self.troubles, self.troubles
            assert time.monotonic() < until, f"{what}: {self.floors[-1:]}"
            self.qtbot.wait(20)

    def call(self, session_id: int) -> SupervisedView:
        found = self.desk.listening.view(self.floors[-1], session_id)
        assert found is not None
        return found

    def takes_part(self, session_id: int, how: Listening | None) -> None:
        self.wait(lambda: self.call(session_id).listening is how, f"{how} of the supervisor", 8.0)
        assert self.call(session_id).trouble == ""


def fresh_call(supervisor: Supervisor) -> SeatRowView | None:
    """A conversation that has begun a moment ago."""
    if not supervisor.floors:
        return None
    now_s = WallClock().now().utc.timestamp()
    for seat in supervisor.floors[-1].seats:
        is_talking = bool(seat.attempt_id) and seat.state is SeatState.TALKING
        if is_talking and now_s - seat.since_utc_s < FRESH_S:
            return seat
    return None


@pytest.fixture
def supervise(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[RunningDemo], Supervisor]]:
    desks: list[SupervisorDesk] = []

    def start(demo: RunningDemo) -> Supervisor:
        profile = open_profile(demo.profile)
        voice = Practice(OWN, tmp_path / "heard.jsonl")
        desk = SupervisorDesk(
            lambda: WatchStore(profile.database_path),
            lambda deliver: PhoneLink(profile, "supervisor", deliver, sound="none", practice=voice),
            WallClock(),
        )
        desks.append(desk)
        made = Supervisor(desk, qtbot)
        desk.view_changed.connect(made.floors.append)
        desk.failed.connect(made.troubles.append)
        desk.start()
        return made

    yield start
    for desk in desks:
        desk.stop()


def test_listen_and_whisper_on_a_real_floor(
    start_demo: Start, supervise: Callable[[RunningDemo], Supervisor], tmp_path: Path
) -> None:
    demo = start_demo(
        "--agents", 2, "--seconds", 45, "--mode", "progressive", "--seed", 6, is_patient=True
    )
    path = demo.profile / "data" / "callfloor.sqlite3"
    demo.wait_for(lambda: path.exists() and demo.pids("dialler"), 60, "the floor")
    supervisor = supervise(demo)
    supervisor.desk.listening.phone.open()
    supervisor.wait(lambda: supervisor.desk.listening.phone.session_id, "the supervisor's phone")
    assert demo.pids("sip.phone", "supervisor"), "its phone is a process of its own"
    supervisor.wait(lambda: fresh_call(supervisor), "a conversation", 40)
    seat = fresh_call(supervisor)
    assert seat is not None
    listening, session, attempt = supervisor.desk.listening, seat.session_id, seat.attempt_id
    listening.ask(attempt, Listening.LISTEN.value)
    supervisor.takes_part(session, Listening.LISTEN)
    supervisor.qtbot.wait(round(LISTENS_S * 1000))
    for later_s in AGAIN_S:
        listening.ask(attempt, Listening.WHISPER.value)
        supervisor.takes_part(session, Listening.WHISPER)
        supervisor.qtbot.wait(round(WHISPERS_S * 1000))
        assert supervisor.call(session).attempt_id == attempt, "the call was over too soon"
        listening.ask(attempt, Listening.LEAVE.value)
        supervisor.takes_part(session, None)
        supervisor.qtbot.wait(round(later_s * 1000))
    floor = supervisor.floors[-1]
    assert len(floor.seats) == 2, "a supervisor is no seat of the floor"
    assert floor.own_session_id not in {one.session_id for one in floor.seats}
    supervisor.desk.stop()
    demo.process.terminate()
    demo.end()
    own = [one for one in read_lines(tmp_path / "heard.jsonl", PhoneRecord)]
    assert [one.attempt_id for one in own] == [attempt] * len(AGAIN_S)
    practice = demo.profile / "practice"
    phones = [
        one for file in practice.glob("phone-*.jsonl") for one in read_lines(file, PhoneRecord)
    ]
    agent = next(one for one in phones if one.attempt_id == attempt)
    people = [
        one
        for file in practice.glob("*.jsonl")
        if not file.name.startswith(("phone-", "painted-"))
        for one in read_lines(file, CarrierRecord)
    ]
    person = next(one for one in people if one.attempt_id == attempt)
    heard = own[0].sounds.heard_ms
    assert heard.get(agent.own_signature, 0.0) > HEARD_MS
    assert heard.get(person.signature, 0.0) > HEARD_MS
    assert OWN in agent.sounds.heard_ms, "the agent hears the whisper in the person's pauses"
    assert OWN not in person.sounds.heard_ms, "the person must not hear the whisper"
    assert person.sounds.heard_ms.get(agent.own_signature, 0.0) > HEARD_MS
