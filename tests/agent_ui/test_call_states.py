"""Every state of a call in progress fits: nothing cut, nothing overlapping, in each size."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from agent_ui.call_states import Act, call_states
from agent_ui.gallery_states import NOW_UTC_S, states
from agent_ui.window import AgentWindow
from app.desk.views import AgentView
from app.look.theme import apply_theme
from app.look.widgets import KeyButton
from tests.agent_ui.test_gallery_states import SIZES, inside_window, is_cut, overlap

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

CallState = tuple[str, AgentView, Act]


def shown(qtbot: QtBot, qapp: QApplication, state: CallState, size: str) -> AgentWindow:
    theme = apply_theme(qapp, "light", is_motion_reduced=True)
    window = AgentWindow(lambda: NOW_UTC_S, theme)
    qtbot.addWidget(window)
    window.show_view(state[1])
    window.resize(SIZES[size])
    window.show()
    state[2](window)
    for _ in range(3):
        qapp.processEvents()
    return window


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", call_states(), ids=lambda state: state[0])
def test_a_call_in_progress_fits(
    qtbot: QtBot, qapp: QApplication, state: CallState, size: str
) -> None:
    if size == "compact" and state[0].startswith("devices"):
        return  # a window of its own there
    window = shown(qtbot, qapp, state, size)
    assert window.size() == SIZES[size]
    labels = [label for label in window.findChildren(QLabel) if label.isVisible()]
    assert [label.text() for label in labels if is_cut(label)] == []
    assert [label.text() for label in labels if not inside_window(label, window)] == []
    buttons = [one for one in window.findChildren(KeyButton) if one.isVisible()]
    for button in buttons:
        assert button.height() >= 32, button.text()
        assert inside_window(button, window), button.text()
        assert button.accessibleName(), "a button without a name"
    if state[0].startswith("devices"):
        return  # the dialog lies over the window
    for index, one in enumerate(buttons):
        for other in buttons[index + 1 :]:
            assert not overlap(one, other), (one.text(), other.text())


@pytest.mark.parametrize("state", call_states(), ids=lambda state: state[0])
def test_no_key_is_cut_where_there_is_room(
    qtbot: QtBot, qapp: QApplication, state: CallState
) -> None:
    window = shown(qtbot, qapp, state, "usual")
    cut = [
        one.text() for one in window.findChildren(KeyButton) if one.isVisible() and one.is_elided
    ]
    assert cut == []


def test_names_are_apart_from_the_others_and_fit_a_file() -> None:
    names = [name for name, _, _ in call_states()] + [name for name, _ in states()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z-]+", name) for name in names)
