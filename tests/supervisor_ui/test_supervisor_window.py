"""The supervisor's window: what it shows in each state, what it asks for, what it costs."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from app.desk.views import DecisionView, Levers, Mode, SupervisorView, TileView
from app.look.theme import Theme, apply_theme
from app.look.widgets import ElidedLabel, KeyButton
from supervisor_ui.gallery_states import STATES, floor, gallery_states, walk
from supervisor_ui.live import DRAW_EVERY_MS
from supervisor_ui.parts import ClampedText, Fact, LinkButton
from supervisor_ui.plot import local_time
from supervisor_ui.window import DIALLER_GONE, SupervisorWindow
from tests.supervisor_ui.conftest import HandClock

# Qt's offscreen plugin says so of windows that are shown; nothing is wrong with them.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Show = Callable[[SupervisorView | None], SupervisorWindow]


def rest(widget: QWidget) -> None:
    """End a window as the application does."""
    widget.close()
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QCoreApplication.processEvents()


# --- what is shown --------------------------------------------------------------------------


def test_the_gallery_has_every_state_once() -> None:
    states = gallery_states()
    assert [name for name, _, _ in states] == [name for name, _ in STATES]
    assert len({name for name, _, _ in states}) == 10
    assert sum(view is None for _, view, _ in states) == 1


def cut_words(window: QWidget) -> list[str]:
    """Visible words that are neither whole nor readable in a tooltip."""
    cut = []
    for label in window.findChildren(QLabel):
        if not label.isVisible() or not label.text() or label.wordWrap():
            continue
        if isinstance(label, ElidedLabel):
            if label.is_elided and label.full_text not in label.toolTip():
                cut.append(label.full_text)
        elif label.width() < label.fontMetrics().horizontalAdvance(label.text()):
            cut.append(label.text())
    for text in window.findChildren(ClampedText):
        if text.isVisible() and text.is_clamped and text.toolTip() != text.text:
            cut.append(text.text)
    for button in window.findChildren(KeyButton):
        if button.isVisible() and button.is_elided:
            cut.append(button.text())
    for link in window.findChildren(LinkButton):
        if link.isVisible() and link.width() < link.sizeHint().width():
            cut.append(link.text())
    return cut


def outside(window: QWidget) -> list[str]:
    """Visible widgets that reach over the window's edge."""
    return [
        f"{type(widget).__name__} {widget.accessibleName()}"
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and not widget.isWindow()
        and type(widget) in (QLabel, ElidedLabel, KeyButton, LinkButton, Fact)
        and not window.rect().contains(
            widget.mapTo(window, QPoint(widget.width() - 1, widget.height() - 1))
        )
    ]


@pytest.mark.parametrize("name", [name for name, _ in STATES])
@pytest.mark.parametrize("size", [(1366, 768), (2560, 1440)])
@pytest.mark.parametrize("choice", ["light", "dark"])
def test_nothing_is_cut_in_any_state(
    qtbot: QtBot,
    qapp: QApplication,
    hand_clock: HandClock,
    name: str,
    size: tuple[int, int],
    choice: str,
) -> None:
    theme = apply_theme(qapp, "dark" if choice == "dark" else "light", is_motion_reduced=True)
    state = dict(STATES)[name]()
    window = SupervisorWindow(hand_clock, theme)
    qtbot.addWidget(window)
    window.resize(*size)
    if state.view is None:
        window.show_waiting("Opening the floor's database …")
    else:
        window.show_view(state.view)
        window.add_points(state.points)
    window.show()
    QCoreApplication.processEvents()
    assert (window.width(), window.height()) == size
    assert cut_words(window) == []
    assert outside(window) == []
    picture = window.grab().toImage()
    corner = picture.pixelColor(4, size[1] - 4)
    assert (corner.lightness() < 80) == (choice == "dark")


