"""Every state of both windows, as pictures or to leaf through: `callfloor gallery`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from agent_ui import call_states, checkup_states
from agent_ui import gallery_states as agent_states
from agent_ui.join_page import JoinPage
from agent_ui.sound_page import SoundPage
from agent_ui.window import AgentWindow
from app.desk.first_run_view import FoundFloorView, Role, Step
from app.desk.views import AgentView, DevicesView, LevelsView, LoginView
from app.errors import KnownError, UsageError
from app.look.theme import Theme, apply_theme
from app.look.widgets import ChoiceBox, row
from supervisor_ui import (
    api_states,
    backup_states,
    callback_states,
    experiment_states,
    first_run_states,
    import_states,
    listening_states,
    mix_states,
    penetration_states,
    privacy_states,
    recycling_states,
    register_states,
    review_states,
    rules_states,
    segment_states,
    sharing_states,
    telephone_states,
    why_states,
)
from supervisor_ui import gallery_states as supervisor_states
from supervisor_ui.call_dialog import CallDialog
from supervisor_ui.settings_dialog import SettingsDialog
from supervisor_ui.window import SupervisorWindow


def _first_pages(theme: Theme) -> dict[Step, QWidget]:
    join, sound = JoinPage(theme, "front-1"), SoundPage(theme)
    join.show_floors([FoundFloorView("Office", "192.168.1.10, port 54170")])
    view = DevicesView(("Jabra Evolve2",), ("Jabra Evolve2",), microphone="Jabra Evolve2")
    sound.devices.show_view(replace(view, speaker="Jabra Evolve2", ringer="Jabra Evolve2"))
    sound.devices.show_levels(LevelsView(-22.0, -100.0))
    return {Step.JOIN: join, Step.SOUND: sound}


def _first_sound(theme: Theme) -> QDialog:
    view = replace(first_run_states.LINE, step=Step.SOUND)
    return first_run_states.dialog(theme, view, _first_pages)


def _first_join(theme: Theme) -> QDialog:
    done = frozenset({Step.ROLE})
    view = replace(first_run_states.NEW, role=Role.AGENT, step=Step.JOIN, done=done)
    return first_run_states.dialog(theme, view, _first_pages)


_DIALOGS: tuple[tuple[str, Callable[[Theme], QDialog]], ...] = (
    *telephone_states.STATES,
    *import_states.STATES,
    *segment_states.STATES,
    *mix_states.STATES,
    *recycling_states.STATES,
    *register_states.STATES,
    *privacy_states.STATES,
    *rules_states.STATES,
    *sharing_states.STATES,
    *api_states.STATES,
    *backup_states.STATES,
    *why_states.STATES,
    *penetration_states.STATES,
    *experiment_states.STATES,
    *callback_states.STATES,
    *review_states.STATES,
    *checkup_states.STATES,
    *first_run_states.STATES,
    *(("first-run-sound", _first_sound), ("first-run-join", _first_join)),
)
ThemeName = Literal["light", "dark"]
_SHADE, _EDGE = QColor(0, 0, 0, 96), QColor(128, 128, 128)
Builder = Callable[[Theme], QWidget]


def parse_size(text: str) -> QSize:
    """ "1366x768" as a size; raises UsageError for anything else."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise UsageError(f"{text} is no size: write it like 1366x768.")
    size = QSize(int(width), int(height))
    if not (320 <= size.width() <= 7680 and 320 <= size.height() <= 4320):
        raise UsageError(f"{text} cannot be drawn: use between 320x320 and 7680x4320.")
    return size


def parse_themes(text: str) -> tuple[ThemeName, ...]:
    """Names of themes for "light", "dark" or "both"; raises UsageError for anything else."""
    named: dict[str, tuple[ThemeName, ...]] = {
        "light": ("light",),
        "dark": ("dark",),
        "both": ("light", "dark"),
    }
    if text not in named:
        raise UsageError(f"{text} is no theme: use light, dark or both.")
    return named[text]


