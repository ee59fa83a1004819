"""Why, penetration, experiments and call-backs: real windows over a real floor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.desk.callback_desk import CallBackDesk
from app.desk.experiment_desk import ExperimentDesk
from app.desk.penetration_desk import PenetrationDesk
from app.desk.why_desk import FREE, WhyDesk
from app.look.theme import Theme
from app.tools.callbacks import join_callbacks
from app.tools.experiments import join_experiments
from app.tools.penetration import join_penetration
from app.tools.why import join_why
from dialer_core.clock import ManualClock
from dialer_core.model.states import Mode, Outcome
from dialer_core.rules.profiles import profile
from dialer_core.store.opening import migrate, open_database
from supervisor_ui import callback_states, experiment_states, penetration_states, why_states
from supervisor_ui.callback_dialog import CallBackDialog
from supervisor_ui.experiment_dialog import FORM, LIST, ExperimentDialog
from supervisor_ui.experiment_picture import difference_words
from supervisor_ui.penetration_dialog import PenetrationDialog
from supervisor_ui.why_dialog import NOBODY, WhyDialog
from tests.store.floor_kit import FloorKit

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
ALL = (
    *why_states.STATES, *penetration_states.STATES, *experiment_states.STATES,
    *callback_states.STATES,
)  # fmt: skip


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[tuple[Path, FloorKit]]:
    """Five people, of whom one was called in vain and one is promised a call by Anna."""
    path = tmp_path / "floor.db"
    migrate(path)
    database = open_database(path)
    kit = FloorKit(database, ManualClock())
    kit.add_campaign(Mode.PREVIEW, profile("GB"))
    kit.take_lease()
    session = kit.log_in()
    first = kit.dial(session)
    kit.close_call(first, Outcome.NO_ANSWER, facts=kit.facts(status=480))
    second = kit.dial(session)
    kit.talk(second, session)
    kit.seats[0].choose_outcome(
        second, "BACK", "likes blue", kit.now, kit.now.utc + timedelta(hours=3), is_mine=True
    )
    yield path, kit
    kit.close()
    database.close()


@pytest.fixture
def closing_down(qtbot: QtBot) -> Iterator[Callable[[QDialog, Callable[[], None]], None]]:
    """Shows a window, and ends it with its desk's thread."""
    open_ones: list[tuple[QDialog, QWidget, Callable[[], None]]] = []

    def add(dialog: QDialog, stop: Callable[[], None]) -> None:
        parent = QWidget()
        dialog.setParent(parent, Qt.WindowType.Dialog)
        qtbot.addWidget(parent)
        open_ones.append((dialog, parent, stop))
        dialog.show()

    yield add
    for dialog, _, stop in open_ones:
        stop()
        dialog.close()


Add = Callable[[QDialog, Callable[[], None]], None]


def test_the_answer_names_each_rule_and_when(
    floor: tuple[Path, FloorKit], theme: Theme, closing_down: Add, qtbot: QtBot
) -> None:
    path, kit = floor
    desk, dialog = WhyDesk(path, kit.clock), WhyDialog(theme)
    join_why(desk, dialog)
    closing_down(dialog, desk.stop)
    dialog.query.setFocus()
    QTest.keyClicks(dialog.query, "0161 496 0001")
    QTest.keyClick(dialog.query, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(dialog.rules))
    assert dialog.name.text() == "Person 1"
    marks = {row.line.name: row.line.mark for row in dialog.rules}
    assert len(marks) == 14, "four of the person, ten of the gate"
    assert [name for name, mark in marks.items() if mark != "pass"] == ["The record", "7  Rests"]
    assert all(row.line.until == "from 12:00 on" for row in dialog.rules if row.line.until)
    assert dialog.headline.text() == "After 'no answer' the record rests before the next attempt."
    assert dialog.next.text() == "12:00, their time (London)"
    assert "(1)" in dialog.tabs.tabText(1)
    dialog.query.setText("person")
    dialog.look.click()
    qtbot.waitUntil(lambda: dialog.people.rowCount() == 5)
    for _ in range(4):
        QTest.keyClick(dialog.people, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: dialog.name.text() == "Person 5")
    assert dialog.headline.text() == FREE
    dialog.query.setText("Quillfeather")
    dialog.look.click()
    qtbot.waitUntil(lambda: dialog.note.text() == NOBODY)
    assert dialog.isVisible(), "Enter searches and closes nothing"


