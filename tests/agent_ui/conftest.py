"""A window with a clock moved by hand, shown offscreen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agent_ui.gallery_states import NOW_UTC_S, states
from agent_ui.window import AgentWindow
from app.desk.views import AgentView, LoginView
from app.look.theme import Theme, apply_theme


class Hand:
    """A clock moved by hand, beginning at the gallery's moment."""

    def __init__(self) -> None:
        self.now = NOW_UTC_S

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return apply_theme(qapp, "light", is_motion_reduced=True)


@pytest.fixture
def window(theme: Theme, clock: Hand, qtbot: QtBot) -> AgentWindow:
    """Built, not yet shown."""
    made = AgentWindow(clock, theme)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def view_of() -> Callable[[str], AgentView]:
    """The gallery's view of that name."""

    def find(name: str) -> AgentView:
        view = dict(states())[name]
        assert isinstance(view, AgentView)
        return view

    return find


@pytest.fixture
def login_of() -> Callable[[str], LoginView]:
    """The gallery's login view of that name."""

    def find(name: str) -> LoginView:
        view = dict(states())[name]
        assert isinstance(view, LoginView)
        return view

    return find
