"""The settings of this PC: what is chosen is told, and the dialog closes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desk.views import Levers
from app.look.theme import Theme, make_theme
from supervisor_ui.gallery_states import floor
from supervisor_ui.settings_dialog import CHOICES, LEVERS, MOST_PARKED, SettingsDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.mark.parametrize("choice", [choice for choice, _ in CHOICES])
def test_a_choice_is_told_and_closes_the_dialog(qtbot: QtBot, choice: str) -> None:
    chosen: list[str] = []
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = SettingsDialog(make_theme("light", "Inter"), "system", chosen.append, parent)
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.mouseClick(dialog.buttons[choice], Qt.MouseButton.LeftButton)
    assert chosen == [choice]
    assert not dialog.isVisible()


@pytest.fixture
def dialog(theme: Theme) -> Iterator[SettingsDialog]:
    """The settings of the gallery's campaign."""
    parent = QWidget()
    made = SettingsDialog(theme, "system", lambda _choice: None, parent)
    made.show_view(floor(3))
    made.show()
    yield made
    made.close()
    parent.close()


def test_every_lever_has_words_and_a_line_of_what_it_does(dialog: SettingsDialog) -> None:
    assert [name for name, _, _ in LEVERS] == [field.name for field in fields(Levers)]
    assert all(len(line) > 40 and line.endswith(".") for _, _, line in LEVERS)
    assert {name for name, check in dialog.checks.items() if not check.isChecked()} == {
        "parked_wrap_up"
    }


@pytest.mark.parametrize("name", [name for name, _, _ in LEVERS])
def test_a_lever_is_asked_for_by_mouse_or_key(
    dialog: SettingsDialog, name: str, qtbot: QtBot
) -> None:
    check = dialog.checks[name]
    was_on = check.isChecked()
    with qtbot.waitSignal(dialog.lever_requested) as asked:
        QTest.mouseClick(check, Qt.MouseButton.LeftButton)
    assert asked.args == [name, not was_on]
    with qtbot.waitSignal(dialog.lever_requested) as asked:
        QTest.keyClick(check, Qt.Key.Key_Return)
    assert asked.args == [name, was_on]


def test_a_view_is_drawn_and_asks_for_nothing(dialog: SettingsDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.lever_requested):
        dialog.show_view(replace(floor(3), levers=Levers(choice=False), parked_an_hour=9))
    assert not dialog.checks["choice"].isChecked()
    assert dialog.checks["parked_wrap_up"].isChecked()
    assert dialog.an_hour.text() == "9"


def test_what_was_just_pressed_is_not_undone_by_a_view_from_before(
    dialog: SettingsDialog,
) -> None:
    dialog.checks["choice"].click()
    dialog.show_view(replace(floor(3), lines_in_use=1))
    assert not dialog.checks["choice"].isChecked()


def test_how_often_can_be_set_where_it_matters(dialog: SettingsDialog, qtbot: QtBot) -> None:
    assert not dialog.more.isEnabled()
    dialog.checks["parked_wrap_up"].click()
    with qtbot.waitSignal(dialog.parked_requested) as asked:
        QTest.mouseClick(dialog.more, Qt.MouseButton.LeftButton)
    assert asked.args == [7]
    for _ in range(40):
        dialog.fewer.click()
    assert (dialog.an_hour.text(), dialog.fewer.isEnabled()) == ("1", False)
    for _ in range(40):
        dialog.more.click()
    assert (dialog.an_hour.text(), dialog.more.isEnabled()) == (str(MOST_PARKED), False)


def test_borrowing_is_switched_and_a_view_only_draws_it(
    dialog: SettingsDialog, qtbot: QtBot
) -> None:
    assert dialog.borrows.isChecked()
    assert "coming hour" in dialog.borrows.explanation
    with qtbot.waitSignal(dialog.borrows_requested) as asked:
        QTest.mouseClick(dialog.borrows, Qt.MouseButton.LeftButton)
    assert asked.args == [False]
    with qtbot.assertNotEmitted(dialog.borrows_requested):
        dialog.show_view(replace(floor(3), borrows_ahead=False))
        dialog.show_view(replace(floor(3), borrows_ahead=True))
    assert dialog.borrows.isChecked()


@pytest.mark.parametrize(
    ("typed", "told"),
    [("17:30", "17:30"), ("9:05", "09:05"), ("1730", "17:30"), (" 8.15", "08:15")],
)
def test_the_time_to_go_home_is_typed(
    dialog: SettingsDialog, qtbot: QtBot, typed: str, told: str
) -> None:
    QTest.keyClicks(dialog.day_ends, typed)
    with qtbot.waitSignal(dialog.day_end_requested) as asked:
        QTest.keyClick(dialog.day_ends, Qt.Key.Key_Return)
    assert asked.args == [told]
    assert dialog.isVisible()
    with qtbot.assertNotEmitted(dialog.day_end_requested):
        QTest.keyClick(dialog.day_ends, Qt.Key.Key_Return)
    dialog.day_ends.clear()
    with qtbot.waitSignal(dialog.day_end_requested) as asked:
        QTest.keyClick(dialog.day_ends, Qt.Key.Key_Return)
    assert asked.args == [""]


@pytest.mark.parametrize("typed", ["25:00", "12:61", "tea", "7", "-1:00"])
def test_what_is_no_time_of_day_is_taken_back(
    dialog: SettingsDialog, qtbot: QtBot, typed: str
) -> None:
    dialog.show_view(replace(floor(3), day_ends="18:00"))
    dialog.day_ends.setText(typed)
    with qtbot.assertNotEmitted(dialog.day_end_requested):
        QTest.keyClick(dialog.day_ends, Qt.Key.Key_Return)
    assert dialog.day_ends.text() == "18:00"


def test_telephone_and_trunk_have_dialogs_of_their_own(
    dialog: SettingsDialog, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(dialog.telephone_requested):
        QTest.mouseClick(dialog.telephone, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(dialog.trunk_requested):
        QTest.keyClick(dialog.trunk, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert not dialog.telephone.is_elided
    assert not dialog.trunk.is_elided


def test_without_a_campaign_there_is_a_trunk_alone(theme: Theme, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = SettingsDialog(theme, "system", lambda _choice: None, parent)
    assert not made.telephone.isEnabled()
    assert made.trunk.isEnabled()


def test_explanations_are_whole(dialog: SettingsDialog) -> None:
    for check in dialog.checks.values():
        assert check.height() >= check.heightForWidth(check.width())
        assert check.height() >= 32
    assert dialog.height() <= 700