def test_long_words_make_way_for_what_weighs_more(show_window: Show) -> None:
    view = replace(
        floor(3),
        campaign_name="Renewals of the spring for the whole of the north and the east",
        callable_until="closed until Monday 08:00",
        is_running=False,
    )
    window = show_window(view)
    window.resize(1180, 660)
    QCoreApplication.processEvents()
    assert cut_words(window) == []
    assert outside(window) == []
    shown = [fact.text for fact in window.top_bar.findChildren(Fact) if fact.isVisible()]
    assert shown[0] == "dialling is paused"
    assert shown[1] == "abandon budget 3 of 11 left today"


def test_the_window_waits_calmly_before_the_database_is_there(
    show_window: Show, qtbot: QtBot
) -> None:
    window = show_window(None)
    assert not window.top_bar.switch_button.isEnabled()
    assert not window.top_bar.settings_button.isEnabled()
    with qtbot.waitActive(window):
        window.activateWindow()
    with qtbot.assertNotEmitted(window.running_requested):
        QTest.keyClick(window, Qt.Key.Key_F12)
    window.show_view(floor(3))
    assert window.top_bar.switch_button.isEnabled()
    assert window.top_bar.facts[0] == "abandon budget 3 of 11 left today"
    window.show_waiting("The database is away.")
    assert not window.top_bar.switch_button.isEnabled()


def test_the_bar_says_what_holds(show_window: Show) -> None:
    window = show_window(floor(10))
    assert window.top_bar.facts == (
        "abandon budget 3 of 11 left today",
        "may call until 20:00",
        "lines 15 of 30",
    )
    assert window.top_bar.mode_button.text().startswith("Predictive · aim 2 %")
    window.show_view(replace(floor(10), mode=Mode.PREVIEW, callable_until="closed until Monday"))
    assert window.top_bar.facts[1] == "closed until Monday"
    assert "aim" not in window.top_bar.mode_button.text()


def test_a_missing_dialler_is_said_in_words_after_the_newer_notices(show_window: Show) -> None:
    window = show_window(replace(floor(3), is_dialler_alive=False, notices=("The trunk is down.",)))
    assert window.notices == ("The trunk is down.", DIALLER_GONE)
    assert "not running" in window.reason.words
    window.show_view(floor(3))
    assert not window.notices


def test_tiles_carry_figure_and_formula(show_window: Show) -> None:
    window = show_window(floor(3))
    tile = window.tiles.tiles[0]
    assert tile.value == "1.9 %"
    assert "÷" in tile.toolTip()
    window.show_view(replace(floor(3), tiles=()))
    assert [t.value for t in window.tiles.tiles] == ["–"] * 4
    odd = TileView("Abandoned", "100 %", "", "1 ÷ 1", "trouble", (1.0,))
    window.show_view(replace(floor(3), tiles=(odd,)))
    assert tile.edge_share == 1.0


def test_the_reason_stands_in_words_with_its_lists(show_window: Show) -> None:
    window = show_window(floor(3))
    assert window.reason.words.startswith("2 more: 1 seat free")
    decisions, refusals = window.reason.open_decisions(), window.reason.open_refusals()
    assert decisions is not None
    assert decisions.row_count == 6
    assert refusals is not None
    assert refusals.row_count == 4
    decisions.close()
    refusals.close()
    window.show_view(replace(floor(0), decisions=()))
    assert "until an agent logs in" in window.reason.words
    window.show_waiting("…")
    assert window.reason.open_decisions() is None


def test_the_sentence_says_since_when_it_holds(show_window: Show, hand_clock: HandClock) -> None:
    held = DecisionView(hand_clock.now_s - 1400, 0, "No call: nobody is free.")
    window = show_window(replace(floor(3), decisions=(held,)))
    words = [label.text() for label in window.reason.findChildren(QLabel) if label.isVisible()]
    assert f"since {local_time(held.at_utc_s, has_seconds=True)}" in words
    window.show_view(replace(floor(3), decisions=(held,), is_dialler_alive=False))
    words = [label.text() for label in window.reason.findChildren(QLabel) if label.isVisible()]
    assert not any(word.startswith("since") for word in words)


# --- what is asked for ----------------------------------------------------------------------