def states() -> Iterator[tuple[str, Builder]]:
    """Name and builder of each state; a builder makes the window that shows it."""
    for name, view in agent_states.states():
        yield f"agent-{name}", _agent_builder(view)
    yield "agent-pause-choice", _pause_builder
    for name, view, act in call_states.call_states():
        yield f"agent-{name}", _call_builder(view, act)
    yield "supervisor-settings", _settings_builder
    yield "supervisor-call", _listening_builder
    for name, make_dialog in _DIALOGS:
        yield f"supervisor-{name}", _dialog_builder(make_dialog)
    for name, make in supervisor_states.STATES:
        yield f"supervisor-{name.replace(' ', '-')}", _supervisor_builder(make)


def _agent_builder(view: AgentView | LoginView) -> Builder:
    def build(theme: Theme) -> QWidget:
        window = AgentWindow(lambda: agent_states.NOW_UTC_S, theme)
        if isinstance(view, LoginView):
            window.show_login(view)
        else:
            window.show_view(view)
        return window

    return build


def _call_builder(view: AgentView, act: call_states.Act) -> Builder:
    """A call in progress, once a hand has done what belongs to the state."""

    def build(theme: Theme) -> QWidget:
        window = AgentWindow(lambda: agent_states.NOW_UTC_S, theme)
        window.show_view(view)
        QTimer.singleShot(0, window, lambda: act(window))
        return window

    return build


def _pause_builder(theme: Theme) -> QWidget:
    """The choice of a pause over a conversation, at the next quarter of an hour."""
    window = AgentWindow(lambda: agent_states.NOW_UTC_S, theme)
    view = dict(agent_states.states())["talking"]
    if isinstance(view, AgentView):
        window.show_view(view)
    QTimer.singleShot(0, window, lambda: _open_pause(window))
    return window


def _open_pause(window: AgentWindow) -> None:
    anchor = window.desk.bar.pause_button
    window.pause_choice.open_below(anchor, is_in_call=True)
    window.pause_choice.when_buttons[2].click()


def _settings_builder(theme: Theme) -> QWidget:
    """The supervisor's settings over their window."""
    window = _supervisor_builder(dict(supervisor_states.STATES)["ten seats"])(theme)
    dialog = SettingsDialog(theme, theme.name, lambda _choice: None, window)
    dialog.setWindowFlags(Qt.WindowType.Widget)
    dialog.setAutoFillBackground(True)
    dialog.show_view(supervisor_states.floor(10))
    dialog.move(403, 80)
    dialog.raise_()
    dialog.show()
    return window


def _dialog_builder(make: Callable[[Theme], QDialog]) -> Builder:
    """A dialog in the middle of the supervisor's window."""

    def build(theme: Theme) -> QWidget:
        window = _supervisor_builder(dict(supervisor_states.STATES)["ten seats"])(theme)
        dialog = make(theme)
        dialog.setParent(window, Qt.WindowType.Widget)
        dialog.setAutoFillBackground(True)
        dialog.move((1366 - dialog.width()) // 2, (768 - dialog.height()) // 2)
        dialog.raise_()
        dialog.show()
        return window

    return build


def _listening_builder(theme: Theme) -> QWidget:
    """A call that the supervisor listens to, and the line doctor beside the floor."""
    advice = listening_states.ADVICE
    window = _supervisor_builder(dict(supervisor_states.STATES)["ten seats"])(theme)
    if isinstance(window, SupervisorWindow) and window.view is not None:
        window.show_view(replace(window.view, advice=advice))
    dialog = CallDialog(theme, lambda: supervisor_states.NOW_UTC_S, window)
    dialog.setWindowFlags(Qt.WindowType.Widget)
    dialog.setAutoFillBackground(True)
    dialog.show_call(listening_states.LISTENED)
    dialog.move(403, 150)
    dialog.raise_()
    dialog.show()
    return window


def _supervisor_builder(make: Callable[[], supervisor_states.GalleryState]) -> Builder:
    def build(theme: Theme) -> QWidget:
        state = make()
        window = SupervisorWindow(lambda: supervisor_states.NOW_UTC_S, theme)
        if state.view is None:
            window.show_waiting(supervisor_states.WAITING_SENTENCE)
        else:
            window.show_view(state.view)
            window.add_points(state.points)
        return window

    return build


def run_gallery(out: Path | None, theme: str = "both", size: str = "1366x768") -> int:
    """Write each state's picture into `out`, or open a window to leaf through; the exit status.

    Raises UsageError for a theme or size that is none, KnownError where `out` cannot be written.
    """
    themes, pixels = parse_themes(theme), parse_size(size)
    if out is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["callfloor"])
    if out is not None:
        save_pictures(app, out, themes, pixels)
        return 0
    browser = Browser(app, themes[0], pixels)
    browser.show()
    return app.exec()


