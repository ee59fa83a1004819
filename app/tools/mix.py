"""The window of mix and order, joined to the thread that reads, previews and writes for it."""

from __future__ import annotations

import getpass

from PySide6.QtCore import Qt

from app.clock import WallClock
from app.compose import ToolPlace
from app.desk.mix_desk import MixDesk
from app.desk.mix_work import MixWork
from app.floor_place import floor_place
from supervisor_ui.mix_dialog import MixDialog


def open_window(place: ToolPlace) -> None:
    """Show the mix of the campaign that the supervisor looks at."""
    who = f"supervisor ({getpass.getuser()})"
    desk = MixDesk(MixWork(floor_place(place.profile), WallClock(), who))
    dialog = MixDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_mix(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.offer(place.campaign_id)


def join_mix(desk: MixDesk, dialog: MixDialog) -> None:
    """Views one way, wishes the other."""
    dialog.campaign_chosen.connect(desk.offer)
    dialog.preview_requested.connect(desk.preview)
    dialog.save_requested.connect(desk.save)
    desk.offered.connect(dialog.show_offer)
    desk.previewed.connect(dialog.show_preview)
    desk.saved.connect(dialog.show_saved)
    desk.refused.connect(dialog.show_trouble)
