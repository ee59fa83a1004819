"""The import's window: a file is dropped, corrected, taken in and taken out again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desk.import_desk import ImportDesk
from app.desk.import_view import ImportChoice, ImportLook
from app.lists.desk_work import DeskWork
from app.look.fields import ChoiceBox
from app.look.theme import Theme
from app.profile import open_profile
from app.tools.import_list import join_import
from supervisor_ui import import_states
from supervisor_ui.import_dialog import BUSY, CORRECT, DONE, DROP, SIZE, ImportDialog
from supervisor_ui.import_states import LOOK, OFFER, RESULT, UNREADABLE
from tests.lists.made_lists import write_csv, write_xlsx

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def dialog(theme: Theme) -> Iterator[ImportDialog]:
    parent = QWidget()
    made = ImportDialog(theme, parent)
    made.offer(OFFER)
    made.show()
    yield made
    made.done(0)
    parent.close()


def press(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def pick(box: ChoiceBox, word: object) -> None:
    index = box.findData(word)
    assert index >= 0, word
    box.setCurrentIndex(index)
    box.activated.emit(index)


def drop(dialog: ImportDialog, *files: str) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(file) for file in files])
    how = (
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter = QDragEnterEvent(QPoint(200, 200), *how)
    QApplication.sendEvent(dialog.drop, enter)
    if enter.isAccepted():
        QApplication.sendEvent(dialog.drop, QDropEvent(QPointF(200, 200), *how))


def answered(dialog: ImportDialog, qtbot: QtBot, look: ImportLook = LOOK) -> ImportDialog:
    """The dialog with what was found of a list that was dropped on it."""
    dialog.campaign.setEditText(look.choice.campaign)
    with qtbot.waitSignal(dialog.look_requested) as asked:
        drop(dialog, look.choice.file)
    assert asked.args == [dialog.choice]
    dialog.show_look(replace(look, choice=dialog.choice))
    return dialog


def test_one_file_can_be_dropped_and_two_cannot(dialog: ImportDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.look_requested):
        drop(dialog, "/lists/one.csv", "/lists/two.csv")
    with qtbot.waitSignal(dialog.look_requested) as asked:
        drop(dialog, "/lists/uk_consumers.csv")
    assert asked.args == [ImportChoice("/lists/uk_consumers.csv", "GB", "", "uk consumers")]


def test_what_was_found_is_shown_for_correction(dialog: ImportDialog, qtbot: QtBot) -> None:
    answered(dialog, qtbot)
    assert dialog.pages.currentIndex() == CORRECT
    assert dialog.title.full_text == "uk_consumers.csv"
    assert [box.currentText() for box in dialog.preview.choices[:3]] == ["Name", "Phone", "Phone"]
    assert dialog.encoding.currentData() == "utf-8-sig"
    assert dialog.separator.currentData() == ","
    assert dialog.sentence.text() == "Numbers are tried in this order: Home Phone, Work."
    wrong = dialog.preview.table.item(3, 1)
    assert wrong is not None
    assert wrong.text() == "4.47701E+11"
    assert not wrong.icon().isNull()
    assert "no number" in wrong.toolTip()


@pytest.mark.parametrize(
    ("name", "word", "field"),
    [
        ("encoding", "cp1252", "encoding"),
        ("separator", ";", "separator"),
        ("header", False, "has_header"),
        ("region", "IT", "region"),
    ],
)
def test_a_correction_asks_anew(
    dialog: ImportDialog, qtbot: QtBot, name: str, word: object, field: str
) -> None:
    answered(dialog, qtbot)
    with qtbot.waitSignal(dialog.look_requested) as asked:
        pick(getattr(dialog, name), word)
    assert asked.args is not None
    assert getattr(asked.args[0], field) == word
    assert asked.args[0].kinds == ()
    dialog.show_look(LOOK)  # an answer that comes too late
    assert getattr(dialog.choice, field) == word


def test_what_a_column_holds_is_said_above_it(dialog: ImportDialog, qtbot: QtBot) -> None:
    answered(dialog, qtbot)
    with qtbot.waitSignal(dialog.look_requested) as asked:
        pick(dialog.preview.choices[2], "detail")
    assert asked.args is not None
    assert dict(asked.args[0].kinds)["Work"] == "detail"
    assert dict(asked.args[0].kinds)["Home Phone"] == "phone"


def test_without_a_phone_column_or_a_campaign_nothing_can_be_taken_in(
    dialog: ImportDialog, qtbot: QtBot
) -> None:
    look = replace(import_states.WORKBOOK_LOOK)
    answered(dialog, qtbot, look)
    assert not dialog.take_in.isEnabled()
    assert dialog.sheet.isVisible()
    assert not dialog.encoding.isVisible()
    assert "No column holds" in dialog.sentence.text()
    dialog.show_look(replace(LOOK, choice=dialog.choice))
    assert dialog.take_in.isEnabled()
    dialog.campaign.setEditText("")
    assert not dialog.take_in.isEnabled()
    dialog.campaign.setEditText("Brand new")
    assert dialog.take_in.isEnabled()
    assert "A new campaign is made, stopped." in dialog.sentence.text()


def test_names_and_choices_go_along_without_a_new_look(dialog: ImportDialog, qtbot: QtBot) -> None:
    answered(dialog, qtbot)
    with qtbot.assertNotEmitted(dialog.look_requested):
        dialog.list_name.setText("April")
        pick(dialog.duplicates, "update")
    with qtbot.waitSignal(dialog.import_requested) as asked:
        press(dialog.take_in)
    assert asked.args is not None
    wanted = asked.args[0]
    assert (wanted.list_name, wanted.duplicates) == ("April", "update")
    assert wanted.campaign == "Winter windows"


def test_progress_cancel_and_a_second_try(dialog: ImportDialog, qtbot: QtBot) -> None:
    answered(dialog, qtbot)
    press(dialog.take_in)
    assert dialog.pages.currentIndex() == BUSY
    dialog.show_share(0.42)
    assert dialog.busy.share.text() == "42 %"
    with qtbot.waitSignal(dialog.cancel_requested):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    with qtbot.assertNotEmitted(dialog.cancel_requested):
        dialog.reject()
    dialog.show_cancelled()
    assert dialog.pages.currentIndex() == CORRECT
    assert dialog.sentence.text() == "Cancelled; nothing was taken in."
    assert dialog.take_in.isEnabled()


def test_the_result_its_reasons_and_the_way_back(dialog: ImportDialog, qtbot: QtBot) -> None:
    answered(dialog, qtbot)
    press(dialog.take_in)
    dialog.show_done(RESULT)
    page = dialog.outcome
    assert dialog.pages.currentIndex() == DONE
    assert page.cards.count() == 5
    assert page.reasons.rowCount() >= len(RESULT.reasons)
    with qtbot.waitSignal(dialog.open_requested) as opened:
        press(page.open_file)
    assert opened.args == [RESULT.rejected_file]
    with qtbot.assertNotEmitted(dialog.undo_requested):
        press(page.undo)  # asks once more
    with qtbot.waitSignal(dialog.undo_requested) as undone:
        press(page.undo)
    assert undone.args == [RESULT.import_id]
    dialog.show_undone("1,548 people were taken out again.")
    assert not page.undo.isEnabled()
    press(dialog.other)
    assert dialog.pages.currentIndex() == DROP


def test_a_list_that_cannot_be_read_is_told_by_its_name(dialog: ImportDialog, qtbot: QtBot) -> None:
    dialog.choose_file("/lists/broken.csv")
    dialog.show_trouble(UNREADABLE)
    assert dialog.pages.currentIndex() == DROP
    assert dialog.drop.trouble.text() == f"broken.csv: {UNREADABLE}"
    dialog.choose_file("/lists/uk_consumers.csv")
    assert dialog.drop.trouble.text() == ""


def test_trouble_in_the_middle_goes_back_to_the_choices(dialog: ImportDialog, qtbot: QtBot) -> None:
    answered(dialog, qtbot)
    press(dialog.take_in)
    dialog.show_trouble("The disk is full.")
    assert dialog.pages.currentIndex() == CORRECT
    assert dialog.sentence.text() == "The disk is full."
    assert dialog.take_in.isEnabled()  # there may be room by now


@pytest.mark.parametrize("name", [name for name, _ in import_states.STATES])
def test_nothing_is_cut_in_any_state(theme: Theme, qtbot: QtBot, name: str) -> None:
    dialog = dict(import_states.STATES)[name](theme)
    qtbot.addWidget(dialog)
    dialog.show()
    QApplication.processEvents()
    assert dialog.size() == SIZE
    for child in dialog.findChildren(QWidget):
        if child.isVisible() and child.parentWidget() is dialog:
            assert dialog.rect().contains(child.geometry()), child
    assert not dialog.grab().isNull()


# --- with the real work behind it ---------------------------------------------------------------


class Office:
    """A dialog, its desk, and a profile on disk."""

    def __init__(self, theme: Theme, home: Path) -> None:
        self.parent = QWidget()
        self.dialog = ImportDialog(theme, self.parent)
        self.desk = ImportDesk(DeskWork(open_profile(home), "GB"))
        join_import(self.desk, self.dialog)
        self.dialog.show()


@pytest.fixture
def office(theme: Theme, tmp_path: Path, qtbot: QtBot) -> Iterator[Office]:
    made = Office(theme, tmp_path / "home")
    qtbot.addWidget(made.parent)
    with qtbot.waitSignal(made.desk.offered):
        made.desk.offer()
    yield made
    made.desk.stop()
    made.dialog.done(0)


def test_a_list_comes_in_and_goes_out(office: Office, tmp_path: Path, qtbot: QtBot) -> None:
    rows = [["Kunde", "Nummer"], ["Anna", "01614960001"], ["Ben", "n/a"], ["Cleo", "01614960003"]]
    file = write_csv(tmp_path / "april.csv", rows, separator=";")
    dialog, desk = office.dialog, office.desk
    with qtbot.waitSignal(desk.looked):
        dialog.choose_file(str(file))
    assert dialog.separator.currentData() == ";"
    dialog.campaign.setEditText("Spring")
    with qtbot.waitSignal(desk.done) as done:
        press(dialog.take_in)
    assert done.args is not None
    result = done.args[0]
    assert (result.taken, result.invalid, result.list_name) == (2, 1, "april")
    assert Path(result.rejected_file).exists()
    dialog.outcome.undo.click()
    with qtbot.waitSignal(desk.undone) as undone:
        dialog.outcome.undo.click()
    assert undone.args == ["2 people were taken out again."]
    with qtbot.waitSignal(desk.offered):
        desk.offer()
    assert dialog.campaign.findText("Spring") >= 0


def test_the_windows_import_can_be_cancelled(office: Office, tmp_path: Path, qtbot: QtBot) -> None:
    rows = [["Name", "Phone"], *[[f"N{n}", f"02079460{n % 1000:03d}"] for n in range(20_000)]]
    file = write_csv(tmp_path / "long.csv", rows)
    dialog, desk = office.dialog, office.desk
    with qtbot.waitSignal(desk.looked):
        dialog.choose_file(str(file))
    dialog.campaign.setEditText("Spring")
    with qtbot.waitSignal(desk.progressed):
        press(dialog.take_in)
    with qtbot.waitSignal(desk.cancelled, timeout=20_000):
        press(dialog.busy.cancel)
    assert dialog.sentence.text() == "Cancelled; nothing was taken in."
    with qtbot.waitSignal(desk.offered):
        desk.offer()
    assert dialog.campaign.findText("Spring") < 0


def test_a_column_that_nobody_would_guess(office: Office, tmp_path: Path, qtbot: QtBot) -> None:
    rows = [["Who", "Fax"], *[[f"N{n}", f"0161496000{n}"] for n in range(8)]]
    file = write_xlsx(tmp_path / "odd.xlsx", rows)
    dialog, desk = office.dialog, office.desk
    with qtbot.waitSignal(desk.looked):
        dialog.choose_file(str(file))
    dialog.campaign.setEditText("Spring")
    assert not dialog.take_in.isEnabled()
    with qtbot.waitSignal(desk.looked):
        pick(dialog.preview.choices[1], "phone")
    with qtbot.waitSignal(desk.done) as done:
        press(dialog.take_in)
    assert done.args is not None
    assert done.args[0].taken == 8


def test_a_broken_list_is_one_sentence(office: Office, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "broken.csv"
    file.write_bytes(b'Name,Phone\r\n"Anna,01614960001\r\n')
    with qtbot.waitSignal(office.desk.refused):
        office.dialog.choose_file(str(file))
    assert "Row 2, column 1" in office.dialog.drop.trouble.text()