def save_pictures(
    app: QApplication, out: Path, themes: tuple[ThemeName, ...], size: QSize
) -> list[Path]:
    """Draw all states in all themes at that size into `out`; returns the files."""
    saved = []
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(f"{out} cannot be made a folder: choose another one.") from error
    for name in themes:
        theme = apply_theme(app, name, is_motion_reduced=True)
        for state, build in states():
            window = build(theme)
            path = out / f"{state}-{name}-{size.width()}x{size.height()}.png"
            picture_of(app, window, size, path)
            saved.append(path)
    return saved


class Veil(QWidget):
    """Dims a window below its dialog, and draws the edge that a system draws around one."""

    def __init__(self, window: QWidget, dialog: QDialog) -> None:
        super().__init__(window)
        self._dialog = dialog
        self.resize(window.size())
        self.stackUnder(dialog)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.fillRect(self.rect(), _SHADE)
        painter.fillRect(self._dialog.geometry().adjusted(-1, -1, 1, 1), _EDGE)


def veil(window: QWidget) -> None:
    """Put a veil below each dialog that stands in the window."""
    for dialog in window.findChildren(QDialog, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if dialog.isVisibleTo(window) and not dialog.isWindow():
            Veil(window, dialog)


def picture_of(app: QApplication, window: QWidget, size: QSize, path: Path) -> None:
    """Show the window at that size, save what it draws, and end it."""
    window.resize(size)
    window.show()
    for _ in range(3):  # layouts of scrolled text settle in rounds
        app.processEvents()
    veil(window)
    is_saved = window.grab().save(str(path))
    window.close()
    window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    if not is_saved:
        raise KnownError(f"{path} cannot be written: make room or choose another folder.")


class Browser(QWidget):
    """A list of states on the left, the window itself on the right, a choice of theme on top."""

    def __init__(self, app: QApplication, theme: ThemeName, size: QSize) -> None:
        super().__init__()
        self._app = app
        self._builders = dict(states())
        self._window: QWidget | None = None
        self.setWindowTitle("Callfloor gallery")
        self.resize(size + QSize(240, 0))
        self._list = QListWidget()
        self._list.addItems(list(self._builders))
        self._list.setFixedWidth(220)
        self._themes = ChoiceBox(apply_theme(app, theme))
        self._themes.addItems(["light", "dark"])
        self._themes.setCurrentText(theme)
        side = QVBoxLayout()
        side.addLayout(row(self._themes, spacing=8))
        side.addWidget(self._list, 1)
        self._columns = QHBoxLayout(self)
        self._columns.addLayout(side)
        self._list.currentTextChanged.connect(self.show_state)
        self._themes.currentTextChanged.connect(lambda _: self.show_state())
        self._list.setCurrentRow(0)

    def choose(self, state: str, theme: ThemeName) -> None:
        """Go to a state in a theme."""
        self._themes.setCurrentText(theme)
        self._list.setCurrentRow(list(self._builders).index(state))

    def show_state(self, _name: str = "") -> None:
        """Build the chosen state anew in the chosen theme."""
        theme = apply_theme(self._app, parse_themes(self._themes.currentText())[0])
        if self._window is not None:
            self._columns.removeWidget(self._window)
            self._window.close()
            self._window.deleteLater()
        window = self._builders[self._list.currentItem().text()](theme)
        window.setParent(self, Qt.WindowType.Widget)
        self._columns.addWidget(window, 1)
        window.show()
        QTimer.singleShot(0, window, lambda: veil(window))
        self._window = window
