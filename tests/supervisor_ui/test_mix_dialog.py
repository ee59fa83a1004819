"""The window of mix and order over a real database: filled in, previewed, saved by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desk.mix_desk import MixDesk
from app.desk.mix_view import (
    ORDERS,
    ListOrder,
    MixForm,
    SourceView,
    ratio_words,
    shares,
    to_sources,
)
from app.desk.mix_work import MixWork
from app.look.fields import ChoiceBox
from app.look.theme import Theme
from app.tools.mix import join_mix
from dialer_core.lists.recycling import Recycle, Recycling
from dialer_core.lists.segments import Check, Field, Operator
from dialer_core.model.states import Outcome
from dialer_core.store import mixing, segments
from dialer_core.store.mixing import MixSettings, MixSource
from supervisor_ui import mix_states
from supervisor_ui.mix_dialog import ALL_OFF, NO_CAMPAIGN, NO_SHARE, UNSAVED, MixDialog
from supervisor_ui.mix_preview import PersonCell
from tests.supervisor_ui.mixed_floor import MixedFloor

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[MixedFloor]:
    made = MixedFloor(tmp_path / "floor.db")
    with made.database.writing() as connection:
        leeds = Check(Field.TOWN, Operator.IS, "Leeds")
        segments.save(connection, made.campaign_id, "Leeds", leeds, made.clock.now(), "Ben")
    yield made
    made.close()


@pytest.fixture
def desk(floor: MixedFloor) -> Iterator[MixDesk]:
    made = MixDesk(MixWork(floor.path, floor.clock, "Anna"))
    yield made
    made.stop()


@pytest.fixture
def dialog(theme: Theme) -> Iterator[MixDialog]:
    parent = QWidget()
    made = MixDialog(theme, parent)
    made.show()
    yield made
    made.done(0)
    parent.close()


@pytest.fixture
def joined(desk: MixDesk, dialog: MixDialog, qtbot: QtBot) -> MixDialog:
    """The window with the campaign as it is, previewed."""
    join_mix(desk, dialog)
    with qtbot.waitSignal(desk.previewed):
        desk.offer(None)
    return dialog


def pick(box: ChoiceBox, words: str) -> None:
    index = box.findText(words)
    assert index >= 0, words
    box.setCurrentIndex(index)
    box.activated.emit(index)


def shown(dialog: MixDialog) -> list[tuple[str, str, str]]:
    """Name, source and reason of the people who are next."""
    table = dialog.people.table
    found = []
    for line in range(table.rowCount()):
        cell = table.cellWidget(line, 1)
        assert isinstance(cell, PersonCell)
        found.append((cell.name.full_text, cell.source.full_text, cell.why.full_text))
    return found


def test_without_a_mix_all_lists_are_called(joined: MixDialog) -> None:
    assert joined.nothing.isVisible()
    assert len(shown(joined)) == 16
    assert shown(joined)[0] == ("Person 1", "March", "New")
    assert [joined.add.itemText(at) for at in range(joined.add.count())] == [
        "Add a list or segment …", "List: March", "List: April", "Segment: Leeds",
    ]  # fmt: skip
    assert not joined.save.isEnabled()


def test_a_mix_is_previewed_before_it_is_saved(
    joined: MixDialog, desk: MixDesk, floor: MixedFloor, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(desk.previewed):
        pick(joined.add, "List: April")
        pick(joined.add, "List: March")
        joined.lines[0].weight.setText("3")
        joined.lines[0].weight.textEdited.emit("3")
        pick(joined.lines[1].order, "Newest first")
    people = shown(joined)
    assert [source for _, source, _ in people[:4]].count("April") == 3
    assert next(name for name, source, _ in people if source == "March") == "Person 12"
    assert joined.lines[0].share.text() == "75%"
    assert joined.bar.lines() == [("First", "April 75%, March 25%")]
    with floor.database.reading() as connection:
        assert mixing.read_mix(connection, floor.campaign_id).sources == ()


def test_it_is_saved_and_recycling_stays(
    joined: MixDialog, desk: MixDesk, floor: MixedFloor, qtbot: QtBot
) -> None:
    own = Recycling({Outcome.BUSY: Recycle(1800.0)})
    with floor.database.writing() as connection:  # meanwhile, at another screen
        mixing.set_mix(
            connection, floor.campaign_id, MixSettings(recycling=own), floor.clock.now(), "Ben"
        )
    pick(joined.add, "Segment: Leeds")
    pick(joined.add, "List: April")
    pick(joined.lines[1].tier, "Second")
    pick(joined.lines[1].order, "Best hour")
    joined.by_share.click()
    joined.share.setText("40")
    joined.share.textEdited.emit("40")
    with qtbot.waitSignal(desk.saved):
        joined.save.click()
    with floor.database.reading() as connection:
        found = mixing.read_mix(connection, floor.campaign_id)
    leeds, april = found.sources
    assert (leeds.segment_id, leeds.priority) == (1, 1)
    assert (april.list_id, april.priority, april.order) == (2, 0, ListOrder.BEST_HOUR)
    assert found.retry_share == 0.4
    assert found.recycling.own == own.own
    assert joined.sentence.text().startswith("Saved.")
    assert not joined.save.isEnabled()
    assert joined.form.sources[1].tier == 1


def test_what_is_no_share_or_weight_is_told(joined: MixDialog) -> None:
    joined.by_share.click()
    joined.share.setText("lots")
    joined.share.textEdited.emit("lots")
    assert joined.sentence.text() == NO_SHARE
    assert not joined.save.isEnabled()
    joined.due_first.click()
    assert joined.sentence.text() == ""
    pick(joined.add, "List: April")
    joined.lines[0].weight.setText("a few")
    joined.lines[0].weight.textEdited.emit("a few")
    assert joined.sentence.text() == "The weight of April lies between 0 and 1000."
    assert not joined.save.isEnabled()


def test_switched_off_altogether_it_says_what_is_called_then(
    joined: MixDialog, desk: MixDesk, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(desk.previewed):
        pick(joined.add, "List: April")
        joined.lines[0].active.click()
    assert joined.sentence.text() == ALL_OFF
    assert joined.lines[0].share.text() == "off"
    assert len(shown(joined)) == 16


def test_at_night_nobody_is_next_and_the_law_says_why(
    joined: MixDialog, desk: MixDesk, floor: MixedFloor, qtbot: QtBot
) -> None:
    floor.clock.advance(13 * 3600)
    with qtbot.waitSignal(desk.previewed):
        pick(joined.add, "List: April")
    assert shown(joined) == []
    assert joined.people.note.text().startswith("Nobody may be called now.")


def test_a_line_goes_and_the_keyboard_is_at_the_next(joined: MixDialog, qtbot: QtBot) -> None:
    for words in ("List: April", "List: March"):
        pick(joined.add, words)
    joined.lines[0].remove.setFocus()
    QTest.keyClick(joined.lines[0].remove, Qt.Key.Key_Return)
    assert [line.source().name for line in joined.lines] == ["March"]
    assert joined.focusWidget() is joined.lines[0].weight
    qtbot.waitUntil(joined.lines[0].isVisible)
    QTest.keyClick(joined.lines[0].weight, Qt.Key.Key_Tab)
    assert joined.focusWidget() is joined.lines[0].tier


def test_tab_goes_from_left_to_right_and_down(joined: MixDialog, qtbot: QtBot) -> None:
    for words in ("List: April", "List: March"):
        pick(joined.add, words)
    qtbot.waitUntil(joined.lines[1].isVisible)
    chain = [joined.add, *joined.lines[0].in_order(), *joined.lines[1].in_order()]
    chain[0].setFocus()
    for before, after in pairwise(chain):
        QTest.keyClick(before, Qt.Key.Key_Tab)
        assert joined.focusWidget() is after


def test_escape_asks_once_where_something_is_not_saved(joined: MixDialog) -> None:
    pick(joined.add, "List: April")
    QTest.keyClick(joined, Qt.Key.Key_Escape)
    assert joined.isVisible()
    assert joined.sentence.text() == UNSAVED
    QTest.keyClick(joined, Qt.Key.Key_Escape)
    assert not joined.isVisible()


def test_without_a_campaign_it_says_what_to_do(theme: Theme) -> None:
    dialog = mix_states.no_campaign(theme)
    assert dialog.sentence.text() == NO_CAMPAIGN
    assert not dialog.save.isEnabled()
    dialog.deleteLater()


def test_shares_hold_within_a_turn_and_zero_weights_share_what_is_left() -> None:
    first = SourceView("A", 1, weight=3)
    second = SourceView("B", 2, weight=1)
    later = SourceView("C", 3, weight=0, tier=2)
    off = replace(second, name="D", list_id=4, is_active=False)
    form = MixForm((first, second, later, off))
    assert shares(form) == (0.75, 0.25, 1.0, 0.0)
    assert [one.priority for one in to_sources(form)] == [2, 2, 0, 2]


def test_each_order_is_explained_and_the_ratio_is_said() -> None:
    assert [order for order, _, _ in ORDERS] == list(ListOrder)
    assert all(line.endswith(".") for _, _, line in ORDERS)
    assert ratio_words(0.3) == ("Of ten calls 3 go to people who were tried before, 7 to new ones.")
    assert "2.5 go" in ratio_words(0.25)
    assert ratio_words(None).startswith("Who is due")


def test_sources_of_a_stored_mix_keep_their_place(
    desk: MixDesk, dialog: MixDialog, floor: MixedFloor, qtbot: QtBot
) -> None:
    sources = (MixSource(2, weight=5.0, priority=30), MixSource(1, priority=7, is_active=False))
    with floor.database.writing() as connection:
        mix = MixSettings(sources, 0.2)
        mixing.set_mix(connection, floor.campaign_id, mix, floor.clock.now(), "Ben")
    join_mix(desk, dialog)
    with qtbot.waitSignal(desk.previewed):
        desk.offer(floor.campaign_id)
    assert [line.source().tier for line in dialog.lines] == [0, 1]
    assert [line.source().is_active for line in dialog.lines] == [True, False]
    assert dialog.lines[0].people.full_text == "List, 4 people"
    assert dialog.share.text() == "20"
    assert not dialog.save.isEnabled()
