"""The shared widgets: what they say, when they cut, what the keyboard does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyleOptionComboBox
from pytestqt.qtbot import QtBot

from app.look.theme import Theme, apply_theme
from app.look.widgets import (
    ChoiceBox,
    CountdownRing,
    ElidedLabel,
    KeyButton,
    NoticeBar,
    Panel,
    Sparkline,
    TimerLabel,
    span_in_words,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return apply_theme(qapp, "light", is_motion_reduced=True)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "00:00"),
        (0, "00:00"),
        (59.9, "00:59"),
        (61, "01:01"),
        (3599, "59:59"),
        (3661, "1:01:01"),
    ],
)
def test_span_in_words(seconds: float, words: str) -> None:
    assert span_in_words(seconds) == words


def test_timer_counts_up_and_down(theme: Theme, qtbot: QtBot) -> None:
    clock = Hand()
    timer = TimerLabel(theme, clock)
    qtbot.addWidget(timer)
    timer.set_since(990.0)
    assert timer.text() == "00:10"
    clock.now += 52.5
    timer.tick()
    assert timer.text() == "01:02"
    timer.set_until(1055.0)
    assert timer.text() == "00:03"
    clock.now += 60
    timer.tick()
    assert timer.text() == "00:00"


def test_timer_keeps_its_width(theme: Theme, qtbot: QtBot) -> None:
    clock = Hand()
    timer = TimerLabel(theme, clock)
    qtbot.addWidget(timer)
    widths = set()
    for second in (0, 11, 48, 60 * 11 + 11, 60 * 58 + 58):
        timer.set_since(1000.0 - second)
        widths.add(timer.sizeHint().width())
    assert len(widths) == 1


def test_ring_empties_and_counts_past_the_end(theme: Theme, qtbot: QtBot) -> None:
    clock = Hand()
    ring = CountdownRing(theme, clock)
    qtbot.addWidget(ring)
    ring.run_until(1012.0, 12.0)
    assert (ring.figure, ring.share) == ("12", 1.0)
    clock.now += 8.5
    assert ring.figure == "4"
    assert ring.share == pytest.approx(3.5 / 12)
    clock.now += 3.5
    assert (ring.figure, ring.share) == ("0", 0.0)
    clock.now += 5.2
    assert (ring.figure, ring.share) == ("+5", 0.0)
    ring.run_until(clock.now + 300, 300)
    assert ring.figure == "05:00"


def test_elided_label_tells_the_whole(theme: Theme, qtbot: QtBot) -> None:
    label = ElidedLabel(theme, "A name that is much too long for its place")
    qtbot.addWidget(label)
    label.resize(80, 20)
    label.show()  # a hidden widget hears of its size later
    assert label.text().endswith("…")
    assert label.toolTip() == label.full_text
    assert label.accessibleName() == label.full_text
    label.resize(800, 20)
    assert not label.is_elided
    assert label.text() == label.full_text
    assert label.toolTip() == ""


def test_button_shows_its_key_and_reason(theme: Theme, qtbot: QtBot) -> None:
    button = KeyButton(theme, "R&B on hold", "H")
    qtbot.addWidget(button)
    assert button.text() == "R&B on hold"
    assert button.shortcut().isEmpty()
    assert "Key H" in button.accessibleDescription()
    assert button.sizeHint().height() >= 32
    button.set_possible(False, "No call is up.")
    assert not button.isEnabled()
    assert "No call is up." in button.toolTip()
    button.set_possible(is_possible=True)
    assert button.isEnabled()
    assert button.toolTip() == ""


def test_button_cut_short_has_its_words_as_tooltip(theme: Theme, qtbot: QtBot) -> None:
    button = KeyButton(theme, "Verständigungsschwierigkeiten", "7", is_cap_first=True)
    qtbot.addWidget(button)
    button.resize(120, 36)
    button.show()
    assert button.is_elided
    assert "Verständigungsschwierigkeiten" in button.toolTip()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_focused_button_is_pressed_by_the_keyboard(theme: Theme, qtbot: QtBot, key: Qt.Key) -> None:
    button = KeyButton(theme, "Skip", "S")
    qtbot.addWidget(button)
    button.show()
    with qtbot.waitSignal(button.clicked, timeout=1000):
        QTest.keyClick(button, key)


def test_mouse_leaves_the_focus_where_it_was(theme: Theme, qtbot: QtBot) -> None:
    button = KeyButton(theme, "Skip", "S")
    qtbot.addWidget(button)
    assert not button.focusPolicy() & Qt.FocusPolicy.ClickFocus
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_focus_ring_is_seen(theme: Theme, qtbot: QtBot) -> None:
    for kind in ("plain", "primary", "quiet", "danger"):
        button = KeyButton(theme, "Skip", "S", kind=kind)
        qtbot.addWidget(button)
        button.show()
        button.clearFocus()
        without = button.grab().toImage()
        button.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.waitUntil(button.hasFocus)
        assert button.grab().toImage() != without, kind


def test_panel_fills_its_edge(theme: Theme, qtbot: QtBot) -> None:
    panel = Panel(theme)
    qtbot.addWidget(panel)
    panel.resize(200, 80)
    pictures = []
    for share in (None, 0.0, 0.5, 1.0):
        panel.fill_edge(share)
        pictures.append(panel.grab().toImage())
    violet = theme.state_colour("wrap_up")
    assert pictures[2].pixelColor(50, 2) == violet
    assert pictures[2].pixelColor(150, 2) != violet
    assert pictures[3].pixelColor(150, 2) == violet
    assert pictures[0] != pictures[1]


def test_notice_bar_hides_without_notices(theme: Theme, qtbot: QtBot) -> None:
    bar = NoticeBar(theme)
    qtbot.addWidget(bar)
    bar.show_notices(("The newest.", "An older one."))
    assert not bar.isHidden()
    assert "An older one." in bar.accessibleDescription()
    bar.show_notices(())
    assert bar.isHidden()


def test_sparkline_draws_from_two_values_on(theme: Theme, qtbot: QtBot) -> None:
    line = Sparkline(theme)
    qtbot.addWidget(line)
    blank = line.grab().toImage()
    line.set_values((1.0,))
    assert line.grab().toImage() == blank
    line.set_values((3.0, 3.0, 3.0))
    flat = line.grab().toImage()
    assert flat != blank
    line.set_values((1.0, 3.0, 2.0))
    assert line.grab().toImage() not in (blank, flat)


@pytest.mark.parametrize(("width", "is_whole"), [(400, True), (160, False)])
def test_a_choice_that_is_too_long_says_that_it_goes_on(
    theme: Theme, qtbot: QtBot, width: int, is_whole: bool
) -> None:
    box = ChoiceBox(theme)
    qtbot.addWidget(box)
    box.addItem("As the system has it (Built-in Audio)")
    box.resize(width, 36)
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    assert (option.currentText == box.currentText()) is is_whole
    assert option.currentText.endswith("…") is not is_whole
