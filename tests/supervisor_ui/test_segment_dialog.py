"""The window of segments over a real database: built, counted, saved and removed by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desk.mix_work import MixWork
from app.desk.segment_desk import SegmentDesk
from app.desk.segment_view import Check, Field, Group, Match, Operator, SegmentOffer, count_words
from app.look.fields import ChoiceBox
from app.look.theme import Theme
from app.tools.segments import join_segments
from dialer_core.store import mixing, segments
from dialer_core.store.mixing import MixSettings, MixSource
from supervisor_ui import segment_states
from supervisor_ui.segment_builder import CheckLine, GroupBox
from supervisor_ui.segment_dialog import NO_CAMPAIGN, UNSAVED, SegmentDialog
from supervisor_ui.segment_values import ChoiceValue, DayValue, ManyValue, NumberValue, TextValue
from tests.supervisor_ui.mixed_floor import MixedFloor

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[MixedFloor]:
    made = MixedFloor(tmp_path / "floor.db")
    yield made
    made.close()


@pytest.fixture
def desk(floor: MixedFloor) -> Iterator[SegmentDesk]:
    made = SegmentDesk(MixWork(floor.path, floor.clock, "Anna"))
    yield made
    made.stop()


@pytest.fixture
def dialog(theme: Theme) -> Iterator[SegmentDialog]:
    parent = QWidget()
    made = SegmentDialog(theme, "2026-03-03", parent)
    made.show()
    yield made
    made.done(0)
    parent.close()


@pytest.fixture
def joined(desk: SegmentDesk, dialog: SegmentDialog, qtbot: QtBot) -> SegmentDialog:
    """The window with the campaign's people, counted."""
    join_segments(desk, dialog)
    with qtbot.waitSignal(desk.counted):
        desk.offer(None)
    return dialog


def pick(box: ChoiceBox, words: str) -> None:
    index = box.findText(words)
    assert index >= 0, words
    box.setCurrentIndex(index)
    box.activated.emit(index)


def last_check(dialog: SegmentDialog) -> CheckLine:
    line = dialog.builder.parts[-1]
    assert isinstance(line, CheckLine)
    return line


def add(dialog: SegmentDialog, field: str, operator: str = "") -> CheckLine:
    dialog.builder.add_check.click()
    line = last_check(dialog)
    pick(line.field, field)
    if operator:
        pick(line.operator, operator)
    return line


def test_everybody_is_counted_before_anything_is_asked(joined: SegmentDialog) -> None:
    assert joined.found.figure.text() == "16 of 16 people"
    assert joined.found.cells[0][0].full_text == "Person 1"
    assert joined.found.cells[0][2].full_text == "March"
    assert joined.found.cells[0][4].full_text == "never called"
    assert not joined.save.isEnabled()
    assert joined.campaign.currentText() == "Windows"


def test_what_is_typed_is_counted_once_it_rests(
    joined: SegmentDialog, desk: SegmentDesk, qtbot: QtBot
) -> None:
    line = add(joined, "Town")
    assert isinstance(line.value, TextValue)
    assert joined.found.certainty.text().startswith("Finish")
    counts: list[object] = []
    desk.counted.connect(counts.append)
    with qtbot.waitSignal(desk.counted):
        QTest.keyClicks(line.value.line, "leeds")
    assert joined.found.figure.text() == "4 of 16 people"
    assert len(counts) == 1, "five letters are one question"
    assert {cells[1].full_text for cells in joined.found.cells} == {"Leeds", ""}


def test_an_answer_to_an_earlier_question_is_passed_over(joined: SegmentDialog) -> None:
    shown = joined.found.figure.text()
    joined.show_count(replace(segment_states.COUNT, condition=segment_states.NORTH))
    assert joined.found.figure.text() == shown