def test_f12_pauses_all_and_resumes(show_window: Show, qtbot: QtBot) -> None:
    window = show_window(floor(3))
    asked: list[bool] = []
    window.running_requested.connect(asked.append)
    with qtbot.waitActive(window):
        window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_F12)
    QTest.mouseClick(window.top_bar.switch_button, Qt.MouseButton.LeftButton)
    window.show_view(replace(floor(3), is_running=False))
    assert window.top_bar.switch_button.text() == "Resume"
    QTest.keyClick(window, Qt.Key.Key_F12)
    assert asked == [False, False, True]


def test_the_menu_asks_for_modes_and_targets(show_window: Show) -> None:
    window = show_window(floor(3))
    modes: list[str] = []
    targets: list[float] = []
    window.mode_requested.connect(modes.append)
    window.target_requested.connect(targets.append)
    for action in window.top_bar.menu().actions():
        action.trigger()
    # What holds already is not asked for.
    assert modes == ["preview", "progressive", "agentless", "manual"]
    assert targets == [0.005, 0.01, 0.015, 0.025, 0.03]
    window.show_view(replace(floor(3), mode=Mode.PREVIEW, target=0.017, cap=0.02))
    actions = window.top_bar.menu().actions()
    assert not any(a.isEnabled() for a in actions if a.text().startswith("Aim"))
    assert [a.text() for a in actions if a.isChecked()] == [
        "Preview: each agent reads the record, then dials",
        "Aim for 1.7 % abandoned",
    ]


def test_settings_are_asked_for(show_window: Show, qtbot: QtBot) -> None:
    window = show_window(floor(3))
    with qtbot.waitSignal(window.settings_requested, timeout=500):
        QTest.mouseClick(window.top_bar.settings_button, Qt.MouseButton.LeftButton)


def test_every_control_can_be_reached_by_keyboard(show_window: Show, qtbot: QtBot) -> None:
    window = show_window(floor(3))
    QCoreApplication.processEvents()
    assert QApplication.focusWidget() in (None, window)  # nothing has the ring at the start
    seen: set[QWidget] = set()
    for _ in range(24):
        window.focusNextChild()
        focused = window.focusWidget()
        assert focused is not None
        seen.add(focused)
    wanted: list[QWidget] = [
        b for b in window.findChildren(KeyButton) if b.isVisible() and b.isEnabled()
    ]
    wanted += [b for b in window.findChildren(LinkButton) if b.isVisible()]
    wanted.append(window.floor.table)
    assert set(wanted) <= seen
    assert all(w.height() >= 32 for w in wanted)


# --- the plots ------------------------------------------------------------------------------


def test_marks_tell_when_a_setting_changed(show_window: Show, hand_clock: HandClock) -> None:
    window = show_window(floor(3))
    window.show_view(replace(floor(3), target=0.03))
    hand_clock.advance(60)
    window.show_view(replace(floor(3), target=0.03, is_running=False))
    window.show_view(replace(floor(3), target=0.03, is_running=False, mode=Mode.PREVIEW))
    last = replace(floor(3), target=0.03, is_running=False, mode=Mode.PREVIEW, levers=Levers())
    window.show_view(last)
    texts = [mark.text for mark in window.live.marks]
    assert texts == ["target 2 % → 3 %", "paused", "preview", "interrupted wrap-ups on"]
    assert window.live.marks[1].at_utc_s == hand_clock.now_s


def test_a_drag_zooms_all_plots_and_a_double_click_shows_all(
    show_window: Show, qtbot: QtBot
) -> None:
    window = show_window(floor(10))
    window.add_points(walk(10, 20))
    window.live.draw()
    sheet = window.live.plots[0].sheet
    whole = window.live.span()
    QTest.mousePress(sheet, Qt.MouseButton.LeftButton, pos=QPoint(200, 60))
    QTest.mouseMove(sheet, QPoint(400, 60))
    QTest.mouseRelease(sheet, Qt.MouseButton.LeftButton, pos=QPoint(400, 60))
    zoomed = window.live.span()
    assert whole.from_s < zoomed.from_s < zoomed.to_s < whole.to_s
    assert {plot.canvas.span for plot in window.live.plots} == {zoomed}
    QTest.mouseDClick(sheet, Qt.MouseButton.LeftButton, pos=QPoint(300, 60))
    assert window.live.span() == whole
    QTest.mousePress(sheet, Qt.MouseButton.LeftButton, pos=QPoint(200, 60))
    QTest.mouseMove(sheet, QPoint(202, 60))
    QTest.mouseRelease(sheet, Qt.MouseButton.LeftButton, pos=QPoint(202, 60))
    assert not window.live.is_zoomed  # a click is no drag


