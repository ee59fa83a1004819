"""Views in, intentions out; a record is reported once, when it was really drawn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agent_ui.script_panel import page_html
from agent_ui.window import AgentWindow
from app.desk.views import AgentView, LoginView, ScriptPage
from tests.agent_ui.conftest import Hand

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

Views = Callable[[str], AgentView]
Logins = Callable[[str], LoginView]


@pytest.fixture
def painted(window: AgentWindow) -> list[tuple[int, str]]:
    seen: list[tuple[int, str]] = []
    window.record_painted.connect(lambda *what: seen.append(what))
    return seen


def settle(qapp: QApplication) -> None:
    for _ in range(5):
        qapp.processEvents()


def test_first_paint_reports_the_record(
    window: AgentWindow, view_of: Views, painted: list[tuple[int, str]], qtbot: QtBot
) -> None:
    window.show_view(view_of("talking"))
    window.show()
    qtbot.waitUntil(lambda: painted == [(4711, "a-4711")])


def test_record_on_a_shown_window_is_reported_once(
    window: AgentWindow,
    view_of: Views,
    painted: list[tuple[int, str]],
    qtbot: QtBot,
    qapp: QApplication,
    clock: Hand,
) -> None:
    window.show_view(view_of("available"))
    window.show()
    settle(qapp)
    assert painted == []
    view = view_of("talking")
    window.show_view(view)
    assert painted == []  # asked for, not yet drawn
    qtbot.waitUntil(lambda: painted == [(4711, "a-4711")])
    for second in range(3):
        clock.now += second
        window.show_view(replace(view, skips_used=second))
        window.update()
        settle(qapp)
    assert painted == [(4711, "a-4711")]


def test_the_next_attempt_is_new_even_for_the_same_name(
    window: AgentWindow, view_of: Views, painted: list[tuple[int, str]], qtbot: QtBot
) -> None:
    view = view_of("talking")
    assert view.record is not None
    window.show_view(view)
    window.show()
    qtbot.waitUntil(lambda: len(painted) == 1)
    window.show_view(replace(view, record=replace(view.record, attempt_id="a-2")))
    qtbot.waitUntil(lambda: painted == [(4711, "a-4711"), (4711, "a-2")])


def test_a_preview_that_is_dialled_is_no_new_record(
    window: AgentWindow,
    view_of: Views,
    painted: list[tuple[int, str]],
    qtbot: QtBot,
    qapp: QApplication,
) -> None:
    window.show_view(view_of("preview"))
    window.show()
    qtbot.waitUntil(lambda: painted == [(4711, "")])
    window.show_view(view_of("ringing"))
    settle(qapp)
    assert painted == [(4711, "")]
    window.show_view(view_of("available"))
    window.show_view(view_of("preview"))
    qtbot.waitUntil(lambda: painted == [(4711, ""), (4711, "")])


def test_hidden_window_reports_nothing(
    window: AgentWindow, view_of: Views, painted: list[tuple[int, str]], qapp: QApplication
) -> None:
    window.show_view(view_of("talking"))
    settle(qapp)
    window.grab()  # draws, but not on a screen
    settle(qapp)
    assert painted == []


def test_record_that_came_while_hidden_is_reported_when_shown(
    window: AgentWindow,
    view_of: Views,
    painted: list[tuple[int, str]],
    qtbot: QtBot,
    qapp: QApplication,
) -> None:
    window.show_view(view_of("available"))
    window.show()
    settle(qapp)
    window.hide()
    window.show_view(view_of("talking"))
    settle(qapp)
    assert painted == []
    window.show()
    qtbot.waitUntil(lambda: painted == [(4711, "a-4711")])


def test_stays_on_top_only_while_somebody_is_there(window: AgentWindow, view_of: Views) -> None:
    window.show_view(view_of("available"))
    window.show()
    handle = window.windowHandle()
    assert handle is not None

    def is_on_top() -> bool:
        return bool(handle.flags() & Qt.WindowType.WindowStaysOnTopHint)

    assert not is_on_top()
    for state, expected in (
        ("preview", True),
        ("ringing", True),
        ("talking", True),
        ("wrap-up", False),
        ("connecting", True),
        ("paused", False),
    ):
        window.show_view(view_of(state))
        assert is_on_top() is expected, state
        assert window.windowHandle() is handle  # never re-created: that would blink
    assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)


def test_log_in(window: AgentWindow, login_of: Logins, qtbot: QtBot) -> None:
    window.show_login(login_of("login"))
    window.show()
    page = window.login_page
    QTest.keyClick(page.agent, Qt.Key.Key_Down)
    QTest.keyClicks(page.password, "open sesame")
    with qtbot.waitSignal(window.log_in_requested) as asked:
        QTest.keyClick(page.password, Qt.Key.Key_Return)
    assert asked.args == ["Ben O.", "open sesame", False]


def test_log_in_as_relief_by_keyboard(window: AgentWindow, login_of: Logins, qtbot: QtBot) -> None:
    window.show_login(login_of("login"))
    window.show()
    page = window.login_page
    page.password.setFocus()
    QTest.keyClick(page.password, Qt.Key.Key_Tab)
    assert window.focusWidget() is page.relief
    QTest.keyClick(page.relief, Qt.Key.Key_Space)
    QTest.keyClick(page.relief, Qt.Key.Key_Tab)
    with qtbot.waitSignal(window.log_in_requested) as asked:
        QTest.keyClick(page.log_in_button, Qt.Key.Key_Return)
    assert asked.args == ["Anna K.", "", True]
    window.show_login(replace(login_of("login"), error="The password is not right."))
    assert page.relief.isChecked(), "the same agent tries again"
    QTest.keyClick(page.agent, Qt.Key.Key_Down)
    assert not page.relief.isChecked(), "another one decides anew"


def test_login_is_asked_for_once_while_busy(
    window: AgentWindow, login_of: Logins, qtbot: QtBot
) -> None:
    window.show_login(login_of("login-busy"))
    window.show()
    assert "Starting the phone" in window.login_page.message.text()
    with qtbot.assertNotEmitted(window.log_in_requested):
        QTest.mouseClick(window.login_page.log_in_button, Qt.MouseButton.LeftButton)
        QTest.keyClick(window.login_page, Qt.Key.Key_Return)


def test_login_error_empties_the_password_only(
    window: AgentWindow, login_of: Logins, qtbot: QtBot
) -> None:
    view = login_of("login")
    window.show_login(view)
    window.show()
    window.login_page.agent.setCurrentText("Ben O.")
    window.login_page.password.setText("wrong")
    window.show_login(replace(view, error="The password is not right."))
    assert window.login_page.password.text() == ""
    assert window.login_page.agent.currentText() == "Ben O."
    assert window.login_page.message.text() == "The password is not right."


def test_nobody_to_log_in_says_what_to_do(window: AgentWindow, login_of: Logins) -> None:
    window.show_login(login_of("login-nobody"))
    assert "supervisor" in window.login_page.message.text()
    assert not window.login_page.log_in_button.isEnabled()


def test_log_out_shows_the_login_page_again(
    window: AgentWindow, view_of: Views, login_of: Logins
) -> None:
    window.show_view(view_of("paused"))
    assert window.pages.currentWidget() is window.desk
    window.show_login(login_of("login"))
    assert window.pages.currentWidget() is window.login_page
    assert window.view is None


def test_note_is_told_after_a_moment_and_before_the_next_record(
    window: AgentWindow, view_of: Views, qtbot: QtBot
) -> None:
    seen: list[tuple[str, str]] = []
    window.note_changed.connect(lambda *what: seen.append(what))
    view = view_of("talking")
    assert view.record is not None
    window.show_view(view)
    window.show()
    note = window.desk.outcomes.note
    QTest.keyClicks(note, "by letter")
    assert seen == []
    qtbot.waitUntil(lambda: seen == [("a-4711", "by letter")])
    QTest.keyClicks(note, ", please")
    window.show_view(replace(view, record=replace(view.record, attempt_id="a-2")))
    assert seen[-1] == ("a-4711", "by letter, please")
    assert note.toPlainText() == ""


def test_note_comes_back_with_a_restarted_window(window: AgentWindow, view_of: Views) -> None:
    window.show_view(replace(view_of("talking"), note="by letter"))
    assert window.desk.outcomes.note.toPlainText() == "by letter"


def test_what_is_written_is_not_taken_back_by_a_view(window: AgentWindow, view_of: Views) -> None:
    window.show_view(view_of("talking"))
    window.show()
    QTest.keyClicks(window.desk.outcomes.note, "by let")
    window.show_view(replace(view_of("talking"), note="by"))
    assert window.desk.outcomes.note.toPlainText() == "by let"


def test_note_has_an_end(window: AgentWindow, view_of: Views) -> None:
    window.show_view(view_of("talking"))
    window.desk.outcomes.note.setPlainText("x" * 5000)
    assert len(window.desk.outcomes.note.toPlainText()) == 2000


def test_wrap_up_bar_fills_and_turns_urgent(
    window: AgentWindow, view_of: Views, clock: Hand
) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    panel, card = window.desk.outcomes, window.desk.card
    assert panel.edge_share == pytest.approx(22 / 60, abs=0.001)
    assert card.headline.full_text == "Choose the outcome"
    clock.now += 39
    window.tick()
    assert panel.edge_share == 1.0
    assert card.headline.full_text == "Choose the outcome now"
    assert card.ring.figure == "+1"
    assert all(button.isEnabled() for button in panel.buttons.values())


def test_countdown_runs_by_the_clock(window: AgentWindow, view_of: Views, clock: Hand) -> None:
    window.show_view(view_of("preview"))
    window.show()
    assert window.desk.card.ring.figure == "10"
    clock.now += 5
    window.tick()
    assert window.desk.card.ring.figure == "5"
    assert window.desk.bar.timer.text() == "00:08"


def test_sound_and_mute_are_in_the_bar(window: AgentWindow, view_of: Views) -> None:
    bar = window.desk.bar
    window.show_view(view_of("talking"))
    assert bar.sound.full_text == "Jabra Evolve2"
    window.show_view(view_of("talking-muted"))
    assert bar.sound.full_text == "Muted"
    window.show_view(view_of("no-sound"))
    assert bar.sound.full_text == "No sound device"
    assert window.desk.notices.notices[0].startswith("No headset")


def test_objection_shows_its_answer(window: AgentWindow, view_of: Views) -> None:
    window.show_view(view_of("talking"))
    window.show()
    panel = window.desk.script
    button = panel.objection_buttons[0]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.answer.isVisible()
    assert "four pounds less" in panel.answer.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not panel.answer.isVisible()


def test_script_is_text_not_markup() -> None:
    html = page_html(ScriptPage("Say <b>R&D</b> to Bo <x>"), "Bo <x>", 20)
    assert "&lt;b&gt;R&amp;D&lt;/b&gt;" in html
    assert 'font-weight:600">Bo &lt;x&gt;</span>' in html


def test_window_needs_neither_plots_nor_database() -> None:
    code = (
        "import sys, agent_ui.window, agent_ui.robot\n"
        "print(sorted({'pyqtgraph', 'sqlalchemy', 'numpy', 'pjsua2'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
