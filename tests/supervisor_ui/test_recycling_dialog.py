"""The window of recycling over a real database, beside the British rules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desk.mix_work import MixWork
from app.desk.recycling_desk import RecyclingDesk
from app.desk.recycling_view import NextNumber, Recycle, rule_views, span_words
from app.desk.segment_view import OUTCOME_WORDS
from app.look.theme import Theme
from app.tools.recycling import join_recycling
from dialer_core.lists.order import ListOrder
from dialer_core.lists.recycling import NEVER_RECYCLED, Recycling
from dialer_core.model.states import Outcome
from dialer_core.rules.profiles import profile, profiles
from dialer_core.store import mixing
from dialer_core.store.mixing import MixSettings, MixSource
from supervisor_ui import recycling_states
from supervisor_ui.recycling_dialog import NO_CAMPAIGN, NO_MINUTES, UNSAVED, RecyclingDialog
from supervisor_ui.recycling_picture import DayPicture
from supervisor_ui.recycling_rows import RuleLine
from tests.supervisor_ui.mixed_floor import MixedFloor

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[MixedFloor]:
    made = MixedFloor(tmp_path / "floor.db")
    yield made
    made.close()


@pytest.fixture
def desk(floor: MixedFloor) -> Iterator[RecyclingDesk]:
    made = RecyclingDesk(MixWork(floor.path, floor.clock, "Anna"))
    yield made
    made.stop()


@pytest.fixture
def joined(desk: RecyclingDesk, theme: Theme, qtbot: QtBot) -> Iterator[RecyclingDialog]:
    """The window with the campaign's rules and the picture of the first."""
    parent = QWidget()
    made = RecyclingDialog(theme, parent)
    made.show()
    join_recycling(desk, made)
    with qtbot.waitSignal(desk.pictured):
        desk.offer(None)
    yield made
    made.done(0)
    parent.close()


def line_of(dialog: RecyclingDialog, outcome: str) -> RuleLine:
    return next(line for line in dialog.lines if line.view.outcome == outcome)


def type_in(line: RuleLine, field: str, text: str) -> None:
    widget = getattr(line, field)
    widget.setText(text)
    widget.textEdited.emit(text)


def test_the_law_stands_beside_the_office(joined: RecyclingDialog) -> None:
    assert joined.limits.words.full_text == "The law here (United Kingdom) allows 3 calls a day."
    busy = line_of(joined, "BUSY")
    assert (busy.wait.text(), busy.unit.currentText()) == ("15", "minutes")
    assert busy.law.full_text == "at least 15 minutes"
    type_in(busy, "wait", "5")
    assert busy.law.full_text == "at least 15 minutes, which counts"
    assert line_of(joined, "NO_ANSWER").number.currentText() == "Their next"
    assert joined.minutes.text() == "10"
    assert not joined.save.isEnabled() or busy.rule().wait_s == 300