def test_the_pointer_reads_values_in_all_plots(show_window: Show, qtbot: QtBot) -> None:
    window = show_window(floor(10))
    window.add_points(walk(10, 20))
    window.live.draw()
    seats, abandoned, calls = (plot.sheet for plot in window.live.plots)
    QTest.mouseMove(seats, QPoint(300, 80))
    assert sum(int(reading.figure) for reading in seats.readings) == 10
    assert [reading.word for reading in calls.readings] == [
        "talking",
        "ringing",
        "waiting",
        "message",
    ]
    assert abandoned.readings[0].figure.endswith("%")
    QTest.keyClick(calls, Qt.Key.Key_Left)
    assert calls.readings
    QTest.keyClick(calls, Qt.Key.Key_Escape)
    assert not calls.readings


def test_plots_without_any_data_say_so(show_window: Show, qtbot: QtBot) -> None:
    window = show_window(floor(0))
    window.live.draw()
    QTest.mouseMove(window.live.plots[0].sheet, QPoint(300, 80))
    assert not window.live.plots[0].sheet.readings
    sentences = [plot.sheet.sentence for plot in window.live.plots]
    assert sentences[0].startswith("No seats yet")
    assert sentences[1] == "Nobody has answered yet."
    assert sentences[2] == "No calls yet."
    window.add_points(walk(3, 5))
    window.live.draw()
    assert [plot.sheet.sentence for plot in window.live.plots] == ["", "", ""]


def test_points_are_drawn_on_the_timer_and_not_one_by_one(
    show_window: Show, hand_clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show_window(floor(3))
    drawn: list[float] = []
    plot = window.live.plots[0]
    monkeypatch.setattr(plot, "draw", lambda *_parts: drawn.append(hand_clock.now_s))
    for point in walk(3, 2):
        window.add_points([point])
    assert drawn == []
    one = walk(1, 0.1)[0]
    for _ in range(400):  # ten seconds, asked far more often than the timer would
        hand_clock.advance(0.025)
        window.add_points([replace(one, at_utc_s=hand_clock.now_s)])
        window.live.draw_if_due()
    assert 5 <= len(drawn) <= 100
    assert DRAW_EVERY_MS >= 100


def timers(window: SupervisorWindow) -> tuple[bool, bool]:
    return window.live.is_running, window.is_ticking


def test_hidden_or_minimised_nothing_is_drawn(show_window: Show) -> None:
    window = show_window(floor(3))
    assert timers(window) == (True, True)
    window.showMinimized()
    assert timers(window) == (False, False)
    window.add_points(walk(3, 2))
    assert len(window.live.series) > 100
    window.showNormal()
    assert timers(window) == (True, True)
    window.hide()
    assert timers(window) == (False, False)


def test_a_closed_window_leaves_nothing_behind(
    qapp: QApplication, theme: Theme, hand_clock: HandClock
) -> None:
    before = len(QApplication.allWidgets())
    kept: list[weakref.ref[SupervisorWindow]] = []
    for _ in range(3):
        window = SupervisorWindow(hand_clock, theme)
        window.show_view(floor(10))
        window.add_points(walk(10, 2))
        window.show()
        window.live.draw()
        QCoreApplication.processEvents()
        window.top_bar.menu()
        kept.append(weakref.ref(window))
        rest(window)
        assert not Shiboken.isValid(window)
        del window
    gc.collect()
    assert [ref() for ref in kept] == [None] * 3
    assert len(QApplication.allWidgets()) <= before