@pytest.mark.parametrize(
    ("field", "operator", "kind", "expected"),
    [
        ("List", "is", ChoiceValue, Check(Field.LIST, Operator.IS, 1)),
        ("Status", "is one of", ManyValue, Check(Field.STATUS, Operator.IN, ["fresh"])),
        ("Time zone", "is", ChoiceValue, Check(Field.ZONE, Operator.IS, "Europe/London")),
        ("Calls so far", "is less than", NumberValue, Check(Field.ATTEMPTS, Operator.LESS, 1)),
        (
            "Last call",
            "was between",
            NumberValue,
            Check(Field.LAST_ATTEMPT_H, Operator.BETWEEN, [0, 1]),
        ),
        ("Came in on", "is after", DayValue, Check(Field.LISTED, Operator.MORE, "2026-03-03")),
        ("Windows", "is more than", NumberValue, Check(Field.DETAIL, Operator.MORE, 1, "Windows")),
        (
            "Last outcome",
            "is not",
            ChoiceValue,
            Check(Field.LAST_OUTCOME, Operator.IS_NOT, "NO_ANSWER"),
        ),
    ],
)
def test_each_field_has_what_fits_it(
    joined: SegmentDialog, field: str, operator: str, kind: type, expected: Check
) -> None:
    line = add(joined, field, operator)
    assert isinstance(line.value, kind)
    assert line.condition() == expected
    assert not line.trouble.isVisible()


def test_numbers_have_their_unit_and_any_decimal_sign(joined: SegmentDialog) -> None:
    line = add(joined, "Last call", "was less than")
    assert isinstance(line.value, NumberValue)
    line.value.lines[0].setText("1,5")
    assert line.condition().value == 1.5
    words = [label.text() for label in line.value.findChildren(QWidget) if hasattr(label, "text")]
    assert "hours ago" in words


def test_what_is_wrong_stands_at_its_condition(joined: SegmentDialog) -> None:
    calls = add(joined, "Calls so far", "is between")
    town = add(joined, "Town")
    assert isinstance(calls.value, NumberValue)
    for at, text in enumerate(("9", "3")):
        calls.value.lines[at].setText(text)
        calls.value.lines[at].textEdited.emit(text)
    assert calls.trouble.text() == "“Calls so far” lies between nothing: 9 and 3."
    assert calls.trouble.property("tone") == "trouble"
    assert town.trouble.text().startswith("Give the text that “Town”")
    assert town.trouble.property("tone") == "muted", "nobody has typed there yet"
    joined.name.setText("Half done")
    joined.name.textEdited.emit("Half done")
    assert not joined.save.isEnabled()


def test_a_day_is_picked_from_a_calendar(joined: SegmentDialog) -> None:
    line = add(joined, "Came in on", "is before")
    assert isinstance(line.value, DayValue)
    line.value.days[0].choose(QDate(2026, 2, 20))
    assert line.condition() == Check(Field.LISTED, Operator.LESS, "2026-02-20")


def test_several_are_ticked_in_a_menu_that_stays(joined: SegmentDialog) -> None:
    line = add(joined, "Status", "is one of")
    assert isinstance(line.value, ManyValue)
    menu = line.value.menu
    line.value.button.click()
    menu.setActiveAction(menu.actions()[1])
    QTest.keyClick(menu, Qt.Key.Key_Space)
    assert menu.isVisible()
    assert line.condition().value == ["fresh", "waiting"]
    assert line.value.button.text() == "Never called, To be called again"
    menu.close()


def test_groups_lie_within_groups(joined: SegmentDialog, desk: SegmentDesk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.counted):
        joined.builder.add_group.click()
        group = joined.builder.parts[0]
        assert isinstance(group, GroupBox)
        pick(group.match, "None of these holds")
        list_line = group.parts[0]
        assert isinstance(list_line, CheckLine)
        assert isinstance(list_line.value, ChoiceValue)
        pick(list_line.value.box, "April")
        group.add_group.click()
    outer = joined.condition.of[0]
    assert isinstance(outer, Group)
    assert outer.match is Match.NONE
    assert isinstance(outer.of[1], Group)
    assert joined.found.figure.text() == "0 of 16 people"
    with qtbot.waitSignal(desk.counted):
        inner = group.parts[1]
        assert isinstance(inner, GroupBox)
        inner.remove.click()
    assert joined.found.figure.text() == "12 of 16 people"


