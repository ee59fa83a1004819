"""The windows of a person's data and of retention, joined to their threads."""

from __future__ import annotations

import getpass

from PySide6.QtCore import Qt

from app.compose import ToolPlace
from app.desk.privacy_desk import PersonDesk, RetentionDesk
from app.lists.person_work import PersonOf, RetentionOf
from supervisor_ui.privacy_dialog import PersonDialog
from supervisor_ui.privacy_retention import RetentionDialog


def open_window(place: ToolPlace) -> None:
    """Find a person, hand over, erase."""
    desk = PersonDesk(PersonOf(place.profile, _who()))
    dialog = PersonDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_person(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.offer()


def open_retention(place: ToolPlace) -> None:
    """What is kept, and how long."""
    desk = RetentionDesk(RetentionOf(place.profile, _who()))
    dialog = RetentionDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_retention(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.list()


def join_person(desk: PersonDesk, dialog: PersonDialog) -> None:
    """Views one way, wishes the other."""
    dialog.find_requested.connect(desk.find)
    dialog.export_requested.connect(desk.export)
    dialog.erase_requested.connect(desk.erase)
    dialog.save_requested.connect(desk.save_receipt)
    desk.offered.connect(dialog.offer)
    desk.found.connect(dialog.show_person)
    desk.said.connect(dialog.show_said)
    desk.erased.connect(dialog.show_receipt)
    desk.refused.connect(dialog.show_trouble)


def join_retention(desk: RetentionDesk, dialog: RetentionDialog) -> None:
    """Views one way, wishes the other."""
    dialog.wish_requested.connect(desk.wish)
    dialog.purge_requested.connect(desk.purge)
    desk.listed.connect(dialog.show_view)
    desk.said.connect(dialog.show_said)
    desk.refused.connect(dialog.show_trouble)


def _who() -> str:
    return f"supervisor ({getpass.getuser()})"