def test_the_picture_is_of_the_line_that_has_the_keyboard(
    joined: RecyclingDialog, desk: RecyclingDesk, qtbot: QtBot
) -> None:
    assert "no answer" in joined.title.full_text
    lines = DayPicture.lines(joined.day._view) if joined.day._view else []
    assert lines[:3] == ["Call 1 at 08:00", "Call 2 at 10:00", "Call 3 at 12:01"]
    assert "number of calls is used up" in lines[3]
    assert joined.then.full_text == "Next: Thursday, 5 March, 08:00."
    with qtbot.waitSignal(desk.pictured):
        busy = line_of(joined, "BUSY")
        busy.looked_at.emit()
        type_in(busy, "wait", "6")
        busy.unit.setCurrentIndex(1)
        busy.unit.activated.emit(1)
    assert joined.title.full_text == "A new person on Wednesday, 4 March, if every call ends: busy"
    view = joined.day._view
    assert view is not None
    assert [one.minute // 60 for one in view.tries] == [8, 14, 20]


def test_what_differs_is_saved_and_the_mix_stays(
    joined: RecyclingDialog, desk: RecyclingDesk, floor: MixedFloor, qtbot: QtBot
) -> None:
    mix = MixSettings((MixSource(2, order=ListOrder.NEWEST),), 0.5)
    with floor.database.writing() as connection:  # meanwhile, at another screen
        mixing.set_mix(connection, floor.campaign_id, mix, floor.clock.now(), "Ben")
    busy = line_of(joined, "BUSY")
    type_in(busy, "wait", "45")
    type_in(busy, "most", "")
    joined.minutes.setText("30")
    joined.minutes.textEdited.emit("30")
    with qtbot.waitSignal(desk.saved):
        joined.save.click()
    with floor.database.reading() as connection:
        found = mixing.read_mix(connection, floor.campaign_id)
    assert found.recycling.own == {Outcome.BUSY: Recycle(2700.0, None, NextNumber.SAME)}
    assert (found.hand_over_s, found.retry_share) == (1800.0, 0.5)
    assert found.sources == mix.sources
    assert joined.sentence.text().startswith("Saved.")
    busy = line_of(joined, "BUSY")
    assert (busy.wait.text(), busy.most.text()) == ("45", "")
    busy.usual.click()
    assert joined.own == {}


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("wait", "soon", "The wait after busy must be between a minute and a year."),
        ("wait", "0", "The wait after busy must be between a minute and a year."),
        ("most", "100", "The tries after busy must be between 0 and 99."),
        ("most", "many", "The tries after busy must be between 0 and 99."),
    ],
)
def test_what_makes_no_sense_is_told_at_its_line(
    joined: RecyclingDialog, field: str, text: str, sentence: str
) -> None:
    busy = line_of(joined, "BUSY")
    type_in(busy, field, text)
    assert busy.trouble.text() == sentence
    assert busy.trouble.isVisible()
    assert not joined.save.isEnabled()
    busy.usual.click()
    assert not busy.trouble.isVisible()


def test_a_promise_is_handed_over_within_a_week(joined: RecyclingDialog) -> None:
    for text in ("", "soon", "-1", "20000"):
        joined.minutes.setText(text)
        joined.minutes.textEdited.emit(text)
        assert joined.sentence.text() == NO_MINUTES
        assert not joined.save.isEnabled()


def test_it_is_used_by_keyboard_alone(
    joined: RecyclingDialog, desk: RecyclingDesk, qtbot: QtBot
) -> None:
    first = joined.lines[0]
    first.wait.setFocus(Qt.FocusReason.TabFocusReason)
    for before, after in pairwise(
        [first.wait, first.unit, first.most, first.number, joined.lines[1].wait]
    ):
        assert joined.focusWidget() is before
        QTest.keyClick(before, Qt.Key.Key_Tab)
        assert joined.focusWidget() is after
    second = joined.lines[1]
    second.wait.selectAll()
    QTest.keyClicks(second.wait, "20")
    assert joined.save.isEnabled()
    with qtbot.waitSignal(desk.saved):
        joined.minutes.setFocus()
        QTest.keyClick(joined.minutes, Qt.Key.Key_Return)


def test_escape_asks_once_where_something_is_not_saved(joined: RecyclingDialog) -> None:
    type_in(joined.lines[0], "wait", "3")
    QTest.keyClick(joined, Qt.Key.Key_Escape)
    assert joined.isVisible()
    assert joined.sentence.text() == UNSAVED
    QTest.keyClick(joined, Qt.Key.Key_Escape)
    assert not joined.isVisible()


def test_without_a_campaign_it_says_what_to_do(theme: Theme) -> None:
    dialog = recycling_states.no_campaign(theme)
    assert dialog.sentence.text() == NO_CAMPAIGN
    dialog.deleteLater()


@pytest.mark.parametrize("name", sorted(profiles()))
def test_every_outcome_has_words_and_every_law_a_sentence(name: str) -> None:
    views = rule_views(Recycling(), profile(name))
    assert {view.outcome for view in views} == {
        one.value for one in Outcome if one not in NEVER_RECYCLED
    }
    assert all(view.words and "_" not in view.words for view in views)
    assert set(OUTCOME_WORDS) == {one.value for one in Outcome}
    named = {view.outcome: view for view in views}
    assert named["BUSY"].law == "at least 15 minutes"
    assert named["WRONG_NUMBER"].law_s is None


def test_times_are_said_in_their_largest_whole_unit() -> None:
    assert span_words(7200) == "2 hours"
    assert span_words(5400) == "90 minutes"
    assert span_words(86_400) == "1 day"
    assert span_words(60) == "1 minute"
