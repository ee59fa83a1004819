"""The window in which detected machines are listened to, joined to the thread that works for it."""

from __future__ import annotations

import getpass
import secrets

from PySide6.QtCore import Qt

from app.clock import WallClock
from app.compose import ToolPlace
from app.desk.review_desk import ReviewDesk
from app.floor_place import floor_place
from supervisor_ui.review_dialog import ReviewDialog

SEED_BITS = 32


def open_window(place: ToolPlace) -> None:
    """Show a sample of a campaign's machines, and hear one after the other."""
    who = f"supervisor ({getpass.getuser()})"
    desk = ReviewDesk(
        floor_place(place.profile), WallClock(), who, lambda: secrets.randbits(SEED_BITS)
    )
    dialog = ReviewDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_reviews(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.show()


def join_reviews(desk: ReviewDesk, dialog: ReviewDialog) -> None:
    """Views one way, wishes the other."""
    dialog.sample_requested.connect(desk.show)
    dialog.play_requested.connect(desk.play)
    dialog.silence_requested.connect(desk.be_silent)
    dialog.note_requested.connect(desk.note)
    desk.sampled.connect(dialog.show_sample)
    desk.noted.connect(dialog.show_noted)
    desk.playing.connect(dialog.show_playing)
    desk.silent.connect(dialog.show_silent)
    desk.refused.connect(dialog.show_trouble)
