"""The login page of a window whose floor is not there yet: why, that it goes on, the way out."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from agent_ui.window import AgentWindow
from app.desk.views import LoginView

pytestmark = pytest.mark.qt
WHY = "The floor's database cannot be reached; see that the supervisor's computer is on."


def test_it_says_what_it_waits_for_and_comes_in_by_itself(
    window: AgentWindow, qtbot: QtBot
) -> None:
    page = window.login_page
    window.show()
    window.show_login(LoginView(seat_name="Seat 3", is_busy=True, progress="Opening the floor …"))
    assert not page.leave_button.isVisible()
    window.show_login(LoginView(seat_name="Seat 3", error=WHY))
    assert page.message.text() == WHY
    assert page.waiting.isVisible()
    assert "every second" in page.waiting.text()
    with qtbot.waitSignal(window.checkup_requested):
        page.checkup_button.click()
    window.show_login(LoginView(agents=("Anna",), seat_name="Seat 3"))
    assert not page.waiting.isVisible()
    assert not page.leave_button.isVisible()
    assert page.agent.isEnabled()


def test_who_waits_no_longer_closes_the_window(window: AgentWindow) -> None:
    window.show()
    window.show_login(LoginView(error=WHY))
    window.login_page.leave_button.click()
    assert not window.isVisible()


def test_a_wrong_password_is_no_waiting(window: AgentWindow) -> None:
    window.show()
    window.show_login(LoginView(agents=("Anna",), error="The password is not right."))
    assert not window.login_page.waiting.isVisible()
    assert window.login_page.checkup_button.isVisible()
