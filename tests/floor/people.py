"""People of the test's own on a running demo: agents at their desks, and the supervisor's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import insert, select

from app.clock import WallClock
from app.desk.agent import AgentDesk
from app.desk.supervisor import SupervisorDesk
from app.desk.views import AgentView, CallAction, CallWish, LoginView, SeatState, SupervisorView
from app.phone_link import PhoneLink, Practice
from app.practice import AGENT_SIGNATURES, read_lines
from app.profile import open_profile
from dialer_core.store.database import Database
from dialer_core.store.schema import AgentRow, SessionRow
from dialer_core.store.seat import SeatStore
from dialer_core.store.watch import WatchStore
from sip.messages import CarrierRecord, PhoneRecord
from tests.floor.conftest import RunningDemo


@dataclass
class Agent:
    """A desk as the window has it, its phone, and all that it has drawn."""

    desk: AgentDesk
    qtbot: QtBot
    demo: RunningDemo
    seat: str
    signature: int
    log: Path
    views: list[AgentView] = field(default_factory=list)
    logins: list[LoginView] = field(default_factory=list)
    troubles: list[object] = field(default_factory=list)

    @property
    def view(self) -> AgentView:
        return self.views[-1]

    @property
    def attempt_id(self) -> str:
        record = self.view.record
        return "" if record is None else record.attempt_id

    def wait(self, condition: Callable[[], object], what: str, timeout_s: float = 20.0) -> None:
        until_s = time.monotonic() + timeout_s
        while not condition():
            assert not self.troubles, self.troubles
            assert time.monotonic() < until_s, f"{what}: {self.views[-1:] or self.logins[-1:]}"
            self.qtbot.wait(20)

    def talks(self) -> bool:
        view = self.view
        return view.state is SeatState.TALKING and view.call.is_connected

    def wish(self, action: CallAction, colleague: int | None = None) -> None:
        self.desk.calls.wish(CallWish(action, self.attempt_id, colleague=colleague))  # type: ignore[arg-type]  # a session's id

    def session_id(self, database: Database) -> int:
        uri = self.desk.phone_uri
        with database.reading() as connection:
            wanted = select(SessionRow.id).where(
                SessionRow.phone_uri == uri, SessionRow.closed_at.is_(None)
            )
            return int(connection.execute(wanted).scalar_one())

    def leave(self, *attempts: str) -> None:
        """Code what is left and log out: the demo does not end before."""
        for attempt in attempts:
            self.desk.choose_outcome(attempt, "REFUSED_NOT_INTERESTED", "")
        self.wait(lambda: self.view.state is not SeatState.WRAP_UP, "the end of the wrap-up", 5)
        self.desk.log_out()

    def phone_pids(self) -> list[int]:
        return self.demo.pids("sip.phone", self.seat)

    def records(self) -> list[PhoneRecord]:
        """What this phone has heard, call by call."""
        return list(read_lines(self.log, PhoneRecord))


def people_of(demo: RunningDemo) -> list[CarrierRecord]:
    """What the public has heard and said."""
    return [
        one
        for file in (demo.profile / "practice").glob("*.jsonl")
        if not file.name.startswith(("phone-", "painted-"))
        for one in read_lines(file, CarrierRecord)
    ]


MakeAgent = Callable[..., Agent]


@pytest.fixture
def agent(qtbot: QtBot, tmp_path: Path) -> Iterator[MakeAgent]:
    """`agent(demo, number)` is at a seat of their own, logged in, and waits for a call.

    With `pause` they take that pause instead.
    """
    made: list[Agent] = []

    def start(demo: RunningDemo, number: int = 0, *, pause: str = "") -> Agent:
        profile = open_profile(demo.profile)
        name, seat = f"Tester {number}", f"test{number}"
        database = Database(profile.database_path)
        clock = WallClock()
        with database.writing() as connection:
            connection.execute(
                insert(AgentRow),
                {"name": name, "password": None, "is_active": True, "created_at": clock.now().utc},
            )
        database.close()
        signature = AGENT_SIGNATURES[-2 - 2 * number]
        log = tmp_path / f"{seat}.jsonl"
        practice = Practice(signature, log)
        desk = AgentDesk(
            lambda: SeatStore(profile.database_path),
            lambda deliver: PhoneLink(profile, seat, deliver, sound="none", practice=practice),
            seat,
            clock,
            name,
        )
        one = Agent(desk, qtbot, demo, seat, signature, log)
        made.append(one)
        desk.view_changed.connect(one.views.append)
        desk.login_changed.connect(one.logins.append)
        desk.failed.connect(one.troubles.append)
        desk.start()
        one.wait(lambda: one.logins and not one.logins[-1].is_busy, "the phone")
        desk.log_in(name, "")
        one.wait(lambda: one.views, "the login")
        if pause:
            desk.want_pause(pause)
            one.wait(lambda: one.view.reason == pause, "the pause")
        else:
            desk.want_available()
        return one

    yield start
    for one in made:
        one.desk.stop(end_phone=True)


@dataclass
class Supervisor:
    """The supervisor's desk, and the floor as it was drawn."""

    desk: SupervisorDesk
    qtbot: QtBot
    floors: list[SupervisorView] = field(default_factory=list)
    troubles: list[object] = field(default_factory=list)

    def wait(self, condition: Callable[[], object], what: str, timeout_s: float = 20.0) -> None:
        until_s = time.monotonic() + timeout_s
        while not condition():
            assert not self.troubles, self.troubles
            assert time.monotonic() < until_s, f"{what}: {self.floors[-1:]}"
            self.qtbot.wait(20)

    def advice(self, name: str) -> str:
        """All that is said of this agent's call."""
        found = [one for one in self.floors[-1].advice if one.agent == name] if self.floors else []
        return " ".join(advice.sentence for one in found for advice in one.advice)


MakeSupervisor = Callable[[RunningDemo], Supervisor]


@pytest.fixture
def supervisor(qtbot: QtBot, tmp_path: Path) -> Iterator[MakeSupervisor]:
    """`supervisor(demo)` looks at the floor, with a phone of their own."""
    made: list[Supervisor] = []

    def start(demo: RunningDemo) -> Supervisor:
        profile = open_profile(demo.profile)
        voice = Practice(AGENT_SIGNATURES[-1], tmp_path / "supervisor.jsonl")
        desk = SupervisorDesk(
            lambda: WatchStore(profile.database_path),
            lambda deliver: PhoneLink(profile, "supervisor", deliver, sound="none", practice=voice),
            WallClock(),
        )
        one = Supervisor(desk, qtbot)
        made.append(one)
        desk.view_changed.connect(one.floors.append)
        desk.failed.connect(one.troubles.append)
        desk.start()
        return one

    yield start
    for one in made:
        one.desk.stop()


def floor_is_up(demo: RunningDemo) -> None:
    """Wait until the dialler of this demo runs."""
    path = demo.profile / "data" / "callfloor.sqlite3"
    demo.wait_for(lambda: path.exists() and demo.pids("dialler"), 60, "the floor")
