"""The window of promised calls, joined to the thread that reads and writes for it."""

from __future__ import annotations

import functools
import getpass

from PySide6.QtCore import Qt

from app.clock import WallClock
from app.compose import ToolPlace
from app.desk.callback_desk import CallBackDesk
from app.floor_place import floor_place
from app.tools import why
from supervisor_ui.callback_dialog import CallBackDialog


def open_window(place: ToolPlace) -> None:
    """Show all promised calls; they follow the clock while the window is open."""
    who = f"supervisor ({getpass.getuser()})"
    desk = CallBackDesk(floor_place(place.profile), WallClock(), who)
    dialog = CallBackDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_callbacks(desk, dialog)
    dialog.why_requested.connect(functools.partial(why.open_window, place))
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.start()


def join_callbacks(desk: CallBackDesk, dialog: CallBackDialog) -> None:
    """Views one way, wishes the other."""
    dialog.move_requested.connect(desk.move)
    dialog.give_requested.connect(desk.give)
    dialog.cancel_requested.connect(desk.cancel)
    desk.listed.connect(dialog.show_view)
    desk.said.connect(dialog.show_said)
    desk.refused.connect(dialog.show_trouble)
