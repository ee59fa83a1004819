"""Where everything is made and joined: the one file that knows every room.

Each `run_` function is one process with a window. Nothing is created at import; windows are
joined to their desk by signals and to nothing else.
"""

from __future__ import annotations

import functools
import logging
import random
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from agent_ui.robot import Robot
from agent_ui.window import AgentWindow
from app import clock as clocks
from app import crash_box
from app.call_window import CallWindow
from app.clock import FloorClock, WallClock
from app.desk.agent import AgentDesk
from app.desk.outcome_journal import OutcomeJournal
from app.desk.patience import patiently
from app.desk.views import AgentView
from app.display import require_display_here
from app.floor_place import floor_place, pointer_path
from app.floor_up import BringUp, FloorUp, NetworkWatch, PlaceWatch, start_again
from app.look.theme import Theme, apply_theme
from app.phone_link import PhoneLink, Practice
from app.phone_window import PhoneWindow, join_calls, keep_devices, remembered_devices
from app.pictures import Pictures
from app.practice import MACHINE_SIGNATURES, PaintLog, machine_seat_s
from app.profile import Profile
from app.settings import THEME, load_settings
from app.settings_windows import open_settings
from dialer_core.model import errors as core_errors

if TYPE_CHECKING:
    from agent_ui.robot import Robot
    from agent_ui.window import AgentWindow
    from app.desk.callback_watch import OwnCallBacks
    from dialer_core.model.ids import CampaignId
    from dialer_core.store.address import Place
    from dialer_core.store.seat import SeatStore


log = logging.getLogger("app.compose")

CASCADE_PX = 48
AGAIN = 75  # a window's own word to run_agent, never its exit status
MOVED = "This floor is on many PCs now; this window starts again on it."
MOVED_MS = 2000


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """What every window is started with."""

    profile: Profile
    theme: str = ""
    screenshots: Path | None = None


@dataclass(frozen=True, slots=True)
class AgentOptions:
    """What an agent's window is started with; `robot` is the seed of a practice agent."""

    window: WindowOptions
    seat: str
    agent: str = ""
    sound: str = "auto"
    practice: Path | None = None
    practice_signature: int | None = None
    robot: int | None = None
    speed: float = 1.0
    place: int = 0  # where its window stands among the floor's windows on this screen
    pause_after_s: float | None = None


def application(options: WindowOptions) -> tuple[QApplication, Theme]:
    """The Qt application with our theme; who shows a window has it leave in order by `Signals`."""
    require_display_here()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Callfloor")
    app.setQuitOnLastWindowClosed(True)
    chosen = options.theme or load_settings(options.profile.settings_path).get(THEME)
    choice: Literal["light", "dark", "system"] = "system"
    if chosen in ("light", "dark"):
        choice = "light" if chosen == "light" else "dark"
    return app, apply_theme(app, choice)


class Signals(QObject):
    """Unix signals as a Qt event: Python alone would notice them only at its next line."""

    def __init__(self, leave: Callable[[], None]) -> None:
        super().__init__()
        self._leave = leave
        self._near, self._far = socket.socketpair()
        for end in (self._near, self._far):
            end.setblocking(False)
        signal.set_wakeup_fd(self._far.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)
        self._notifier = QSocketNotifier(self._near.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._arrived)

    def _arrived(self) -> None:
        self._near.recv(64)
        self._leave()

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        self._near.close()
        self._far.close()


def _leave(app: QApplication, pictures: Pictures | None) -> None:
    """Leave in order; what the window shows now is its last picture."""
    if pictures is not None:
        pictures.take_end()
    app.quit()


