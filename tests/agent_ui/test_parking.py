"""A wrap-up that a call interrupts: who is parked stays in sight, nothing is lost or mixed up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from agent_ui.window import AgentWindow
from app.desk.views import AgentView, ParkedView
from tests.agent_ui.conftest import Hand

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

Views = Callable[[str], AgentView]


def key(window: AgentWindow, pressed: Qt.Key) -> None:
    QTest.keyClick(window.focusWidget() or window, pressed)


def test_the_parked_person_is_named_until_they_are_done(
    window: AgentWindow, view_of: Views
) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    strip = window.desk.parked
    assert not strip.isVisible()
    window.show_view(view_of("talking-parked"))
    assert strip.isVisible()
    assert strip.words.full_text == "Parked: Siân Hughes, notes kept"
    assert window.desk.record.name.full_text == "Rohan Patel"
    assert window.desk.outcomes.note.toPlainText() == ""
    window.show_view(view_of("wrap-up-parked"))
    assert "Back to Siân Hughes" in window.desk.card.sentence.text()
    assert window.desk.bar.then.full_text == "then: back to Siân Hughes"
    window.show_view(view_of("wrap-up-back"))
    assert not strip.isVisible()
    assert window.desk.record.name.full_text == "Siân Hughes"
    assert window.desk.card.headline.full_text == "Back to Siân Hughes"
    assert window.desk.outcomes.note.toPlainText() == "Wants the offer by letter."


def test_two_who_are_parked_are_counted(window: AgentWindow, view_of: Views) -> None:
    view = view_of("talking-parked")
    window.show_view(replace(view, parked=(ParkedView("Ann Lee"), *view.parked)))
    assert window.desk.parked.words.full_text == "Parked: Ann Lee · 1 more"


def test_a_note_in_the_making_is_told_for_the_one_who_is_parked(
    window: AgentWindow, view_of: Views
) -> None:
    told: list[tuple[str, str]] = []
    window.note_changed.connect(lambda attempt, note: told.append((attempt, note)))
    window.show_view(view_of("wrap-up"))
    window.show()
    key(window, Qt.Key.Key_N)
    QTest.keyClicks(window.desk.outcomes.note, " And a call on Monday")
    window.show_view(view_of("talking-parked"))
    assert told == [("a-4711", "Wants the offer by letter. And a call on Monday")]


def test_what_is_still_typed_is_not_noted_for_the_next_person(
    window: AgentWindow, view_of: Views, clock: Hand
) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    key(window, Qt.Key.Key_N)
    note = window.desk.outcomes.note
    window.show_view(view_of("talking-parked"))
    for letter in "half a sentence":
        clock.now += 0.15
        QTest.keyClicks(note, letter)
    assert note.toPlainText() == ""
    clock.now += 1.0
    QTest.keyClicks(note, "Rohan: call at noon")
    assert note.toPlainText() == "Rohan: call at noon"


def test_an_outcome_that_was_meant_for_the_one_before_does_not_end_the_call(
    window: AgentWindow, view_of: Views, clock: Hand, qtbot: QtBot
) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    window.show_view(view_of("talking-parked"))
    with qtbot.assertNotEmitted(window.outcome_chosen):
        key(window, Qt.Key.Key_3)
    clock.now += 1.6
    window.tick()
    with qtbot.waitSignal(window.outcome_chosen) as chosen:
        key(window, Qt.Key.Key_3)
    assert chosen.args == ["a-4713", "REFUSED_NOT_INTERESTED", ""]


def test_the_usual_next_call_can_be_coded_at_once(
    window: AgentWindow, view_of: Views, qtbot: QtBot
) -> None:
    window.show_view(view_of("wrap-up"))
    window.show()
    key(window, Qt.Key.Key_3)
    window.show_view(view_of("wrap-up-saved"))
    window.show_view(view_of("available"))
    window.show_view(replace(view_of("talking-parked"), parked=()))
    with qtbot.waitSignal(window.outcome_chosen):
        key(window, Qt.Key.Key_3)
