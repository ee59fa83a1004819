"""The first run's window alone: one answer for one press, and what was objected to goes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desk.first_run_view import Company, Step
from app.look.theme import Theme
from supervisor_ui.first_run_dialog import FirstRunDialog
from supervisor_ui.first_run_states import NEW, dialog


@pytest.fixture
def shown(theme: Theme, qtbot: QtBot) -> FirstRunDialog:
    made = dialog(theme, replace(NEW, step=Step.COMPANY, company=Company("", "GB", "")))
    assert isinstance(made, FirstRunDialog)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_second_press_asks_for_nothing_until_there_is_an_answer(shown: FirstRunDialog) -> None:
    given: list[Company] = []
    shown.company_given.connect(given.append)
    shown.company.name.setText("Rosewood")
    shown.company.caller_id.setText("0161 496 0000")
    shown.go_on.click()
    shown.go_on.click()
    assert given == [Company("Rosewood", "GB", "0161 496 0000")]
    assert not shown.go_on.isEnabled()
    shown.show_trouble("The disk is full: make room.")
    shown.go_on.click()
    assert len(given) == 2
    shown.show_view(replace(shown.view, step=Step.TRUNK))
    assert shown.go_on.isEnabled()


def test_what_was_objected_to_goes_as_it_is_typed(shown: FirstRunDialog) -> None:
    shown.go_on.click()
    assert "company's name" in shown.sentence.text()
    assert shown.go_on.isEnabled()
    QTest.keyClicks(shown.company.name, "R")
    assert shown.sentence.text() == ""
