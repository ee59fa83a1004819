"""The window "why is this person not being called?", joined to the thread that reads for it."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.clock import WallClock
from app.compose import ToolPlace
from app.desk.why_desk import WhyDesk
from app.floor_place import floor_place
from supervisor_ui.why_dialog import WhyDialog


def open_window(place: ToolPlace, contact_id: int | None = None) -> None:
    """Show the search, or at once the answer for a record."""
    desk = WhyDesk(floor_place(place.profile), WallClock())
    dialog = WhyDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_why(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    dialog.query.setFocus()
    if contact_id is not None:
        dialog.show_person(contact_id)


def join_why(desk: WhyDesk, dialog: WhyDialog) -> None:
    """Views one way, wishes the other."""
    dialog.search_requested.connect(desk.search)
    dialog.ask_requested.connect(desk.ask)
    desk.found.connect(dialog.show_found)
    desk.answered.connect(dialog.show_answer)
    desk.refused.connect(dialog.show_trouble)
