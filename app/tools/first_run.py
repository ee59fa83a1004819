"""The first run's window, joined to what does the work; and what `callfloor` alone starts."""

from __future__ import annotations

import functools

from PySide6.QtWidgets import QWidget

from agent_ui.join_page import JoinPage
from agent_ui.sound_page import SoundPage
from app.clock import WallClock
from app.compose import Signals, ToolPlace, WindowOptions, application
from app.desk.first_run_desk import FirstRunDesk
from app.desk.first_run_view import Step
from app.desk.first_sound import FirstSound
from app.floor_place import read_pointer
from app.look.theme import Theme
from app.phone_link import PhoneLink, Practice
from app.phone_window import keep_devices, remembered_devices
from app.profile import Profile
from app.sharing.joining import default_seat_name
from app.tools.first_call import SEAT, FirstCall
from app.tools.first_work import FirstWork
from supervisor_ui.first_run_dialog import FirstRunDialog


class FirstRun:
    """One first run from its opening to its end; `dialog` is its window."""

    def __init__(
        self,
        profile: Profile,
        theme: Theme,
        *,
        sound: str = "auto",
        practice: Practice | None = None,
        work: FirstWork | None = None,
        parent: QWidget | None = None,
    ) -> None:
        self.profile = profile
        self.theme = theme
        self.join_page = JoinPage(theme, default_seat_name())
        self.sound_page = SoundPage(theme)
        pages: dict[Step, QWidget] = {Step.JOIN: self.join_page, Step.SOUND: self.sound_page}
        self.dialog = FirstRunDialog(theme, pages, parent)
        self.desk = FirstRunDesk(work or FirstWork(profile))
        pointer = read_pointer(profile)
        seat = SEAT if pointer is None or not pointer.seat else pointer.seat
        self.sound = FirstSound(
            lambda deliver: PhoneLink(profile, seat, deliver, sound=sound, practice=practice),
            WallClock(),
            remembered_devices(profile, seat),
            functools.partial(keep_devices, profile, seat),
        )
        self._make_call = functools.partial(FirstCall, profile, sound, practice)
        self.call: FirstCall | None = None
        self._join()

    def open(self) -> None:
        """Show it where it was left."""
        self.dialog.show()
        self.desk.look()

    def close(self) -> None:
        """End what it has started."""
        self.sound.stop()
        if self.call is not None:
            self.call.stop()
            self.call = None
        self.desk.stop()

    # --- joined -----------------------------------------------------------------------------

    def _join(self) -> None:
        desk, dialog, devices = self.desk, self.dialog, self.sound_page.devices
        desk.looked.connect(dialog.show_view)
        desk.tried.connect(dialog.show_test)
        desk.refused.connect(dialog.show_trouble)
        desk.told.connect(dialog.say)
        desk.found.connect(self.join_page.show_floors)
        desk.failed.connect(ToolPlace.show_crash(dialog))
        dialog.role_chosen.connect(desk.choose)
        dialog.company_given.connect(desk.keep_company)
        dialog.trunk_given.connect(desk.keep_trunk)
        dialog.step_passed.connect(desk.pass_step)
        dialog.back_requested.connect(desk.go_back)
        dialog.step_shown.connect(self._shown)
        dialog.trunk.test_requested.connect(desk.try_trunk)
        dialog.list.import_requested.connect(self._import)
        dialog.call.call_requested.connect(self._call)
        dialog.call.hang_up_requested.connect(self._hang_up)
        dialog.join_requested.connect(self.join_page.ask)
        self.join_page.asked.connect(self._ask_to_join)
        side = self.sound.side
        side.devices_changed.connect(devices.show_view)
        side.levels_changed.connect(devices.show_levels)
        devices.device_chosen.connect(side.choose)
        devices.play_requested.connect(side.play)
        devices.echo_requested.connect(side.set_echo)
        devices.levels_watched.connect(lambda is_on: side.watch_levels("page", is_on))
        self.sound.troubled.connect(lambda words: dialog.say(words, "trouble"))
        self.sound.failed.connect(ToolPlace.show_crash(dialog))

    def _shown(self, step: Step) -> None:
        if step is Step.SOUND:
            self.sound.start()
        elif step is Step.JOIN:
            self.join_page.take_focus()
            self.desk.find_floors()
        if step is not Step.CALL and self.call is not None:
            self.call.stop()
            self.call = None

    def _ask_to_join(self, code: str, name: str) -> None:
        if code:
            self.desk.join(code, name)
        else:
            self.dialog.show_trouble("Type the code that the supervisor's PC shows.")

    def _import(self) -> None:
        from app.tools.import_list import open_import  # noqa: PLC0415  seldom needed

        dialog = open_import(ToolPlace(self.profile, self.theme, self.dialog))
        dialog.finished.connect(lambda _result: self.desk.look())

    def _call(self, number: str) -> None:
        if self.call is None:
            self.sound.stop()  # its phone is the seat's: the call takes another
            self.call = self._make_call()
            self.call.changed.connect(self.dialog.show_call)
            self.call.failed.connect(ToolPlace.show_crash(self.dialog))
        self.call.call(number)

    def _hang_up(self) -> None:
        if self.call is not None:
            self.call.hang_up()


def run_first(options: WindowOptions) -> bool:
    """Show the first run until it is finished or left; False where this program was told to end.

    Whichever it is, a first call that is under way ends with it, its dialler and phone too.
    """
    app, theme = application(options)
    run = FirstRun(options.profile, theme)
    told: list[bool] = []

    def leave() -> None:
        told.append(True)
        app.quit()

    signals = Signals(leave)
    run.open()
    app.exec()
    run.close()
    signals.close()
    return not told
