"""The import's window, joined to the thread that reads and writes for it."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.compose import ToolPlace
from app.desk.import_desk import ImportDesk
from app.lists.desk_work import DeskWork
from supervisor_ui.import_dialog import ImportDialog


def open_window(place: ToolPlace) -> None:
    """Show the dialog with the floor's campaigns to choose from."""
    open_import(place)


def open_import(place: ToolPlace) -> ImportDialog:
    """Show the dialog with the floor's campaigns to choose from."""
    desk = ImportDesk(DeskWork(place.profile))
    dialog = ImportDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_import(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.offer()
    return dialog


def join_import(desk: ImportDesk, dialog: ImportDialog) -> None:
    """Views one way, wishes the other."""
    dialog.look_requested.connect(desk.look)
    dialog.import_requested.connect(desk.take_in)
    dialog.cancel_requested.connect(desk.cancel)
    dialog.undo_requested.connect(desk.undo)
    dialog.open_requested.connect(desk.open_file)
    desk.offered.connect(dialog.offer)
    desk.looked.connect(dialog.show_look)
    desk.progressed.connect(dialog.show_share)
    desk.done.connect(dialog.show_done)
    desk.cancelled.connect(dialog.show_cancelled)
    desk.undone.connect(dialog.show_undone)
    desk.refused.connect(dialog.show_trouble)
