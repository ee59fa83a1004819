"""What the tests of the supervisor's window share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk.views import SupervisorView
from app.look.theme import Theme, apply_theme
from supervisor_ui.gallery_states import NOW_UTC_S
from supervisor_ui.window import SupervisorWindow


class HandClock:
    """UTC seconds that move only when they are told to."""

    def __init__(self) -> None:
        self.now_s = NOW_UTC_S

    def __call__(self) -> float:
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def hand_clock() -> HandClock:
    return HandClock()


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return apply_theme(qapp, "light", is_motion_reduced=True)


@pytest.fixture
def show_window(
    qtbot: QtBot, hand_clock: HandClock, theme: Theme
) -> Callable[[SupervisorView | None], SupervisorWindow]:
    """Show a window of 1366x768 with a view, or waiting."""

    def show(view: SupervisorView | None) -> SupervisorWindow:
        window = SupervisorWindow(hand_clock, theme)
        qtbot.addWidget(window)
        if view is None:
            window.show_waiting("Opening the floor's database …")
        else:
            window.show_view(view)
        window.show()
        return window

    return show
