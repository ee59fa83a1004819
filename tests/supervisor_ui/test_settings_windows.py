"""The settings over the live floor, and the windows that they open in turn."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app import clock as clocks
from app.clock import WallClock
from app.desk.supervisor import SupervisorDesk
from app.look.theme import Theme
from app.phone_link import PhoneLink
from app.profile import open_profile
from app.settings_windows import open_settings
from dialer_core.store.migration import upgrade
from dialer_core.store.watch import WatchStore
from supervisor_ui.settings_dialog import SettingsDialog
from supervisor_ui.telephone_dialog import TelephoneDialog
from supervisor_ui.window import SupervisorWindow


def test_settings_open_and_lead_to_the_telephone(
    theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    profile = open_profile(tmp_path / "home")
    upgrade(profile.database_path)
    window = SupervisorWindow(clocks.utc_s, theme)
    qtbot.addWidget(window)
    desk = SupervisorDesk(
        lambda: WatchStore(profile.database_path),
        lambda deliver: PhoneLink(profile, "supervisor", deliver),
        WallClock(),
    )
    open_settings(profile, theme, window, desk)
    (dialog,) = window.findChildren(SettingsDialog)
    assert dialog.isVisible()
    dialog.telephone_requested.emit()
    (telephone,) = dialog.findChildren(TelephoneDialog)
    assert telephone.isVisible()
    for open_one in (telephone, dialog):
        open_one.close()
    qtbot.waitUntil(lambda: not window.findChildren(QDialog))
