"""The window of segments, joined to the thread that reads, counts and writes for it."""

from __future__ import annotations

import getpass

from PySide6.QtCore import Qt

from app.clock import WallClock
from app.compose import ToolPlace
from app.desk.mix_work import MixWork
from app.desk.segment_desk import SegmentDesk
from app.floor_place import floor_place
from supervisor_ui.segment_dialog import SegmentDialog


def open_window(place: ToolPlace) -> None:
    """Show the segments of the campaign that the supervisor looks at."""
    clock = WallClock()
    who = f"supervisor ({getpass.getuser()})"
    desk = SegmentDesk(MixWork(floor_place(place.profile), clock, who))
    dialog = SegmentDialog(place.theme, clock.now().utc.date().isoformat(), place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_segments(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.offer(place.campaign_id)


def join_segments(desk: SegmentDesk, dialog: SegmentDialog) -> None:
    """Views one way, wishes the other."""
    dialog.campaign_chosen.connect(desk.offer)
    dialog.count_requested.connect(desk.count)
    dialog.save_requested.connect(desk.save)
    dialog.remove_requested.connect(desk.remove)
    desk.offered.connect(dialog.show_offer)
    desk.counted.connect(dialog.show_count)
    desk.saved.connect(dialog.show_saved)
    desk.removed.connect(dialog.show_removed)
    desk.refused.connect(dialog.show_trouble)
