"""The settings of this PC: what is chosen is told, and the dialog closes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.look.theme import make_theme
from supervisor_ui.settings_dialog import CHOICES, SettingsDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.mark.parametrize("choice", [choice for choice, _ in CHOICES])
def test_a_choice_is_told_and_closes_the_dialog(qtbot: QtBot, choice: str) -> None:
    chosen: list[str] = []
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = SettingsDialog(make_theme("light", "Inter"), "system", chosen.append, parent)
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.mouseClick(dialog.buttons[choice], Qt.MouseButton.LeftButton)
    assert chosen == [choice]
    assert not dialog.isVisible()
