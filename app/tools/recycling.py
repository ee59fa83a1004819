"""The window of recycling, joined to the thread that reads and writes for it."""

from __future__ import annotations

import getpass

from PySide6.QtCore import Qt

from app.clock import WallClock
from app.compose import ToolPlace
from app.desk.mix_work import MixWork
from app.desk.recycling_desk import RecyclingDesk
from app.floor_place import floor_place
from supervisor_ui.recycling_dialog import RecyclingDialog


def open_window(place: ToolPlace) -> None:
    """Show the recycling of the campaign that the supervisor looks at."""
    who = f"supervisor ({getpass.getuser()})"
    desk = RecyclingDesk(MixWork(floor_place(place.profile), WallClock(), who))
    dialog = RecyclingDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_recycling(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.offer(place.campaign_id)


def join_recycling(desk: RecyclingDesk, dialog: RecyclingDialog) -> None:
    """Views one way, wishes the other."""
    dialog.campaign_chosen.connect(desk.offer)
    dialog.picture_requested.connect(desk.picture)
    dialog.save_requested.connect(desk.save)
    desk.offered.connect(dialog.show_offer)
    desk.pictured.connect(dialog.show_day)
    desk.saved.connect(dialog.show_saved)
    desk.refused.connect(dialog.show_trouble)
