"""Script pages by key, and the stages of a call that the window tells, each once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from agent_ui.stages import MOST_TOLD, Stages, is_told
from agent_ui.window import AgentWindow
from app.desk.views import AgentView, ScriptPage, ScriptView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

Views = Callable[[str], AgentView]


@pytest.fixture
def told(window: AgentWindow) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    window.stage_reached.connect(lambda attempt, stage: found.append((attempt, stage)))
    return found


def press(window: AgentWindow, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(window.focusWidget() or window, key)


def test_arrows_turn_the_pages_and_each_is_told_once(
    window: AgentWindow, view_of: Views, told: list[tuple[str, str]]
) -> None:
    window.show_view(view_of("talking"))
    window.show()
    script = window.desk.script
    assert (script.page, script.step.full_text) == (1, "1 of 4 · Greeting")
    press(window, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Right)
    assert (script.page, script.step.full_text) == (3, "3 of 4 · Offer")
    assert "four pounds less" in script.text.text()
    assert script.next_button.text() == "Next: Close"
    press(window, *[Qt.Key.Key_Right] * 3)
    assert script.page == 4
    assert not script.next_button.isEnabled()
    assert told == [("a-4711", "script:2"), ("a-4711", "script:3"), ("a-4711", "script:4")]


def test_objections_are_at_hand_on_every_page(window: AgentWindow, view_of: Views) -> None:
    window.show_view(view_of("talking"))
    window.show()
    before = [button.text() for button in window.desk.script.objection_buttons]
    press(window, Qt.Key.Key_Right)
    assert [button.text() for button in window.desk.script.objection_buttons] == before
    assert window.desk.script.objection_buttons[0].isVisible()


def test_the_next_person_begins_on_the_first_page(window: AgentWindow, view_of: Views) -> None:
    window.show_view(view_of("talking"))
    window.show()
    press(window, Qt.Key.Key_Right)
    window.show_view(replace(view_of("talking"), is_pause_due=True))
    assert window.desk.script.page == 2
    window.show_view(view_of("talking-parked"))
    assert window.desk.script.page == 1


def test_reading_ahead_before_the_call_tells_nothing(
    window: AgentWindow, view_of: Views, told: list[tuple[str, str]]
) -> None:
    window.show_view(view_of("preview"))
    window.show()
    press(window, Qt.Key.Key_Right)
    assert window.desk.script.page == 2
    assert told == []


def test_the_first_letter_of_a_note_is_a_stage(
    window: AgentWindow, view_of: Views, told: list[tuple[str, str]]
) -> None:
    window.show_view(view_of("talking"))
    window.show()
    press(window, Qt.Key.Key_N)
    note = window.desk.outcomes.note
    QTest.keyClicks(note, "offer")
    QTest.keyClick(note, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    QTest.keyClicks(note, "s")
    window.show_view(view_of("wrap-up"))
    assert told == [("a-4711", "notes"), ("a-4711", "script:2")]


def test_arrows_in_the_note_move_in_the_note(window: AgentWindow, view_of: Views) -> None:
    window.show_view(view_of("talking"))
    window.show()
    press(window, Qt.Key.Key_N, Qt.Key.Key_A, Qt.Key.Key_Left, Qt.Key.Key_B)
    assert window.desk.outcomes.note.toPlainText() == "ba"
    assert window.desk.script.page == 1


def test_a_script_of_one_page_has_no_keys_to_turn_it(window: AgentWindow, view_of: Views) -> None:
    view = replace(view_of("talking"), script=ScriptView((ScriptPage("Good morning."),)))
    window.show_view(view)
    window.show()
    script = window.desk.script
    assert not script.next_button.isVisible()
    press(window, Qt.Key.Key_Right)
    assert script.page == 1


@pytest.mark.parametrize("pages", range(1, 12))
def test_few_pages_of_a_long_script_are_told(pages: int) -> None:
    found = [page for page in range(1, pages + 1) if is_told(page, pages)]
    assert len(found) <= MOST_TOLD
    assert 1 not in found
    if pages > 1:
        assert found[0] == 2
        assert found[-1] == pages


def test_stages_of_a_call_before_are_still_known_when_it_comes_back() -> None:
    stages = Stages()
    assert stages.is_first("a", "notes")
    assert stages.is_first("b", "notes")
    assert not stages.is_first("a", "notes")
