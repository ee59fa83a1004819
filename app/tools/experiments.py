"""The window of experiments, joined to the thread that reads and writes for it."""

from __future__ import annotations

import getpass

from PySide6.QtCore import Qt

from app.clock import WallClock
from app.compose import ToolPlace
from app.desk.experiment_desk import ExperimentDesk
from app.floor_place import floor_place
from supervisor_ui.experiment_dialog import ExperimentDialog


def open_window(place: ToolPlace) -> None:
    """Show all experiments of the floor."""
    who = f"supervisor ({getpass.getuser()})"
    desk = ExperimentDesk(floor_place(place.profile), WallClock(), who)
    dialog = ExperimentDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_experiments(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.list()


def join_experiments(desk: ExperimentDesk, dialog: ExperimentDialog) -> None:
    """Views one way, wishes the other."""
    dialog.begin_requested.connect(desk.begin)
    dialog.end_requested.connect(desk.end)
    desk.listed.connect(dialog.show_view)
    desk.begun.connect(dialog.show_begun)
    desk.refused.connect(dialog.show_trouble)
