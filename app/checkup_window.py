"""Opens the window "What is wrong?" over another one, and joins it to its desk."""

from __future__ import annotations

import functools

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from agent_ui.checkup_dialog import CheckupDialog
from app import crash_box
from app.clock import WallClock
from app.desk.checkup.checks import checks_for
from app.desk.checkup.desk import CheckupDesk
from app.look.theme import Theme
from app.profile import Profile
from app.secrets import open_secrets


def open_checkup(profile: Profile, theme: Theme, parent: QWidget) -> CheckupDialog:
    """Begin to look at once; the window behind goes on."""
    secrets = functools.partial(open_secrets, profile.key)
    desk = CheckupDesk(lambda: checks_for(profile, WallClock(), secrets))
    dialog = CheckupDialog(theme, parent)
    desk.setParent(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    join_checkup(desk, dialog)
    desk.failed.connect(crash_box.show_crash(dialog))
    dialog.show()
    desk.begin()
    return dialog


def join_checkup(desk: CheckupDesk, dialog: CheckupDialog) -> None:
    """Views one way, wishes the other."""
    dialog.begin_requested.connect(desk.begin)
    dialog.cancel_requested.connect(desk.cancel)
    dialog.finished.connect(desk.stop)
    desk.changed.connect(dialog.show_view)