def test_penetration_is_shown_followed_and_written(
    floor: tuple[Path, FloorKit], theme: Theme, closing_down: Add, qtbot: QtBot, tmp_path: Path
) -> None:
    path, kit = floor
    desk, dialog = PenetrationDesk(path, kit.clock), PenetrationDialog(theme)
    join_penetration(desk, dialog)
    closing_down(dialog, desk.stop)
    desk.show(None, "list")
    qtbot.waitUntil(lambda: bool(dialog.days.points))
    cells = [
        [item.text() for column in range(6) if (item := dialog.table.item(line, column))]
        for line in range(2)
    ]
    assert cells[0] == ["Everybody", "5", "40.0%", "40.0%", "40.0%", "0.0%"]
    assert cells[1][0] == "March"
    assert [round(share, 3) for share in dialog.days.points[-1].shares] == [0.4, 0.4, 0.4, 0.0]
    assert dialog.hours.words(1, 10) == "Tue 10:00: too few to tell, 2 calls"
    file = tmp_path / "figures.csv"
    dialog.save_requested.emit(str(file), dialog.view.rows if dialog.view else ())
    qtbot.waitUntil(lambda: dialog.sentence.text() == "Written to figures.csv.")
    lines = file.read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("Name,Records,List,List (counts)")
    assert lines[1].startswith("Everybody,5,0.4000,2 / 5")
    dialog.save_requested.emit(str(tmp_path / "no" / "x.csv"), ())
    qtbot.waitUntil(lambda: "cannot be written" in dialog.sentence.text())
    dialog.by.setCurrentIndex(2)
    dialog.by.activated.emit(2)
    qtbot.waitUntil(lambda: dialog.view is not None and dialog.view.by == "import")


def test_an_experiment_is_begun_looked_at_and_ended(
    floor: tuple[Path, FloorKit], theme: Theme, closing_down: Add, qtbot: QtBot
) -> None:
    path, kit = floor
    desk, dialog = ExperimentDesk(path, kit.clock, "boss"), ExperimentDialog(theme)
    join_experiments(desk, dialog)
    closing_down(dialog, desk.stop)
    desk.list()
    qtbot.waitUntil(lambda: bool(dialog.view.campaigns))
    assert dialog.empty.isVisible()
    dialog.add.click()
    assert not dialog.begin.isEnabled()
    form = dialog.form
    QTest.keyClicks(form.name, "Seconds")
    form.kind.setCurrentIndex(form.kind.findData("preview_s"))
    for at, (name, value) in enumerate((("Short", "8"), ("Long", "long"))):
        form.names[at].setText(name)
        form.values[at].setText(value)
    assert dialog.begin.isEnabled()
    dialog.begin.click()
    qtbot.waitUntil(lambda: "no time for a preview" in dialog.sentence.text())
    assert dialog.pages.currentIndex() == FORM, "what was filled in stays"
    form.values[1].setText("15")
    dialog.begin.click()
    qtbot.waitUntil(lambda: bool(dialog.view.experiments))
    assert dialog.pages.currentIndex() == LIST
    assert dialog.title.text() == "Seconds"
    assert dialog.verdict.text().startswith("Too early")
    dialog.end.click()
    assert dialog.chosen is not None
    assert dialog.chosen.is_running, "the first press only asks"
    dialog.end.click()
    qtbot.waitUntil(lambda: dialog.chosen is not None and not dialog.chosen.is_running)
    assert dialog.verdict.text() == "Ended by hand."
    assert not dialog.end.isVisible()


def test_a_call_back_is_moved_given_and_taken_back(
    floor: tuple[Path, FloorKit], theme: Theme, closing_down: Add, qtbot: QtBot
) -> None:
    path, kit = floor
    desk, dialog = CallBackDesk(path, kit.clock, "boss"), CallBackDialog(theme)
    join_callbacks(desk, dialog)
    closing_down(dialog, desk.stop)
    desk.start()
    qtbot.waitUntil(lambda: dialog.chosen is not None)
    one = dialog.chosen
    assert one is not None
    assert (one.name, one.owner, one.theirs) == ("Person 2", "Anna of preview", "13:00")
    dialog.time.setText("15:45")
    desk.list()
    qtbot.wait(50)
    assert dialog.time.text() == "15:45", "a newer view leaves alone what is typed"
    dialog.move_it.click()
    qtbot.waitUntil(lambda: dialog.sentence.text() == "Moved to 15:45 their time.")
    dialog.time.setText("quarter past")
    dialog.move_it.click()
    qtbot.waitUntil(lambda: "no time" in dialog.sentence.text())
    dialog.owner.setCurrentIndex(dialog.owner.findText("Ben of preview"))
    dialog.give_it.click()
    qtbot.waitUntil(lambda: dialog.chosen is not None and dialog.chosen.owner == "Ben of preview")
    dialog.cancel_it.click()
    assert "Press again" in dialog.sentence.text()
    dialog.cancel_it.click()
    qtbot.waitUntil(lambda: dialog.empty.isVisible())
    assert not dialog.move_it.isEnabled()


@pytest.mark.parametrize(("name", "make"), ALL, ids=[name for name, _ in ALL])
def test_each_state_can_be_walked_with_the_keyboard_alone(
    name: str, make: Callable[[Theme], QDialog], theme: Theme, qtbot: QtBot
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = make(theme)
    dialog.setParent(parent, Qt.WindowType.Dialog)
    dialog.show()
    seen: set[QWidget] = set()
    for _ in range(60):
        widget = dialog.focusWidget()
        if widget is not None:
            seen.add(widget)
        dialog.focusNextChild()
    wanted = [
        one for one in dialog.findChildren(QWidget)
        if one.isVisible() and one.isEnabled() and one.accessibleName()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]  # fmt: skip
    assert seen >= set(wanted), [one.accessibleName() for one in set(wanted) - seen]


def test_a_difference_is_told_in_points() -> None:
    arms = experiment_states.WON.arms
    assert difference_words(arms[1]) == "better, +5.1 to +20.3 points"
    assert difference_words(arms[0]) == "the others are held against it"
