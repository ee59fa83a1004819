"""Keys act outside text fields and, with Alt, inside them; what cannot be done now does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from agent_ui.window import AgentWindow
from app.desk.views import AgentView
from tests.agent_ui.conftest import Hand

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

Views = Callable[[str], AgentView]
ALT = Qt.KeyboardModifier.AltModifier


def press(
    window: AgentWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """As the system would: to what has the focus."""
    QTest.keyClick(window.focusWidget() or window, key, modifier)


@pytest.fixture
def chosen(window: AgentWindow) -> list[tuple[str, str, str]]:
    seen: list[tuple[str, str, str]] = []
    window.outcome_chosen.connect(lambda *what: seen.append(what))
    return seen


def test_outcome_by_its_key(
    window: AgentWindow, view_of: Views, chosen: list[tuple[str, str, str]]
) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    press(window, Qt.Key.Key_9)
    assert chosen == [("a-4711", "DNC_REQUEST", "Wants the offer by letter.")]


def test_outcome_by_the_number_pad(
    window: AgentWindow, view_of: Views, chosen: list[tuple[str, str, str]]
) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    press(window, Qt.Key.Key_2, Qt.KeyboardModifier.KeypadModifier)
    assert [code for _, code, _ in chosen] == ["CALL_BACK"]


def test_digits_in_the_note_are_text(
    window: AgentWindow, view_of: Views, chosen: list[tuple[str, str, str]]
) -> None:
    window.show_view(replace(view_of("wrap-up"), note=""))
    window.show()
    press(window, Qt.Key.Key_N)
    note = window.desk.outcomes.note
    assert window.focusWidget() is note
    QTest.keyClicks(note, "ring 9 times, S M")
    assert note.toPlainText() == "ring 9 times, S M"
    assert chosen == []


def test_alt_and_a_digit_act_in_the_note(
    window: AgentWindow, view_of: Views, chosen: list[tuple[str, str, str]]
) -> None:
    window.show_view(replace(view_of("wrap-up"), note=""))
    window.show()
    press(window, Qt.Key.Key_N)
    QTest.keyClicks(window.desk.outcomes.note, "by letter")
    press(window, Qt.Key.Key_1, ALT)
    assert chosen == [("a-4711", "SUCCESS", "by letter")]
    assert window.desk.outcomes.note.toPlainText() == "by letter"


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_enter_and_escape_leave_the_note(
    window: AgentWindow, view_of: Views, chosen: list[tuple[str, str, str]], key: Qt.Key
) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    press(window, Qt.Key.Key_N)
    press(window, key)
    assert window.focusWidget() is window.desk
    press(window, Qt.Key.Key_3)
    assert [code for _, code, _ in chosen] == ["REFUSED_NOT_INTERESTED"]


def test_an_outcome_is_chosen_once(
    window: AgentWindow, view_of: Views, chosen: list[tuple[str, str, str]]
) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    press(window, Qt.Key.Key_1)
    press(window, Qt.Key.Key_2)
    window.show_view(replace(view_of("wrap-up"), skips_used=2))  # another change arrives
    press(window, Qt.Key.Key_3)
    assert [code for _, code, _ in chosen] == ["SUCCESS"]


def test_an_outcome_that_was_not_taken_up_can_be_chosen_again(
    window: AgentWindow, view_of: Views, chosen: list[tuple[str, str, str]], clock: Hand
) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    press(window, Qt.Key.Key_1)
    clock.now += 5
    window.tick()
    press(window, Qt.Key.Key_1)
    assert [code for _, code, _ in chosen] == ["SUCCESS", "SUCCESS"]


@pytest.mark.parametrize(
    "state", ["preview", "ringing", "connecting", "available", "wrap-up-saved"]
)
def test_no_outcome_where_none_can_be_chosen(
    window: AgentWindow, view_of: Views, chosen: list[tuple[str, str, str]], state: str
) -> None:
    window.show_view(view_of(state))
    window.show()
    for key in (Qt.Key.Key_1, Qt.Key.Key_9, Qt.Key.Key_0, Qt.Key.Key_8):
        press(window, key)
    assert chosen == []
    assert not any(button.isEnabled() for button in window.desk.outcomes.buttons.values())
    assert all(button.toolTip() for button in window.desk.outcomes.buttons.values())


def test_an_outcome_in_the_call_says_that_it_ends_it(
    window: AgentWindow, view_of: Views, chosen: list[tuple[str, str, str]]
) -> None:
    window.show_view(view_of("talking"))
    window.show()
    assert "ends the call" in window.desk.outcomes.words.full_text
    press(window, Qt.Key.Key_1)
    assert [code for _, code, _ in chosen] == ["SUCCESS"]


def test_preview_keys(window: AgentWindow, view_of: Views, qtbot: QtBot) -> None:
    window.show_view(view_of("preview"))
    window.show()
    with qtbot.waitSignal(window.dial_requested) as dialled:
        press(window, Qt.Key.Key_Return)
    assert dialled.args == [4711]
    with qtbot.waitSignal(window.skip_requested) as skipped:
        press(window, Qt.Key.Key_S)
    assert skipped.args == [4711]


def test_no_skip_is_left(window: AgentWindow, view_of: Views, qtbot: QtBot) -> None:
    window.show_view(view_of("preview-no-skips"))
    window.show()
    with qtbot.assertNotEmitted(window.skip_requested):
        press(window, Qt.Key.Key_S)
    assert "used up" in window.desk.card.skip_button.toolTip()


def test_enter_and_s_do_nothing_outside_a_preview(
    window: AgentWindow, view_of: Views, qtbot: QtBot
) -> None:
    window.show_view(view_of("talking"))
    window.show()
    with (
        qtbot.assertNotEmitted(window.dial_requested),
        qtbot.assertNotEmitted(window.skip_requested),
    ):
        press(window, Qt.Key.Key_Return)
        press(window, Qt.Key.Key_S)


def test_call_keys(window: AgentWindow, view_of: Views, qtbot: QtBot) -> None:
    window.show_view(view_of("talking"))
    window.show()
    with qtbot.waitSignal(window.mute_requested) as muted:
        press(window, Qt.Key.Key_M)
    assert muted.args == [True]
    assert window.desk.calls.mute_button.text() == "Mute"  # not before the bridge says so
    window.show_view(view_of("talking-muted"))
    assert window.desk.calls.mute_button.text() == "Unmute"
    with qtbot.waitSignal(window.mute_requested) as unmuted:
        press(window, Qt.Key.Key_M)
    assert unmuted.args == [False]
    with qtbot.waitSignal(window.hang_up_requested):
        press(window, Qt.Key.Key_F8)


def test_function_keys_act_in_the_note(window: AgentWindow, view_of: Views, qtbot: QtBot) -> None:
    window.show_view(view_of("talking"))
    window.show()
    press(window, Qt.Key.Key_N)
    with qtbot.waitSignal(window.hang_up_requested):
        press(window, Qt.Key.Key_F8)


def test_pause_asks_for_a_reason(window: AgentWindow, view_of: Views, qtbot: QtBot) -> None:
    window.show_view(view_of("available"))
    window.show()
    press(window, Qt.Key.Key_F9)
    assert window.pause_choice.isVisible()
    with qtbot.waitSignal(window.pause_requested) as paused:
        press(window, Qt.Key.Key_2)
    assert paused.args == ["Lunch", None]
    assert not window.pause_choice.isVisible()
    assert window.focusWidget() is window.desk


def test_pause_choice_can_be_left(window: AgentWindow, view_of: Views, qtbot: QtBot) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    with qtbot.assertNotEmitted(window.pause_requested):
        for key in (Qt.Key.Key_Escape, Qt.Key.Key_F9):
            press(window, Qt.Key.Key_F9)
            press(window, key)
            assert not window.pause_choice.isVisible()
        press(window, Qt.Key.Key_F9)
        QTest.mouseClick(window.desk.script, Qt.MouseButton.LeftButton)
        assert not window.pause_choice.isVisible()


def test_open_pause_choice_keeps_the_digits(
    window: AgentWindow, view_of: Views, chosen: list[tuple[str, str, str]], qtbot: QtBot
) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    press(window, Qt.Key.Key_F9)
    press(window, Qt.Key.Key_7)
    press(window, Qt.Key.Key_M)
    with qtbot.waitSignal(window.pause_requested):
        press(window, Qt.Key.Key_1)
    assert chosen == []


def test_reasons_can_be_walked_through(window: AgentWindow, view_of: Views, qtbot: QtBot) -> None:
    window.show_view(view_of("available"))
    window.show()
    press(window, Qt.Key.Key_F9)
    press(window, Qt.Key.Key_Down)
    assert window.focusWidget() is window.pause_choice.buttons["Break"]
    press(window, Qt.Key.Key_Down)
    with qtbot.waitSignal(window.pause_requested) as paused:
        press(window, Qt.Key.Key_Return)
    assert paused.args == ["Lunch", None]


@pytest.mark.parametrize("state", ["paused", "talking-pause-due"])
def test_f9_takes_a_pause_back(
    window: AgentWindow, view_of: Views, qtbot: QtBot, state: str
) -> None:
    window.show_view(view_of(state))
    window.show()
    with qtbot.waitSignal(window.available_requested):
        press(window, Qt.Key.Key_F9)


def test_log_out_only_from_a_pause(window: AgentWindow, view_of: Views, qtbot: QtBot) -> None:
    button = window.desk.bar.log_out_button
    window.show_view(view_of("available"))
    window.show()
    with qtbot.assertNotEmitted(window.log_out_requested):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "pause first" in button.toolTip()
    window.show_view(view_of("paused"))
    with qtbot.waitSignal(window.log_out_requested):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_space_presses_nothing_when_a_button_goes_out(
    window: AgentWindow, view_of: Views, qtbot: QtBot
) -> None:
    window.show_view(view_of("preview"))
    window.show()
    window.desk.card.dial_button.setFocus(Qt.FocusReason.TabFocusReason)
    window.show_view(view_of("available"))
    assert window.focusWidget() is window.desk
    with qtbot.assertNotEmitted(window.pause_requested):
        press(window, Qt.Key.Key_Space)
    assert not window.pause_choice.isVisible()


def test_tab_goes_round_in_the_order_of_work(window: AgentWindow, view_of: Views) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    seen = []
    for _ in range(20):
        press(window, Qt.Key.Key_Tab)
        seen.append(window.focusWidget())
    outcomes = list(window.desk.outcomes.buttons.values())
    first = seen.index(outcomes[0])
    assert seen[first : first + len(outcomes)] == outcomes
    assert seen[first + len(outcomes)] is window.desk.outcomes.note
    assert window.desk.bar.pause_button in seen


def test_keys_mean_nothing_on_the_login_page(window: AgentWindow, qtbot: QtBot) -> None:
    window.show()
    with qtbot.assertNotEmitted(window.available_requested):
        QTest.keyClick(window, Qt.Key.Key_F9)
    assert not window.pause_choice.isVisible()
