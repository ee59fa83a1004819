"""Headset, ringer and keys: chosen one by one, tried at once, in a call as well."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.desk.views import DevicesView, LevelsView
from app.look.theme import STRONG, Theme, set_tone
from app.look.widgets import CheckLine, ChoiceBox, KeyButton, Label, SectionTitle, hairline, row

_WIDTH = 620
_PAGE_WIDTH = 584
_FLOOR_DBFS = -60.0
SYSTEM = "As the system has it"
_ROWS = (
    ("microphone", "Microphone", "microphone"),
    ("speaker", "Loudspeaker", "headset"),
    ("ringer", "Ringer", "bell-simple"),
)


class LevelBar(QWidget):
    """A thin bar from silence (-60 dBFS) to the loudest; the last part warns of clipping."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._share = 0.0
        self.setFixedHeight(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    @property
    def share(self) -> float:
        """How much of the bar is filled, 0 to 1."""
        return self._share

    def show_dbfs(self, level_dbfs: float) -> None:
        """Fill it up to that level."""
        share = min(max(1 - level_dbfs / _FLOOR_DBFS, 0.0), 1.0)
        share = round(share, 2)
        if share != self._share:
            self._share = share
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("soft"))
        box = QRectF(self.rect())
        painter.drawRoundedRect(box, 3, 3)
        if not self._share:
            return
        is_hot = self._share > 0.95
        painter.setBrush(self._theme.colour("trouble" if is_hot else "available"))
        box.setWidth(max(box.width() * self._share, 6))
        painter.drawRoundedRect(box, 3, 3)


