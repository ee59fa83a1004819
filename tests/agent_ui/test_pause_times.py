"""Pauses for later, breaks that are held, relief seats: what is asked and what is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from agent_ui.gallery_states import NOW_UTC_S
from agent_ui.pause_choice import SOON_S, STEP_S, STEPS, quarters
from agent_ui.window import AgentWindow
from agent_ui.words import clock_words
from app.desk.views import AgentView, SeatState
from tests.agent_ui.conftest import Hand

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

Views = Callable[[str], AgentView]


def press(window: AgentWindow, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(window.focusWidget() or window, key)


@pytest.mark.parametrize(("steps", "wait_s"), [(0, None), (1, SOON_S)])
def test_now_or_soon(
    window: AgentWindow, view_of: Views, qtbot: QtBot, steps: int, wait_s: float | None
) -> None:
    window.show_view(view_of("talking"))
    window.show()
    press(window, Qt.Key.Key_F9, *[Qt.Key.Key_Right] * steps)
    with qtbot.waitSignal(window.pause_requested) as asked:
        press(window, Qt.Key.Key_1)
    assert asked.args == ["Break", None if wait_s is None else NOW_UTC_S + wait_s]


def test_a_quarter_of_an_hour_by_arrows_or_presses(
    window: AgentWindow, view_of: Views, qtbot: QtBot
) -> None:
    window.show_view(view_of("available"))
    window.show()
    choice = window.pause_choice
    press(window, Qt.Key.Key_F9, *[Qt.Key.Key_Right] * 3)
    wanted = quarters(NOW_UTC_S)[1]
    assert choice.when_buttons[2].text() == f"At {clock_words(wanted)}"
    QTest.mouseClick(choice.when_buttons[2], Qt.MouseButton.LeftButton)
    press(window, Qt.Key.Key_Left)
    with qtbot.waitSignal(window.pause_requested) as asked:
        press(window, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert asked.args == ["Break", wanted]


def test_arrows_go_on_from_a_reason_that_has_the_focus(
    window: AgentWindow, view_of: Views, qtbot: QtBot
) -> None:
    window.show_view(view_of("available"))
    window.show()
    press(window, Qt.Key.Key_F9, Qt.Key.Key_Down, Qt.Key.Key_Right)
    assert window.focusWidget() is window.pause_choice.buttons["Break"]
    with qtbot.waitSignal(window.pause_requested) as asked:
        press(window, Qt.Key.Key_Return)
    assert asked.args == ["Break", NOW_UTC_S + SOON_S]


def test_the_choice_has_two_ends_and_begins_anew(
    window: AgentWindow, view_of: Views, qtbot: QtBot
) -> None:
    window.show_view(view_of("available"))
    window.show()
    press(window, Qt.Key.Key_F9, *[Qt.Key.Key_Right] * 40)
    moments = [window.pause_choice.at_utc_s]
    press(window, *[Qt.Key.Key_Left] * 60)
    moments.append(window.pause_choice.at_utc_s)
    assert moments == [quarters(NOW_UTC_S)[-1], None]
    press(window, Qt.Key.Key_Right, Qt.Key.Key_Escape, Qt.Key.Key_F9)
    with qtbot.waitSignal(window.pause_requested) as asked:
        press(window, Qt.Key.Key_2)
    assert asked.args == ["Lunch", None]


@pytest.mark.parametrize("second", [0, 1, 839, 840, 899])
def test_quarters_are_quarters_and_never_at_once(second: int) -> None:
    found = quarters(1_780_664_400.0 + second)
    assert len(found) == STEPS
    assert all(moment % STEP_S == 0 for moment in found)
    assert 60 <= found[0] - (1_780_664_400.0 + second) <= STEP_S + 60


@pytest.mark.parametrize(
    ("state", "word"),
    [("available", "Now"), ("talking", "After this call"), ("wrap-up", "After this call")],
)
def test_the_first_choice_says_what_now_means(
    window: AgentWindow, view_of: Views, state: str, word: str
) -> None:
    window.show_view(view_of(state))
    window.show()
    press(window, Qt.Key.Key_F9)
    assert window.pause_choice.when_buttons[0].text() == word


def test_an_announced_pause_is_said_and_can_be_taken_back(
    window: AgentWindow, view_of: Views, qtbot: QtBot
) -> None:
    view = view_of("talking-pause-announced")
    window.show_view(view)
    window.show()
    assert view.pause_due_utc_s is not None
    at = clock_words(view.pause_due_utc_s)
    assert window.desk.bar.then.full_text == f"then: wrap-up · Lunch at {at}"
    with qtbot.waitSignal(window.available_requested):
        press(window, Qt.Key.Key_F9)


def test_a_held_break_says_why_as_soon_as_its_moment_has_come(
    window: AgentWindow, view_of: Views, clock: Hand
) -> None:
    held = view_of("available-break-held")
    window.show_view(replace(held, pause_due_utc_s=clock.now + 5))
    window.show()
    assert "Lunch at" in window.desk.bar.then.full_text
    clock.now += 5
    window.tick()
    assert window.desk.bar.then.full_text == "Lunch follows: a line is ringing for you"
    assert window.desk.card.headline.full_text == "Lunch follows"
    window.show_view(replace(held, state=SeatState.PAUSED, is_pause_due=False, reason="Lunch"))
    assert window.desk.bar.then.full_text == "Lunch"


def test_a_relief_seat_says_when_it_is_called(window: AgentWindow, view_of: Views) -> None:
    window.show_view(view_of("available-relief"))
    assert window.desk.bar.word.text() == "Relief"
    assert window.desk.bar.then.full_text == "when nobody else is free"
    assert window.desk.card.headline.full_text == "On relief"
    window.show_view(replace(view_of("talking"), is_relief=True))
    assert window.desk.bar.word.text() == "Talking"
