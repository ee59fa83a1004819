"""The menu of what a supervisor opens beside the floor: each entry has its window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.compose import ToolPlace
from app.look.theme import Theme
from app.profile import open_profile
from app.tools.openers import open_tool
from dialer_core.store.migration import upgrade
from supervisor_ui.tools import TOOLS
from supervisor_ui.topbar import TopBar

KEYS = [tool.key for _, tools in TOOLS for tool in tools]


@pytest.mark.parametrize("key", KEYS)
def test_each_entry_opens_a_window_that_closes_in_order(
    key: str, theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    profile = open_profile(tmp_path / "home")
    upgrade(profile.database_path)
    parent = QWidget()
    qtbot.addWidget(parent)
    open_tool(key, ToolPlace(profile, theme, parent))
    (dialog,) = parent.findChildren(QDialog)
    assert dialog.isVisible()
    assert dialog.windowTitle()
    dialog.close()
    qtbot.waitUntil(lambda: not parent.findChildren(QDialog))


def test_an_unknown_entry_is_a_bug(theme: Theme, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no window for"):
        open_tool("nothing", ToolPlace(open_profile(tmp_path), theme, QWidget()))


def test_the_bar_asks_for_what_was_chosen(theme: Theme, qtbot: QtBot) -> None:
    bar = TopBar(theme)
    qtbot.addWidget(bar)
    assert not bar.tools_button.isEnabled()
    asked: list[str] = []
    bar.tool_requested.connect(asked.append)
    for action in bar.tools_menu().actions():
        if action.data():
            action.trigger()
    assert asked == KEYS
