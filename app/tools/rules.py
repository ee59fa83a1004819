"""The rules' window, joined to the thread that reads and writes for it."""

from __future__ import annotations

import getpass

from PySide6.QtCore import Qt

from app.compose import ToolPlace
from app.desk.rules_desk import RulesDesk
from app.lists.rules_work import RulesOf
from supervisor_ui.rules_dialog import RulesDialog


def open_window(place: ToolPlace) -> None:
    """Show the rules of the floor's campaign."""
    desk = RulesDesk(RulesOf(place.profile, f"supervisor ({getpass.getuser()})"))
    dialog = RulesDialog(place.theme, place.window)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_rules(desk, dialog)
    desk.failed.connect(place.show_crash(dialog))
    dialog.finished.connect(desk.stop)
    dialog.open()
    desk.show(None if place.campaign_id is None else int(place.campaign_id))


def join_rules(desk: RulesDesk, dialog: RulesDialog) -> None:
    """Views one way, wishes the other."""
    dialog.campaign_requested.connect(desk.show)
    dialog.tighten_requested.connect(desk.tighten)
    desk.shown.connect(dialog.show_view)
    desk.said.connect(dialog.show_said)
    desk.refused.connect(dialog.show_trouble)