def run_agent(options: AgentOptions) -> int:
    """One agent's window at one seat, with the seat's phone."""
    from agent_ui.window import AgentWindow  # noqa: PLC0415  each process loads its own window

    app, theme = application(options.window)
    profile = options.window.profile
    practice = None
    paint_log = None
    if options.practice is not None and options.practice_signature is not None:
        practice = Practice(
            options.practice_signature, options.practice / f"phone-{options.seat}.jsonl"
        )
        paint_log = PaintLog(options.practice / f"painted-{options.seat}.jsonl")
    network, clock = NetworkWatch(), FloorClock(WallClock())
    desk = AgentDesk(
        lambda: patiently(lambda: _seat_store(floor_place(profile))),
        lambda deliver: network.add(
            PhoneLink(profile, options.seat, deliver, sound=options.sound, practice=practice)
        ),
        options.seat,
        clock,
        options.agent,
        paint_log,
        devices=remembered_devices(profile, options.seat),
        keep_devices=functools.partial(keep_devices, profile, options.seat),
        journal=OutcomeJournal(profile.root / "kept" / f"{options.seat}.json"),
    )
    window = AgentWindow(clock.utc_s, theme, pops_up=options.robot is None or not options.place)
    pictures = _agent_pictures(options, desk, window)
    join_agent(desk, window)
    phone = None
    if options.robot is None:
        phone = PhoneWindow(desk, window, profile, options.seat)
    robot = _robot(options, desk, window)
    if options.robot is None:
        desk.failed.connect(crash_box.show_crash(window))
        window.checkup_requested.connect(lambda: _open_checkup(profile, theme, window))
    if options.place:
        window.move(CASCADE_PX * options.place, CASCADE_PX * options.place)
    window.show()
    desk.start()
    call_backs = _own_call_backs(desk, window, profile) if options.robot is None else None
    place = PlaceWatch(profile)
    place.moved.connect(lambda: _start_again(desk, app))
    signals = Signals(functools.partial(_leave, app, pictures))
    status = app.exec()
    place.stop()
    network.stop()
    if call_backs is not None:
        call_backs.stop()
    if robot is not None:
        robot.stop()
        for fault in robot.faults:
            log.error("the practice agent found a fault: %s", fault)
    if phone is not None:
        phone.close()
    window.close()
    desk.stop(end_phone=True)
    signals.close()
    if status == AGAIN:
        start_again()
        return 0
    return status


def _start_again(desk: AgentDesk, app: QApplication) -> None:
    """An agent's window holds a session of the floor that was: it begins anew on the other one.

    The floor moves only while nobody is at work; a call that is up all the same is waited for.
    """
    desk.tell(MOVED)
    if desk.is_in_call:
        QTimer.singleShot(1000, lambda: _start_again(desk, app))
    else:
        QTimer.singleShot(MOVED_MS, lambda: app.exit(AGAIN))


def _own_call_backs(desk: AgentDesk, window: AgentWindow, profile: Profile) -> OwnCallBacks:
    """The agent's own promised calls beside the record."""
    # The window is there; this loads the database's library.
    from app.desk.callback_watch import OwnCallBacks  # noqa: PLC0415  see above

    made = OwnCallBacks(lambda: floor_place(profile), WallClock())
    made.changed.connect(window.desk.call_backs.show_rows)
    made.failed.connect(crash_box.show_crash(window))
    desk.view_changed.connect(lambda view: made.set_agent(view.agent_name))
    desk.login_changed.connect(lambda _view: made.set_agent(""))
    return made


def _open_checkup(profile: Profile, theme: Theme, window: QWidget) -> None:
    """What is wrong here, beside the agent's window."""
    from app.checkup_window import open_checkup  # noqa: PLC0415  seldom needed

    open_checkup(profile, theme, window)


def _seat_store(place: Place) -> SeatStore:
    """Opened on the desk's own thread, where loading the database's library delays no paint."""
    from dialer_core.store.seat import SeatStore  # noqa: PLC0415  see above

    return SeatStore(place)


def join_agent(desk: AgentDesk, window: AgentWindow) -> None:
    """Views one way, intentions the other."""
    desk.view_changed.connect(window.show_view)
    desk.login_changed.connect(window.show_login)
    window.log_in_requested.connect(desk.log_in)
    window.log_out_requested.connect(desk.log_out)
    window.available_requested.connect(desk.want_available)
    window.pause_requested.connect(desk.want_pause)
    window.dial_requested.connect(desk.dial)
    window.skip_requested.connect(desk.skip)
    window.outcome_chosen.connect(desk.choose_outcome)
    window.note_changed.connect(desk.save_note)
    window.mute_requested.connect(desk.set_mute)
    window.hang_up_requested.connect(desk.hang_up)
    window.record_painted.connect(desk.record_painted)
    window.stage_reached.connect(desk.reach_stage)
    join_calls(desk, window)


def _agent_pictures(options: AgentOptions, desk: AgentDesk, window: AgentWindow) -> Pictures | None:
    folder = options.window.screenshots
    if folder is None:
        return None
    pictures = Pictures(window, f"agent-{options.seat}", folder)

    def seen(view: AgentView) -> None:
        pictures.shows(view.state.value)

    desk.view_changed.connect(seen)
    desk.login_changed.connect(lambda _login: pictures.shows("login"))
    return pictures


