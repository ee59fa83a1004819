"""The registers' window, joined to the thread that reads and writes for it."""

from __future__ import annotations

import getpass

from PySide6.QtCore import Qt

from app.compose import ToolPlace
from app.desk.register_desk import RegisterDesk
from app.lists.register_work import RegistersOf
from supervisor_ui.register_dialog import RegisterDialog


def open_window(place: ToolPlace) -> None:
    """Show the registers and the own list."""
    desk = RegisterDesk(RegistersOf(place.profile, f"supervisor ({getpass.getuser()})"))
    dialog = RegisterDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_registers(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.list()


def join_registers(desk: RegisterDesk, dialog: RegisterDialog) -> None:
    """Views one way, wishes the other."""
    dialog.load_requested.connect(desk.load)
    dialog.cancel_requested.connect(desk.cancel)
    dialog.add_requested.connect(desk.add)
    dialog.check_requested.connect(desk.check)
    dialog.file_requested.connect(desk.add_file)
    desk.listed.connect(dialog.show_view)
    desk.progressed.connect(dialog.show_share)
    desk.loaded.connect(dialog.show_loaded)
    desk.cancelled.connect(dialog.show_cancelled)
    desk.said.connect(dialog.show_said)
    desk.refused.connect(dialog.show_trouble)