def test_a_segment_is_saved_by_keyboard_alone(
    joined: SegmentDialog, desk: SegmentDesk, floor: MixedFloor, qtbot: QtBot
) -> None:
    joined.new.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(joined.new, Qt.Key.Key_Return)
    assert joined.focusWidget() is joined.name
    QTest.keyClicks(joined.name, "York people")
    joined.builder.add_check.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(joined.builder.add_check, Qt.Key.Key_Return)
    line = last_check(joined)
    assert joined.focusWidget() is line.field, "the new line has the keyboard"
    qtbot.waitUntil(line.isVisible)
    while line.field.currentText() != "Town":
        QTest.keyClick(line.field, Qt.Key.Key_Down)
    qtbot.waitUntil(line.value.isVisible)
    QTest.keyClick(line.field, Qt.Key.Key_Tab)
    assert joined.focusWidget() is line.operator
    QTest.keyClick(line.operator, Qt.Key.Key_Tab)
    assert isinstance(line.value, TextValue)
    assert joined.focusWidget() is line.value.line
    QTest.keyClicks(line.value.line, "York")
    QTest.keyClick(line.value.line, Qt.Key.Key_Tab)
    assert joined.focusWidget() is line.remove
    with qtbot.waitSignal(desk.saved):
        joined.name.setFocus()
        QTest.keyClick(joined.name, Qt.Key.Key_Return)
    with floor.database.reading() as connection:
        (saved,) = segments.saved(connection, floor.campaign_id)
    assert saved.name == "York people"
    assert saved.condition == Group(of=(Check(Field.TOWN, Operator.IS, "York"),))
    assert [joined.names.item(0).text(), joined.names.currentRow()] == ["York people", 0]
    assert joined.sentence.text() == "Saved."
    assert not joined.save.isEnabled()


def test_a_name_that_is_taken_is_told_and_nothing_is_lost(
    joined: SegmentDialog, desk: SegmentDesk, floor: MixedFloor, qtbot: QtBot
) -> None:
    with floor.database.writing() as connection:
        segments.save(connection, floor.campaign_id, "North", Group(), floor.clock.now(), "Ben")
    joined.name.setText("North")
    joined.name.textEdited.emit("North")
    with qtbot.waitSignal(desk.refused):
        joined.save.click()
    assert "already" in joined.sentence.text()
    assert joined.name.text() == "North"


def test_a_used_segment_cannot_go_and_an_unused_one_only_when_asked_twice(
    desk: SegmentDesk, dialog: SegmentDialog, floor: MixedFloor, qtbot: QtBot
) -> None:
    now = floor.clock.now()
    with floor.database.writing() as connection:
        used, _ = (
            segments.save(connection, floor.campaign_id, name, Group(), now, "Ben")
            for name in ("North", "South")
        )
        mix = MixSettings((MixSource(segment_id=used),))
        mixing.set_mix(connection, floor.campaign_id, mix, now, "Ben")
    join_segments(desk, dialog)
    with qtbot.waitSignal(desk.offered):
        desk.offer(floor.campaign_id)
    assert not dialog.remove.isEnabled()
    dialog.names.setCurrentRow(1)
    dialog.remove.click()
    assert "goes for good" in dialog.sentence.text()
    with qtbot.waitSignal(desk.removed):
        dialog.remove.click()
    assert [dialog.names.item(at).text() for at in range(dialog.names.count())] == ["North"]


def test_escape_asks_once_where_something_is_not_saved(joined: SegmentDialog) -> None:
    add(joined, "List")
    QTest.keyClick(joined, Qt.Key.Key_Escape)
    assert joined.isVisible()
    assert joined.sentence.text() == UNSAVED
    QTest.keyClick(joined, Qt.Key.Key_Escape)
    assert not joined.isVisible()


def test_without_a_campaign_it_says_what_to_do(dialog: SegmentDialog) -> None:
    dialog.show_offer(SegmentOffer(()))
    assert dialog.sentence.text() == NO_CAMPAIGN
    assert not dialog.new.isEnabled()


def test_a_sampled_count_is_rounded_and_says_so() -> None:
    assert count_words(segment_states.COUNT) == "about 12,400 of 100,000 people"
    assert count_words(replace(segment_states.COUNT, count=4, of=1, is_sampled=False)) == (
        "4 of 1 person"
    )
