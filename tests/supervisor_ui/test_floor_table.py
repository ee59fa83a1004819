"""The floor's table: a sound model, the worst first, times that run, rows that stay themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.desk.views import SeatRowView, SeatState, SupervisorView
from app.look.theme import STATE_WORDS, Theme
from supervisor_ui.floor import (
    STATE_ROLE,
    USUAL_S,
    Column,
    FloorModel,
    FloorOrder,
    severity,
    state_words,
)
from supervisor_ui.floor_panel import FloorPanel
from supervisor_ui.gallery_states import NOW_UTC_S, RELIEF, floor, seats
from tests.supervisor_ui.conftest import HandClock

# Qt's offscreen plugin says so of windows that are shown; nothing is wrong with them.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def seat(number: int, state: SeatState, for_s: float, **fields: object) -> SeatRowView:
    row = SeatRowView(number, f"Agent {number:02d}", state, "", NOW_UTC_S - for_s, "", number)
    return replace(row, **fields)  # type: ignore[arg-type]  # fields of the same value


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme, hand_clock: HandClock) -> Iterator[FloorPanel]:
    room = QWidget()
    room.resize(640, 520)
    qtbot.addWidget(room)
    panel = FloorPanel(theme, hand_clock)
    panel.setParent(room)
    panel.resize(520, 500)
    room.show()
    panel.show()
    yield panel
    room.close()


def check(tester: ModelTester, model: QAbstractItemModel) -> None:
    tester.check(model)  # type: ignore[no-untyped-call]  # pytest-qt has no types here


def view_of(*rows: SeatRowView) -> SupervisorView:
    return replace(floor(0), seats=rows)


def test_the_model_keeps_qts_rules_through_all_changes(
    qtmodeltester: ModelTester, theme: Theme, hand_clock: HandClock
) -> None:
    parent = QWidget()
    model = FloorModel(theme, hand_clock, parent)
    order = FloorOrder(parent)
    order.setSourceModel(model)
    order.sort(Column.DOT)
    check(qtmodeltester, order)
    for rows in (seats(10), seats(4), (), seats(20), tuple(reversed(seats(7))), seats(1)):
        model.show_rows(rows)
        check(qtmodeltester, model)
        assert {row.session_id for row in model.rows} == {row.session_id for row in rows}
        assert order.rowCount() == len(rows)
    parent.deleteLater()


def test_the_worst_stand_first_and_the_rest_by_name(panel: FloorPanel) -> None:
    panel.show_view(
        view_of(
            seat(1, SeatState.TALKING, 100),
            seat(2, SeatState.WRAP_UP, 90),
            seat(3, SeatState.AVAILABLE, 10),
            seat(4, SeatState.PAUSED, 5, is_trouble=True, reason="no headset"),
            seat(5, SeatState.WRAP_UP, 240),
        )
    )
    assert [name[-2:] for name in panel.agents()] == ["04", "05", "02", "01", "03"]


def test_who_stays_too_long_rises_while_the_clock_runs(
    panel: FloorPanel, hand_clock: HandClock
) -> None:
    panel.show_view(view_of(seat(1, SeatState.TALKING, 5), seat(2, SeatState.WRAP_UP, 5)))
    assert [name[-2:] for name in panel.agents()] == ["01", "02"]
    hand_clock.advance(120)
    panel.tick()
    assert [name[-2:] for name in panel.agents()] == ["02", "01"]


def test_times_run_with_the_clock(panel: FloorPanel, hand_clock: HandClock) -> None:
    panel.show_view(view_of(seat(1, SeatState.TALKING, 59)))
    cell = panel.model.index(0, Column.TIME)
    assert cell.data() == "00:59"
    hand_clock.advance(1)
    assert cell.data() == "01:00"
    hand_clock.advance(3600)
    assert cell.data() == "1:01:00"


def test_a_tick_redraws_only_what_time_changes(panel: FloorPanel) -> None:
    panel.show_view(view_of(seat(1, SeatState.TALKING, 5), seat(2, SeatState.WRAP_UP, 5)))
    changed: list[tuple[int, int]] = []

    def note(first: QModelIndex, last: QModelIndex) -> None:
        changed.append((first.column(), last.column()))

    panel.model.dataChanged.connect(note)
    panel.tick()
    assert changed == [(Column.DOT, Column.DOT), (Column.TIME, Column.TIME)]


@pytest.mark.parametrize("column", [c for c in Column if c is not Column.DOT])
def test_headings_sort_both_ways_and_figures_as_figures(panel: FloorPanel, column: Column) -> None:
    rows = [replace(row, contacts_today=9 + i) for i, row in enumerate(seats(10))]
    panel.show_view(view_of(*rows))
    header = panel.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(column) + 20, 10)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    first = panel.agents()
    assert str(panel.table.model().headerData(column, Qt.Orientation.Horizontal)).endswith("↑")
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert str(panel.table.model().headerData(column, Qt.Orientation.Horizontal)).endswith("↓")
    keys: dict[Column, Callable[[SeatRowView], str]] = {
        Column.AGENT: lambda row: row.agent.casefold(),
        Column.STATE: state_words,
        Column.TIME: lambda row: f"{NOW_UTC_S - row.since_utc_s:09.1f}",
        Column.WITH: lambda row: row.with_whom.casefold(),
        Column.TODAY: lambda row: f"{row.contacts_today:05d}",
    }
    by_name = {row.agent: keys[column](row) for row in rows}
    values = [by_name[name] for name in first]
    assert values == sorted(values)
    backwards = [by_name[name] for name in panel.agents()]
    assert backwards == sorted(values, reverse=True)


def test_worst_first_can_be_left_and_taken_up_again(panel: FloorPanel) -> None:
    panel.show_view(floor(10))
    worst = panel.agents()
    panel.table.sortByColumn(Column.TODAY, Qt.SortOrder.AscendingOrder)
    assert panel.agents() != worst
    panel.sort_worst_first()
    assert panel.agents() == worst


def test_a_chosen_row_stays_chosen_through_changes_and_sorting(panel: FloorPanel) -> None:
    panel.show_view(floor(10))
    panel.table.selectRow(panel.agents().index("Ewa Nowak"))
    rows = [
        replace(row, state=SeatState.WRAP_UP, since_utc_s=NOW_UTC_S - 600)
        if row.agent == "Ewa Nowak"
        else row
        for row in seats(9)
    ]
    panel.show_view(view_of(*rows))
    chosen = panel.table.selectionModel().selectedRows(Column.AGENT)
    assert [index.data() for index in chosen] == ["Ewa Nowak"]


def test_every_state_has_dot_word_and_icon(panel: FloorPanel) -> None:
    rows = [seat(i, state, 1) for i, state in enumerate(SeatState)]
    panel.show_view(view_of(*rows))
    for position, row in enumerate(rows):
        cell = panel.model.index(position, Column.STATE)
        assert cell.data() == STATE_WORDS[row.state.value].lower()
        assert not cell.data(Qt.ItemDataRole.DecorationRole).isNull()
        assert panel.model.index(position, Column.DOT).data(STATE_ROLE) == row.state.value
    assert set(USUAL_S) == set(SeatState) - {SeatState.LOGGED_OUT}


def test_a_pause_is_named_by_its_reason_and_trouble_by_its_own() -> None:
    lunch = seat(1, SeatState.PAUSED, 5, reason="lunch")
    fault = seat(2, SeatState.PAUSED, 5, reason="no headset", is_trouble=True)
    assert state_words(lunch) == "lunch"
    assert state_words(fault) == "no headset"
    assert severity(fault, NOW_UTC_S) > severity(lunch, NOW_UTC_S + 86_400)
    assert severity(seat(3, SeatState.LOGGED_OUT, 9e9), NOW_UTC_S) == 0


def test_figures_stand_right_and_rows_are_32_pixels_high(panel: FloorPanel) -> None:
    panel.show_view(floor(3))
    for column in (Column.TIME, Column.TODAY):
        flags = panel.model.index(0, column).data(Qt.ItemDataRole.TextAlignmentRole)
        assert Qt.AlignmentFlag(flags) & Qt.AlignmentFlag.AlignRight
    assert panel.table.rowHeight(0) == 32


def test_what_is_cut_can_be_read_in_the_tooltip(panel: FloorPanel) -> None:
    panel.show_view(floor(20))
    position = next(i for i, row in enumerate(panel.model.rows) if row.agent.startswith("Quentin"))
    for column in (Column.AGENT, Column.WITH):
        cell = panel.model.index(position, column)
        assert cell.data(Qt.ItemDataRole.ToolTipRole) == cell.data()


def test_an_empty_floor_says_what_belongs_there(panel: FloorPanel) -> None:
    panel.show_view(floor(0))
    assert "No seats yet" in panel.empty_words
    assert "logs in" in panel.empty_words
    panel.show_view(floor(2))
    assert panel.empty_words == ""
    panel.show_waiting()
    assert panel.agents() == []


def test_a_narrow_panel_gives_the_names_the_room(panel: FloorPanel) -> None:
    panel.show_view(floor(3))
    panel.resize(420, 400)
    assert panel.table.isColumnHidden(Column.WITH)
    assert panel.table.columnWidth(Column.AGENT) >= 100
    panel.resize(600, 400)
    assert not panel.table.isColumnHidden(Column.WITH)


def test_a_relief_seat_is_named_and_may_wait_as_long_as_it_likes(
    panel: FloorPanel, hand_clock: HandClock
) -> None:
    panel.show_view(replace(floor(3), seats=(*seats(3), RELIEF)))
    row = panel.agents().index(RELIEF.agent)
    model = panel.table.model()
    assert model.index(row, Column.STATE).data() == "relief"
    assert not model.index(row, Column.STATE).data(Qt.ItemDataRole.DecorationRole).isNull()
    assert "nobody else is free" in model.index(row, Column.AGENT).data(Qt.ItemDataRole.ToolTipRole)
    hand_clock.advance(7200)
    assert severity(RELIEF, hand_clock()) == 0.0
    talking = replace(RELIEF, state=SeatState.TALKING)
    assert state_words(talking) == "talking"
    assert severity(talking, hand_clock()) > 1.0
