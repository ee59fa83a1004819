"""A person's desk on a small office: both windows, and a phone with a sound server's devices."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pytestqt.qtbot import QtBot

from agent_ui.window import AgentWindow
from app.clock import WallClock
from app.compose import join_agent
from app.desk.agent import AgentDesk
from app.desk.supervisor import SupervisorDesk
from app.desk.views import AgentView, LoginView, SupervisorView
from app.look.theme import Theme
from app.phone_link import PhoneLink
from app.phone_window import PhoneWindow
from dialer_core.store.seat import SeatStore
from dialer_core.store.setup import SetupStore
from dialer_core.store.watch import WatchStore
from supervisor_ui.window import SupervisorWindow
from tests.floor.office_kit import Office

NAME, SEAT = "Anna Person", "desk1"
MICROPHONE, HEADSET, RINGER = "Headset microphone", "Headset", "Speakers"


@dataclass
class Desk:
    """Both windows, and all that was drawn in them."""

    agent: AgentDesk
    window: AgentWindow
    parts: PhoneWindow
    supervisor: SupervisorDesk
    over: SupervisorWindow
    qtbot: QtBot
    views: list[AgentView] = field(default_factory=list)
    logins: list[LoginView] = field(default_factory=list)
    floors: list[SupervisorView] = field(default_factory=list)
    troubles: list[object] = field(default_factory=list)

    @property
    def view(self) -> AgentView:
        return self.views[-1]

    def wait(self, condition: Callable[[], object], what: str, timeout_s: float = 20.0) -> None:
        until_s = time.monotonic() + timeout_s
        while not condition():
            assert not self.troubles, self.troubles
            last = self.views[-1:] or self.logins[-1:]
            assert time.monotonic() < until_s, f"{what}: {last} {self.floors[-1:]}"
            self.qtbot.wait(20)

    def talks(self) -> bool:
        return bool(self.views) and self.view.call.is_connected

    @property
    def advice(self) -> str:
        """What stands in the agent's window."""
        strip = self.window.desk.advice
        return strip.accessibleDescription() if strip.isVisibleTo(self.window) else ""

    @property
    def floor_advice(self) -> str:
        """What the supervisor's window says of this agent's call, all of it."""
        found = [one for one in self.floors[-1].advice if one.agent == NAME] if self.floors else []
        return " ".join(one.sentence for seat in found for one in seat.advice)


@contextlib.contextmanager
def desk(office: Office, qtbot: QtBot, theme: Theme) -> Iterator[Desk]:
    """Logged in, in a pause; its devices are those of the sound server that is running."""
    with contextlib.closing(SetupStore(office.database)) as store:
        store.add_agent(NAME, office.clock.now())
    profile, clock = office.profile, WallClock()
    agent = AgentDesk(
        lambda: SeatStore(profile.database_path),
        lambda deliver: PhoneLink(profile, SEAT, deliver),
        SEAT,
        clock,
        NAME,
    )
    window = AgentWindow(lambda: clock.now().utc.timestamp(), theme)
    supervisor = SupervisorDesk(
        lambda: WatchStore(profile.database_path),
        lambda deliver: PhoneLink(profile, "supervisor", deliver, sound="none"),
        clock,
    )
    over = SupervisorWindow(lambda: clock.now().utc.timestamp(), theme)
    for one in (window, over):
        qtbot.addWidget(one)
    parts = PhoneWindow(agent, window, profile, SEAT)
    made = Desk(agent, window, parts, supervisor, over, qtbot)
    agent.view_changed.connect(made.views.append)
    agent.login_changed.connect(made.logins.append)
    agent.failed.connect(made.troubles.append)
    supervisor.view_changed.connect(made.floors.append)
    supervisor.view_changed.connect(over.show_view)
    supervisor.failed.connect(made.troubles.append)
    join_agent(agent, window)
    try:
        agent.start()
        supervisor.start()
        window.show()
        made.wait(lambda: made.logins and not made.logins[-1].is_busy, "the phone")
        assert not made.logins[-1].error, made.logins[-1]
        agent.log_in(NAME, "")
        made.wait(lambda: made.views, "the login")
        agent.want_pause("Break")
        agent.phone.choose("microphone", MICROPHONE)
        agent.phone.choose("speaker", HEADSET)
        agent.phone.choose("ringer", RINGER)
        made.wait(lambda: made.view.reason == "Break", "the pause")
        yield made
    finally:
        parts.close()
        agent.stop(end_phone=True)
        supervisor.stop()