class DeviceDialog(QDialog):
    """Not modal: the window behind goes on. Shows what is, tells what is chosen; there is no OK.

    `device_chosen(kind, name)`: kind is microphone, speaker or ringer, "" the system's own.
    `play_requested("headset" | "ringer")`, `echo_requested(bool)`, `levels_watched(bool)`,
    `keys_toggled(bool)` for the keys that act in every program, `ring_toggled(bool)` for the ring
    when a person is offered, `checkup_pressed` for what is wrong beyond the sound.
    """

    device_chosen = Signal(str, str)
    play_requested = Signal(str)
    echo_requested = Signal(bool)
    levels_watched = Signal(bool)
    keys_toggled = Signal(bool)
    ring_toggled = Signal(bool)
    checkup_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget, *, is_page: bool = False) -> None:
        """`is_page`: the devices alone, as a part of another window."""
        super().__init__(parent)
        self._is_page = is_page
        self._width = _PAGE_WIDTH if is_page else _WIDTH
        self.setWindowTitle("Headset and ringer")
        self._theme = theme
        self._view = DevicesView(has_come=False)
        self._is_watching = False
        self.boxes: dict[str, ChoiceBox] = {}
        self.levels = {
            "microphone": LevelBar(theme, "Microphone level"),
            "speaker": LevelBar(theme, "Loudspeaker level"),
        }
        self.notice = Label(theme, tone="trouble", is_wrapped=True)
        self.notes_button = KeyButton(theme, "Play notes", icon="music-notes")
        self.ring_button = KeyButton(theme, "Ring", icon="bell-simple")
        self.ring = CheckLine(
            theme,
            "Ring when a person is offered",
            "Only while another program is in front: this window then comes up by itself.",
        )
        self.echo_button = KeyButton(theme, "Hear yourself", icon="ear")
        self.echo_words = Label(theme, tone="muted", is_wrapped=True)
        self.keys = CheckLine(
            theme,
            "Keys that act in every program",
            "For a conversation while another window is in front. Off until you want them.",
        )
        self.keys_words = Label(theme, tone="muted", is_wrapped=True)
        self.checkup_button = KeyButton(theme, "What is wrong?", kind="quiet")
        self.leave = KeyButton(theme, "Close")
        self.checkup_button.set_hint("Floor, network, disk and sound of this PC, one by one.")
        self._lay_out()
        self._connect()
        self.setFixedWidth(self._width)
        self.show_view(self._view)

    def _lay_out(self) -> None:
        theme, space = self._theme, self._theme.space
        layout = QVBoxLayout(self)
        margin = 0 if self._is_page else space.xl
        layout.setContentsMargins(margin, margin, margin, margin)
        layout.setSpacing(space.s)
        if not self._is_page:
            layout.addWidget(Label(theme, "Headset and ringer", role="lead", weight=STRONG))
            words = "What you choose acts at once, in a call as well."
            layout.addWidget(Label(theme, words, tone="muted"))
        layout.addWidget(self.notice)
        layout.addSpacing(space.s)
        grid = QGridLayout()
        grid.setHorizontalSpacing(space.m)
        grid.setVerticalSpacing(space.xs)
        grid.setColumnStretch(2, 1)
        buttons = {"speaker": self.notes_button, "ringer": self.ring_button}
        for index, (kind, words, icon_name) in enumerate(_ROWS):
            icon = QLabel()
            icon.setFixedSize(16, 16)
            icon.setPixmap(theme.pixmap(icon_name, 16, "ink2", self.devicePixelRatioF()))
            box = ChoiceBox(theme)
            box.setFont(theme.font())
            box.setAccessibleName(words)
            box.setMinimumWidth(120)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self.boxes[kind] = box
            line = index * 3
            grid.addWidget(icon, line, 0)
            grid.addWidget(Label(theme, words), line, 1)
            grid.addWidget(box, line, 2)
            if kind in buttons:
                grid.addWidget(buttons[kind], line, 3)
            if kind in self.levels:
                grid.addWidget(self.levels[kind], line + 1, 2)
            grid.setRowMinimumHeight(line + 2, space.s)
        grid.setColumnMinimumWidth(3, self.notes_button.sizeHint().width())
        layout.addLayout(grid)
        layout.addWidget(self.ring)
        self.ring.setVisible(not self._is_page)
        layout.addSpacing(space.s)
        self._lay_out_tests(layout)

    def _lay_out_tests(self, layout: QVBoxLayout) -> None:
        theme, space = self._theme, self._theme.space
        layout.addWidget(hairline(theme))
        layout.addSpacing(space.xs)
        layout.addWidget(SectionTitle(theme, "Are you heard"))
        line = row(self.echo_button, spacing=space.m)
        line.addWidget(self.echo_words, 1)
        layout.addLayout(line)
        if self._is_page:
            for widget in (self.keys, self.keys_words, self.checkup_button, self.leave):
                widget.setParent(self)
                widget.hide()
            return
        layout.addSpacing(space.s)
        layout.addWidget(hairline(theme))
        layout.addSpacing(space.xs)
        layout.addWidget(self.keys)
        self.keys_words.setContentsMargins(30, 0, 0, 0)
        layout.addWidget(self.keys_words)
        layout.addSpacing(space.s)
        layout.addLayout(row(self.checkup_button, self.leave, spacing=space.s, stretch_at=0))

    def _connect(self) -> None:
        for kind, box in self.boxes.items():
            box.activated.connect(lambda index, k=kind: self._chosen(k, index))
        self.notes_button.clicked.connect(lambda: self.play_requested.emit("headset"))
        self.ring_button.clicked.connect(lambda: self.play_requested.emit("ringer"))
        self.echo_button.clicked.connect(
            lambda: self.echo_requested.emit(not self._view.is_echo_on)
        )
        self.keys.toggled.connect(self.keys_toggled)
        self.ring.toggled.connect(self.ring_toggled)
        self.checkup_button.clicked.connect(self.checkup_pressed)
        self.leave.clicked.connect(self.reject)

    def show_view(self, view: DevicesView) -> None:
        """Draw what is plugged in, chosen and in use."""
        self._view = view
        self._fill("microphone", view.microphones, view.chosen_microphone, view.microphone)
        self._fill("speaker", view.speakers, view.chosen_speaker, view.speaker)
        self._fill("ringer", view.speakers, view.chosen_ringer, view.ringer)
        self.notice.setText(view.notice if view.has_come else "The phone has not answered yet.")
        self.notice.setVisible(not view.has_come or bool(view.notice))
        set_tone(self.notice, "trouble" if view.has_come else "muted")
        has_speaker = view.has_come and bool(view.speaker)
        self.notes_button.set_possible(has_speaker, "There is no loudspeaker.")
        self.ring_button.set_possible(view.has_come and bool(view.speakers), "Nothing to ring on.")
        can_echo = has_speaker and bool(view.microphone) and not view.is_in_call
        why = "Not in a call." if view.is_in_call else "It needs a microphone and a loudspeaker."
        self.echo_button.set_possible(can_echo, why)
        self.echo_button.set_label("Stop" if view.is_echo_on else "Hear yourself")
        self.echo_button.set_marked(view.is_echo_on)
        self.echo_words.setText(_echo_words(view))
        self._fit()

    def show_levels(self, levels: LevelsView) -> None:
        """Move the meters."""
        self.levels["microphone"].show_dbfs(levels.microphone_dbfs)
        self.levels["speaker"].show_dbfs(levels.speaker_dbfs)
        if levels.is_muted_by_system and not self._view.notice:
            words = "Your microphone is muted by the system: unmute it in its sound settings."
            self.notice.setText(words)
            set_tone(self.notice, "trouble")
            self.notice.show()

    def show_keys(self, *, is_on: bool, words: str, is_trouble: bool = False) -> None:
        """Draw whether keys act in every program, which, or why they cannot."""
        with QSignalBlocker(self.keys):
            self.keys.setChecked(is_on)
        self.keys_words.setText(words)
        self.keys_words.setVisible(bool(words))
        set_tone(self.keys_words, "trouble" if is_trouble else "muted")
        self._fit()

    def show_ring(self, *, is_on: bool) -> None:
        """Draw whether it rings for a person who is offered."""
        with QSignalBlocker(self.ring):
            self.ring.setChecked(is_on)

    def _fill(self, kind: str, names: tuple[str, ...], chosen: str, used: str) -> None:
        box = self.boxes[kind]
        system = f"{SYSTEM} ({used})" if not chosen and used else SYSTEM
        items = [(system, ""), *((name, name) for name in names)]
        if chosen and chosen not in names:
            items.append((f"{chosen} · not plugged in", chosen))
        if [(box.itemText(i), box.itemData(i)) for i in range(box.count())] != items:
            box.clear()
            for words, name in items:
                box.addItem(words, name)
        box.setCurrentIndex(next(i for i, item in enumerate(items) if item[1] == chosen))
        box.setEnabled(self._view.has_come)
        box.setToolTip(f"In use: {used}." if used else "")

    def _chosen(self, kind: str, index: int) -> None:
        self.device_chosen.emit(kind, self.boxes[kind].itemData(index) or "")

    def _fit(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.setFixedHeight(layout.totalHeightForWidth(self._width))

    def open_dialog(self) -> None:
        """Show it beside the window, and the levels with it."""
        if not self._is_watching:
            self._is_watching = True
            self.levels_watched.emit(True)
        self.show()
        # Some platforms (offscreen) have no order of windows and warn when asked.
        if QGuiApplication.platformName() not in ("offscreen", "minimal"):
            self.raise_()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not self._is_watching:
            return
        self._is_watching = False
        if self._view.is_echo_on:
            self.echo_requested.emit(False)
        self.levels_watched.emit(False)
        for meter in self.levels.values():
            meter.show_dbfs(-100.0)


def _echo_words(view: DevicesView) -> str:
    if view.is_in_call:
        return "Possible when no call is up."
    if view.is_echo_on:
        return "Speak: what the microphone hears comes back a second later."
    return "You hear what your microphone picks up, a second later."