def _robot(options: AgentOptions, desk: AgentDesk, window: AgentWindow) -> Robot | None:
    if options.robot is None:
        return None
    from agent_ui.robot import Robot  # noqa: PLC0415  only a rehearsal needs it

    robot = Robot(
        window,
        random.Random(options.robot),
        options.speed,
        agent=options.agent,
        machine_seat_s=machine_seat_s(options.speed),
        pause_after_s=options.pause_after_s,
    )
    machines = frozenset(MACHINE_SIGNATURES)
    desk.heard.connect(lambda signature: robot.hears(signature not in machines))
    robot.start()
    return robot


@dataclass(frozen=True, slots=True)
class ToolPlace:
    """What a window beside the live floor is opened with."""

    profile: Profile
    theme: Theme
    window: QWidget
    campaign_id: CampaignId | None = None

    @staticmethod
    def show_crash(parent: QWidget) -> Callable[[object], None]:
        """What to do with an error of our own in a window."""
        return crash_box.show_crash(parent)


def run_supervisor(
    options: WindowOptions,
    open_tool: Callable[[str, ToolPlace], None],
    bring_up: BringUp | None = None,
    *,
    wait: bool,
) -> int:
    """The supervisor's window; `open_tool` opens what its menu offers, `bring_up` starts the
    database of a floor that this PC shares; `wait`: the floor may still be in the making.
    """
    from supervisor_ui.window import SupervisorWindow  # noqa: PLC0415  each loads its own window

    app, theme = application(options)
    window = SupervisorWindow(clocks.utc_s, theme)
    window.show()
    app.processEvents()
    # The window is there; what it shows may take half a second more to load.
    from app.desk.backup_watch import BackupWatch  # noqa: PLC0415  see above
    from app.desk.own_phone import SEAT as SUPERVISOR_SEAT  # noqa: PLC0415  see above
    from app.desk.program_watch import ProgramWatch  # noqa: PLC0415  see above
    from app.desk.register_watch import RegisterWatch  # noqa: PLC0415  see above
    from app.desk.supervisor import SupervisorDesk  # noqa: PLC0415  see above
    from dialer_core.store.watch import WatchStore  # noqa: PLC0415  see above

    profile = options.profile
    network = NetworkWatch()
    desk = SupervisorDesk(
        lambda: WatchStore(floor_place(profile)),
        lambda deliver: network.add(PhoneLink(profile, SUPERVISOR_SEAT, deliver)),
        WallClock(),
        profile.database_path if wait and not pointer_path(profile).exists() else None,
    )
    CallWindow(desk, window, theme)
    pictures = None
    if options.screenshots is not None:
        pictures = Pictures(window, "supervisor", options.screenshots, keeps_last=True)
        desk.state_changed.connect(pictures.shows)
    desk.view_changed.connect(window.show_view)
    desk.points_added.connect(window.add_points)
    desk.waiting.connect(window.show_waiting)
    window.mode_requested.connect(desk.set_mode)
    window.target_requested.connect(desk.set_target)
    window.running_requested.connect(desk.set_running)
    window.settings_requested.connect(lambda: open_settings(options.profile, theme, window, desk))
    window.tool_requested.connect(
        lambda key: _open_tool(open_tool, key, ToolPlace(profile, theme, window, desk.campaign_id))
    )
    desk.failed.connect(crash_box.show_crash(window))
    registers = RegisterWatch(lambda: floor_place(profile), WallClock())
    registers.changed.connect(desk.set_law_notices)
    registers.failed.connect(crash_box.show_crash(window))
    programs = ProgramWatch(lambda: floor_place(profile), WallClock())
    programs.changed.connect(desk.set_program_notices)
    programs.failed.connect(crash_box.show_crash(window))
    backups = BackupWatch(profile, WallClock())
    backups.changed.connect(desk.set_backup_notices)
    backups.failed.connect(crash_box.show_crash(window))
    backups.start()
    floor = FloorUp(profile, bring_up)
    floor.told.connect(window.show_waiting)
    floor.failed.connect(crash_box.show_crash(window))
    floor.is_up.connect(desk.start)
    floor.is_up.connect(registers.start)
    floor.is_up.connect(programs.start)
    floor.start()
    place = PlaceWatch(profile)
    place.moved.connect(desk.reopen)
    place.moved.connect(registers.reopen)
    place.moved.connect(programs.reopen)
    signals = Signals(functools.partial(_leave, app, pictures))
    status = app.exec()
    for watch in (place, network, floor):
        watch.stop()
    window.close()
    registers.stop()
    programs.stop()
    backups.stop()
    desk.stop()
    signals.close()
    return status


def _open_tool(open_tool: Callable[[str, ToolPlace], None], key: str, place: ToolPlace) -> None:
    try:
        open_tool(key, place)
    except core_errors.KnownError as error:
        QMessageBox.warning(place.window, "Callfloor", error.sentence)
