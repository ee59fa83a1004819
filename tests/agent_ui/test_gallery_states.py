"""Every state of the agent's window builds, and no text in it is silently cut."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from agent_ui.gallery_states import NOW_UTC_S, State, states
from agent_ui.window import AgentWindow
from app.desk.views import AgentView, LoginView, SeatState
from app.look.theme import apply_theme
from app.look.widgets import ElidedLabel, KeyButton

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

SIZES = {"usual": QSize(1366, 768), "large": QSize(2560, 1440), "compact": QSize(420, 700)}


def shown(qtbot: QtBot, qapp: QApplication, state: State, size: QSize, theme: str) -> AgentWindow:
    dress = apply_theme(qapp, "dark" if theme == "dark" else "light", is_motion_reduced=True)
    window = AgentWindow(lambda: NOW_UTC_S, dress)
    qtbot.addWidget(window)
    if isinstance(state[1], LoginView):
        window.show_login(state[1])
    else:
        window.show_view(state[1])
    window.resize(size)
    window.show()
    for _ in range(3):
        qapp.processEvents()
    return window


def is_cut(label: QLabel) -> bool:
    """Whether a label's text needs more room than it has; a cut with a tooltip is none."""
    text = label.text()
    if not text or label.pixmap().width():
        return False
    if isinstance(label, ElidedLabel) and label.is_elided:
        return label.toolTip() != label.full_text and label.full_text not in label.toolTip()
    if label.textFormat() is Qt.TextFormat.RichText:
        document = QTextDocument()
        document.setDefaultFont(label.font())
        document.setHtml(text)
        document.setDocumentMargin(0)
        document.setTextWidth(label.width())
        return document.size().height() > label.height() + 1
    flags = Qt.TextFlag.TextWordWrap if label.wordWrap() else Qt.TextFlag.TextSingleLine
    box = label.fontMetrics().boundingRect(label.rect(), int(flags), text)
    return box.width() > label.width() + 1 or box.height() > label.height() + 1


def inside_window(widget: QWidget, window: QWidget) -> bool:
    """Whether a widget lies in its window, apart from what a scroll area lets run on."""
    owner = widget.parentWidget()
    while owner is not None and not isinstance(owner, QScrollArea):
        owner = owner.parentWidget()
    if owner is not None:
        return True
    corner = widget.mapTo(window, widget.rect().topLeft())
    end = widget.mapTo(window, widget.rect().bottomRight())
    return window.rect().contains(corner) and window.rect().contains(end)


def arrangement(window: AgentWindow) -> str:
    return "one column" if window.desk.is_compact else "two columns"


def overlap(one: QWidget, other: QWidget) -> bool:
    """Whether they overlap where they are seen: what is scrolled away is not."""
    window = one.window()
    first = one.visibleRegion().translated(one.mapTo(window, QPoint(0, 0)))
    second = other.visibleRegion().translated(other.mapTo(window, QPoint(0, 0)))
    return first.intersects(second)


@pytest.mark.parametrize(
    ("size", "theme"),
    [("usual", "light"), ("usual", "dark"), ("large", "light"), ("compact", "light")],
)
@pytest.mark.parametrize("state", states(), ids=lambda state: state[0])
def test_nothing_is_cut(
    qtbot: QtBot, qapp: QApplication, state: State, theme: str, size: str
) -> None:
    window = shown(qtbot, qapp, state, SIZES[size], theme)
    assert window.size() == SIZES[size]
    labels = [label for label in window.findChildren(QLabel) if label.isVisible()]
    assert labels
    cut = [label.text() for label in labels if is_cut(label)]
    assert cut == []
    outside = [label.text() for label in labels if not inside_window(label, window)]
    assert outside == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", states(), ids=lambda state: state[0])
def test_buttons_are_whole_and_apart(
    qtbot: QtBot, qapp: QApplication, state: State, size: str
) -> None:
    window = shown(qtbot, qapp, state, SIZES[size], "light")
    buttons = [one for one in window.findChildren(KeyButton) if one.isVisible()]
    assert buttons
    for button in buttons:
        assert button.height() >= 32, button.text()
        assert inside_window(button, window), button.text()
        assert not button.is_elided or button.text() in button.toolTip(), button.text()
        assert button.accessibleName(), "a button without a name"
    for index, one in enumerate(buttons):
        for other in buttons[index + 1 :]:
            assert not overlap(one, other), (one.text(), other.text())


def test_every_seat_state_has_a_picture() -> None:
    seen = {view.state for _, view in states() if not isinstance(view, LoginView)}
    assert seen == set(SeatState)


def test_names_are_unique_and_fit_a_file() -> None:
    names = [name for name, _ in states()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z-]+", name) for name in names)


def test_the_name_is_the_largest_text(qtbot: QtBot, qapp: QApplication) -> None:
    state = next(state for state in states() if state[0] == "talking")
    window = shown(qtbot, qapp, state, SIZES["usual"], "light")
    sizes = {
        label.font().pixelSize(): label
        for label in window.findChildren(QLabel)
        if label.isVisible()
    }
    assert sizes[max(sizes)].text() == "Siân Hughes"


def test_narrow_window_has_one_column(qtbot: QtBot, qapp: QApplication) -> None:
    state = next(state for state in states() if state[0] == "wrap-up")
    window = shown(qtbot, qapp, state, SIZES["compact"], "light")
    assert arrangement(window) == "one column"
    record, outcomes = window.desk.record, window.desk.outcomes
    assert record.mapTo(window, record.rect().topLeft()).x() < 16
    assert outcomes.mapTo(window, outcomes.rect().topLeft()).x() < 16
    window.resize(SIZES["usual"])
    qapp.processEvents()
    assert arrangement(window) == "two columns"
    assert outcomes.mapTo(window, outcomes.rect().topLeft()).x() > record.width()


def test_same_state_gives_the_same_picture(qtbot: QtBot, qapp: QApplication) -> None:
    state = next(state for state in states() if state[0] == "preview")
    one = shown(qtbot, qapp, state, SIZES["usual"], "light").grab().toImage()
    other = shown(qtbot, qapp, state, SIZES["usual"], "light").grab().toImage()
    assert one == other


def test_narrow_window_shows_script_in_the_call_and_outcomes_after_it(
    qtbot: QtBot, qapp: QApplication
) -> None:
    by_name = dict(states())
    window = shown(qtbot, qapp, ("talking", by_name["talking"]), SIZES["compact"], "light")
    buttons = window.desk.outcomes.buttons.values()
    assert not any(button.isVisible() for button in buttons)
    with qtbot.assertNotEmitted(window.outcome_chosen):
        QTest.keyClick(window, Qt.Key.Key_1)  # nobody presses what is not seen
    assert window.desk.script.text.visibleRegion().boundingRect().height() >= 40
    view = by_name["wrap-up"]
    assert isinstance(view, AgentView)
    window.show_view(view)
    assert all(button.isVisible() for button in window.desk.outcomes.buttons.values())
    with qtbot.waitSignal(window.outcome_chosen):
        QTest.keyClick(window, Qt.Key.Key_1)
