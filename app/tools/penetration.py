"""The window of penetration, joined to the thread that reads and writes for it."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.clock import WallClock
from app.compose import ToolPlace
from app.desk.penetration_desk import PenetrationDesk
from app.floor_place import floor_place
from supervisor_ui.penetration_dialog import PenetrationDialog


def open_window(place: ToolPlace) -> None:
    """Show the figures of the campaign that the floor shows."""
    desk = PenetrationDesk(floor_place(place.profile), WallClock())
    dialog = PenetrationDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_penetration(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.show(place.campaign_id, "list")


def join_penetration(desk: PenetrationDesk, dialog: PenetrationDialog) -> None:
    """Views one way, wishes the other."""
    dialog.show_requested.connect(desk.show)
    dialog.days_requested.connect(desk.show_days)
    dialog.save_requested.connect(desk.save)
    desk.shown.connect(dialog.show_view)
    desk.days_shown.connect(dialog.show_days)
    desk.saved.connect(dialog.show_said)
    desk.refused.connect(dialog.show_trouble)
